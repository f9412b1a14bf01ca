"""Draws the trials, block by block, and says what was drawn: whole-number tallies, their digest, standard errors.

A block is a range of trials; which thread draws it, and when, cannot show in the result, because every
number is a function of (seed, stream, trial) and sums are of whole numbers.
"""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from runoff import interrupts
from runoff.kernels._jit import when_compiling
from runoff.kernels.arrays import PPM, RATE_BIN, RESPONSE_BINS, SHARE_BIN, Inputs, Tallies, new_tallies
from runoff.simulate.threads import Plan, Votes, Weights, Workers

__all__ = [
    "PPM",
    "RATE_BIN",
    "RESPONSE_BINS",
    "SHARE_BIN",
    "Drawn",
    "Progress",
    "WhenDrawn",
    "added",
    "digest",
    "draw",
    "entries",
    "standard_error",
    "when_compiling",
    "whole",
]

DETAIL_TRIALS = 2**18  # trials that are also tallied by pool and unit: their quantiles need no more
ROUND = 2**18  # trials between two looks at the standard error, where one is asked for

Progress = Callable[[int, int], None]
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
) -> Drawn:
    """Draw trials first..trials-1 and tally them.

    Parameters
    ----------
    rest : what the trials after the detailed ones are drawn from, where that is cheaper (`runoff.simulate.aggregate`).
    target_se : stop as soon as every win probability has at most this standard error, looked at every
        ROUND trials; `trials` is then the most that are drawn.
    on_votes : called in order of trials with (first trial, votes int32[n, K], weights int64[n] or none).
    """
    begun = time.perf_counter()
    plan = Plan(inputs, rest, trials, min(detail_trials, trials), units, on_votes is not None, block_groups)

    def finished(done: int) -> Drawn:
        seconds = time.perf_counter() - begun
        return Drawn(workers.total(), done - first, min(plan.detail, done), seconds, weighs(inputs))

    with interrupts.patient(), Workers(plan, threads) as workers:
        done = first
        while done < trials:
            goal = trials if target_se is None else min(trials, done - done % ROUND + ROUND)
            for begin, end, (votes, weights) in workers.blocks(done, goal):
                if on_votes is not None:
                    on_votes(begin, votes, weights)
                if on_progress is not None:
                    on_progress(end, trials)
            done = goal
            if target_se is not None and largest_se(finished(done)) <= target_se:
                break
        return finished(done)


def weighs(inputs: Inputs) -> bool:
    """Whether trials of these arrays have weights."""
    return bool(inputs.direction.shape[0] > 0)


_PIECE = 1 << 20  # numbers of a tally that are looked at together


def largest_se(drawn: Drawn) -> float:
    """Largest standard error of the win probabilities; half a win is added, so that 0 of n is not certain."""
    n = drawn.effective
    p = (drawn.tallies.wins / drawn.total * n + 0.5) / (n + 1.0)
    return float(np.sqrt(p * (1.0 - p) / n).max())


def digest(drawn: Drawn) -> str:
    """sha256 over the number of trials and every tally, little-endian: equal bits, equal digest.

    The cells of two rates stay out: they count trials that the tallies of each rate count, and older runs lack them.
    """
    result = hashlib.sha256(f"{drawn.trials} {drawn.detail_trials}".encode())
    for name, tally in zip(Tallies._fields, drawn.tallies, strict=True):
        if name == "response":
            continue
        result.update(f" {name} {tally.shape} ".encode())
        flat = np.ascontiguousarray(carried(name, tally)).reshape(-1)
        for first in range(0, flat.size, _PIECE):  # in pieces, as a copy of all in 64 bits may be the largest of all
            result.update(np.ascontiguousarray(flat[first : first + _PIECE], dtype="<i8").data)
    return result.hexdigest()


Entries = tuple[str, npt.NDArray[np.int64], npt.NDArray[np.int64]]  # a tally, places in it row by row, and numbers


def entries(tallies: Tallies) -> Iterator[Entries]:
    """Every number of the tallies that is not nought, piece by piece."""
    for name, tally in zip(Tallies._fields, tallies, strict=True):
        yield from sparse(name, carried(name, tally))


def sparse(name: str, tally: npt.NDArray[Any], begin: int = 0) -> Iterator[Entries]:
    """Every number of one tally that is not nought, piece by piece; begin : the place of its first."""
    flat = np.ascontiguousarray(tally).reshape(-1)
    for first in range(0, flat.size, _PIECE):
        places = np.flatnonzero(flat[first : first + _PIECE])
        if places.size:
            yield name, begin + first + places, flat[first + places].astype(np.int64, copy=False)


def added(inputs: Inputs, units: bool, parts: Iterable[Entries]) -> Tallies:
    """The tallies that parts' entries add up to; inputs, units : of the run that all of them are parts of.

    Raises
    ------
    ValueError : an entry of no tally, or beyond its end.
    """
    total = new_tallies(inputs, units=units)
    add_entries(total._asdict(), parts)
    return total


def add_entries(total: Mapping[str, npt.NDArray[np.int64]], parts: Iterable[Entries]) -> None:
    """Add the parts' entries to whole arrays, by name.

    Raises
    ------
    ValueError : an entry of no tally, or beyond its end.
    """
    for name, places, values in parts:
        if name not in total:
            raise ValueError(f"no tally {name!r}")
        flat = total[name].reshape(-1)
        beyond = places[(places < 0) | (places >= flat.size)]
        if beyond.size:
            raise ValueError(f"no place {beyond[0]} in a tally {name!r}")
        np.add.at(flat, places, values.astype(flat.dtype, copy=False))


# Sums kept as (low 32 bits, rest): the same sum can be split in two ways, so they are carried first.
_WIDE = "weight detail_weight votes vote_products share margin turnout detail_margin rate_moments unit_votes unit_share"


def carried(name: str, tally: npt.NDArray[np.signedinteger]) -> npt.NDArray[np.signedinteger]:
    """A tally with the carries of its wide sums done: low parts below 2^32."""
    if name not in _WIDE.split():
        return tally
    low, high = tally[..., 0], tally[..., 1]
    return np.stack([low & 0xFFFFFFFF, high + (low >> 32)], axis=-1)


def whole(wide: npt.NDArray[np.int64]) -> int:
    """A wide sum as a Python int."""
    return int(wide[0]) + (int(wide[1]) << 32)


def standard_error(p: float, trials: float) -> float:
    """Monte Carlo standard error of a probability from so many independent, or effective, trials."""
    return math.sqrt(max(p * (1.0 - p), 0.0) / trials)
