"""What every format is read as: rows of votes of one race, a roll, what was left out and why, and notes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from runoff import names
from runoff.data.tables.table import MOST_PROBLEMS
from runoff.data.votes import words
from runoff.errors import InputError, Problem, shown, suggestion

MOST_VOTES = 2**31 - 1
NOT_TOLD = "not_told"  # mode of votes that a file does not split, where it splits others
_BRACKET = re.compile(r"^(.*\S)\s*\(([^()]{1,12})\)$")
_WHOLE = re.compile(r"[0-9]{1,12}(\.0+)?")
_SIDES = frozenset(
    ["dem", "rep", "d", "r", "i", "ind", "lib", "l", "grn", "g", "np", "non", "npa", "con", "wor", "una", "ref", "inc"]
)
_FAMILY = {"dem": "democrat democratic d", "rep": "republican r", "lib": "libertarian l", "grn": "green g"}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which race of the files is meant: office and district as the format has them, and values of other columns."""

    office: str = ""
    district: str = ""
    where: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """Votes of a candidate in a unit and mode; None where nothing is known yet.  line : where it stands in its file."""

    region: str
    unit: str
    candidate: str
    party: str
    mode: str
    votes: int | None
    status: str = ""
    line: int = 0


@dataclass(slots=True)
class Imported:
    """A race as it was read.

    roll : registered voters and ballots of units (region, name), None where one is not known.  left_out : why, and
    how many rows.  day : of the election, where the files say it.  problems : what is wrong with the files.
    """

    race: str = ""
    rows: list[Row] = field(default_factory=list)
    roll: dict[tuple[str, str], tuple[int | None, int | None]] = field(default_factory=dict)
    left_out: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    day: dt.date | None = None
    problems: list[Problem] = field(default_factory=list)

    @property
    def candidates(self) -> list[str]:
        """Names of candidates, most votes first."""
        sums: dict[str, int] = {}
        for row in self.rows:
            sums[row.candidate] = sums.get(row.candidate, 0) + (row.votes or 0)
        return sorted(sums, key=lambda name: (-sums[name], name))

    @property
    def units(self) -> list[tuple[str, str]]:
        """Region and name of units, in the order of the files."""
        return list(dict.fromkeys((row.region, row.unit) for row in self.rows))

    @property
    def total(self) -> int:
        """All votes."""
        return sum(row.votes or 0 for row in self.rows)

    def leave(self, why: str, rows: int = 1) -> None:
        """Count what is left out."""
        self.left_out[why] = self.left_out.get(why, 0) + rows

    def say(self, file: str, line: int, what: str, rule: str, got: str, fix: str) -> None:
        """Add a problem with a line of a file."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(file, line, 1 if line else 0, what, rule, shown(got), fix))

    def whole(self, text: str, file: str, line: int, column: str) -> int:
        """A count of people; 0 with a problem where it is none."""
        text = text.strip()
        if _WHOLE.fullmatch(text) and int(text.partition(".")[0]) <= MOST_VOTES:
            return int(text.partition(".")[0])
        rule, fix = f"{column}: a whole number from 0 to {MOST_VOTES:,}", "write plain digits, without separators"
        self.say(file, line, f"{column} is not a whole number" if text else f"{column} is empty", rule, text, fix)
        return 0

    def checked(self) -> Imported:
        """The race, with each row once and what is told of it; only where nothing is wrong.

        Raises
        ------
        InputError : with every problem.
        """
        if not self.rows and not self.problems:
            self.say("the files", 0, "no votes were found", "a race has rows", self.race, "is it the right race?")
        if self.problems:
            raise InputError(self.problems)
        return self


def nobody(name: str) -> str:
    """What a name of a candidate says that is none: a total, votes for nobody, people on the roll; else ''."""
    return words.meaning(name, "candidate")


def is_total(name: str) -> bool:
    """Whether the name of a unit or mode says a total."""
    return words.meaning(name, "unit") != ""


def mode_of(name: str) -> str:
    """A mode's name as one word: 'Absentee by Mail' is absentee_by_mail."""
    return names.alike(name.replace("_", " ")).replace(" ", "_")


def name_and_party(text: str, party: str) -> tuple[str, str]:
    """A candidate's name without a party in brackets behind it: 'JON OSSOFF (DEM)', '(I) (Rep)'; and the party."""
    name = names.said(text)
    while match := _BRACKET.match(name):
        word, side = names.alike(match.group(2)), names.alike(party)
        if word not in _SIDES and word != side and word not in _FAMILY.get(side, "").split():
            break
        name = match.group(1)
        if not party and word not in ("i", "inc"):  # an incumbent
            party = match.group(2)
    return name, names.said(party)


