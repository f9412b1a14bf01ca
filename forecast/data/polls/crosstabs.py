"""Crosstabs from their tables: what a poll found among the voters of one candidate, of a bloc, or among new ones.

A row is a poll's group.  `kind` and `group` say whose voters they are: "pool" and a candidate of the first
round, "bloc" and a bloc (its eliminated candidates' voters), "party" and a bloc (all of its voters, finalists'
included; what party identification comes nearest to), or "new" (no vote in the first round).  The other columns
are those of a polls table; `sample_size` is the size of the group.  Cells are percentages, or people where
`unit` says so: then a finalist's empty cell is what the others leave of `sample_size`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from runoff import names
from runoff.data.polls import poll_checks, polls
from runoff.data.tables import cells
from runoff.data.tables.table import MOST_PROBLEMS, Table
from runoff.errors import Problem
from runoff.race import GroupKind

KINDS: dict[str, GroupKind] = {"pool": "pool", "bloc": "bloc", "party": "party", "new": "new"}
UNITS = ("percent", "people")
_REQUIRED = ("pollster", "end", "kind", "group", "sample_size")


def read_crosstabs(
    paths: Sequence[Path],
    candidates: Sequence[str],
    finalists: Sequence[str],
    blocs: Sequence[str],
    new: str | None,
    runoff: dt.date,
) -> polls.Surveyed:
    """Rows of all tables as polls of a group; each table is read once.

    candidates, blocs : of the first round.  new : the pool of new voters, or None where there is none.

    Raises
    ------
    InputError : with every problem of all tables.
    MissingFileError : a table is not there.
    """
    known = polls.Known(tuple(candidates), tuple(finalists), tuple(blocs), runoff, new)
    return polls.surveyed(paths, _REQUIRED, (*polls.OPTIONAL, "unit", "basis"), known, _read_rows)


def against_polls(crosstabs: Sequence[polls.Poll], whole: Sequence[polls.Poll]) -> list[str]:
    """Groups that are no part of their poll: more people than it asked, or the poll itself under a group's name."""
    by_interviews = {poll.interviews: poll for poll in whole}
    notes, people = [], dict[tuple[object, ...], int]()
    for group in crosstabs:
        poll = by_interviews.get(group.interviews)
        if poll is None or poll.sample_size is None or group.sample_size is None:
            continue
        if group.sample_size == poll.sample_size and dict(group.shares) == dict(poll.shares):
            notes.append(f"{group.name}: the size and shares of the whole poll; leave the row out if it is no group")
        elif group.sample_size > poll.sample_size:
            notes.append(
                f"{group.name}: {group.sample_size:,} people, and the whole poll has {poll.sample_size:,}; mend one"
            )
        elif group.kind in ("pool", "new"):
            key = group.interviews
            before = people.get(key, 0)
            people[key] = before + group.sample_size
            if before <= poll.sample_size < people[key]:
                notes.append(
                    f"{poll.name}: its groups have more people together than the {poll.sample_size:,} of the poll; "
                    "a size is wrong, or a group stands there twice"
                )
    return notes


def _read_rows(table: Table, known: polls.Known, problems: list[Problem]) -> list[polls.Poll]:
    """The rows as polls of their groups; what is wrong with the others is added to `problems`."""
    before = len(problems)
    groups = []
    for row in range(len(table.lines)):
        groups.append(_group(table, row, known, problems))
        if len(problems) >= MOST_PROBLEMS:
            return []
    plain = _in_per_cent(table, known, problems)
    found = polls.read_rows(plain, known, problems)
    if len(problems) > before:
        return []
    return [replace(poll, kind=kind, group=group) for poll, (kind, group) in zip(found, groups, strict=True)]


def _group(table: Table, row: int, known: polls.Known, problems: list[Problem]) -> tuple[GroupKind, str]:
    """Kind, and the pool or bloc that a row speaks of; what is wrong with it goes to `problems`."""
    word, group = names.same(cells.text(table, row, "kind")), cells.text(table, row, "group")
    kind = KINDS.get(word)
    if kind is None:
        rule = f"kind is {', '.join(KINDS)}"
        fix = poll_checks.meant(word, [*KINDS]) or "write one of these kinds"
        problems.append(table.problem(row, "kind", "no such kind of group", rule, fix))
        return "pool", group
    if kind == "new":
        if known.new is None:
            fix = "add [new_voters], or leave the row out"
            problems.append(table.problem(row, "kind", "no pool of new voters", "new needs [new_voters]", fix))
        return kind, known.new or group
    if kind == "pool":
        found = group if group in known.candidates else None
        what, rule = "no such candidate in the results", "candidates are those of the results table"
    else:
        found = poll_checks.known_as(group, known.blocs)
        what, rule = "no such bloc", f"blocs are {', '.join(known.blocs[:20])}"
    if found is None:
        fix = poll_checks.meant(group, known.candidates if kind == "pool" else known.blocs)
        fix = fix or "write it as the results do, or leave the row out"
        problems.append(table.problem(row, "group", what, rule, fix))
    return kind, found or group


def _in_per_cent(table: Table, known: polls.Known, problems: list[Problem]) -> Table:
    """The table with numbers of people as percentages of them all."""
    answers = [name for name in (*known.candidates, "undecided", "other") if name in table.columns]
    columns = {name: list(column) for name, column in table.columns.items()}
    for row in range(len(table.lines)):
        unit = names.same(cells.text(table, row, "unit")) or "percent"
        if unit not in UNITS:
            rule = f"unit is {' or '.join(UNITS)}, percent where it is empty"
            fix = poll_checks.meant(unit, UNITS) or "write percent or people"
            problems.append(table.problem(row, "unit", "no such unit", rule, fix))
        if unit != "people":
            continue
        before = len(problems)
        counts = {name: cells.people(table, row, name, problems, 0) for name in answers}
        if len(problems) > before:
            continue
        size = _filled(table, row, counts, known.finalists, problems)
        for name, count in counts.items():
            columns[name][row] = "" if count is None or not size else f"{100 * count / size:.10f}"
        columns["sample_size"][row] = str(size)
        if len(problems) >= MOST_PROBLEMS:
            break
    return replace(table, columns=columns)


def _filled(
    table: Table, row: int, counts: dict[str, int | None], finalists: Sequence[str], problems: list[Problem]
) -> int:
    """The size of a group of people; a finalist whose cell is empty gets what the others leave of it in `counts`."""
    size = sum(count or 0 for count in counts.values())
    asked = cells.people(table, row, "sample_size", problems)
    missing = [name for name in finalists if name in counts and counts[name] is None]
    if asked is None:
        if len(missing) == 1:
            rule = "one finalist's cell may be empty where sample_size and undecided are given: it is the rest"
            problems.append(table.problem(row, missing[0], "how many people?", rule, "give the number, or the size"))
        return size
    if len(missing) == 1 and counts.get("undecided") is not None and asked > size:
        counts[missing[0]] = asked - size
        return asked
    if asked != size:
        what = f"the answers add up to {size:,}"
        problems.append(table.problem(row, "sample_size", what, "people add up to the size", "mend one of them"))
    return size
