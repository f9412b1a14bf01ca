"""A runoff's votes by unit and mode, as smooth functions of the factors and of what modes, regions and units do.

    log votes[u]      = log sum_j n[u, j] turnout[j](z)             + effects . x + a[u]
    log-odds[u]       = log of the ratio of both finalists' votes   + effects . x + b[u]
    log-share of mode = first round's + race's change + region's change + slope on lean + g[u, m], made to sum to 1
    lean of mode      = first round's + race's change + region's change + slope on lean + d[u, m] - c[u]

c[u] is such that the unit's modes add up to its log-odds: modes only tell where a unit's votes are found.  With
nothing reported the forecast is therefore the ordinary one, whatever modes may do.

x is the factors z followed by the night's own effects, all standard normals; a, b, g and d are the unit's own.
Modes come first in arrays, then units, then trials.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from runoff.model.electorate import Electorate
from runoff.phases.runoff_night.model.modes.slopes import ModeSlopes
from runoff.race import FloatArray, Int64Array

_MOST_ODDS = 80.0
_FLAT = 1e-6  # slope of a share by its log-odds, below which float32 has rounding only
_ROOTS = 3  # of Newton's steps for c; each squares the error, and the first one leaves less than 0.01


@dataclass(frozen=True, slots=True)
class NightModel:
    """What is known before the first vote.

    pools : the race's pools.  people : float64[U, J].  region : int64[U], from 0.
    names : of the effects, x without the factors; random numbers hang on them.
    turnout_effect, lean_effect : float64[U, C], on log votes and log-odds; C is factors and effects.
    votes_effect, preference_effect : float64[M, R, C], on the modes of each region.
    expected_votes, expected_lean : float64[U], what is added to log votes and log-odds beforehand: the slope on the
    first round's lean, and what keeps the mean votes of a unit where they would be without effects.
    base_votes, base_preference : float64[M, U], log-shares and leans of modes by the first round.
    slopes : what modes do with a unit's lean.
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
    expected_votes: FloatArray
    expected_lean: FloatArray
    base_votes: FloatArray
    base_preference: FloatArray
    slopes: ModeSlopes
    spread: FloatArray

    @property
    def n_modes(self) -> int:
        """M; 1 where votes are not told by mode."""
        return len(self.base_votes)

    def of_units(self, units: np.ndarray) -> NightModel:
        """The same of some units, places int64[n]."""
        return replace(
            self,
            people=self.people[units],
            region=self.region[units],
            turnout_effect=self.turnout_effect[units],
            lean_effect=self.lean_effect[units],
            expected_votes=self.expected_votes[units],
            expected_lean=self.expected_lean[units],
            base_votes=self.base_votes[:, units],
            base_preference=self.base_preference[:, units],
            slopes=self.slopes.of_units(units),
            spread=self.spread[:, units],
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
    """Log votes and log-odds [U, n], modes' log-shares and leans [M, U, n], at x [n, C]; all of x's type.

    Many trials are drawn with a model and x in float32 (`as_float32`).
    """
    votes, lean = totals(model.pools, model.people, x[:, : model.pools.n_factors])
    share = (model.votes_effect @ x.T)[:, model.region] + model.base_votes[:, :, None]
    by_mode = (model.preference_effect @ x.T)[:, model.region] + model.base_preference[:, :, None]
    model.slopes.add(share, by_mode, x)
    votes = votes + model.expected_votes[:, None] + model.turnout_effect @ x.T
    return votes, lean + model.expected_lean[:, None] + model.lean_effect @ x.T, share, by_mode


def totals(pools: Electorate, people: FloatArray, z: Any) -> tuple[Any, Any]:
    """Log of expected votes, and log-odds of the first of two finalists: float64[U, n] at factors float64[n, F]."""
    turnout = logistic(pools.turnout[:, None] + pools.turnout_load @ z.T)
    lean = pools.preference[:, :1] + pools.preference_load[:, 0] @ z.T
    ours, theirs = people @ (turnout * logistic(lean)), people @ (turnout * logistic(-lean))
    return np.log(ours + theirs), np.log(ours / theirs)


def total_gradients(pools: Electorate, people: FloatArray, z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Gradients of both at one point: float64[U, F] each."""
    turnout = logistic(pools.turnout + pools.turnout_load @ z)
    lean = pools.preference[:, 0] + pools.preference_load[:, 0] @ z
    share, other = logistic(lean), logistic(-lean)
    come = (1.0 - turnout)[:, None] * pools.turnout_load
    turn = pools.preference_load[:, 0]
    ours = people * (turnout * share)
    theirs = people * (turnout * other)
    d_ours = ours @ (come + other[:, None] * turn)
    d_theirs = theirs @ (come - share[:, None] * turn)
    ours, theirs = ours.sum(axis=1, keepdims=True), theirs.sum(axis=1, keepdims=True)
    return (d_ours + d_theirs) / (ours + theirs), d_ours / ours - d_theirs / theirs


def cells(votes: Any, lean: Any, share: Any, by_mode: Any, steps: int = _ROOTS) -> tuple[Any, Any]:
    """Log votes and log-odds of each mode: [M, ...] each, from those of units [...] and modes [M, ...].

    A unit's modes add up to its votes and, within Newton's error, to its log-odds.
    """
    if len(share) == 1:
        return votes[None], lean[None]
    weight = share - share.max(axis=0)
    log_votes = votes + weight
    np.exp(weight, out=weight)
    everything = weight.sum(axis=0)
    weight /= everything
    log_votes -= np.log(everything)
    odds = lean - (weight * by_mode).sum(axis=0) + by_mode
    goal = logistic(lean)
    for _ in range(steps):
        rate = logistic(odds)
        rate_weight = weight * rate
        away = rate_weight.sum(axis=0) - goal
        rate_weight *= rate
        slope = away + goal - rate_weight.sum(axis=0)
        # where modes' shares are 0 or 1 to rounding nothing is left to shift: no step, and none into nowhere
        odds -= away / np.maximum(slope, _FLAT)
    return log_votes, odds


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
    rate, goal = logistic(odds), logistic(lean)
    slope = weight * rate * logistic(-odds)
    total = np.maximum(slope.sum(axis=0), _FLAT)
    result = np.zeros((units, 2 * modes, 2 + 2 * modes))
    own, eye = slice(2, 2 + modes), np.eye(modes)[None]
    leans = slice(2 + modes, 2 + 2 * modes)
    result[:, :modes, 0] = 1.0
    result[:, :modes, own] = eye - weight.T[:, None, :]
    result[:, modes:, 1] = (goal * (1.0 - goal) / total)[:, None]
    result[:, modes:, own] = -(weight * (rate - goal) / total).T[:, None, :]
    result[:, modes:, leans] = eye - (slope / total).T[:, None, :]
    return result


def logistic(x: Any) -> Any:
    """1 / (1 + exp(-x)), never 0, in the type of x: log-odds beyond 80 are 80, of which float32 still has the share."""
    result = np.clip(x, -_MOST_ODDS, _MOST_ODDS)
    np.negative(result, out=result)
    np.exp(result, out=result)
    result += 1.0
    return np.divide(1.0, result, out=result)
