"""The one way from a case to its tables: settle, read, fit, draw, summarize, stamp, keep."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runoff import interrupts
from runoff.errors import InputError, Problem, RunExistsError, UsageError, visible
from runoff.phases.base import Hearing, Made, Phase
from runoff.phases.registry import phase_of
from runoff.phases.settings import Options, Settings, name_of_run, settle
from runoff.race import Tables

if TYPE_CHECKING:
    from runoff.files import Files
    from runoff.output.inputs import Inputs
    from runoff.output.trials import Block
    from runoff.report.page import Page
    from runoff.runfile.load import AnyCase
    from runoff.simulate.driver import Progress, WhenDrawn

MOST_BYTES = 4 << 30  # that all trials may take where they are held together


@dataclass(frozen=True, slots=True)
class Opened:
    """A case with its tables read and its settings settled; `run_id` hangs on all that decides its numbers.

    files : all that was read.  asked : the command line's words that decide numbers, by their names.
    """

    phase: Phase[Any, Any, Any]
    data: Any
    settings: Settings
    run_id: str
    files: Files
    asked: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A run's tables, nowhere on disk; `trials` were drawn, fewer than asked for where a standard error was met."""

    tables: Tables
    digest: str
    trials: int


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that is on disk; `stood` says that it had been there before, with the same bits."""

    tables: Tables
    directory: Path
    stood: bool


def opened(case: AnyCase, options: Options | None = None) -> Opened:
    """A case in its phase: what it lacks is refused, its tables are read, its settings settled.

    Raises
    ------
    UsageError : the command line asks for what the phase has not, or for a day that it cannot have.
    InputError : the run file does, with its place; or every problem of the phase's tables; or too many trials.
    MissingFileError : a table is not there.
    """
    options = options or Options()
    phase = phase_of(case, options)
    _refuse(phase, case, options)
    files = case.files.copy()
    with files.open():
        data = phase.read(case, options)
    settings = settle(case, options)
    if phase.usual_trials is not None and options.trials is None:
        settings = replace(settings, trials=min(settings.trials, phase.usual_trials))
    if phase.totals_only:
        settings = replace(settings, units=True)
    bytes_each = phase.trial_bytes(data)
    most = MOST_BYTES // bytes_each if bytes_each else settings.trials
    if settings.trials > most:
        usual = min(most, phase.usual_trials or 100_000)
        rule = f"all trials are held in memory, in at most {MOST_BYTES >> 30} GiB: here {most:,} trials"
        fix = f"--trials {usual:_} leaves a standard error of {50 / usual**0.5:.1g} points"
        raise InputError.single(case.path, "too many trials", rule=rule, got=f"{settings.trials:,}", fix=fix)
    return Opened(phase, data, settings, name_of_run(case, data.sources, settings), files, options.asked(files))


def _refuse(phase: Phase[Any, Any, Any], case: AnyCase, options: Options) -> None:
    """Refuse what is asked for and a phase has not, in one way for command line and run file."""
    from runoff.runfile.positions import locate

    problems = []
    for lack in phase.lacks:
        option = getattr(options, lack.option.strip("-").replace("-", "_")) if lack.option else None
        if option:
            raise UsageError(f"{lack.option}: {lack.rule}\n  fix:  {lack.fix}")
        section = getattr(case.run_file, lack.section)
        if option is None and (getattr(section, lack.key) if lack.key else section is not None):
            path = (lack.section, lack.key) if lack.key else (lack.section,)
            positions = locate(case.text)
            span = positions.find(path, value=False)
            line, column, text = positions.line_column(span.start) if span else (0, 0, "")
            what = f"[{lack.section}]{' ' * bool(lack.key)}{lack.key} has no part in this race"
            problems.append(Problem(case.path, line, column, what, lack.rule, "", lack.fix, text, len(path[-1])))
    if problems:
        raise InputError(problems)


def draw(run: Opened, on_progress: Progress | None = None, on_trials: WhenDrawn | None = None) -> Drawn:
    """The run's tables, nowhere on disk; on_trials hears each block's votes and weights, in order.

    Raises
    ------
    InputError : the race is too large for the kernel.
    """
    return _drawn(run, fitted(run), Hearing(on_progress, on_trials))


def fitted(run: Opened) -> tuple[Any, float]:
    """What the trials need, and the seconds that it took.

    Raises
    ------
    InputError : the race is too large for the kernel.
    """
    begun = time.perf_counter()
    try:
        found = run.phase.fit(run.data, run.settings)
    except ValueError as problem:
        raise InputError.single(run.data.case.path, str(problem)) from None
    return found, time.perf_counter() - begun


def _drawn(run: Opened, fitted: tuple[Any, float], hearing: Hearing) -> Drawn:
    phase, data, (fit, seconds) = run.phase, run.data, fitted
    begun = time.perf_counter()
    drawn = phase.draw(data, fit, run.settings, hearing)
    made = Made(run.settings, seconds + time.perf_counter() - begun)
    tables = stamped(phase.summarize(data, fit, drawn, made), run.run_id, data.case.run_file.race.id)
    return Drawn(tables, phase.digest(drawn), phase.trials(drawn))


def stamped(tables: Tables, run_id: str, race_id: str) -> Tables:
    """The tables with the columns in front that name run and race."""
    keys = _keys(run_id, race_id)
    return {name: [{**keys, **row} for row in rows] for name, rows in tables.items()}


def _keys(run_id: str, race_id: str) -> dict[str, str]:
    return {"run_id": run_id, "race_id": race_id}


def keep(run: Opened, on_progress: Progress | None = None) -> Finished:
    """Draw a run and put its tables on disk, whole or not at all; or find that it stands there with the same bits.

    Raises
    ------
    InputError : the race is too large for the kernel.
    RunExistsError : a run of this name stands there with other bits.
    OutputError : the folder cannot be written.
    """
    _fetch_writer()
    found = fitted(run)
    return _put(run, lambda on_trials: _drawn(run, found, Hearing(on_progress, on_trials)))


def put(run: Opened, drawn: Drawn, trials: Iterable[Block] = ()) -> Finished:
    """Put what was drawn on disk, as `keep` does; trials : the blocks that a trials table is made of.

    Raises
    ------
    RunExistsError : a run of this name stands there with other bits.
    OutputError : the folder cannot be written.
    """

    def told(on_trials: WhenDrawn | None) -> Drawn:
        if on_trials is not None:
            for block in trials:
                on_trials(*block)
        return drawn

    return _put(run, told)


def _put(run: Opened, draw: Callable[[WhenDrawn | None], Drawn]) -> Finished:
    """Put on disk what `draw` gives, or find that it stands there; draw's argument hears single trials, where asked."""
    from runoff.output import store

    settings = run.settings
    drawn: Drawn | None = None
    if store.standing(settings.out, run.run_id) is None:
        with suppress(RunExistsError), store.staged(settings.out, run.run_id) as stage:  # another may be faster
            if settings.trials_table:
                case = run.data.case
                with stage.trials(case.finalists, _keys(run.run_id, case.run_file.race.id)) as trials:
                    drawn = draw(trials.append)
            else:
                drawn = draw(None)
            interrupts.look()
            stage.write(drawn.tables, run.phase.schemas, _footer(run, drawn))
            if settings.inputs:
                stage.inputs(_inputs(run))
            return Finished(drawn.tables, stage.commit(run.phase.name, drawn.digest), stood=False)
    return _as_it_stands(run, draw(None) if drawn is None else drawn)


