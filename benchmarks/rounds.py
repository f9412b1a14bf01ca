"""Contestants in turn, several rounds: warm-up outside the clock, medians with their spread."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.counts import Contest, Counts

_NEAR = 3  # a run within this factor of the time wanted tells how many trials fill it
_GROWTH = 16  # a short run tells little of a long one: fixed costs


@dataclass(frozen=True, slots=True)
class Contestant:
    """Somebody who does a job; `job` says which, and only the same job's answers are compared.

    threads and processes : how many of each the contestant works with.
    """

    name: str
    job: str
    contest: Contest
    threads: int = 1
    processes: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """A contestant's figures: nanoseconds a trial over the rounds, and the answer of all rounds together.

    p_first : share of trials that the first finalist wins; p_recount : share with a lead that calls for a recount.
    margin_mean, margin_sd : of the first finalist's lead as a share of valid votes.
    The last three are NaN where the job has none.
    """

    name: str
    job: str
    threads: int
    processes: int
    ns_per_trial: float
    ns_min: float
    ns_max: float
    rounds: int
    trials: int
    p_first: float
    p_tie: float
    p_recount: float
    margin_mean: float
    margin_sd: float


def run(
    contestants: Sequence[Contestant],
    *,
    rounds: int,
    seconds: float,
    on_round: Callable[[int, Contestant, float], None] | None = None,
) -> list[Row]:
    """Rows in the order of the contestants, each of whom has about so many seconds a round.

    Every second round runs in the opposite order, so that a machine that slows down slows all alike.
    `on_round` is called with (round, contestant, nanoseconds a trial).
    """
    sizes = [_trials_in(contestant.contest, seconds) for contestant in contestants]
    times: list[list[float]] = [[] for _ in contestants]
    answers: list[list[Counts]] = [[] for _ in contestants]
    places = range(len(contestants))
    for number in range(rounds):
        for at in places if number % 2 == 0 else reversed(places):
            took, counts = _timed(contestants[at].contest, sizes[at])
            times[at].append(took / counts.trials * 1e9)
            answers[at].append(counts)
            if on_round is not None:
                on_round(number, contestants[at], times[at][-1])
    return [row_of(*each) for each in zip(contestants, times, answers, strict=True)]


def _timed(contest: Contest, trials: int) -> tuple[float, Counts]:
    begun = time.perf_counter()
    counts = contest(trials)
    return time.perf_counter() - begun, counts


def _trials_in(contest: Contest, seconds: float) -> int:
    """How many trials take so many seconds: compiles, touches the memory, then asks for more until it is near."""
    contest(1)
    trials = 1
    while True:
        # the shortest of three: a machine's hiccup is no reason to draw few
        took, counts = min((_timed(contest, trials) for _ in range(3)), key=lambda timed: timed[0])
        wanted = max(1, round(counts.trials * seconds / took))
        if took >= seconds / _NEAR:
            return wanted
        trials = min(wanted, _GROWTH * counts.trials)


def row_of(contestant: Contestant, times: Sequence[float], answers: Sequence[Counts]) -> Row:
    """A contestant's row: `times` are nanoseconds a trial, `answers` what each round drew."""
    total = sum(answers[1:], start=answers[0])
    n = total.trials
    mean = total.margin_sum / n
    variance = total.margin_squares / n - mean * mean
    return Row(
        name=contestant.name,
        job=contestant.job,
        threads=contestant.threads,
        processes=contestant.processes,
        ns_per_trial=statistics.median(times),
        ns_min=min(times),
        ns_max=max(times),
        rounds=len(times),
        trials=n,
        p_first=total.wins / n,
        p_tie=total.ties / n,
        p_recount=total.recounts / n if total.recounts >= 0 else math.nan,
        margin_mean=mean,
        margin_sd=math.sqrt(variance) if variance >= 0 else math.nan,
    )
