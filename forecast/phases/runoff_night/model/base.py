"""What the first round says of units and modes before a runoff's night, by the mean rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runoff.arithmetic.functions import exp, log
from runoff.arithmetic.matrices import product, solve
from runoff.data.counts.runoff_count import FirstModes
from runoff.estimate.ratios.shares import logistic, preferences, shares, spread_of
from runoff.estimate.swing import first_lean, first_ratios
from runoff.model.electorate import Electorate
from runoff.phases.runoff_night.model.cells import totals
from runoff.race import FloatArray

if TYPE_CHECKING:
    from runoff.model.pools import Model

_PULL = 20.0  # votes that a region's split of modes is worth in a unit's, and the race's in a region's
_RARE = 0.01  # share of a mode that the first round did not have, where it had others


class Base:
    """What the first round says of units and modes, by the mean rates; Q = K - 1 log-ratios.

    votes : float64[U], lean : float64[Q, U], log votes and log-ratios expected.
    come : float64[U], how much log votes move with all turnouts of the unit's pools.
    part : float64[Q, U, J, inputs], how much log-ratios move with each pool's: with its log-odds (one input), with
    three finalists and more with its preference for each of them (K inputs).
    turn : float64[Q, U, Q], how much they move with all pools' log-ratios.
    x : float64[Q, U], log-ratios of the finalists in the first round.  weight : float64[K], finalists' parts of the
    votes that they had there.  share : float64[K, U], finalists' shares expected.
    moves : float64[U], votes that change hands with the unit's log-odds; with three finalists and more
    float64[U, Q, Q], votes won by each with each log-ratio.
    mode_share : float64[M, U], lean_of_mode : float64[Q, M, U].
    known : bool[M], modes in which somebody voted in the first round.  region : int64[U].
    """

    def __init__(
        self, model: Model, pools: Electorate, first: FirstModes | None, modes: tuple[str, ...], region: np.ndarray
    ) -> None:
        self.people: FloatArray = model.people.astype(np.float64)
        turnout = logistic(pools.turnout)
        self.factors, self.ratios = pools.n_factors, pools.n_ratios
        votes, lean = totals(pools, self.people, np.zeros((1, pools.n_factors)))
        self.votes, self.lean = votes[:, 0], lean[:, :, 0]
        come = self.people * turnout
        everybody = self.everybody = come.sum(axis=1)
        self.come = product(come, 1.0 - turnout) / everybody
        share = preferences(np.stack([pools.preference[:, q] for q in range(self.ratios)]))  # of pools
        candidates = [c.name for c in model.first_round.candidates]
        finalists = [candidates.index(name) for name in model.finalists]
        before = model.first_round.votes[:, finalists].astype(np.float64)
        whole = before.sum(axis=0) + 1e-9
        self.weight: FloatArray = whole / whole.sum()
        if self.ratios == 1:
            self._of_two(come, share[0], before)
        else:
            self._of_more(come, share, before)
        self.region = region
        self.known = np.zeros(len(modes), bool)
        self.mode_share = np.full((len(modes), len(self.votes)), -log(len(modes)))
        self.lean_of_mode = np.zeros((self.ratios, *self.mode_share.shape))
        if first is not None and len(modes) > 1:
            self._by_mode(model, first, modes, turnout, share)

    def _of_two(self, come: FloatArray, share: FloatArray, before: FloatArray) -> None:
        """Leans and what moves them, of two finalists."""
        whole = logistic(self.lean[0]) * logistic(-self.lean[0])
        part = come * (share * (1.0 - share)) / (self.everybody * whole)[:, None]
        self.part, self.turn = part[None, :, :, None], part.sum(axis=1)[None, :, None]
        self.x = first_lean(before)[None]
        self.share = np.stack([logistic(self.lean[0]), logistic(-self.lean[0])])
        self.moves = self.everybody * whole

    def _of_more(self, come: FloatArray, share: FloatArray, before: FloatArray) -> None:
        """The same of three and more."""
        last = self.ratios
        to = [come * of for of in share]  # people of each unit and pool to each finalist
        whole = [votes.sum(axis=1)[:, None] for votes in to]

        def moved(i: int, k: int) -> FloatArray:
            """Derivative of the logarithm of finalist i's votes by each pool's preference for finalist k."""
            result: FloatArray = to[i] * ((1.0 if i == k else 0.0) - share[k]) / whole[i]
            return result

        inputs = [[moved(q, k) - moved(last, k) for k in range(last + 1)] for q in range(last)]
        self.part = np.array(inputs).transpose(0, 2, 3, 1)  # [Q, U, J, K]
        self.turn = self.part[..., :last].sum(axis=2)
        self.x = first_ratios(before)
        self.share = shares(self.lean)
        self.moves = (self.everybody * spread_of(self.share)).transpose(2, 0, 1)

    def _by_mode(
        self, model: Model, first: FirstModes, modes: tuple[str, ...], turnout: FloatArray, share: FloatArray
    ) -> None:
        """Modes' shares and leans by those who used them in the first round, at the mean rates.

        A unit is drawn towards its region, and a region towards the race.  New voters used no mode: they have
        none of the lean, which they dilute.
        """
        region, everybody = self.region, self.everybody
        place = {c.name: i for i, c in enumerate(model.first_round.candidates)}
        old = [j for j, pool in enumerate(model.pools) if pool.kind != "new"]
        at = [place[model.pools[j].name] for j in old]
        used = {mode for mode, votes in zip(first.modes, first.votes.sum(axis=(0, 2)), strict=True) if votes}
        present = [m for m, mode in enumerate(modes) if mode in used]
        if not present:
            return
        found = first.votes[:, [first.modes.index(modes[m]) for m in present]][:, :, at]
        to = [share[0], 1.0 - share[0]] if self.ratios == 1 else list(share)
        rates = np.stack([turnout[old] * of[old] for of in to], axis=1)
        voters = product(found.astype(np.float64), rates)  # [U, present, K]
        of_race = voters.sum(axis=0)
        of_region = np.stack([voters[region == r].sum(axis=0) for r in range(int(region.max()) + 1)])
        of_region = of_region + _PULL * of_race / of_race.sum()
        part = of_region / of_region.sum(axis=(1, 2), keepdims=True)
        drawn = voters + _PULL * part[region]
        size = np.maximum(drawn.sum(axis=2), 1e-9)
        # a mode's split is drawn by its own votes: twenty of the region's against a handful
        split = voters + _PULL * (of_region / np.maximum(of_region.sum(axis=2, keepdims=True), 1e-9))[region]
        dilution = np.minimum(voters.sum(axis=(1, 2)) / everybody, 1.0)
        self.known[present] = True
        self.mode_share[:] = log(_RARE)
        self.mode_share[present] = log(size / size.sum(axis=1, keepdims=True)).T
        for q in range(self.ratios):
            odds = log(np.maximum(split[..., q], 1e-9) / np.maximum(split[..., -1], 1e-9))
            whole = log(drawn[..., q].sum(axis=1) / drawn[..., -1].sum(axis=1))
            self.lean_of_mode[q, present] = (dilution[:, None] * (odds - whole[:, None])).T

    def centred(self, column: FloatArray) -> FloatArray:
        """A load on log votes that leaves the race's votes alone."""
        result: FloatArray = column - np.average(column, weights=exp(self.votes))
        return result

    def centred_lean(self, loads: FloatArray) -> FloatArray:
        """Loads float64[Q, U] on log-ratios, made to leave the race's split alone."""
        if self.ratios == 1:
            column: FloatArray = loads[0] - np.average(loads[0], weights=self.moves)
            return column[None]
        won = (self.moves * loads.T[:, None, :]).sum(axis=(0, 2))
        result: FloatArray = loads - solve(self.moves.sum(axis=0), won)[:, None]
        return result
