"""Rates that stand in where the run file says nothing: wide on purpose, and marked as such in every table.

They are judgement, not estimates: an 80 % interval wide enough that a reader is not misled by a number
that nobody has thought about.  `runoff check` shows which rows rest on them.
"""

from __future__ import annotations

from forecast.race import Rate
from forecast.rates import from_dirichlet, from_interval

_SOURCE = "wide default, nobody's estimate"
_PROBABILITY = 0.8


def _interval(low: float, high: float, to: str = "", *, flip: bool = False) -> Rate:
    location, scale = from_interval(low, high, _PROBABILITY)
    said = f"{to} {low:g} to {high:g} (80 %)".strip()
    return Rate((-location if flip else location,), ((scale,),), said, "default", _SOURCE)


def default_turnout(is_finalist: bool) -> Rate:
    """Four in five to nineteen in twenty of a finalist's voters return, fewer of the eliminated's."""
    return _interval(0.80, 0.96) if is_finalist else _interval(0.60, 0.93)


def default_preference(bloc: str, own: str | None, finalists: tuple[str, ...], finalist_blocs: tuple[str, ...]) -> Rate:
    """By relation: a finalist's own voters stay, a bloc leans to its only finalist, others are open."""
    related = [name for name, other in zip(finalists, finalist_blocs, strict=True) if other == bloc]
    favoured = own if own is not None else related[0] if len(related) == 1 else None
    if len(finalists) == 2:
        if favoured is None:
            return _interval(0.25, 0.75, finalists[0])
        flip = favoured == finalists[-1]
        low, high = (0.93, 0.99) if own is not None else (0.65, 0.95)
        return _interval(low, high, favoured, flip=flip)
    weight = 0.95 if own is not None else 0.7
    rest = (1.0 - weight) / (len(finalists) - 1)
    means = [1.0 / len(finalists) if favoured is None else weight if name == favoured else rest for name in finalists]
    location, factor = from_dirichlet([8.0 * mean for mean in means])
    said = ", ".join(f"{name} {mean:.2f}" for name, mean in zip(finalists, means, strict=True))
    rows = tuple(tuple(float(x) for x in row) for row in factor)
    return Rate(tuple(float(x) for x in location), rows, f"{said}, worth 8 people", "default", _SOURCE)
