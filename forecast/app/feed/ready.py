"""Is all ready for a night?  Everything that can fail on it is tried before it."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from runoff.app.feed import lock
from runoff.app.feed.source import Count, Source
from runoff.errors import RunoffError, visible
from runoff.names import listed
from runoff.phases import pipeline
from runoff.phases.settings import Options
from runoff.report.page import Column, Grid, Page
from runoff.runfile.load import Case

READY, WRONG, NOT_YET = 0, 65, 75  # exit codes; 75 is sysexits' "try again later"
_ROOM = 1 << 30  # bytes free on the disk
_SLOW = 60.0  # seconds that a forecast may take
_APART = 120.0  # seconds between a server's clock and ours
_TRIALS = 1_024

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was tried: what, the exit code that it stands for, what is said."""

    name: str
    code: int
    said: str


@dataclass(frozen=True, slots=True)
class Beside:
    """The night's curve and its model lock, where there are to be some; and what the source of counts is called."""

    history: Path | None = None
    lock: Path | None = None
    called: str = ""


def ready(
    case: Callable[[], Case], options: Options, source: Callable[[], Source | None], beside: Beside
) -> list[Check]:
    """Try it all: run file and tables, a forecast, model, folder and disk, history, clock, and where counts come from.

    case : reads the run file.  source : opens where counts come from; None where nobody said.
    """
    checks: list[Check] = []
    found = _tried(
        checks, "run file", case, lambda read: f"{read.run_file.race.name}, {len(read.first_round.units):,} units"
    )
    begun = found is not None and (found.run_file.counting is None or bool(found.first_round.votes.any()))
    if found is not None and begun:
        _tables(checks, found, options)
    _folder(checks, Path("runs") if options.out is None else options.out)
    if beside.history is not None:
        _stands(checks, beside.history.resolve().parent, "history")
    if beside.lock is not None:
        _stands(checks, beside.lock.resolve().parent, "lock")
    if beside.lock is not None and found is not None and begun:  # a model is known once something can be forecast
        _model(checks, found, options, beside.lock)
    _clock(checks, found)
    count = _source(checks, source)
    if found is not None and count is not None:
        _forecast(checks, found, options, count, beside.called)
    return checks


def code(checks: list[Check]) -> int:
    """The exit code of all together: wrong before not yet before ready."""
    codes = {check.code for check in checks}
    return next(code for code in (WRONG, NOT_YET, READY) if code in codes)


def page(checks: list[Check]) -> Page:
    """A row a check."""
    said = {READY: "ready", WRONG: "not ready: something is wrong", NOT_YET: "not yet ready"}
    states = {READY: "ok", WRONG: "WRONG", NOT_YET: "not yet"}
    grid = Grid(
        (
            Column("check", tuple(check.name for check in checks), left=True),
            Column("state", tuple(states[check.code] for check in checks), left=True),
            Column("", tuple(check.said.split("\n", 1)[0] for check in checks), left=True, words=True, least=20),
        )
    )
    long = [check.said for check in checks if "\n" in check.said]
    return Page(said[code(checks)], (grid,), tuple(long))


def _tried(checks: list[Check], name: str, do: Callable[[], T], say: Callable[[T], str]) -> T | None:
    try:
        found = do()
    except RunoffError as problem:
        checks.append(Check(name, WRONG, str(problem)))
        return None
    checks.append(Check(name, READY, say(found)))
    return found


def _tables(checks: list[Check], case: Case, options: Options) -> None:
    """The forecast of the eve: all that a night's forecast reads and compiles but the count."""
    asked = replace(options, results=None, trials=_TRIALS, trials_table=False)
    begun = time.perf_counter()
    _tried(
        checks,
        "forecast before any count",
        lambda: pipeline.draw(pipeline.opened(case, asked)),
        lambda drawn: f"{drawn.trials:,} trials in {time.perf_counter() - begun:.1f} s",
    )


