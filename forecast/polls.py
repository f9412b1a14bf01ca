"""Polls of the runoff from their tables: a row a poll, a column a candidate, every row checked.

A polls table has the columns pollster, end and sample_size, and one for each finalist, named as in the
results table, with percentages.  It may have sponsor, side (the sponsor's bloc or candidate), start,
published, population, undecided, other, and columns of other candidates.  Nothing is dropped here: what
a poll counts for, and whether it was out by `as_of`, is `forecast.evidence`'s to say.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from forecast import cells
from forecast.errors import InputError, Problem, suggestion
from forecast.tables import MOST_PROBLEMS, REMARKS, Table, read_table

REQUIRED = ("pollster", "end", "sample_size")
OPTIONAL = ("sponsor", "side", "start", "published", "population", "undecided", "other")
_ROUNDING = 1.01  # published percentages are rounded one by one
_ALIKE = 0.9  # likeness of two pollsters' names that is worth asking about


@dataclass(frozen=True, slots=True)
class Poll:
    """One row: what a pollster found among all voters of the runoff, or (a crosstab) among some of them.

    `shares` are (candidate, fraction of all asked), in the table's order; a candidate with an empty cell is
    left out.  `published` is the day after `end` where the table does not say.  `kind` is "race", or a
    crosstab's "pool", "bloc", "party" or "new"; `group` its pool or bloc.  `place` is file and line.
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
    kind: str = "race"
    group: str = ""

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


def read_polls(
    paths: Sequence[Path], candidates: Sequence[str], finalists: Sequence[str], sides: Sequence[str], runoff: dt.date
) -> tuple[Poll, ...]:
    """Polls of all tables, in order of identity.

    candidates : names in the results, any of which may have a column; every one of `finalists` has.
    sides : what may stand in `side` besides a finalist's name: the blocs.

    Raises
    ------
    InputError : with every problem of all tables.
    MissingFileError : a table is not there.

    """
    problems: list[Problem] = []
    polls: list[Poll] = []
    for path in paths:
        try:
            table = read_table(path, REQUIRED, [*OPTIONAL, *candidates])
        except InputError as error:
            problems += _with_candidates(error, finalists)
            continue
        problems += missing_finalists(table, finalists)
        for row in range(len(table.lines)):
            found = read_row(table, row, candidates, [*sides, *finalists], runoff, problems)
            if found is not None:
                polls.append(found)
            if len(problems) >= MOST_PROBLEMS:
                break
    problems += twice(polls)
    if problems:
        raise InputError(problems)
    return tuple(sorted(polls, key=lambda poll: poll.identity))


def read_row(
    table: Table,
    row: int,
    candidates: Sequence[str],
    sides: Sequence[str],
    runoff: dt.date,
    problems: list[Problem],
) -> Poll | None:
    """One row as a poll of the race, or None with what is wrong with it added to `problems`."""
    before = len(problems)
    pollster = cells.name(table, row, "pollster", problems)
    side = cells.text(table, row, "side")
    if side and side not in sides:
        fix = suggestion(side, sides) or "leave it empty where the sponsor takes no side"
        rule = f"a side is a finalist or a bloc: {', '.join(sides[:20])}"
        problems.append(table.problem(row, "side", "no such side", rule, fix))
    end = cells.needed_day(table, row, "end", problems)
    start = cells.day(table, row, "start", problems) or end
    published = cells.day(table, row, "published", problems)
    if start is not None and end is not None:
        problems += _days(table, row, start, end, published, runoff)
    size = cells.people(table, row, "sample_size", problems)
    named = [name for name in candidates if name in table.order and name not in (*REQUIRED, *OPTIONAL)]
    shares = [(name, cells.percent(table, row, name, problems)) for name in named]
    undecided = cells.percent(table, row, "undecided", problems)
    other = cells.percent(table, row, "other", problems)
    if len(problems) == before:
        problems += _sums(table, row, [share for _, share in shares], [undecided, other])
    if len(problems) > before or start is None or end is None:
        return None
    return Poll(
        pollster=pollster,
        sponsor=cells.text(table, row, "sponsor"),
        side=side,
        start=start,
        end=end,
        published=published or min(end, dt.date.max - dt.timedelta(1)) + dt.timedelta(1),
        population=cells.text(table, row, "population"),
        sample_size=size,
        shares=tuple((name, share) for name, share in shares if share is not None),
        undecided=undecided,
        place=f"{table.name}:{table.lines[row]}" if table.text else f"{table.name} row {row + 1}",
        source=cells.text(table, row, "source"),
    )


