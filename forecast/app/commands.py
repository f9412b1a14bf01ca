"""What each command does, once its words are understood; imports what it needs when it needs it."""

from __future__ import annotations

import json
import sys
import time
import warnings
from argparse import Namespace
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from runoff.errors import printable, visible

if TYPE_CHECKING:
    from runoff.data.counts.runoff_count import Reported
    from runoff.phases.job import Finished, Options
    from runoff.phases.runoff_ahead.summary import Tables
    from runoff.runfile.load import LoadedRun
    from runoff.simulate.driver import Progress

_TOTALS_OF_A_NIGHT = "--totals-only changes nothing: a runoff's night is counted unit by unit"
_WIDEST = 100  # characters: longer lines are hard to read
_LONG = 300  # seconds: whoever waits longer is told so


def execute(options: Namespace) -> int:
    """Carry out one command; returns the exit code."""
    warnings.showwarning = _note
    actions = {"run": _run, "check": _check, "show": _show, "schema": _schema, "init": _init}
    return actions[options.command](options)


def _note(message: Warning | str, *_: object, **__: object) -> None:
    print(f"note: {printable(str(message))}", file=sys.stderr)


def _path(text: str) -> Path | None:
    """The file that a word names; None for standard input."""
    if text != "-":
        return Path(text)
    if sys.stdin is None:
        from runoff.errors import MissingFileError

        raise MissingFileError("-: standard input is closed\n  fix:  name a file, or send one: runoff check - < FILE")
    return None


def _run(options: Namespace) -> int:
    if options.results is not None:
        return _run_night(options)
    if options.watch or options.history is not None:
        from runoff.errors import UsageError

        raise UsageError("--watch and --history go with --results\n  fix:  name the table of the runoff's votes so far")
    from runoff.phases import job
    from runoff.runfile.load import load

    wanted = job.Options(
        options.trials, options.seed, options.target_se, options.threads, options.out, options.trials_table,
        units=False if options.totals_only else None, as_of=options.as_of,
    )  # fmt: skip
    loaded = [load(_path(name)) for name in options.files]  # all files are read before any is drawn
    starts = [_start(run, wanted) for run in loaded]
    documents = []
    for number, (run, start) in enumerate(zip(loaded, starts, strict=True)):
        with _Bar(run.run_file.race.name, quiet=options.quiet) as bar:
            finished = start(bar.progress)
        if options.quiet:
            continue
        if options.json:
            documents.append(_document(finished.tables, finished.directory))
            continue
        if number:
            print()
        _print_text(finished.tables)
        _print_folder(finished)
    if documents:
        _print_json(documents[0] if len(documents) == 1 else documents)
    return 0


def _run_night(options: Namespace) -> int:
    """A runoff that is being counted, once or whenever its table changes."""
    import os

    # the night's threads draw blocks of trials: one each for its linear algebra, set before NumPy is loaded
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from runoff.errors import RunoffError, UsageError
    from runoff.output.history import watch
    from runoff.runfile.load import load

    if len(options.files) != 1:
        raise UsageError(f"--results goes with one run file, got {len(options.files)}")
    if options.totals_only:
        _note(f"{options.files[0]}: {_TOTALS_OF_A_NIGHT}")
    loaded = load(_path(options.files[0]))
    if not options.watch:
        _night_once(options, loaded)
        return 0

    before: list[Reported] = []

    def again() -> None:
        try:
            before[:] = [_night_once(options, loaded, *before)]
            sys.stdout.flush()
        except RunoffError as problem:  # a table that is half written will be whole soon, a full disk has room again
            print(problem, file=sys.stderr)

    calls = watch(options.results, again)
    print(f"stopped watching {visible(str(options.results))} after {calls} runs", file=sys.stderr)
    return 0


