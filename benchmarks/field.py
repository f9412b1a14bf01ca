"""Who runs: every contestant of every job, each named with what it needs; who lacks a library is said by name."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import ours
from benchmarks.country import country
from benchmarks.problem import Problem, leaning_problem, problem
from benchmarks.processes import spread
from benchmarks.rounds import Contestant
from runoff.model.pools import build
from runoff.runfile.load import load

CONFIGS = Path(__file__).parents[1] / "configs" / "ga06-2017"
ONE_UNIT, PRECINCTS, ELECTIONS = "one unit", "208 precincts", "ranked ballots (another job)"
COUNTRY = "35,000 units, 12 candidates"
LEANING = "208 precincts that lean"  # as a run draws them
FILES = {ONE_UNIT: "april.toml", PRECINCTS: "precincts.toml", LEANING: "precincts.toml", ELECTIONS: "april.toml"}
AS_ONE = "ours, the country as one unit"
CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Entry:
    """A rival's module and how it is set up; `prepare` also gets `options`.

    processes : how many, or 0 for this process.  threads : how many it uses.
    """

    name: str
    job: str
    module: str
    options: dict[str, Any] = field(default_factory=dict)
    threads: int = 1
    processes: int = 0


def _numpy(label: str, job: str, module: str, **options: Any) -> list[Entry]:
    """In one process and, where there are more cores, in as many processes."""
    name = f"NumPy {label}"
    return [Entry(name, job, module, options)] + [
        Entry(name, job, module, options, processes=CORES) for _ in range(CORES > 1)
    ]


_FAST: dict[str, Any] = {"dtype": "float32", "normals": "box-muller"}
ENTRIES: tuple[Entry, ...] = (
    *_numpy("float64", ONE_UNIT, "numpy_one_unit"),
    *_numpy("float32", ONE_UNIT, "numpy_one_unit", dtype="float32"),
    *_numpy("float32, Box-Muller by hand", ONE_UNIT, "numpy_one_unit", **_FAST),
    Entry("numba, idiomatic", ONE_UNIT, "numba_idiomatic", {"threads": CORES}, CORES),
    Entry("JAX", ONE_UNIT, "jax_rival", {"devices": CORES}, CORES),
    Entry("PyTorch", ONE_UNIT, "torch_rival", {"threads": CORES}, CORES),
    Entry("NumPyro", ONE_UNIT, "numpyro_rival", {"devices": CORES}, CORES),
    *_numpy("float64", PRECINCTS, "numpy_units"),
    *_numpy("float32, Box-Muller by hand", PRECINCTS, "numpy_units", **_FAST),
    *_numpy("float64", LEANING, "numpy_leaning"),
    *_numpy("float32, Box-Muller by hand", LEANING, "numpy_leaning", **_FAST),
    Entry("numba, idiomatic", PRECINCTS, "numba_idiomatic", {"threads": CORES}, CORES),
    Entry("VoteKit, TopTwo", ELECTIONS, "votekit_rival"),
    Entry("pref_voting, plurality with runoff", ELECTIONS, "pref_voting_rival"),
)


@contextmanager
def field_of(only: Sequence[str] = ()) -> Iterator[tuple[list[Contestant], list[str]]]:
    """Contestants ready to run, and a line for each who cannot; `only` keeps names that contain one of these."""
    problems = {job: (leaning_problem if job == LEANING else problem)(CONFIGS / name) for job, name in FILES.items()}
    contestants, skipped = [], []
    with ExitStack() as stack:
        contestants += _ours()
        for entry in ENTRIES:
            if only and not any(word.lower() in entry.name.lower() for word in only):
                continue
            try:
                contestants.append(_contestant(entry, problems[entry.job], stack))
            except ImportError as error:
                skipped.append(f"skipped: {entry.name} ({entry.job}): {error}; pip install -e '.[bench,ballots]'")
        yield contestants, skipped


def _ours() -> list[Contestant]:
    """Ours, on one thread and on all."""
    ways = {ONE_UNIT: (ours.DIRECT, ours.RUN), PRECINCTS: (ours.DIRECT, ours.TOTALS)}
    found = []
    for threads in sorted({1, CORES}):
        for job, names in ways.items():
            for way in names:
                contest = ours.prepare(CONFIGS / FILES[job], way=way, threads=threads)
                found.append(Contestant(way, job, contest, threads))
    leaning = ours.contest_of(ours.arrays(build(load(CONFIGS / FILES[PRECINCTS])), ours.DIRECT), CORES)
    found.append(Contestant(ours.DIRECT, LEANING, leaning, CORES))
    totals = ours.contest_of(ours.arrays(country(), ours.TOTALS), CORES)
    as_one = ours.contest_of(ours.arrays(country(1), ours.DIRECT), CORES)
    found.append(Contestant(ours.TOTALS, COUNTRY, totals, CORES))
    found.append(Contestant(AS_ONE, COUNTRY, as_one, CORES))
    return found


def _contestant(entry: Entry, about: Problem, stack: ExitStack) -> Contestant:
    module = importlib.import_module(f"benchmarks.rivals.{entry.module}")
    if entry.processes:
        contest = stack.enter_context(spread(entry.module, about, entry.processes, **entry.options))
    else:
        contest = module.prepare(about, **entry.options)
    return Contestant(entry.name, entry.job, contest, entry.threads, max(1, entry.processes))
