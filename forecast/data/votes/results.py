"""The first round from its tables: whole votes by unit and candidate, registered voters, every row checked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from runoff.data.votes.averaging import left_of_effects
from runoff.data.votes.ballot import over_ballot
from runoff.data.votes.checks.unlike import share_note, turnout_note
from runoff.data.votes.checks.whole import table_problems
from runoff.data.votes.counted_at import COLUMN
from runoff.data.votes.places import Places, Unit
from runoff.data.votes.roll import NOT_TOLD, Roll, joined, read_roll
from runoff.data.votes.votes import NO_ROW, Votes, read_votes
from runoff.data.votes.words import COMPLETE, Wanted
from runoff.errors import InputError, Problem, suggestion
from runoff.race import Candidate, FirstRound, Int64Array

MOST_VOTES = 2**31 - 1  # in all: votes are 32-bit in the kernel


@dataclass(frozen=True, slots=True)
class Results:
    """A first round as its tables have it.

    first : the race that is simulated, units put together as `by` says.
    votes : the same by mode, units one by one, in the order of `units`; units without a row are in it.
    units : every unit of the race, in order of region and name.
    roll : the table of registered voters in the same order, where there is one.
    notes : what a reader of the run should know of the tables.
    """

    first: FirstRound
    votes: Votes
    units: tuple[Unit, ...]
    roll: Roll | None
    notes: tuple[str, ...]


def read_results(
    results: Path,
    registered: Path | None,
    by: str,
    race_id: str,
    wanted: Wanted,
    *,
    final: bool = True,
    finalists: int = 2,
    ballot: Path | None = None,
) -> Results:
    """The first round of a results table and, where given, of a table of registered voters.

    Where it is not `final`, units and all votes may be missing from the results.  finalists : how many advance.
    ballot : the results are a count in the place of this table, which knows the race.

    Raises
    ------
    InputError : with every problem of both tables.
    MissingFileError : a table is not there.
    """
    problems: list[Problem] = []
    votes, roll, notes = None, None, list[str]()
    try:
        votes = read_votes(results, wanted, empty=not final, also=() if final else (COLUMN,))
        problems += _not_a_result(votes, final, ballot is not None)
        wrong, notes = table_problems(votes, wanted, finalists)
        problems += wrong or _totals(votes, final)
        problems += _unknown_words(votes, wanted) if ballot is None else []
        if ballot is not None and not problems:
            known = read_votes(ballot, wanted, empty=True, also=(COLUMN,))
            votes, problems = over_ballot(votes, known, finalists)
    except InputError as error:
        problems += error.problems
    if registered is not None:
        try:
            roll = read_roll(registered, wanted)
        except InputError as error:
            problems += error.problems
    if votes is not None and roll is not None and not problems:
        votes, roll, problems = joined(votes, roll, final)
    if problems or votes is None:
        raise InputError(problems)
    notes = [*votes.notes, *_undropped(votes), *notes, *(roll.notes if roll else ())]
    notes += _unlike(votes, roll) if final else []
    return Results(_first_round(votes, roll, by, race_id, notes), votes, votes.units, roll, tuple(notes))


def _unlike(votes: Votes, roll: Roll | None) -> list[str]:
    """Units whose shares or turnout are far from all others'."""
    units = Places(votes.units).labels()
    counted = votes.votes.sum(axis=1)
    notes = share_note(units, votes.candidates, counted)
    if roll is not None:
        ballots = counted.sum(axis=1) if roll.ballots is None else roll.ballots
        notes += turnout_note(units, ballots, np.maximum(roll.registered, 0))
    return notes


def _not_a_result(votes: Votes, final: bool, known: bool) -> list[Problem]:
    """Parties are told, unless they are `known`, and a status column says complete, or nothing, once it is `final`."""
    table, problems = votes.table, []
    if not known and not {"party", "bloc"} & set(table.order):
        have = ", ".join(table.order[:20])
        fix = "add a column party; the bloc is the party where there is no bloc"
        text = table.text[table.first_line - 1] if table.text else ""
        line = table.first_line if table.text else 0
        problems.append(
            Problem(table.name, line, 1, "no column party or bloc", "party or bloc is needed", have, fix, text)
        )
    open_cells = np.argwhere((votes.state != COMPLETE) & (votes.state != NO_ROW))
    if final and open_cells.size:
        u, m = open_cells[0].tolist()
        rule = "the results of a run are complete, or it says [counting]"
        fix = "a first round being counted has a section [counting]"
        what = f"the status says that {len(open_cells):,} units or modes are not complete"
        problems.append(table.problem(votes.row_of(unit=u, mode=m), "status", what, rule, fix))
    return problems


