"""A runoff that is being counted: its tables, checked, and the places in which somebody lives."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from runoff.data.counts.count import SoFar
from runoff.data.counts.runoff_count import FirstModes, Reported, first_modes, read_reported
from runoff.data.tables.table import MOST_PROBLEMS
from runoff.errors import InputError, Problem
from runoff.model.pools import build
from runoff.names import listed
from runoff.phases.order import canonical_reported, of_units
from runoff.phases.runoff_night.classes.ballots import BallotClass
from runoff.phases.runoff_night.classes.stated import notes, stated

if TYPE_CHECKING:
    from pathlib import Path

    from runoff.race import FloatArray
    from runoff.runfile.load import Case

_MOST_NAMED = 3  # units in a note


@dataclass(frozen=True, slots=True)
class Data:
    """The case and what is reported; `sources` has each table that numbers come from, with its sha256.

    classes : ballots that stand apart, over the units and modes of `reported`.
    """

    case: Case
    first: FirstModes | None
    reported: Reported
    sources: tuple[tuple[str, str], ...]
    classes: tuple[BallotClass, ...] = ()

    @property
    def beside(self) -> tuple[tuple[str, str], ...]:
        """The sources without the count."""
        return self.case.sources

    @property
    def so_far(self) -> SoFar:
        """What is reported, finalists in their order."""
        return SoFar(self.reported, self.case.first_round.units, self.case.finalists)


def read(case: Case, results: Path | None = None) -> Data:
    """The tables of a runoff that is being counted.

    results : table of reported votes; by default the one that [night] names.

    Raises
    ------
    InputError : with every problem of the tables, or of a race that a night cannot be drawn of.
    MissingFileError : a table is not there.
    """
    _check(case)
    settings = case.run_file.night
    if results is None:
        if settings.results is None:
            rule = "[night] results, or --results, names it"
            raise InputError.single(case.path, "no table of reported votes", rule=rule)
        results = case.folder / settings.results
    previous = None if settings.previous is None else case.folder / settings.previous
    first = first_modes(case)
    reported = canonical_reported(read_reported(case, results, first, previous))
    people = build(case).people.sum(axis=1)
    classes, problems = stated(case, reported, people)
    problems += _votes_of_nobody(case, reported, people)
    if problems:
        raise InputError(problems[:MOST_PROBLEMS])
    reported = replace(reported, notes=(*reported.notes, *notes(classes, reported)))
    return Data(case, first, reported, (*case.sources, reported.source), classes=classes)


def inhabited(data: Data) -> tuple[Data, list[str]]:
    """The race and its counts without the units in whose pools nobody is, and a note that names these."""
    case, reported = data.case, data.reported
    lived = np.asarray(build(case).people.any(axis=1))
    if lived.all():
        return data, []
    units = case.first_round.units
    empty = listed([units[u] for u in np.flatnonzero(~lived)], _MOST_NAMED)
    note = f"nobody is in the pools of {empty}: no part in the night"
    case = replace(case, first_round=of_units(case.first_round, np.flatnonzero(lived)))
    first = None if data.first is None else replace(data.first, votes=data.first.votes[lived])
    reported = replace(reported, votes=reported.votes[lived], state=reported.state[lived])
    classes = tuple(one.of_units(lived) for one in data.classes)
    return replace(data, case=case, first=first, reported=reported, classes=classes), [note]


def _votes_of_nobody(loaded: Case, reported: Reported, people: FloatArray) -> list[Problem]:
    """Votes of a unit in whose pools nobody is: the model has no place for them."""
    votes = reported.votes.sum(axis=(1, 2))
    rule = "votes come from those who voted in the first round and from [new_voters]"
    fix = "if people there may vote, name the roll in [results] registered and add [new_voters]; else set 0 votes"
    problems = []
    for u in np.flatnonzero(votes * (people == 0.0)):
        what = f"{int(votes[u]):,} votes in {loaded.first_round.units[u]}, where nobody can vote"
        problems.append(Problem(reported.source[0], 0, 0, what, rule, "nobody in any pool there", fix))
    return problems


def _check(loaded: Case) -> None:
    """Refuse a race that a night cannot be drawn of."""
    file = loaded.run_file
    if file.counting is not None or file.first_round_polls is not None:
        what, rule = "the first round is not final", "a runoff is counted after an official first round"
        fix = "for the first round's count take [first_round_polls] and [night] results away and say [counting]; "
        fix += "for the runoff's take both sections away"
        raise InputError.single(loaded.path, what, rule=rule, fix=fix)
    if file.results.by != "unit":
        what, rule = "units are put together", 'a night is counted unit by unit: [results] by = "unit"'
        fix = "name the table by unit, and take `by` away"
        raise InputError.single(loaded.path, what, rule=rule, got=f'by = "{file.results.by}"', fix=fix)
