"""What is taken for known of transfers before any result: own voters stay, blocs go home, stayers stay at home."""

from __future__ import annotations

import numpy as np

from runoff import names
from runoff.data.rounds.joined import BothRounds
from runoff.data.rounds.words import unnumbered
from runoff.race import FloatArray

OWN = 20.0  # odds of a finalist's first-round voters to vote so again, over what sizes alone would say; so of stayers
HOME = 3.0  # odds of a bloc's voters to go to the finalist of their bloc


def odds_of(both: BothRounds) -> FloatArray:
    """Odds float64[R, C] of each cell: OWN for the same option in both rounds, HOME for its bloc, 1 for all else."""
    odds = np.ones((len(both.origins), len(both.destinations)))
    near = [names.near(unnumbered(name)) for name in both.destinations]
    for j, origin in enumerate(both.origins):
        own = _own(both, j, origin, near)
        if own is not None:
            odds[j, own] = OWN
            continue
        bloc = names.same(both.blocs[0][j])
        home = [k for k, of in enumerate(both.blocs[1]) if bloc and names.same(of) == bloc]
        odds[j, home] = HOME
    return odds


def _own(both: BothRounds, j: int, origin: str, near: list[str]) -> int | None:
    """The destination that is the same option: of the same name, or as the only one of each kind."""
    if origin in both.destinations:
        return both.destinations.index(origin)
    own = names.near(unnumbered(origin))
    if near.count(own) == 1:
        return near.index(own)
    kind = both.kinds[0][j]
    same = [k for k, of in enumerate(both.kinds[1]) if of == kind]
    alone = kind != "candidate" and both.kinds[0].count(kind) == 1 and len(same) == 1
    return same[0] if alone else None
