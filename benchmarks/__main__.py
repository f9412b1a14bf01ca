"""Runs the benchmarks and prints a table: `python -m benchmarks [--quick] [FILE]`.

Ours and each rival run in turn, several rounds, one thread each, warm-up outside the clock; the same model
with the same parameters, and a check that both give the same answer within Monte Carlo error.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # one thread each
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from benchmarks.numpy_rival import NumpyRival
from forecast.inputs import to_inputs
from forecast.model import build
from forecast.runfile import load
from kernels.arrays import Inputs, new_scratch, new_tallies
from kernels.philox import GROUP
from kernels.transfer import run_groups

APRIL = Path(__file__).parents[1] / "configs" / "ga06-2017" / "april.toml"
CHUNKS = (250, 500, 1_000, 2_000, 4_000, 8_000)
Contestant = Callable[[int], tuple[int, int]]  # trials -> (trials drawn, first finalist's wins)


def ours(inputs: Inputs, detail_trials: int) -> Contestant:
    """The trial kernel on one thread; `detail_trials` of the call are tallied by pool too."""
    scratch, none = new_scratch(inputs), np.empty((0, 2), np.int32)

    def contest(trials: int) -> tuple[int, int]:
        tallies = new_tallies(inputs, units=False)
        trials = trials // GROUP * GROUP
        run_groups(inputs, 0, trials, detail_trials, scratch, tallies, none, np.empty(0, np.int64))
        return trials, int(tallies.wins[0])

    return contest


def numpys(inputs: Inputs, chunk: int, dtype: type[np.floating[Any]]) -> Contestant:
    """The NumPy rival."""

    def contest(trials: int) -> tuple[int, int]:
        rival = NumpyRival(inputs, chunk, dtype)
        rival.run(trials)
        return int(rival.wins.sum() + rival.ties), int(rival.wins[0])

    return contest


def nanoseconds(contest: Contestant, trials: int) -> tuple[float, float]:
    """Nanoseconds a trial, and the first finalist's win probability."""
    begun = time.perf_counter()
    drawn, wins = contest(trials)
    return (time.perf_counter() - begun) / drawn * 1e9, wins / drawn


def best_chunk(inputs: Inputs, dtype: type[np.floating[Any]]) -> int:
    """The chunk that suits this machine's caches best."""
    return min(CHUNKS, key=lambda chunk: min(nanoseconds(numpys(inputs, chunk, dtype), 40_000)[0] for _ in range(3)))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=APRIL, help="a run file with one unit, two finalists")
    parser.add_argument("--quick", action="store_true", help="fewer trials and rounds")
    options = parser.parse_args()
    rounds, trials = (3, 500_000) if options.quick else (9, 2_000_000)
    inputs = to_inputs(build(load(options.file)), 1)
    if inputs.people.shape[0] > 1 or inputs.count_stream.shape[1] > 2:
        parser.error("the rivals are written for one unit and two finalists")
    contests = {"ours": ours(inputs, 0), "ours, every trial in detail": ours(inputs, 2**62)}
    dtypes: tuple[type[np.floating[Any]], ...] = (np.float64, np.float32)
    for dtype in dtypes:
        chunk = best_chunk(inputs, dtype)
        contests[f"NumPy {dtype.__name__}, chunks of {chunk:,}"] = numpys(inputs, chunk, dtype)
    times: dict[str, list[float]] = {name: [] for name in contests}
    chances: dict[str, float] = {}
    for contest in contests.values():
        contest(20_000)  # compilation and first touches
    for _ in range(rounds):
        for name, contest in contests.items():
            took, chances[name] = nanoseconds(contest, trials)
            times[name].append(took)
    error = math.sqrt(0.25 / trials)
    for name, chance in chances.items():
        assert abs(chance - chances["ours"]) < 5 * error * math.sqrt(2), f"{name} gives another answer: {chance}"
    print(f"{options.file.name}: {inputs.people.shape[1]} pools, one unit, one thread each; {rounds} rounds")
    print(f"{_cpu()}, Python {platform.python_version()}, NumPy {np.__version__}")
    print(f"{'':<36} {'ns/trial':>9} {'min-max':>13} {'P(first)':>9} {'ours is':>9}")
    mine = statistics.median(times["ours"])
    for name, values in times.items():
        middle = statistics.median(values)
        spread = f"{min(values):.0f}-{max(values):.0f}"
        print(f"{name:<36} {middle:>9.1f} {spread:>13} {chances[name]:>9.4f} {middle / mine:>8.1f}x")


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