def missing_finalists(table: Table, finalists: Sequence[str]) -> list[Problem]:
    """A finalist without a column."""
    header = table.text[0] if table.text else ""
    return [
        Problem(
            table.name,
            1 if header else 0,
            1 if header else 0,
            f"no column {name}",
            f"a column for each finalist: {', '.join(finalists)}",
            ", ".join(table.order[:20]),
            "name the column as the results table names the candidate",
            header,
        )
        for name in finalists
        if name not in table.order
    ]


def twice(polls: Sequence[Poll]) -> list[Problem]:
    """Polls that stand in the tables two times."""
    first: dict[tuple[object, ...], Poll] = {}
    problems = []
    for poll in polls:
        other = first.setdefault(poll.identity, poll)
        if other is not poll:
            file, _, line = poll.place.rpartition(":")
            number = int(line) if line.isdigit() else 0
            what = f"{poll.pollster}, {poll.end}: this row stands there twice"
            fix = f"the first is {other.place}; remove one"
            problems.append(Problem(file or poll.place, number, 1, what, "a poll is one row", "", fix))
    return problems


def spelled_two_ways(polls: Sequence[Poll]) -> list[str]:
    """Pollsters whose names are nearly the same; house effects are by name, to the letter."""
    names = sorted({poll.pollster for poll in polls})[:500]
    plain = ["".join(c for c in name.casefold() if c.isalnum()) for name in names]
    remarks = []
    for i, name in enumerate(names):
        for j in range(i):
            if plain[i] == plain[j] or difflib.SequenceMatcher(None, plain[i], plain[j]).ratio() >= _ALIKE:
                remarks.append(f"pollsters {names[j]} and {name}: one pollster spelled two ways?")
    return remarks


def _days(
    table: Table, row: int, start: dt.date, end: dt.date, published: dt.date | None, runoff: dt.date
) -> list[Problem]:
    """What is wrong with the order of a poll's days."""
    problems = []
    if start > end:
        what, rule = f"the field work starts on {start} and ends before, on {end}", "start is not after end"
        problems.append(table.problem(row, "start", what, rule, "swap them?"))
    if published is not None and published < end:
        what = f"the field work ends on {end}, after the poll was published"
        problems.append(table.problem(row, "published", what, "published is not before end", "mend the days"))
    if end > runoff:
        rule = f"a poll of the runoff ends by its day, {runoff}"
        problems.append(table.problem(row, "end", "the field work ends after the runoff", rule, "mend the day"))
    return problems


def _sums(table: Table, row: int, shares: Sequence[float | None], rest: Sequence[float | None]) -> list[Problem]:
    """What is wrong with a row's shares together."""
    given = [share for share in shares if share is not None]
    total = sum(given) + sum(share for share in rest if share is not None)
    if total > _ROUNDING:
        what = f"the shares add up to {100 * total:g}"
        rule = "the shares of one poll add up to at most 100 (101 for rounding)"
        return [table.problem(row, "pollster", what, rule, "mend the shares")]
    if given and 0 < sum(given) <= 0.015:
        what = f"the candidates' shares add up to {100 * total:g} %"
        return [table.problem(row, "pollster", what, "shares are percentages", "write 48 for 48 %, not 0.48")]
    return []


def _with_candidates(error: InputError, finalists: Sequence[str]) -> list[Problem]:
    """Problems of the table's columns; an unknown one may be a finalist misspelt."""
    problems = []
    for problem in error.problems:
        fix = suggestion(problem.got, finalists) if problem.what == "unknown column" else ""
        rule = f"columns are {', '.join([*REQUIRED, *OPTIONAL, *REMARKS])}, and one for each candidate"
        if problem.what == "unknown column":
            problem = Problem(
                problem.file, problem.line, problem.column, problem.what, rule, problem.got,
                fix or problem.fix, problem.text, problem.length,
            )  # fmt: skip
        problems.append(problem)
    return problems
