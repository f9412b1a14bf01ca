"""Runoffs counted so far: votes by district and finalist, complete or in part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from runoff import names
from runoff.data.chamber.districts import District
from runoff.data.chamber.table import known
from runoff.data.tables import cells
from runoff.data.tables.table import MOST_PROBLEMS, Table, read_table
from runoff.errors import InputError, Problem

_STATUS = ("complete", "partial", "out")
_FEW = 0.3  # of the first round's votes: of 3,519 complete runoffs of seven Assemblies none had less than 0.59 of them
_ENOUGH = 100  # votes of which nobody who stands has none


@dataclass(frozen=True, slots=True)
class Counted:
    """A district's runoff: votes of each finalist, in their order, and whether these are all."""

    votes: tuple[int, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Night:
    """Counted districts by id; source : name and sha256 of the table; notes : for a reader."""

    counted: dict[str, Counted]
    source: tuple[str, str]
    notes: tuple[str, ...]


def read_night(path: Path, districts: Sequence[District]) -> Night:
    """The table of runoffs counted so far; districts without rows are out.

    Raises
    ------
    InputError : with every problem of its rows.
    MissingFileError : it is not there.
    """
    table = read_table(path, ("district", "candidate", "votes"), ("status", "unit", "party", "bloc"), empty=True)
    of = {district.id: district for district in districts}
    standing = {d.id: {c.name: k for k, c in enumerate(d.standing)} for d in districts}
    problems: list[Problem] = []
    votes: dict[str, dict[str, int]] = {}
    partial: set[str] = set()
    for row in range(len(table.lines)):
        if len(problems) >= MOST_PROBLEMS:
            break
        pair = cells.name(table, row, "district", problems), cells.name(table, row, "candidate", problems)
        status = _status(table, row, problems)
        if status == "out":
            continue
        count = cells.whole(table, row, "votes", problems) or 0
        if pair[0] in of and of[pair[0]].elected is not None:
            what = f"a runoff in {pair[0]}, where the first round elected or one candidate was left"
            problems.append(table.problem(row, "district", what, "no runoff is held there", "take the row out"))
        elif known(table, row, pair, standing, problems):
            _add(table, row, pair, count, votes, problems)
            if status == "partial":
                partial.add(pair[0])
    for district, own in votes.items():
        missing = [name for name in standing[district] if name not in own]
        if missing and not problems:
            what = f"no votes of {names.listed(missing, 3)} in {district}"
            problems.append(Problem(table.name, 0, 0, what, "a counted district has all finalists", "", "add the rows"))
        roll, many = of[district].registered, sum(own.values())
        if roll is not None and many > roll:
            what, rule = f"{many:,} votes in {district}", f"it has {roll:,} voters on the roll"
            problems.append(Problem(table.name, 0, 0, what, rule, "", "check its rows: is a sum among them?"))
    if problems:
        raise InputError(problems[:MOST_PROBLEMS])
    few = [
        name for name, own in votes.items() if name not in partial and sum(own.values()) < _FEW * sum(of[name].votes)
    ]
    without = [name for name, own in votes.items() if not min(own.values()) and sum(own.values()) >= _ENOUGH]
    found = {
        name: Counted(tuple(own[word] for word in standing[name]), name not in {*partial, *few})
        for name, own in votes.items()
    }
    empty = [name for name, one in found.items() if not sum(one.votes)]
    notes = [f"no votes yet in {names.listed(empty, 3)}: taken as out"] if empty else []
    few = [name for name in few if name not in (*empty, *without)]
    if few:
        notes.append(f"complete in {names.listed(few, 3)} with few votes: taken as counted in part")
    if without:
        notes.append(f"no votes for somebody who stands in {names.listed(without, 3)}: taken as out")
    kept = {name: one for name, one in found.items() if sum(one.votes) and name not in without}
    return Night(kept, (Path(table.name).name, table.sha256), (*table.notes, *notes))


def _add(
    table: Table,
    row: int,
    pair: tuple[str, str],
    count: int,
    votes: dict[str, dict[str, int]],
    problems: list[Problem],
) -> None:
    own = votes.setdefault(pair[0], {})
    if pair[1] in own and "unit" not in table.columns:
        what = f"a second row for {pair[1]} in {pair[0]}"
        fix = "remove one, or tell units apart in a column unit"
        problems.append(table.problem(row, "candidate", what, "a row a finalist and district", fix))
    own[pair[1]] = own.get(pair[1], 0) + count


def _status(table: Table, row: int, problems: list[Problem]) -> str:
    word = names.same(cells.text(table, row, "status")) or "complete"
    if word not in _STATUS:
        rule = "status is complete, partial or out, complete where it is empty"
        problems.append(table.problem(row, "status", "no such status", rule, "write complete, partial or out"))
    return word
