"""The first round from its tables: whole votes by unit and candidate, registered voters, every row checked."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from forecast.errors import InputError, Problem
from forecast.race import Candidate, FirstRound, Int64Array
from forecast.tables import MOST_PROBLEMS, Table, read_table

MOST_VOTES = 2**31 - 1  # in one row: votes are 32-bit in the kernel
_REQUIRED = ("unit", "candidate", "votes")
_OPTIONAL = ("region", "party", "bloc", "mode")


def read_first_round(
    results: Path, registered: Path | None, by: str, race_id: str, *, final: bool = True
) -> FirstRound:
    """The first round of a results table and, where given, of a table of registered voters.

    Where it is not `final`, units and all votes may be missing from the results.

    Raises
    ------
    InputError : with every problem of both tables.
    MissingFileError : a table is not there.

    """
    problems: list[Problem] = []
    counted = electorate = None
    try:
        counted = _Counted(read_table(results, _REQUIRED, _OPTIONAL))
        problems += counted.problems
    except InputError as error:
        problems += error.problems
    if registered is not None:
        try:
            electorate = _Electorate(read_table(registered, ("unit", "registered"), ("ballots", "region")))
            problems += electorate.problems
        except InputError as error:
            problems += error.problems
    if counted is not None and not problems:
        problems += counted.totals_problems(final)
        if electorate is not None and not problems:
            problems += electorate.mismatches(counted, final)
    if problems or counted is None:
        raise InputError(problems)
    return _first_round(counted, electorate, by, race_id)


def _number(text: str) -> int | None:
    """A whole number of plain digits, or None."""
    text = text.strip()
    if not text.isascii() or not text.removeprefix("-").isdigit() or len(text) > 15:
        return None
    return int(text)


def number_problem(table: Table, row: int, column: str) -> Problem | None:
    """What is wrong with a cell that should hold a whole number from 0, if anything."""
    text = table.columns[column][row].strip()
    value = _number(text)
    rule = f"{column} are whole numbers from 0 to {MOST_VOTES:,}"
    if value is not None and 0 <= value <= MOST_VOTES:
        return None
    if value is not None:
        what = f"negative {column}" if value < 0 else f"too many {column}"
        return table.problem(row, column, what, rule)
    fix = "write plain digits"
    if "," in text or " " in text or "\u00a0" in text or "_" in text:
        fix = "write the number without separators"
    elif not text:
        fix = "write 0 for none"
    elif "." in text:
        fix = "votes are counted in whole people: give the count, not a share"
    return table.problem(row, column, f"{column} is not a whole number", rule, fix)


def name_problem(table: Table, row: int, column: str) -> Problem | None:
    """What is wrong with a name, if anything: empty, spaces around it, control characters."""
    text = table.columns[column][row]
    rule = "names have no spaces around them and no control characters"
    if not text.strip():
        return table.problem(row, column, f"empty {column}", rule, "give the name")
    if text != text.strip():
        return table.problem(row, column, f"space around the {column}", rule, "take the space away")
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp", "Cs") for character in text):
        return table.problem(row, column, f"control character in the {column}", rule, "take it out")
    return None


class _Counted:
    """The results table, row by row."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.problems: list[Problem] = []
        self.votes: dict[tuple[str, str], int] = {}
        self.party: dict[str, str] = {}
        self.bloc: dict[str, str] = {}
        self.region: dict[str, str] = {}
        self.first_row: dict[str, int] = {}
        if not {"party", "bloc"} & set(table.order):
            have = ", ".join(table.order)
            self.problems.append(
                Problem(
                    table.name,
                    1,
                    1,
                    "no column party or bloc",
                    "party or bloc is needed",
                    have,
                    "",
                    _header(table),
                )
            )
        seen: dict[tuple[str, str, str], int] = {}
        for row in range(len(table.lines)):
            self._row(row, seen)
            if len(self.problems) >= MOST_PROBLEMS:
                break

    def _row(self, row: int, seen: dict[tuple[str, str, str], int]) -> None:
        table, columns = self.table, self.table.columns
        found = [name_problem(table, row, column) for column in ("unit", "candidate")]
        found.append(number_problem(table, row, "votes"))
        if any(found):
            self.problems += [problem for problem in found if problem is not None]
            return
        unit, candidate = _normal(columns["unit"][row]), _normal(columns["candidate"][row])
        mode = columns["mode"][row] if "mode" in columns else ""
        earlier = seen.setdefault((unit, candidate, mode), row)
        if earlier != row:
            what = f"a second row for {candidate} in {unit}" + (f", {mode}" if mode else "")
            rule = "one row per unit, candidate and mode" if "mode" in columns else "one row per unit and candidate"
            fix = f"the first is in line {table.lines[earlier]}" if table.text else f"the first is row {earlier + 1}"
            self.problems.append(table.problem(row, "candidate", what, rule, fix))
            return
        self.first_row.setdefault(candidate, row)
        votes = _number(columns["votes"][row])
        assert votes is not None
        self.votes[unit, candidate] = self.votes.get((unit, candidate), 0) + votes
        for column, known, key in (
            ("party", self.party, candidate),
            ("bloc", self.bloc, candidate),
            ("region", self.region, unit),
        ):
            if column in columns:
                value = _normal(columns[column][row])
                if known.setdefault(key, value) != value:
                    what = f"{column} of {key} differs from earlier rows"
                    fix = f"it was {known[key] or 'empty'} before"
                    self.problems.append(table.problem(row, column, what, f"one {column} for {key}", fix))

    def totals_problems(self, final: bool) -> list[Problem]:
        """Sums that no race can have."""
        total = sum(self.votes.values())
        if total == 0 and final:
            return [Problem(self.table.name, 0, 0, "nobody voted", "at least one vote", "0 votes")]
        if total > MOST_VOTES:
            return [Problem(self.table.name, 0, 0, "too many votes", f"at most {MOST_VOTES:,} in all", f"{total:,}")]
        return []

    def units(self) -> list[str]:
        """Units in order of the table."""
        return list(dict.fromkeys(unit for unit, _ in self.votes))

    def candidates(self) -> list[Candidate]:
        """Candidates, most votes first, then by name."""
        totals: dict[str, int] = {}
        for (_, candidate), votes in self.votes.items():
            totals[candidate] = totals.get(candidate, 0) + votes
        names = sorted(totals, key=lambda name: (-totals[name], name))
        return [Candidate(name, self.party.get(name, ""), self._bloc(name)) for name in names]

    def _bloc(self, name: str) -> str:
        return self.bloc.get(name) or self.party.get(name) or name


