"""A runoff that is being counted: what is reported updates the factors, and what is out is drawn."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from runoff.data.counts.runoff_count import FirstModes, Reported, first_modes, read_reported
from runoff.data.tables.table import MOST_PROBLEMS
from runoff.errors import InputError, Problem
from runoff.model.pools import build
from runoff.phases.odd_notes import many_note, odd_notes
from runoff.phases.order import canonical_reported, of_units
from runoff.phases.runoff_night.design import Prepared, prepare
from runoff.phases.runoff_night.draw import Drawn, draw_night
from runoff.phases.runoff_night.fit import Fit
from runoff.phases.runoff_night.naive import naive_forecast
from runoff.phases.runoff_night.odd_cells import Fitted, fit_without_odd, odd_cells
from runoff.phases.runoff_night.summary import Night, Tables, summarize_runoff_night

if TYPE_CHECKING:
    from runoff.runfile.load import LoadedRun

TRIALS = 20_480  # enough for a night where nobody asks for more
FAR = 3.0  # standard deviations of an effect that are worth a warning
_MOST_NAMED = 3  # units in a note
MOST_NAMED = 10  # units with more votes than people that are named
FEW = 500  # effective trials below which a note says so


@dataclass(frozen=True, slots=True)
class Counted:
    """What a night rests on, read and checked; `sources` has each table that its numbers come from, with its sha256."""

    first: FirstModes | None
    reported: Reported
    sources: tuple[tuple[str, str], ...]


def read_counted(loaded: LoadedRun, results: Path | None = None, previous: Path | None = None) -> Counted:
    """The tables of a runoff that is being counted.

    Parameters
    ----------
    results : table of reported votes; by default the one that [night] names.
    previous : the table of an earlier hour, over the one that [night] names: counts do not go down.

    Raises
    ------
    InputError : with every problem of the tables, or of a race that a night cannot be drawn of.
    MissingFileError : a table is not there.

    """
    _check(loaded)
    settings = loaded.run_file.night
    folder = Path() if loaded.path == "-" else Path(loaded.path).parent
    if results is None:
        if settings.results is None:
            raise InputError.single(
                loaded.path, "no table of reported votes", rule="[night] results, or --results, names it"
            )
        results = folder / settings.results
    if previous is None and settings.previous is not None:
        previous = folder / settings.previous
    first = first_modes(loaded)
    reported = canonical_reported(read_reported(loaded, results, first, previous))
    _refuse_votes_of_nobody(loaded, reported)
    return Counted(first, reported, (*loaded.sources, reported.source))


def run_runoff_night(
    loaded: LoadedRun,
    results: Path | None = None,
    *,
    trials: int = TRIALS,
    seed: int = 0,
    threads: int = 1,
    previous: Path | None = None,
    run_id: str = "",
    counted: Counted | None = None,
) -> Tables:
    """The tables of a runoff that is being counted.

    Parameters
    ----------
    results, previous : as in `read_counted`.
    counted : what `read_counted` has read; then these two are not looked at.

    Raises
    ------
    InputError, MissingFileError : as told by `read_counted`.

    """
    begun = time.perf_counter()
    counted = read_counted(loaded, results, previous) if counted is None else counted
    settings = loaded.run_file.night
    try:
        loaded, first, reported, empty = inhabited(loaded, counted)
        prepared = prepare(build(loaded), first, reported, settings, seed)
    except ValueError as problem:
        raise InputError.single(loaded.path, str(problem)) from None
    without = fit_without_odd(prepared.model, prepared.seen, prepared.polled)
    fitted = without.fit
    units = loaded.first_round.units
    drawn = draw_night(prepared, fitted, reported, units, trials=trials, seed=seed, threads=threads)
    naive = naive_forecast(prepared.model, reported)
    night = Night(
        reported, drawn, naive, prepared.regions, seed, time.perf_counter() - begun, digest(drawn), run_id,
        (*loaded.warnings, *reported.notes, *prepared.evidence.notes, *empty,
         *_odd(prepared, without, reported, loaded), *_notes(prepared, fitted, drawn)),
        without.aside.T,
    )  # fmt: skip
    return summarize_runoff_night(loaded, night)


def inhabited(loaded: LoadedRun, counted: Counted) -> tuple[LoadedRun, FirstModes | None, Reported, list[str]]:
    """The race and its counts without the units in whose pools nobody is, and a note that names these."""
    first, reported = counted.first, counted.reported
    lived = build(loaded).people.any(axis=1)
    if lived.all():
        return loaded, first, reported, []
    units = loaded.first_round.units
    names = [units[u] for u in np.flatnonzero(~lived)]
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    note = f"nobody is in the pools of {', '.join(names[:_MOST_NAMED])}{more}: no part in the night"
    loaded = replace(loaded, first_round=of_units(loaded.first_round, np.flatnonzero(lived)))
    if first is not None:
        first = replace(first, votes=first.votes[lived])
    return loaded, first, replace(reported, votes=reported.votes[lived], state=reported.state[lived]), [note]


def _refuse_votes_of_nobody(loaded: LoadedRun, reported: Reported) -> None:
    """Refuse votes of a unit in whose pools nobody is: the model has no place for them."""
    votes = reported.votes.sum(axis=(1, 2))
    units = loaded.first_round.units
    problems = [
        Problem(
            reported.source[0], 0, 0, f"{int(votes[u]):,} votes in {units[u]}, where nobody can vote",
            "votes come from those who voted in the first round and from [new_voters]", "nobody in any pool there",
            "if people there may vote, name the roll in [results] registered and add [new_voters]; else set 0 votes",
        )
        for u in np.flatnonzero(votes * ~build(loaded).people.any(axis=1))
    ]  # fmt: skip
    if problems:
        raise InputError(problems[:MOST_PROBLEMS])


def digest(drawn: Drawn) -> str:
    """sha256 over each trial's votes and weight, little-endian: equal bits, equal digest."""
    result = hashlib.sha256(f"{drawn.votes.shape}".encode())
    result.update(np.ascontiguousarray(drawn.votes, dtype="<i8").tobytes())
    result.update(np.ascontiguousarray(drawn.log_weight, dtype="<f8").tobytes())
    return result.hexdigest()


