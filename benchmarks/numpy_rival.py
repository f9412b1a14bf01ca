"""The same model as its NumPy users would write it at their best: vectorised, chunked to the cache.

One unit, two finalists, no small pools; float64 or float32; pools on the first axis, so that each row is
contiguous; results written into arrays that are made once.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from kernels.arrays import Inputs

MARGIN_BINS = 20_001


class NumpyRival:
    """Draws trials of a model in chunks; tallies wins, ties, recounts, moments and histograms."""

    def __init__(self, inputs: Inputs, chunk: int, dtype: type[np.floating[Any]] = np.float64, seed: int = 1) -> None:
        self.chunk, self.dtype = chunk, dtype
        self.rng = np.random.Generator(np.random.SFC64(seed))
        self.people = inputs.people[0].astype(dtype)
        self.total = inputs.people_total
        self.recount = inputs.recount_ppm / 1e6
        f = inputs.factor_stream.size
        load = np.zeros((2, self.people.size, f))
        rows = np.arange(self.people.size)
        for level in range(3):
            load[0, rows, inputs.turnout_factor[:, level]] = inputs.turnout_load[:, level]
            load[1, rows, inputs.preference_factor[:, level]] = inputs.preference_load[:, level, 0, 0]
        location = np.stack([inputs.turnout_location, inputs.preference_location[:, 0]])
        # shared and bloc factors by a small product; each pool's own factor is one scaled row
        own = [inputs.turnout_factor[:, 2], inputs.preference_factor[:, 2]]
        self.own_load = np.stack([load[i, rows, own[i]] for i in range(2)]).astype(dtype)[:, :, None]
        common = [c for c in range(f) if c not in set(own[0]) | set(own[1])]
        self.common_load = load[:, :, common].astype(dtype)
        self.location = location.astype(dtype)[:, :, None]
        self.z_own = np.empty((2, self.people.size, chunk), dtype)
        self.z_common = np.empty((len(common), chunk), dtype)
        self.z_count = np.empty((2, chunk), dtype)
        self.rates = np.empty_like(self.z_own)
        self.wins = np.zeros(2, np.int64)
        self.ties = self.recounts = 0
        self.margin_bins = np.zeros(MARGIN_BINS, np.int64)
        self.turnout_bins = np.zeros(MARGIN_BINS, np.int64)
        self.moments = np.zeros(5)

    def run(self, trials: int) -> None:
        """Draw whole chunks until at least so many trials are tallied."""
        for _ in range(-(-trials // self.chunk)):
            self._tally(*self._votes())

    def _votes(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        for z in (self.z_own, self.z_common, self.z_count):
            self.rng.standard_normal(dtype=self.dtype, out=z)
        rates = self.rates
        np.matmul(self.common_load, self.z_common, out=rates)
        self.z_own *= self.own_load
        rates += self.z_own
        rates += self.location
        np.negative(rates, out=rates)
        np.exp(rates, out=rates)
        rates += 1
        np.reciprocal(rates, out=rates)
        turnout, first = rates[0], rates[1]
        first *= turnout  # now the share of the pool that votes for the first finalist
        last = np.subtract(turnout, first, out=turnout)
        n = self.people
        mean_first, mean_last = n @ first, n @ last
        cross = -np.einsum("j,jt,jt->t", n, first, last)
        var_first = mean_first - np.einsum("j,jt,jt->t", n, first, first)
        var_last = mean_last - np.einsum("j,jt,jt->t", n, last, last)
        root = np.sqrt(var_first)
        slope = cross / root
        votes_first = np.rint(mean_first + root * self.z_count[0])
        noise = slope * self.z_count[0] + np.sqrt(var_last - slope * slope) * self.z_count[1]
        return votes_first, np.rint(mean_last + noise)

    def _tally(self, a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> None:
        difference, valid = a - b, a + b
        margin = difference / valid
        self.wins += np.count_nonzero(difference > 0), np.count_nonzero(difference < 0)
        self.ties += int(np.count_nonzero(difference == 0))
        self.recounts += int(np.count_nonzero(np.abs(margin) <= self.recount))
        self.margin_bins += np.bincount(((margin + 1) * 1e4).astype(np.int64), minlength=MARGIN_BINS)
        self.turnout_bins += np.bincount((valid * (1e4 / self.total)).astype(np.int64), minlength=MARGIN_BINS)
        self.moments += (a.sum(), b.sum(), a @ a, a @ b, b @ b)
