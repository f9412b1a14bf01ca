"""Directions that the local effects of a race's pools move along, when its units are drawn all at once.

The effects of units and regions, averaged over a pool's people, have a covariance D between pools that the people
decide.  A few of its leading eigenvectors, weighted by people, say nearly all of it where the pools live in the same
places; what they leave of a pool's own variance goes to the pool's own factor, and what they leave between two pools
is lost.  Where more is lost than may be - candidates of one region each - D is kept whole, by Cholesky's
factor: a direction for each pool, those first that share places with few others, so that most loads are nought and
cost nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from runoff.arithmetic.functions import square
from runoff.arithmetic.matrices import eigen, product
from runoff.model.pools import Factors, Model
from runoff.race import FloatArray

MOST_FACTORS = 4  # leading directions; more are added while they matter, and beyond these D is kept whole
ENOUGH = 0.01  # share of a covariance or of a variance that may be left out
_ALIKE = 1e-6  # relative distance of two eigenvalues whose vectors a library may turn as it likes
_NOTHING = 1e-9  # of a pool's variance: no direction is worth having for it


@dataclass(frozen=True, slots=True)
class Directions:
    """Loads of the mean local effects on standard normals, for turnout and for preference.

    loads : float64[J, L] each; kept : float64[J, J] each, the covariance that they have.
    lost : float64[J, J] each, absolute covariance between two pools' effects that the loads leave out; nought on the
        diagonal, which the pools' own factors make up.
    pairs : the largest of these, as a share of both pools' standard deviations: what a correlation may be off.
    votes : their sum, weighted by people, as a share of what it would be if all pools moved together.
    """

    loads: tuple[FloatArray, FloatArray]
    kept: tuple[FloatArray, FloatArray]
    lost: tuple[FloatArray, FloatArray]
    pairs: float
    votes: float

    @property
    def enough(self) -> bool:
        """Whether so little is left out that nobody need know."""
        return self.pairs <= ENOUGH and self.votes <= ENOUGH


def mean_effect(model: Model, factors: Factors) -> FloatArray:
    """D: covariance float64[J, J] of the units' effects averaged over each pool's people."""
    first, people = model.first_round, model.people.astype(np.float64)
    names = {region: place for place, region in enumerate(dict.fromkeys(first.regions))}
    place = np.array([names[region] for region in first.regions])
    left = np.ones((len(people), 2)) if first.averaged is None else np.sqrt(first.averaged)
    of_region = np.zeros((len(names), people.shape[1]))
    np.add.at(of_region, place, people * left[:, 1:])
    of_unit = people * left[:, :1]
    total = np.maximum(people.sum(axis=0), 1.0)
    gram = square(factors.unit) * product(of_unit.T, of_unit)
    gram = gram + square(factors.region) * product(of_region.T, of_region)
    found: FloatArray = gram / np.outer(total, total)
    return found


def directions(effects: tuple[FloatArray, FloatArray], people: FloatArray, *, whole: bool = False) -> Directions:
    """One to four leading directions of both kinds' D float64[J, J], or all of them where four are not enough.

    people : float64[J]; whole : all of them at once.
    """
    if not any(effect.any() for effect in effects):
        return _kept(effects, (np.zeros((people.size, 0)),) * 2, people)
    for n_factors in range(1, MOST_FACTORS + 1):
        if whole:
            break
        sides = [_leading(effect, people, n_factors) for effect in effects]
        found = _kept(effects, (sides[0][0], sides[1][0]), people)
        if found.enough and not any(turned for _, turned in sides):
            return found
    return _kept(effects, _as_wide(*(_cholesky(effect) for effect in effects)), people)


def _kept(
    effects: tuple[FloatArray, FloatArray], loads: tuple[FloatArray, FloatArray], people: FloatArray
) -> Directions:
    """Loads with what they leave out."""
    weight = np.outer(people, people)
    kept, lost, pairs, votes = [], [], 0.0, 0.0
    for effect, load in zip(effects, loads, strict=True):
        kept.append(product(load, load.T))
        rest = np.abs(effect - kept[-1])
        np.fill_diagonal(rest, 0.0)
        sd = np.sqrt(np.maximum(np.diag(effect), 0.0))  # of nought, rounding may be below it
        most = np.outer(sd, sd)
        whole = float((most * weight).sum())
        pairs = max(pairs, float(np.divide(rest, most, out=np.zeros_like(rest), where=most > 0.0).max()))
        votes = max(votes, float((rest * weight).sum()) / whole if whole > 0.0 else 0.0)
        lost.append(rest)
    return Directions(loads, (kept[0], kept[1]), (lost[0], lost[1]), pairs, votes)


def _leading(effect: FloatArray, people: FloatArray, n_factors: int) -> tuple[FloatArray, bool]:
    """The loads float64[J, L] that keep most of the covariance of votes: eigenvectors of D weighted by people.

    Also whether two eigenvalues are so alike that libraries differ in the vectors.
    """
    weight = np.maximum(people, 1.0) / people.sum()
    values, vectors = eigen(effect * np.outer(weight, weight))
    values, vectors = values[::-1], vectors[:, ::-1][:, :n_factors]
    vectors = vectors * np.where(vectors.sum(axis=0) < 0.0, -1.0, 1.0)  # a sign that no library chooses for us
    kept = values[: n_factors + 1]
    turned = (-np.diff(kept) <= _ALIKE * kept[:-1]) & (kept[:-1] > _ALIKE * values[0])
    values = np.maximum(values[:n_factors], 0.0)
    load: FloatArray = vectors * np.sqrt(values) / weight[:, None]
    return load, bool(turned.any())


def _cholesky(effect: FloatArray) -> FloatArray:
    """Loads float64[J, L] with D = load load', in plain arithmetic, which gives the same bits on every CPU."""
    rest, variance = effect.copy(), np.maximum(np.diag(effect), 0.0)  # of nought, rounding may be below it
    sd = np.sqrt(variance)
    nothing = _NOTHING * np.outer(sd, sd)
    columns = []
    for pivot in np.argsort((rest > nothing).sum(axis=1), kind="stable"):
        if rest[pivot, pivot] <= _NOTHING * variance[pivot]:
            continue
        column = rest[:, pivot] / np.sqrt(rest[pivot, pivot])
        rest -= np.outer(column, column)
        rest[np.abs(rest) <= nothing] = 0.0
        columns.append(column)
    return np.stack(columns, axis=1) if columns else np.zeros((len(effect), 0))


def _as_wide(turnout: FloatArray, preference: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Both loads with as many columns, nought where one has none."""
    most = max(turnout.shape[1], preference.shape[1])
    wide = [np.pad(load, ((0, 0), (0, most - load.shape[1]))) for load in (turnout, preference)]
    return wide[0], wide[1]
