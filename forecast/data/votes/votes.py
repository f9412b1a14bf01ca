"""Tables of votes, a row a unit, mode and candidate: the one reader of results, of earlier hours, of a runoff's night.

Cells are read a column at a time, each spelling once, so that reading is linear in rows.  Units, modes and candidates
come in order of name, whatever the order of rows.  What a table as a whole cannot mean is
`runoff.data.votes.votes_checks`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from runoff import names
from runoff.data.tables import cells
from runoff.data.tables.table import MOST_PROBLEMS, Table, read_table
from runoff.data.votes import words
from runoff.data.votes.places import Unit
from runoff.errors import InputError, Problem, suggestion
from runoff.names import key
from runoff.race import Int64Array

OUT, PARTIAL, COMPLETE = 0, 1, 2
_SOME = "partial where more is to come, out where nothing is counted yet, complete where nothing is out"
STATES = {"out": OUT, "partial": PARTIAL, "complete": COMPLETE}
STATE_WORDS = {
    **STATES,
    **dict.fromkeys(("pending", "waiting", "not reported", "no results", "not counted"), OUT),
    **dict.fromkeys(("part", "incomplete", "in progress", "counting", "partially reported", "preliminary"), PARTIAL),
    **dict.fromkeys(("counted", "final", "finished", "done", "fully reported", "official"), COMPLETE),
}  # as feeds have them
NO_MODE = ""
NO_ROW = -1
REQUIRED = ("unit", "candidate", "votes")
OPTIONAL = ("region", "party", "bloc", "mode", "status")
T = TypeVar("T", str, Unit)
_MOST_CELLS = 100_000_000  # units x modes x candidates


@dataclass(frozen=True, slots=True)
class Votes:
    """A table of votes.

    units, modes, candidates : in order of name; modes is (NO_MODE,) where the table has none.
    votes : int64[U, M, C].  row : int64[U, M, C], the row of the table, NO_ROW where there is none.
    state : int64[U, M], of OUT, PARTIAL, COMPLETE as the status column says; -1 where it does not.
    party, bloc : of each candidate, '' where the table does not say.  undropped : words of drop that no row has.
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """Names that the run file drops from its tables, or keeps although they look like no candidate, unit or mode."""

    drop: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()

    def dropped(self, name: str) -> bool:
        """Whether rows of this name are left out."""
        return names.same(name) in {names.same(word) for word in self.drop}

    def kept(self, name: str) -> bool:
        """Whether the user has said that the name is meant."""
        return names.same(name) in {names.same(word) for word in self.keep}


def read_votes(path: Path, wanted: Wanted, *, empty: bool = False) -> Votes:
    """The table at a path.

    empty : a header without rows is a table too.

    Raises
    ------
    MissingFileError : it is not there.
    InputError : with every problem of its rows.

    """
    table = read_table(path, REQUIRED, OPTIONAL, empty=empty)
    reader = _Reader(table, wanted)
    if reader.problems:
        raise InputError(reader.problems[:MOST_PROBLEMS])
    return reader.found()


@dataclass(frozen=True, slots=True)
class Column:
    """A column of names: `values` its different names, `code[row]` which of them a row has."""

    values: list[str]
    code: Int64Array


