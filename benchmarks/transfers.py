"""Estimates of transfers beside what users would pick: `python -m benchmarks.transfers FOLDER [--rivals PYTHON]`.

FOLDER has elections whose truth is known: ID_rows.csv, ID_cols.csv, ID_truth.csv, a row a unit or an origin, a column
an option (as ei.Datasets has them; Pavia 2022, CC BY 4.0).  PYTHON is an interpreter that has elex-solver and, for
`--slow`, PyEI; they need other libraries than ours.  Each is called in turn on the same arrays, imports and
compilation outside the clock, and each figure is said of every second election, too: constants were chosen on one half
or the other.  Without FOLDER: a country's polling places, and draws.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.problem import Floats
from runoff.estimate.ecological import transfers
from runoff.estimate.ecological.transfers import Estimate, estimate

_RIVALS = Path(__file__).with_name("rivals") / "transfers_rivals.py"
_GRID = [(power, scale) for power in (0.0, 0.5, 1.0, 1.5, 2.0) for scale in (0.75, 1.0, 1.25)]


@dataclass(frozen=True, slots=True)
class Election:
    """An election whose truth is known: first float64[n, R], second float64[n, C], truth float64[R, C]."""

    name: str
    first: Floats
    second: Floats
    truth: Floats


@dataclass(slots=True)
class Scores:
    """An estimator's errors, seconds, and shares of cells within its intervals, election by election."""

    errors: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    inside: dict[int, list[float]] = field(default_factory=lambda: {50: [], 90: []})


def elections(folder: Path, shape: str) -> list[Election]:
    """The elections of a folder whose names end in a shape."""
    found = []
    for path in sorted(folder.glob(f"*_{shape}_truth.csv")):
        name = path.name.removesuffix("_truth.csv")
        parts = [_numbers(folder / f"{name}_{part}.csv") for part in ("rows", "cols", "truth")]
        found.append(Election(name, *parts))
    return found


def _numbers(path: Path) -> Floats:
    with path.open(encoding="utf-8") as file:
        return np.array([[float(cell) for cell in row[1:]] for row in list(csv.reader(file))[1:]])


def error(matrix: Floats, truth: Floats) -> float:
    """Per cent of voters who are put in a wrong cell."""
    return float(50.0 * np.abs(matrix - truth).sum() / truth.sum())


def ours(of: Election) -> Estimate:
    """Our estimate, with the names that keep the order."""
    names = [[f"{i:05d}" for i in range(size)] for size in (len(of.first), *of.truth.shape)]
    return estimate(of.first, of.second, (names[0], names[1], names[2]))


def scored(found: Sequence[Election], fit: Callable[[Election], Estimate] = ours) -> Scores:
    """Our scores; draws are of whole people."""
    scores = Scores()
    for of in found:
        begun = time.process_time()
        answer = fit(of)
        scores.seconds.append(time.process_time() - begun)
        scores.errors.append(error(answer.matrix, of.truth))
        for level in (50, 90):
            scores.inside[level].append(float(held(np.rint(answer.draws), of.truth, level / 100.0).mean()))
    return scores


def held(draws: Floats, truth: Floats, level: float) -> Floats:
    """What part of a central interval of draws float64[D, ...] holds the truth: 1, 0, or between where it is at an end.

    Of a cell of few people many draws are the truth itself.  An interval that holds them whole holds more than its
    level says; so a tie counts as far as the interval cuts into it (the randomised probability integral transform).
    """
    below, upto = (draws < truth).mean(axis=0), (draws <= truth).mean(axis=0)
    low, high, tie = 0.5 - level / 2.0, 0.5 + level / 2.0, upto > below
    part = np.clip(np.minimum(upto, high) - np.maximum(below, low), 0.0, None)
    found: Floats = np.where(tie, part / np.where(tie, upto - below, 1.0), (low <= below) & (below <= high))
    return found


