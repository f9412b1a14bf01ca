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

from forecast import names
from forecast.errors import InputError, Problem, suggestion
from forecast.places import Places
from forecast.race import Int64Array
from forecast.results import Results, by_mode
from forecast.roll import NOT_TOLD
from forecast.tables import MOST_PROBLEMS
from forecast.votes import COMPLETE, NO_MODE, NO_ROW, OUT, PARTIAL, STATES, Wanted, read_votes
from forecast.votes_checks import sum_problems

if TYPE_CHECKING:
    from forecast.runfile import LoadedRun

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


def first_modes(loaded: LoadedRun) -> FirstModes | None:
    """The first round by mode, or None where its table has no modes."""
    results = _results(loaded)
    if results.votes.modes == (NO_MODE,):
        return None
    return FirstModes(results.votes.modes, by_mode(results))


def _results(loaded: LoadedRun) -> Results:
    assert loaded.results is not None  # only made-up races have none
    return loaded.results


def read_reported(loaded: LoadedRun, path: Path, first: FirstModes | None, previous: Path | None = None) -> Reported:
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

    def __init__(self, loaded: LoadedRun, path: Path, first: FirstModes | None) -> None:
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

    def _modes(self, first: FirstModes | None) -> tuple[str, ...]:
        if self.table.modes == (NO_MODE,) and "mode" not in self.table.table.columns:
            return (NO_MODE,)
        said = self.loaded.run_file.night.modes
        if said is not None:
            return self._said_modes(said, () if first is None else first.modes)
        return first.modes if first is not None else self.table.modes

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
            if found[m] == NO_ROW and self.table.table.lines:
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
                fix = suggestion(name, self.loaded.finalists)
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
        self.state[quiet & none] = OUT
        self.state[~quiet] = self.said[~quiet]
        for u, m in np.argwhere((self.state == OUT) & (self.votes.sum(axis=2) > 0)).tolist():
            row = int(self.row[u, m].max())
            votes = int(self.votes[u, m].sum())
            self._say(row, "votes", f"{votes:,} votes of what is out", "what is out has no votes yet",
                      "if more is to come the status is partial")  # fmt: skip

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