class _Reader:
    """The table, column by column; what is wrong goes to `problems`."""

    def __init__(self, table: Table, wanted: Wanted) -> None:
        self.table, self.wanted = table, wanted
        self.problems: list[Problem] = []
        self.notes: list[str] = list(table.notes)
        self.rows = np.ones(len(table.lines), bool)  # those that are read
        self.unit = self.column("unit")
        self.candidate = self.column("candidate")
        self.mode = self.column("mode", folded=True)
        self.region = self.column("region", folded=True)
        self.party = self.column("party", folded=True)
        self.bloc = self.column("bloc", folded=True)
        self.status = self.column("status", folded=True)
        self._leave_out()
        self._known_words()
        self._regions_whole()
        self.states = self._states()
        self.votes = self._numbers()

    def column(self, name: str, *, folded: bool = False) -> Column:
        """A column's names; `folded` where capitals and blanks cannot matter, and cells may be empty."""
        texts = self.table.columns.get(name)
        if texts is None:
            return Column([""], np.zeros(len(self.table.lines), np.int64))
        place: dict[str, int] = {}
        code = np.fromiter((place.setdefault(text, len(place)) for text in texts), np.int64, len(texts))
        wrong = {text: names.problem(text) for text in place if text or not folded}
        bad = [place[text] for text, found in wrong.items() if found]
        for row in np.flatnonzero(np.isin(code, bad))[:MOST_PROBLEMS].tolist() if bad else []:
            what, rule, fix = wrong[texts[row]] or ("", "", "")
            self.say(row, name, f"{what} {'the ' if what != 'empty' else ''}{name}", rule, fix)
        merged, values = _merged(list(place), code, names.same if folded else names.said)
        if folded:
            self.notes += [
                f"{name} {values[0]} is also written {', '.join(values[1:])}: taken as one" for values in merged
            ]
        kept = {spelling: i for i, spelling in enumerate(dict.fromkeys(values))}
        return Column(list(kept), np.array([kept[value] for value in values], np.int64)[code])

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
            self.say(
                row, "region", f"no region for {name}, which has one in other rows", "one region for a unit", "give it"
            )

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
        place: dict[str, int] = {}
        code = np.fromiter((place.setdefault(text, len(place)) for text in texts), np.int64, len(texts))
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
        unit_order, unit = _in_order(places, pairs[1].reshape(-1))
        mode_order, mode = _in_order(self.mode.values, self.mode.code[kept])
        candidate_order, candidate = _in_order(self.candidate.values, self.candidate.code[kept])
        shape = (len(unit_order), max(len(mode_order), 1), len(candidate_order))
        if shape[0] * shape[1] * shape[2] > _MOST_CELLS:
            got = " x ".join(f"{n:,}" for n in shape)
            rule = f"units x modes x candidates are at most {_MOST_CELLS:,}"
            raise InputError.single(
                self.table.name, "the table is too large", rule=rule, got=got, fix="sum small units"
            )
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
            self.table, tuple(unit_order), tuple(mode_order) or (NO_MODE,), tuple(candidate_order), votes, rows, state,
            tuple(party), tuple(bloc), tuple(self.notes), self.undropped,
        )  # fmt: skip

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


def _merged(
    spellings: Sequence[str], code: Int64Array, form: Callable[[str], str]
) -> tuple[list[list[str]], list[str]]:
    """Groups of spellings that are one, and for each spelling the one that stands for it: the commonest.

    A group lists its spellings, that one first.
    """
    count = np.bincount(code, minlength=len(spellings))
    groups: dict[str, list[int]] = {}
    for i, text in enumerate(spellings):
        groups.setdefault(form(text), []).append(i)
    chosen = [names.said(text) for text in spellings]
    merged = []
    for members in groups.values():
        ways: dict[str, int] = {}
        for i in members:
            ways[chosen[i]] = ways.get(chosen[i], 0) + int(count[i])
        order = sorted(ways, key=lambda way: (-ways[way], way))
        if len(order) > 1:
            merged.append(order)
        for i in members:
            chosen[i] = order[0]
    return sorted(merged), chosen


def _in_order(values: Iterable[T], code: Int64Array) -> tuple[list[T], Int64Array]:
    """The values that are used, sorted, and the codes among them."""
    values = list(values)
    used = np.unique(code)
    keys: dict[int, Any] = {i: v.order if isinstance(v := values[i], Unit) else (key(v),) for i in used.tolist()}
    order = sorted(used.tolist(), key=lambda i: keys[i])
    place: Mapping[int, int] = {i: n for n, i in enumerate(order)}
    lookup = np.zeros(len(values), np.int64)
    for i, n in place.items():
        lookup[i] = n
    return [values[i] for i in order], lookup[code]