def _check(loaded: LoadedRun) -> None:
    file = loaded.run_file
    if file.counting is not None or file.first_round_polls is not None:
        raise InputError.single(
            loaded.path, "the first round is not final", rule="a runoff is counted after an official first round",
            fix="take [counting] or [first_round_polls] away",
        )  # fmt: skip
    if len(loaded.finalists) != 2:
        raise InputError.single(
            loaded.path, "a night of more than two finalists", rule="a runoff that is being counted has two finalists",
            got=f"{len(loaded.finalists)} finalists",
        )  # fmt: skip
    if file.results.by != "unit":
        raise InputError.single(
            loaded.path, "units are put together", rule='a night is counted unit by unit: [results] by = "unit"',
            got=f'by = "{file.results.by}"', fix="name the table by unit, and take `by` away",
        )  # fmt: skip


def _odd(prepared: Prepared, without: Fitted, reported: Reported, loaded: LoadedRun) -> list[str]:
    """What cannot be as it is reported: cells that are set aside, and more votes than there are people."""
    units = loaded.first_round.units
    notes = many_note(without.many)
    notes += odd_notes(odd_cells(without, prepared.seen, units, reported.modes, loaded.finalists[0]))
    votes, people = reported.votes.sum(axis=(1, 2)), prepared.model.people.sum(axis=1)
    for u in np.flatnonzero(votes > people + 0.5)[:MOST_NAMED]:
        who = "voters of the first round and new voters"
        notes.append(f"{units[u]}: {int(votes[u]):,} votes, and {people[u]:,.0f} people: {who}")
    return notes


def _notes(prepared: Prepared, fitted: Fit, drawn: Drawn) -> list[str]:
    """What in this night is far from what was expected."""
    factors = prepared.model.pools.n_factors
    notes = []
    for name, value in zip(prepared.model.names, fitted.mode[factors:], strict=True):
        if abs(value) > FAR:
            said = name.replace("\0", " ")
            notes.append(f"{said} is {abs(value):.1f} standard deviations from what was expected before the count")
    if float(np.abs(fitted.mode[:factors]).max(initial=0.0)) > FAR:
        notes.append("a rate is more than 3 standard deviations from what the run file says of it")
    if drawn.effective < FEW:
        notes.append(f"trials are worth {drawn.effective:,.0f} equally weighted ones: draw more, or trust digits less")
    return notes
