"""One run of a runoff that is being counted, to its tables on disk; see `runoff.phases.job`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from runoff.errors import InputError
from runoff.phases import job, nights

if TYPE_CHECKING:
    from runoff.phases.runoff_night.forecast import Counted
    from runoff.phases.runoff_night.summary import Tables
    from runoff.runfile.load import LoadedRun


@dataclass(frozen=True, slots=True)
class Night:
    """A run file with the tables of a runoff's night, all checked."""

    loaded: LoadedRun
    counted: Counted


def opened(loaded: LoadedRun, results: Path | None = None, as_of: dt.date | None = None) -> Night:
    """The night with its tables read.

    results : table of reported votes, by default [night]'s.  as_of : the command line's last day of polls.

    Raises
    ------
    InputError, MissingFileError : as told by `runoff.phases.runoff_night.forecast.read_counted`.
    UsageError : the day is not between the rounds.

    """
    from runoff.phases.runoff_night.forecast import read_counted

    if as_of is not None:
        job.settle(loaded, job.Options(as_of=as_of))
        race = loaded.run_file.race.model_copy(update={"as_of": as_of})
        loaded = replace(loaded, run_file=loaded.run_file.model_copy(update={"race": race}))
    return Night(loaded, read_counted(loaded, results))


def settle(night: Night, options: job.Options) -> job.Settings:
    """Settings of a night: those of `job.settle`; the run file's trials up to as many as a night needs.

    Raises
    ------
    UsageError, InputError : as `nights.refuse`.
    InputError : more trials than can be held.

    """
    from runoff.phases.runoff_night.forecast import TRIALS

    nights.refuse(night.loaded, options)

    settings = job.settle(night.loaded, options)
    if options.trials is None:
        settings = replace(settings, trials=min(settings.trials, TRIALS))
    most = nights.MOST_BYTES // _bytes(night)
    if settings.trials > most:
        raise InputError.single(
            night.loaded.path, "too many trials for a night",
            rule=f"all trials are held in memory, in at most {nights.MOST_BYTES >> 30} GiB: here {most:,} trials",
            got=f"{settings.trials:,}", fix=f"leave --trials out: {TRIALS:,} are enough for a night",
        )  # fmt: skip
    return replace(settings, units=True, target_se=None, trials_table=False)


def _bytes(night: Night) -> int:
    """Memory that a trial takes, about: totals, weight, and two counts of each region and mode, in parts and joined."""
    groups = len(set(night.loaded.first_round.regions)) * len(night.counted.reported.modes)
    return 8 * 2 * (2 * groups + 8)


def run(night: Night, settings: job.Settings) -> job.Finished:
    """Draw a night and put its tables on disk, whole or not at all.

    Raises
    ------
    RunExistsError : a run of this name stands there with other bits.
    OutputError : the folder cannot be written.

    """
    run_id = name_of_run(night, settings)
    return nights.kept(
        run_id, settings, "runoff_night", lambda: draw(night, settings, run_id),
        lambda digest: nights.footer(night.loaded, night.counted.sources, settings, digest),
    )  # fmt: skip


def draw(night: Night, settings: job.Settings, run_id: str = "") -> Tables:
    """The night's tables, nowhere on disk."""
    from runoff.phases.runoff_night.forecast import run_runoff_night

    return run_runoff_night(
        night.loaded, trials=settings.trials, seed=settings.seed, threads=settings.threads, run_id=run_id,
        counted=night.counted,
    )  # fmt: skip


def name_of_run(night: Night, settings: job.Settings) -> str:
    """The run's name: the race and a hash of everything that decides its numbers, all tables included."""
    first = replace(night.loaded.first_round, sources=night.counted.sources)
    return job.name_of_run(replace(night.loaded, first_round=first, survey_sources=()), settings)
