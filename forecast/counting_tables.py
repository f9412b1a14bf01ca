"""What is counted and what is out, from the tables of a first round that is still being counted.

Counted votes stand in the results table by unit and mode; the status table names what is out.  Every
cell (a unit's votes of one mode) that it does not name is complete.  A status row may name a region: it
then speaks of those units of the region of which nothing of that mode is counted.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from forecast.errors import InputError, Problem, shown, suggestion
from forecast.race import FirstRound, FloatArray, Int64Array
from forecast.results import name_problem, number_problem, read_first_round
from forecast.tables import MOST_PROBLEMS, Table, read_table

if TYPE_CHECKING:
    from forecast.runfile import LoadedRun

BoolArray = npt.NDArray[np.bool_]

STATES = ("counted", "out", "part")
_RESULTS = ("unit", "candidate", "votes")
_RESULTS_MAY = ("region", "party", "bloc", "mode")
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
class Baseline:
    """An earlier election by unit: votes of two sides, float64[U]; turnout where known."""

    first: FloatArray
    second: FloatArray
    ballots: FloatArray | None
    registered: FloatArray | None


@dataclass(frozen=True, slots=True)
class Count:
    """The state of a count.

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


def read_count(loaded: LoadedRun) -> Count:
    """The state of the count of a checked run file with [counting].

    Raises
    ------
    InputError : with every problem of the tables.
    MissingFileError : a table is not there.

    """
    file = loaded.run_file
    assert file.counting is not None
    assert file.results.registered is not None
    folder = Path() if loaded.path == "-" else Path(loaded.path).parent
    path = folder / file.results.table
    first = read_first_round(path, folder / file.results.registered, "unit", file.race.id, final=False)
    bloc = {c.name: c for c in loaded.first_round.candidates}
    first = FirstRound(
        tuple(bloc[c.name] for c in first.candidates), first.units, first.regions, first.votes, first.registered,
        first.ballots, first.sources,
    )  # fmt: skip
    table = read_table(path, _RESULTS, _RESULTS_MAY)
    status = read_table(folder / file.counting.status, ("unit", "state"), ("mode", "region", *_RANGE))
    reader = _Reader(first, table, status, frozenset(_normal(mode) for mode in file.counting.modes))
    sources = [*first.sources, (Path(status.name).name, status.sha256)]
    baseline = None
    if file.counting.baseline is not None:
        earlier = read_table(
            folder / file.counting.baseline, ("unit", "first", "second"), ("region", "ballots", "registered")
        )
        sources.append((Path(earlier.name).name, earlier.sha256))
        baseline = reader.baseline(earlier)
    for mode in file.counting.modes:
        if _normal(mode) not in reader.modes:
            fix = suggestion(mode, reader.modes) or "name a mode of the results or of the status table"
            rule = f"modes are {', '.join(shown(m) for m in reader.modes if m) or 'not told: the tables have none'}"
            place = Problem(loaded.path, 0, 0, f"no such mode in [counting.modes.{mode}]", rule, shown(mode), fix)
            reader.problems.append(place)
    if file.counting.previous is not None:
        reader.compare(read_table(folder / file.counting.previous, _RESULTS, _RESULTS_MAY))
    if reader.problems:
        raise InputError(reader.problems[:MOST_PROBLEMS])
    assert first.registered is not None
    return Count(
        first, first.registered, reader.modes, reader.votes, reader.complete, tuple(reader.out), baseline,
        tuple(sources),
    )  # fmt: skip


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _mode(table: Table, row: int) -> str:
    return _normal(table.columns["mode"][row]) if "mode" in table.columns else ""


