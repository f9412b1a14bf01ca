"""How units differ beyond what their pools say: they lean as they did, more or less, and each is a little its own.

    logit preference[u, j] = (pool j's, bent) + slope x[u] + region + unit      x[u] : the unit's first-round lean

The slope is drawn once a trial; regions and units have effects of their own, smaller in larger units.  None of it moves
a pool's rate over the race (`runoff.simulate.places`): what is said of pools stays what was said.

Sizes were estimated on 40 races by unit, both rounds (docs/places.md): the slope is larger where the finalists are of
different blocs, and units differ more where they are of one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from runoff.arithmetic.functions import log, power
from runoff.estimate.swing import first_lean
from runoff.race import FirstRound, FloatArray

if TYPE_CHECKING:
    from runoff.runfile.load import Case

Kind = Literal["different", "same", "unknown"]  # blocs of the finalists; unknown where one is not told

_MOST_LEAN = 3.0  # beyond which the slope was not seen
_TYPICAL, _POWER = 3_000.0, 0.1  # votes of a unit with the spread that is said, and how it falls with votes
_SIZES = (30.0, 1e6)  # votes beyond which it stays
# mean and sd of the slope, spread of units of 3,000 votes with their region's part: finalists of different blocs, of
# the same, and where nothing is known of blocs
_BY_KIND = {"different": (0.75, 0.40, 0.50), "same": (0.45, 0.50, 0.55), "unknown": (0.70, 0.40, 0.40)}
_TURNOUT = (0.10, 0.10)  # sd of the slope of log votes, and spread of log votes


@dataclass(frozen=True, slots=True)
class Places:
    """What units have of their own, in log-odds; of turnout in log votes.

    kind : what the finalists are to each other.
    slope, slope_sd : of log-ratios on the first round's; turnout_slope_sd : of log votes on them, around 0.
    spread, turnout_spread : sd between units of 3,000 votes, their region's half of the variance included; None where
        [factors] says how units and regions differ, which then stands instead.
    """

    kind: Kind
    slope: float
    slope_sd: float
    turnout_slope_sd: float
    spread: float | None
    turnout_spread: float | None

    @property
    def flat(self) -> bool:
        """Whether units are nothing but their pools, or what [factors] says."""
        return not (self.slope or self.slope_sd or self.turnout_slope_sd or self.spread or self.turnout_spread)


FLAT = Places("unknown", 0.0, 0.0, 0.0, None, None)


def places_of(case: Case) -> Places:
    """What the run file says of places, and the defaults by kind of race for what it leaves out."""
    said, factors = case.run_file.places, case.run_file.factors
    kind = kind_of(case.first_round, case.finalists)
    slope, slope_sd, spread = _BY_KIND[kind]
    if said.flat:
        return replace(FLAT, kind=kind)
    return Places(
        kind=kind,
        slope=slope if said.slope is None else said.slope,
        slope_sd=slope_sd if said.slope_sd is None else said.slope_sd,
        turnout_slope_sd=_TURNOUT[0] if said.turnout_slope_sd is None else said.turnout_slope_sd,
        spread=None if factors.preference.local else spread if said.spread is None else said.spread,
        turnout_spread=(
            None if factors.turnout.local else _TURNOUT[1] if said.turnout_spread is None else said.turnout_spread
        ),
    )


def kind_of(first: FirstRound, finalists: tuple[str, ...]) -> Kind:
    """What the finalists are to each other; who has neither party nor bloc is a bloc by his own name: not told."""
    told = {c.name: c.bloc if c.party or c.bloc != c.name else "" for c in first.candidates}
    blocs = {told[name] for name in finalists}
    return "unknown" if "" in blocs else "same" if len(blocs) == 1 else "different"


def leans(first: FirstRound, finalists: tuple[str, ...]) -> FloatArray:
    """Units' log-ratios of the finalists' first-round votes to the last one's, less the race's: float64[U, K - 1].

    A unit without votes for them has the race's lean, 0; so has every unit where one of the two had no vote at all.
    """
    place = {candidate.name: c for c, candidate in enumerate(first.candidates)}
    votes = first.votes[:, [place[name] for name in finalists]].astype(np.float64)
    whole = votes.sum(axis=0)
    lean = np.zeros((len(votes), len(finalists) - 1))
    for k in range(len(finalists) - 1):
        if whole[k] and whole[-1]:
            lean[:, k] = first_lean(votes[:, [k, -1]]) - log(whole[k] / whole[-1])
    return np.clip(lean, -_MOST_LEAN, _MOST_LEAN)


def size_factors(first: FirstRound) -> FloatArray:
    """What each unit's spread is of that of a unit of 3,000 votes, by its votes: float64[U]."""
    factor: FloatArray = power(np.clip(first.votes.sum(axis=1), *_SIZES) / _TYPICAL, -_POWER)
    return factor
