"""Cells of tables of surveys: names, days, percentages and numbers of people, each with what is wrong with it."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import TYPE_CHECKING

from forecast.errors import Problem

if TYPE_CHECKING:
    from forecast.tables import Table

MOST_PEOPLE = 10_000_000  # asked in one survey


def text(table: Table, row: int, column: str) -> str:
    """A cell's text without the spaces around it, in one Unicode form; '' where the table lacks the column."""
    cells = table.columns.get(column)
    return "" if cells is None else unicodedata.normalize("NFC", cells[row].strip())


def name(table: Table, row: int, column: str, problems: list[Problem]) -> str:
    """A name that may not be empty."""
    found = text(table, row, column)
    rule = "names are not empty and have no control characters"
    if not found:
        problems.append(table.problem(row, column, f"empty {column}", rule, "give the name"))
    elif any(unicodedata.category(character) in ("Cc", "Zl", "Zp", "Cs") for character in found):
        problems.append(table.problem(row, column, f"control character in the {column}", rule, "take it out"))
    return found


def day(table: Table, row: int, column: str, problems: list[Problem]) -> dt.date | None:
    """A day, or None for an empty cell."""
    found = text(table, row, column)
    if not found:
        return None
    try:
        if len(found) != 10:
            raise ValueError
        return dt.date.fromisoformat(found)
    except ValueError:
        problems.append(
            table.problem(row, column, f"{column} is not a day", "days are written 2017-06-08: year, month, day")
        )
        return None


def needed_day(table: Table, row: int, column: str, problems: list[Problem]) -> dt.date | None:
    """A day that may not be empty; None where something is wrong with it."""
    if not text(table, row, column):
        problems.append(table.problem(row, column, f"empty {column}", f"{column} is needed", "give the day"))
        return None
    return day(table, row, column, problems)


def percent(table: Table, row: int, column: str, problems: list[Problem]) -> float | None:
    """A percentage from 0 to 100 as a fraction, or None for an empty cell."""
    found = text(table, row, column)
    if not found:
        return None
    rule = "shares are percentages from 0 to 100, as plain numbers"
    value = _plain(found)
    if value is None:
        fix = "write the number without %" if "%" in found else "write a plain number, or leave the cell empty"
        problems.append(table.problem(row, column, "a share is not a number", rule, fix))
    elif value < 0:
        problems.append(table.problem(row, column, "a negative share", rule))
    elif value > 100:
        problems.append(table.problem(row, column, "a share over 100", rule))
    return None if value is None else value / 100.0


def people(table: Table, row: int, column: str, problems: list[Problem], least: int = 1) -> int | None:
    """A whole number of people, or None for an empty cell."""
    found = text(table, row, column)
    if not found:
        return None
    rule = f"a whole number from {least} to {MOST_PEOPLE:,}"
    if not found.isascii() or not found.removesuffix(".0").isdigit() or len(found) > 12:
        fix = "write plain digits, or leave the cell empty where nobody knows"
        problems.append(table.problem(row, column, f"{column} is not a whole number", rule, fix))
        return None
    value = int(found.removesuffix(".0"))
    if not least <= value <= MOST_PEOPLE:
        problems.append(table.problem(row, column, f"{column} out of range", rule))
        return None
    return value


def _plain(found: str) -> float | None:
    """A number in plain decimals: no exponents, no signs but a minus, no underscores."""
    digits = found.removeprefix("-").replace(".", "", 1)
    return float(found) if digits.isascii() and digits.isdigit() and len(digits) <= 15 else None
