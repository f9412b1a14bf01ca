"""Log-odds bent back, so that slopes and effects of units leave a pool's rate over the race as it was.

A pool's rate over the race is a mean of logistics over its units.  The slope and the units' effects would bend it, so
each pool's log-odds L are bent back: with L' = q0 + q1 d + ... + q4 d^4 and d = L - location, where q hangs on the
trial's slope, the mean of logistic(L' + slope x[u] + effect) over the pool's people is the logistic of L.  q is found
by inverting the mean at a few L and slopes, and kept as polynomials in the slope's normal (`runoff.kernels.places`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from runoff.arithmetic.chances import normal_nodes
from runoff.arithmetic.functions import exp
from runoff.arithmetic.matrices import eigen, product, solve
from runoff.estimate.logistic import logistic
from runoff.kernels.places import MOST_NORMAL, POWERS, TERMS
from runoff.model.pools import own_parts
from runoff.model.rates import apart
from runoff.race import FloatArray
from runoff.simulate.inputs import contrast
from runoff.simulate.places.effects import Effects, effects, leans_by_row, slopes

if TYPE_CHECKING:
    from runoff.model.pools import Model
    from runoff.race import Rate

_BINS = 64  # of units by lean, over which a pool's people are averaged
_NODES = 9  # slopes at which log-odds are bent
_LEVELS = np.array([-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0])  # standard deviations of log-odds at which they are
_STEPS = 8  # of Newton's method
_MOST_LOGIT = 14.0


@dataclass(frozen=True, slots=True)
class Bends:
    """What keeps the pools' rates over the race.

    q : float64[J, K, POWERS, TERMS], polynomials in the slope's normal over MOST_NORMAL, lowest power first.
    cross : float64[J, K - 1, 2], what both slopes do together, undone: where turnout has the slope s' on x, those who
        come lean by (1 - turnout) s' var(x) more than the pool's people; at the mean slope of preference and by its
        normal.
    error : float64[J], mean distance of the rates from what was said, turnout's and preferences' added up.
    """

    q: FloatArray
    cross: FloatArray
    error: FloatArray


def bends(model: Model) -> Bends:
    """The bends of a model with places in several units."""
    sides, lean, slope = effects(model), leans_by_row(model), slopes(model)
    weight, leans, variance = _binned(model.people.astype(np.float64), lean, sides)
    moved = [np.diag(side.covariance(model.people.astype(np.float64))) for side in sides]
    beside = np.array([math.sqrt(0.5)] + [0.5] * (_NODES - 2))
    nodes = eigen(np.diag(beside, 1) + np.diag(beside, -1))[0][::-1]  # Chebyshev's: cosines of half steps
    powers = np.vander(nodes, TERMS, increasing=True)
    to_powers = solve(product(powers.T, powers), powers.T)
    chance = exp(-0.5 * (MOST_NORMAL * nodes) ** 2) * np.sqrt(1.0 - nodes**2)  # of a slope near each node
    chance /= chance.sum()
    alone = own_parts(model)
    found = np.zeros((len(model.pools), lean.shape[1], POWERS, TERMS))
    cross, error = np.zeros((len(model.pools), lean.shape[1] - 1, 2)), np.zeros(len(model.pools))
    for j, pool in enumerate(model.pools):
        people = weight[:, j]
        for side, rate, of in ((0, pool.turnout, slice(0, 1)), (1, pool.preference, slice(1, None))):
            at = slope[of, 0] + MOST_NORMAL * nodes[:, None] * slope[of, 1]  # [n, K - 1]
            # the pool's own part makes room for its mean effect, as far as it is wide enough
            own = float(alone[side][j]) * float(np.sum(np.square(apart(rate)[0])))
            around = np.maximum(variance[side][:, j] - min(moved[side][j], own), 0.0)
            q, away = _bent_back(rate, at, people, leans[:, j, of], around)
            found[j, of] = product(to_powers, q.transpose(1, 0, 2)).transpose(0, 2, 1)
            error[j] += (away * chance).sum()
            if side == 0:  # those who choose are those who come
                people = people * _who_come(found[j, 0], slope[0, 1] * leans[:, j, 0])
                people = people / people.sum()
        away = leans[:, j] - product(people, leans[:, j])
        together = product(people * away[:, 0], away[:, 1:])
        cross[j] = -(1.0 - logistic(np.array(pool.turnout.location[0]))) * slope[0, 1] * together[:, None] * slope[1:]
    return Bends(found, cross, error)


def bending_error(model: Model) -> FloatArray:
    """How far each pool's mean rates over the race may be from what was said, both added up: float64[J]."""
    alone = model.people.shape[0] == 1 or model.places.flat
    return np.zeros(len(model.pools)) if alone else bends(model).error


