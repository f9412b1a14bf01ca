"""What units have of their own, in the kernel's arrays, without moving a pool's rate over the race.

A pool's rate over the race is a mean of logistics over its units.  The slope and the units' effects would bend it, so
each pool's log-odds L are bent back: with L' = q0 + q1 d + ... + q4 d^4 and d = L - location, where q hangs on the
trial's slope, the mean of logistic(L' + slope x[u] + effect) over the pool's people is the logistic of L.  q is found
by inverting the mean at a few L and slopes, and kept as polynomials in the slope's normal (`runoff.kernels.places`).

Units' effects add up to nothing, weighted by people, as do regions': the normal with D the diagonal of their variances
and w the weights, given w . e = 0.  It is drawn in one pass (units in order, S the sum of w e so far, R[u] that of
w^2 D from u on):      e[u] = -w[u] D[u] / R[u] S + sqrt(D[u] (1 - w[u]^2 D[u] / R[u])) normal
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from runoff.estimate.logistic import logistic
from runoff.kernels.places import MOST_NORMAL, POWERS, TERMS
from runoff.kernels.streams import Purpose, stream
from runoff.model.places import leans, size_factors
from runoff.race import FloatArray

if TYPE_CHECKING:
    from runoff.kernels.arrays import Inputs
    from runoff.model.pools import Model
    from runoff.race import Rate

_BINS = 64  # of units by lean, over which a pool's people are averaged
_NODES = 9  # slopes at which log-odds are bent
_LEVELS = np.array([-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0])  # standard deviations of log-odds at which they are
_STEPS = 8  # of Newton's method
_MOST_TURNOUT = 0.5  # sd of a unit's turnout in log-odds
_GRID = 2.0**20  # numbers are rounded to it: libraries differ in their last bits
_MOST_LOGIT = 14.0


@dataclass(frozen=True, slots=True)
class Effects:
    """What units and regions have of their own on one side, turnout or preference, all weighted by people.

    unit, region : float64[U] and float64[R], standard deviations; nought where [factors] says it.
    of : int64[U], each unit's region.  weight : float64[U], its part of the people.
    """

    unit: FloatArray
    region: FloatArray
    of: np.ndarray
    weight: FloatArray

    @property
    def region_weight(self) -> FloatArray:
        """Each region's part of the people: float64[R]."""
        result: FloatArray = np.bincount(self.of, self.weight, self.region.size).astype(np.float64)
        return result

    @property
    def variance(self) -> FloatArray:
        """Of a unit's effect with its region's: float64[U]."""
        result: FloatArray = (
            _given_nothing(self.unit, self.weight) + _given_nothing(self.region, self.region_weight)[self.of]
        )
        return result

    def covariance(self, people: FloatArray) -> FloatArray:
        """Of the pools' mean effects, float64[J, J], with `people` float64[U, J]: what centring leaves of them."""
        share = people / np.maximum(people.sum(axis=0), 1.0)
        by_region = np.zeros((self.region.size, people.shape[1]))
        np.add.at(by_region, self.of, share)
        return _mean_effect(share, self.unit, self.weight) + _mean_effect(by_region, self.region, self.region_weight)


def _given_nothing(sd: FloatArray, weight: FloatArray) -> FloatArray:
    """Variances of independent normals given that their weighted sum is nought."""
    moved = weight * sd**2
    whole = float((weight * moved).sum())
    result: FloatArray = sd**2 - (moved**2 / whole if whole > 0.0 else 0.0)
    return np.maximum(result, 0.0)


def _mean_effect(share: FloatArray, sd: FloatArray, weight: FloatArray) -> FloatArray:
    moved = (weight * sd**2) @ share
    whole = float(weight**2 @ sd**2)
    found: FloatArray = (share * (sd**2)[:, None]).T @ share
    return found - (np.outer(moved, moved) / whole if whole > 0.0 else 0.0)


def effects(model: Model) -> tuple[Effects, Effects]:
    """Own effects of turnout and of preference."""
    first, places = model.first_round, model.places
    names = {name: r for r, name in enumerate(dict.fromkeys(first.regions))}
    of = np.array([names[name] for name in first.regions])
    weight = model.people.sum(axis=1) / model.people.sum()
    factor = size_factors(first)
    come = logit_of_votes(model)
    sides = []
    for said in ((places.turnout_spread or 0.0) * come, places.spread or 0.0):
        sd = said * factor
        parted = 1 < len(names) < len(factor)
        region = np.full(len(names), np.sqrt(weight @ sd**2 / 2.0)) if parted else np.zeros(len(names))
        sides.append(Effects(sd * np.sqrt(0.5) if parted else sd, region, of, weight))
    return sides[0], sides[1]


