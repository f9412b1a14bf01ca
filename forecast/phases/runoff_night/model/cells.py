"""A runoff's votes by unit and mode, as smooth functions of the factors and of what modes, regions and units do.

    log votes[u]       = log sum_j n[u, j] turnout[j](z)                     + effects . x + a[u]
    log-ratios[u]      = logs of the finalists' votes over the last one's    + effects . x + b[u]
    log-share of mode  = first round's + race's change + region's change + slope on lean + g[u, m], made to sum to 1
    log-ratios of mode = first round's + race's change + region's change + slope on lean + d[u, m] - c[u]

c[u] is such that the unit's modes add up to its log-ratios: modes only tell where a unit's votes are found.  With
nothing reported the forecast is therefore the ordinary one, whatever modes may do.  Of two finalists there is one
log-ratio, the log-odds of the first.

x is the factors z followed by the night's own effects, all standard normals; a, b, g and d are the unit's own.
Ratios come first in arrays, then modes, then units, then trials.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from runoff.arithmetic.functions import exp, log
from runoff.arithmetic.matrices import product
from runoff.estimate.ratios.shares import edges, levelled, logistic, preferences, pushed, shares
from runoff.model.electorate import Electorate
from runoff.phases.runoff_night.model.modes.slopes import ModeSlopes
from runoff.race import FloatArray, Int64Array

_FLAT = 1e-6  # slope of a share by its log-odds, below which float32 has rounding only
_ROOTS = 3  # of Newton's steps for c; each squares the error, and the first one leaves less than 0.01


@dataclass(frozen=True, slots=True)
class NightModel:
    """What is known before the first vote; Q = K - 1 log-ratios.

    pools : the race's pools.  people : float64[U, J].  region : int64[U], from 0.
    names : of the effects, x without the factors; random numbers hang on them.
    turnout_effect : float64[U, C], on log votes; C is factors and effects.  lean_effect : float64[Q, U, C].
    votes_effect : float64[M, R, C], on the modes of each region.  preference_effect : float64[Q, M, R, C].
    expected_votes : float64[U], expected_lean : float64[Q, U], what is added to log votes and log-ratios beforehand:
    the slope on the first round's lean, and what keeps the mean votes of a unit where they would be without effects.
    base_votes : float64[M, U], base_preference : float64[Q, M, U], log-shares and leans of modes by the first round.
    slopes : what modes do with a unit's lean.
    spread : float64[1 + Q + M + Q M, U] (1 + Q where there is one mode), prior standard deviations of a, b, g, d.
    own_load : float64[U, Q, Q], of b on log-ratios; mode_load : float64[Q, Q], of d on those of modes.
    """

    pools: Electorate
    people: FloatArray
    region: Int64Array
    names: tuple[str, ...]
    turnout_effect: FloatArray
    lean_effect: FloatArray
    votes_effect: FloatArray
    preference_effect: FloatArray
    expected_votes: FloatArray
    expected_lean: FloatArray
    base_votes: FloatArray
    base_preference: FloatArray
    slopes: ModeSlopes
    spread: FloatArray
    own_load: FloatArray
    mode_load: FloatArray

    @property
    def n_modes(self) -> int:
        """M; 1 where votes are not told by mode."""
        return len(self.base_votes)

    @property
    def n_ratios(self) -> int:
        """Q, one less than finalists."""
        return len(self.lean_effect)

    @property
    def n_cells(self) -> int:
        """Rows of a unit's cells: log votes of its modes, then each log-ratio of them."""
        return (1 + self.n_ratios) * self.n_modes

    def of_units(self, units: np.ndarray) -> NightModel:
        """The same of some units, places int64[n]."""
        return replace(
            self,
            people=self.people[units],
            region=self.region[units],
            turnout_effect=self.turnout_effect[units],
            lean_effect=self.lean_effect[:, units],
            expected_votes=self.expected_votes[units],
            expected_lean=self.expected_lean[:, units],
            base_votes=self.base_votes[:, units],
            base_preference=self.base_preference[:, :, units],
            slopes=self.slopes.of_units(units),
            spread=self.spread[:, units],
            own_load=self.own_load[units],
        )

    @property
    def n_common(self) -> int:
        """C, factors and effects."""
        return int(self.turnout_effect.shape[1])


def as_float32(model: NightModel) -> Any:
    """The same with numbers in float32, in which many trials are drawn: within 1e-5 of log votes and log-odds."""

    def narrow(of: Any) -> Any:
        names = [name for name in of.__dataclass_fields__ if isinstance(getattr(of, name), np.ndarray)]
        arrays = {name: getattr(of, name) for name in names}
        return replace(of, **{name: a.astype(np.float32) for name, a in arrays.items() if a.dtype == np.float64})

    return replace(narrow(model), pools=narrow(model.pools), slopes=narrow(model.slopes))