def _who_come(q: FloatArray, shift: FloatArray) -> FloatArray:
    """Mean turnout [B] over slopes at one sd to either side; q float64[POWERS, TERMS], shift float64[B] at one sd."""
    rate = np.zeros(len(shift))
    for z in (-1.0, 1.0):
        powers = np.vander([z / MOST_NORMAL], TERMS, increasing=True)[0]
        rate += 0.5 * logistic((q[0] * powers).sum() + z * shift)
    return rate


def _binned(
    people: FloatArray, lean: FloatArray, sides: tuple[Effects, Effects]
) -> tuple[FloatArray, FloatArray, tuple[FloatArray, FloatArray]]:
    """Units in bins of like lean: weights [B, J], mean leans [B, J, K], variances [B, J] of each side; float64."""
    order = np.argsort(lean[:, -1], kind="stable")
    upto = np.cumsum(people.sum(axis=1)[order])
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order)) if len(order) <= _BINS else np.minimum(upto / upto[-1] * _BINS, _BINS - 1)

    def summed(values: FloatArray) -> FloatArray:
        result = np.zeros((_BINS, *values.shape[1:]))
        np.add.at(result, place, values)
        return result

    whole = summed(people)
    mean = summed(people[:, :, None] * lean[:, None, :]) / np.maximum(whole, 1e-300)[:, :, None]
    spread = [summed(people * side.variance[:, None]) / np.maximum(whole, 1e-300) for side in sides]
    return whole / np.maximum(whole.sum(axis=0), 1e-300), mean, (spread[0], spread[1])


def _bent_back(
    rate: Rate, at: FloatArray, weight: FloatArray, lean: FloatArray, variance: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Coefficients q float64[n, K - 1, POWERS] of a pool at slopes `at` float64[n, K - 1], and their error float64[n].

    weight : float64[B]; lean : float64[B, K - 1]; variance : float64[B].
    """
    location, scale = np.array(rate.location), np.array(rate.scale)
    ratios = location.size
    levels = np.concatenate([location + np.outer(_LEVELS, column) for column in scale.T])  # [P, K - 1]
    levels = np.clip(levels, -_MOST_LOGIT, _MOST_LOGIT)
    nodes, node_weight = _nodes(ratios)
    shift = at[:, None, None, :] * lean[:, None, :] + np.sqrt(variance)[:, None, None] * nodes  # [n, B, N, K - 1]
    part = (weight[:, None] * node_weight).reshape(-1)
    shift = shift.reshape(len(at), -1, ratios)
    bent = _inverted(_shares(levels), shift, part, np.repeat(levels[None], len(at), axis=0))
    q, error = np.empty((len(at), ratios, POWERS)), np.zeros(len(at))
    chance = np.tile(exp(-0.5 * _LEVELS**2), ratios)
    for k in range(ratios):
        share = _shares(levels)[:, k]
        slope = share * (1.0 - share)
        density = np.sqrt(chance) * slope + 1e-9
        design = np.vander(levels[:, k] - location[k], POWERS, increasing=True) * density[:, None]
        normal = solve(product(design.T, design) + 1e-18 * np.eye(POWERS), design.T)
        q[:, k] = product(bent[:, :, k] * density, normal.T)
        error += product(np.abs((product(q[:, k], design.T) / density - bent[:, :, k]) * slope), chance) / chance.sum()
    return q, error


def _nodes(ratios: int) -> tuple[FloatArray, FloatArray]:
    """Gauss and Hermite's nodes float64[N, K - 1] of the local effects, and their weights."""
    at, weight = normal_nodes(5 if ratios == 1 else 3)
    grid = np.stack(np.meshgrid(*[at] * ratios, indexing="ij"), axis=-1).reshape(-1, ratios)
    weights = np.prod(np.stack(np.meshgrid(*[weight] * ratios, indexing="ij"), axis=-1), axis=-1)
    return product(grid, contrast(ratios).T), weights.reshape(-1)


def _shares(ratios: FloatArray) -> FloatArray:
    """Shares float64[..., K - 1] of all but the last, from log-ratios to it."""
    odds = exp(np.clip(ratios, -60.0, 60.0))
    result: FloatArray = odds / (1.0 + odds.sum(axis=-1, keepdims=True))
    return result


def _inverted(goal: FloatArray, shift: FloatArray, weight: FloatArray, start: FloatArray) -> FloatArray:
    """Log-ratios float64[n, P, K - 1] whose mean shares over shifts float64[n, M, K - 1] are goal float64[P, K - 1]."""
    at = start.copy()
    eye = np.eye(goal.shape[1])
    for _ in range(_STEPS):
        share = _shares(at[:, :, None, :] + shift[:, None])  # [n, P, M, K - 1]
        turned = share.transpose(0, 1, 3, 2)
        mean = product(turned, weight)
        slope = mean[..., None] * eye - product(turned * weight, share)
        step = solve(slope + 1e-12 * eye, (goal - mean)[..., None])[..., 0]
        at += np.clip(step, -1.0, 1.0)
    return at
