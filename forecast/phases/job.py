"""One run from a checked run file to its tables on disk: load, build, draw, summarize, store."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import platform
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from runoff import __version__
from runoff.errors import InputError, RunExistsError, UsageError, visible

if TYPE_CHECKING:
    from runoff.kernels.arrays import Inputs
    from runoff.model.evidence import Evidence
    from runoff.model.pools import Model
    from runoff.phases.runoff_ahead.summary import Tables
    from runoff.runfile.load import LoadedRun
    from runoff.simulate.conditioning import Moved
    from runoff.simulate.driver import Drawn, Progress

_RACE_ID_LENGTH = 80  # of a run's name, whose rest is a hash


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line may say over the run file; None leaves the file's word."""

    trials: int | None = None
    seed: int | None = None
    target_se: float | None = None
    threads: int | None = None
    out: Path | None = None
    trials_table: bool | None = None
    units: bool | None = None
    as_of: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """The file's word and the command line's, settled."""

    trials: int
    seed: int
    target_se: float | None
    threads: int
    out: Path
    trials_table: bool
    units: bool
    quantiles: tuple[float, ...]
    as_of: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """A run that is on disk; `stood` says that it had been there before, with the same bits."""

    tables: Tables
    directory: Path
    stood: bool


def settle(loaded: LoadedRun, options: Options) -> Settings:
    """Settings of one run: the command line speaks last."""
    simulation, output = loaded.run_file.simulation, loaded.run_file.output
    return Settings(
        trials=simulation.trials if options.trials is None else options.trials,
        seed=simulation.seed if options.seed is None else options.seed,
        target_se=simulation.target_se if options.target_se is None else options.target_se,
        threads=usable_cores() if options.threads is None else options.threads,
        out=Path(output.directory) if options.out is None else options.out,
        trials_table=output.trials if options.trials_table is None else options.trials_table,
        units=output.units if options.units is None else options.units,
        quantiles=tuple(simulation.quantiles),
        as_of=_as_of(loaded, options.as_of),
    )


def _as_of(loaded: LoadedRun, day: dt.date | None) -> dt.date | None:
    """The command line's day, which lies between the rounds like the run file's."""
    race = loaded.run_file.race
    if day is not None and not race.first_round <= day < race.runoff:
        between = f"from the first round, {race.first_round}, to the day before the runoff, {race.runoff}"
        raise UsageError(f"--as-of {day}: the day is {between}")
    return day


def usable_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run(loaded: LoadedRun, settings: Settings, on_progress: Progress | None = None) -> Finished:
    """Draw a run and put its tables on disk, whole or not at all.

    Raises
    ------
    InputError : the race is too large for the kernel.
    RunExistsError : a run of this name stands there with other bits.
    OutputError : the folder cannot be written.

    """
    from runoff.model.evidence import table_rows
    from runoff.model.pools import build
    from runoff.output import store
    from runoff.phases.runoff_ahead.summary import Beside, Provenance, summarize
    from runoff.simulate import driver, unsaid

    model = build(loaded)
    if settings.as_of is not None:
        model = replace(model, race=replace(model.race, as_of=settings.as_of))
    try:
        found = arrays(model, settings)
    except ValueError as problem:
        raise InputError.single(loaded.path, str(problem)) from None
    run_id = name_of_run(loaded, settings)
    config_sha256 = hashlib.sha256(loaded.text.encode()).hexdigest()
    provenance = Provenance(run_id, config_sha256, settings.seed)
    beside = Beside(
        found.votes_bound,
        found.variance_left_out,
        [] if found.evidence is None else table_rows(found.evidence),
        {} if found.moved is None else dict(found.moved.columns()),
        (*found.notes, *unsaid.notes(model)),
        loaded.run_file.short,
    )
    fetch_writer()

    def drawn_tables(on_votes: object = None) -> tuple[Drawn, Tables]:
        drawn = _draw(found, settings, on_progress, on_votes)
        return drawn, summarize(model, drawn, provenance, settings.quantiles, beside)

    made: tuple[Drawn, Tables] | None = None
    if store.standing(settings.out, run_id) is None:
        with suppress(RunExistsError), store.staged(settings.out, run_id) as stage:  # another writer may be faster
            if settings.trials_table:
                with stage.trials(model.finalists, {"run_id": run_id, "race_id": model.race.id}) as trials:
                    made = drawn_tables(trials.append)
            else:
                made = drawn_tables()
            drawn, tables = made
            stage.write(tables, footer(loaded, settings, model, drawn))
            return Finished(tables, stage.commit(), stood=False)
    drawn, tables = drawn_tables() if made is None else made
    return as_it_stands(settings.out, run_id, driver.digest(drawn), tables)