def lines(model: NightModel, x: Any) -> tuple[Any, Any, Any, Any]:
    """Log votes [U, n], log-ratios [Q, U, n], modes' log-shares [M, U, n] and leans [Q, M, U, n], at x [n, C].

    All are of x's type; many trials are drawn with a model and x in float32 (`as_float32`).
    """
    votes, lean = totals(model.pools, model.people, x[:, : model.pools.n_factors])
    share = _over_units(product(model.votes_effect, x.T), model.region, model.base_votes)
    by_mode = _over_units(product(model.preference_effect, x.T), model.region, model.base_preference)
    model.slopes.add(share, by_mode, x)
    votes = votes + model.expected_votes[:, None] + _moved(model.turnout_effect, x)
    return votes, lean + model.expected_lean[..., None] + _moved(model.lean_effect, x), share, by_mode


def _moved(effect: Any, x: Any) -> Any:
    """What effects [..., U, C] do at x [n, C]: [..., U, n]; those that do nothing are left out of the sums."""
    some = np.flatnonzero(effect.reshape(-1, effect.shape[-1]).any(axis=0))
    return product(effect[..., some], np.ascontiguousarray(x.T[some]))


def _over_units(by_region: Any, region: Int64Array, base: Any) -> Any:
    """What the units' regions have [..., R, n], and a unit's base [..., U]: [..., U, n]."""
    if by_region.dtype != np.float32:
        return by_region[..., region, :] + base[..., None]
    from runoff.kernels import modes

    regions, n = by_region.shape[-2:]
    rows = by_region.size // (regions * n)
    out = np.empty((rows, len(region), n), np.float32)
    modes.over_units(by_region.reshape(rows, regions, n), region, base.reshape(rows, len(region)), out)
    return out.reshape(*base.shape, n)


def totals(pools: Electorate, people: FloatArray, z: Any) -> tuple[Any, Any]:
    """Log of expected votes [U, n], and log-ratios [Q, U, n], at factors [n, F], in their type."""
    turnout = logistic(pools.turnout[:, None] + product(pools.turnout_load, z.T))
    ratios = [pools.preference[:, q, None] + product(pools.preference_load[:, q], z.T) for q in range(pools.n_ratios)]
    votes = [product(people, turnout * share) for share in preferences(np.stack(ratios))]
    whole = sum(votes[1:], start=votes[0])
    return log(whole), np.stack([log(part / votes[-1]) for part in votes[:-1]])


