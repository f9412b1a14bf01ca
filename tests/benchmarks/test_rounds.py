"""The rounds: who runs when, and what becomes of the figures."""

from __future__ import annotations

import dataclasses
import math
import time

from benchmarks.answers import disagreements
from benchmarks.counts import Contest, Counts
from benchmarks.rounds import Contestant, Row, run


def _contest(name: str, calls: list[tuple[str, int]], nanoseconds: float) -> Contest:
    def contest(trials: int) -> Counts:
        calls.append((name, trials))
        time.sleep(trials * nanoseconds / 1e9)
        return Counts(trials, trials // 2, 0, 0, 0.0, float(trials))

    return contest


def test_contestants_run_in_turn_and_every_second_round_backwards() -> None:
    """After each has been sized alone, a round runs all once: a b, b a, a b."""
    calls: list[tuple[str, int]] = []
    order: list[tuple[int, str]] = []
    both = [Contestant(name, "job", _contest(name, calls, 1e5)) for name in "ab"]
    run(both, rounds=3, seconds=0.02, on_round=lambda number, who, _: order.append((number, who.name)))
    assert order == [(0, "a"), (0, "b"), (1, "b"), (1, "a"), (2, "a"), (2, "b")]
    assert [name for name, _ in calls[-6:]] == ["a", "b", "b", "a", "a", "b"]


def test_a_round_is_about_as_long_as_asked_and_rows_hold_medians() -> None:
    """A contestant of 0.1 ms a trial draws some hundred trials in 20 ms; the row has the middle of its rounds."""
    calls: list[tuple[str, int]] = []
    (row,) = run([Contestant("a", "job", _contest("a", calls, 1e5), threads=2)], rounds=3, seconds=0.02)
    assert 50 <= calls[-1][1] <= 400
    assert row.trials == sum(trials for _, trials in calls[-3:])
    assert row.ns_min <= row.ns_per_trial <= row.ns_max
    assert 1e5 <= row.ns_min < 4e5
    assert (row.threads, row.processes, row.rounds) == (2, 1, 3)
    assert abs(row.p_first - 0.5) < 0.02  # wins are rounded down
    assert (row.margin_mean, row.margin_sd) == (0.0, 1.0)


_RIGHT = Row("ours", "job", 1, 1, 1.0, 1.0, 1.0, 1, 10_000, 0.5, 0.0, 0.1, 0.02, 0.06)


def test_answers_five_standard_errors_apart_are_told() -> None:
    """At 10,000 trials each the standard error is 0.0071 for a probability of a half, 0.00085 for the margin."""
    near = dataclasses.replace(_RIGHT, name="near", p_first=0.535, margin_mean=0.0242)
    far = dataclasses.replace(_RIGHT, name="far", p_first=0.536, margin_mean=0.0243)
    assert disagreements([_RIGHT, near], "ours") == []
    lines = disagreements([_RIGHT, far], "ours")
    assert [line.split(" 0.")[0] for line in lines] == ["far (job): win probability", "far (job): mean margin"]
    assert "5.1 standard errors apart" in lines[0]


def test_an_answer_that_is_no_number_is_told_and_other_jobs_are_not_compared() -> None:
    """NaN is within five standard errors of nothing; a row of another job has nothing to be compared with."""
    broken = dataclasses.replace(_RIGHT, name="broken", margin_mean=math.nan)
    assert len(disagreements([_RIGHT, broken], "ours")) == 1
    assert disagreements([_RIGHT, dataclasses.replace(broken, job="another")], "ours") == []