def _night_once(options: Namespace, loaded: LoadedRun, before: Reported | None = None) -> Reported:
    """One forecast of the night: to its folder (of a watched table only where --out is given), curve and terminal.

    before : the count of an earlier look; what has fallen or vanished since is said.  Returns this one's.
    """
    from runoff.app.watched import lost
    from runoff.output.history import append_history, history_row
    from runoff.phases import job
    from runoff.phases.runoff_night import job as runoff_night_job

    wanted = job.Options(
        options.trials, options.seed, options.target_se, options.threads, options.out, options.trials_table,
        as_of=options.as_of,
    )  # fmt: skip
    night = runoff_night_job.opened(loaded, options.results, options.as_of)
    settings = runoff_night_job.settle(night, wanted)
    reported = night.counted.reported
    if before is not None:
        for line in lost(before, reported, loaded.first_round.units, loaded.finalists):
            _note(f"{options.results}: {line}")
    if options.watch and options.out is None:
        finished = None
        tables = runoff_night_job.draw(night, settings)
    else:
        finished = runoff_night_job.run(night, settings)
        tables = finished.tables
    if options.history is not None:
        append_history(options.history, history_row(tables))
    if options.quiet:
        return reported
    if options.json:
        _print_json(_document(tables, None if finished is None else finished.directory))
        return reported
    _print_text(tables)
    if finished is not None:
        _print_folder(finished)
    return reported


def _print_folder(finished: Finished) -> None:
    already = " (they stood there already, with the same bits)" if finished.stood else ""
    print(f"tables: {visible(str(finished.directory))}{already}")


def _start(loaded: LoadedRun, wanted: Options) -> Callable[[Progress | None], Finished]:
    """What draws a run, once it is called: of a final first round, or of a round that is being counted or ahead."""
    from runoff.phases import job
    from runoff.phases.first_round_open import job as night_job
    from runoff.phases.runoff_night import job as runoff_night_job

    if loaded.run_file.night.results is not None:
        if wanted.units is False:
            _note(f"{loaded.path}: {_TOTALS_OF_A_NIGHT}")
        counted = runoff_night_job.opened(loaded, as_of=wanted.as_of)
        settings = runoff_night_job.settle(counted, wanted)
        return lambda _: runoff_night_job.run(counted, settings)
    if not night_job.is_night(loaded):
        return partial(job.run, loaded, job.settle(loaded, wanted))
    night = night_job.opened(loaded, wanted.as_of)
    if wanted.units is False:
        _note(f"{loaded.path}: --totals-only changes nothing: a night's tables have no units")
    return partial(night_job.run, night, night_job.settle(night, wanted))


def _document(tables: Tables, directory: Path | None) -> dict[str, object]:
    """The document of --json, with the folder of the tables where there is one."""
    from runoff.phases.first_round_open import page as report_night
    from runoff.phases.runoff_ahead import page as report
    from runoff.phases.runoff_night import page as report_runoff_night

    if "runoff_night" in tables:
        document = report_runoff_night.runoff_night_json(tables)
    else:
        document = report_night.night_json(tables) if "night" in tables else report.render_json(tables)
    return document if directory is None else {**document, "tables": str(directory)}


def _print_json(document: object) -> None:
    """One JSON document; with escapes where stdout cannot spell every character."""
    from runoff.report import terminal
    from runoff.report.layout import json_text

    print(json_text(document) if terminal.spells_everything() else json.dumps(document, indent=2))


def _print_text(tables: Tables) -> None:
    import os
    import shutil

    from runoff.phases.first_round_open import page as report_night
    from runoff.phases.runoff_ahead import page as report
    from runoff.phases.runoff_night import page as report_runoff_night

    width = min(shutil.get_terminal_size((80, 24)).columns, _WIDEST)
    color = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    if "runoff_night" in tables:
        render = report_runoff_night.render_runoff_night
    else:
        render = report_night.render_night if "night" in tables else report.render
    print(render(tables, width=width, color=color))


