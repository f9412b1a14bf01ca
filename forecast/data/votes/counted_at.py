"""When a source counted its votes, where its table says so: the column `counted_at`."""

from __future__ import annotations

import datetime as dt

from runoff.data.tables.cells import text
from runoff.data.tables.table import Table
from runoff.errors import Problem

COLUMN = "counted_at"
_RULE = "times are written 2017-06-20T20:55:00-04:00, or ...Z: day, time and how far it is from UTC"


def counted_at(table: Table, problems: list[Problem]) -> dt.datetime | None:
    """The latest of the table's times, UTC; None where it has none.  Each spelling is read once."""
    if COLUMN not in table.columns:
        return None
    first: dict[str, int] = {}
    for row, cell in enumerate(table.columns[COLUMN]):
        first.setdefault(cell, row)
    found = [time for row in first.values() if (time := _time(table, row, problems)) is not None]
    return max(found, default=None)


def _time(table: Table, row: int, problems: list[Problem]) -> dt.datetime | None:
    said = text(table, row, COLUMN)
    if not said:
        return None
    try:
        found = dt.datetime.fromisoformat(said)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        what = f"{COLUMN} is not a time" if found is None else f"{COLUMN} does not say where its clock is"
        fix = "write day and time" if found is None else f"write {found.isoformat()}Z if its clock is UTC's"
        problems.append(table.problem(row, COLUMN, what, _RULE, fix))
        return None
    return found.astimezone(dt.UTC)
