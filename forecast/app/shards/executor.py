"""A run's ranges drawn by any `concurrent.futures.Executor`: processes, threads, or a cluster's.

A task carries what the run was opened from and a range of its trials; whoever draws it opens the same run, which it
keeps for its next task.  Tallies are whole numbers: which worker drew what, in which order and how often it was tried
again cannot show.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from runoff.app.shards.part import Part, fit, refuse, source
from runoff.app.shards.ranges import RANGED
from runoff.app.shards.tasks import answers, executor_of, same_program
from runoff.errors import UsageError
from runoff.files import Files
from runoff.phases import pipeline
from runoff.phases.base import Made
from runoff.phases.pipeline import Opened
from runoff.phases.settings import Options
from runoff.runfile.load import loads_any
from runoff.simulate.driver import Entries, Progress

PARTS = 64  # ranges that a run is cut into, where nobody says


@dataclass(frozen=True, slots=True)
class Task:
    """A range of a run's trials; source : hash of the program that cut it, which the one that draws it must have."""

    run_id: str
    text: str
    name: str
    files: Mapping[str, bytes]
    asked: Mapping[str, object]
    first: int
    last: int
    threads: int
    source: str


@dataclass(frozen=True, slots=True)
class Tallied:
    """What a task comes back with."""

    first: int
    last: int
    entries: list[Entries]
    seconds: float


def spread(
    run: Opened,
    executor: Executor,
    *,
    parts: int | None = None,
    threads: int = 1,
    on_progress: Progress | None = None,
) -> pipeline.Drawn:
    """A run's tables, drawn by an executor: the bits of `pipeline.draw`.

    parts : ranges that the trials are cut into.  threads : of each task.

    Raises
    ------
    UsageError : the run is no sum of ranges; that is no executor; or a worker has another version.
    OutputError : the executor lost its workers.
    InputError : the race is too large for the kernel.
    """
    refuse(run)
    executor = executor_of(executor)
    begun, trials = time.perf_counter(), run.settings.trials
    found = fit(run)
    many = parts or max(1, min(PARTS, trials // RANGED[run.phase.name].least))
    done = 0

    def heard() -> Iterator[Entries]:
        nonlocal done
        for tallied in answers(executor, tally, _tasks(run, many, threads)):
            yield from tallied.entries
            done += tallied.last - tallied.first
            if on_progress is not None:
                on_progress(done, trials)

    drawn = RANGED[run.phase.name].added(run, found, heard())
    seconds = time.perf_counter() - begun
    drawn = replace(drawn, seconds=seconds)
    tables = run.phase.summarize(run.data, found, drawn, Made(run.settings, seconds))
    tables = pipeline.stamped(tables, run.run_id, run.data.case.run_file.race.id)
    return pipeline.Drawn(tables, run.phase.digest(drawn), trials)


def _tasks(run: Opened, parts: int, threads: int) -> Iterator[Task]:
    case = run.data.case
    for number in range(1, parts + 1):
        first, last = Part(number, parts).range(run.settings.trials)
        if last > first:
            name = Path(case.path).name
            yield Task(run.run_id, case.text, name, run.files.read, run.asked, first, last, threads, source())


def tally(task: Task) -> Tallied:
    """Draw a task's range, here.

    Raises
    ------
    UsageError : this program is another than the one that cut the task.
    """
    same_program(task.source)
    run, found = _opened(task)
    begun = time.perf_counter()
    ranged, span = RANGED[run.phase.name], (task.first, task.last)
    drawn = ranged.draw(run, found, span, task.threads, None)
    numbers = list(ranged.entries(run, drawn, span))
    return Tallied(task.first, task.last, numbers, time.perf_counter() - begun)


_KEPT: dict[str, tuple[Opened, Any]] = {}  # the last run that this process opened
_ONE = threading.Lock()


def _opened(task: Task) -> tuple[Opened, Any]:
    """The run of a task, with what its trials need; the last one is kept."""
    with _ONE:
        if task.run_id not in _KEPT:
            case = loads_any(task.text, Files(given=task.files), task.name)
            run = pipeline.opened(case, Options.of(task.asked))
            if run.run_id != task.run_id:
                raise UsageError(f"this worker opens {run.run_id} where {task.run_id} was asked for")
            _KEPT.clear()
            _KEPT[task.run_id] = run, fit(run)
        return _KEPT[task.run_id]