def mean_effects(model: Model) -> tuple[FloatArray, FloatArray]:
    """Covariances float64[J, J] of what places do to the pools' turnouts, and to preferences among those who come.

    Centring leaves what pools that live apart from others have.  And who comes where they lean changes what is chosen:
    a pool's log-ratio moves by (1 - turnout) times the covariance, over its people, of both sides' effects.  Of two
    people of pools j and l the expected product of both sides' covariances is what that has in common.
    """
    people = model.people.astype(np.float64)
    share = people / np.maximum(people.sum(axis=0), 1.0)
    turnout, preference = effects(model)
    moved = turnout.covariance(people), preference.covariance(people)
    if model.places.flat or len(share) == 1:
        return moved
    lean, slope = _leans_by_row(model)[:, 1:].mean(axis=1), (_slopes(model)[:2] ** 2).sum(axis=1)
    flatter = [  # a mean of logistics over a spread is flatter than each
        1.0 / (1.0 + np.pi / 8.0 * float(side.weight @ (side.variance + square * lean**2)))
        for side, square in zip((turnout, preference), slope, strict=True)
    ]
    away = share * (lean[:, None] - (share * lean[:, None]).sum(axis=0))
    in_regions = np.zeros((turnout.region.size, 2, share.shape[1]))
    np.add.at(in_regions, turnout.of, np.stack([share, away], axis=1))
    in_region, leaning = in_regions[:, 0], in_regions[:, 1]
    weight = turnout.region_weight / np.sqrt((turnout.region_weight**2).sum())
    units, regions = (turnout.unit**2, preference.unit**2), (turnout.region**2, preference.region**2)
    apart = (units[0] + regions[0][turnout.of]) * (units[1] + regions[1][turnout.of])
    apart -= (regions[0] * regions[1])[turnout.of]
    twice = weight**2 @ in_region
    both = share.T @ (apart[:, None] * share)
    both += float(regions[0].max() * regions[1].max()) * (
        in_region.T @ ((1.0 - 2.0 * weight**2)[:, None] * in_region) + np.outer(twice, twice)
    )
    for square, unit, region in zip(slope, units[::-1], regions[::-1], strict=True):
        both += square * (away.T @ (unit[:, None] * away))
        both += square * float(region.max()) * (leaning.T @ leaning - np.outer(weight @ leaning, weight @ leaning))
    stay = 1.0 - logistic(np.array([pool.turnout.location[0] for pool in model.pools]))
    both *= flatter[0] * flatter[1] * np.outer(stay, stay)
    return flatter[0] * moved[0], flatter[1] * moved[1] + both


def logit_of_votes(model: Model) -> float:
    """Log-odds of turnout that move the race's votes by one in logarithm, at the mean rates; held to what is sane."""
    rate = logistic(np.array([pool.turnout.location[0] for pool in model.pools]))
    voters = np.array([pool.people for pool in model.pools]) * rate
    stay = float(voters @ (1.0 - rate) / max(voters.sum(), 1e-300))
    most = max(model.places.turnout_spread or 0.0, model.places.turnout_slope_sd, 1e-9)
    return min(1.0 / max(stay, 1e-9), _MOST_TURNOUT / most)


def with_places(inputs: Inputs, model: Model) -> Inputs:
    """The arrays of units drawn one by one, with what they have of their own."""
    units = model.people.shape[0]
    if units == 1 or model.places.flat:
        return inputs
    (turnout, preference), lean, slope = effects(model), _leans_by_row(model), _slopes(model)
    scale, pull, weight = inputs.unit_scale.copy(), np.zeros((units, 2)), turnout.weight
    for side, of in enumerate((turnout, preference)):
        if of.unit.any():
            scale[:, 2 + side], pull[:, side] = _in_one_pass(of.unit, weight)
        if of.region.any():
            scale[:, side] = of.region[of.of]
    inputs, found = _with_regions(less_own(inputs, model), model, (turnout, preference)), bends(model)
    first = inputs.factor_stream.size
    kinds = (Purpose.SLOPE_TURNOUT, Purpose.SLOPE_PREFERENCE)
    return inputs._replace(
        factor_stream=np.concatenate([inputs.factor_stream, [stream(kind) for kind in kinds]]),
        slope_factor=np.array([first, first + 1], np.int64),
        lean=_rounded(lean[:, :, None] * slope),
        unit_scale=_rounded(scale),
        drift=_rounded(np.column_stack([weight * units, pull])),
        bend=_rounded(found.q),
        cross=_rounded(found.cross),
    )


