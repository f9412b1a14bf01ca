"""Many ranges side by side, in order of their middles: a thin line each, at most MOST of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from runoff.report.pictures.axis import Scale, round_numbers
from runoff.report.pictures.shapes import WIDTH, Dot, Drawing, Line, Mark, Words

MOST = 300
Item = tuple[str, float, float, float, str]
_LEFT, _EDGE, _TOP, _TALL = 38.0, 8.0, 8.0, 190.0


@dataclass(frozen=True, slots=True)
class Strip:
    """Items (name, low, middle, high, role) in order of their middles; a strong line at `even`, or None."""

    items: tuple[Item, ...]
    even: float | None
    say: Callable[[float], str]
    below: str


def evenly(items: Sequence[Item]) -> list[int]:
    """Places of at most MOST items, the first and the last among them, equally far apart in rank."""
    if len(items) <= MOST:
        return list(range(len(items)))
    return [round(i * (len(items) - 1) / (MOST - 1)) for i in range(MOST)]


def drawing(of: Strip, title: str, told: str) -> Drawing:
    """A line and a dot for each item, from the lowest middle to the highest."""
    low, high = min(item[1] for item in of.items), max(item[3] for item in of.items)
    air = 0.03 * max(high - low, 0.05)
    scale = Scale(max(low - air, 0.0), min(high + air, 1.0), _TOP + _TALL, _TOP)
    right = WIDTH - _EDGE
    marks: list[Mark] = []
    for number in round_numbers(scale.low, scale.high, 6):
        y = scale(number)
        marks += [Line(_LEFT, y, right, y, "grid"), Words(_LEFT - 5.0, y + 4.0, of.say(number), "tick", "end")]
    if of.even is not None and scale.low < of.even < scale.high:
        marks.append(Line(_LEFT, scale(of.even), right, scale(of.even), "even"))
    step = (right - _LEFT) / len(of.items)
    for i, (name, least, middle, most, role) in enumerate(of.items):
        x = _LEFT + step * (i + 0.5)
        marks.append(Line(x, scale(least), x, scale(most), f"thin {role}", name))
        marks.append(Dot(x, scale(middle), max(min(0.4 * step, 3.5), 0.9), role))
    marks.append(Words(0.5 * (_LEFT + right), _TOP + _TALL + 20.0, of.below, "side", "middle"))
    return Drawing(title, told, _TOP + _TALL + 26.0, tuple(marks))
