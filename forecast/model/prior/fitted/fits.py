"""Fits of the archive, one for each cut of it: all races, those before a day, those without an election.

A forecast must not know its own result, nor anything later than its day; so there is a fit for each.  Where nothing is
left in a cut, what was believed beforehand stands alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from runoff.arithmetic.functions import exp, log
from runoff.arithmetic.matrices import eigen, product
from runoff.data.archive.archive import Archive
from runoff.data.archive.arrays import ArchiveArrays, arrays_of
from runoff.data.archive.words import UNITED_STATES, nation_of
from runoff.estimate.shared_shocks import Posterior, Problem, Sums, posterior, sizes_of, sums
from runoff.model.prior.fitted.design import SIZE, SIZE_SD, SLOPES, problem_of
from runoff.model.prior.fitted.fields import STRATA, Fields, duels_of, stratum_of
from runoff.model.prior.fitted.fronts import fronts_of
from runoff.model.prior.fitted.turnout import TurnoutLaw, occasions_by_race, turnout_law
from runoff.race import BoolArray, FloatArray, Int64Array

_LARGE = 100  # races of an election without which sizes are found anew, by more than a step
_GROWTH = 1.05  # races for which sizes are found anew, from one day to the next
_STEP = 1e-3


@dataclass(frozen=True, slots=True)
class Fit:
    """What a cut of the archive says of a race in each stratum.

    mean : float64[strata, slopes], cov : float64[strata, slopes, slopes], of slopes.  sizes : float64[sizes], no
    logarithms.  turnout : of all strata.  races, elections : how many duels and elections it rests on.
    """

    mean: FloatArray
    cov: FloatArray
    sizes: FloatArray
    turnout: TurnoutLaw
    races: int
    elections: int


@dataclass(frozen=True)
class Fitter:
    """An archive's duels, ready to be fitted in part."""

    archive: Archive
    arrays: ArchiveArrays
    fields: Fields
    duels: Int64Array
    margin: FloatArray
    problem: Problem
    log_ratio: FloatArray
    occasions: FloatArray
    stratum: Int64Array

    @classmethod
    def of(cls, archive: Archive) -> Fitter:
        """The duels of an archive, and the turnout of all its races."""
        arrays = arrays_of(archive)
        fields, duels, margin = duels_of(arrays, fronts_of(archive))
        group = arrays.election[duels]
        races = archive.races
        united = [nation_of(race.country) == UNITED_STATES for race in races]
        days = [(race.date_first, race.date_runoff) for race in races]
        votes = np.array([(race.runoff_votes, race.first_round_votes) for race in races], np.float64).reshape(-1, 2)
        return cls(
            archive=archive,
            arrays=arrays,
            fields=fields,
            duels=duels,
            margin=margin,
            problem=problem_of(fields, margin, group),
            log_ratio=log(votes[:, 0] / votes[:, 1]),
            occasions=occasions_by_race(days, united, [race.contest == "primary_D" for race in races]),
            stratum=np.array([STRATA.index(stratum_of(race.level)) for race in races], np.int64),
        )

    @property
    def days(self) -> npt.NDArray[np.datetime64]:
        """The runoff's day of each election: datetime64[D][G]."""
        days = np.zeros(len(self.arrays.elections), "datetime64[D]")
        days[self.arrays.election] = self.arrays.date_runoff
        return days

    def fit(self, kept: BoolArray, found: Posterior, sizes: FloatArray) -> Fit:
        """A cut's fit from its posterior: slopes by stratum, the turnout law of the same elections bool[G]."""
        k, strata = len(SLOPES), len(STRATA)
        mean, cov = np.zeros((strata, k)), np.zeros((strata, k, k))
        for s in range(strata):
            own = slice(k * (1 + s), k * (2 + s))
            pick = np.zeros((k, len(found.mean)))
            pick[:, :k], pick[:, own] = np.eye(k), np.eye(k)
            mean[s], cov[s] = product(pick, found.mean), product(product(pick, found.cov), pick.T)
        rows = kept[self.arrays.election]
        law = turnout_law(self.log_ratio[rows], self.stratum[rows], self.occasions[rows])
        duels = int(kept[self.problem.group].sum())
        return Fit(mean, cov, exp(sizes), law, duels, int(kept.sum()))


def leaving_out(fitter: Fitter) -> Iterator[tuple[str, Fit]]:
    """A fit for all races, under '', and one without each election, by its id."""
    problem = fitter.problem
    everything = np.ones(len(fitter.arrays.elections), np.bool_)
    sizes = sizes_of(problem)
    whole = sums(problem, sizes)
    yield "", fitter.fit(everything, posterior(whole), sizes)
    step = _Newton.at(problem, sizes)
    many = np.bincount(problem.group, minlength=len(everything))
    for g, election in enumerate(fitter.arrays.elections):
        kept = everything.copy()
        kept[g] = False
        if not many[g]:
            yield election, fitter.fit(kept, posterior(whole, kept[: problem.groups]), sizes)
            continue
        inside = kept[: problem.groups]
        without = sizes_of(problem, inside, sizes) if many[g] >= _LARGE else step.without(inside)
        yield election, fitter.fit(kept, posterior(sums(problem, without), inside), without)


def day_by_day(fitter: Fitter) -> Iterator[tuple[dt.date, Fit]]:
    """A fit of what was over before each day on which an election ended, and one of all, for the day after the last."""
    days = fitter.days
    ends = np.unique(days)
    sizes, known = SIZE, 0
    problem = fitter.problem
    many = np.bincount(problem.group, minlength=len(days))
    for day in [*ends, *(ends[-1:] + 1)]:
        kept = days < day
        inside, races = kept[: problem.groups], int(many[kept].sum())
        if races > known * _GROWTH:
            sizes, known = sizes_of(problem, inside, sizes), races
        yield day.astype(object), fitter.fit(kept, posterior(sums(problem, sizes), inside), sizes)


@dataclass(frozen=True, slots=True)
class _Newton:
    """The sizes' likelihood around its top: what a small election's absence moves is one of Newton's steps."""

    sizes: FloatArray
    curvature: FloatArray
    beside: tuple[tuple[Sums, Sums], ...]

    @classmethod
    def at(cls, problem: Problem, sizes: FloatArray) -> _Newton:
        beside = tuple((sums(problem, sizes + e), sums(problem, sizes - e)) for e in _STEP * np.eye(len(sizes)))
        slope = _slopes(beside, None)
        curvature = np.diag(1.0 / (SIZE_SD * SIZE_SD))
        for k, e in enumerate(0.05 * np.eye(len(sizes))):
            moved = tuple(
                (sums(problem, sizes + e + d), sums(problem, sizes + e - d)) for d in _STEP * np.eye(len(sizes))
            )
            curvature[k] -= (_slopes(moved, None) - slope) / 0.05
        return cls(sizes, (curvature + curvature.T) / 2.0, beside)

    def without(self, kept: BoolArray) -> FloatArray:
        """Log sizes given the groups that are kept, nearly all."""
        moved = _slopes(self.beside, kept) - _slopes(self.beside, None)
        values, vectors = eigen(self.curvature)
        step: FloatArray = product(vectors, product(vectors.T, moved) / np.maximum(values, 1.0))
        return self.sizes + np.clip(step, -0.5, 0.5)


def _slopes(beside: tuple[tuple[Sums, Sums], ...], kept: BoolArray | None) -> FloatArray:
    up = np.array([posterior(above, kept).loglik for above, _ in beside])
    down = np.array([posterior(below, kept).loglik for _, below in beside])
    slopes: FloatArray = (up - down) / (2.0 * _STEP)
    return slopes
