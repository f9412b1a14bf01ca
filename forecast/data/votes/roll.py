"""The table of registered voters: a row a unit, with the ballots cast where known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from runoff import names
from runoff.data.tables import cells
from runoff.data.tables.table import MOST_PROBLEMS, Table, read_table
from runoff.data.votes import words
from runoff.data.votes.places import Unit
from runoff.data.votes.sums import whole_sums
from runoff.data.votes.words import Wanted
from runoff.errors import InputError, Problem
from runoff.race import Int64Array

NOT_TOLD = -1  # registered voters of a unit without a roll of its own


@dataclass(frozen=True, slots=True)
class Roll:
    """Registered voters of each unit, int64[n], NOT_TOLD for a unit without a roll of its own; ballots where told."""

    table: Table
    units: tuple[Unit, ...]
    rows: tuple[int, ...]
    registered: Int64Array
    ballots: Int64Array | None
    notes: tuple[str, ...]

    @property
    def source(self) -> tuple[str, str]:
        """Name and sha256 of the file."""
        return Path(self.table.name).name, self.table.sha256

    @property
    def has_regions(self) -> bool:
        """Whether the table tells regions."""
        return "region" in self.table.columns


def read_roll(path: Path, wanted: Wanted) -> Roll:
    """The table at a path; rows of totals are refused or, where the run file drops them, left out.

    Raises
    ------
    MissingFileError : it is not there.
    InputError : with every problem of its rows.
    """
    table = read_table(path, ("unit", "registered"), ("ballots", "region"))
    problems: list[Problem] = []
    seen: dict[tuple[str, str], int] = {}
    units, rows, registered, ballots = [], [], [], []
    for row in range(len(table.lines)):
        if len(problems) >= MOST_PROBLEMS:
            break
        name = cells.name(table, row, "unit", problems)
        region = names.said(table.columns["region"][row]) if "region" in table.columns else ""
        if wanted.dropped(name):
            continue
        if words.meaning(name, "unit") and not wanted.kept(name) and len(table.lines) > 1:
            fix = f'[results] drop = ["{name}"] leaves it out; keep = ["{name}"] if it is a unit'
            problems.append(table.problem(row, "unit", f"{name} is no unit, it seems", "sums are not units", fix))
        told = bool(table.columns["registered"][row].strip())
        registered.append(cells.whole(table, row, "registered", problems) if told else NOT_TOLD)
        if "ballots" in table.columns:
            ballots.append(cells.whole(table, row, "ballots", problems) or 0)
        earlier = seen.setdefault((names.same(region), name), row)
        if earlier != row:
            fix = f"the first is in {table.line(earlier)}: remove one, or tell their regions in a column region"
            problems.append(table.problem(row, "unit", f"a second row for {name}", "one row per unit", fix))
        units.append(Unit(region, name))
        rows.append(row)
    if not problems:
        problems += _sums(table, units, rows, np.array([n or 0 for n in registered], np.int64), wanted)
    if problems:
        raise InputError(problems)
    return Roll(
        table=table,
        units=tuple(units),
        rows=tuple(rows),
        registered=np.array(registered, np.int64),
        ballots=np.array(ballots, np.int64) if ballots else None,
        notes=table.notes,
    )


def _sums(table: Table, units: list[Unit], rows: list[int], registered: Int64Array, wanted: Wanted) -> list[Problem]:
    """A unit with as many registered voters as all others together."""
    problems = []
    for i in whole_sums(np.maximum(registered, 0)[:, None]):
        name = units[i].name
        if not wanted.kept(name):
            fix = f'[results] drop = ["{name}"] leaves it out; keep = ["{name}"] if it is no sum'
            what = f"{name} has as many registered voters as all other units together"
            problems.append(table.problem(rows[i], "unit", what, "sums are not units", fix))
    return problems
