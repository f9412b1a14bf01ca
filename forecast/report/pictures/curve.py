"""How numbers went on: a line over time with a band around it, if there is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from runoff.report.pictures.axis import Scale, round_numbers
from runoff.report.pictures.shapes import WIDTH, Dot, Drawing, Line, Mark, Words, polygon

_LEFT, _EDGE, _TALL = 46.0, 22.0, 130.0
_TOP = 32.0


@dataclass(frozen=True, slots=True)
class Curve:
    """Values over times (any unit, rising), with (low, high) around each or None; times are said at the ends.

    axis : the numbers between which everything is drawn.  mark : a number with a strong line, or None.
    """

    heading: str
    times: tuple[float, ...]
    values: tuple[float, ...]
    around: tuple[tuple[float, float], ...] | None
    axis: tuple[float, float]
    mark: float | None
    say: Callable[[float], str]


def drawing(curves: tuple[Curve, ...], when: tuple[tuple[float, str], ...], title: str, told: str) -> Drawing:
    """One curve under another over one axis of time; `when` says some of its times."""
    marks: list[Mark] = []
    top = 0.0
    for curve in curves:
        marks += _one(curve, top + _TOP)
        top += _TOP + _TALL + 10.0
    time = _time(curves[0].times)
    last = -1000.0
    for at, said in when:
        x = time(at)
        if x - last > 44.0:
            marks.append(Words(min(max(x, _LEFT), WIDTH - _EDGE), top + 8.0, said, "tick", "middle"))
            last = x
    return Drawing(title, told, top + 16.0, tuple(marks))


def _time(times: tuple[float, ...]) -> Scale:
    first, last = times[0], times[-1]
    return Scale(first, last if last > first else first + 1.0, _LEFT, WIDTH - _EDGE)


def _one(curve: Curve, top: float) -> list[Mark]:
    time, scale = _time(curve.times), Scale(*curve.axis, top + _TALL, top)
    marks: list[Mark] = [Words(0.0, top - 14.0, curve.heading)]
    for number in round_numbers(*curve.axis, 5):
        role = "even" if curve.mark is not None and abs(number - curve.mark) < 1e-12 else "grid"
        marks.append(Line(_LEFT, scale(number), WIDTH - _EDGE, scale(number), role))
        marks.append(Words(_LEFT - 5.0, scale(number) + 4.0, curve.say(number), "tick", "end"))
    x = [time(at) for at in curve.times]
    if curve.around is not None:
        upper = [(a, scale.within(high)) for a, (_, high) in zip(x, curve.around, strict=True)]
        lower = [(a, scale.within(low)) for a, (low, _) in zip(x, curve.around, strict=True)]
        marks.append(polygon([*upper, *lower[::-1]], "area a"))
    y = [scale.within(value) for value in curve.values]
    marks.append(polygon(list(zip(x, y, strict=True)), "stroke a", closed=False))
    marks += [Dot(a, b, 2.6, "a") for a, b in zip(x, y, strict=True)]
    return marks
