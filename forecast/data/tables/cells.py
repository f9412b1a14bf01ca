"""Cells of tables: names, days, percentages, whole numbers, yes and no, each with what is wrong with it.

One checker for every table.  A checker returns the value, or None (a name: the text as it is) with what is
wrong added to `problems`.  Digits are 0 to 9 and nothing else; a whole number may end in .0, as data frames
write it (1.000 may be a thousand, and is asked about); a day is written 2017-06-08, a midnight behind it does no harm.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING

from runoff import names
from runoff.errors import Problem

if TYPE_CHECKING:
    from runoff.data.tables.table import Table

MOST_PEOPLE = 10_000_000  # asked in one survey
MOST_VOTES = 2**31 - 1  # in one row: votes are 32-bit in the kernel
_NO = "false no n f 0 none non nein nao n\u00e3o nej nie ne nee null nan na n/a - \u2013 \u2014 nonpartisan"
_YES = "true yes y t 1 oui ja sim si s\u00ed tak da x partisan"
NO, YES = frozenset(_NO.split()), frozenset(_YES.split())
_WHOLE = re.compile(r"-?[0-9]+(\.0*)?")
_NUMBER = re.compile(r"-?([0-9]+\.?[0-9]*|\.[0-9]+|[0-9](\.[0-9]+)?e-[0-9]{2,3})")  # e-07: as frames write almost 0
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(\.[0-9]{3})+")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ][0-9]{2}:")
_OTHER_DAY = re.compile(r"([0-9]{4})[-./]?([0-9]{1,2})[-./]?([0-9]{1,2})")
_problem = lru_cache(maxsize=65_536)(names.problem)


def text(table: Table, row: int, column: str) -> str:
    """A cell's text as it is kept (`names.said`); '' where the table lacks the column."""
    cells = table.columns.get(column)
    return "" if cells is None else names.said(cells[row])


def name(table: Table, row: int, column: str, problems: list[Problem]) -> str:
    """A name that may not be empty, as it is kept (`names.said`)."""
    cell = table.columns[column][row]
    wrong = _problem(cell)
    if wrong is not None:
        what, rule, fix = wrong
        what = f"empty {column}" if what == "empty" else f"{what} the {column}"
        problems.append(table.problem(row, column, what, rule, fix))
    return names.said(cell)


def day(table: Table, row: int, column: str, problems: list[Problem]) -> dt.date | None:
    """A day, or None for an empty cell."""
    found = text(table, row, column)
    if not found:
        return None
    match = _DAY.fullmatch(found)
    try:
        if match:
            return dt.date.fromisoformat(match.group(1))
    except ValueError:
        pass
    rule = "days are written 2017-06-08: year, month, day"
    problems.append(table.problem(row, column, f"{column} is not a day", rule, _of_day(found)))
    return None


def needed_day(table: Table, row: int, column: str, problems: list[Problem]) -> dt.date | None:
    """A day that may not be empty; None where something is wrong with it."""
    if not text(table, row, column):
        problems.append(table.problem(row, column, f"empty {column}", f"{column} is needed", "give the day"))
        return None
    return day(table, row, column, problems)


def percent(table: Table, row: int, column: str, problems: list[Problem]) -> float | None:
    """A percentage from 0 to 100 as a fraction, or None for an empty cell."""
    value = per_cent(table, row, column, problems)
    return None if value is None else value / 100.0


def per_cent(table: Table, row: int, column: str, problems: list[Problem]) -> float | None:
    """A percentage from 0 to 100 as it is written, or None for an empty cell."""
    found = _pointed(table, text(table, row, column))
    if not found:
        return None
    rule = "shares are percentages from 0 to 100, as plain numbers"
    if not _NUMBER.fullmatch(found):
        problems.append(table.problem(row, column, "a share is not a number", rule, _of_share(found)))
        return None
    value = float(found)
    if value < 0:
        problems.append(table.problem(row, column, "a negative share", rule, "write 0, or leave the cell empty"))
    elif value > 100:
        problems.append(table.problem(row, column, "a share over 100", rule, "mend the number"))
    return value


def ratio(table: Table, row: int, column: str, problems: list[Problem], most: float = 1.0) -> float | None:
    """A plain number from 0 to `most`, which is 1 for a share, or None for an empty cell."""
    found = _pointed(table, text(table, row, column))
    if not found:
        return None
    rule = f"{column}: a plain number from 0 to {most:g}"
    if not _NUMBER.fullmatch(found):
        problems.append(table.problem(row, column, f"{column} is not a number", rule, _of_share(found)))
        return None
    if not 0 <= float(found) <= most:
        fix = "write 0.52 for 52 per cent" if most == 1 and 0 < float(found) <= 100 else "mend the number"
        problems.append(table.problem(row, column, f"{column} out of range", rule, fix))
        return None
    return float(found)


