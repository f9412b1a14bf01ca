"""Rates of pools whose runoff margin has a given mean and spread: the archive's law, said in the model's own words.

The archive sees totals, the model draws pools.  So pools begin where their relation puts them, and are then moved
together towards one finalist, each by so many of its standard deviations, and their spreads widened or narrowed
together, until the margin that they imply has the mean and the standard deviation that the archive's law says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from runoff.estimate.logistic import logistic
from runoff.race import FloatArray, Int64Array

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(31)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()
_FEW_NODES, _FEW_WEIGHTS = np.polynomial.hermite_e.hermegauss(9)
_FEW_WEIGHTS = _FEW_WEIGHTS / _FEW_WEIGHTS.sum()
_LEAST, _MOST = 0.02, 6.0  # of what all spreads are multiplied by
_FURTHEST = 6.0  # standard deviations that pools are moved by
_ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Pools:
    """J pools in log-odds: people, turnout and its spreads, preference for the first finalist and its spread.

    All are float64[J], but for bloc : int64[J], whose pools share a part.  turnout_shared : sd that all pools share;
    turnout_own : the rest's.
    parts : of a preference's variance that all pools share, a bloc's share, and the pool's own.
    enthusiasm : correlation of what turnouts do not share with preference (docs/model.md).
    """

    people: FloatArray
    bloc: Int64Array
    turnout: FloatArray
    turnout_shared: FloatArray
    turnout_own: FloatArray
    preference: FloatArray
    preference_sd: FloatArray
    parts: tuple[float, float, float]
    enthusiasm: float = 0.0


@dataclass(frozen=True, slots=True)
class Margin:
    """Mean and sd of the first finalist's margin, and what the mean gains where all pools move by one of their sds."""

    mean: float
    sd: float
    slope: float


def margin_of(pools: Pools) -> Margin:
    """The margin that pools imply.

    Given what all turnouts share, at the nodes of a quadrature, means are exact and the variance is by statistical
    linearization; the whole variance is the mean of those and the variance of the means.
    """
    odds = logistic(pools.preference[:, None] + pools.preference_sd[:, None] * _NODES)
    p = odds @ _WEIGHTS
    slope = (odds * (1.0 - odds)) @ _WEIGHTS
    left_over = np.maximum(((odds - p[:, None]) ** 2) @ _WEIGHTS - (slope * pools.preference_sd) ** 2, 0.0)
    at = pools.turnout + pools.turnout_shared * _FEW_NODES[:, None]
    back = logistic(at[:, :, None] + pools.turnout_own[:, None] * _FEW_NODES)
    mean, variance, moved = _given(pools, back, p, slope, left_over)
    middle = float(_FEW_WEIGHTS @ mean)
    whole = float(_FEW_WEIGHTS @ (variance + (mean - middle) ** 2))
    return Margin(middle, float(np.sqrt(whole)), float(_FEW_WEIGHTS @ moved))


def _given(
    pools: Pools, back: FloatArray, p: FloatArray, slope: FloatArray, left_over: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Means, variances and slopes of the margin, float64[n] each, where turnouts share what they do at n nodes.

    back : float64[n, J, nodes], those who come then.
    """
    turnout, gained = back @ _FEW_WEIGHTS, (back * (1.0 - back)) @ _FEW_WEIGHTS  # [n, J]
    share = pools.people * turnout / (turnout @ pools.people)[:, None]
    mean = share @ (2.0 * p - 1.0)
    moved = 2.0 * share * slope * pools.preference_sd
    more = share * pools.turnout_own * gained / turnout  # of the race's votes
    gone = more * (2.0 * p - 1.0 - mean[:, None])
    member = (pools.bloc[:, None] == np.arange(pools.bloc.max() + 1)).astype(np.float64)
    variance = (4.0 * share**2) @ left_over
    if not pools.enthusiasm:
        variance += _shared(moved, member, pools.parts) + _shared(gone, member, (0.0, 0.5, 0.5))
        return mean, variance, moved.sum(axis=1)
    with_ = pools.enthusiasm * np.tanh(0.5 * pools.preference)
    both = np.sqrt(pools.parts[0] + pools.parts[1])
    variance += _shared(moved + gone * with_ / both, member, (*pools.parts[:2], 0.0))
    variance += pools.parts[2] * (moved**2).sum(axis=1)
    variance += _shared(gone * np.sqrt(1.0 - with_**2), member, (0.0, 0.5, 0.5))
    # who comes chooses otherwise: of each pool, less what more votes of a side take from the mean
    coming = more * with_ / both
    mean += both**2 * (coming / share * moved).sum(axis=1)
    mean -= pools.parts[0] * coming.sum(axis=1) * moved.sum(axis=1)
    mean -= pools.parts[1] * ((coming @ member) * (moved @ member)).sum(axis=1)
    return mean, variance, moved.sum(axis=1)


def _shared(moved: FloatArray, member: FloatArray, parts: tuple[float, float, float]) -> FloatArray:
    """Variances float64[n] of sums of terms float64[n, J] with a part in common, a part by bloc, and one of their own.

    member : float64[J, B], 1 where a pool is of a bloc.
    """
    common = parts[0] * moved.sum(axis=1) ** 2 + parts[1] * ((moved @ member) ** 2).sum(axis=1)
    found: FloatArray = common + parts[2] * (moved**2).sum(axis=1)
    return found


def matched(pools: Pools, mean: float, sd: float) -> Pools:
    """The pools, moved and spread until their margin has this mean and sd, or as near as the limits allow."""
    wide, moved = 1.0, 0.0
    found = pools
    for _ in range(_ROUNDS):
        found = _scaled(pools, wide, moved)
        margin = margin_of(found)
        if abs(margin.mean - mean) < 1e-7 and abs(margin.sd / sd - 1.0) < 1e-6:
            break
        wide = min(max(wide * min(max(sd / margin.sd, 0.5), 2.0), _LEAST), _MOST)
        step = (mean - margin.mean) / max(margin.slope, 1e-6)
        most = 0.5 / min(wide, 1.0)
        moved = min(max(moved + min(max(step, -most), most), -_FURTHEST / wide), _FURTHEST / wide)
    return found


def _scaled(pools: Pools, wide: float, moved: float) -> Pools:
    sd = pools.preference_sd * wide
    return replace(
        pools, preference=pools.preference + moved * sd, preference_sd=sd, turnout_own=pools.turnout_own * wide
    )