class _Reader:
    """Joins the tables, row by row, and collects what is wrong."""

    def __init__(self, first: FirstRound, results: Table, status: Table, sized: frozenset[str]) -> None:
        self.first, self.results, self.sized = first, results, sized
        self.problems: list[Problem] = []
        self.place = {unit: i for i, unit in enumerate(first.units)}
        self.name = {c.name: i for i, c in enumerate(first.candidates)}
        said = [_mode(results, row) for row in range(len(results.lines))]
        said += [_mode(status, row) for row in range(len(status.lines))]
        self.modes = tuple(dict.fromkeys(said))
        self.votes = np.zeros((len(first.units), len(self.modes), len(first.candidates)), np.int64)
        for row in range(len(results.lines)):
            unit, candidate = (_normal(results.columns[column][row]) for column in ("unit", "candidate"))
            at = self.place[unit], self.modes.index(_mode(results, row)), self.name[candidate]
            self.votes[at] = int(results.columns["votes"][row])
        self.complete: BoolArray = np.ones(self.votes.shape[:2], bool)
        self.out: list[Out] = []
        self._seen: dict[tuple[str, str], int] = {}
        for row in range(len(status.lines)):
            self._status(status, row)
        if not self.problems and not self.votes.any():
            rule = "at least one vote is counted; before that, polls may stand in: [first_round_polls]"
            self.problems.append(Problem(results.name, 0, 0, "nothing is counted yet", rule, "0 votes"))
        if not self.problems:
            self._every_unit_known()
            self._every_mode_known()
            self.complete &= np.asarray(self.votes.any(axis=(0, 2)))[None, :]  # a mode without any vote teaches nothing
            self._sizes_known(status)

    def _status(self, table: Table, row: int) -> None:
        columns = table.columns
        found = [name_problem(table, row, "unit")]
        ranges = [c for c in _RANGE if c in columns and columns[c][row].strip()]
        found += [number_problem(table, row, column) for column in ranges]
        state = columns["state"][row].strip()
        if state not in STATES:
            found.append(table.problem(row, "state", "unknown state", f"a state is {', '.join(STATES)}",
                                       suggestion(state, STATES)))  # fmt: skip
        if any(found):
            self.problems += [problem for problem in found if problem is not None]
            return
        unit, mode = _normal(columns["unit"][row]), _mode(table, row)
        earlier = self._seen.setdefault((unit, mode), row)
        if earlier != row:
            self.problems.append(
                table.problem(row, "unit", f"a second row for {unit}", "one row per unit and mode",
                              f"the first is in line {table.lines[earlier]}")
            )  # fmt: skip
            return
        if state != "counted":
            numbers = {c: int(columns[c][row]) if c in ranges else None for c in _RANGE}
            self._outstanding(table, row, unit, self.modes.index(mode), state, numbers)

    def _outstanding(
        self, table: Table, row: int, unit: str, mode: int, state: str, numbers: dict[str, int | None]
    ) -> None:
        """One row that says that something is out."""
        expected, low, high = (numbers[column] for column in _RANGE)
        members = self._members(unit, mode)
        counted = int(self.votes[list(members), mode].sum()) if members else 0
        if unit not in self.place and unit not in self.first.regions:
            fix = suggestion(unit, [*self.place, *dict.fromkeys(self.first.regions)]) or "name a unit of that table"
            self._say(table, row, "unit", "no such unit", "units and regions are those of the registered voters", fix)
        elif state == "part" and unit not in self.place:
            self._say(table, row, "state", "a region cannot be out in part", "name the units that are", "")
        elif not members:
            self._say(table, row, "unit", f"nothing of {unit} is out", "a region's row has units without votes yet")
        elif state == "out" and counted:
            fix = "if more is to come the state is part"
            self._say(table, row, "state", f"{counted:,} votes of it are counted", "what is out has no votes yet", fix)
        elif (low is None) != (high is None) or (low is not None and high is not None and low >= high):
            self._say(table, row, "low" if "low" in table.columns else "unit", "half a range",
                      "low and high go together, and low is below high")  # fmt: skip
        elif low is not None and expected is not None:
            self._say(table, row, "expected", "both a number and a range", "expected, or low and high")
        else:
            everybody = int(self._registered[list(members)].sum()) if members else 0
            held = int(self.votes[list(members)].sum())
            most = max(x for x in (expected, high, low, 0) if x is not None)
            if held + most > everybody:
                rule = f"at most {everybody:,} registered, and {held:,} votes are counted"
                column = "expected" if expected is not None else "high" if high is not None else "unit"
                self._say(table, row, column, "more votes than registered voters", rule)
                return
            self.complete[list(members), mode] = False
            self.out.append(Out(unit, members, mode, state == "part", expected, low, high))

    @property
    def _registered(self) -> Int64Array:
        assert self.first.registered is not None
        return self.first.registered

    def _members(self, unit: str, mode: int) -> tuple[int, ...]:
        if unit in self.place:
            return (self.place[unit],)
        inside = [i for i, region in enumerate(self.first.regions) if region == unit]
        return tuple(i for i in inside if not self.votes[i, mode].any() and self.complete[i, mode])

    def _say(self, table: Table, row: int, column: str, what: str, rule: str, fix: str = "") -> None:
        self.problems.append(table.problem(row, column, what, rule, fix))

    def _every_unit_known(self) -> None:
        """A unit without any vote must be said to be out."""
        silent = ~self.votes.any(axis=(1, 2)) & self.complete.all(axis=1) & (self._registered > 0)
        for unit in np.flatnonzero(silent):
            rule = "a unit without votes is named in the status table: out, or counted if nobody voted"
            name = self.first.units[unit]
            if not any(name == seen for seen, _ in self._seen):
                self.problems.append(Problem(self.results.name, 0, 0, f"no word of {name}", rule, name, "add a row"))

    def _every_mode_known(self) -> None:
        """A mode of which a region has no vote must be said to be out there, or counted."""
        regions = np.array(self.first.regions)
        for region in dict.fromkeys(self.first.regions):
            inside = regions == region
            places = {region, *(unit for unit, held in zip(self.first.units, inside, strict=True) if held)}
            for m, mode in enumerate(self.modes):
                silent = not self.votes[inside, m].any() and bool(self._registered[inside].any())
                if silent and not any((place, mode) in self._seen for place in places):
                    where = f" in {region}" if region else ""
                    rule = "a mode without votes is named in the status table: out, or counted if nobody used it"
                    got = f"no votes and no row for {mode}{where}"
                    self.problems.append(
                        Problem(self.results.name, 0, 0, f"no word of {mode}{where}", rule, got, "add a row")
                    )

    def _sizes_known(self, table: Table) -> None:
        """A mode of which nothing is complete needs a size."""
        for out in self.out:
            mode = self.modes[out.mode]
            known = bool(self.complete[:, out.mode].any())
            if not known and out.expected is None and out.low is None and mode not in self.sized:
                rule = f"expected, or low and high; or a size of all of it in [counting.modes.{mode or '...'}]"
                row = self._seen[out.place, mode]
                self._say(table, row, "unit", f"how many votes? nothing of {mode or 'this'} is complete yet", rule)

    def baseline(self, table: Table) -> Baseline | None:
        """The earlier election, in the order of units."""
        numbers = [c for c in ("first", "second", "ballots", "registered") if c in table.columns]
        values = {column: np.zeros(len(self.place)) for column in numbers}
        seen: set[str] = set()
        for row in range(len(table.lines)):
            unit = _normal(table.columns["unit"][row])
            found = [number_problem(table, row, column) for column in numbers]
            self.problems += [problem for problem in found if problem is not None]
            if unit in self.place and not any(found):
                seen.add(unit)
                for column in numbers:
                    values[column][self.place[unit]] = int(table.columns[column][row])
        for unit in [unit for unit in self.place if unit not in seen][:MOST_PROBLEMS]:
            rule = "the baseline has a row for each unit"
            self.problems.append(Problem(table.name, 0, 0, f"no row for {unit}", rule, unit, "add it"))
        return Baseline(values["first"], values["second"], values.get("ballots"), values.get("registered"))

    def compare(self, previous: Table) -> None:
        """Counts do not go backwards."""
        for row in range(len(previous.lines)):
            names: Sequence[str] = [_normal(previous.columns[c][row]) for c in ("unit", "candidate")]
            problem = number_problem(previous, row, "votes")
            mode = _mode(previous, row)
            if problem is not None or names[0] not in self.place or names[1] not in self.name:
                self._say(previous, row, "unit", "not in the present results", "units and candidates stay")
                continue
            then = int(previous.columns["votes"][row])
            at = self.place[names[0]], self.name[names[1]]
            now = int(self.votes[at[0], self.modes.index(mode), at[1]]) if mode in self.modes else 0
            if now < then:
                what = f"{names[1]} had {then:,} votes and now has {now:,}"
                fix = "a corrected count? then take `previous` away"
                self._say(previous, row, "votes", what, "counts do not go down", fix)
