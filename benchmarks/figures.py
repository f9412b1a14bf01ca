"""The figures that the suite is for, from its rows and a few measurements, each with what it should reach."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks import ours, precision, roofline, whole
from benchmarks.country import country
from benchmarks.field import AS_ONE, CONFIGS, CORES, COUNTRY, LEANING, ONE_UNIT, PRECINCTS
from benchmarks.rounds import Row
from runoff.model.pools import build
from runoff.runfile.load import load
from runoff.simulate.aggregate import summed_inputs
from runoff.simulate.driver import draw

APRIL = CONFIGS / "april.toml"


@dataclass(frozen=True)
class Figure:
    """One figure: its value, and the bound it should keep; `at_least` says on which side.  NaN-free."""

    name: str
    value: float
    unit: str
    bound: float
    at_least: bool

    @property
    def kept(self) -> bool:
        """Whether the bound is kept."""
        return self.value >= self.bound if self.at_least else self.value <= self.bound


def ratios(rows: list[Row]) -> Iterator[Figure]:
    """Rivals' nanoseconds a trial over ours, of the same run; a rival who did not run has no figure."""
    wanted = [
        ("NumPy float64, one process", ONE_UNIT, "NumPy float64", 1, 20.0),
        (f"NumPy float64, {CORES} processes", ONE_UNIT, "NumPy float64", CORES, 10.0),
        ("numba as idiomatic, all cores", ONE_UNIT, "numba, idiomatic", 1, 12.0),
        ("JAX, all cores", ONE_UNIT, "JAX", 1, 12.0),
    ]
    for way in (ours.RUN, ours.DIRECT):
        for said, job, name, processes, bound in wanted:
            rival, mine = _row(rows, job, name, processes), _row(rows, job, way, 1, CORES)
            if rival and mine:
                value = rival.ns_per_trial / mine.ns_per_trial
                yield Figure(f"{said} / {way}", value, "x", bound, True)
    rival, mine = _row(rows, PRECINCTS, "NumPy float64", CORES), _row(rows, PRECINCTS, ours.DIRECT, 1, CORES)
    if rival and mine:
        said = f"208 precincts: NumPy float64, {CORES} processes / {ours.DIRECT}"
        yield Figure(said, rival.ns_per_trial / mine.ns_per_trial, "x", 10.0, True)
    mine = _row(rows, LEANING, ours.DIRECT, 1, CORES)
    for name, bound in (("NumPy float64", 15.0), ("NumPy float32, Box-Muller by hand", 0.0)):
        rival = _row(rows, LEANING, name, CORES)
        if rival and mine:
            said = f"208 precincts that lean: {name}, {CORES} processes / {ours.DIRECT}"
            yield Figure(said, rival.ns_per_trial / mine.ns_per_trial, "x", bound, True)
    totals, as_one = _row(rows, COUNTRY, ours.TOTALS, 1, CORES), _row(rows, COUNTRY, AS_ONE, 1, CORES)
    if totals and as_one:
        value = totals.ns_per_trial / as_one.ns_per_trial
        yield Figure("35,000 units x 12 candidates, totals only / as one unit", value, "x", 2.0, False)


def _row(rows: list[Row], job: str, name: str, processes: int, threads: int | None = None) -> Row | None:
    for row in rows:
        if (row.job, row.name, row.processes) == (job, name, processes) and threads in (None, row.threads):
            return row
    return None


def measured(rows: list[Row], *, quick: bool) -> Iterator[Figure]:
    """What is not a ratio of rows: the fit, the roofline, threads, precision, whole processes."""
    race = country()
    begun = time.perf_counter()
    found = summed_inputs(race, 1)
    yield Figure("the fit of 35,000 units x 12 candidates", time.perf_counter() - begun, "s", 10.0, False)
    assert found is not None
    yield Figure("its bound on mean votes, share of the people", found[1].votes / race.people.sum(), "", 1e-4, False)
    april = build(load(APRIL))
    for way in (ours.DIRECT, ours.RUN):
        mine = _row(rows, ONE_UNIT, way, 1, 1)
        if mine:
            least = roofline.least(roofline.parts(ours.arrays(april, way)))
            yield Figure(f"share of the roofline, {way}", 100 * least / mine.ns_min, "%", 70.0, True)
    if CORES > 1:
        yield threads_worth(10_000_000 if quick else 100_000_000)
    off = precision.difference(APRIL, 500_000 if quick else 10_000_000)
    yield Figure(f"float32 against float64, {off.trials:,} trials: largest difference", off.votes, "votes", 1.0, False)
    yield Figure("the same: difference of the win probability", off.probability, "", 1e-6, False)
    runs = 3 if quick else 9
    million = ["run", str(APRIL), "--trials", "1_000_000"]
    once = whole.seconds(million, runs=runs)
    yield Figure("whole process, 1 million trials, warm", once, "s", 1.0, False)
    night = ["run", str(CONFIGS / "runoff-night.toml"), "--results", str(CONFIGS / "runoff-counted-2055.csv")]
    yield Figure(
        "a runoff's night of 208 precincts / that process", whole.seconds(night, runs=runs) / once, "x", 2.0, False
    )
    yield Figure("`runoff --help`", whole.seconds(["--help"], runs=runs), "s", 0.2, False)
    if not quick:
        fresh = whole.seconds(million, runs=1, fresh_cache=True)
        yield Figure("the same, nothing compiled yet", fresh, "s", 15.0, False)
        billion = ["run", str(APRIL), "--trials", "1_000_000_000"]
        yield Figure("peak memory, 1e9 trials", whole.peak_megabytes(billion), "MB", 400.0, False)


def threads_worth(trials: int) -> Figure:
    """Speed of all cores over that of one, every pool by itself, in turn and at their best of three."""
    inputs = ours.arrays(build(load(APRIL)), ours.DIRECT)
    best = {1: float("inf"), CORES: float("inf")}
    for _ in range(3):
        for threads in best:
            took = draw(inputs, trials, threads=threads, units=False, detail_trials=0).seconds
            best[threads] = min(best[threads], took)
    return Figure(f"{CORES} threads against one, {trials:,} trials", best[1] / best[CORES], "x", 1.9, True)
