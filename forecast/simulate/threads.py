"""Work on plain threads: blocks of trials with their tallies, and any work with its results in order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from runoff import interrupts
from runoff.kernels.arrays import Inputs, Scratch, Tallies, new_scratch, new_tallies
from runoff.kernels.philox import GROUP
from runoff.kernels.transfer import run_groups

T = TypeVar("T")
BLOCK_GROUPS = 256  # groups in a block at most: some milliseconds, so that handing blocks out costs nothing
DETAIL_GROUPS = 8  # in a block that is tallied in detail, where a trial takes ten times as long
_BLOCKS = 32  # a run has at least so many blocks, where they are not tiny
_CELLS = 40_000  # units x pools x groups in a block, about: keeps a block far under a tenth of a second
_AHEAD = 2  # blocks queued per thread
Votes = npt.NDArray[np.int32]
Weights = npt.NDArray[np.int64]


def block_size(inputs: Inputs, trials: int, detail_trials: int) -> int:
    """Trials in a block: many where a trial is cheap, one group where it is a country by precinct."""
    groups = min(_CELLS // inputs.people.size, trials // (_BLOCKS * GROUP), BLOCK_GROUPS)
    return GROUP * min(max(groups, 1), DETAIL_GROUPS if detail_trials else BLOCK_GROUPS)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is drawn: `detail` trials from `inputs` and tallied in detail, the others from `rest` where there is one."""

    inputs: Inputs
    rest: Inputs | None
    trials: int
    detail: int
    units: bool
    keep_votes: bool
    block_groups: int | None

    def arrays(self, trial: int) -> Inputs:
        """What a trial is drawn from."""
        return self.inputs if self.rest is None or trial < self.detail else self.rest

    def end(self, start: int, last: int) -> int:
        """Where the block that begins at a trial ends; what follows the detailed ones may have other arrays."""
        size = block_size(self.arrays(start), self.trials, self.detail if start < self.detail else 0)
        size = size if self.block_groups is None else self.block_groups * GROUP
        end = min(last, start - start % size + size)
        return self.detail if start < self.detail < end else end


class Workers:
    """A pool of threads, each with scratch and tallies of its own."""

    def __init__(self, plan: Plan, threads: int) -> None:
        self._plan, self._threads = plan, threads
        self._local = threading.local()
        self._lock = threading.Lock()
        self._tallies: list[Tallies] = []
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="trials")

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _room(self, inputs: Inputs) -> tuple[Scratch, Tallies]:
        """Scratch of this thread for these arrays, and its tallies, which are the same for both."""
        if not hasattr(self._local, "tallies"):
            self._local.tallies = new_tallies(self._plan.inputs, units=self._plan.units)
            self._local.scratch = {}
            with self._lock:
                self._tallies.append(self._local.tallies)
        scratch: dict[int, Scratch] = self._local.scratch
        if id(inputs) not in scratch:
            scratch[id(inputs)] = new_scratch(inputs)
        return scratch[id(inputs)], self._local.tallies

    def _block(self, first: int, last: int) -> tuple[Votes, Weights]:
        """Draw one block; returns its votes and weights where they are kept."""
        inputs = self._plan.arrays(first)
        scratch, tallies = self._room(inputs)
        kept = last - first if self._plan.keep_votes else 0
        votes = np.empty((kept, inputs.count_stream.shape[1]), np.int32)
        weights = np.empty(kept if inputs.direction.shape[0] else 0, np.int64)
        run_groups(inputs, first, last, self._plan.detail, scratch, tallies, votes, weights)
        return votes, weights

    def blocks(self, start: int, last: int) -> Iterator[tuple[int, int, tuple[Votes, Weights]]]:
        """Draw trials start..last-1, a few blocks ahead of what has been handed on, in order."""
        waiting: list[tuple[int, int, Future[tuple[Votes, Weights]]]] = []
        while start < last or waiting:
            while start < last and len(waiting) < _AHEAD * self._threads:
                end = self._plan.end(start, last)
                waiting.append((start, end, self._pool.submit(self._block, start, end)))
                start = end
            wait([future for *_, future in waiting], timeout=0.1, return_when=FIRST_COMPLETED)
            interrupts.look()
            while waiting and waiting[0][2].done():
                begin, end, future = waiting.pop(0)
                yield begin, end, future.result()

    def total(self) -> Tallies:
        """Tallies of all threads together; those of one alone are its own, and move when it draws on."""
        if len(self._tallies) == 1:
            return self._tallies[0]
        start = new_tallies(self._plan.inputs, units=self._plan.units)
        for tallies in self._tallies:
            for target, part in zip(start, tallies, strict=True):
                target += part
        return start


def in_order(
    work: Callable[[int], T], starts: Sequence[int], threads: int, on_done: Callable[[int], object] | None = None
) -> list[T]:
    """`work(start)` for each start, whoever does it; an interrupt ends it; `on_done` hears how many are done."""
    parts: list[T] = []
    with interrupts.patient(), ThreadPoolExecutor(threads) as pool:
        try:
            for future in [pool.submit(work, start) for start in starts]:
                parts.append(future.result())
                interrupts.look()
                if on_done is not None:
                    on_done(len(parts))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return parts


def streamed(work: Callable[[int], T], starts: Sequence[int], threads: int) -> Iterator[T]:
    """`work(start)` for each start, in order, whoever does it; only a few results wait at a time."""
    waiting: list[Future[T]] = []
    left = iter(starts)
    with interrupts.patient(), ThreadPoolExecutor(threads, thread_name_prefix="again") as pool:
        try:
            while True:
                while len(waiting) < _AHEAD * threads and (start := next(left, None)) is not None:
                    waiting.append(pool.submit(work, start))
                if not waiting:
                    return
                wait(waiting[:1], timeout=0.1)
                interrupts.look()
                while waiting and waiting[0].done():
                    yield waiting.pop(0).result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
