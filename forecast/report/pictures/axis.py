"""Axes: from numbers to places, round numbers to mark, and the lines and words of an axis below a picture."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from runoff.report.pictures.shapes import Line, Mark, Words, room_for

_STEPS = (1.0, 2.0, 5.0, 10.0, 20.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """Numbers from low to high at places from start to stop."""

    low: float
    high: float
    start: float
    stop: float

    def __call__(self, number: float) -> float:
        """The place of a number."""
        part = (number - self.low) / (self.high - self.low)
        return self.start + part * (self.stop - self.start)

    def back(self, place: float) -> float:
        """The number that stands at a place."""
        return self.low + (place - self.start) / (self.stop - self.start) * (self.high - self.low)

    def within(self, number: float) -> float:
        """The place of a number, of the nearer end where it lies outside."""
        return self(min(max(number, self.low), self.high))


def round_numbers(low: float, high: float, most: int) -> list[float]:
    """At most `most` round numbers between two, equally far apart; a multiple of the distance each."""
    if not high > low:
        return [low]
    size = 10.0 ** math.floor(math.log10((high - low) / max(most, 1)))
    for factor in _STEPS:
        step = factor * size
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        if last - first + 1 <= most:
            break
    return [n * step for n in range(first, last + 1)]


def below(
    scale: Scale, y: float, top: float, say: Callable[[float], str], most: int = 7, zero: float | None = None
) -> list[Mark]:
    """A line at y with round numbers under it and a thin line up to `top` at each; at `zero` a strong one."""
    marks: list[Mark] = []
    for number in round_numbers(scale.low, scale.high, most):
        x = scale(number)
        if zero is None or abs(number - zero) > 1e-12:
            marks.append(Line(x, top, x, y, "grid"))
        marks.append(Words(x, y + 15.0, say(number), "tick", "middle"))
    marks.append(Line(scale.start, y, scale.stop, y, "axis"))
    if zero is not None and scale.low <= zero <= scale.high:
        marks.append(Line(scale(zero), top, scale(zero), y, "even"))
    return marks


def ends(scale: Scale, y: float, left: str, right: str) -> list[Mark]:
    """What lies to either side of 0, in words under an axis; a side that the axis does not reach has none."""
    room = (scale.stop - scale.start) / (2.0 if scale.low < 0.0 < scale.high else 1.0) - 18.0
    to_left = Words(scale.start, y, f"\u2190 {room_for(left, room)}", "side")
    to_right = Words(scale.stop, y, f"{room_for(right, room)} \u2192", "side", "end")
    return [*([to_left] if scale.low < 0.0 else []), *([to_right] if scale.high > 0.0 else [])]