def less_own(inputs: Inputs, model: Model) -> Inputs:
    """The arrays with the pools' own loads less what their places add, so that what was said stays the whole.

    A pool that lives where others do not is moved by its places' effects, which centring over the race leaves.
    """
    turnout, preference = (np.diag(effect) for effect in mean_effects(model))
    loads = inputs.turnout_load.astype(np.float64), inputs.preference_load.astype(np.float64)
    variances = loads[0][:, 2] ** 2, (loads[1][:, 2, 0] ** 2).sum(axis=1)
    left = [
        np.sqrt(np.clip(1.0 - moved / np.maximum(variance, 1e-300), 0.0, 1.0))
        for moved, variance in zip((turnout, preference), variances, strict=True)
    ]
    loads[0][:, 2] *= left[0]
    loads[1][:, 2] *= left[1][:, None, None]
    return inputs._replace(turnout_load=loads[0].astype(np.float32), preference_load=loads[1].astype(np.float32))


def bending_error(model: Model) -> FloatArray:
    """How far each pool's mean rates over the race may be from what was said, both added up: float64[J]."""
    alone = model.people.shape[0] == 1 or model.places.flat
    return np.zeros(len(model.pools)) if alone else bends(model).error


def _leans_by_row(model: Model) -> FloatArray:
    """Leans float64[U, K] around their mean over people; turnout, first, goes with the first finalist's."""
    lean = leans(model.first_round, model.finalists)
    lean -= model.people.sum(axis=1) @ lean / model.people.sum()
    return np.concatenate([lean[:, :1], lean], axis=1)


def _slopes(model: Model) -> FloatArray:
    """Mean and sd of the slopes on them: float64[K, 2]."""
    places, come = model.places, logit_of_votes(model)
    return np.array(
        [[0.0, places.turnout_slope_sd * come]] + [[places.slope, places.slope_sd]] * (len(model.finalists) - 1)
    )


def _with_regions(inputs: Inputs, model: Model, sides: tuple[Effects, Effects]) -> Inputs:
    """The arrays with factors for regions that have an effect, and the weights by which it is centred."""
    if not any(side.region.any() for side in sides):
        return inputs
    names, ratios = list(dict.fromkeys(model.first_round.regions)), len(model.finalists) - 1
    first, regions = inputs.factor_stream.size, []
    if (inputs.unit_region >= 0).any():  # [factors] has them for the other side
        first = int(inputs.unit_region[0])  # units stand in order of regions
    else:
        for name in names:
            regions.append(stream(Purpose.REGION_TURNOUT, name))
            regions += [stream(Purpose.REGION_PREFERENCE, name, m) for m in range(ratios)]
    centre = np.zeros((2, len(names)))
    for side, of in enumerate(sides):
        if of.region.any():
            centre[side] = of.region_weight / np.sqrt((of.region_weight**2).sum())
    return inputs._replace(
        factor_stream=np.concatenate([inputs.factor_stream, np.array(regions, np.uint64)]),
        unit_region=first + sides[0].of * (ratios + 1),
        centre=_rounded(centre),
    )


def _rounded(values: Any) -> np.ndarray:
    return (np.round(np.asarray(values, np.float64) * _GRID) / _GRID).astype(np.float32)


