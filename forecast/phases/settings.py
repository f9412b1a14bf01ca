"""What a run is asked for: the command line's word over the run file's, and the name that follows from both."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runoff import __version__
from runoff.errors import UsageError

if TYPE_CHECKING:
    from runoff.files import Files
    from runoff.runfile.load import AnyCase

_DECIDES = ("trials", "seed", "target_se", "trials_table", "units")
_RACE_ID_LENGTH = 80  # of a run's name, whose rest is a hash


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line may say over the run file; None leaves the file's word.

    trials, seed : as in [simulation].  target_se : drawing stops once each win probability's standard error is at most
    so much.  threads : default every core.  out : folder for the run's tables, over [output] directory.
    trials_table : keep each trial's votes.  units : False leaves the table of units out, and draws many at the price
    of one.  as_of : last day whose polls and past races count.  results : the table of the votes so far, over [night]
    results of a runoff, or [results] table of a first round that is being counted.  inputs : False keeps no copy of
    what was read with the run.  count_time : when the source of these results says that they were counted.  model :
    name of the model that is locked.
    """

    trials: int | None = None
    seed: int | None = None
    target_se: float | None = None
    threads: int | None = None
    out: Path | None = None
    trials_table: bool | None = None
    units: bool | None = None
    as_of: dt.date | None = None
    results: Path | None = None
    inputs: bool | None = None
    count_time: dt.datetime | None = None
    model: str | None = None

    def asked(self, files: Files) -> dict[str, object]:
        """What decides numbers and is not left to the run file, by name, as JSON has it; a table by its name."""
        said: dict[str, object] = {name: getattr(self, name) for name in _DECIDES}
        said["as_of"] = None if self.as_of is None else self.as_of.isoformat()
        said["results"] = None if self.results is None else files.name(self.results)
        return {name: value for name, value in said.items() if value is not None}

    @classmethod
    def of(cls, asked: Mapping[str, Any]) -> Options:
        """The words of an earlier run, from what `asked` made of them.

        Raises
        ------
        ValueError, TypeError, KeyError : they are damaged.
        """
        said = dict(asked)
        if "as_of" in said:
            said["as_of"] = dt.date.fromisoformat(said["as_of"])
        if "results" in said:
            said["results"] = Path(said["results"])
        return cls(**said)

    def over(self, others: Options) -> Options:
        """These words, and others where these say nothing."""
        own = {item.name: getattr(self, item.name) for item in fields(self) if getattr(self, item.name) is not None}
        return replace(others, **own)


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
    inputs: bool = True
    count_time: dt.datetime | None = None
    model: str | None = None


def settle(case: AnyCase, options: Options) -> Settings:
    """Settings of one run: the command line speaks last."""
    simulation, output = case.run_file.simulation, case.run_file.output
    return Settings(
        trials=simulation.trials if options.trials is None else options.trials,
        seed=simulation.seed if options.seed is None else options.seed,
        target_se=simulation.target_se if options.target_se is None else options.target_se,
        threads=usable_cores() if options.threads is None else options.threads,
        out=Path(output.directory) if options.out is None else options.out,
        trials_table=output.trials if options.trials_table is None else options.trials_table,
        units=output.units if options.units is None else options.units,
        quantiles=tuple(simulation.quantiles),
        as_of=options.as_of,
        inputs=output.inputs if options.inputs is None else options.inputs,
        count_time=options.count_time,
        model=options.model,
    )


def between_rounds(case: AnyCase, day: dt.date | None) -> None:
    """Refuse a day of the command line that does not lie between the rounds, as the run file's does.

    Raises
    ------
    UsageError : the day is before the first round, or not before the runoff.
    """
    race = case.run_file.race
    if day is not None and not race.first_round <= day < race.runoff:
        between = f"from the first round, {race.first_round}, to the day before the runoff, {race.runoff}"
        raise UsageError(f"--as-of {day}: the day is {between}")


def usable_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def name_of_run(case: AnyCase, sources: tuple[tuple[str, str], ...], settings: Settings) -> str:
    """The run's name: the race and a hash of everything that decides its numbers, all tables included."""
    parts = [__version__, case.text, str(settings.seed), str(settings.trials), str(settings.target_se)]
    parts += [str(settings.units), str(settings.trials_table), str(settings.as_of)]
    parts += [digest for _, digest in sources]
    if settings.count_time is not None:  # a count that comes again, later, is a later forecast
        parts.append(settings.count_time.isoformat())
    name = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
    return f"{case.run_file.race.id[:_RACE_ID_LENGTH]}-{name}"
