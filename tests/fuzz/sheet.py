"""A table as rows of cells, to be changed and written again; what its columns are for."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace

KEYS = ("unit", "candidate", "region", "party", "mode", "pollster", "poll", "side", "kind", "group", "state", "status")
DAYS = ("start", "end", "published", "field_start", "field_end")
COUNTS = ("votes", "registered", "ballots", "first", "second", "expected", "low", "high", "sample_size")
SHARES = ("share", "undecided", "other")
WORDS = ("sponsor", "population", "partisan", "source", "note", "basis")


@dataclass(frozen=True)
class Sheet:
    """Column names and rows of cells."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, text: str) -> Sheet:
        """The table of a CSV file."""
        header, *rows = csv.reader(io.StringIO(text, newline=""))
        return cls(tuple(header), tuple(tuple(row) for row in rows))

    def text(self) -> str:
        """The table as CSV."""
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\n").writerows([self.header, *self.rows])
        return out.getvalue()

    def has(self, *names: str) -> list[str]:
        """Those of some columns that the table has."""
        return [name for name in names if name in self.header]

    def numbers(self) -> list[str]:
        """Columns of numbers: counts, shares, and those that are named after a candidate."""
        other = (*KEYS, *DAYS, *WORDS)
        return [name for name in self.header if name not in other and not (name == "unit" and "kind" in self.header)]

    def shares(self) -> list[str]:
        """Columns of percentages."""
        return [name for name in self.numbers() if name not in COUNTS]

    def cell(self, row: int, column: str) -> str:
        """One cell."""
        return self.rows[row][self.header.index(column)]

    def put(self, row: int, **cells: str) -> Sheet:
        """With some cells of a row changed."""
        changed = self.changed(self.rows[row], cells)
        return replace(self, rows=(*self.rows[:row], changed, *self.rows[row + 1 :]))

    def changed(self, row: tuple[str, ...], cells: dict[str, str]) -> tuple[str, ...]:
        """A row with some cells changed."""
        return tuple(cells.get(name, cell) for name, cell in zip(self.header, row, strict=True))

    def insert(self, place: int, *rows: tuple[str, ...]) -> Sheet:
        """With rows put in before a place."""
        return replace(self, rows=(*self.rows[:place], *rows, *self.rows[place:]))

    def without(self, *places: int) -> Sheet:
        """Without some rows."""
        gone = set(places)
        return replace(self, rows=tuple(row for place, row in enumerate(self.rows) if place not in gone))
