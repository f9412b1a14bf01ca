"""What the first round says of units and modes before a runoff's night, by the mean rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runoff.data.counts.runoff_count import FirstModes
from runoff.estimate.swing import first_lean
from runoff.model.electorate import Electorate
from runoff.phases.runoff_night.model.cells import logistic, totals
from runoff.race import FloatArray

if TYPE_CHECKING:
    from runoff.model.pools import Model

_PULL = 20.0  # votes that a region's split of modes is worth in a unit's, and the race's in a region's
_RARE = 0.01  # share of a mode that the first round did not have, where it had others


class Base:
    """What the first round says of units and modes, by the mean rates.

    votes, lean : float64[U], log votes and log-odds expected.  come, turn : float64[U], how much log votes and
    log-odds move with all log-odds of the unit's pools; part : float64[U, J], how much log-odds move with each pool's.
    x : float64[U], log-odds of both finalists in the first round.  moves : float64[U], votes that change hands with
    the unit's log-odds.  share, lean_of_mode : float64[M, U].  known : bool[M], modes in which somebody voted in the
    first round.  region : int64[U].
    """

    def __init__(
        self, model: Model, pools: Electorate, first: FirstModes | None, modes: tuple[str, ...], region: np.ndarray
    ) -> None:
        self.people: FloatArray = model.people.astype(np.float64)
        turnout, share = logistic(pools.turnout), logistic(pools.preference[:, 0])
        self.factors = pools.n_factors
        votes, lean = totals(pools, self.people, np.zeros((1, pools.n_factors)))
        self.votes, self.lean = votes[:, 0], lean[:, 0]
        come = self.people * turnout
        everybody = come.sum(axis=1)
        whole = logistic(self.lean) * logistic(-self.lean)
        self.come = come @ (1.0 - turnout) / everybody
        self.part = come * (share * (1.0 - share)) / (everybody * whole)[:, None]
        self.turn = self.part.sum(axis=1)
        candidates = [c.name for c in model.first_round.candidates]
        finalists = [candidates.index(name) for name in model.finalists]
        self.x = first_lean(model.first_round.votes[:, finalists].astype(np.float64))
        self.moves = everybody * whole
        self.region = region
        self.known = np.zeros(len(modes), bool)
        self.share = np.full((len(modes), len(self.votes)), -np.log(len(modes)))
        self.lean_of_mode = np.zeros_like(self.share)
        if first is not None and len(modes) > 1:
            self._by_mode(model, first, modes, turnout, share, everybody, region)

    def _by_mode(
        self, model: Model, first: FirstModes, modes: tuple[str, ...], turnout: FloatArray, share: FloatArray,
        everybody: FloatArray, region: np.ndarray,
    ) -> None:  # fmt: skip
        """Modes' shares and leans by those who used them in the first round, at the mean rates.

        A unit is drawn towards its region, and a region towards the race.  New voters used no mode: they have
        none of the lean, which they dilute.
        """
        place = {c.name: i for i, c in enumerate(model.first_round.candidates)}
        old = [j for j, pool in enumerate(model.pools) if pool.kind != "new"]
        at = [place[model.pools[j].name] for j in old]
        used = {mode for mode, votes in zip(first.modes, first.votes.sum(axis=(0, 2)), strict=True) if votes}
        present = [m for m, mode in enumerate(modes) if mode in used]
        if not present:
            return
        found = first.votes[:, [first.modes.index(modes[m]) for m in present]][:, :, at]
        rates = np.stack([turnout[old] * share[old], turnout[old] * (1.0 - share[old])], axis=1)
        voters = found @ rates  # [U, present, 2]
        of_race = voters.sum(axis=0)
        of_region = np.stack([voters[region == r].sum(axis=0) for r in range(int(region.max()) + 1)])
        of_region = of_region + _PULL * of_race / of_race.sum()
        part = of_region / of_region.sum(axis=(1, 2), keepdims=True)
        drawn = voters + _PULL * part[region]
        size = np.maximum(drawn.sum(axis=2), 1e-9)
        # a mode's split is drawn by its own votes: twenty of the region's against a handful
        split = voters + _PULL * (of_region / np.maximum(of_region.sum(axis=2, keepdims=True), 1e-9))[region]
        odds = np.log(np.maximum(split[..., 0], 1e-9) / np.maximum(split[..., 1], 1e-9))
        whole = np.log(drawn[..., 0].sum(axis=1) / drawn[..., 1].sum(axis=1))
        dilution = np.minimum(voters.sum(axis=(1, 2)) / everybody, 1.0)
        self.known[present] = True
        self.share[:] = np.log(_RARE)
        self.share[present] = np.log(size / size.sum(axis=1, keepdims=True)).T
        self.lean_of_mode[present] = (dilution[:, None] * (odds - whole[:, None])).T

    def centred(self, column: FloatArray) -> FloatArray:
        """A load on log votes that leaves the race's votes alone."""
        result: FloatArray = column - np.average(column, weights=np.exp(self.votes))
        return result

    def centred_lean(self, column: FloatArray) -> FloatArray:
        """A load on log-odds that leaves the race's split alone."""
        result: FloatArray = column - np.average(column, weights=self.moves)
        return result
