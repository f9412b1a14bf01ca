"""Polls of the runoff from their tables: a row a poll, a column a candidate, every row checked.

A polls table has the columns pollster, end and sample_size, and one for each finalist, named as in the
results table, with percentages.  It may have sponsor, side (the sponsor's bloc or candidate), start,
published, population, undecided, other, and columns of other candidates.  Nothing is dropped here: what
a poll counts for, and whether it was out by `as_of`, is `runoff.model.evidence`'s to say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from runoff import names
from runoff.data.polls import poll_checks
from runoff.data.polls.poll_notes import Asked
from runoff.data.tables import cells
from runoff.data.tables.table import MOST_PROBLEMS, Table, read_table
from runoff.errors import InputError, Problem
from runoff.race import GroupKind

REQUIRED = ("pollster", "end", "sample_size")
OPTIONAL = ("sponsor", "side", "start", "published", "population", "undecided", "other")


@dataclass(frozen=True, slots=True)
class Poll:
    """One row: what a pollster found among all voters of the runoff, or (a crosstab) among some of them.

    `shares` are (candidate, fraction of all asked), in the table's order; a candidate with an empty cell is
    left out; `undecided` and `other` are fractions of the same.  `published` is the day after `end` where the
    table does not say.  `group` is a crosstab's pool or bloc.  `place` is file and line.
    """

    pollster: str
    sponsor: str
    side: str
    start: dt.date
    end: dt.date
    published: dt.date
    population: str
    sample_size: int | None
    shares: tuple[tuple[str, float], ...]
    undecided: float | None
    place: str
    source: str = ""
    kind: GroupKind = "race"
    group: str = ""
    other: float | None = None

    @property
    def middle(self) -> dt.date:
        """Middle day of the field work; of two middle days the later."""
        return self.start + (self.end - self.start + dt.timedelta(1)) // 2

    @property
    def identity(self) -> tuple[object, ...]:
        """What was found, apart from where it is written: the order of polls, and what makes two of them one."""
        return (
            self.middle.isoformat(),
            self.end.isoformat(),
            self.pollster,
            self.kind,
            self.group,
            self.population,
            self.sample_size or 0,
            tuple(sorted(self.shares)),
        )

    @property
    def interviews(self) -> tuple[object, ...]:
        """What tells one set of interviews from another: pollster and days."""
        return names.same(self.pollster), self.start, self.end

    @property
    def asked(self) -> Asked:
        """The poll as notes on polls of every kind know it."""
        shares = [share for _, share in self.shares]
        return Asked(
            name=self.name,
            pollster=self.pollster,
            part=(self.kind, self.group),
            start=self.start,
            end=self.end,
            published=self.published,
            size=self.sample_size,
            shares=tuple(sorted(self.shares)),
            total=sum((*shares, self.undecided or 0.0, self.other or 0.0)),
            whole=self.undecided is not None and len(shares) > 1,
            undecided=self.undecided or 0.0,
        )

    @property
    def name(self) -> str:
        """The poll as a reader knows it."""
        return f"{self.pollster}, {self.end}" + ("" if self.kind == "race" else f", {self.group}")


@dataclass(frozen=True, slots=True)
class Known:
    """What the rows of a table of polls may speak of: names of the results, finalists, blocs, days.

    new : the pool of new voters, or None where there is none.
    """

    candidates: tuple[str, ...]
    finalists: tuple[str, ...]
    blocs: tuple[str, ...]
    runoff: dt.date
    new: str | None = None


@dataclass(frozen=True, slots=True)
class Surveyed:
    """Rows of all tables in order of identity, and what was read: name and sha256 of each table, notes on columns."""

    polls: tuple[Poll, ...]
    sources: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]


def read_polls(
    paths: Sequence[Path], candidates: Sequence[str], finalists: Sequence[str], blocs: Sequence[str], runoff: dt.date
) -> Surveyed:
    """Polls of all tables; each table is read once.

    candidates : names in the results, any of which may have a column; every one of `finalists` has.
    blocs : what may stand in `side` besides a finalist's name.

    Raises
    ------
    InputError : with every problem of all tables.
    MissingFileError : a table is not there.
    """
    known = Known(tuple(candidates), tuple(finalists), tuple(blocs), runoff)
    return surveyed(paths, REQUIRED, OPTIONAL, known, read_rows)


def surveyed(
    paths: Sequence[Path],
    required: Sequence[str],
    optional: Sequence[str],
    known: Known,
    rows: Callable[[Table, Known, list[Problem]], list[Poll]],
) -> Surveyed:
    """What tables have, each read once; rows : of a table, what is wrong with others added to the problems.

    Raises
    ------
    InputError : with every problem of all tables; a poll that stands there twice is one.
    MissingFileError : a table is not there.
    """
    problems, polls, tables = list[Problem](), list[Poll](), list[Table]()
    for path in paths:
        try:
            tables.append(read_table(path, required, [*optional, *known.candidates]))
        except InputError as error:
            problems += error.problems
            continue
        problems += columns_problems(tables[-1], known)
        polls += rows(tables[-1], known, problems)
    problems += twice(polls)
    if problems:
        raise InputError(problems)
    sources = tuple((Path(table.name).name, table.sha256) for table in tables)
    notes = tuple(note for table in tables for note in table.notes)
    return Surveyed(tuple(sorted(polls, key=lambda poll: poll.identity)), sources, notes)


def read_rows(table: Table, known: Known, problems: list[Problem]) -> list[Poll]:
    """The rows as polls of the race; what is wrong with the others is added to `problems`."""
    reserved = {*REQUIRED, *OPTIONAL}
    named = [name for name in known.candidates if name in table.columns and name not in reserved]
    polls = []
    for row in range(len(table.lines)):
        poll = _read_row(table, row, named, known, problems)
        if poll is not None:
            polls.append(poll)
        if len(problems) >= MOST_PROBLEMS:
            break
    return polls


def _read_row(table: Table, row: int, named: Sequence[str], known: Known, problems: list[Problem]) -> Poll | None:
    """One row as a poll of the race, or None with what is wrong with it added to `problems`."""
    before = len(problems)
    pollster = cells.name(table, row, "pollster", problems)
    side = _side(table, row, known, problems)
    start = cells.day(table, row, "start", problems)
    end = cells.needed_day(table, row, "end", problems)
    published = cells.day(table, row, "published", problems)
    found = {"start": start, "end": end, "published": published}
    problems += poll_checks.days(table, row, found, known.runoff, "runoff")
    size = cells.people(table, row, "sample_size", problems)
    shares = [(name, cells.percent(table, row, name, problems)) for name in named]
    undecided = cells.percent(table, row, "undecided", problems)
    other = cells.percent(table, row, "other", problems)
    if len(problems) == before:
        problems += poll_checks.together(table, row, dict(shares), [undecided, other], known.finalists)
    if len(problems) > before or end is None:
        return None
    return Poll(
        pollster=pollster,
        sponsor=cells.text(table, row, "sponsor"),
        side=side,
        start=start or end,
        end=end,
        published=published or min(end, dt.date.max - dt.timedelta(1)) + dt.timedelta(1),
        population=cells.text(table, row, "population"),
        sample_size=size,
        shares=tuple((name, share) for name, share in shares if share is not None),
        undecided=undecided,
        place=f"{table.name}:{table.lines[row]}" if table.text else f"{table.name} row {row + 1}",
        source=cells.text(table, row, "source"),
        other=other,
    )


def columns_problems(table: Table, known: Known) -> list[Problem]:
    """A finalist without a column, and a column that is nearly a candidate's."""
    header = table.text[table.first_line - 1] if table.text else ""
    spot = (table.first_line, 1) if header else (0, 0)
    problems = poll_checks.columns_of_candidates(table, known.candidates)
    told = {problem.fix for problem in problems}
    rule = f"a column for each finalist: {', '.join(known.finalists)}"
    have, fix = ", ".join(table.order[:20]), "name the column as the results table names the candidate"
    return problems + [
        Problem(table.name, *spot, f"no column {name}", rule, have, fix, header)
        for name in known.finalists
        if name not in table.order and f"did you mean {name}?" not in told
    ]


