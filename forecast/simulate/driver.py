"""Draws the trials: blocks of them on plain threads, whole-number tallies added at the end.

A block is a range of trials; which thread draws it, and when, cannot show in the result, because every
number is a function of (seed, stream, trial) and sums are of whole numbers.
"""

from __future__ import annotations

import hashlib
import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from runoff import interrupts
from runoff.kernels.arrays import PPM, RATE_BIN, SHARE_BIN, Inputs, Scratch, Tallies, new_scratch, new_tallies
from runoff.kernels.philox import GROUP
from runoff.kernels.transfer import run_groups

__all__ = [
    "DETAIL_TRIALS", "PPM", "RATE_BIN", "SHARE_BIN", "Drawn", "Progress", "WhenDrawn", "digest", "draw",
    "standard_error", "whole",
]  # fmt: skip

BLOCK_GROUPS = 256  # groups in a block at most: some milliseconds, so that handing blocks out costs nothing
DETAIL_GROUPS = 8  # in a block that is tallied in detail, where a trial takes ten times as long
_BLOCKS = 32  # a run has at least so many blocks, where they are not tiny
DETAIL_TRIALS = 2**18  # trials that are also tallied by pool and unit: their quantiles need no more
ROUND = 2**18  # trials between two looks at the standard error, where one is asked for
_CELLS = 40_000  # units x pools x groups in a block, about: keeps a block far under a tenth of a second
_AHEAD = 2  # blocks queued per thread

