"""What stands in an archive's folder beside races and candidates, held against them.

Columns that follow from a race's figures (shares, leaders, sums) have to agree with them, to the digits that they
have; polls, outright districts and codes to fit their races.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from runoff import names
from runoff.data.archive.checks import YEARS, race_problems
from runoff.data.archive.columns import DERIVED
from runoff.data.archive.kept import Kept, in_order, kept_of, sorted_kept
from runoff.data.archive.races import PastRace
from runoff.data.archive.read import Folder, fill, read_folder, strangers
from runoff.data.tables import cells
from runoff.data.tables.table import Table
from runoff.data.tables.typed import Columns
from runoff.errors import InputError, Problem

MOST_PERCENT = 101.0  # of two finalists in a poll, rounding included
_LEAST = 1e-9


def checked(path: Path) -> tuple[Kept, tuple[str, ...]]:
    """What a folder keeps, checked as a whole, and notes on columns that are not read.

    Raises
    ------
    InputError : with every problem of all tables; where cells cannot be read, with those alone.
    MissingFileError : no such folder, or one without races or candidates.
    """
    folder = read_folder(path)
    fill(folder.columns, folder.texts)
    problems, good = race_problems(folder)
    found = kept_of(_only(folder.columns, good)).races
    races = {race.id: replace(race, candidates=in_order(race.candidates)) for race in found}
    beside = followed(folder, races), poll_problems(folder, races), outright_problems(folder), nuance_problems(folder)
    problems += [problem for part in beside for problem in part]
    if problems:
        raise InputError(problems)
    notes = tuple(note for table in folder.texts.values() for note in table.notes)
    return sorted_kept(kept_of(folder.columns)), notes


def _only(columns: dict[str, Columns], good: set[str]) -> dict[str, Columns]:
    """The columns of some races alone, with their candidates and polls."""
    found = {name: {column: list[Any]() for column in of} for name, of in columns.items()}
    for name in ("races", "candidates", "polls"):
        rows = [row for row, race in enumerate(columns[name]["race_id"]) if race in good]
        found[name] = {column: [values[row] for row in rows] for column, values in columns[name].items()}
    return found


_Said = Callable[[PastRace], object]
_FOLLOWS: dict[str, tuple[str, _Said]] = {  # kind of the cell, and what it has to be
    "n_candidates": ("count", lambda race: len(race.candidates)),
    "n_finalists": ("count", lambda race: len(race.finalists)),
    "n_withdrew": ("count", lambda race: len(race.withdrawn)),
    "first_round_votes_sum": ("count", lambda race: race.first_round_votes),
    "runoff_votes_sum": ("count", lambda race: race.runoff_votes),
    "finalist_a": ("text", lambda race: race.finalists[0].name),
    "finalist_b": ("text", lambda race: race.finalists[1].name),
    "finalist_a_first_share": ("share", lambda race: race.finalists[0].first_round_votes / race.first_round_votes),
    "finalist_b_first_share": ("share", lambda race: race.finalists[1].first_round_votes / race.first_round_votes),
    "finalist_a_runoff_share": ("share", lambda race: race.runoff_share_a),
    "first_round_leader_won": ("flag", lambda race: race.leader_won),
    "turnout_ratio": ("ratio", lambda race: race.turnout_ratio),
    "leader_stood": ("flag", lambda race: race.candidates[0].advanced),
}


def followed(folder: Folder, races: dict[str, PastRace]) -> Iterator[Problem]:
    """Cells that do not agree with what they follow from; races that have problems of their own are left out."""
    table = folder.texts["races"]
    for column in (column for column in DERIVED["races"] if column in table.columns):
        kind, said = _FOLLOWS[column]
        for row, race in enumerate(folder.columns["races"]["race_id"]):
            if race in races:
                yield from _agrees(table, row, column, kind, said(races[race]), races[race])


def _agrees(table: Table, row: int, column: str, kind: str, due: object, race: PastRace) -> Iterator[Problem]:
    found = cells.text(table, row, column)
    if not found:
        return
    problems: list[Problem] = []
    if kind in ("share", "ratio"):
        value: object = cells.ratio(table, row, column, problems, 1.0 if kind == "share" else 1_000.0)
        same = isinstance(value, float) and isinstance(due, float) and abs(value - due) <= _half(found)
    elif kind == "text":
        value, same = found, names.same(found) == names.same(str(due)) or _in_a_tie(found, column, race)
    else:
        read = cells.maybe_whole if kind == "count" else cells.yes_no
        value = read(table, row, column, problems)
        same = value == due
    yield from problems
    if not problems and not same:
        shown = f"{due:.5f}" if isinstance(due, float) else str(due).lower() if isinstance(due, bool) else str(due)
        rule = f"{column} follows from votes: here it is {shown}"
        yield table.problem(
            row, column, f"{race.id}: {column} does not agree", rule, "mend it, or leave the column out"
        )


def _half(found: str) -> float:
    """Half of what a number's last digit is worth, and a little."""
    digits = max(len(found.partition(".")[2]), 1) if "e" not in found else 12
    return max(0.501 * 10.0**-digits, _LEAST)


def _in_a_tie(found: str, column: str, race: PastRace) -> bool:
    """Whether a finalist stands in the place of another of equal first-round votes; not where polls name places."""
    due = race.finalists[0 if column == "finalist_a" else 1]
    tied = (c for c in race.finalists if c.first_round_votes == due.first_round_votes)
    return not race.polls and names.same(found) in (names.same(c.name) for c in tied)


