"""The status table of a first round that is being counted, row by row: what is out, and how many votes of it come."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from runoff import names
from runoff.data.counts.count import Out
from runoff.data.counts.count_checks import modes_known, units_known
from runoff.data.counts.status.cells import expected, filled, outstanding, unsaid
from runoff.data.tables import cells
from runoff.data.tables.strangers import Strangers, of_another_race
from runoff.data.tables.table import MOST_PROBLEMS, Table
from runoff.data.votes.places import Places
from runoff.data.votes.results import Results, by_mode
from runoff.data.votes.roll import NOT_TOLD
from runoff.data.votes.votes import NO_MODE, NO_ROW
from runoff.data.votes.words import COMPLETE, OUT, STATE_WORDS, STATES
from runoff.errors import Problem, suggestion
from runoff.race import BoolArray, FirstRound

if TYPE_CHECKING:
    from runoff.runfile.sections.observed import ModeSize

RANGE = ("expected", "low", "high")


class StatusReader:
    """Joins the tables, row by row, and collects what is wrong.

    status : None where only the count says what is out.  A count in the place of the run file's table moves on while
    the status table stands still: its rows then speak of what has no votes yet, its numbers of what had none when they
    were written, and what it does not name is no longer complete for that.
    """

    def __init__(self, first: FirstRound, results: Results, status: Table | None, sized: dict[str, ModeSize]) -> None:
        self.first, self.results, self.sized = first, results, names.by_same(sized)
        self.sized_as = tuple(sized)
        self.moves = results.votes.ballot is not None
        self.done = self.aside = 0  # rows of what has come since, numbers that are no longer meant
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.places = Places(results.units)
        roll = results.roll
        self.registered = np.full(len(results.units), NOT_TOLD) if roll is None else roll.registered
        self.rolled = bool((self.registered != NOT_TOLD).any())
        lacking = np.flatnonzero(self.registered == NOT_TOLD).tolist() if self.rolled else []
        for u in lacking[:MOST_PROBLEMS]:
            rule = "while votes are counted each unit has a number of people who may vote there, or none has"
            fix = "give the people whose votes it counts (ballots sent out), or join it to its parent in all tables"
            what = f"no registered voters of {results.units[u].name}"
            if roll is not None:
                self._say(roll.table, roll.rows[u], "registered", what, rule, fix)
        self.modes = self._modes(status)
        self._mode = {names.same(mode): m for m, mode in enumerate(self.modes)}
        self.votes = np.zeros((len(results.units), len(self.modes), len(first.candidates)), np.int64)
        if results.votes.votes.any():
            self.votes[:, [self._mode[names.same(mode)] for mode in results.votes.modes]] = by_mode(results)
        self.complete: BoolArray = np.ones(self.votes.shape[:2], bool)
        self.out: list[Out] = []
        self._inside: dict[str, list[int]] = {}
        for u, unit in enumerate(results.units):
            self._inside.setdefault(unit.region, []).append(u)
        self._column = np.full(self.votes.shape[:2], NO_ROW, np.int64)  # what the count's own column says
        self._reported: BoolArray = np.zeros(self.votes.shape[:2], bool)
        for m, mode in enumerate(results.votes.modes if results.votes.votes.any() else ()):
            at = self._mode[names.same(mode)]
            self._column[:, at] = results.votes.state[:, m]
            self._reported[:, at] = (results.votes.row[:, m] != NO_ROW).any(axis=1)
        self._seen: dict[tuple[str, str, int], int] = {}
        self._told: dict[tuple[int | str, int], int] = {}
        self._own = set[tuple[int, int]]()  # units and modes that have a row of their own, whatever their region's says
        if status is not None:
            self._rows(status)
        self._cells(alone=status is None or self.moves)
        if not self.problems and not self.votes.any():
            rule = "at least one vote is counted; before that, polls may stand in: [first_round_polls]"
            fix = "name the count with --results once there is one (runoff ready tries all before), "
            fix += "or use [first_round_polls]"
            what = "nothing is counted yet"
            self.problems.append(Problem(results.votes.table.name, 0, 0, what, rule, "0 votes", fix))
        if not self.problems:
            file, told = results.votes.table.name, set(self._told)
            self.problems += units_known(results.units, self.votes, self.complete, self.registered, told, file)
            self.problems += modes_known(self._inside, self.modes, self.votes, self.registered, told, file)
            self.complete &= np.asarray(self.votes.any(axis=(0, 2)))[None, :]  # a mode without any vote teaches nothing
            self._sizes_known(status)

    def _modes(self, status: Table | None) -> tuple[str, ...]:
        """Modes of the count, of the status table, and, where there is none, of [counting.modes]."""
        votes = self.results.votes
        said = {names.same(mode): mode for mode in votes.modes} if votes.votes.any() else {}
        if status is None:
            self.problems += unsaid(votes, self.sized_as) if votes.votes.any() else []
            for spelt in self.sized_as:
                said.setdefault(names.same(spelt), spelt)
            return tuple(sorted(said.values(), key=names.key)) or (NO_MODE,)
        if any(said) and "mode" not in status.columns and status.lines:
            rule = "each row of the status says of which mode it speaks, where the results have modes"
            fix = f"add a column mode: {', '.join(sorted(filter(None, said.values())))}"
            self.problems.append(Problem(status.name, status.first_line, 1, "no column mode", rule, "", fix))
            said[names.same(NO_MODE)] = NO_MODE
        for spelt in sorted({names.said(text) for text in status.columns.get("mode", [""] * bool(status.lines))}):
            said.setdefault(names.same(spelt), spelt)
        return tuple(sorted(said.values())) or (NO_MODE,)

    def _rows(self, status: Table) -> None:
        """The status table, row by row."""
        for row in range(len(status.lines)):
            region, mode = self._region_and_mode(status, row)
            place = self.places.find(region, names.said(status.columns["unit"][row]))
            if place is not None:
                self._own.add((place, mode))
        other = self._another_race(status)
        self.problems += other
        for row in range(0 if other else len(status.lines)):
            self._status(status, row)
        name = Path(status.name).name
        if self.done:
            self.notes.append(f"{name}: {self.done:,} rows are of what has votes, or a status, by now, and left aside")
        if self.aside:
            self.notes.append(f"{name}: {self.aside:,} numbers are from before some of these votes came, left aside")

    def _cells(self, alone: bool) -> None:
        """What the count itself says is out, where no row of the status table speaks of it."""
        votes = self.results.votes
        if not votes.votes.any() or self.problems:
            return
        units, counted, state = self.results.units, self.votes.sum(axis=2), self._column
        if alone:
            state, notes = filled(state, counted, self._reported, self.registered, units, self.modes)
            self.notes += notes + expected(self.modes, counted, votes.source[0])
        told = self._own | {(u, o.mode) for o in self.out for u in o.members}
        out, problems = outstanding(units, state, self.registered, told, counted, votes)
        self.problems += problems
        for one in out:
            self.complete[one.members, one.mode] = False
            self._told[one.members[0], one.mode] = NO_ROW
        self.out += out

    def _another_race(self, status: Table) -> list[Problem]:
        """One problem where hardly any row of the status speaks of a unit or region of the race."""
        said = list(dict.fromkeys(names.said(text) for text in status.columns["unit"]))
        known = {unit.name for unit in self.results.units}
        strange = [name for name in said if name and name not in known and self.places.region(name) is None]
        units = [*dict.fromkeys(filter(None, self.places.regions)), *known]
        other = of_another_race(status.name, Strangers("units", strange, len(said) - len(strange), sorted(units)))
        return [] if other is None else [other]

    def _region_and_mode(self, table: Table, row: int) -> tuple[str | None, int]:
        """A row's region, None where the table has no such column, and the place of its mode."""
        region = names.said(table.columns["region"][row]) if "region" in table.columns else None
        return region, self._mode[names.same(table.columns["mode"][row]) if "mode" in table.columns else NO_MODE]

    def _status(self, table: Table, row: int) -> None:
        """One row: what it speaks of, and what state that is in."""
        columns, before = table.columns, len(self.problems)
        unit = cells.name(table, row, "unit", self.problems)
        region, mode = self._region_and_mode(table, row)
        ranges = [c for c in RANGE if c in columns and columns[c][row].strip()]
        numbers = {c: cells.whole(table, row, c, self.problems) if c in ranges else None for c in RANGE}
        state = STATE_WORDS.get(names.same(columns["state"][row]))
        if state is None:
            rule, fix = f"a state is {', '.join(STATES)}", suggestion(columns["state"][row], STATE_WORDS) or "name one"
            self._say(table, row, "state", "unknown state", rule, fix)
        if len(self.problems) > before or state is None:
            return
        if not self.modes[mode] and any(self.modes) and "mode" in columns:
            fix = f"give one of {', '.join(filter(None, self.modes))}"
            self._say(table, row, "mode", "no mode", "each row says of which mode it speaks", fix)
            return
        earlier = self._seen.setdefault((names.same(region or ""), unit, mode), row)
        if earlier != row:
            fix = f"the first is in {table.line(earlier)}: remove one of them"
            self._say(table, row, "unit", f"a second row for {unit}", "one row per unit and mode", fix)
            return
        place = self.places.find(region, unit)
        whole = self.places.region(unit) if place is None else None
        if place is None and whole is None:
            what, rule, fix = self.places.why(region, unit)
            rule = "units and regions are those of the registered voters" if what == "no such unit" else rule
            fix = suggestion(unit, self.places.regions) or fix
            self._say(table, row, "unit", what, rule, fix)
            return
        self._told[place if place is not None else str(whole), mode] = row
        if state == COMPLETE:
            if ranges:
                rule = "a state is complete where nothing is out"
                self._say(table, row, ranges[0], "votes still out of what is complete", rule, "is it partial?")
            return
        self._outstanding(table, row, (place, str(whole), mode), state, numbers)

    def _outstanding(
        self, table: Table, row: int, where: tuple[int | None, str, int], state: int, numbers: dict[str, int | None]
    ) -> None:
        """One row that says that something is out; `where` is its unit, or None, its region, and its mode."""
        expected, low, high = (numbers[column] for column in RANGE)
        place, region, mode = where
        inside = self._inside[region] if place is None else [place]
        without = [u for u in inside if place is not None or not self.votes[u, mode].any()]
        members = [u for u in without if place is not None or (u, mode) not in self._own]
        if self.moves:
            came = place is None and len(without) < len(inside)
            came |= place is not None and bool(self.votes[place, mode].any())
            newer = place is not None and self._column[place, mode] != NO_ROW
            if newer or (came and state == OUT and (place is not None or not members)):
                self.done += 1
                self._own -= {(place, mode)} if place is not None else set()
                return
            if came and (expected is not None or low is not None):
                self.aside += 1
                expected = low = high = None
        if len(members) < len(without) and (expected is not None or low is not None):
            told = self.results.units[next(u for u in without if u not in members)].name
            self.notes.append(f"{region}: its number is without {told}, which has a row of its own")
        counted = int(self.votes[members, mode].sum()) if members else 0
        unit = region if place is None else self.results.units[place].name
        if state != OUT and place is None:
            self._say(table, row, "state", "a region cannot be out in part", "name the units that are", "a row a unit")
        elif not members:
            rule, fix = (
                "a region's row has units without votes yet",
                "take the row away, or name the units that are out",
            )
            self._say(table, row, "unit", f"nothing of {unit} is out", rule, fix)
        elif state == OUT and counted:
            fix = "if more is to come the state is partial"
            self._say(table, row, "state", f"{counted:,} votes of it are counted", "what is out has no votes yet", fix)
        elif (low is None) != (high is None) or (low is not None and high is not None and low >= high):
            rule, column = (
                "low and high go together, and low is below high",
                "low" if "low" in table.columns else "unit",
            )
            self._say(table, row, column, "half a range", rule, "give both, or neither")
        elif expected == 0 or high == 0:
            fix = "leave it empty where it is not known; what is counted to its end has the state complete"
            what, rule = "nothing is out of what is out", "what is out, or partial, has votes to come"
            self._say(table, row, "expected" if expected == 0 else "high", what, rule, fix)
        elif low is not None and expected is not None:
            self._say(table, row, "expected", "both a number and a range", "expected, or low and high", "empty one")
        else:
            everybody, held = int(self.registered[members].sum()), int(self.votes[members].sum())
            most = max(x for x in (expected, high, low, 0) if x is not None)
            if self.rolled and held + most > everybody:
                rule = f"at most {everybody:,} registered, and {held:,} votes are counted"
                column = "expected" if expected is not None else "high" if high is not None else "unit"
                fix = "expected, low and high are votes still out, without those that are counted"
                self._say(table, row, column, "more votes than registered voters", rule, fix)
                return
            self.complete[members, mode] = False
            self.out.append(Out(unit, tuple(members), mode, state != OUT, expected, low, high))
            self._told[unit, mode] = row

    def _say(self, table: Table, row: int, column: str, what: str, rule: str, fix: str = "") -> None:
        self.problems.append(table.problem(row, column, what, rule, fix))

    def _sizes_known(self, table: Table | None) -> None:
        """A mode of which nothing is complete needs a size; told once of what no row of the table says is out."""
        known, asked = np.asarray(self.complete.any(axis=0)), set[int]()
        for out in self.out:
            mode = self.modes[out.mode]
            if known[out.mode] or out.expected is not None or out.low is not None or names.same(mode) in self.sized:
                continue
            size = f"[counting.modes.{mode or '...'}]" if self.rolled else ""  # a share of those registered
            rule = "expected, or low and high" + (f"; or a size of all of it in {size}" if size else "")
            what = f"how many votes? nothing of {mode or 'this'} is complete yet"
            row = self._told.get((out.place, out.mode))
            if table is not None and row is not None:
                self._say(table, row, "unit", what, rule, "give expected" + (f", or {size}" if size else ""))
            elif out.mode not in asked:
                fix = f"give {size}, or expected in a status table" if size else "give expected in a status table"
                self.problems.append(Problem(self.results.votes.table.name, 0, 0, what, rule, "", fix))
            asked.add(out.mode)