def _model(checks: list[Check], case: Case, options: Options, path: Path) -> None:
    """The model is the one that is locked, as far as it is known before a count."""
    try:
        run = pipeline.opened(case, replace(options, results=None))
        others = [part for part in lock.changed(path, run) if part != "settings"]  # a night has its own trials
    except RunoffError as problem:
        checks.append(Check("model", WRONG, str(problem)))
        return
    told = f"as locked, with {lock.settings(path)}" if path.exists() else "locked by the first forecast"
    said = f"{visible(str(path))}: {told}"
    wrong = f"{visible(str(path))}: of another model: {listed(others, 8)}\n  fix:  put it back, or give another --lock"
    checks.append(Check("model", WRONG if others else READY, wrong if others else said))


def _stands(checks: list[Check], folder: Path, name: str) -> None:
    """A folder that nobody makes is there, and can be written."""
    if folder.is_dir():
        _folder(checks, folder, name)
    else:
        checks.append(Check(name, WRONG, f"{visible(str(folder))}: no such folder"))


def _folder(checks: list[Check], folder: Path, name: str = "folder") -> None:
    """A folder can be written, and its disk has room."""
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
        free = shutil.disk_usage(there).free
    except OSError as cause:
        checks.append(Check(name, WRONG, f"{visible(str(folder))}: cannot write: {cause.strerror or cause}"))
        return
    code = READY if free >= _ROOM else WRONG
    checks.append(Check(name, code, f"{visible(str(folder))}: {free / (1 << 30):,.1f} GiB free"))


def _clock(checks: list[Check], case: Case | None) -> None:
    """The clock runs, and says a day that a night of this race can have, or an earlier one."""
    now = dt.datetime.now(dt.UTC)
    said = f"{now:%Y-%m-%d %H:%M:%S} UTC"
    if now.year < 2020:
        checks.append(Check("clock", WRONG, f"{said}: this clock has lost its time"))
    else:
        checks.append(Check("clock", READY, said + ("" if case is None else _ahead(case, now.date()))))


def _ahead(case: Case, today: dt.date) -> str:
    """When the night is, in words, where that is still to come."""
    race, counting = case.run_file.race, case.run_file.counting
    name, day = ("runoff", race.runoff) if counting is None else ("first round", race.first_round)
    return f"; the {name} is on {day}" if today < day else ""


def _source(checks: list[Check], opened: Callable[[], Source | None]) -> Count | None:
    try:
        source = opened()
    except RunoffError as problem:
        checks.append(Check("counts", WRONG, str(problem)))
        return None
    if source is None:
        checks.append(Check("counts", NOT_YET, "nobody said where they come from: --results"))
        return None
    try:
        count = source.look()
    except RunoffError as problem:
        checks.append(Check("counts", NOT_YET, str(problem)))
        return None
    if count is None:
        checks.append(Check("counts", NOT_YET, "nothing there yet"))
        return None
    age = (dt.datetime.now(dt.UTC) - count.time).total_seconds()
    said = f"{len(count.content):,} bytes of {count.time:%Y-%m-%d %H:%M:%S} UTC by {count.by}"
    early = age < -_APART
    checks.append(Check("counts", WRONG if early else READY, said + (": its clock is ahead of ours" if early else "")))
    return count


def _forecast(checks: list[Check], case: Case, options: Options, count: Count, called: str) -> None:
    """A night's forecast from the count that is there; a message names the count as it was named, not our copy."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"count{count.suffix}"
        path.write_bytes(count.content)
        begun = time.perf_counter()
        try:
            drawn = pipeline.draw(pipeline.opened(case, replace(options, results=path, target_se=None)))
        except RunoffError as problem:
            checks.append(Check("forecast of this count", WRONG, str(problem).replace(visible(str(path)), called)))
            return
        seconds = time.perf_counter() - begun
    said = f"{drawn.trials:,} trials in {seconds:.1f} s"
    slow = seconds > _SLOW
    checks.append(Check("forecast of this count", WRONG if slow else READY, said + (": too slow" if slow else "")))
