"""What a runoff's reported votes, once in their places, are held against: rows, rolls, sizes, an earlier hour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from runoff import names
from runoff.data.counts.count_checks import SizeJudged, stated_sizes
from runoff.data.tables.table import MOST_PROBLEMS
from runoff.data.votes.checks.unlike import part_note
from runoff.data.votes.roll import NOT_TOLD, Roll
from runoff.data.votes.votes import NO_ROW, Votes
from runoff.data.votes.words import COMPLETE, OUT
from runoff.errors import Problem
from runoff.race import FloatArray, Int64Array

if TYPE_CHECKING:
    from runoff.data.counts.count import FirstModes
    from runoff.runfile.sections.observed import NightMode


@dataclass(frozen=True, slots=True)
class Cells:
    """A table of reported votes over the race's units, modes and finalists.

    votes, row : int64[U, M, K]; row is the table's, NO_ROW where there is none.
    said : int64[U, M], the status column's word, NO_ROW where there is none; state : int64[U, M], what follows from it.
    """

    table: Votes
    units: tuple[str, ...]
    modes: tuple[str, ...]
    finalists: tuple[str, ...]
    votes: Int64Array
    row: Int64Array
    said: Int64Array
    state: Int64Array

    def place(self, unit: int, mode: int) -> str:
        """A unit and mode as messages name them."""
        return ", ".join(filter(None, (self.units[unit], self.modes[mode])))

    def problem(self, row: int, column: str, what: str, rule: str, fix: str) -> Problem:
        """A problem with a row of the table."""
        return self.table.table.problem(row, column, what, rule, fix)


def whole(cells: Cells, roll: Roll | None) -> list[Problem]:
    """What is out has no votes, other cells a row for each finalist, and units no more votes than voters."""
    problems = []
    for u, m in np.argwhere((cells.state == OUT) & (cells.votes.sum(axis=2) > 0)).tolist():
        what, rule = f"{int(cells.votes[u, m].sum()):,} votes of what is out", "what is out has no votes yet"
        fix = "if more is to come the status is partial"
        problems.append(cells.problem(int(cells.row[u, m].max()), "votes", what, rule, fix))
    reported = (cells.row != NO_ROW).any(axis=2) & (cells.state != OUT)
    for u, m, k in np.argwhere(reported[:, :, None] & (cells.row == NO_ROW))[:MOST_PROBLEMS].tolist():
        rule = "a row for each finalist; 0 where nobody chose one"
        what = f"no row for {cells.finalists[k]} in {cells.place(u, m)}"
        fix = "add it; where his votes are not known yet leave his rows and the others' out, or give status out"
        problems.append(cells.problem(int(cells.row[u, m].max()), "candidate", what, rule, fix))
    if roll is None:
        return problems
    total = cells.votes.sum(axis=(1, 2))
    for u in np.flatnonzero((total > roll.registered) & (roll.registered != NOT_TOLD)).tolist():
        rule = f"at most {int(roll.registered[u]):,} registered voters in {cells.units[u]}"
        what = f"{int(total[u]):,} votes in {cells.units[u]}: more than registered voters"
        fix = "if the roll has grown, name the new one in [results] registered"
        problems.append(cells.problem(int(cells.row[u].max()), "votes", what, rule, fix))
    return problems


def parts(cells: Cells, people: FloatArray, first: FirstModes | None) -> list[str]:
    """Notes on modes in which some cells have a small part of their first-round votes, and all others a large one.

    people : float64[U], the units' first-round votes.
    """
    notes, votes = [], cells.votes.sum(axis=2)
    modes = () if first is None else enumerate(first.modes)
    of_mode = {names.same(m): first.votes[:, i].sum(axis=1) for i, m in modes if first is not None}
    for m, mode in enumerate(cells.modes):
        before = of_mode.get(names.same(mode), people)
        before = before if before.any() else people
        at = np.flatnonzero((cells.state[:, m] == COMPLETE) & (cells.said[:, m] == NO_ROW))
        places = [cells.place(u, m) for u in at.tolist()]
        notes += part_note(places, votes[at, m], before[at].astype(np.float64), "their first-round votes")
    return notes


def sizes_fit(cells: Cells, sizes: Mapping[str, NightMode], path: str) -> tuple[list[Problem], list[str]]:
    """[night.sizes] are votes of a mode in the whole race, those that are counted included: problems, and notes."""

    def judged(m: int, size: NightMode) -> SizeJudged:
        counted = int(cells.votes[:, m].sum())
        if counted > size.high:
            what = f"{counted:,} votes of this mode are counted, and high is {size.high:,}"
            fix = f"is {size.high:,} what is still out? then high = {counted + size.high:_}"
            return (what, "a size is of the whole race, counted votes included", f"{size.high:,}", fix), []
        if counted < size.low and (cells.state[:, m] == COMPLETE).all():
            what = f"{counted:,} votes are counted, nothing of the mode is out, and low is {size.low:,}"
            rule = "a size is of the whole race, and no more than what is counted and out"
            return (what, rule, f"{size.low:,}", "is something out? a column status says so; or lower the size"), []
        return None, [f": {counted:,} votes are counted already, low is {size.low:,}"] if counted > size.low else []

    fix = "name the modes in [night] modes, or take the size away"
    return stated_sizes("night.sizes", cells.modes, sizes, judged, fix, path)


def below(cells: Cells, earlier: Cells) -> list[Problem]:
    """Counts that have gone down since an earlier hour, by mode where both hours tell the same modes."""
    by_mode = earlier.modes == cells.modes
    then, now = (hour.votes if by_mode else hour.votes.sum(axis=1, keepdims=True) for hour in (earlier, cells))
    problems, rule, fix = [], "counts do not go down", "a corrected count? then take `previous` away"
    for u, m, k in np.argwhere(now < then).tolist():
        place = cells.place(u, m) if by_mode else cells.units[u]
        what = f"{cells.finalists[k]} had {int(then[u, m, k]):,} votes in {place}, now {int(now[u, m, k]):,}"
        row = int(cells.row[u, m, k]) if by_mode else NO_ROW
        told = Problem(cells.table.table.name, 0, 0, what, rule, "no row", fix)
        problems.append(told if row == NO_ROW else cells.problem(row, "votes", what, rule, fix))
    return problems