Progress = Callable[[int, int], None]
Votes = npt.NDArray[np.int32]
Weights = npt.NDArray[np.int64]
WhenDrawn = Callable[[int, Votes, Weights], None]  # first trial, votes int32[n, K], weights int64[n] or none


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a run drew: tallies over `trials` trials, of which the first `detail_trials` in detail.

    `weighted` says whether trials have weights; tallies then count in weights, and `total` is their sum.
    """

    tallies: Tallies
    trials: int
    detail_trials: int
    seconds: float
    weighted: bool = False

    @property
    def total(self) -> int:
        """What tallies over all trials add up to: the trials, or their weights."""
        return whole(self.tallies.weight[0]) if self.weighted else self.trials

    @property
    def detail_total(self) -> int:
        """The same of the trials in detail."""
        return whole(self.tallies.detail_weight[0]) if self.weighted else self.detail_trials

    @property
    def effective(self) -> float:
        """Effective sample size: equally weighted trials that would tell as much; (sum w)^2 / sum w^2."""
        return effective_trials(self.tallies.weight) if self.weighted else float(self.trials)

    @property
    def detail_effective(self) -> float:
        """The same of the trials in detail."""
        return effective_trials(self.tallies.detail_weight) if self.weighted else float(self.detail_trials)


def effective_trials(weight: npt.NDArray[np.int64]) -> float:
    """Effective sample size from sums of weights and of their squares, int64[2, 2]."""
    first, second = whole(weight[0]), whole(weight[1])
    return first**2 / second if second else 0.0


class StoppedError(Exception):
    """The run was told to stop before it was done."""


def draw(
    inputs: Inputs,
    trials: int,
    *,
    threads: int,
    units: bool = True,
    detail_trials: int = DETAIL_TRIALS,
    rest: Inputs | None = None,
    block_groups: int | None = None,
    target_se: float | None = None,
    first: int = 0,
    on_progress: Progress | None = None,
    on_votes: WhenDrawn | None = None,
    stop: threading.Event | None = None,
) -> Drawn:
    """Draw trials first..trials-1 and tally them.

    Parameters
    ----------
    rest : what the trials after the detailed ones are drawn from, where that is cheaper (`runoff.simulate.aggregate`).
    target_se : stop as soon as every win probability has at most this standard error, looked at every
        ROUND trials; `trials` is then the most that are drawn.
    on_votes : called in order of trials with (first trial, votes int32[n, K], weights int64[n] or none).
    stop : set it from elsewhere and the run ends within a block, with `StoppedError`.

    """
    begun = time.perf_counter()
    stop = stop or threading.Event()
    detail_trials = min(detail_trials, trials)

    def block(start: int) -> int:
        if block_groups is not None:
            return block_groups * GROUP
        detailed = start < detail_trials
        return block_size(inputs if detailed or rest is None else rest, trials, detail_trials if detailed else 0)

    def finished(done: int) -> Drawn:
        seconds = time.perf_counter() - begun
        weighted = inputs.direction.shape[0] > 0
        return Drawn(workers.total(), done - first, min(detail_trials, done), seconds, weighted)

    keep = on_votes is not None
    with interrupts.patient(), _Workers(inputs, rest, threads, units, detail_trials, keep, stop) as workers:
        done = first
        while done < trials:
            goal = trials if target_se is None else min(trials, done - done % ROUND + ROUND)
            _draw_range(workers, done, goal, block, trials, on_progress, on_votes)
            done = goal
            if target_se is not None and largest_se(finished(done)) <= target_se:
                break
        return finished(done)


def block_size(inputs: Inputs, trials: int, detail_trials: int) -> int:
    """Trials in a block: many where a trial is cheap, one group where it is a country by precinct."""
    groups = min(_CELLS // inputs.people.size, trials // (_BLOCKS * GROUP), BLOCK_GROUPS)
    return GROUP * min(max(groups, 1), DETAIL_GROUPS if detail_trials else BLOCK_GROUPS)


def largest_se(drawn: Drawn) -> float:
    """Largest standard error of the win probabilities; half a win is added, so that 0 of n is not certain."""
    n = drawn.effective
    p = (drawn.tallies.wins / drawn.total * n + 0.5) / (n + 1.0)
    return float(np.sqrt(p * (1.0 - p) / n).max())


def digest(drawn: Drawn) -> str:
    """sha256 over the number of trials and every tally, little-endian: equal bits, equal digest."""
    result = hashlib.sha256(f"{drawn.trials} {drawn.detail_trials}".encode())
    for name, tally in zip(Tallies._fields, drawn.tallies, strict=True):
        result.update(f" {name} {tally.shape} ".encode())
        result.update(np.ascontiguousarray(carried(name, tally), dtype="<i8").tobytes())
    return result.hexdigest()


# Sums kept as (low 32 bits, rest): the same sum can be split in two ways, so they are carried first.
WIDE = (
    "weight",
    "detail_weight",
    "votes",
    "vote_products",
    "share",
    "margin",
    "turnout",
    "detail_margin",
    "rate_moments",
    "unit_votes",
    "unit_share",
)


def carried(name: str, tally: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """A tally with the carries of its wide sums done: low parts below 2^32."""
    if name not in WIDE:
        return tally
    low, high = tally[..., 0], tally[..., 1]
    return np.stack([low & 0xFFFFFFFF, high + (low >> 32)], axis=-1)


def whole(wide: npt.NDArray[np.int64]) -> int:
    """A wide sum as a Python int."""
    return int(wide[0]) + (int(wide[1]) << 32)


class _Workers:
    """A pool of threads, each with scratch and tallies of its own."""

    def __init__(
        self,
        inputs: Inputs,
        rest: Inputs | None,
        threads: int,
        units: bool,
        detail: int,
        keep_votes: bool,
        stop: threading.Event,
    ) -> None:
        self._inputs, self._rest, self._units, self.detail, self._stop = inputs, rest, units, detail, stop
        self._keep_votes = keep_votes
        self._local = threading.local()
        self._lock = threading.Lock()
        self._tallies: list[Tallies] = []
        self.threads = threads
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="trials")

    def __enter__(self) -> _Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_if_broken(*_)
        self.pool.shutdown(wait=True, cancel_futures=True)

    def _stop_if_broken(self, kind: object, *_: object) -> None:
        if kind is not None:
            self._stop.set()

    def _room(self, inputs: Inputs) -> tuple[Scratch, Tallies]:
        """Scratch of this thread for these arrays, and its tallies, which are the same for both."""
        if not hasattr(self._local, "tallies"):
            self._local.tallies = new_tallies(self._inputs, units=self._units)
            self._local.scratch = {}
            with self._lock:
                self._tallies.append(self._local.tallies)
        scratch: dict[int, Scratch] = self._local.scratch
        if id(inputs) not in scratch:
            scratch[id(inputs)] = new_scratch(inputs)
        return scratch[id(inputs)], self._local.tallies

    def block(self, first: int, last: int) -> tuple[Votes, Weights]:
        """Draw one block; returns its votes and weights where they are kept."""
        if self._stop.is_set():
            raise StoppedError
        inputs = self._inputs if self._rest is None or first < self.detail else self._rest
        scratch, tallies = self._room(inputs)
        kept = last - first if self._keep_votes else 0
        votes = np.empty((kept, inputs.count_stream.shape[1]), np.int32)
        weights = np.empty(kept if inputs.direction.shape[0] else 0, np.int64)
        run_groups(inputs, first, last, self.detail, scratch, tallies, votes, weights)
        return votes, weights

    def total(self) -> Tallies:
        """Tallies of all threads together."""
        start = new_tallies(self._inputs, units=self._units)
        for tallies in self._tallies:
            for target, part in zip(start, tallies, strict=True):
                target += part
        return start


def _draw_range(
    workers: _Workers,
    first: int,
    last: int,
    block: Callable[[int], int],
    trials: int,
    on_progress: Progress | None,
    on_votes: WhenDrawn | None,
) -> None:
    """Draw trials first..last-1, a few blocks ahead of what has been handed on, in order."""
    waiting: list[tuple[int, int, Future[tuple[Votes, Weights]]]] = []
    start = first
    while start < last or waiting:
        while start < last and len(waiting) < _AHEAD * workers.threads:
            size = block(start)
            end = min(last, start - start % size + size)
            if start < workers.detail < end:
                end = workers.detail  # what follows may be drawn from other arrays
            waiting.append((start, end, workers.pool.submit(workers.block, start, end)))
            start = end
        wait([future for *_, future in waiting], timeout=0.1, return_when=FIRST_COMPLETED)
        interrupts.look()
        while waiting and waiting[0][2].done():
            begin, end, future = waiting.pop(0)
            votes, weights = future.result()
            if on_votes is not None:
                on_votes(begin, votes, weights)
            if on_progress is not None:
                on_progress(end, trials)


def standard_error(p: float, trials: float) -> float:
    """Monte Carlo standard error of a probability from so many independent, or effective, trials."""
    return math.sqrt(max(p * (1.0 - p), 0.0) / trials)
