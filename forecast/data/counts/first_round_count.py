"""What is counted and what is out, from the tables of a first round that is still being counted.

Counted votes stand in the results table by unit and mode; the status table names what is out.  Every
cell (a unit's votes of one mode) that it does not name is complete.  A status row may name a region: it
then speaks of those units of the region of which nothing of that mode is counted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from runoff import names
from runoff.data.counts.baseline import Baseline, read_baseline
from runoff.data.counts.count_checks import below, sizes_fit, turnouts
from runoff.data.tables import cells
from runoff.data.tables.table import MOST_PROBLEMS, Table, read_table
from runoff.data.votes.places import Places
from runoff.data.votes.results import Results, by_mode
from runoff.data.votes.roll import NOT_TOLD
from runoff.data.votes.votes import COMPLETE, NO_MODE, OUT, STATE_WORDS, STATES, Wanted, read_votes
from runoff.errors import InputError, Problem, shown, suggestion
from runoff.race import FirstRound, Int64Array

if TYPE_CHECKING:
    from runoff.runfile.load import Case
    from runoff.runfile.sections.observed import ModeSize

BoolArray = npt.NDArray[np.bool_]

_RANGE = ("expected", "low", "high")


@dataclass(frozen=True, slots=True)
class Out:
    """One thing that is out: votes of a mode in a unit, or in several units of a region.

    `members` are the units it covers; `expected`, `low` and `high` the votes still out as the status table
    has them (low and high: an 80 % interval), or None where they are to be predicted.
    """

    place: str
    members: tuple[int, ...]
    mode: int
    part: bool
    expected: int | None
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Count:
    """The state of a count.

    registered : int64[U], who may vote; NOT_TOLD for all units where no roll says it.
    votes : int64[U, M, C], counted, candidates in order of `first_round`.
    complete : bool[U, M], nothing of the cell is out.
    """

    first_round: FirstRound
    registered: Int64Array
    modes: tuple[str, ...]
    votes: Int64Array
    complete: BoolArray
    out: tuple[Out, ...]
    baseline: Baseline | None
    sources: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()

    @property
    def rolled(self) -> bool:
        """Whether a roll says how many may vote."""
        return bool((self.registered != NOT_TOLD).any())

    @property
    def everybody(self) -> int:
        """Registered voters of the race; 0 where no roll says it."""
        return int(self.registered.sum()) if self.rolled else 0


def read_count(loaded: Case) -> Count:
    """The state of the count of a checked run file with [counting].

    Raises
    ------
    InputError : with every problem of the tables.
    MissingFileError : a table is not there.

    """
    file, results = loaded.run_file, loaded.results
    assert file.counting is not None
    assert results is not None
    if file.results.by != "unit":
        raise InputError.single(
            loaded.path, "units are put together", rule='a count is read unit by unit: [results] by = "unit"',
            got=f'by = "{file.results.by}"', fix="take `by` away",
        )  # fmt: skip
    folder = loaded.folder
    status = read_table(folder / file.counting.status, ("unit", "state"), ("mode", "region", *_RANGE), empty=True)
    reader = _Reader(loaded.first_round, results, status, file.counting.modes)
    sources = [*loaded.first_round.sources, (Path(status.name).name, status.sha256)]
    baseline = None
    if file.counting.baseline is not None:
        earlier = read_table(
            folder / file.counting.baseline, ("unit", "first", "second"), ("region", "ballots", "registered")
        )
        sources.append((Path(earlier.name).name, earlier.sha256))
        baseline, problems, notes = read_baseline(earlier, results)
        reader.problems += problems
        reader.notes += notes
        reader.problems += _whose(earlier, file.counting.baseline_candidates, reader.first, loaded.path)
    count = Count(
        reader.first, reader.registered, reader.modes, reader.votes, reader.complete, tuple(reader.out), baseline,
        tuple(sources), (*status.notes, *reader.notes),
    )  # fmt: skip
    problems, notes = sizes_fit(count, file.counting.modes, loaded.path)
    reader.problems += problems
    if file.counting.previous is not None:
        wanted = Wanted(tuple(file.results.drop), tuple(file.results.keep))
        reader.problems += below(count, reader.places, read_votes(folder / file.counting.previous, wanted, empty=True))
    if reader.problems:
        raise InputError(reader.problems[:MOST_PROBLEMS])
    return replace(count, notes=(*count.notes, *notes, *turnouts(count, reader.places)))


def _whose(table: Table, said: list[str] | None, first: FirstRound, path: str) -> list[Problem]:
    """Those whose votes the baseline has are candidates of the race, and the baseline has all ballots."""
    if said is None:
        return []
    known, where = [candidate.name for candidate in first.candidates], "[counting] baseline_candidates"
    found = [
        Problem(path, 0, 0, f"no such candidate in {where}", "two candidates of the results", shown(name),
                suggestion(name, known) or "name one as in the results")
        for name in said if name not in known
    ]  # fmt: skip
    if "ballots" not in table.columns:
        rule, fix = "their shares are of all ballots", "add a column ballots, or take baseline_candidates away"
        found.append(Problem(table.name, table.first_line, 1, f"no column ballots for {where}", rule, "", fix))
    return found


class _Reader:
    """Joins the tables, row by row, and collects what is wrong."""

    def __init__(self, first: FirstRound, results: Results, status: Table, sized: dict[str, ModeSize]) -> None:
        self.first, self.results, self.sized = first, results, names.by_same(sized)
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.places = Places(results.units)
        assert results.roll is not None
        self.registered = results.roll.registered
        self.rolled = bool((self.registered != NOT_TOLD).any())
        for u in np.flatnonzero(self.registered == NOT_TOLD)[: MOST_PROBLEMS if self.rolled else 0].tolist():
            rule = "while votes are counted each unit has a number of people who may vote there, or none has"
            fix = "give the people whose votes it counts (ballots sent out), or join it to its parent in all tables"
            what = f"no registered voters of {results.units[u].name}"
            self._say(results.roll.table, results.roll.rows[u], "registered", what, rule, fix)
        said = {names.same(mode): mode for mode in results.votes.modes} if results.votes.votes.any() else {}
        if any(said) and "mode" not in status.columns and status.lines:
            rule = "each row of the status says of which mode it speaks, where the results have modes"
            fix = f"add a column mode: {', '.join(sorted(filter(None, said.values())))}"
            self.problems.append(Problem(status.name, status.first_line, 1, "no column mode", rule, "", fix))
            said[names.same(NO_MODE)] = NO_MODE
        for mode in sorted({names.said(text) for text in status.columns.get("mode", [""] * bool(status.lines))}):
            said.setdefault(names.same(mode), mode)
        self.modes = tuple(sorted(said.values())) or (NO_MODE,)
        self._mode = {names.same(mode): m for m, mode in enumerate(self.modes)}
        self.votes = np.zeros((len(results.units), len(self.modes), len(first.candidates)), np.int64)
        if results.votes.votes.any():
            self.votes[:, [self._mode[names.same(mode)] for mode in results.votes.modes]] = by_mode(results)
        self.complete: BoolArray = np.ones(self.votes.shape[:2], bool)
        self.out: list[Out] = []
        self._inside: dict[str, list[int]] = {}
        for u, unit in enumerate(results.units):
            self._inside.setdefault(unit.region, []).append(u)
        self._seen: dict[tuple[str, str, int], int] = {}
        self._told: dict[tuple[int | str, int], int] = {}
        self._own = set[tuple[int, int]]()  # units and modes that have a row of their own, whatever their region's says
        for row in range(len(status.lines)):
            region = names.said(status.columns["region"][row]) if "region" in status.columns else None
            place = self.places.find(region, names.said(status.columns["unit"][row]))
            mode = names.same(status.columns["mode"][row]) if "mode" in status.columns else NO_MODE
            if place is not None:
                self._own.add((place, self._mode[mode]))
        for row in range(len(status.lines)):
            self._status(status, row)
        if not self.problems and not self.votes.any():
            rule = "at least one vote is counted; before that, polls may stand in: [first_round_polls]"
            fix = "wait for the first votes, or use [first_round_polls]"
            self.problems.append(
                Problem(results.votes.table.name, 0, 0, "nothing is counted yet", rule, "0 votes", fix)
            )
        if not self.problems:
            self._every_unit_known()
            self._every_mode_known()
            self.complete &= np.asarray(self.votes.any(axis=(0, 2)))[None, :]  # a mode without any vote teaches nothing
            self._sizes_known(status)

    def _status(self, table: Table, row: int) -> None:
        columns, before = table.columns, len(self.problems)
        unit = cells.name(table, row, "unit", self.problems)
        region = names.said(columns["region"][row]) if "region" in columns else None
        ranges = [c for c in _RANGE if c in columns and columns[c][row].strip()]
        numbers = {c: cells.whole(table, row, c, self.problems) if c in ranges else None for c in _RANGE}
        state = STATE_WORDS.get(names.same(columns["state"][row]))
        if state is None:
            rule = f"a state is {', '.join(STATES)}"
            self._say(
                table, row, "state", "unknown state", rule, suggestion(columns["state"][row], STATE_WORDS) or "name one"
            )
        if len(self.problems) > before or state is None:
            return
        mode = self._mode[names.same(columns["mode"][row]) if "mode" in columns else NO_MODE]
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
        self._outstanding(table, row, (place, str(whole)), mode, state, numbers)

    def _outstanding(
        self,
        table: Table,
        row: int,
        where: tuple[int | None, str],
        mode: int,
        state: int,
        numbers: dict[str, int | None],
    ) -> None:
        """One row that says that something is out."""
        expected, low, high = (numbers[column] for column in _RANGE)
        place, region = where
        inside = self._inside[region] if place is None else [place]
        without = [u for u in inside if place is not None or not self.votes[u, mode].any()]
        members = [u for u in without if place is not None or (u, mode) not in self._own]
        if len(members) < len(without) and (expected is not None or low is not None):
            told = self.results.units[next(u for u in without if u not in members)].name
            self.notes.append(f"{region}: its number is without {told}, which has a row of its own")
        counted = int(self.votes[members, mode].sum()) if members else 0
        unit = region if place is None else self.results.units[place].name
        if state != OUT and place is None:
            self._say(table, row, "state", "a region cannot be out in part", "name the units that are", "a row a unit")
        elif not members:
            fix = "take the row away, or name the units that are out"
            self._say(
                table, row, "unit", f"nothing of {unit} is out", "a region's row has units without votes yet", fix
            )
        elif state == OUT and counted:
            fix = "if more is to come the state is partial"
            self._say(table, row, "state", f"{counted:,} votes of it are counted", "what is out has no votes yet", fix)
        elif (low is None) != (high is None) or (low is not None and high is not None and low >= high):
            self._say(table, row, "low" if "low" in table.columns else "unit", "half a range",
                      "low and high go together, and low is below high", "give both, or neither")  # fmt: skip
        elif expected == 0 or high == 0:
            fix = "leave it empty where it is not known; what is counted to its end has the state complete"
            self._say(table, row, "expected" if expected == 0 else "high", "nothing is out of what is out",
                      "what is out, or partial, has votes to come", fix)  # fmt: skip
        elif low is not None and expected is not None:
            self._say(table, row, "expected", "both a number and a range", "expected, or low and high", "empty one")
        else:
            everybody = int(self.registered[members].sum())
            held = int(self.votes[members].sum())
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

    def _every_unit_known(self) -> None:
        """A unit without any vote must be said to be out."""
        silent = np.asarray(~self.votes.any(axis=(1, 2)) & self.complete.all(axis=1) & (self.registered != 0))
        told = {place for place, _ in self._told}
        for u in np.flatnonzero(silent).tolist():
            rule = "a unit without votes is named in the status table: out, or complete if nobody voted"
            name = self.results.units[u].name
            if u not in told:
                file = self.results.votes.table.name
                self.problems.append(
                    Problem(file, 0, 0, f"no word of {name}", rule, name, "add a row to the status table")
                )

    def _every_mode_known(self) -> None:
        """A mode of which a region has no vote must be said to be out there, or complete."""
        for region, inside in self._inside.items():
            voted = self.votes[inside].any(axis=(0, 2))
            if not self.registered[inside].any():
                continue
            for m in np.flatnonzero(~voted).tolist():
                if any((place, m) in self._told for place in (region, *inside)):
                    continue
                mode, where = self.modes[m], f" in {region}" if region else ""
                rule = "a mode without votes is named in the status table: out, or complete if nobody used it"
                got, file = f"no votes and no row for {mode}{where}", self.results.votes.table.name
                fix = "add a row to the status table"
                self.problems.append(Problem(file, 0, 0, f"no word of {mode}{where}", rule, got, fix))

    def _sizes_known(self, table: Table) -> None:
        """A mode of which nothing is complete needs a size."""
        known = np.asarray(self.complete.any(axis=0))
        for out in self.out:
            mode = self.modes[out.mode]
            if not known[out.mode] and out.expected is None and out.low is None and names.same(mode) not in self.sized:
                rule = f"expected, or low and high; or a size of all of it in [counting.modes.{mode or '...'}]"
                what = f"how many votes? nothing of {mode or 'this'} is complete yet"
                row = self._told.get((out.place, out.mode), 0)
                self._say(table, row, "unit", what, rule, f"give expected, or [counting.modes.{mode or '...'}]")