def twice(polls: Sequence[Poll]) -> list[Problem]:
    """Polls that stand in the tables two times, in whatever spelling."""
    first: dict[tuple[object, ...], Poll] = {}
    problems = []
    for poll in polls:
        spelt = (names.near(poll.pollster), names.same(poll.population))
        other = first.setdefault(
            (*spelt, poll.start, *poll.identity[:2], *poll.identity[3:5], *poll.identity[6:]), poll
        )
        if other is not poll:
            file, _, line = poll.place.rpartition(":")
            number = int(line) if line.isdigit() else 0
            what = f"{poll.pollster}, {poll.end}: this row stands there twice"
            fix = f"the first is {other.place}; remove one"
            problems.append(Problem(file or poll.place, number, 1, what, "a poll is one row", "", fix))
    return problems


def _side(table: Table, row: int, known: Known, problems: list[Problem]) -> str:
    """The sponsor's side as the results spell it, or ''."""
    side = cells.text(table, row, "side")
    if not side:
        return ""
    sides = [*known.blocs, *known.finalists]
    found = poll_checks.known_as(side, sides)
    if found is None:
        fix = poll_checks.meant(side, sides) or "leave it empty where the sponsor takes no side"
        rule = f"a side is a finalist or a bloc: {', '.join(sides[:20])}"
        problems.append(table.problem(row, "side", "no such side", rule, fix))
    return found or side
