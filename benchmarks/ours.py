"""Ours as contestants: `runoff.simulate.driver.draw` over trials that no earlier call has drawn."""

from __future__ import annotations

from pathlib import Path

from benchmarks.counts import Contest, Counts
from benchmarks.problem import model_of
from runoff.kernels.arrays import PPM, Inputs
from runoff.model.pools import Model
from runoff.simulate.aggregate import like_pools, summed_inputs
from runoff.simulate.driver import draw, whole
from runoff.simulate.inputs import to_inputs
from runoff.simulate.places.arrays import with_places

RUN, DIRECT, TOTALS = "ours, as a run draws totals", "ours, every unit and pool by itself", "ours, totals only"
NAME = DIRECT  # the reference that answers are compared with


def arrays(model: Model, way: str, seed: int = 1) -> Inputs:
    """The kernel's arrays for one of the ways above."""
    if way == DIRECT:
        return with_places(to_inputs(model, seed), model)
    found = summed_inputs(model, seed, groups=like_pools(model) if way == RUN else None)
    assert found is not None
    return found[0]


def prepare(path: Path, *, way: str = DIRECT, threads: int = 1, seed: int = 1) -> Contest:
    """The model of a run file on so many threads, races tallied in total."""
    return contest_of(arrays(model_of(path), way, seed), threads)


def contest_of(inputs: Inputs, threads: int) -> Contest:
    """A contest on arrays: each call draws the next trials."""
    drawn = 0

    def contest(trials: int) -> Counts:
        nonlocal drawn
        result = draw(inputs, drawn + trials, threads=threads, units=False, detail_trials=0, first=drawn)
        drawn += trials
        tallies = result.tallies
        return Counts(
            trials=result.trials,
            wins=int(tallies.wins[0]),
            ties=int(tallies.ties[0]),
            recounts=int(tallies.recounts[0]),
            margin_sum=whole(tallies.margin[0]) / PPM,
            margin_squares=whole(tallies.margin[1]) / PPM**2,
        )

    return contest