def _totals(votes: Votes, final: bool) -> list[Problem]:
    """Sums that no race can have."""
    total, name = int(votes.votes.sum()), votes.table.name
    of_units = votes.votes.sum(axis=(1, 2))
    if len(of_units) > 1 and (np.abs(of_units - 100) <= 1).all():
        rule, fix = "votes are counted, one for each person", "give the number of votes in place of the percentage"
        got = f"each unit's votes add up to {of_units[0]}"
        return [Problem(name, 0, 0, "percentages instead of votes", rule, got, fix)]
    if total == 0 and final:
        fix = "a first round that is ahead has [first_round_polls], one being counted [counting]"
        return [Problem(name, 0, 0, "nobody voted", "at least one vote", "0 votes", fix)]
    if total > MOST_VOTES:
        fix = "is a sum among the rows?"
        return [Problem(name, 0, 0, "too many votes", f"at most {MOST_VOTES:,} in all", f"{total:,}", fix)]
    return []


def _unknown_words(votes: Votes, wanted: Wanted) -> list[Problem]:
    """Names that the run file keeps are in the table."""
    known = {*votes.candidates, *votes.modes, *(unit.name for unit in votes.units)}
    there = Wanted(keep=tuple(known))
    rule = "keep names candidates, units or modes of the results table"
    return [
        Problem(votes.table.name, 0, 0, f"[results] keep: no {word} here", rule, word, "take it out of keep")
        for word in wanted.keep
        if not there.kept(word)
    ]


def _undropped(votes: Votes) -> list[str]:
    """Words of drop that no row of the table has: a slip, or for a night's table alone."""
    known = [*votes.candidates, *votes.modes, *(unit.name for unit in votes.units)]
    return [
        f"[results] drop: nothing is named {word} in {votes.source[0]}; {suggestion(word, known)}".rstrip("; ")
        for word in votes.undropped
    ]


def _first_round(votes: Votes, roll: Roll | None, by: str, race_id: str, notes: list[str]) -> FirstRound:
    counts = votes.votes.sum(axis=1)
    totals = counts.sum(axis=0)
    order = sorted(range(len(votes.candidates)), key=lambda c: (-int(totals[c]), votes.candidates[c]))
    candidates = tuple(
        Candidate(name, votes.party[c], votes.bloc[c] or votes.party[c] or name)
        for c, name in ((c, votes.candidates[c]) for c in order)
    )
    counts = counts[:, order]
    registered, ballots = None, counts.sum(axis=1)
    if roll is not None:
        ballots = ballots if roll.ballots is None else roll.ballots
        without = roll.registered == NOT_TOLD
        registered = np.where(without, ballots, roll.registered)
        if without.any():
            n = int(without.sum())
            notes.append(f"{n:,} unit{'s' * (n > 1)} without a roll: nobody is there but those who voted")
    regions = [unit.region for unit in votes.units]
    people = ballots if registered is None else registered
    labels = {"unit": Places(votes.units).labels(), "region": regions, "race": [race_id] * len(regions)}[by]
    names = list(dict.fromkeys(labels))
    place = {name: i for i, name in enumerate(names)}
    group = np.array([place[label] for label in labels], np.int64)
    region = np.unique(np.array(regions), return_inverse=True)[1].astype(np.int64)
    beside = votes.ballot, None if roll is None else roll.source
    sources = (votes.source, *(source for source in beside if source is not None))
    return FirstRound(
        candidates=candidates,
        units=tuple(names),
        regions=tuple(regions if by == "unit" else names if by == "region" else [""]),
        votes=_summed(counts, group, len(names)),
        registered=None if registered is None else _summed(registered, group, len(names)),
        ballots=_summed(ballots, group, len(names)),
        sources=sources,
        averaged=None if len(names) == len(labels) else left_of_effects(people, region, group),
    )


def one_by_one(results: Results) -> FirstRound:
    """The first round with its units one by one, however they are simulated."""
    return _first_round(results.votes, results.roll, "unit", "", [])


def by_mode(results: Results) -> Int64Array:
    """int64[U, M, C], units and modes as in `results.votes`, candidates in the order of the first round."""
    place = {name: c for c, name in enumerate(results.votes.candidates)}
    return results.votes.votes[:, :, [place[candidate.name] for candidate in results.first.candidates]]


def _summed(values: Int64Array, group: Int64Array, n: int) -> Int64Array:
    """Rows summed by group."""
    result = np.zeros((n, *values.shape[1:]), np.int64)
    np.add.at(result, group, values)
    return result