def _check(options: Namespace) -> int:
    from runoff.runfile.load import load

    if options.results is not None and len(options.files) != 1:
        from runoff.errors import UsageError

        raise UsageError(f"--results goes with one run file, got {len(options.files)}")
    print("\n\n".join(_understood(load(_path(name)), options.results) for name in options.files))
    return 0


def _understood(loaded: LoadedRun, results: Path | None) -> str:
    from runoff.model import pools as model
    from runoff.phases import understood as check
    from runoff.phases.first_round_open import check as check_night
    from runoff.phases.first_round_open import job as night_job
    from runoff.phases.runoff_night import check as check_runoff_night
    from runoff.phases.runoff_night import job as runoff_night_job

    if results is not None or loaded.run_file.night.results is not None:
        return check_runoff_night.understood(runoff_night_job.opened(loaded, results))
    if night_job.is_night(loaded):
        return check_night.understood(loaded, night_job.opened(loaded).reading)
    return check.understood(model.build(loaded))


def _show(options: Namespace) -> int:
    from runoff.output import store

    tables = store.read(options.path)
    if options.json:
        _print_json(_document(tables, options.path))
    else:
        _print_text(tables)
    return 0


def _schema(_: Namespace) -> int:
    from runoff.runfile.load import json_schema

    _print_json(json_schema())
    return 0


def _init(options: Namespace) -> int:
    from runoff.app.template import write_template

    for path in write_template(options.directory):
        print(f"wrote {visible(str(path))}", file=sys.stderr)
    print(f"runoff run {visible(str(options.directory / 'runoff.toml'))}")
    return 0


class _Bar:
    """Progress on stderr: on a terminal a bar with trials per second and the time left; elsewhere a word on long runs.

    Where quiet, nothing.
    """

    def __init__(self, title: str, *, quiet: bool) -> None:
        self._title, self._terminal = title, sys.stderr.isatty()
        self._begun = time.monotonic()
        self._bar: object | None = None
        self._told = _Told()
        self.progress: Progress | None = None if quiet else self._advance

    def __enter__(self) -> _Bar:
        return self

    def _advance(self, done: int, trials: int) -> None:
        seconds = time.monotonic() - self._begun
        self._told.hear(seconds, done, trials)
        if not self._terminal:
            return
        if self._bar is None:
            if seconds < 1.0:
                return  # most runs are over before a bar could be read
            self._bar = _start_bar(self._title, trials)
        bar, speed = self._bar, done / seconds / 1e6
        bar.update(bar.task_ids[0], completed=done, total=trials, speed=f"{speed:.1f}")  # type: ignore[attr-defined]

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()  # type: ignore[attr-defined]


class _Told:
    """Says once how long a run will take, where that is long; the first trials, in detail, are slower and left out."""

    def __init__(self) -> None:
        self._from: tuple[float, int] | None = None
        self._done = False

    def hear(self, seconds: float, done: int, trials: int) -> None:
        """So many trials were done after so many seconds."""
        if self._done or seconds < 0.5:
            return
        if self._from is None:
            self._from = seconds, done
        began, before = self._from
        if seconds < began + 1.0 or done == before:
            return
        self._done = True
        left = (trials - done) * (seconds - began) / (done - before)
        if left > _LONG:
            print(
                f"note: {trials:,} trials take about {_spoken(left)} here; Ctrl-C ends it and writes nothing, "
                "fewer --trials or --target-se end sooner", file=sys.stderr,
            )  # fmt: skip


def _spoken(seconds: float) -> str:
    """A time as people say it."""
    for length, name in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * length:
            return f"{seconds / length:,.0f} {name}"
    return f"{seconds:.0f} seconds"


def _start_bar(title: str, trials: int) -> object:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = [
        TextColumn("{task.percentage:3.0f} %"),
        BarColumn(),
        TextColumn("{task.fields[speed]} million trials/s, time left"),
        TimeRemainingColumn(),
    ]
    bar = Progress(*columns, console=Console(stderr=True), transient=True)
    bar.add_task(title, total=trials, speed="-")
    bar.start()
    return bar
