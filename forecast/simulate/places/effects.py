"""What units and regions have of their own, and what that does to pools over the race.

Units' effects add up to nothing, weighted by people, as do regions'.  What centring over the race leaves of them in a
pool's mean, because the pool lives where others do not, is a covariance between pools (`mean_effects`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from runoff.arithmetic.matrices import product
from runoff.estimate.logistic import logistic
from runoff.model.places import leans, size_factors
from runoff.race import FloatArray

if TYPE_CHECKING:
    from runoff.model.pools import Model

_MOST_TURNOUT = 0.5  # sd of a unit's turnout in log-odds


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
    moved = product(weight * sd**2, share)
    whole = float((weight**2 * sd**2).sum())
    found: FloatArray = product((share * (sd**2)[:, None]).T, share)
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
        region = np.full(len(names), np.sqrt((weight * sd**2).sum() / 2.0)) if parted else np.zeros(len(names))
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
    lean, slope = leans_by_row(model)[:, 1:].mean(axis=1), (slopes(model)[:2] ** 2).sum(axis=1)
    flatter = [  # a mean of logistics over a spread is flatter than each
        1.0 / (1.0 + np.pi / 8.0 * float((side.weight * (side.variance + square * lean**2)).sum()))
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
    twice = product(weight**2, in_region)
    both = product(share.T, apart[:, None] * share)
    both += float(regions[0].max() * regions[1].max()) * (
        product(in_region.T, (1.0 - 2.0 * weight**2)[:, None] * in_region) + np.outer(twice, twice)
    )
    for square, unit, region in zip(slope, units[::-1], regions[::-1], strict=True):
        both += square * product(away.T, unit[:, None] * away)
        at = product(weight, leaning)
        both += square * float(region.max()) * (product(leaning.T, leaning) - np.outer(at, at))
    stay = 1.0 - logistic(np.array([pool.turnout.location[0] for pool in model.pools]))
    both *= flatter[0] * flatter[1] * np.outer(stay, stay)
    return flatter[0] * moved[0], flatter[1] * moved[1] + both


def logit_of_votes(model: Model) -> float:
    """Log-odds of turnout that move the race's votes by one in logarithm, at the mean rates; held to what is sane."""
    rate = logistic(np.array([pool.turnout.location[0] for pool in model.pools]))
    voters = np.array([pool.people for pool in model.pools]) * rate
    stay = float((voters * (1.0 - rate)).sum() / max(voters.sum(), 1e-300))
    most = max(model.places.turnout_spread or 0.0, model.places.turnout_slope_sd, 1e-9)
    return min(1.0 / max(stay, 1e-9), _MOST_TURNOUT / most)


def leans_by_row(model: Model) -> FloatArray:
    """Leans float64[U, K] around their mean over people; turnout, first, goes with the first finalist's."""
    lean = leans(model.first_round, model.finalists)
    lean -= product(model.people.sum(axis=1).astype(np.float64), lean) / model.people.sum()
    return np.concatenate([lean[:, :1], lean], axis=1)


def slopes(model: Model) -> FloatArray:
    """Mean and sd of the slopes on them: float64[K, 2]."""
    places, come = model.places, logit_of_votes(model)
    return np.array(
        [[0.0, places.turnout_slope_sd * come]] + [[places.slope, places.slope_sd]] * (len(model.finalists) - 1)
    )
