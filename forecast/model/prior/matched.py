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
    found = [_given(pools, given, p, slope, left_over) for given in back]
    means, variances, slopes = (np.array(values) for values in zip(*found, strict=True))
    mean = float(_FEW_WEIGHTS @ means)
    variance = float(_FEW_WEIGHTS @ (variances + (means - mean) ** 2))
    return Margin(mean, float(np.sqrt(variance)), float(_FEW_WEIGHTS @ slopes))


def _given(
    pools: Pools, back: FloatArray, p: FloatArray, slope: FloatArray, left_over: FloatArray
) -> tuple[float, float, float]:
    """Mean, variance and slope of the margin where turnouts share something: back float64[J, nodes] come then."""
    turnout, gained = back @ _FEW_WEIGHTS, (back * (1.0 - back)) @ _FEW_WEIGHTS
    share = pools.people * turnout / (pools.people @ turnout)
    mean = float(share @ (2.0 * p - 1.0))
    moved = 2.0 * share * slope * pools.preference_sd
    more = share * pools.turnout_own * gained / turnout  # of the race's votes
    gone = more * (2.0 * p - 1.0 - mean)
    variance = float((4.0 * share**2 * left_over).sum())
    if not pools.enthusiasm:
        variance += _shared(moved, pools.bloc, pools.parts) + _shared(gone, pools.bloc, (0.0, 0.5, 0.5))
        return mean, variance, float(moved.sum())
    with_ = pools.enthusiasm * np.tanh(0.5 * pools.preference)
    both = np.sqrt(pools.parts[0] + pools.parts[1])
    variance += _shared(moved + gone * with_ / both, pools.bloc, (*pools.parts[:2], 0.0))
    variance += pools.parts[2] * float(moved @ moved)
    variance += _shared(gone * np.sqrt(1.0 - with_**2), pools.bloc, (0.0, 0.5, 0.5))
    # who comes chooses otherwise: of each pool, less what more votes of a side take from the mean
    coming = more * with_ / both
    mean += both**2 * float((coming / share) @ moved)
    mean -= pools.parts[0] * float(coming.sum() * moved.sum())
    mean -= pools.parts[1] * float(np.bincount(pools.bloc, coming) @ np.bincount(pools.bloc, moved))
    return mean, variance, float(moved.sum())


def _shared(moved: FloatArray, bloc: Int64Array, parts: tuple[float, float, float]) -> float:
    """The variance of a sum whose terms have a part in common, a part by bloc, and one of their own."""
    by_bloc = np.bincount(bloc, moved)
    return float(parts[0] * moved.sum() ** 2 + parts[1] * (by_bloc @ by_bloc) + parts[2] * (moved @ moved))


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
