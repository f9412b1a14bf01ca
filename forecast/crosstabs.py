"""Crosstabs from their tables: what a poll found among the voters of one candidate, of a bloc, or among new ones.

A row is a poll's group.  `kind` and `group` say whose voters they are: "pool" and a candidate of the first
round, "bloc" and a bloc (its eliminated candidates' voters), "party" and a bloc (all of its voters, finalists'
included; what party identification comes nearest to), or "new" (no vote in the first round).  The other columns
are those of a polls table; `sample_size` is the size of the group.  Cells are percentages, or people where
`unit` says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from forecast import cells, polls
from forecast.errors import InputError, Problem, suggestion
from forecast.tables import MOST_PROBLEMS, Table, read_table

KINDS = ("pool", "bloc", "party", "new")
UNITS = ("percent", "people")


def read_crosstabs(
    paths: Sequence[Path],
    candidates: Sequence[str],
    finalists: Sequence[str],
    blocs: Sequence[str],
    new: str | None,
    runoff: dt.date,
) -> tuple[polls.Poll, ...]:
    """Rows of all tables as polls of a group, in order of identity.

    candidates, blocs : of the first round.  new : the pool of new voters, or None where there is none.

    Raises
    ------
    InputError : with every problem of all tables.
    MissingFileError : a table is not there.

    """
    problems: list[Problem] = []
    found: list[polls.Poll] = []
    for path in paths:
        required = ("pollster", "end", "kind", "group", "sample_size")
        try:
            table = read_table(path, required, [*polls.OPTIONAL, "unit", "basis", *candidates])
        except InputError as error:
            problems += error.problems
            continue
        problems += polls.missing_finalists(table, finalists)
        for row in range(len(table.lines)):
            before = len(problems)
            group = _group(table, row, candidates, blocs, new, problems)
            plain = _as_percentages(table, row, candidates, problems)
            poll = polls.read_row(plain, row, candidates, [*blocs, *finalists], runoff, problems)
            if poll is not None and len(problems) == before:
                found.append(replace(poll, kind=cells.text(table, row, "kind"), group=group))
            if len(problems) >= MOST_PROBLEMS:
                break
    problems += polls.twice(found)
    if problems:
        raise InputError(problems)
    return tuple(sorted(found, key=lambda poll: poll.identity))


def _group(
    table: Table, row: int, candidates: Sequence[str], blocs: Sequence[str], new: str | None, problems: list[Problem]
) -> str:
    """The pool or bloc that a row speaks of; what is wrong with it goes to `problems`."""
    kind, group = cells.text(table, row, "kind"), cells.text(table, row, "group")
    if kind not in KINDS:
        rule = f"kind is {', '.join(KINDS)}"
        problems.append(table.problem(row, "kind", "no such kind of group", rule, suggestion(kind, KINDS)))
        return group
    if kind == "new":
        if new is None:
            fix = "add [new_voters], or leave the row out"
            problems.append(table.problem(row, "kind", "no pool of new voters", "new needs [new_voters]", fix))
        return new or group
    known = candidates if kind == "pool" else blocs
    if group not in known:
        what = "no such candidate in the results" if kind == "pool" else "no such bloc"
        rule = "candidates are those of the results table" if kind == "pool" else f"blocs are {', '.join(blocs[:20])}"
        problems.append(table.problem(row, "group", what, rule, suggestion(group, known)))
    return group


def _as_percentages(table: Table, row: int, candidates: Sequence[str], problems: list[Problem]) -> Table:
    """The table with this row's numbers of people as percentages of them all."""
    unit = cells.text(table, row, "unit") or "percent"
    if unit not in UNITS:
        rule = f"unit is {' or '.join(UNITS)}, percent where it is empty"
        problems.append(table.problem(row, "unit", "no such unit", rule, suggestion(unit, UNITS)))
    if unit != "people":
        return table
    names = [name for name in (*candidates, "undecided", "other") if name in table.order]
    counts = {name: cells.people(table, row, name, problems, 0) for name in names}
    size = sum(count or 0 for count in counts.values())
    asked = cells.text(table, row, "sample_size")
    if asked and asked.isdigit() and int(asked) != size:
        what = f"the answers add up to {size:,}"
        problems.append(table.problem(row, "sample_size", what, "people add up to the size", "mend one of them"))
    columns = {name: list(cells_) for name, cells_ in table.columns.items()}
    for name, count in counts.items():
        columns[name][row] = "" if count is None or not size else f"{100 * count / size:.10f}"
    columns["sample_size"][row] = str(size)
    return replace(table, columns=columns)
