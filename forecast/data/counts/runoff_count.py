"""A runoff's votes as they come in: a table of units, candidates, modes and votes.

A *cell* is a unit's votes of one mode.  A cell is `complete`, `partial` or `out`: the status column says
which; without one, its rows and its votes do (`quiet`).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from runoff import names
from runoff.data.counts.count import FirstModes, Reported
from runoff.data.counts.quiet import noughts_note, quiet_states
from runoff.data.counts.runoff_checks import Cells, below, parts, sizes_fit, whole
from runoff.data.tables.strangers import Strangers, of_another_race
from runoff.data.tables.table import MOST_PROBLEMS
from runoff.data.votes.checks.sums import sum_problems
from runoff.data.votes.counted_at import COLUMN, counted_at
from runoff.data.votes.places import Places
from runoff.data.votes.results import by_mode
from runoff.data.votes.votes import NO_MODE, NO_ROW, read_votes
from runoff.data.votes.words import COMPLETE, OUT, PARTIAL, STATES, Wanted
from runoff.errors import InputError, Problem, suggestion
from runoff.race import Int64Array

if TYPE_CHECKING:
    from runoff.runfile.load import Case


__all__ = ["COMPLETE", "NO_MODE", "OUT", "PARTIAL", "STATES", "FirstModes", "Reported", "first_modes", "read_reported"]


def first_modes(loaded: Case) -> FirstModes | None:
    """The first round by mode, or None where its table has no modes."""
    results = loaded.results
    if results.votes.modes == (NO_MODE,):
        return None
    return FirstModes(results.votes.modes, by_mode(results))


def read_reported(loaded: Case, path: Path, first: FirstModes | None, previous: Path | None = None) -> Reported:
    """The runoff's votes so far.

    Parameters
    ----------
    previous : the table of an earlier hour; counts that have gone down since are refused.

    Raises
    ------
    InputError : with every problem of the tables.
    MissingFileError : a table is not there.
    """
    roll, people = loaded.results.roll, loaded.first_round.votes.sum(axis=1).astype(np.float64)
    reader = _Reader(loaded, path, first)
    cells = reader.cells()
    problems, notes = reader.problems or whole(cells, roll), [*reader.notes, *parts(cells, people, first)]
    if previous is not None:
        earlier = _Reader(loaded, previous, first)
        problems = [*problems, *(earlier.problems or whole(earlier.cells(), roll))]
        problems = problems or below(cells, earlier.cells())
    if not problems:
        problems, said = sizes_fit(cells, loaded.run_file.night.sizes, loaded.path)
        notes += said
    time = counted_at(reader.table.table, problems)
    if problems:
        raise InputError(problems[:MOST_PROBLEMS])
    return Reported(cells.modes, cells.votes, cells.state, cells.table.source, (*cells.table.notes, *notes), time)


class _Reader:
    """The table over the race's units, modes and finalists; collects what is wrong."""

    def __init__(self, loaded: Case, path: Path, first: FirstModes | None) -> None:
        self.loaded = loaded
        said = loaded.run_file.results
        self.table = read_votes(path, said.wanted(own=False), empty=True, also=(COLUMN,))
        self.units = loaded.first_round.units
        self.problems: list[Problem] = sum_problems(self.table, Wanted(keep=tuple(said.keep)))
        self.notes: list[str] = []
        self.modes = self._modes(first)
        shape = (len(self.units), len(self.modes), len(loaded.finalists))
        self.votes, self.row = np.zeros(shape, np.int64), np.full(shape, NO_ROW, np.int64)
        self.said = np.full(shape[:2], NO_ROW, np.int64)
        units, modes, finalists = self._units(), self._mode_places(), self._finalists()
        other = of_another_race(
            self.table.table.name,
            self._strangers("units", units, [unit.name for unit in self.table.units], self.units),
            self._strangers("candidates", finalists, self.table.candidates, loaded.finalists),
        )
        if other is not None:
            self.problems = [other]
        if not self.problems and self.table.table.lines:
            at = np.ix_(units, modes, finalists)
            self.votes[at], self.row[at] = self.table.votes, self.table.row
            self.said[np.ix_(units, modes)] = self.table.state

    def _strangers(self, noun: str, at: Sequence[int], said: Sequence[str], known: Sequence[str]) -> Strangers:
        strange = [name for name, place in zip(said, at, strict=True) if place == NO_ROW]
        return Strangers(noun, strange, len(said) - len(strange), known)

    def cells(self) -> Cells:
        """The cells at their places, with their states; only where all of them have one."""
        return Cells(
            table=self.table,
            units=self.units,
            modes=self.modes,
            finalists=self.loaded.finalists,
            votes=self.votes,
            row=self.row,
            said=self.said,
            state=self._states(self.said),
        )

    def _modes(self, first: FirstModes | None) -> tuple[str, ...]:
        used = [] if first is None else [m for m, v in zip(first.modes, first.votes.sum(axis=(0, 2)), strict=True) if v]
        if self.table.modes == (NO_MODE,) and "mode" not in self.table.table.columns:
            if len(used) > 1 and self.table.table.lines and "status" not in self.table.table.columns:
                rule = f"a table without modes says what is whole: the first round had {', '.join(used)}"
                fix = "add the column mode, or a column status: complete, partial or out"
                name, line = self.table.table.name, self.table.table.first_line
                self.problems.append(Problem(name, line, 1, "neither mode nor status", rule, "", fix))
            return (NO_MODE,)
        said = self.loaded.run_file.night.modes
        if said is None:
            return first.modes if first is not None else self.table.modes
        modes = self._said_modes(said, () if first is None else first.modes)
        left = [mode for mode in used if mode not in modes]
        if left and len(left) < len(used):
            rule = "[night] modes has each mode in which votes came in the first round, or none of them"
            fix = f"add {', '.join(left)}; what comes in under another name stays out until then"
            what = f"no {left[0]} in [night] modes"
            self.problems.append(Problem(self.loaded.path, 0, 0, what, rule, ", ".join(modes), fix))
        return modes

    def _said_modes(self, said: Sequence[str], of_first: Sequence[str]) -> tuple[str, ...]:
        """[night] modes; those of the first round as they are spelt there."""
        spelt = {names.same(mode): mode for mode in of_first}
        found = []
        for name in said:
            meant = spelt.get(names.same(name))
            near = None if meant else suggestion(name, [mode for mode in of_first if mode])
            if near:
                self.notes.append(f"[night] modes: {name} is no mode of the first round: {near}")
            found.append(meant or names.said(name))
        return tuple(found)

    def _units(self) -> list[int]:
        """The place of each of the table's units among the race's, NO_ROW where there is none."""
        places, found = Places(self.loaded.results.units), []
        told = "region" in self.table.table.columns
        for u, unit in enumerate(self.table.units):
            region = unit.region if told else None
            at = places.find(region, unit.name)
            if at is None:
                what, rule, fix = places.why(region, unit.name)
                what = "no such unit in the first round" if what == "no such unit" else what
                self._say(self.table.row_of(unit=u), "unit", what, rule, fix)
            found.append(NO_ROW if at is None else at)
        return found

    def _mode_places(self) -> list[int]:
        place = {names.same(mode): m for m, mode in enumerate(self.modes)}
        found = [place.get(names.same(mode), NO_ROW) for mode in self.table.modes]
        for m, mode in enumerate(self.table.modes):
            if found[m] == NO_ROW and self.table.table.lines and (self.table.row[:, m] != NO_ROW).any():
                rule = f"modes are {', '.join(self.modes)}"
                fix = suggestion(mode, self.modes) or "put modes together in all units, or name them in [night] modes"
                what = "unknown mode" if mode else "no mode in some rows"
                self._say(self.table.row_of(mode=m), "mode", what, rule, fix)
        return found

    def _finalists(self) -> list[int]:
        place = {name: k for k, name in enumerate(self.loaded.finalists)}
        found = [place.get(name, NO_ROW) for name in self.table.candidates]
        for c, name in enumerate(self.table.candidates):
            if found[c] == NO_ROW:
                rule = f"finalists are {', '.join(self.loaded.finalists)}"
                near = [one for one in self.loaded.finalists if names.near(one) == names.near(name)]
                fix = f"did you mean {near[0]}?" if near else suggestion(name, self.loaded.finalists)
                fix = fix or f'leave out rows that are no finalist\'s, or [results] drop = ["{name}"]'
                self._say(self.table.row_of(candidate=c), "candidate", "not a finalist", rule, fix)
        return found

    def _states(self, said: Int64Array) -> Int64Array:
        """Complete, partial or out: as the status column says, else as rows and votes do (`quiet`)."""
        people = self.loaded.first_round.votes.sum(axis=1).astype(np.float64)
        state, noughts = quiet_states(self.votes.sum(axis=2), (self.row != NO_ROW).any(axis=2), people)
        self.notes += noughts_note(noughts & (said == NO_ROW), self.units, self.modes)
        return np.where(said == NO_ROW, state, said)

    def _say(self, row: int, column: str, what: str, rule: str, fix: str = "") -> None:
        self.problems.append(self.table.table.problem(row, column, what, rule, fix))
