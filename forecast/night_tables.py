"""A runoff's votes as they come in: a table of units, candidates, modes and votes, checked row by row.

A *cell* is a unit's votes of one mode.  A cell is `complete`, `partial` or `out`: the status column says
which; without one, a cell that has rows is complete, and one without rows is out.  So is a unit, or a mode, that
has not one vote: feeds are often filled with zeros beforehand.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from forecast.errors import InputError, Problem, suggestion
from forecast.race import Int64Array
from forecast.results import name_problem, number_problem
from forecast.tables import MOST_PROBLEMS, Table, read_table

if TYPE_CHECKING:
    from forecast.runfile import LoadedRun

OUT, PARTIAL, COMPLETE = 0, 1, 2
STATES = {"out": OUT, "partial": PARTIAL, "complete": COMPLETE}
NO_MODE = ""
_RESULTS = ("unit", "candidate", "votes")
_RESULTS_MAY = ("region", "party", "bloc", "mode", "status")


@dataclass(frozen=True, slots=True)
class FirstModes:
    """The first round by mode, where its table has them.

    modes : names, in order of the table.  votes : int64[U, M, C], candidates in order of the first round's.
    """

    modes: tuple[str, ...]
    votes: Int64Array


@dataclass(frozen=True, slots=True)
class Reported:
    """What has been reported of a runoff.

    modes : (NO_MODE,) where votes are not told by mode.
    votes : int64[U, M, K], finalists in order.  state : int64[U, M], of OUT, PARTIAL, COMPLETE.
    source : name and sha256 of the table.
    """

    modes: tuple[str, ...]
    votes: Int64Array
    state: Int64Array
    source: tuple[str, str]


def first_modes(loaded: LoadedRun, folder: Path) -> FirstModes | None:
    """The first round by mode from the table that `load` has checked, or None where it has no modes."""
    table = read_table(folder / loaded.run_file.results.table, _RESULTS, ("region", "party", "bloc", "mode"))
    if "mode" not in table.columns:
        return None
    modes = list(dict.fromkeys(_normal(name) for name in table.columns["mode"]))
    first = loaded.first_round
    unit = {name: i for i, name in enumerate(first.units)}
    candidate = {c.name: i for i, c in enumerate(first.candidates)}
    mode = {name: i for i, name in enumerate(modes)}
    votes = np.zeros((len(unit), len(modes), len(candidate)), np.int64)
    columns = (table.columns[name] for name in ("unit", "mode", "candidate", "votes"))
    for u, m, c, number in zip(*columns, strict=True):
        votes[unit[_normal(u)], mode[_normal(m)], candidate[_normal(c)]] += int(number)
    return FirstModes(tuple(modes), votes)


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
    table = read_table(path, _RESULTS, _RESULTS_MAY)
    reader = _Reader(loaded, table, first)
    if previous is not None:
        reader.compare(_Reader(loaded, read_table(previous, _RESULTS, _RESULTS_MAY), first))
    if reader.problems:
        raise InputError(reader.problems[:MOST_PROBLEMS])
    return Reported(reader.modes, reader.votes, reader.state, (path.name, table.sha256))


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name)


class _Reader:
    """The table row by row; collects what is wrong."""

    def __init__(self, loaded: LoadedRun, table: Table, first: FirstModes | None) -> None:
        self.loaded, self.table = loaded, table
        self.units = loaded.first_round.units
        self.place = {unit: i for i, unit in enumerate(self.units)}
        self.finalist = {name: k for k, name in enumerate(loaded.finalists)}
        self.modes = self._modes(first)
        self.problems: list[Problem] = []
        shape = (len(self.units), len(self.modes))
        self.votes = np.zeros((*shape, len(self.finalist)), np.int64)
        self.state = np.full(shape, OUT, np.int64)
        self.row_of: dict[tuple[int, int, int], int] = {}
        for row in range(len(table.lines)):
            self._row(row)
        if "status" not in table.columns:
            self.state[self.votes.sum(axis=(1, 2)) == 0] = OUT
            self.state[:, self.votes.sum(axis=(0, 2)) == 0] = OUT
        if not self.problems:
            self._whole()

    def _modes(self, first: FirstModes | None) -> tuple[str, ...]:
        if "mode" not in self.table.columns:
            return (NO_MODE,)
        said = self.loaded.run_file.night.modes
        if said is not None:
            return tuple(_normal(name) for name in said)
        if first is not None:
            return first.modes
        return tuple(dict.fromkeys(_normal(name) for name in self.table.columns["mode"]))

    def _row(self, row: int) -> None:
        table, columns = self.table, self.table.columns
        found = [name_problem(table, row, "unit"), name_problem(table, row, "candidate")]
        found += [number_problem(table, row, "votes")]
        unit, candidate = _normal(columns["unit"][row]), _normal(columns["candidate"][row])
        mode = _normal(columns["mode"][row]) if "mode" in columns else NO_MODE
        status = columns["status"][row].strip() if "status" in columns else "complete"
        checks = (
            ("unit", unit, self.place, "no such unit in the first round", "units are those of its table"),
            ("candidate", candidate, self.finalist, "not a finalist", f"finalists are {', '.join(self.finalist)}"),
            ("mode", mode, dict.fromkeys(self.modes), "unknown mode", f"modes are {', '.join(self.modes)}"),
            ("status", status, STATES, "unknown status", f"a status is {', '.join(STATES)}"),
        )
        for column, value, known, what, rule in checks:
            if value not in known and not any(found[:2]):
                found.append(table.problem(row, column, what, rule, suggestion(value, list(known))))
        if any(found):
            self.problems += [problem for problem in found if problem is not None]
            return
        u, m, k = self.place[unit], self.modes.index(mode), self.finalist[candidate]
        votes, state = int(columns["votes"][row]), STATES[status]
        earlier = self.row_of.setdefault((u, m, k), row)
        others = [self.row_of[u, m, j] for j in range(len(self.finalist)) if j != k and (u, m, j) in self.row_of]
        if earlier != row:
            fix = f"the first is in line {table.lines[earlier]}"
            what = f"a second row for {candidate} in {unit}{_of(mode)}"
            self._say(row, "unit", what, "one row per unit, candidate and mode", fix)
        elif others and self.state[u, m] != state:
            self._say(row, "status", f"two statuses for {unit}{_of(mode)}", "the candidates of a cell have one status")
        elif state == OUT and votes:
            self._say(row, "votes", f"{votes:,} votes of what is out", "what is out has no votes yet",
                      "if more is to come the status is partial")  # fmt: skip
        self.state[u, m] = state
        self.votes[u, m, k] = votes

    def _whole(self) -> None:
        """Cells have a row for each finalist, and units no more votes than voters."""
        registered = self.loaded.first_round.registered
        cells: dict[tuple[int, int], list[int]] = {}
        for (u, m, _), row in self.row_of.items():
            cells.setdefault((u, m), []).append(row)
        for (u, m), rows in cells.items():
            missing = [name for name, k in self.finalist.items() if (u, m, k) not in self.row_of]
            if missing and self.state[u, m] != OUT:
                rule = "a row for each finalist; 0 where nobody chose one"
                what = f"no row for {missing[0]} in {self.units[u]}{_of(self.modes[m])}"
                self._say(max(rows), "candidate", what, rule)
        if registered is None:
            return
        for u in np.flatnonzero(self.votes.sum(axis=(1, 2)) > registered).tolist():
            row = max(max(rows) for (place, _), rows in cells.items() if place == u)
            rule = f"at most {int(registered[u]):,} registered voters in {self.units[u]}"
            got = f"{int(self.votes[u].sum()):,} votes in {self.units[u]}: more than registered voters"
            self._say(row, "votes", got, rule, "if the roll has grown, name the new one in [results] registered")

    def _say(self, row: int, column: str, what: str, rule: str, fix: str = "") -> None:
        self.problems.append(self.table.problem(row, column, what, rule, fix))

    def compare(self, before: _Reader) -> None:
        """Counts do not go backwards."""
        self.problems += before.problems
        if self.problems:
            return
        if before.modes == self.modes:
            then, now = before.votes, self.votes
        else:  # told by mode at one hour only
            then, now = before.votes.sum(axis=1, keepdims=True), self.votes.sum(axis=1, keepdims=True)
        names = list(self.finalist)
        for u, m, k in np.argwhere(now < then):
            mode = _of(self.modes[m]) if before.modes == self.modes else ""
            what = f"{names[k]} had {int(then[u, m, k]):,} votes in {self.units[u]}{mode}, now {int(now[u, m, k]):,}"
            at = self.row_of.get((int(u), int(m), int(k)))
            fix = "a corrected count? then take `previous` away"
            if at is not None:
                self._say(at, "votes", what, "counts do not go down", fix)
            else:
                self.problems.append(Problem(self.table.name, 0, 0, what, "counts do not go down", "no row", fix))


def _of(mode: str) -> str:
    return f", {mode}" if mode else ""
