"""The table of registered voters, a row a unit with the ballots cast where known; and joined to a table of votes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from runoff import names
from runoff.data.tables import cells
from runoff.data.tables.strangers import Strangers, of_another_race
from runoff.data.tables.table import MOST_PROBLEMS, Table, read_table
from runoff.data.votes import words
from runoff.data.votes.checks.sums import whole_sums
from runoff.data.votes.places import Places, Unit
from runoff.data.votes.votes import NO_ROW, Votes
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
    table = read_table(path, ("unit", "registered"), ("ballots", "region"), shape=wanted.shape.of_roll())
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


def joined(votes: Votes, roll: Roll, final: bool) -> tuple[Votes, Roll, list[Problem]]:
    """Both tables over all units in one order; or every unit that is in one only, or has too few people."""
    table, problems = roll.table, list[Problem]()
    have_regions = "region" in votes.table.columns
    places, known = Places(roll.units), Places(votes.units)
    at = [places.find(unit.region if have_regions and roll.has_regions else None, unit.name) for unit in votes.units]
    strange = [unit.name for unit, found in zip(votes.units, at, strict=True) if found is None]
    names_of = Strangers("units", strange, len(at) - len(strange), [unit.name for unit in roll.units])
    other = of_another_race(votes.table.name, names_of, beside=Path(table.name).name)
    if other is not None:
        return votes, roll, [other]
    for unit, found in zip(votes.units, at, strict=True):
        if found is None:
            region = unit.region if roll.has_regions else None
            what, _, fix = places.why(region, unit.name)
            what = f"no row for {unit.name}" + ("" if what == "no such unit" else f": {what}")
            fix = "add it; a unit without a roll of its own has an empty cell" if fix.startswith("join") else fix
            problems.append(Problem(table.name, 0, 0, what, "both tables have the same units", unit.name, fix))
    of_row: dict[int, list[str]] = {}
    for unit, found in zip(votes.units, at, strict=True):
        if found is not None:
            of_row.setdefault(found, []).append(unit.region)
    for i, of in sorted((i, of) for i, of in of_row.items() if len(of) > 1):
        what = f"one row for {roll.units[i].name} of several regions: {', '.join(of)}"
        fix = "add a column region, and a row for each"
        problems.append(table.problem(roll.rows[i], "unit", what, "the region is part of a unit's name", fix))
    missing = sorted(set(range(len(roll.units))) - {found for found in at if found is not None})
    for i in missing if final else ():
        _, _, fix = known.why(None, roll.units[i].name)
        fix = fix if fix.startswith("did") else "add its rows, or take it out of this table; a total is no unit"
        what = f"{roll.units[i].name} is not in the results"
        problems.append(table.problem(roll.rows[i], "unit", what, "both tables have the same units", fix))
    if problems:
        return votes, roll, problems[:MOST_PROBLEMS]
    units = list(votes.units)
    for n, (unit, found) in enumerate(zip(votes.units, at, strict=True)):
        if not unit.region and found is not None:
            units[n] = Unit(roll.units[found].region, unit.name)
    units += [roll.units[i] for i in missing]
    row = [*(found for found in at if found is not None), *missing]
    order = sorted(range(len(units)), key=lambda n: units[n].order)
    votes = _over(votes, [units[n] for n in order], np.array(order, np.int64))
    place = np.array(row, np.int64)[order]
    roll = replace(
        roll,
        units=votes.units,
        rows=tuple(roll.rows[i] for i in place),
        registered=roll.registered[place],
        ballots=None if roll.ballots is None else roll.ballots[place],
    )
    return votes, roll, _too_few(votes, roll)


def _over(votes: Votes, units: Sequence[Unit], order: Int64Array) -> Votes:
    """The table over more units, in another order; those that it lacks have no rows."""
    more = len(units) - len(votes.units)

    def wider(values: Int64Array, fill: int) -> Int64Array:
        rest = np.full((more, *values.shape[1:]), fill, np.int64)
        return np.concatenate([values, rest])[order]

    return replace(
        votes,
        units=tuple(units),
        votes=wider(votes.votes, 0),
        row=wider(votes.row, NO_ROW),
        state=wider(votes.state, NO_ROW),
    )


def _too_few(votes: Votes, roll: Roll) -> list[Problem]:
    """Registered >= ballots >= votes, unit by unit."""
    counted = votes.votes.sum(axis=(1, 2))
    ballots = counted if roll.ballots is None else roll.ballots
    problems = []
    for u in np.flatnonzero(ballots < counted).tolist():
        what = f"fewer ballots than votes in {votes.units[u].name}"
        fix = "are blank votes among the candidates, or is the number of another unit?"
        problems.append(roll.table.problem(roll.rows[u], "ballots", what, f"at least {counted[u]:,} ballots", fix))
    few = (roll.registered < ballots) & (ballots >= counted) & (roll.registered != NOT_TOLD)
    for u in np.flatnonzero(few).tolist():
        what = f"fewer registered than ballots in {votes.units[u].name}"
        fix = "a unit that counts votes of others' rolls (absentee, central count) has an empty cell here"
        rule = f"at least {ballots[u]:,} registered"
        problems.append(roll.table.problem(roll.rows[u], "registered", what, rule, fix))
    return problems[:MOST_PROBLEMS]
