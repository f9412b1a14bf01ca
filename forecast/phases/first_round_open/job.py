"""One run of a first round that is being counted or ahead, to its tables on disk; see `runoff.phases.job`."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from runoff.errors import InputError, UsageError
from runoff.phases import job, nights

if TYPE_CHECKING:
    from runoff.phases.first_round_open.runoffs import Reading
    from runoff.phases.first_round_open.summary import Tables
    from runoff.runfile.load import LoadedRun
    from runoff.simulate.driver import Progress


@dataclass(frozen=True, slots=True)
class Night:
    """A run file of a night with the tables that it names, all checked."""

    loaded: LoadedRun
    reading: Reading


def is_night(loaded: LoadedRun) -> bool:
    """Whether the first round of a run file is being counted or ahead."""
    return loaded.run_file.counting is not None or loaded.run_file.first_round_polls is not None


def opened(loaded: LoadedRun, as_of: dt.date | None = None) -> Night:
    """The night with its tables read; `as_of` is the command line's day, which only polls can be asked for.

    Raises
    ------
    InputError, MissingFileError : as told by `runoff.phases.first_round_open.runoffs.read_night`.
    UsageError : the day is not one before the first round, or votes are being counted.

    """
    from runoff.phases.first_round_open.runoffs import read_night

    file = loaded.run_file
    if as_of is not None:
        if file.counting is not None:
            raise UsageError(f"--as-of {as_of}: a count is as its tables have it; name earlier tables in the run file")
        if as_of >= file.race.first_round:
            raise UsageError(f"--as-of {as_of}: the day is before the first round, {file.race.first_round}")
        race = file.race.model_copy(update={"as_of": as_of})
        loaded = replace(loaded, run_file=file.model_copy(update={"race": race}))
    return Night(loaded, read_night(loaded))


def settle(night: Night, options: job.Options) -> job.Settings:
    """Settings of a night: those of `job.settle`, less what a night has not.

    Raises
    ------
    UsageError, InputError : a standard error to stop at or single trials are asked for (`refuse`).
    InputError : more trials than can be held.

    """
    settings = replace(job.settle(night.loaded, replace(options, as_of=None)), as_of=options.as_of)
    path = night.loaded.path
    nights.refuse(night.loaded, options)
    most = nights.MOST_BYTES // _bytes(night)
    if settings.trials > most:
        raise InputError.single(
            path, "too many trials for a night",
            rule=f"all trials are held in memory, in at most {nights.MOST_BYTES >> 30} GiB: here {most:,} trials",
            got=f"{settings.trials:,}", fix=f"--trials {min(most, 100_000):_} leaves a standard error of 0.2 points",
        )  # fmt: skip
    return replace(settings, units=True)


def _bytes(night: Night) -> int:
    """Memory that a trial takes, about: totals, and each region and mode's votes out with their split, twice."""
    candidates = len(night.loaded.first_round.candidates)
    count = night.reading.count
    groups = 0
    if count is not None:
        groups = len({(count.first_round.regions[out.members[0]], out.mode) for out in count.out})
    return 8 * (3 * candidates + 2 * groups * (min(candidates, 12) + 1))


def run(night: Night, settings: job.Settings, on_progress: Progress | None = None) -> job.Finished:
    """Draw a night and put its tables on disk, whole or not at all.

    Raises
    ------
    RunExistsError : a run of this name stands there with other bits.
    OutputError : the folder cannot be written.

    """
    run_id = name_of_run(night, settings)
    return nights.kept(
        run_id, settings, "night", lambda: _draw(night, settings, run_id, on_progress),
        lambda digest: nights.footer(night.loaded, night.reading.sources, settings, digest),
    )  # fmt: skip


def _draw(night: Night, settings: job.Settings, run_id: str, on_progress: Progress | None) -> Tables:
    from runoff.phases.first_round_open.runoffs import run_night

    def heard(done: int) -> None:
        if on_progress is not None:
            on_progress(done, settings.trials)

    return run_night(
        night.loaded, trials=settings.trials, seed=settings.seed, threads=settings.threads, run_id=run_id,
        reading=night.reading, on_block=heard,
    )  # fmt: skip


def name_of_run(night: Night, settings: job.Settings) -> str:
    """The run's name: the race and a hash of everything that decides its numbers, all tables included."""
    first = replace(night.loaded.first_round, sources=night.reading.sources)
    return job.name_of_run(replace(night.loaded, first_round=first), settings)