def _pointed(table: Table, found: str) -> str:
    """A number with a point, where its table's decimal mark is a comma."""
    return found.replace(",", ".") if table.decimal == "," and found.count(",") == 1 else found


def maybe_whole(table: Table, row: int, column: str, problems: list[Problem]) -> int | None:
    """A count of votes or voters from 0 to MOST_VOTES; None for an empty cell, or where the table lacks the column."""
    return whole(table, row, column, problems) if text(table, row, column) else None


def people(table: Table, row: int, column: str, problems: list[Problem], least: int = 1) -> int | None:
    """A whole number of people, or None for an empty cell."""
    if not text(table, row, column):
        return None
    return _in_range(table, row, column, problems, least, MOST_PEOPLE)


def whole(table: Table, row: int, column: str, problems: list[Problem]) -> int | None:
    """A count of votes or voters that may not be empty, from 0 to MOST_VOTES; None where something is wrong with it."""
    cell = table.columns[column][row]
    if cell.isascii() and cell.isdigit() and len(cell) < 10:  # nearly all of them, in one look
        return int(cell)
    return _in_range(table, row, column, problems, 0, MOST_VOTES)


def yes_no(table: Table, row: int, column: str, problems: list[Problem], sides: Iterable[str] = ()) -> bool:
    """Whether a cell says yes: a word of YES or the name of one of `sides`; no where it is empty or says NO."""
    found = names.same(text(table, row, column))
    plain = found.removesuffix(".0")
    known = {names.same(side) for side in sides}
    if (plain in NO or plain in YES) != (found in known):
        return plain not in NO
    if found:
        clash = found in known
        what = f"{column} says {found}, which is a side and a word for yes or no" if clash else f"{column} is unclear"
        fix = "write true or false" if clash else "name the side, or leave it empty"
        rule = f"{column} is empty, true, false, or the name of a candidate, party or bloc of the race"
        problems.append(table.problem(row, column, what, rule, fix))
    return False


def _in_range(table: Table, row: int, column: str, problems: list[Problem], least: int, most: int) -> int | None:
    """A whole number from `least` to `most`; None with what is wrong with it."""
    found = text(table, row, column)
    rule = f"{column}: a whole number from {least:,} to {most:,}"
    if not _WHOLE.fullmatch(found) or _GROUPED.fullmatch(found):
        problems.append(table.problem(row, column, f"{column} is not a whole number", rule, _of_whole(found)))
        return None
    value = int(found.partition(".")[0])
    if least <= value <= most:
        return value
    what = f"negative {column}" if value < 0 else f"{column} out of range"
    what = f"too many {column}" if value > most == MOST_VOTES else what
    problems.append(table.problem(row, column, what, rule, "mend the number"))
    return None


def _of_whole(found: str) -> str:
    """The way out for what is not a whole number."""
    if not found:
        return "write 0 for none"
    if not found.isascii() and any(c.isdigit() and not c.isascii() for c in found):
        return "write plain digits, 0 to 9"
    if _GROUPED.fullmatch(found):
        digits = found.replace(".", "")
        return f"is it {int(digits):,}? then write {digits}, without separators"
    if re.fullmatch(r"-?[0-9]+([ ,_'\u2019\u00a0\u202f][0-9]+)+(\.0*)?", found):
        return "write the number without separators"
    if re.fullmatch(r"-?[0-9]*[.,][0-9]+", found):
        return "people are counted whole: give the count, not a share"
    return "write plain digits"


def _of_share(found: str) -> str:
    """The way out for what is not a percentage."""
    if "%" in found:
        return "write the number without %"
    if re.fullmatch(r"[0-9]{1,2},[0-9]+", found):
        return f"write {found.replace(',', '.')}, with a point"
    return "write a plain number, or leave the cell empty"


def _of_day(found: str) -> str:
    """The way out for what is not a day."""
    moment, other = _MOMENT.match(found), _OTHER_DAY.fullmatch(found)
    if moment:
        return f"a day has no time of day and no zone: write {moment.group(1)}"
    if not other:
        return "write year, month and day, in this order"
    year, month, of_month = (int(part) for part in other.groups())
    if year >= 1 and 1 <= month <= 12:
        last = calendar.monthrange(year, month)[1]
        if 1 <= of_month <= last:
            return f"did you mean {year:04}-{month:02}-{of_month:02}?"
        return f"{year:04}-{month:02} has {last} days"
    return "a year has 12 months: are month and day swapped?"
