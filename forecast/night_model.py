"""A runoff's votes by unit and mode, as smooth functions of the factors and of what modes, regions and units do.

    log votes[u]      = log sum_j n[u, j] turnout[j](z)             + effects . x + a[u]
    log-odds[u]       = log of the ratio of both finalists' votes   + effects . x + b[u]
    log-share of mode = first round's + race's change + region's change + g[u, m], made to sum to 1
    lean of mode      = first round's + race's change + region's change + d[u, m] - c[u]

c[u] is such that the unit's modes add up to its log-odds: modes only tell where a unit's votes are found.  With
nothing reported the forecast is therefore the ordinary one, whatever modes may do.

x is the factors z followed by the night's own effects, all standard normals; a, b, g and d are the unit's own.
Modes come first in arrays, then units, then trials.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecast.electorate import Electorate
from forecast.race import FloatArray, Int64Array

_ROOTS = 3  # of Newton's steps for c; each squares the error, and the first one leaves less than 0.01


@dataclass(frozen=True, slots=True)
class NightModel:
    """What is known before the first vote.

    pools : the race's pools.  people : float64[U, J].  region : int64[U], from 0.
    names : of the effects, x without the factors; random numbers hang on them.
    turnout_effect, lean_effect : float64[U, C], on log votes and log-odds; C is factors and effects.
    votes_effect, preference_effect : float64[M, R, C], on the modes of each region.
    base_votes, base_preference : float64[M, U], log-shares and leans of modes by the first round.
    spread : float64[2 + 2 M, U] (2 where there is one mode), prior standard deviations of a, b, g, d.
    """

    pools: Electorate
    people: FloatArray
    region: Int64Array
    names: tuple[str, ...]
    turnout_effect: FloatArray
    lean_effect: FloatArray
    votes_effect: FloatArray
    preference_effect: FloatArray
    base_votes: FloatArray
    base_preference: FloatArray
    spread: FloatArray

    @property
    def n_modes(self) -> int:
        """M; 1 where votes are not told by mode."""
        return len(self.base_votes)

    @property
    def n_common(self) -> int:
        """C, factors and effects."""
        return int(self.turnout_effect.shape[1])


def lines(model: NightModel, x: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Log votes and log-odds float64[U, n], modes' log-shares and leans float64[M, U, n], at x float64[n, C]."""
    votes, lean = totals(model.pools, model.people, x[:, : model.pools.n_factors])
    share = (model.votes_effect @ x.T)[:, model.region] + model.base_votes[:, :, None]
    by_mode = (model.preference_effect @ x.T)[:, model.region] + model.base_preference[:, :, None]
    return votes + model.turnout_effect @ x.T, lean + model.lean_effect @ x.T, share, by_mode


def totals(pools: Electorate, people: FloatArray, z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Log of expected votes, and log-odds of the first of two finalists: float64[U, n] at factors float64[n, F]."""
    turnout = _logistic(pools.turnout[:, None] + pools.turnout_load @ z.T)
    first = turnout * _logistic(pools.preference[:, :1] + pools.preference_load[:, 0] @ z.T)
    ours, theirs = people @ first, people @ (turnout - first)
    return np.log(ours + theirs), np.log(ours / theirs)


def total_gradients(pools: Electorate, people: FloatArray, z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gradients of both at one point: float64[U, F] each."""
    turnout = _logistic(pools.turnout + pools.turnout_load @ z)
    share = _logistic(pools.preference[:, 0] + pools.preference_load[:, 0] @ z)
    come = (1.0 - turnout)[:, None] * pools.turnout_load
    turn = pools.preference_load[:, 0]
    ours = people * (turnout * share)
    theirs = people * (turnout * (1.0 - share))
    d_ours = ours @ (come + (1.0 - share)[:, None] * turn)
    d_theirs = theirs @ (come - share[:, None] * turn)
    ours, theirs = ours.sum(axis=1, keepdims=True), theirs.sum(axis=1, keepdims=True)
    return (d_ours + d_theirs) / (ours + theirs), d_ours / ours - d_theirs / theirs


def cells(
    votes: FloatArray, lean: FloatArray, share: FloatArray, by_mode: FloatArray, steps: int = _ROOTS
) -> tuple[FloatArray, FloatArray]:
    """Log votes and log-odds of each mode: float64[M, ...] each, from those of units and modes.

    A unit's modes add up to its votes and, within Newton's error, to its log-odds.
    """
    if len(share) == 1:
        return votes[None], lean[None]
    log_share = share - share.max(axis=0)
    weight = np.exp(log_share)
    everything = weight.sum(axis=0)
    weight /= everything
    shift = (weight * by_mode).sum(axis=0)
    goal = _logistic(lean)
    for _ in range(steps):
        rate = _logistic(lean + by_mode - shift)
        part = weight * rate
        shift = shift + (part.sum(axis=0) - goal) / (part - part * rate).sum(axis=0)
    return votes + log_share - np.log(everything), lean + by_mode - shift


def cell_gradients(lean: FloatArray, share: FloatArray, by_mode: FloatArray) -> FloatArray:
    """Derivatives float64[U, 2 M, 2 + 2 M] of a unit's cells (log votes, then log-odds).

    By its log votes, its log-odds, modes' log-shares and modes' leans; c by implicit differentiation of
    sum over modes of share * logistic(log-odds) = logistic(log-odds of the unit).
    """
    modes, units = share.shape
    if modes == 1:
        return np.tile(np.eye(2), (units, 1, 1))
    _, odds = cells(np.zeros(units), lean, share, by_mode)
    weight = np.exp(share - share.max(axis=0))
    weight /= weight.sum(axis=0)
    rate, goal = _logistic(odds), _logistic(lean)
    slope = weight * rate * (1.0 - rate)
    total = slope.sum(axis=0)
    result = np.zeros((units, 2 * modes, 2 + 2 * modes))
    own, eye = slice(2, 2 + modes), np.eye(modes)[None]
    leans = slice(2 + modes, 2 + 2 * modes)
    result[:, :modes, 0] = 1.0
    result[:, :modes, own] = eye - weight.T[:, None, :]
    result[:, modes:, 1] = (goal * (1.0 - goal) / total)[:, None]
    result[:, modes:, own] = -(weight * (rate - goal) / total).T[:, None, :]
    result[:, modes:, leans] = eye - (slope / total).T[:, None, :]
    return result


def _logistic(x: FloatArray) -> FloatArray:
    result: FloatArray = 0.5 + 0.5 * np.tanh(0.5 * x)
    return result