def poll_problems(folder: Folder, races: dict[str, PastRace]) -> Iterator[Problem]:
    """Polls of no race or of three finalists, shares that are none of two, days after the runoff, polls twice."""
    p, table = folder.columns["polls"], folder.texts.get("polls")
    known = set(folder.columns["races"]["race_id"])
    seen: dict[tuple[object, ...], int] = {}
    if table is None:
        return
    yield from strangers(table, p["race_id"], known, "a poll's")
    for row, name in enumerate(p["race_id"]):
        race = races.get(name)
        if race is not None:
            yield from _poll(table, row, {column: p[column][row] for column in p}, race)
        first = seen.setdefault(tuple(p[column][row] for column in p), row)
        if first != row:
            fix = f"the first is {table.line(first)}; remove one"
            yield table.problem(row, "pollster", "this poll stands there twice", "a poll is one row", fix)


def _poll(table: Table, row: int, poll: dict[str, Any], race: PastRace) -> Iterator[Problem]:
    if len(race.finalists) != 2:
        rule = "polls are of runoffs of two"
        yield table.problem(row, "race_id", f"{race.id} has {len(race.finalists)} finalists", rule, "remove the poll")
    a, b = poll["pct_finalist_a"], poll["pct_finalist_b"]
    if a is None or b is None:
        column = "pct_finalist_a" if a is None else "pct_finalist_b"
        yield table.problem(row, column, f"empty {column}", "a poll says both finalists' per cent", "give it")
        return
    if not 0 < a + b <= MOST_PERCENT:
        rule = "the two finalists have up to 100 per cent together"
        yield table.problem(row, "pct_finalist_a", f"{a:g} and {b:g} per cent together", rule, "mend one of them")
    elif a + b <= 1.5:
        rule, fix = "shares of a poll are in per cent", "write 52 for 0.52"
        yield table.problem(row, "pct_finalist_a", f"{a:g} and {b:g} are fractions, it seems", rule, fix)
    if poll["poll_date"] >= race.date_runoff:
        rule = f"a poll is before the runoff of {race.date_runoff}"
        yield table.problem(row, "poll_date", "a poll on the day of the runoff or later", rule, "mend the day")
    due = {"days_before": (race.date_runoff - poll["poll_date"]).days, "two_way_share_a": a / (a + b) if a + b else 0.0}
    for column, kind in (("days_before", "count"), ("two_way_share_a", "share")):
        if column in table.columns:
            yield from _agrees(table, row, column, kind, due[column], race)


def outright_problems(folder: Folder) -> Iterator[Problem]:
    """Outright districts of no election, that are races too, without one elected, or whose votes do not sum."""
    o, table = folder.columns["outright"], folder.texts.get("outright")
    races, elections = set(folder.columns["races"]["race_id"]), set(folder.columns["races"]["election"])
    rows: dict[str, list[int]] = {}
    for row, race in enumerate(o["race_id"]):
        rows.setdefault(race, []).append(row)
    if table is None:
        return
    for race, of in rows.items():
        row, votes = of[0], sum(o["first_round_votes"][n] for n in of)
        for n in of[1:]:
            for column in (column for column in _OF_DISTRICT if o[column][n] != o[column][row]):
                rule, fix = f"a district has one {column} in all its rows", f"the first is {table.line(row)}; mend one"
                yield table.problem(n, column, f"{race}: {column} differs between its rows", rule, fix)
        elected = sum(o["elected"][n] for n in of)
        if race in races:
            yield table.problem(row, "race_id", f"{race} is in races too", "a district is decided once", "remove one")
        if o["election"][row] not in elections:
            fix = "write the election of its races, or what their ids begin with"
            yield table.problem(
                row, "election", "no such election", "an outright district is of a race's election", fix
            )
        if elected != 1:
            what, fix = f"{race}: {elected} elected", "mend the column elected"
            yield table.problem(row, "elected", what, "one candidate of a district is elected", fix)
        told = {names.same(o["candidate"][n]) for n in of}
        if len(told) != len(of):
            yield table.problem(
                row, "candidate", f"{race}: somebody stands there twice", "a candidate is one row", "remove one"
            )
        valid, invalid, registered = (
            o[f"first_round_{what}"][row] for what in ("valid", "invalid_blank", "registered")
        )
        if valid is not None and valid != votes:
            what = f"{race}: candidates have {votes:,} votes, valid ballots are {valid:,}"
            yield table.problem(row, "first_round_valid", what, "votes sum to valid ballots", "add who is missing")
        if registered is not None and registered < votes + (invalid or 0):
            what = f"{race}: {votes + (invalid or 0):,} ballots of {registered:,} registered voters"
            rule = "registered voters are at least the ballots"
            yield table.problem(row, "first_round_registered", what, rule, "mend one of them")


_OF_DISTRICT = ("election", "first_round_valid", "first_round_invalid_blank", "first_round_registered")


def nuance_problems(folder: Folder) -> Iterator[Problem]:
    """Codes that stand there twice, and years that are none."""
    n, table = folder.columns["nuances"], folder.texts.get("nuances")
    seen: dict[tuple[object, ...], int] = {}
    for row, key in enumerate(zip(n["office"], n["year"], n["nuance"], strict=True)):
        first = seen.setdefault(key, row)
        if not YEARS[0] <= n["year"][row] <= YEARS[1] and table is not None:
            yield table.problem(row, "year", "a year that is none", f"from {YEARS[0]} to {YEARS[1]}", "mend the year")
        if first != row and table is not None:
            fix = f"the first is {table.line(first)}; remove one"
            yield table.problem(row, "nuance", "this code stands there twice", "one row an office, year and code", fix)