def total_gradients(pools: Electorate, people: FloatArray, z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gradients of both at one point: float64[U, F] and float64[Q, U, F]."""
    turnout = logistic(pools.turnout + product(pools.turnout_load, z))
    turns = [pools.preference_load[:, q] for q in range(pools.n_ratios)]
    share = preferences(np.stack([pools.preference[:, q] + product(turn, z) for q, turn in enumerate(turns)]))
    come = (1.0 - turnout)[:, None] * pools.turnout_load
    votes, slopes = [], []
    for k, of in enumerate(share):
        mine = people * (turnout * of)
        slopes.append(product(mine, come + _turn(share, turns, k)))
        votes.append(mine.sum(axis=1, keepdims=True))
    whole = sum(slopes[1:], start=slopes[0]) / sum(votes[1:], start=votes[0])
    last = slopes[-1] / votes[-1]
    return whole, np.stack([slope / of - last for slope, of in zip(slopes[:-1], votes[:-1], strict=True)])


def _turn(share: FloatArray, turns: list[FloatArray], k: int) -> FloatArray:
    """Derivatives float64[J, F] of the logarithm of a finalist's share, by the factors."""
    if len(turns) == 1:
        only: FloatArray = share[1][:, None] * turns[0] if k == 0 else -(share[0][:, None] * turns[0])
        return only
    away = [share[q][:, None] * turn for q, turn in enumerate(turns)]
    mean = sum(away[1:], start=away[0])
    result: FloatArray = turns[k] - mean if k < len(turns) else -mean
    return result


def stacked(log_votes: Any, odds: Any) -> Any:
    """Log votes [M, ...], then log-ratios [Q, M, ...], as rows [M + Q M, ...]."""
    return np.concatenate([log_votes, odds.reshape(len(odds) * len(log_votes), *odds.shape[2:])])


def cells(votes: Any, lean: Any, share: Any, by_mode: Any, steps: int = _ROOTS) -> tuple[Any, Any]:
    """Log votes [M, ...] and log-ratios [Q, M, ...] of each mode, from those of units [...] and [Q, ...], and modes'.

    A unit's modes add up to its votes and, within Newton's error, to its log-ratios.
    """
    if len(share) == 1:
        return votes[None], lean[:, None]
    if len(lean) == 1 and share.dtype == np.float32:
        return _of_two_narrow(votes, lean[0], share, by_mode[0], steps)
    weight = share - share.max(axis=0)
    log_votes = votes + weight
    weight = exp(weight)
    everything = weight.sum(axis=0)
    weight /= everything
    log_votes -= log(everything)
    if len(lean) > 1:
        return log_votes, _of_modes(lean, weight, by_mode, steps)
    odds = lean[0] - (weight * by_mode[0]).sum(axis=0) + by_mode[0]
    goal = logistic(lean[0])
    for _ in range(steps):
        rate = logistic(odds)
        rate_weight = weight * rate
        away = rate_weight.sum(axis=0) - goal
        rate_weight *= rate
        slope = away + goal - rate_weight.sum(axis=0)
        # where modes' shares are 0 or 1 to rounding nothing is left to shift: no step, and none into nowhere
        odds -= away / np.maximum(slope, _FLAT)
    return log_votes, odds[None]


def _of_two_narrow(votes: Any, lean: Any, share: Any, by_mode: Any, steps: int) -> tuple[Any, Any]:
    """The same of two finalists in float32, to the bit, in one pass."""
    from runoff.kernels import modes

    flat = len(share), votes.size
    log_votes, odds = np.empty((2, *flat), np.float32)
    scratch = np.empty((len(share) + modes.ROWS, modes.WIDTH), np.float32)
    votes, lean = (np.ascontiguousarray(part).reshape(votes.size) for part in (votes, lean))
    shares_of, leans = (np.ascontiguousarray(part).reshape(flat) for part in (share, by_mode))
    modes.cells_of_two(votes, lean, shares_of, leans, steps, scratch, log_votes, odds)
    return log_votes.reshape(share.shape), odds.reshape(1, *share.shape)


def _of_modes(lean: Any, weight: Any, by_mode: Any, steps: int) -> Any:
    """Log-ratios [Q, M, ...] of modes that add up to the unit's [Q, ...]; weight : their shares [M, ...] of votes."""
    odds = (lean - (weight * by_mode).sum(axis=1))[:, None] + by_mode
    goal = shares(lean)
    for _ in range(steps):
        rate = shares(odds)
        odds -= levelled(edges(weight, rate), (weight * rate).sum(axis=1) - goal)[:, None]
    return odds


def cell_gradients(lean: FloatArray, share: FloatArray, by_mode: FloatArray) -> FloatArray:
    """Derivatives float64[U, (1 + Q) M, 1 + Q + (1 + Q) M] of a unit's cells (log votes, then log-ratios).

    By its log votes, its log-ratios, modes' log-shares and modes' leans; c by implicit differentiation of
    sum over modes of share * shares(log-ratios) = shares(log-ratios of the unit).
    """
    ratios, (modes, units) = len(lean), share.shape
    if modes == 1:
        return np.tile(np.eye(1 + ratios), (units, 1, 1))
    _, odds = cells(np.zeros(units), lean, share, by_mode)
    weight = exp(share - share.max(axis=0))
    weight /= weight.sum(axis=0)
    result = np.zeros((units, (1 + ratios) * modes, (1 + ratios) * (1 + modes)))
    own, eye = slice(1 + ratios, 1 + ratios + modes), np.eye(modes)[None]
    result[:, :modes, 0] = 1.0
    result[:, :modes, own] = eye - weight.T[:, None, :]
    if ratios > 1:
        _ratio_gradients(result[:, modes:, 1:], weight, shares(odds), shares(lean))
        return result
    rate, goal = logistic(odds[0]), logistic(lean[0])
    slope = weight * rate * logistic(-odds[0])
    total = np.maximum(slope.sum(axis=0), _FLAT)
    leans = slice(2 + modes, 2 + 2 * modes)
    result[:, modes:, 1] = (goal * (1.0 - goal) / total)[:, None]
    result[:, modes:, own] = -(weight * (rate - goal) / total).T[:, None, :]
    result[:, modes:, leans] = eye - (slope / total).T[:, None, :]
    return result


def _ratio_gradients(result: FloatArray, weight: FloatArray, rate: FloatArray, goal: FloatArray) -> None:
    """Fill in derivatives float64[U, Q M, Q + M + Q M] of modes' log-ratios, by those of the unit and by modes.

    weight : float64[M, U].  rate : float64[K, M, U], modes' shares; goal : float64[K, U], the unit's.
    """
    ratios, modes = len(goal) - 1, len(weight)
    net = edges(weight, rate)
    move = [pushed(goal, q) for q in range(ratios)]
    move += [-weight[m] * (rate[:, m] - goal) for m in range(modes)]
    move += [-weight[m] * pushed(rate[:, m], q) for q in range(ratios) for m in range(modes)]
    common = levelled(net, np.stack(move, axis=1))  # [Q, inputs, U]
    result[:] = np.repeat(common.transpose(2, 0, 1), modes, axis=1)
    rows = np.arange(ratios * modes)
    result[:, rows, ratios + modes + rows] += 1.0
