"""NumPy, many units: the sums over pools as small matrix products, trial by trial, in chunks for the cache.

With A and B = exp(-log-odds) of a pool's turnout and preference and e, f a unit's effects on them, the share of
a pool that votes for the first finalist is 1 / d, for the last B f / d, where

    d = (1 + A e) (1 + B f) = [1, A, B, A B] . [1, e, f, e f]

is a product of a pools x 4 and a 4 x units matrix.  Sums of people / d and people / d^2 over pools, times
powers of B, give each unit's means and exact covariance in two more products; only two divisions are made
per cell.  A unit's count noise is one normal, and its votes are whole.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.counts import Contest, Counts, Tally
from benchmarks.normals import Normals
from benchmarks.problem import Problem

NAME = "NumPy, many units"
CHUNKS = (64, 128, 256, 512)
Array = npt.NDArray[Any]


def prepare(
    problem: Problem,
    *,
    dtype: str = "float64",
    normals: str = "ziggurat",
    chunk: int = 256,
    part: int = 16,
    seed: int = 1,
) -> Contest:
    """One process; chunks of trials for what units need, parts of a chunk for their cells."""
    return contest_of(Draw(problem, np.dtype(dtype), normals, chunk, part, seed), problem)


def contest_of(draw: Draw, problem: Problem) -> Contest:
    """Chunks of trials, tallied."""
    chunk = draw.chunk

    def contest(trials: int) -> Counts:
        tally = Tally(problem.recount_margin, problem.total)
        left = -(-trials // chunk)
        while left > 0:
            votes = [draw.votes() for _ in range(min(left, 64))]
            tally.add(*np.concatenate(votes, axis=1))
            left -= len(votes)
        return tally.counts()

    return contest


class Draw:
    """The arrays that every chunk is worked out in."""

    def __init__(self, problem: Problem, dtype: np.dtype[Any], normals: str, chunk: int, part: int, seed: int) -> None:
        self.chunk, self.part, self.region = chunk, part, problem.region
        units, pools = problem.people.shape
        both = (problem.turnout, problem.preference)
        self.people = np.ascontiguousarray(problem.people.T).astype(dtype)
        self.everybody = problem.people.sum(axis=1).astype(dtype)
        self.common_load = np.stack([-r.common.T for r in both]).astype(dtype)
        self.location = np.stack([-r.location for r in both])[:, None, :].astype(dtype)
        self.own_load = np.stack([-r.load[:, 2] for r in both])[:, None, :].astype(dtype)
        self.region_scale = -problem.unit_scale[:2, None, None].astype(dtype)
        self.unit_scale = -problem.unit_scale[2:, None, None].astype(dtype)
        self.z_common = np.empty((2, chunk, self.common_load.shape[1]), dtype)
        self.z_own = np.empty((2, chunk, pools), dtype)
        self.z_region = np.empty((2, chunk, problem.regions), dtype)
        self.z_unit = np.empty((4, chunk, units), dtype)  # effects on turnout and preference, count noise
        largest = max(z.size for z in (self.z_common, self.z_own, self.z_region, self.z_unit))
        self.normals = Normals(dtype, normals, largest, seed)
        self.of_pool = np.ones((chunk, pools, 4), dtype)
        self.of_unit = np.ones((4, chunk, units), dtype)
        self.powers = np.ones((chunk, 3, pools), dtype)  # of B
        self.means = np.empty((2, chunk, units), dtype)
        self.squares = np.empty((3, chunk, units), dtype)
        # as matrices of a trial; the arrays themselves keep each quantity contiguous
        self.unit_matrix, self.mean_matrix, self.square_matrix = (
            array.transpose(1, 0, 2) for array in (self.of_unit, self.means, self.squares)
        )
        self.cells = np.empty((2, part, pools, units), dtype)

    def votes(self) -> Array:
        """Whole votes of the race in a chunk's trials: float[2, chunk]."""
        for z in (self.z_common, self.z_own, self.z_region, self.z_unit):
            self.normals.fill(z)
        self.factors()
        for start in range(0, self.chunk, self.part):
            self._cells(slice(start, start + self.part))
        return self._count()

    def factors(self) -> None:
        """What a chunk's pools and units multiply the odds by."""
        self.of_pools(self.distances())
        effect = self.z_unit[:2]
        effect *= self.unit_scale
        self.z_region *= self.region_scale
        effect += self.z_region[:, :, self.region]
        self.of_units(effect)

    def distances(self) -> Array:
        """Log-odds less their location, signs turned: float[2, chunk, J]."""
        odds: Array = self.z_common @ self.common_load
        self.z_own *= self.own_load
        odds += self.z_own
        return odds

    def of_pools(self, odds: Array) -> None:
        """Odds of the pools from their distances, in place."""
        odds += self.location
        turnout, preference = np.exp(odds, out=odds)
        self.of_pool[:, :, 1] = turnout
        self.of_pool[:, :, 2] = preference
        np.multiply(turnout, preference, out=self.of_pool[:, :, 3])
        self.powers[:, 1] = preference
        np.square(preference, out=self.powers[:, 2])

    def of_units(self, effect: Array) -> None:
        """Odds of the units from their effects on log-odds, signs turned: float[2, chunk, U]."""
        np.exp(effect, out=self.of_unit[1:3])
        np.multiply(self.of_unit[1], self.of_unit[2], out=self.of_unit[3])

    def _cells(self, at: slice) -> None:
        now = self.powers[at].shape[0]
        divisor, votes = self.cells[:, :now]
        np.matmul(self.of_pool[at], self.unit_matrix[at], out=divisor)
        np.divide(self.people, divisor, out=votes)
        np.matmul(self.powers[at, :2], votes, out=self.mean_matrix[at])
        np.divide(votes, divisor, out=votes)
        np.matmul(self.powers[at], votes, out=self.square_matrix[at])

    def _count(self) -> Array:
        odds, noise = self.of_unit[2], self.z_unit[2:]
        mean_first, mean_last = self.means
        mean_last *= odds
        first, cross, last = self.squares
        cross *= odds  # minus the covariance
        last *= odds
        last *= odds
        np.subtract(mean_first, first, out=first)
        np.subtract(mean_last, last, out=last)
        deviation = np.sqrt(first, out=first)
        slope = np.divide(cross, deviation, out=cross)
        deviation *= noise[0]
        mean_first += deviation
        noise[0] *= slope
        mean_last -= noise[0]
        np.square(slope, out=slope)
        last -= slope
        np.sqrt(last, out=last)
        last *= noise[1]
        mean_last += last
        votes_first, votes_last = np.rint(mean_first, out=mean_first), np.rint(mean_last, out=mean_last)
        # the normal of a precinct of forty people leaves what is possible now and then
        np.maximum(votes_first, 0, out=votes_first)
        np.minimum(votes_first, self.everybody, out=votes_first)
        np.maximum(votes_last, 0, out=votes_last)
        np.minimum(votes_last, np.subtract(self.everybody, votes_first, out=first), out=votes_last)
        return np.stack([votes_first.sum(axis=1), votes_last.sum(axis=1)])