def _in_one_pass(sd: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Standard deviation of each unit's own normal, and what it takes of the sum so far (in mean weights)."""
    variance = sd**2
    rest = np.cumsum((weight**2 * variance)[::-1])[::-1]
    left = np.maximum(1.0 - weight**2 * variance / np.maximum(rest, 1e-300), 0.0)
    pull = -weight * variance / np.maximum(rest, 1e-300) / len(sd)
    return sd * np.sqrt(left), np.where(rest > 0.0, pull, 0.0)


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
    sides, lean, slope = effects(model), _leans_by_row(model), _slopes(model)
    weight, leans, variance = _binned(model.people.astype(np.float64), lean, sides)
    moved = [np.diag(side.covariance(model.people.astype(np.float64))) for side in sides]
    nodes = np.cos((np.arange(_NODES) + 0.5) / _NODES * np.pi)
    powers = np.vander(nodes, TERMS, increasing=True)
    to_powers = np.linalg.solve(powers.T @ powers, powers.T)
    chance = np.exp(-0.5 * (MOST_NORMAL * nodes) ** 2) * np.sqrt(1.0 - nodes**2)  # of a slope near each node
    chance /= chance.sum()
    found = np.zeros((len(model.pools), lean.shape[1], POWERS, TERMS))
    cross, error = np.zeros((len(model.pools), lean.shape[1] - 1, 2)), np.zeros(len(model.pools))
    for j, pool in enumerate(model.pools):
        people = weight[:, j]
        for side, rate, of in ((0, pool.turnout, slice(0, 1)), (1, pool.preference, slice(1, None))):
            at = slope[of, 0] + MOST_NORMAL * nodes[:, None] * slope[of, 1]  # [n, K - 1]
            around = np.maximum(variance[side][:, j] - moved[side][j], 0.0)  # of the pool's mean effect
            q, away = _bent_back(rate, at, people, leans[:, j, of], around)
            found[j, of] = np.einsum("tn,nkq->kqt", to_powers, q)
            error[j] += away @ chance
            if side == 0:  # those who choose are those who come
                people = people * _who_come(found[j, 0], slope[0, 1] * leans[:, j, 0])
                people = people / people.sum()
        away = leans[:, j] - people @ leans[:, j]
        together = (people * away[:, 0]) @ away[:, 1:]
        cross[j] = -(1.0 - logistic(np.array(pool.turnout.location[0]))) * slope[0, 1] * together[:, None] * slope[1:]
    return Bends(found, cross, error)


def _who_come(q: FloatArray, shift: FloatArray) -> FloatArray:
    """Mean turnout [B] over slopes at one sd to either side; q float64[POWERS, TERMS], shift float64[B] at one sd."""
    rate = np.zeros(len(shift))
    for z in (-1.0, 1.0):
        rate += 0.5 * logistic(q[0] @ (z / MOST_NORMAL) ** np.arange(TERMS) + z * shift)
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
    chance = np.tile(np.exp(-0.5 * _LEVELS**2), ratios)
    for k in range(ratios):
        share = _shares(levels)[:, k]
        slope = share * (1.0 - share)
        density = np.sqrt(chance) * slope + 1e-9
        design = (levels[:, k] - location[k])[:, None] ** np.arange(POWERS) * density[:, None]
        normal = np.linalg.solve(design.T @ design + 1e-18 * np.eye(POWERS), design.T)
        q[:, k] = (bent[:, :, k] * density) @ normal.T
        error += np.abs((q[:, k] @ design.T / density - bent[:, :, k]) * slope) @ chance / chance.sum()
    return q, error


def _nodes(ratios: int) -> tuple[FloatArray, FloatArray]:
    """Gauss and Hermite's nodes float64[N, K - 1] of the local effects, and their weights."""
    from runoff.simulate.inputs import contrast

    at, weight = np.polynomial.hermite_e.hermegauss(5 if ratios == 1 else 3)
    grid = np.stack(np.meshgrid(*[at] * ratios, indexing="ij"), axis=-1).reshape(-1, ratios)
    weights = np.prod(np.stack(np.meshgrid(*[weight / weight.sum()] * ratios, indexing="ij"), axis=-1), axis=-1)
    return grid @ contrast(ratios).T, weights.reshape(-1)


def _shares(ratios: FloatArray) -> FloatArray:
    """Shares float64[..., K - 1] of all but the last, from log-ratios to it."""
    odds = np.exp(np.clip(ratios, -60.0, 60.0))
    result: FloatArray = odds / (1.0 + odds.sum(axis=-1, keepdims=True))
    return result


def _inverted(goal: FloatArray, shift: FloatArray, weight: FloatArray, start: FloatArray) -> FloatArray:
    """Log-ratios float64[n, P, K - 1] whose mean shares over shifts float64[n, M, K - 1] are goal float64[P, K - 1]."""
    at = start.copy()
    eye = np.eye(goal.shape[1])
    for _ in range(_STEPS):
        share = _shares(at[:, :, None, :] + shift[:, None])  # [n, P, M, K - 1]
        mean = np.einsum("npmk,m->npk", share, weight)
        slope = mean[..., None] * eye - np.einsum("npmk,npml,m->npkl", share, share, weight)
        step = np.linalg.solve(slope + 1e-12 * eye, (goal - mean)[..., None])[..., 0]
        at += np.clip(step, -1.0, 1.0)
    return at
