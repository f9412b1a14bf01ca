"""Shares over two numbers: a field of cells, stronger the further from even, and the line along which they are even."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from runoff.report.pictures.axis import Scale, round_numbers
from runoff.report.pictures.shapes import WIDTH, Box, Drawing, Line, Mark, Words, polygon, room_for

STRENGTHS = 5  # steps between even and certain
_LEFT, _EDGE, _TOP, _TALL = 46.0, 14.0, 44.0, 290.0
_KEY = 17.0  # width of a cell in the key


@dataclass(frozen=True, slots=True)
class Heat:
    """A field: edges of its cells, a share for each or None, the even line, and what is said.

    x, y : edges, rising.  cells : by x, then by y; of the side `sides`[0], whose name is names[0].
    line : points (x, y) of the even line, or none.  sides : roles; names : of both sides.
    below, beside : what x and y are.
    """

    x: tuple[float, ...]
    y: tuple[float, ...]
    cells: tuple[tuple[float | None, ...], ...]
    line: tuple[tuple[float, float], ...]
    sides: tuple[str, str]
    names: tuple[str, str]
    say: Callable[[float], str]
    below: str
    beside: str
    told: Callable[[int, int], str] = lambda _i, _j: ""


def strength(share: float) -> int:
    """How far a share is from even: 1 up to STRENGTHS."""
    return min(int(abs(2.0 * share - 1.0) * STRENGTHS) + 1, STRENGTHS)


def drawing(of: Heat, title: str, told: str) -> Drawing:
    """The field over two axes, with its key on top."""
    across = Scale(of.x[0], of.x[-1], _LEFT, WIDTH - _EDGE)
    up = Scale(of.y[0], of.y[-1], _TOP + _TALL, _TOP)
    marks: list[Mark] = _key(of)
    for i, column in enumerate(of.cells):
        for j, share in enumerate(column):
            if share is not None:
                side = of.sides[0] if share >= 0.5 else of.sides[1]
                x, y = across(of.x[i]), up(of.y[j + 1])
                width, height = across(of.x[i + 1]) - x, up(of.y[j]) - y
                marks.append(Box(x, y, width, height, f"cell {side} s{strength(share)}", of.told(i, j)))
    marks += _axes(of, across, up)
    inside = [(across(x), up(y)) for x, y in of.line if of.x[0] <= x <= of.x[-1] and of.y[0] <= y <= of.y[-1]]
    if len(inside) > 1:
        marks += [polygon(inside, "stroke halo", closed=False), polygon(inside, "stroke half", closed=False)]
    return Drawing(title, told, _TOP + _TALL + 40.0, tuple(marks))


def _key(of: Heat) -> list[Mark]:
    """From certain for one side over even to certain for the other, with their names, and what y is."""
    steps: Sequence[tuple[str, int]] = [
        *((of.sides[1], s) for s in range(STRENGTHS, 0, -1)),
        *((of.sides[0], s) for s in range(1, STRENGTHS + 1)),
    ]
    start = (WIDTH - _KEY * len(steps)) / 2.0
    room = start - 8.0
    marks: list[Mark] = [
        Box(start + _KEY * n, 2.0, _KEY, 11.0, f"cell {role} s{s}") for n, (role, s) in enumerate(steps)
    ]
    marks.append(Words(start - 5.0, 12.0, room_for(of.names[1], room), "side", "end"))
    marks.append(Words(start + _KEY * len(steps) + 5.0, 12.0, room_for(of.names[0], room), "side"))
    marks.append(Words(0.0, _TOP - 9.0, room_for(f"\u2191 {of.beside}", WIDTH), "side"))
    return marks


def _axes(of: Heat, across: Scale, up: Scale) -> list[Mark]:
    """Round numbers along both axes, and what x is."""
    floor = _TOP + _TALL
    marks: list[Mark] = [Line(_LEFT, floor, WIDTH - _EDGE, floor, "axis"), Line(_LEFT, _TOP, _LEFT, floor, "axis")]
    for number in round_numbers(across.low, across.high, 6):
        marks.append(Line(across(number), floor, across(number), floor + 4.0, "axis"))
        marks.append(Words(across(number), floor + 16.0, of.say(number), "tick", "middle"))
    for number in round_numbers(up.low, up.high, 8):
        marks.append(Line(_LEFT - 4.0, up(number), _LEFT, up(number), "axis"))
        marks.append(Words(_LEFT - 6.0, up(number) + 4.0, of.say(number), "tick", "end"))
    marks.append(Words(WIDTH - _EDGE, floor + 34.0, room_for(f"{of.below} \u2192", WIDTH - _EDGE), "side", "end"))
    return marks
