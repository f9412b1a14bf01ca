"""Dots that are equally likely each: of a number, stacked over an axis; or of what can happen, in rows.

Source: Kay, Kola, Hullman and Munson (2016), When (ish) is my bus?, doi:10.1145/2858036.2858558 (quantile dotplots).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from runoff.report.numbers import nearest_whole
from runoff.report.pictures.axis import Scale, below, ends
from runoff.report.pictures.shapes import WIDTH, Dot, Drawing, Mark, Words, room_for

DOTS = 100
_PITCH = 11.0  # between dots
_ROW = 10  # dots of a row
_EDGE = 14.0


@dataclass(frozen=True, slots=True)
class Stacked:
    """Equally likely values, in order, with what lies to either side of 0 and how a value is said on the axis."""

    values: tuple[float, ...]
    left: str
    right: str
    say: Callable[[float], str]


def stacked(of: Stacked, title: str, told: str) -> Drawing:
    """A dot a value; a column of dots never has values of both sides of 0."""
    scale, step = _scale(of.values)
    columns = Counter(math.floor(value / step) for value in of.values)
    floor = 12.0 + _PITCH * max(columns.values())
    marks: list[Mark] = below(scale, floor, 6.0, of.say, zero=0.0)
    for column, count in sorted(columns.items()):
        x, role = scale((column + 0.5) * step), "a" if column >= 0 else "b"
        marks += [Dot(x, floor - _PITCH * (i + 0.5), _PITCH * 0.45, role) for i in range(count)]
    marks += ends(scale, floor + 32.0, of.left, of.right)
    return Drawing(title, told, floor + 38.0, tuple(marks))


def _scale(values: Sequence[float]) -> tuple[Scale, float]:
    """An axis with some air around the values, and what a dot's width is worth on it; never narrower than a point."""
    low, high = values[0], values[-1]
    air = 0.02 * (high - low) + 0.005
    scale = Scale(low - air, high + air, _EDGE, WIDTH - _EDGE)
    return scale, _PITCH * (scale.high - scale.low) / (scale.stop - scale.start)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something that can happen: what, how likely (a share), and the role of its dots."""

    said: str
    share: float
    role: str


def counted(outcomes: Sequence[Outcome], dots: int = DOTS) -> list[int]:
    """Dots of each outcome: whole numbers that add up to `dots`, each within one of its share of them."""
    return nearest_whole([outcome.share for outcome in outcomes], dots)


def in_rows(outcomes: Sequence[Outcome], title: str, told: str) -> Drawing:
    """Ten rows of ten dots, one outcome after the other, and beside them how many dots each has."""
    counts = counted(outcomes)
    roles = [outcome.role for outcome, count in zip(outcomes, counts, strict=True) for _ in range(count)]
    pitch = 1.25 * _PITCH
    marks: list[Mark] = [
        Dot(_EDGE + pitch * (i % _ROW), _EDGE + pitch * (i // _ROW), 0.45 * pitch, role) for i, role in enumerate(roles)
    ]
    left = _EDGE + pitch * _ROW + 10.0
    seen = [(outcome, count) for outcome, count in zip(outcomes, counts, strict=True) if count]
    for i, (outcome, count) in enumerate(seen):
        y = _EDGE + 18.0 * i
        marks += [Dot(left, y, 5.0, outcome.role), Words(left + 34.0, y + 4.5, str(count), "number", "end")]
        marks.append(Words(left + 42.0, y + 4.5, room_for(outcome.said, WIDTH - left - 42.0)))
    height = 2 * _EDGE + max(pitch * (math.ceil(len(roles) / _ROW) - 1), 18.0 * (len(seen) - 1))
    return Drawing(title, told, height, tuple(marks))
