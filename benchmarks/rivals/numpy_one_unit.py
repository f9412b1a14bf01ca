"""NumPy, one unit: vectorised, in chunks that stay in the cache, results written into arrays made once.

Pools are on the first axis, so that each row is contiguous.  What pools share is a small matrix product
(the locations ride along on a factor that is always 1), their own factors one scaled row each.  With
E = exp(-log-odds), a pool's share for the first finalist is 1 / ((1 + E_turnout) (1 + E_preference)) and
for the last that times E_preference; both are kept times sqrt(people), so that sums over pools of
people * share * share are inner products, without intermediate arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.counts import Contest, Counts, Tally
from benchmarks.normals import Normals
from benchmarks.problem import Problem

NAME = "NumPy"
CHUNKS = (1_000, 2_000, 4_000, 8_000)
_TALLIED = 2**15  # votes are tallied so many at a time: a histogram's bins are added up less often
Array = npt.NDArray[Any]


def prepare(
    problem: Problem,
    *,
    dtype: str = "float64",
    normals: str = "ziggurat",
    bits: str = "SFC64",
    chunk: int = 4_000,
    seed: int = 1,
) -> Contest:
    """One process; see `benchmarks.normals` for `normals`, `numpy.random` for `bits`."""
    draw = _Draw(problem, np.dtype(dtype), normals, bits, chunk, seed)
    chunks = max(1, _TALLIED // chunk)
    first, last = np.empty((2, chunks * chunk))

    def contest(trials: int) -> Counts:
        tally = Tally(problem.recount_margin, problem.total)
        left = -(-trials // chunk)
        while left > 0:
            now = min(left, chunks)
            for start in range(0, now * chunk, chunk):
                draw.votes(first[start : start + chunk], last[start : start + chunk])
            tally.add(first[: now * chunk], last[: now * chunk])
            left -= now
        return tally.counts()

    return contest


class _Draw:
    """The arrays that every chunk is worked out in."""

    def __init__(self, problem: Problem, dtype: np.dtype[Any], normals: str, bits: str, chunk: int, seed: int) -> None:
        if problem.people.shape[0] > 1:
            raise ValueError("one unit only")
        both = (problem.turnout, problem.preference)
        pools, common = problem.people.shape[1], both[0].common.shape[1]
        self.root = np.sqrt(problem.people[0]).astype(dtype)
        self.common_load = np.stack([-np.column_stack([r.common, r.location]) for r in both]).astype(dtype)
        self.own_load = np.stack([-r.load[:, 2] for r in both])[:, :, None].astype(dtype)
        self.z_common = np.ones((2, common + 1, chunk), dtype)
        self.z = np.empty(2 * (pools + common + 1) * chunk, dtype)  # one call draws all: own, common, count noise
        self.z_own = self.z[: 2 * pools * chunk].reshape(2, pools, chunk)
        self.z_shared = self.z[2 * pools * chunk : -2 * chunk].reshape(2, common, chunk)
        self.z_count = self.z[-2 * chunk :].reshape(2, chunk)
        self.normals = Normals(dtype, normals, self.z.size, seed, bits)
        self.odds = np.empty((2, pools, chunk), dtype)
        self.shares = np.empty((2, pools, chunk), dtype)
        self.means = np.empty((2, chunk), dtype)

    def votes(self, first: Array, last: Array) -> None:
        """Overwrite `first` and `last` with a chunk's whole votes."""
        self.normals.fill(self.z)
        self.z_common[:, :-1] = self.z_shared
        np.matmul(self.common_load, self.z_common, out=self.odds)
        np.multiply(self.z_own, self.own_load, out=self.z_own)
        self.odds += self.z_own
        np.exp(self.odds, out=self.odds)
        turnout, preference = self.odds
        share_first, share_last = self.shares
        np.add(preference, 1, out=share_first)
        turnout += 1
        turnout *= share_first
        np.divide(self.root[:, None], turnout, out=share_first)
        np.multiply(share_first, preference, out=share_last)
        np.matmul(self.root, self.shares, out=self.means)
        mean_first, mean_last = self.means
        var_first = mean_first - np.einsum("jt,jt->t", share_first, share_first)
        var_last = mean_last - np.einsum("jt,jt->t", share_last, share_last)
        cross = np.einsum("jt,jt->t", share_first, share_last)  # minus the covariance
        root = np.sqrt(var_first)
        slope = cross / root
        rest = np.sqrt(var_last - slope * slope)
        np.rint(mean_first + root * self.z_count[0], out=first)
        np.rint(mean_last - slope * self.z_count[0] + rest * self.z_count[1], out=last)