def _as_it_stands(run: Opened, drawn: Drawn) -> Finished:
    """The run that stands in a folder, if it has this digest."""
    from runoff.output import store

    folder, reason = run.settings.out / run.run_id, run.phase.last_digits
    standing = store.standing(run.settings.out, run.run_id)
    if standing == drawn.digest:
        return Finished(drawn.tables, folder, stood=True)
    what = "holds a run of this name with other numbers" if standing else "stands there, and cannot be read as a run"
    raise RunExistsError(
        f"{visible(str(folder))} {what}, and is left alone\n"
        + (f"  rule: {reason}\n" if standing and reason else "")
        + "  fix:  move it away or give --out"
    )


def _fetch_writer() -> None:
    """Import what writes tables beside what draws: a quarter of a second that would come after it."""

    def fetch() -> None:
        with suppress(Exception):  # whatever it is, who needs the writer meets it again, and says it
            from runoff.output import arrow  # noqa: F401  # to have it loaded

    threading.Thread(target=fetch, daemon=True).start()


def _inputs(run: Opened) -> Inputs:
    """What the run was drawn from."""
    from runoff.output.inputs import Inputs

    case = run.data.case
    return Inputs(case.text, Path(case.path).name, run.files.read, run.asked)


def _footer(run: Opened, drawn: Drawn) -> dict[str, str]:
    """Provenance for the footer of each table."""
    from runoff.output.provenance import footer

    case, settings = run.data.case, run.settings
    as_of = case.run_file.race.as_of if settings.as_of is None else settings.as_of
    return footer(
        case.text,
        Path(case.path).name,
        run.data.sources,
        as_of=as_of,
        seed=settings.seed,
        trials=drawn.trials,
        digest=drawn.digest,
    )


def check(case: AnyCase, options: Options | None = None) -> Page:
    """What was understood of a case, before anything is drawn.

    Raises
    ------
    InputError, MissingFileError, UsageError : as told by `opened`.
    """
    options = options or Options()
    phase = phase_of(case, options)
    _refuse(phase, case, options)
    with case.files.copy().open():
        return phase.check(phase.read(case, options))
