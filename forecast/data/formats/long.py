"""Long tables, a row a unit and candidate: what OpenElections' and MEDSL's readers have in common."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from runoff import names
from runoff.data.formats.imported import Asked, Imported
from runoff.data.tables import dialect, table_csv
from runoff.data.tables.table import LARGEST
from runoff.errors import InputError, shown
from runoff.files import read_bytes

_REGISTERED = frozenset(("registered voters", "registered voters total", "registered", "voter registration"))
_BALLOTS = frozenset(("ballots cast", "ballots cast total", "total ballots cast", "ballots cast blank and voted"))
_DAY = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file's columns by their plain names, and the line that each row stands in."""

    file: str
    columns: dict[str, list[str]]
    lines: list[int]

    def column(self, *known: str) -> Sequence[str]:
        """The first of these columns that is there, with blanks around cells left out; empty cells for none."""
        name = next((name for name in known if name in self.columns), "")
        return [names.said(cell) for cell in self.columns[name]] if name else [""] * len(self.lines)


def plain(name: str) -> str:
    """A column's name without capitals, accents and signs."""
    return names.alike(name.replace("_", " "))


def sheet(path: Path, needed: Mapping[str, Sequence[str]], known: Sequence[str], found: Imported) -> Sheet:
    """A file as a sheet; needed : what has to be there, and the names that it may have.

    Raises
    ------
    MissingFileError, InputError : no such file; no such table.
    """
    text, notes = dialect.text_of(read_bytes(path, LARGEST, "the file"), str(path))
    spelt = [name.replace(" ", "_") for name in known]
    raw = table_csv.read(str(path), text, [*known, *spelt])
    found.notes += [f"{path.name}: {note}" for note in (*notes, *raw.notes)]
    columns: dict[str, list[str]] = {}
    for place, name in enumerate(raw.header):
        columns.setdefault(plain(name), raw.columns[place])
    for what, ways in needed.items():
        if not any(way in columns for way in ways):
            rule = f"this format has a column {' or '.join(way.replace(' ', '_') for way in ways)}"
            got = names.listed([shown(name) for name in raw.header], 12)
            fix = "is it another format? a table of any other shape is read with [results] columns: docs/run-file.md"
            raise InputError.single(str(path), f"no column of {what}", rule=rule, got=got, fix=fix)
    return Sheet(str(path), columns, raw.lines)


def rows_asked(sheets: Sequence[Sheet], asked: Asked, found: Imported) -> list[list[int]]:
    """Rows of each sheet that have the values that are asked for; others are counted as left out.

    Raises
    ------
    InputError : a column is in no file, or no row has the value.
    """
    kept = [list(range(len(each.lines))) for each in sheets]
    for column, value in asked.where:
        if not any(plain(column) in each.columns for each in sheets):
            have = names.listed(sorted({name for each in sheets for name in each.columns}), 20)
            raise InputError.single(
                sheets[0].file,
                f"no column {shown(column)}",
                rule="--where names a column",
                got=column,
                fix=f"one of {have}",
            )
        before = sum(map(len, kept))
        cells = [each.column(plain(column)) for each in sheets]
        seen = list(dict.fromkeys(cells[i][row] for i, rows in enumerate(kept) for row in rows))
        kept = [[row for row in rows if cells[i][row] == names.said(value)] for i, rows in enumerate(kept)]
        after = sum(map(len, kept))
        if not after:
            raise InputError.single(
                sheets[0].file,
                f"no row has {column} = {shown(value)}",
                rule="to the letter",
                got=value,
                fix=f"it has {names.listed([shown(v) for v in seen], 8)}",
            )
        if before > after:
            found.leave(f"rows without {column} = {value}", before - after)
    return kept


def one_value(sheets: Sequence[Sheet], kept: Sequence[Sequence[int]], columns: Sequence[str], found: Imported) -> None:
    """Columns that have one value in a race: several are a problem, with the words that choose."""
    for column in columns:
        cells = [each.column(column) for each in sheets]
        seen = list(dict.fromkeys(cells[i][row] for i, rows in enumerate(kept) for row in rows if cells[i][row]))
        if len({names.same(value) for value in seen}) > 1:
            what = f"{len(seen):,} values of {column} among the rows of the race"
            fix = f"choose one: --where {column.replace(' ', '_')}={seen[0]}"
            found.say(sheets[0].file, 0, what, "one election and round is imported", ", ".join(seen[:6]), fix)


def day_of(texts: Sequence[str]) -> dt.date | None:
    """The one day that cells or names of files begin with: 2018-11-06 or 20181106."""
    days = set()
    for text in texts:
        match = _DAY.match(text)
        if match:
            try:
                days.add(dt.date(*map(int, match.groups())))
            except ValueError:
                continue
    return days.pop() if len(days) == 1 else None


def roll_kind(office: str, candidate: str) -> str:
    """Whether a row counts people on the roll ('registered') or ballots ('ballots'); '' for votes."""
    words = {names.alike(office.replace("-", " ")), names.alike(candidate.replace("-", " "))}
    if names.alike(office) in _REGISTERED or (not office and words & _REGISTERED):
        return "registered"
    return "ballots" if names.alike(office.replace("-", " ")) in _BALLOTS else ""
