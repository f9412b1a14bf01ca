"""A chamber: seats of each group as equally likely dots over one axis, and its districts as a field of dots."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from runoff.report.pictures.axis import Scale, below
from runoff.report.pictures.shapes import WIDTH, Dot, Drawing, Line, Mark, Words, room_for

_NAME, _EDGE, _TOP = 78.0, 14.0, 20.0
_PITCH, _ROW = 5.2, 44.0  # between dots, and between groups
_ACROSS = 34  # dots of a row of the field


@dataclass(frozen=True, slots=True)
class Group:
    """A bloc: its name, equally likely numbers of seats in order, the ends of its 80 % range, and its role."""

    name: str
    seats: tuple[int, ...]
    low: int
    high: int
    role: str


def stacked(groups: Sequence[Group], majority: int, say: Callable[[float], str], title: str, told: str) -> Drawing:
    """A row of stacked dots for each group, a line under it for its range, and a strong line at the majority."""
    high = max([majority, *(group.seats[-1] for group in groups)]) * 1.05 + 1.0
    scale = Scale(0.0, high, _NAME, WIDTH - _EDGE)
    floor = _TOP + _ROW * len(groups)
    marks: list[Mark] = below(scale, floor, _TOP, say)
    marks.append(Line(scale(majority), _TOP - 4.0, scale(majority), floor, "even"))
    marks.append(Words(scale(majority), _TOP - 8.0, f"majority {majority}", "tick", "middle"))
    step = _PITCH * high / (scale.stop - scale.start)
    for i, group in enumerate(groups):
        y = _TOP + _ROW * (i + 1) - 9.0
        marks.append(Words(0.0, y, room_for(group.name, _NAME - 4.0)))
        columns = Counter(math.floor(seats / step) for seats in group.seats)
        tallest = max(columns.values())
        pitch = min(_PITCH, (_ROW - 14.0) / tallest)
        for column, count in sorted(columns.items()):
            x = scale((column + 0.5) * step)
            marks += [Dot(x, y - pitch * (k + 0.5), 0.45 * _PITCH, group.role) for k in range(count)]
        marks.append(Line(scale(group.low), y + 4.0, scale(group.high), y + 4.0, f"thin {group.role}"))
    return Drawing(title, told, floor + 22.0, tuple(marks))


@dataclass(frozen=True, slots=True)
class Seat:
    """A district: what a pointer on it is told, how likely its favourite is, and the favourite's role."""

    told: str
    chance: float
    role: str


def field(seats: Sequence[Seat], title: str, told: str) -> Drawing:
    """A dot a district, in the order that is given: full where its favourite is sure, small where it is open."""
    pitch = (WIDTH - 2.0) / _ACROSS
    marks = tuple(
        Dot(
            1.0 + pitch * (i % _ACROSS + 0.5),
            1.0 + pitch * (i // _ACROSS + 0.5),
            pitch * (0.12 + 0.36 * min(max(2.0 * seat.chance - 1.0, 0.0), 1.0)),
            seat.role,
            seat.told,
        )
        for i, seat in enumerate(seats)
    )
    rows = -(-len(seats) // _ACROSS)
    return Drawing(title, told, 2.0 + pitch * max(rows, 1), marks)