class _Electorate:
    """The table of registered voters, row by row."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.problems: list[Problem] = []
        self.row: dict[str, int] = {}
        self.registered: dict[str, int] = {}
        self.region: dict[str, str] = {}
        self.ballots: dict[str, int] = {}
        columns = table.columns
        numbers = [column for column in ("registered", "ballots") if column in columns]
        for row in range(len(table.lines)):
            found = [
                name_problem(table, row, "unit"),
                *(number_problem(table, row, column) for column in numbers),
            ]
            if any(found):
                self.problems += [problem for problem in found if problem is not None]
                continue
            unit = _normal(columns["unit"][row])
            if unit in self.row:
                fix = f"the first is in line {table.lines[self.row[unit]]}"
                self.problems.append(table.problem(row, "unit", f"a second row for {unit}", "one row per unit", fix))
                continue
            self.row[unit] = row
            self.region[unit] = _normal(columns["region"][row]) if "region" in columns else ""
            self.registered[unit] = _number(columns["registered"][row]) or 0
            if "ballots" in columns:
                self.ballots[unit] = _number(columns["ballots"][row]) or 0
            if len(self.problems) >= MOST_PROBLEMS:
                break

    def mismatches(self, counted: _Counted, final: bool) -> list[Problem]:
        """Units that are in one table only, and registered < ballots < votes."""
        votes: dict[str, int] = {}
        for (unit, _), count in counted.votes.items():
            votes[unit] = votes.get(unit, 0) + count
        problems = [
            self.table.problem(
                self.row[unit], "unit", f"{unit} is not in the results", "both tables have the same units"
            )
            for unit in self.row
            if unit not in votes and final
        ]
        for unit, count in votes.items():
            if unit not in self.row:
                problems.append(
                    Problem(
                        self.table.name,
                        0,
                        0,
                        f"no row for {unit}",
                        "both tables have the same units",
                        unit,
                        "add it",
                    )
                )
                continue
            ballots = self.ballots.get(unit, count)
            if ballots < count:
                what = f"fewer ballots than votes in {unit}"
                problems.append(self.table.problem(self.row[unit], "ballots", what, f"at least {count:,} ballots"))
            elif self.registered[unit] < ballots:
                what = f"fewer registered than ballots in {unit}"
                problems.append(
                    self.table.problem(self.row[unit], "registered", what, f"at least {ballots:,} registered")
                )
        return problems[:MOST_PROBLEMS]


def _header(table: Table) -> str:
    return table.text[0] if table.text else ""


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _first_round(counted: _Counted, electorate: _Electorate | None, by: str, race_id: str) -> FirstRound:
    units, candidates = counted.units(), counted.candidates()
    units += [unit for unit in (electorate.row if electorate is not None else ()) if unit not in set(units)]
    row = {unit: i for i, unit in enumerate(units)}
    column = {candidate.name: i for i, candidate in enumerate(candidates)}
    votes = np.zeros((len(units), len(candidates)), np.int64)
    for (unit, candidate), count in counted.votes.items():
        votes[row[unit], column[candidate]] = count
    sources = [(Path(counted.table.name).name, counted.table.sha256)]
    registered, ballots = None, votes.sum(axis=1)
    if electorate is not None:
        sources.append((Path(electorate.table.name).name, electorate.table.sha256))
        registered = np.array([electorate.registered[unit] for unit in units], np.int64)
        if electorate.ballots:
            ballots = np.array([electorate.ballots[unit] for unit in units], np.int64)
    regions = [counted.region.get(unit) or (electorate.region.get(unit, "") if electorate else "") for unit in units]
    labels = {"unit": units, "region": regions, "race": [race_id] * len(units)}[by]
    names = list(dict.fromkeys(labels))
    grouped = np.array([names.index(label) for label in labels]) if by != "unit" else np.arange(len(units))
    return FirstRound(
        candidates=tuple(candidates),
        units=tuple(names),
        regions=tuple(regions if by == "unit" else names if by == "region" else [""]),
        votes=_summed(votes, grouped, len(names)),
        registered=None if registered is None else _summed(registered, grouped, len(names)),
        ballots=_summed(ballots, grouped, len(names)),
        sources=tuple(sources),
    )


def _summed(values: Int64Array, group: Sequence[int] | Int64Array, n: int) -> Int64Array:
    """Rows summed by group."""
    result = np.zeros((n, *values.shape[1:]), np.int64)
    np.add.at(result, np.asarray(group), values)
    return result