def as_it_stands(out: Path, run_id: str, digest: str, tables: Tables, reason: str = "") -> Finished:
    """The run that stands in a folder, if it has this digest; `reason` says why an equal run might have another.

    Raises
    ------
    RunExistsError : it has not, or cannot be read.

    """
    from runoff.output import store

    standing = store.standing(out, run_id)
    if standing == digest:
        return Finished(tables, out / run_id, stood=True)
    what = "holds a run of this name with other numbers" if standing else "stands there, and cannot be read as a run"
    raise RunExistsError(
        f"{visible(str(out / run_id))} {what}, and is left alone\n"
        + (f"  rule: {reason}\n" if standing and reason else "")
        + "  fix:  move it away or give --out"
    )


def fetch_writer() -> None:
    """Import what writes tables beside what draws: a quarter of a second that would come after it."""

    def fetch() -> None:
        with suppress(Exception):  # whatever it is, who needs the writer meets it again, and says it
            from runoff.output import arrow

            arrow.warm_up()

    threading.Thread(target=fetch, daemon=True).start()


@dataclass(frozen=True, slots=True)
class Arrays:
    """What is drawn: `detail` trial by trial and pool by pool, then `rest` (or the same) for totals.

    votes_bound : mean votes are within so many of drawing every unit and pool by itself; None where that is done.
    variance_left_out : largest share of a variance or covariance that this leaves out (docs/model.md); None likewise.
    evidence : what polls and crosstabs say, and `moved` what they do; None where the run file names none.
    """

    detail: Inputs
    rest: Inputs | None
    votes_bound: float | None
    variance_left_out: float | None
    evidence: Evidence | None
    moved: Moved | None
    notes: tuple[str, ...]


def arrays(model: Model, settings: Settings) -> Arrays:
    """The kernel's arrays: unit by unit, or, where nobody asked for units, all at once; after the evidence.

    Raises
    ------
    ValueError : the race is too large for the kernel.

    """
    from runoff.model.evidence import evidence_as_of
    from runoff.simulate.aggregate import like_pools
    from runoff.simulate.conditioning import observed_alone, shortened, updated
    from runoff.simulate.inputs import to_inputs
    from runoff.simulate.totals import totals

    evidence = evidence_as_of(model, model.race.as_of)
    one_by_one = settings.units and model.people.shape[0] > 1
    together = None if one_by_one else totals(model, settings.seed, evidence)
    rest = None
    if not one_by_one and (together is not None or model.people.shape[0] == 1):
        rest = totals(model, settings.seed, evidence, like_pools(model, observed_alone(evidence)))
    found = [shortcut for shortcut in (together, rest) if shortcut is not None]
    bound = max((shortcut.votes for shortcut in found), default=None)
    left_out = max((shortcut.left_out for shortcut in found), default=None)
    last = None if rest is None else rest.inputs
    detail = to_inputs(model, settings.seed) if together is None else together.inputs
    if not evidence.observations:
        notes = tuple(shortened(evidence.notes, evidence))
        return Arrays(detail, last, bound, left_out, evidence if evidence.rows else None, None, notes)
    after = updated(evidence, detail) if together is None or together.after is None else together.after
    return Arrays(after.inputs, last, bound, left_out, after.evidence, after.moved, after.notes)


def _draw(found: Arrays, settings: Settings, on_progress: Progress | None, on_votes: object = None) -> Drawn:
    from runoff.simulate.driver import draw

    return draw(
        found.detail,
        settings.trials,
        rest=found.rest,
        threads=settings.threads,
        units=settings.units,
        target_se=settings.target_se,
        on_progress=on_progress,
        on_votes=on_votes,  # type: ignore[arg-type]  # TrialsWriter.append, lazily imported
    )


def name_of_run(loaded: LoadedRun, settings: Settings) -> str:
    """The run's name: the race and a hash of everything that decides its numbers."""
    parts = [__version__, loaded.text, str(settings.seed), str(settings.trials), str(settings.target_se)]
    parts += [str(settings.units), str(settings.trials_table), str(settings.as_of)]
    parts += [digest for _, digest in loaded.sources]
    name = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
    return f"{loaded.run_file.race.id[:_RACE_ID_LENGTH]}-{name}"


def footer(loaded: LoadedRun, settings: Settings, model: Model, drawn: Drawn) -> Mapping[str, str]:
    """Provenance for the footer of each table."""
    import numba
    import numpy as np
    import pyarrow

    from runoff.simulate.driver import digest

    return {
        "config": loaded.text,
        "config_sha256": hashlib.sha256(loaded.text.encode()).hexdigest(),
        "config_path": Path(loaded.path).name,
        "sources": "\n".join(f"{name} sha256:{sha}" for name, sha in loaded.sources),
        "as_of": model.race.as_of.isoformat(),
        "seed": str(settings.seed),
        "trials": str(drawn.trials),
        "digest": digest(drawn),
        "version": __version__,
        "versions": f"python {platform.python_version()}, numpy {np.__version__}, numba {numba.__version__}, "
        f"pyarrow {pyarrow.__version__}",
    }
