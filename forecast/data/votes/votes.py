"""Tables of votes, a row a unit, mode and candidate: the one reader of results, of earlier hours, of a runoff's night.

Cells are read a column at a time, each spelling once, so that reading is linear in rows.  Units, modes and candidates
come in order of name, whatever the order of rows.  What a table as a whole cannot mean is
`runoff.data.votes.checks.whole`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from runoff import names
from runoff.data.tables import cells
from runoff.data.tables.table import MOST_PROBLEMS, Table, read_table
from runoff.data.votes import words
from runoff.data.votes.columns import coded, in_order, names_of
from runoff.data.votes.places import Unit
from runoff.data.votes.words import OUT, STATE_WORDS, STATES, Wanted
from runoff.errors import InputError, Problem, suggestion
from runoff.names import key
from runoff.race import Int64Array

_SOME = "partial where more is to come, out where nothing is counted yet, complete where nothing is out"
NO_MODE = ""
NO_ROW = -1
REQUIRED = ("unit", "candidate", "votes")
OPTIONAL = ("region", "party", "bloc", "mode", "status")
_MOST_CELLS = 100_000_000  # units x modes x candidates


@dataclass(frozen=True, slots=True)
class Votes:
    """A table of votes.

    units, modes, candidates : in order of name; modes is (NO_MODE,) where the table has none.
    votes : int64[U, M, C].  row : int64[U, M, C], the row of the table, NO_ROW where there is none.
    state : int64[U, M], of OUT, PARTIAL, COMPLETE as the status column says; -1 where it does not.
    party, bloc : of each candidate, '' where the table does not say.  undropped : words of drop that no row has.
    ballot : name and sha256 of the table that says what a count leaves out (`runoff.data.votes.ballot`), or None;
    modes_told : it names modes.
    """

    table: Table
    units: tuple[Unit, ...]
    modes: tuple[str, ...]
    candidates: tuple[str, ...]
    votes: Int64Array
    row: Int64Array
    state: Int64Array
    party: tuple[str, ...]
    bloc: tuple[str, ...]
    notes: tuple[str, ...]
    undropped: tuple[str, ...] = ()
    ballot: tuple[str, str] | None = None
    modes_told: bool = False

    @property
    def source(self) -> tuple[str, str]:
        """Name and sha256 of the file."""
        return Path(self.table.name).name, self.table.sha256

    def row_of(self, unit: int | None = None, mode: int | None = None, candidate: int | None = None) -> int:
        """The first row of a unit, a mode, a candidate, or of all that are named."""
        inside = self.row[
            slice(None) if unit is None else slice(unit, unit + 1),
            slice(None) if mode is None else slice(mode, mode + 1),
            slice(None) if candidate is None else slice(candidate, candidate + 1),
        ]
        return int(inside[inside >= 0].min(initial=len(self.table.lines) - 1))

    def reported(self) -> Int64Array:
        """int64[U, M], which cells have a row: 1 or 0."""
        return np.asarray((self.row >= 0).any(axis=2), np.int64)


def read_votes(path: Path, wanted: Wanted, *, empty: bool = False, also: Sequence[str] = ()) -> Votes:
    """The table at a path.

    empty : a header without rows is a table too.  also : columns that its reader looks at besides.

    Raises
    ------
    MissingFileError : it is not there.
    InputError : with every problem of its rows.
    """
    table = read_table(path, REQUIRED, (*OPTIONAL, *also), empty=empty, shape=wanted.shape.of_votes())
    reader = _Reader(table, wanted)
    if reader.problems:
        raise InputError(reader.problems[:MOST_PROBLEMS])
    return reader.found()


class _Reader:
    """The table, column by column; what is wrong goes to `problems`."""

    def __init__(self, table: Table, wanted: Wanted) -> None:
        self.table, self.wanted = table, wanted
        self.problems: list[Problem] = []
        self.notes: list[str] = list(table.notes)
        self.rows = np.ones(len(table.lines), bool)  # those that are read
        self.unit, self.candidate = (
            names_of(table, name, self.problems, self.notes, folded=False) for name in ("unit", "candidate")
        )
        self.mode, self.region, self.party, self.bloc, self.status = (
            names_of(table, name, self.problems, self.notes, folded=True)
            for name in ("mode", "region", "party", "bloc", "status")
        )
        self._leave_out()
        self._known_words()
        self._regions_whole()
        self.states = self._states()
        self.votes = self._numbers()

    def say(self, row: int, column: str, what: str, rule: str, fix: str = "") -> None:
        """Add a problem with a cell."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(self.table.problem(row, column, what, rule, fix))

    def _leave_out(self) -> None:
        """Rows whose candidate, unit or mode the run file drops."""
        for column in (self.candidate, self.unit, self.mode):
            gone = [i for i, value in enumerate(column.values) if value and self.wanted.dropped(value)]
            if gone:
                self.rows &= ~np.isin(column.code, gone)
        met = {names.same(value) for column in (self.candidate, self.unit, self.mode) for value in column.values}
        self.undropped = tuple(word for word in self.wanted.drop if names.same(word) not in met)

    def _known_words(self) -> None:
        """A name that means a total, no vote or people on the roll is no candidate, unit or mode."""
        for name, column in (("candidate", self.candidate), ("unit", self.unit), ("mode", self.mode)):
            for i, value in enumerate(column.values):
                meaning = words.meaning(value, name) if value else ""
                if meaning and not self.wanted.kept(value) and len(column.values) > 1:
                    at = np.flatnonzero((column.code == i) & self.rows)
                    if at.size:
                        what = f"{value}: {meaning}, it seems, and not a {name}"
                        rule = f"a {name} is one: totals, and votes for nobody, are not added to the rest"
                        fix = f'[results] drop = ["{value}"] leaves its {at.size:,} rows out; '
                        fix += f'keep = ["{value}"] if it is a {name}'
                        self.say(int(at[0]), name, what, rule, fix)

    def _regions_whole(self) -> None:
        """A unit's rows tell its region, all of them or none."""
        if "region" not in self.table.columns:
            return
        without = [i for i, value in enumerate(self.region.values) if not value]
        bare = np.isin(self.region.code, without)
        both = np.intersect1d(self.unit.code[bare], self.unit.code[~bare])
        for row in np.flatnonzero(bare & np.isin(self.unit.code, both))[:MOST_PROBLEMS].tolist():
            name = self.unit.values[self.unit.code[row]]
            what = f"no region for {name}, which has one in other rows"
            self.say(row, "region", what, "one region for a unit", "give it")

    def _states(self) -> Int64Array:
        """int64[rows], the status of each row; -1 where the table does not say."""
        state = [STATE_WORDS.get(names.same(value), NO_ROW) for value in self.status.values]
        for i, value in enumerate(self.status.values):
            if value and state[i] == NO_ROW:
                row = int(np.flatnonzero(self.status.code == i)[0])
                rule = f"a status is {', '.join(STATES)}"
                self.say(row, "status", "unknown status", rule, suggestion(value, STATE_WORDS) or _SOME)
        return np.array(state, np.int64)[self.status.code]

    def _numbers(self) -> Int64Array:
        """int64[rows], the votes; a row that is out need not have any."""
        texts = self.table.columns["votes"]
        place, code = coded(texts)
        _, first = np.unique(code, return_index=True)
        read = [cells.whole(self.table, int(row), "votes", []) for row in first]
        waiting = np.isin(code, [i for text, i in place.items() if not text.strip()]) & (self.states == OUT)
        bad = np.isin(code, [i for i, found in enumerate(read) if found is None]) & ~waiting & self.rows
        for row in np.flatnonzero(bad)[:MOST_PROBLEMS].tolist():
            if texts[row].strip():
                cells.whole(self.table, row, "votes", self.problems)
            else:
                fix = "write 0 for none; where nothing is known yet leave the row out, or give status out"
                self.say(row, "votes", "votes is empty", "votes in whole numbers; unknown is not none", fix)
        self.rows &= ~waiting
        return np.array([value or 0 for value in read], np.int64)[code]

    def found(self) -> Votes:
        """The table's arrays; only where nothing is wrong with its cells."""
        kept = np.flatnonzero(self.rows)
        regions, units = self.region.values, self.unit.values
        pairs = np.unique(np.stack([self.region.code[kept], self.unit.code[kept]]), axis=1, return_inverse=True)
        places = [Unit(regions[r], units[u]) for r, u in pairs[0].T.tolist()]
        unit_order, unit = in_order(places, pairs[1].reshape(-1), lambda unit: unit.order)
        mode_order, mode = in_order(self.mode.values, self.mode.code[kept], key)
        candidate_order, candidate = in_order(self.candidate.values, self.candidate.code[kept], key)
        shape = (len(unit_order), max(len(mode_order), 1), len(candidate_order))
        if shape[0] * shape[1] * shape[2] > _MOST_CELLS:
            got = " x ".join(f"{n:,}" for n in shape)
            rule = f"units x modes x candidates are at most {_MOST_CELLS:,}"
            what, fix = "the table is too large", "sum small units"
            raise InputError.single(self.table.name, what, rule=rule, got=got, fix=fix)
        flat = np.ravel_multi_index((unit, mode, candidate), shape) if kept.size else np.zeros(0, np.int64)
        self._twice(kept, flat)
        self._agree(kept, flat // shape[2], self.states, "status", lambda row: "a cell (a unit's votes of one mode)")
        for name, column in (("party", self.party), ("bloc", self.bloc)):
            self._agree(kept, candidate, column.code, name, lambda row: self.candidate.values[self.candidate.code[row]])
        if self.problems:
            raise InputError(self.problems)
        votes, rows = np.zeros(shape, np.int64), np.full(shape, NO_ROW, np.int64)
        votes.reshape(-1)[flat], rows.reshape(-1)[flat] = self.votes[kept], kept
        state = np.full(shape[:2], NO_ROW, np.int64)
        state.reshape(-1)[flat // shape[2]] = self.states[kept]
        party, bloc = [""] * shape[2], [""] * shape[2]
        for c, row in zip(candidate.tolist(), kept.tolist(), strict=True):
            party[c], bloc[c] = self.party.values[self.party.code[row]], self.bloc.values[self.bloc.code[row]]
        return Votes(
            table=self.table,
            units=tuple(unit_order),
            modes=tuple(mode_order) or (NO_MODE,),
            candidates=tuple(candidate_order),
            votes=votes,
            row=rows,
            state=state,
            party=tuple(party),
            bloc=tuple(bloc),
            notes=tuple(self.notes),
            undropped=self.undropped,
        )

    def _twice(self, kept: Int64Array, flat: Int64Array) -> None:
        """One row for each unit, candidate and mode."""
        _, first, inverse = np.unique(flat, return_index=True, return_inverse=True)
        for at in np.flatnonzero(first[inverse.reshape(-1)] != np.arange(flat.size))[:MOST_PROBLEMS].tolist():
            row, earlier = int(kept[at]), int(kept[first[inverse.reshape(-1)[at]]])
            unit, mode = (c.values[c.code[row]] for c in (self.unit, self.mode))
            candidate = self.candidate.values[self.candidate.code[row]]
            what = f"a second row for {candidate} in {unit}" + (f", {mode}" if mode else "")
            rule = "one row per unit, candidate and mode" if mode else "one row per unit and candidate"
            fix = f"the first is in {self.table.line(earlier)}: remove one of them"
            if self.votes[row] != self.votes[earlier]:
                fix = f"the first is in {self.table.line(earlier)}: remove one, or add up party lines or joined units"
            self.say(row, "candidate", what, rule, fix)

    def _agree(
        self, kept: Int64Array, key: Int64Array, value: Int64Array, column: str, whose: Callable[[int], str]
    ) -> None:
        """All rows of one key have one value."""
        if column not in self.table.columns:
            return
        _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
        before = kept[first][inverse.reshape(-1)]
        for at in np.flatnonzero(value[kept] != value[before])[:MOST_PROBLEMS].tolist():
            row, earlier = int(kept[at]), int(before[at])
            said = self.table.columns[column][earlier].strip() or "empty"
            fix = f"it is {said} in {self.table.line(earlier)}: write one of them in all rows"
            self.say(row, column, f"{column} of {whose(row)} differs from earlier rows", f"one {column} for it", fix)