def one_race(
    found: Iterable[tuple[str, str]], asked: Asked, file: str, *, labels: tuple[str, str] = ("--office", "--district")
) -> tuple[str, str]:
    """The office and district that are asked for, of those that there are.

    Raises
    ------
    InputError : none fits, or several do; with those that there are.
    """
    races = list(dict.fromkeys(found))
    fits = [
        (office, district)
        for office, district in races
        if (not asked.office or names.alike(office) == names.alike(asked.office))
        and (not asked.district or numbered(district) == numbered(asked.district))
    ]
    if len(fits) == 1:
        return fits[0]
    told = [f"{office} {district}".strip() for office, district in fits or races]
    near = suggestion(asked.office, [office for office, _ in races]) if asked.office and not fits else ""
    what = f"{len(fits):,} races fit" if fits else "no race fits"
    fix = near or f"choose with {labels[0]} and {labels[1]}: {names.listed(told, 12)}"
    got = f"{asked.office} {asked.district}".strip()
    raise InputError.single(file, what, rule="one race is imported", got=got, fix=fix)


def numbered(district: str) -> str:
    """A district's name apart from leading noughts: 006 is 6."""
    return re.sub(r"\b0+(?=[0-9])", "", names.alike(district))


def merged(found: Imported, file_of: Mapping[int, str] | str, parties: str = "party lines") -> None:
    """Rows of one unit, mode and candidate put together where their parties differ; told where they do not."""
    first: dict[tuple[str, str, str, str], list[Row]] = {}
    for row in found.rows:
        first.setdefault((row.region, row.unit, row.mode, row.candidate), []).append(row)
    if len(first) == len(found.rows):
        return
    rows, added = [], set[str]()
    for group in first.values():
        if len(group) > 1 and len({row.party for row in group}) < len(group):
            row = group[-1]
            what = f"a second row for {row.candidate} in {row.unit}" + (f", {row.mode}" if row.mode else "")
            fix = f"the first is in line {group[0].line}: remove one; or choose one race with --where COLUMN=VALUE"
            said = file_of if isinstance(file_of, str) else file_of.get(row.line, "")
            found.say(said, row.line, what, "one row per unit, mode and candidate", str(row.votes), fix)
        if len(group) > 1:
            added.add(group[0].candidate)
        top = max(group, key=lambda row: row.votes or 0)
        votes = sum(row.votes or 0 for row in group)
        rows.append(Row(top.region, top.unit, top.candidate, top.party, top.mode, votes, top.status, top.line))
    found.rows = rows
    if added:
        found.notes.append(f"{parties} are added up: {names.listed(sorted(added), 5)}")


def one_party(found: Imported) -> None:
    """Each candidate with one party in all rows: the one with most votes, with a note where there are several."""
    votes: dict[str, dict[str, int]] = {}
    for row in found.rows:
        of = votes.setdefault(row.candidate, {})
        of[row.party] = of.get(row.party, 0) + (row.votes or 0)
    chosen = {name: max(of, key=lambda party: (bool(party), of[party], party)) for name, of in votes.items()}
    several = [name for name, of in votes.items() if len([party for party in of if party]) > 1]
    if any(len(of) > 1 for of in votes.values()):
        found.rows = [
            Row(r.region, r.unit, r.candidate, chosen[r.candidate], r.mode, r.votes, r.status, r.line)
            for r in found.rows
        ]
    for name in several[:5]:
        said = f"{name} has several parties, {names.listed(sorted(votes[name]), 4)}: {chosen[name]} is written"
        found.notes.append(said)


def against(found: Imported, stated: Mapping[tuple[str, str], int], scope: str) -> None:
    """Totals that a file states, of a region ('' for all) and candidate, against what its rows add up to."""
    sums: dict[tuple[str, str], int] = {}
    for row in found.rows:
        for region in {row.region, ""}:
            sums[region, row.candidate] = sums.get((region, row.candidate), 0) + (row.votes or 0)
    wrong = [(key, value) for key, value in stated.items() if key in sums and sums[key] != value]
    for (region, name), value in wrong[:5]:
        place = f" in {region}" if region else ""
        found.notes.append(f"{scope} of {name}{place} says {value:,}, the rows add up to {sums[region, name]:,}")
    if len(wrong) > 5:
        found.notes.append(f"and {len(wrong) - 5:,} more totals that differ from what rows add up to")


def cells_of(columns: Mapping[str, Sequence[str]], name: str, rows: int) -> Sequence[str]:
    """A column's cells; empty ones where a table lacks it."""
    return columns.get(name) or [""] * rows
