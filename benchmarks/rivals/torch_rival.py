"""PyTorch on the CPU, float32: in-place operations in inference mode, chunks for the cache.

PyTorch draws random numbers one after another, on one thread; so each Python thread has a generator and
buffers of its own and works on its own chunks with one thread of PyTorch's inside.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch

from benchmarks.counts import BINS, MARGIN_BINS, NOTHING, Contest, Counts
from benchmarks.problem import Problem

NAME = "PyTorch"
CHUNKS = (1_000, 2_000, 4_000, 8_000)
_TALLIED = 2**15  # votes are tallied so many at a time


def prepare(problem: Problem, *, threads: int = 1, inside: int = 1, chunk: int = 4_000, seed: int = 1) -> Contest:
    """One unit.  `threads` Python threads, each with `inside` threads of PyTorch's."""
    workers = [_Worker(problem, chunk, seed + number, inside) for number in range(threads)]
    pool = ThreadPoolExecutor(threads)

    def contest(trials: int) -> Counts:
        total = NOTHING
        for counts in pool.map(lambda worker: worker.draw(-(-trials // threads)), workers):
            total += counts
        return total

    return contest


class _Worker:
    """One thread's generator and buffers."""

    def __init__(self, problem: Problem, chunk: int, seed: int, inside: int) -> None:
        if problem.people.shape[0] > 1:
            raise ValueError("one unit only")
        self.problem, self.chunk, self.inside = problem, chunk, inside
        self.generator = torch.Generator().manual_seed(seed)
        rates = (problem.turnout, problem.preference)
        pools, common = problem.people.shape[1], rates[0].factors - problem.people.shape[1]
        self.people = _tensor(problem.people[0])
        self.common_load = _tensor(np.stack([-r.common for r in rates]))
        self.own_load = _tensor(np.stack([-r.load[:, 2] for r in rates]))[:, :, None]
        self.location = _tensor(np.stack([-r.location for r in rates]))[:, :, None]
        self.z = torch.empty(2 * (common + pools + 1) * chunk)
        sizes = [2 * common * chunk, 2 * pools * chunk, 2 * chunk]
        self.z_common, self.z_own, self.z_count = (part.view(2, -1, chunk) for part in torch.split(self.z, sizes))
        self.shares = torch.empty(2, pools, chunk)
        self.block = max(1, _TALLIED // chunk)
        self.votes = torch.empty(2, self.block * chunk)

    def draw(self, trials: int) -> Counts:
        """Whole chunks, at least so many trials."""
        torch.set_num_threads(self.inside)  # for this thread
        counts = NOTHING
        bins = torch.zeros(MARGIN_BINS, dtype=torch.int64), torch.zeros(BINS, dtype=torch.int64)
        left = -(-trials // self.chunk)
        with torch.inference_mode():
            while left > 0:
                now = min(left, self.block)
                for start in range(0, now * self.chunk, self.chunk):
                    self._chunk(self.votes[:, start : start + self.chunk])
                counts += self._tally(self.votes[:, : now * self.chunk], bins)
                left -= now
        return counts

    def _chunk(self, votes: Any) -> None:
        self.z.normal_(generator=self.generator)
        turnout, preference = odds = self.z_own.mul_(self.own_load).add_(self.location)
        odds.baddbmm_(self.common_load, self.z_common).exp_()
        first, last = self.shares
        torch.add(preference, 1, out=first)
        first.mul_(turnout.add_(1)).reciprocal_()
        torch.mul(first, preference, out=last)
        mean_first, mean_last = torch.matmul(self.people, self.shares)
        cross = torch.mv(torch.mul(first, last, out=turnout).T, self.people)  # minus the covariance
        square_first, square_last = torch.matmul(self.people, self.shares.square_())
        z, other = self.z_count[:, 0]
        root = (mean_first - square_first).sqrt_()
        slope = cross.div_(root)
        rest = (mean_last - square_last).addcmul_(slope, slope, value=-1).sqrt_()
        torch.round(mean_first.addcmul_(root, z), out=votes[0])
        torch.round(mean_last.addcmul_(slope, z, value=-1).addcmul_(rest, other), out=votes[1])

    def _tally(self, votes: Any, bins: tuple[Any, Any]) -> Counts:
        a, b = votes
        difference, valid = a - b, a + b
        margin = difference / valid
        wins, losses = int((difference > 0).sum()), int((difference < 0).sum())
        recounts = int((margin.abs() <= self.problem.recount_margin).sum())
        bins[0].add_(torch.bincount(((margin + 1) * 1e4).int(), minlength=MARGIN_BINS))
        bins[1].add_(torch.bincount((valid * (1e4 / self.problem.total)).int(), minlength=BINS))
        _ = a.sum(), b.sum(), a.dot(a), a.dot(b), b.dot(b)  # the moments of votes
        margin = margin.double()
        return Counts(len(a), wins, len(a) - wins - losses, recounts, float(margin.sum()), float(margin.square().sum()))


def _tensor(array: Any) -> Any:
    return torch.from_numpy(array).float()
