"""Reads tidy tables, CSV or Parquet, as columns of text; every problem knows its line and column.

Encodings, separators, column names, field counts and cell lengths are checked here; what cells mean, in the reader of
each kind of table.  A `Shape` says how a table of somebody else's is read as ours.
Columns that nobody asked for are not read, and named once in a note.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from runoff import names
from runoff.data.tables import dialect, formats, table_csv, table_parquet
from runoff.data.tables.shape import Shape, shaped
from runoff.data.tables.table_csv import Raw
from runoff.errors import InputError, Problem, shown, suggestion
from runoff.files import read_bytes

LARGEST = 200_000_000  # bytes of a table
MOST_COLUMNS = 2_000
MOST_PROBLEMS = 1_000  # per table; a file that is wrong throughout need not be listed to its end
_REPORTING = ("reporting", "precincts", "pct", "percent", "counted")  # columns of feeds that say how much is in
_ONE_RACE = ("office", "race", "contest", "election", "round", "tour")  # one value in a table of one race
_OF_RACE = ("district", "seat", "stage")  # the same, where a column says the office or the like
_SAMPLE = 5_000  # rows that are looked at for repetition
REMARKS = ("source", "note")  # columns that any table may have
_ALIKE = 0.75  # likeness of an unknown column to one that is read, above which it is taken for a slip


@dataclass(frozen=True, slots=True)
class Table:
    """A table as text: `columns[name][row]`; `lines[row]` is the row's first line in a CSV file.

    `order` names the file's columns from left to right, as they are known here; `extra` are those that are not read.
    `decimal` is the decimal mark of its numbers, `read_as` what was understood of a file that is not written as ours.
    """

    name: str
    columns: dict[str, list[str]]
    order: tuple[str, ...]
    lines: list[int]
    text: list[str]
    sha256: str
    first_line: int = 1
    separator: str = ","
    extra: tuple[str, ...] = ()
    decimal: str = "."
    read_as: tuple[str, ...] = ()
    spots: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    group: Sequence[int] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the run should know of this file."""
        read_as = [f"{Path(self.name).name}: {'; '.join(self.read_as)}"] if self.read_as else []
        return (*read_as, *self._unread())

    def _unread(self) -> tuple[str, ...]:
        """The columns that nobody asked for."""
        if not self.extra:
            return ()
        said = names.listed([shown(name) or "one without a name" for name in self.extra], 5)
        note = f"{Path(self.name).name}: not read: column{'s' * (len(self.extra) > 1)} {said}"
        if any(part in names.alike(name) for name in self.extra for part in _REPORTING):
            note += "; what is counted in part is said by a column status"
        return (note,)

    def line(self, row: int) -> str:
        """Where a row stands: 'line 7', or 'row 6' of a Parquet file."""
        return f"line {self.lines[row]}" if self.text else f"row {self.lines[row]}"

    def problem(self, row: int, column: str, what: str, rule: str, fix: str = "") -> Problem:
        """A problem with one cell."""
        got = shown(self.columns[column][row]) if column in self.columns else ""
        if not self.text:
            return Problem(f"{self.name} row {self.lines[row]}, {column}", 0, 0, what, rule, got, fix)
        line = self.lines[row]
        text = self.text[line - 1]
        place = self._place(row, column)
        start, length = (0, len(text)) if place is None else table_csv.cell_at(text, place, self.separator)
        return Problem(self.name, line, start + 1, what, rule, got, fix, text, max(length, 1))

    def _place(self, row: int, column: str) -> int | None:
        """Where a column stands in a row's line."""
        if column in self.spots:
            places = self.spots[column]
            return places[self.group[row] if len(places) > 1 else 0]
        return self.order.index(column) if column in self.order else None


def read_table(
    path: Path, required: Sequence[str], optional: Sequence[str], *, empty: bool = False, shape: Shape | None = None
) -> Table:
    """Read a table whose columns are all of `required` and any of `optional` and REMARKS, in any order.

    empty : a header without rows is a table too (a feed before the first result).  shape : how it is read as such.

    Raises
    ------
    MissingFileError : no such file.
    InputError : not a table of this kind; carries every problem found.
    """
    content = read_bytes(path, LARGEST, "the table")
    known = [*required, *optional, *REMARKS]
    raw = _raw(path, content, known, shape or Shape())
    order = tuple(_known(name, known) for name in raw.header)
    table = Table(
        name=str(path),
        columns={name: raw.columns[i] for i, name in reversed([*enumerate(order)]) if name in known},
        order=order,
        lines=raw.lines,
        text=raw.text,
        sha256=hashlib.sha256(content).hexdigest(),
        first_line=raw.first_line,
        separator=raw.separator,
        extra=tuple(name for name in order if name not in known and name not in raw.used),
        decimal=raw.decimal,
        read_as=raw.notes,
        spots=raw.spots,
        group=raw.group,
    )
    problems = _column_problems(table, required, optional, raw.columns) or _repeated(table)
    problems = problems or _several_races(table, raw) or _no_rows(table, required)
    if not table.lines and not problems and not empty:
        fix = "add rows; a feed before the first result is [night] results or --results"
        problems = [Problem(str(path), 0, 0, "the table has no rows", "at least one row", "a header alone", fix)]
    if problems:
        raise InputError(problems)
    return table


def _raw(path: Path, content: bytes, known: Sequence[str], shape: Shape) -> Raw:
    """The cells of a file, read as ours."""
    if path.suffix.lower() == ".parquet":
        asked = (*known, *_ONE_RACE, *_OF_RACE)
        raw = table_parquet.read(path, content, lambda name: _known(name, asked) in asked or shape.wants(name))
        return shaped(str(path), raw, shape)
    foreign = formats.foreign_bytes(content, asked=bool(shape.said))
    if foreign:
        what, fix = foreign
        raise InputError.single(str(path), what, rule="a table is CSV or Parquet", fix=fix)
    text, notes = dialect.text_of(content, str(path))
    raw = table_csv.read(str(path), text, [*known, *shape.said])
    return shaped(str(path), replace(raw, notes=(*notes, *raw.notes)), shape)


