"""Reads tidy tables, CSV or Parquet, as columns of text; every problem knows its line and column.

Nothing is guessed: encodings, column names, field counts and cell lengths are checked here, what cells
mean in `forecast.results`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from forecast.errors import InputError, MissingFileError, Problem, shown, suggestion, visible

LARGEST = 200_000_000  # bytes of a table
LONGEST = 1_000  # characters of a cell
MOST_PROBLEMS = 1_000  # per table; a file that is wrong throughout need not be listed to its end
REMARKS = ("source", "note")  # columns that any table may have


@dataclass(frozen=True, slots=True)
class Table:
    """A table as text: `columns[name][row]`; `lines[row]` is the row's first line in a CSV file."""

    name: str
    columns: dict[str, list[str]]
    order: tuple[str, ...]
    lines: list[int]
    text: list[str]
    sha256: str

    def problem(self, row: int, column: str, what: str, rule: str, fix: str = "") -> Problem:
        """A problem with one cell."""
        got = shown(self.columns[column][row]) if column in self.columns else ""
        if not self.text:
            return Problem(f"{self.name} row {row + 1}, {column}", 0, 0, what, rule, got, fix)
        line = self.lines[row]
        text = self.text[line - 1]
        start, length = _field(text, self.order.index(column)) if column in self.order else (0, len(text))
        return Problem(self.name, line, start + 1, what, rule, got, fix, text, max(length, 1))


def read_bytes(path: Path, largest: int, what: str) -> bytes:
    """The content of a plain file of at most `largest` bytes.

    Raises
    ------
    MissingFileError : not there, not a plain file, or not readable.
    InputError : too large; nothing is read then.

    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a plain file"
            raise MissingFileError(f"{visible(str(path))}: {what} is {kind}\n  fix:  name a file")
        if status.st_size > largest:
            raise InputError.single(
                str(path),
                f"{what} is too large",
                rule=f"at most {largest:,} bytes",
                got=f"{status.st_size:,} bytes",
            )
        return path.read_bytes()
    except (OSError, ValueError) as cause:
        reason = os.strerror(cause.errno) if isinstance(cause, OSError) and cause.errno else str(cause)
        place = visible(str(path))
        raise MissingFileError(
            f"{place}: cannot read {what}: {reason}\n  fix:  check the path and its rights"
        ) from None


def decoded(content: bytes, name: str) -> str:
    """Text of a UTF-8 file, without a byte order mark.

    Raises
    ------
    InputError : not UTF-8, or with NUL bytes.

    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as cause:
        line = content.count(b"\n", 0, cause.start) + 1
        raise InputError.single(
            name,
            f"not UTF-8 at byte {cause.start:,} (line {line:,})",
            rule="files are UTF-8 text",
            got=f"byte 0x{content[cause.start]:02x}",
            fix="save the file as UTF-8",
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(
            [Problem(name, line, 1, "a NUL byte in text", "files are UTF-8 text", "", "is it a text file?")]
        )
    return text


def read_table(path: Path, required: Sequence[str], optional: Sequence[str]) -> Table:
    """Read a table whose columns are all of `required` and any of `optional` and REMARKS.

    Raises
    ------
    MissingFileError : no such file.
    InputError : not a table of this kind; carries every problem found.

    """
    content = read_bytes(path, LARGEST, "the table")
    digest = hashlib.sha256(content).hexdigest()
    if path.suffix.lower() == ".parquet":
        table = _from_parquet(path, content, digest)
    else:
        table = _from_csv(path, decoded(content, str(path)), digest)
    problems = _column_problems(table, required, optional)
    if not table.lines and not problems:
        problems = [Problem(str(path), 0, 0, "the table has no rows", "at least one row")]
    if problems:
        raise InputError(problems)
    return table


def _column_problems(table: Table, required: Sequence[str], optional: Sequence[str]) -> list[Problem]:
    known = [*required, *optional, *REMARKS]
    header = table.text[0] if table.text else ""
    problems = []
    for place, name in enumerate(table.order):
        start, length = _field(header, place)
        spot = (1, start + 1) if header else (0, 0)
        if name not in known:
            fix = suggestion(name, known) or "remove the column"
            problems.append(
                Problem(
                    table.name,
                    *spot,
                    "unknown column",
                    f"columns are {', '.join(known)}",
                    shown(name),
                    fix,
                    header,
                    length,
                )
            )
        elif name in table.order[:place]:
            problems.append(
                Problem(table.name, *spot, "column twice", "each column once", name, "remove one", header, length)
            )
    for name in required:
        if name not in table.order:
            have = ", ".join(shown(name) for name in table.order[:20])
            rule = f"columns {', '.join(required)} are needed"
            spot = (1, 1) if header else (0, 0)
            problems.append(Problem(table.name, *spot, f"no column {name}", rule, have, "add it", header))
    return problems


def _from_csv(path: Path, text: str, digest: str) -> Table:
    name = str(path)
    problems: list[Problem] = []
    lines_of_text = text.splitlines()
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    header: list[str] = []
    before = 0
    try:
        for fields in reader:
            line, before = before + 1, reader.line_num
            if not header:
                header = [part.strip() for part in fields]
                continue
            if not fields:
                continue  # an empty line
            if len(fields) != len(header) or any(len(part) > LONGEST for part in fields):
                problems.append(_row_problem(name, line, fields, header, lines_of_text))
                if len(problems) >= MOST_PROBLEMS:
                    break
                continue
            rows.append(fields)
            lines.append(line)
    except csv.Error as cause:
        where = reader.line_num
        shown_line = lines_of_text[where - 1] if 0 < where <= len(lines_of_text) else ""
        problems.append(
            Problem(name, where, 1, f"not CSV: {cause}", "comma-separated, quotes in pairs", "", "", shown_line)
        )
    if problems:
        raise InputError(problems)
    columns = dict(zip(header, ([*column] for column in zip(*rows, strict=True)), strict=False)) if rows else {}
    return Table(name, columns, tuple(header), lines, lines_of_text, digest)


def _row_problem(name: str, line: int, fields: list[str], header: list[str], text: list[str]) -> Problem:
    if len(fields) != len(header):
        fix = "a comma in a name or number? put it in quotes, or take it out"
        rule = f"{len(header)} fields, as in the header"
        return Problem(name, line, 1, "wrong number of fields", rule, f"{len(fields)} fields", fix, text[line - 1])
    long = next(part for part in fields if len(part) > LONGEST)
    return Problem(name, line, 1, "a cell is too long", f"at most {LONGEST:,} characters", shown(long))


def _from_parquet(path: Path, content: bytes, digest: str) -> Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        arrow = pq.read_table(pa.BufferReader(content))
        columns = {
            column: ["" if value is None else str(value) for value in arrow.column(place).to_pylist()]
            for place, column in enumerate(arrow.column_names)
        }
    except (pa.ArrowException, OSError, ValueError) as cause:
        reason = str(cause).splitlines()[0] if str(cause) else type(cause).__name__
        raise InputError.single(str(path), "not a Parquet file", rule="Parquet, or CSV", got=shown(reason)) from None
    return Table(str(path), columns, tuple(arrow.column_names), list(range(1, arrow.num_rows + 1)), [], digest)


def _field(line: str, place: int) -> tuple[int, int]:
    """Start and length of the field number `place` in a line of CSV."""
    start, number, quoted = 0, 0, False
    for at, character in enumerate(line):
        if character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            if number == place:
                return start, at - start
            number, start = number + 1, at + 1
    return start, len(line) - start
