"""A histogram as one outline, each side of 0 in its own role, with middle and range above it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from runoff.report.pictures.axis import Scale, below, ends
from runoff.report.pictures.shapes import LETTER, WIDTH, Drawing, Line, Mark, Words, polygon

_BARS = 60  # about, from end to end
_TALL = 150.0
_EDGE = 14.0
_ABOVE = 34.0
_TAIL = 0.0005  # of the trials beyond either end of the axis


@dataclass(frozen=True, slots=True)
class Density:
    """A histogram's bins (low, high, share), the middle and the range to be marked with how they are said.

    winner : role of the side that is shown strong, `a` right of 0 and `b` left of it.
    """

    bins: tuple[tuple[float, float, float], ...]
    middle: tuple[float, str]
    range: tuple[float, float]
    winner: str
    left: str
    right: str
    say: Callable[[float], str]


def drawing(of: Density, title: str, told: str) -> Drawing:
    """The outline by steps of equal width that meet at 0."""
    kept = _kept(of.bins)
    bars = merged(kept)
    floor = _ABOVE + _TALL
    scale = Scale(min(bars[0][0], of.range[0]), max(bars[-1][1], of.range[1]), _EDGE, WIDTH - _EDGE)
    high = Scale(0.0, max(share for _, _, share in bars), floor, _ABOVE)
    marks: list[Mark] = below(scale, floor, _ABOVE, of.say, zero=0.0)
    for role, side in (("b", [bar for bar in bars if bar[1] <= 1e-9]), ("a", [bar for bar in bars if bar[0] >= -1e-9])):
        if side:
            points = [
                point for low, up, share in side for point in ((scale(low), high(share)), (scale(up), high(share)))
            ]
            outline = [(points[0][0], floor), *points, (points[-1][0], floor)]
            marks.append(polygon(outline, f"area {role}" + (" winner" if role == of.winner else "")))
    x, said = of.middle
    marks += [Line(scale.within(end), _ABOVE - 10.0, scale.within(end), _ABOVE - 2.0, "range") for end in of.range]
    marks.append(Line(scale.within(of.range[0]), _ABOVE - 6.0, scale.within(of.range[1]), _ABOVE - 6.0, "range"))
    marks.append(Line(scale.within(x), _ABOVE - 12.0, scale.within(x), floor, "middle"))
    place = min(max(scale.within(x), _EDGE + 70.0), WIDTH - _EDGE - 70.0)
    marks.append(Words(place, LETTER + 2.0, said, "label", "middle"))
    marks += ends(scale, floor + 32.0, of.left, of.right)
    return Drawing(title, told, floor + 38.0, tuple(marks))


def _kept(bins: Sequence[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """The bins without the far tails."""
    upto, kept = 0.0, []
    for low, high, share in bins:
        if upto + share > _TAIL and upto < 1.0 - _TAIL:
            kept.append((low, high, share))
        upto += share
    return kept or list(bins)


def merged(bins: Sequence[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """Bins put together to about _BARS of one width, which is a whole number of bins; 0 is between two of them."""
    width = bins[0][1] - bins[0][0]
    each = max(math.ceil(len(bins) / _BARS), 1)
    bars: dict[int, float] = {}
    for low, _, share in bins:
        place = math.floor(round(low / width) / each)
        bars[place] = bars.get(place, 0.0) + share
    step = each * width
    every = range(min(bars), max(bars) + 1)
    return [(place * step, (place + 1) * step, bars.get(place, 0.0)) for place in every]