def _several_races(table: Table, raw: Raw) -> list[Problem]:
    """Rows of two offices, elections or rounds, which the columns that are read cannot tell apart."""
    of_races = {names.same(name) for name in raw.header} & set(_ONE_RACE)
    for place, name in enumerate(table.order):
        if name not in table.extra or names.same(name) not in (*_ONE_RACE, *(_OF_RACE if of_races else ())):
            continue
        seen = dict.fromkeys(cell for cell in map(names.said, raw.columns[place]) if cell)
        if len(seen) > 1:
            got = ", ".join(shown(value) for value in list(seen)[:4])
            fix = "keep the rows of one, and remove the column"
            if "unit" in table.columns:
                fix = f"keep the rows of one: {formats.where_of({name: next(iter(seen))})}"
            what = f"rows of {len(seen):,} values of {shown(name)}"
            return [Problem(table.name, *_spot(table, place), what, "a table is of one race and round", got, fix)]
    return []


def _no_rows(table: Table, required: Sequence[str]) -> list[Problem]:
    """Lines that are no rows: the header again, a source or a remark below the table."""
    if len(required) < 3:
        return []
    needed = [table.columns[name] for name in required]
    problems = []
    for row, cells in enumerate(zip(*needed, strict=True)):
        filled = sum(1 for cell in cells if cell.strip())
        if filled <= 1:
            fix = "remove the line, or complete it"
            problems.append(table.problem(row, required[0], "a line that is no row", "a row fills its columns", fix))
        elif names.same(cells[0]) == required[0] and all(map(_is_heading, cells, required)):
            problems.append(table.problem(row, required[0], "the header stands here again", "one header", "remove it"))
    return problems[:MOST_PROBLEMS]


def _is_heading(cell: str, name: str) -> bool:
    return names.same(cell) == name


def _repeated(table: Table) -> list[Problem]:
    """Rows that stand there again and again: told at once, without a message for each of half a million."""
    rows = list(islice(zip(*table.columns.values(), strict=True), _SAMPLE))
    again = len(rows) - len(set(rows))
    if again <= MOST_PROBLEMS:
        return []
    what, rule = f"{again:,} of the first {len(rows):,} rows repeat others", "each row once"
    return [Problem(table.name, 0, 0, what, rule, f"{len(table.lines):,} rows", "is the table joined to itself?")]


def _known(name: str, known: Sequence[str]) -> str:
    """A column's name as the readers spell it: capitals and blanks do not matter."""
    if name in known:
        return name
    same = {names.same(column): column for column in known}
    return same.get(names.same(name), names.said(name))


def _column_problems(
    table: Table, required: Sequence[str], optional: Sequence[str], cells: Sequence[Sequence[str]]
) -> list[Problem]:
    """Columns that are missing, twice there, or nearly one that is read; cells : of all of the file's columns."""
    known = [*required, *optional, *REMARKS]
    header = table.text[table.first_line - 1] if table.text else ""
    if len(table.order) > MOST_COLUMNS:
        rule, fix = f"at most {MOST_COLUMNS:,} columns", "are the ends of the lines lost? save the table again"
        return [Problem(table.name, *_spot(table, 0), "too many columns", rule, f"{len(table.order):,}", fix, header)]
    missing = [name for name in required if name not in table.order]
    foreign = formats.foreign_header(table.order, missing, cells)
    if foreign:
        what, fix = foreign
        rule = f"columns {', '.join(required)} are needed"
        have = ", ".join(shown(name) for name in table.order[:12])
        return [Problem(table.name, *_spot(table, 0), what, rule, have, fix, header)]
    problems = []
    absent = [name for name in known if name not in table.order]
    seen: set[str] = set()
    for place, name in enumerate(table.order):
        again, meant = name in seen and name in known, "" if name in known else _meant(name, absent)
        seen.add(name)
        if not again and not meant:
            continue
        start, length = table_csv.cell_at(header, place, table.separator)
        spot = (table.first_line, start + 1) if header else (0, 0)
        if again:
            rule, fix = "each column once", "remove one"
            problems.append(Problem(table.name, *spot, "column twice", rule, name, fix, header, length))
        else:
            rule = f"columns are {', '.join(known[:20])}"
            fix = f"did you mean {meant}?"
            problems.append(Problem(table.name, *spot, "unknown column", rule, shown(name), fix, header, length))
    told = {problem.fix for problem in problems}
    for name in missing:
        if f"did you mean {name}?" not in told:
            have = ", ".join(shown(name) for name in table.order[:12])
            rule = f"columns {', '.join(required)} are needed"
            fix = formats.renamed(name, table.extra) if "unit" in required else ""
            fix = fix or suggestion(name, table.extra).replace("did you mean", "rename")
            fix = fix or "add it, or rename the one that has it"
            problems.append(Problem(table.name, *_spot(table, 0), f"no column {name}", rule, have, fix, header))
    return problems


def _meant(name: str, absent: Sequence[str]) -> str:
    """The column that a misspelt one stands for: an accent, a letter or two away; '' where there is none."""
    for column in absent:
        plain, other = names.alike(name), names.alike(column)
        if plain == other or (
            plain[:1] == other[:1] and difflib.SequenceMatcher(None, plain[:60], other[:60]).ratio() >= _ALIKE
        ):
            return column
    return ""


def _spot(table: Table, place: int) -> tuple[int, int]:
    return (table.first_line, place + 1) if table.text else (0, 0)
