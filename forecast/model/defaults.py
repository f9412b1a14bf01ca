"""Rates that stand in where the run file says nothing: wide on purpose, and marked as such in every table.

They are judgement, not estimates: an 80 % interval wide enough that a reader is not misled by a number
that nobody has thought about.  `runoff check` shows which rows rest on them.
"""

from __future__ import annotations

from runoff.model.rates import as_rate, from_interval, one_and_rest, open_shares
from runoff.race import Rate

_SOURCE = "wide default, nobody's estimate"
_PROBABILITY = 0.8
# Voters leave who cannot win: by `runoff.model.prior.several` (345 French races of three and four) 92 % of the first's
# stay, and 73 % of those of somebody with three fifths of his votes, give or take.
OWN_OF_MORE = (0.70, 0.97)


def default_turnout(is_finalist: bool) -> Rate:
    """Four in five to nineteen in twenty of a finalist's voters return, fewer of the eliminated's."""
    low, high = (0.80, 0.96) if is_finalist else (0.60, 0.93)
    location, scale = from_interval(low, high, _PROBABILITY)
    return Rate((location,), ((scale,),), f"{low:g} to {high:g} (80 %)", "default", _SOURCE)


def default_preference(bloc: str, own: str | None, finalists: tuple[str, ...], finalist_blocs: tuple[str, ...]) -> Rate:
    """By relation: a finalist's own voters stay, a bloc leans to its only finalist, others are open."""
    related = [name for name, other in zip(finalists, finalist_blocs, strict=True) if other == bloc]
    favoured = own if own is not None else related[0] if len(related) == 1 else None
    if favoured is None and len(finalists) > 2:
        said = "any two of the finalists between 1:3 and 3:1 (80 %)"
        return as_rate(*open_shares(len(finalists)), said, "default", _SOURCE)
    of_own = (0.93, 0.99) if len(finalists) == 2 else OWN_OF_MORE
    low, high = (0.25, 0.75) if favoured is None else of_own if own is not None else (0.65, 0.95)
    to = favoured or finalists[0]
    location, factor = one_and_rest(*from_interval(low, high, _PROBABILITY), finalists.index(to), len(finalists))
    said = f"{to} {low:g} to {high:g} (80 %)" + (", the rest evenly" if len(finalists) > 2 else "")
    return as_rate(location, factor, said, "default", _SOURCE)
