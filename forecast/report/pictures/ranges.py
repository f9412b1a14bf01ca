"""Ranges row by row, each under its name: from a low end to a high one, with a middle or with two ends told apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from runoff.report.pictures.axis import Scale, below
from runoff.report.pictures.shapes import CELL, LETTER, WIDTH, Dot, Drawing, Line, Mark, Words, room_for

_ROW = 33.0
_EDGE = 20.0


@dataclass(frozen=True, slots=True)
class Range:
    """A row: its name, what is said of it at the right, its ends, its middle (None for none), its role.

    ends : roles of the two ends where they are told apart (the lower number's first), or none.
    """

    name: str
    said: str
    low: float
    high: float
    middle: float | None = None
    role: str = "a"
    ends: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Ranges:
    """The rows from top to bottom, the axis' ends, a number to be marked (None for none) and what stands at it."""

    rows: tuple[Range, ...]
    axis: tuple[float, float]
    mark: float | None
    say: Callable[[float], str]
    below: str = ""
    marked: str = ""


def drawing(of: Ranges, title: str, told: str) -> Drawing:
    """A name and a bar for each row over one axis."""
    scale = Scale(*of.axis, _EDGE, WIDTH - _EDGE)
    top = 18.0 if of.marked else 4.0
    floor = top + _ROW * len(of.rows) + 4.0
    marks: list[Mark] = below(scale, floor, top, of.say, zero=of.mark)
    if of.marked and of.mark is not None:
        at = min(max(scale.within(of.mark), 80.0), WIDTH - 80.0)
        marks.append(Words(at, LETTER, of.marked, "tick", "middle"))
    for i, row in enumerate(of.rows):
        y = top + _ROW * i + LETTER + 1.0
        said = CELL * len(row.said)
        marks.append(Words(_EDGE, y, room_for(row.name, WIDTH - 2 * _EDGE - said - 8.0), "label over"))
        marks.append(Words(WIDTH - _EDGE, y, row.said, "number over", "end"))
        y += 11.0
        low, high = scale.within(row.low), scale.within(row.high)
        marks.append(Line(low, y, high, y, f"bar {row.role}"))
        if row.ends:
            marks += [Dot(low, y, 4.5, row.ends[0]), Dot(high, y, 4.5, row.ends[1])]
        if row.middle is not None:
            marks.append(Dot(scale.within(row.middle), y, 4.5, f"{row.role} middle"))
    height = floor + 20.0
    if of.below:
        height += 16.0
        marks.append(Words(WIDTH / 2, floor + 32.0, of.below, "side", "middle"))
    return Drawing(title, told, height, tuple(marks))
