"""Cells of a round's table as whole numbers of people, with everything that is wrong with them."""

from __future__ import annotations

from pathlib import Path

from runoff.data.tables import table_csv
from runoff.data.tables.cells import MOST_VOTES
from runoff.data.tables.table import MOST_PROBLEMS
from runoff.data.tables.table_csv import Raw
from runoff.errors import InputError, Problem, shown


class Cells:
    """Cells of a file as whole numbers, and what is wrong with them."""

    def __init__(self, path: Path, raw: Raw) -> None:
        self._path, self._raw = path, raw
        self.problems: list[Problem] = []
        self.empty = 0

    def count(self, row: int, place: int) -> int:
        """A count; an empty cell is 0, and counted."""
        cell = self._raw.columns[place][row]
        if cell.isascii() and cell.isdigit() and len(cell) < 10:
            return int(cell)
        found = cell.strip().removesuffix(".0")
        if not found:
            self.empty += 1
            return 0
        if found.isascii() and found.isdigit() and int(found) <= MOST_VOTES:
            return int(found)
        self.wrong(
            row, place, "not a count of people", f"a whole number from 0 to {MOST_VOTES:,}", "write plain digits"
        )
        return 0

    def wrong(self, row: int, place: int, what: str, rule: str, fix: str) -> None:
        """One more problem with a cell."""
        raw = self._raw
        got, line = shown(raw.columns[place][row]), raw.lines[row]
        if not raw.text:
            where = f"{self._path} row {line}, {raw.header[place]}"
            self.problems.append(Problem(where, 0, 0, what, rule, got, fix))
            return
        text = raw.text[line - 1]
        start, length = table_csv.cell_at(text, place, raw.separator)
        self.problems.append(Problem(str(self._path), line, start + 1, what, rule, got, fix, text, max(length, 1)))

    def raise_problems(self) -> None:
        """Raise all that was found."""
        if self.problems:
            raise InputError(self.problems[:MOST_PROBLEMS])

    def notes(self) -> tuple[str, ...]:
        """What was read otherwise than it stands there."""
        return (f"{self._path.name}: {self.empty:,} empty cells are read as 0",) if self.empty else ()
