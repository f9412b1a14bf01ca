"""A runoff's votes as they come in: a table of units, candidates, modes and votes.

A *cell* is a unit's votes of one mode.  A cell is `complete`, `partial` or `out`: the status column says
which; without one, a cell that has rows is complete, and one without rows is out.  So is a unit, or a mode, that
has not one vote: feeds are often filled with zeros beforehand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from runoff import names
from runoff.data.tables.table import MOST_PROBLEMS
from runoff.data.votes.places import Places
from runoff.data.votes.results import Results, by_mode
from runoff.data.votes.roll import NOT_TOLD
from runoff.data.votes.sums import sum_problems
from runoff.data.votes.unlike import part_note
from runoff.data.votes.votes import NO_MODE, NO_ROW, read_votes
from runoff.data.votes.words import COMPLETE, OUT, PARTIAL, STATES, Wanted
from runoff.errors import InputError, Problem, suggestion
from runoff.race import BoolArray, Int64Array

if TYPE_CHECKING:
    from runoff.runfile.load import Case


WAITING = 20  # votes to be expected above which a cell of noughts waits for its count

__all__ = ["COMPLETE", "NO_MODE", "OUT", "PARTIAL", "STATES", "FirstModes", "Reported", "first_modes", "read_reported"]


@dataclass(frozen=True, slots=True)
class FirstModes:
    """The first round by mode, where its table has them.

    modes : names, in order of name.  votes : int64[U, M, C], candidates in order of the first round's.
    """

    modes: tuple[str, ...]
    votes: Int64Array


@dataclass(frozen=True, slots=True)
class Reported:
    """What has been reported of a runoff.

    modes : (NO_MODE,) where votes are not told by mode.
    votes : int64[U, M, K], finalists in order.  state : int64[U, M], of OUT, PARTIAL, COMPLETE.
    source : name and sha256 of the table.  notes : what a reader should know of it.
    """

    modes: tuple[str, ...]
    votes: Int64Array
    state: Int64Array
    source: tuple[str, str]
    notes: tuple[str, ...] = ()


def first_modes(loaded: Case) -> FirstModes | None:
    """The first round by mode, or None where its table has no modes."""
    results = _results(loaded)
    if results.votes.modes == (NO_MODE,):
        return None
    return FirstModes(results.votes.modes, by_mode(results))


def _results(loaded: Case) -> Results:
    assert loaded.results is not None  # only made-up races have none
    return loaded.results


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
    reader = _Reader(loaded, path, first)
    if previous is not None:
        reader.compare(_Reader(loaded, previous, first))
    if not reader.problems:
        reader.sizes_fit()
    if reader.problems:
        raise InputError(reader.problems[:MOST_PROBLEMS])
    return Reported(reader.modes, reader.votes, reader.state, reader.table.source, (*reader.table.notes, *reader.notes))


class _Reader:
    """The table over the race's units, modes and finalists; collects what is wrong."""

    def __init__(self, loaded: Case, path: Path, first: FirstModes | None) -> None:
        self.loaded, self.results = loaded, _results(loaded)
        said = loaded.run_file.results
        self.table = read_votes(path, Wanted(tuple(said.drop), tuple(said.keep)), empty=True)
        self.units = loaded.first_round.units
        self.problems: list[Problem] = sum_problems(self.table, Wanted(keep=tuple(said.keep)))
        self.notes: list[str] = []
        self.modes = self._modes(first)
        shape = (len(self.units), len(self.modes), len(loaded.finalists))
        self.votes, self.row = np.zeros(shape, np.int64), np.full(shape, NO_ROW, np.int64)
        self.state = np.full(shape[:2], OUT, np.int64)
        self._place(self._units(), self._mode_places(), self._finalists())
        if not self.problems:
            self._states()
            self._whole()
            self._parts(first)

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
        places, found = Places(self.results.units), []
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

    def _place(self, units: list[int], modes: list[int], finalists: list[int]) -> None:
        """The table's cells at their places; only where all of them have one."""
        if self.problems or not self.table.table.lines:
            return
        at = np.ix_(units, modes, finalists)
        self.votes[at], self.row[at] = self.table.votes, self.table.row
        self.said = np.full(self.state.shape, NO_ROW, np.int64)
        self.said[np.ix_(units, modes)] = self.table.state

    def _states(self) -> None:
        """Complete, partial or out: as the status column says, else complete where a cell has rows and votes."""
        if not self.table.table.lines:
            return
        reported = (self.row != NO_ROW).any(axis=2)
        self.state[reported] = COMPLETE
        quiet = self.said == NO_ROW
        none = np.zeros_like(quiet)
        none[self.votes.sum(axis=(1, 2)) == 0] = True
        none[:, self.votes.sum(axis=(0, 2)) == 0] = True
        none |= self._noughts(reported & quiet)
        self.state[quiet & none] = OUT
        self.state[~quiet] = self.said[~quiet]
        for u, m in np.argwhere((self.state == OUT) & (self.votes.sum(axis=2) > 0)).tolist():
            row = int(self.row[u, m].max())
            votes = int(self.votes[u, m].sum())
            self._say(row, "votes", f"{votes:,} votes of what is out", "what is out has no votes yet",
                      "if more is to come the status is partial")  # fmt: skip

    def _noughts(self, quiet: BoolArray) -> BoolArray:
        """Cells of noughts in which so many votes are to be expected that they wait for their count: bool[U, M].

        Expected are a unit's first-round votes by what the mode's other cells have of theirs.
        """
        votes, people = self.votes.sum(axis=2), self.loaded.first_round.votes.sum(axis=1)
        counted = votes > 0
        share = votes.sum(axis=0) / np.maximum((people[:, None] * counted).sum(axis=0), 1)
        waiting: BoolArray = np.asarray(quiet & ~counted & (people[:, None] * share > WAITING))
        waiting &= np.asarray(counted.any(axis=0) & counted.any(axis=1)[:, None])
        if waiting.any():
            u, m = np.argwhere(waiting)[0].tolist()
            more = f" and {int(waiting.sum()) - 1:,} more" if waiting.sum() > 1 else ""
            said = "status complete says that nobody voted"
            self.notes.append(f"{self.units[u]}{_of(self.modes[m])}{more}: 0 votes, taken as out ({said})")
        return waiting

    def _whole(self) -> None:
        """Cells have a row for each finalist, and units no more votes than voters."""
        reported = (self.row != NO_ROW).any(axis=2) & (self.state != OUT)
        for u, m, k in np.argwhere(reported[:, :, None] & (self.row == NO_ROW))[:MOST_PROBLEMS].tolist():
            rule = "a row for each finalist; 0 where nobody chose one"
            what = f"no row for {self.loaded.finalists[k]} in {self.units[u]}{_of(self.modes[m])}"
            fix = "add it; where his votes are not known yet leave both rows out, or give status out"
            self._say(int(self.row[u, m].max()), "candidate", what, rule, fix)
        if self.results.roll is None:
            return
        registered = self.results.roll.registered
        total = self.votes.sum(axis=(1, 2))
        for u in np.flatnonzero((total > registered) & (registered != NOT_TOLD)).tolist():
            rule = f"at most {int(registered[u]):,} registered voters in {self.units[u]}"
            got = f"{int(total[u]):,} votes in {self.units[u]}: more than registered voters"
            row = int(self.row[u].max())
            self._say(row, "votes", got, rule, "if the roll has grown, name the new one in [results] registered")

    def _parts(self, first: FirstModes | None) -> None:
        """A mode in which some cells have a small part of their first-round votes, and all others a large one."""
        if not self.table.table.lines:
            return
        votes, people = self.votes.sum(axis=2), self.loaded.first_round.votes.sum(axis=1).astype(np.float64)
        of_mode = (
            {} if first is None else {names.same(m): first.votes[:, i].sum(axis=1) for i, m in enumerate(first.modes)}
        )
        for m, mode in enumerate(self.modes):
            before = of_mode.get(names.same(mode), people)
            before = before if before.any() else people
            at = np.flatnonzero((self.state[:, m] == COMPLETE) & (self.said[:, m] == NO_ROW))
            places = [self.units[u] + _of(mode) for u in at.tolist()]
            self.notes += part_note(places, votes[at, m], before[at].astype(np.float64), "their first-round votes")

    def sizes_fit(self) -> None:
        """[night.sizes] are votes of a mode in the whole race, those that are counted included."""
        place = {names.same(mode): m for m, mode in enumerate(self.modes)}
        for name, size in self.loaded.run_file.night.sizes.items():
            m = place.get(names.same(name))
            where = f"[night.sizes.{name}]"
            if m is None:
                known = [mode for mode in self.modes if mode]
                fix = suggestion(name, known) or "name the modes in [night] modes, or take the size away"
                rule = f"modes are {', '.join(known) or 'not told: neither table has a column mode'}"
                self.problems.append(Problem(self.loaded.path, 0, 0, f"no such mode in {where}", rule, name, fix))
                continue
            counted = int(self.votes[:, m].sum())
            if counted > size.high:
                what = f"{where}: {counted:,} votes of this mode are counted, and high is {size.high:,}"
                rule = "a size is of the whole race, counted votes included"
                fix = f"is {size.high:,} what is still out? then high = {counted + size.high:_}"
                self.problems.append(Problem(self.loaded.path, 0, 0, what, rule, f"{size.high:,}", fix))
            elif counted < size.low and (self.state[:, m] == COMPLETE).all():
                what = f"{where}: {counted:,} votes are counted, nothing of the mode is out, and low is {size.low:,}"
                fix = "is something out? a column status says so; or lower the size"
                rule = "a size is of the whole race, and no more than what is counted and out"
                self.problems.append(Problem(self.loaded.path, 0, 0, what, rule, f"{size.low:,}", fix))
            elif counted > size.low:
                self.notes.append(f"{where}: {counted:,} votes are counted already, low is {size.low:,}")

    def _say(self, row: int, column: str, what: str, rule: str, fix: str = "") -> None:
        self.problems.append(self.table.table.problem(row, column, what, rule, fix))

    def compare(self, before: _Reader) -> None:
        """Counts do not go backwards."""
        self.problems += before.problems
        if self.problems:
            return
        if before.modes == self.modes:
            then, now = before.votes, self.votes
        else:  # told by mode at one hour only
            then, now = before.votes.sum(axis=1, keepdims=True), self.votes.sum(axis=1, keepdims=True)
        finalists: Sequence[str] = self.loaded.finalists
        for u, m, k in np.argwhere(now < then).tolist():
            mode = _of(self.modes[m]) if before.modes == self.modes else ""
            what = (
                f"{finalists[k]} had {int(then[u, m, k]):,} votes in {self.units[u]}{mode}, now {int(now[u, m, k]):,}"
            )
            at = int(self.row[u, m, k]) if before.modes == self.modes else NO_ROW
            fix = "a corrected count? then take `previous` away"
            if at != NO_ROW:
                self._say(at, "votes", what, "counts do not go down", fix)
            else:
                name = self.table.table.name
                self.problems.append(Problem(name, 0, 0, what, "counts do not go down", "no row", fix))


def _of(mode: str) -> str:
    return f", {mode}" if mode else ""
