"""Ours as one more contestant: `forecast.driver.draw` over trials that no earlier call has drawn."""

from __future__ import annotations

from pathlib import Path

from benchmarks.counts import Contest, Counts
from forecast.driver import draw, whole
from forecast.inputs import to_inputs
from forecast.model import build
from forecast.runfile import load
from kernels.arrays import PPM

NAME = "ours"


def prepare(path: Path, *, threads: int = 1, seed: int = 1) -> Contest:
    """The model of a run file on so many threads, races tallied in total."""
    inputs = to_inputs(build(load(path)), seed)
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