def rivals(found: Sequence[Election], python: str, name: str) -> Scores:
    """A rival's scores, from a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        given, answer = Path(folder) / "given.npz", Path(folder) / "answer.npz"
        parts = {f"{key}{i}": getattr(of, key) for i, of in enumerate(found) for key in ("first", "second")}
        np.savez(given, **parts)
        subprocess.run([python, str(_RIVALS), name, str(given), str(answer)], check=True)
        scores = Scores()
        with np.load(answer) as file:
            scores.seconds += file["seconds"].tolist()
            for i, of in enumerate(found):
                scores.errors.append(error(file[f"matrix{i}"], of.truth))
                if f"low90_{i}" in file:
                    low, high = file[f"low90_{i}"], file[f"high90_{i}"]
                    scores.inside[90].append(float(((low <= of.truth) & (of.truth <= high)).mean()))
    return scores


def crossed(found: Sequence[Election]) -> float:
    """Our error where two constants of each half were chosen on the other: how the mass grows, and its size."""
    errors = {}
    before = transfers.POWER, transfers.OF_ORIGINS, transfers.OF_DESTINATIONS
    try:
        for power, scale in _GRID:
            transfers.POWER, transfers.OF_ORIGINS, transfers.OF_DESTINATIONS = (
                power,
                before[1] * scale,
                before[2] * scale,
            )
            errors[power, scale] = np.array(scored(found).errors)
    finally:
        transfers.POWER, transfers.OF_ORIGINS, transfers.OF_DESTINATIONS = before
    halves = []
    for half in (0, 1):
        best = min(errors, key=lambda cell: errors[cell][1 - half :: 2].mean())
        halves.append(errors[best][half::2])
    return float(np.concatenate(halves).mean())


def row(name: str, scores: Scores) -> str:
    """A line of the table."""
    errors = np.array(scores.errors)
    inside = " / ".join(f"{np.mean(scores.inside[level]):.3f}" if scores.inside[level] else "-" for level in (90, 50))
    halves = f"{errors[::2].mean():.2f}, {errors[1::2].mean():.2f}"
    return f"| {name} | {errors.mean():.2f} ({halves}) | {inside} | {1000 * np.mean(scores.seconds):.0f} ms |"


def country() -> None:
    """Seconds of 69,000 units x 9 x 4 on one thread and on two, and of 1,000 draws of a matrix more than of two."""
    rng = np.random.default_rng(1)
    shares = rng.dirichlet(np.array([5, 4, 3, 3, 2, 1, 1, 1, 8]), 69_000)
    moves = rng.dirichlet(np.array([2.0, 2.0, 0.3, 1.0]), 9)
    sizes = rng.integers(200, 1_200, 69_000)
    first = np.array([rng.multinomial(n, p) for n, p in zip(sizes, shares, strict=True)], float)
    second = np.array([rng.multinomial(n, p) for n, p in zip(sizes, shares @ moves, strict=True)], float)
    names = [[f"{i:05d}" for i in range(size)] for size in (69_000, 9, 4)]
    for of, units, threads, draws in (("69,000 units", 69_000, 1, 1_000), ("69,000 units", 69_000, 2, 1_000),
                                      ("100 units", 100, 1, 2), ("100 units", 100, 1, 1_000)):  # fmt: skip
        told = names[0][:units], names[1], names[2]
        settings = transfers.Settings(threads=threads, draws=draws)
        clocks = []
        for _ in range(2 if units > 100 else 20):
            begun = time.perf_counter(), time.process_time()
            estimate(first[:units], second[:units], told, None, settings)
            clocks.append((time.process_time() - begun[1], time.perf_counter() - begun[0]))
        print(
            f"{of} x 9 x 4, {threads} threads, {draws:,} draws: {min(clocks)[0]:.3f} s of CPU, {min(clocks)[1]:.3f} s"
        )


def main() -> int:
    """Print a table a shape."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.transfers", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--rivals", metavar="PYTHON")
    parser.add_argument("--slow", type=int, default=0, metavar="N", help="also PyEI, on the N smallest elections")
    options = parser.parse_args()
    country()
    for shape in ("merged", "full") if options.folder else ():
        found = elections(options.folder, shape)
        ours(found[0])
        print(f"\n{shape}: {len(found)} elections\n")
        print("| estimator | error index (halves) | 90 % / 50 % intervals hold | CPU time each |\n|---|---|---|---|")
        print(row("ours", scored(found)), flush=True)
        if options.rivals:
            print(row("elex-solver", rivals(found, options.rivals, "elex-solver")), flush=True)
            print(row("ours, again", scored(found)), flush=True)
        print(f"\nours, with constants of each half chosen on the other: {crossed(found):.2f}")
        if options.rivals and options.slow and shape == "merged":
            few = sorted(found, key=lambda of: of.first.size)[: options.slow]
            print(f"\nthe {len(few)} smallest:\n")
            print(row("ours", scored(few)))
            print(row("PyEI", rivals(few, options.rivals, "pyei")), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
