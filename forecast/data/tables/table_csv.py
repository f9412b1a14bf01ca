"""Separated text as columns: quotes in pairs, every row as many fields as the header, empty lines left out."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from runoff import names
from runoff.data.tables import dialect
from runoff.errors import InputError, Problem, shown

LONGEST = 1_000  # characters of a cell
MOST_ROWS = 5_000_000
_MOST_PROBLEMS = 1_000
_LINES = re.compile("\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Raw:
    """A file's cells as text: `columns[place][row]`, `lines[row]` the row's first line, `text` all lines.

    spots : where a column stands in the file, where that is not its place: one place, or one for each group of columns
    that a line was cut into.  group : which of them each row is of; empty where lines are rows.
    """

    header: tuple[str, ...]
    columns: list[list[str]]
    lines: list[int]
    text: list[str]
    first_line: int = 1
    separator: str = ","
    decimal: str = "."
    notes: tuple[str, ...] = ()
    spots: dict[str, tuple[int, ...]] = field(default_factory=dict)
    group: list[int] = field(default_factory=list)
    used: tuple[str, ...] = ()


def read(name: str, text: str, known: Sequence[str]) -> Raw:
    """The cells of a file; columns without a name and without a cell are left out, and so are empty rows.

    known : names of columns that may be there, by which a title above the header is told from it.

    Raises
    ------
    InputError : with every row that does not fit the header.
    """
    lines_of_text = _LINES.split(text)
    separator = dialect.separator_of(text, known)
    header, first_line, rows, lines = _rows(name, text, lines_of_text, separator)
    if not header:
        raise InputError.single(
            name, "the file is empty", rule="a header, then a row a line", fix="is it the right file?"
        )
    for what, fix in _not_a_header(header, rows, lines, known):
        rule = "the first line names the columns"
        got = shown(lines_of_text[first_line - 1])
        raise InputError([Problem(name, first_line, 1, what, rule, got, fix, lines_of_text[first_line - 1])])
    width = max((place + 1 for place, part in enumerate(header) if part), default=0)
    whole = len(header) == width
    bad = [n for n, row in enumerate(rows) if len(row) != width and (whole or len(row) < width or any(row[width:]))]
    if not bad:
        shared: dict[str, str] = {}  # equal cells are one object
        columns = [[shared.setdefault(row[place], row[place]) for row in rows] for place in range(width)]
        if any(len(cell) > LONGEST for cell in shared):
            bad = [n for n, row in enumerate(rows) if any(len(cell) > LONGEST for cell in row)]
    if bad:
        raise InputError(_row_problem(name, lines[n], rows[n], width, lines_of_text) for n in bad[:_MOST_PROBLEMS])
    decimal = dialect.decimal_of(shared, separator)
    notes = dialect.notes_of(separator, decimal)
    return Raw(tuple(header[:width]), columns, lines, lines_of_text, first_line, separator, decimal, notes)


def _rows(
    name: str, text: str, lines_of_text: list[str], separator: str
) -> tuple[list[str], int, list[list[str]], list[int]]:
    """Header, its line, rows that hold something, and the line each begins in."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=separator)
    header: list[str] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    first_line, before = 1, 0
    try:
        for fields in reader:
            line, before = before + 1, reader.line_num
            if not fields or ((not fields[0] or fields[0].isspace()) and not "".join(fields).strip()):
                continue
            if not header:
                header, first_line = [part.strip() for part in fields], line
                continue
            rows.append(fields)
            lines.append(line)
            if len(rows) > MOST_ROWS:
                rule = f"at most {MOST_ROWS:,} rows"
                raise InputError.single(name, "too many rows", rule=rule, fix="sum small units, or leave columns out")
    except csv.Error as cause:
        where = min(max(reader.line_num, 1), len(lines_of_text))
        what, fix = _in_words(str(cause))
        rule = "comma-separated text, quotes in pairs"
        raise InputError(
            [Problem(name, before + 1, 1, what, rule, "", fix, lines_of_text[min(before, where - 1)])]
        ) from None
    return header, first_line, rows, lines


def _in_words(cause: str) -> tuple[str, str]:
    """What is wrong with a row, and the way out, of the csv module's words."""
    if "expected after" in cause:
        return "text stands behind a closing quote", 'a quote within quotes is written twice: "Jim ""Jay"" Roe"'
    if "unexpected end" in cause:
        return "a quote is opened and never closed", "close it, or take it out"
    if "field larger" in cause:
        return "a cell is too long", "is a quote opened and never closed?"
    return "the row cannot be read", "save the file as comma-separated text again"


def _not_a_header(
    header: list[str], rows: list[list[str]], lines: list[int], known: Sequence[str]
) -> list[tuple[str, str]]:
    """What the first line is, where it is no header with commas, and the way out; empty where nothing is wrong."""
    columns = {names.same(name) for name in known}
    if not any(names.same(part) in columns for part in header):
        for row, line in zip(rows[:20], lines, strict=False):
            if sum(names.same(part) in columns for part in row) > 1:
                above = "the line above it" if line == 2 else f"the {line - 1} lines above it"
                return [(f"the header stands in line {line}", f"remove {above}")]
    return []


def _row_problem(name: str, line: int, fields: list[str], width: int, text: list[str]) -> Problem:
    long = next((part for part in fields if len(part) > LONGEST), None)
    if long is not None:
        fix = "is a quote opened and never closed?"
        return Problem(name, line, 1, "a cell is too long", f"at most {LONGEST:,} characters", shown(long), fix)
    fix = "a comma in a name or number? put it in quotes, or take it out"
    if len(fields) < width:
        fix = "is the line cut off? give each column its cell, empty or not"
    rule = f"{width} fields, as in the header"
    return Problem(name, line, 1, "wrong number of fields", rule, f"{len(fields)} fields", fix, text[line - 1])


def cell_at(line: str, place: int, separator: str = ",") -> tuple[int, int]:
    """Start and length of the field number `place` in a line of CSV."""
    start, number, quoted = 0, 0, False
    for at, character in enumerate(line):
        if character == '"':
            quoted = not quoted
        elif character == separator and not quoted:
            if number == place:
                return start, at - start
            number, start = number + 1, at + 1
    return start, len(line) - start
