"""Polls of the first round from their table: a row for each poll and candidate, held to the rules of all polls.

Rows of one poll have its name in `poll` and agree in everything but candidate and share.  Nothing hangs on the
order of rows.  A poll that ended or was published after `as_of` is left out, with a note.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from runoff import names
from runoff.data.polls import poll_checks
from runoff.data.polls.poll_notes import NEAR_ALL, Asked, one_as_several, same_numbers, slips, spelled_two_ways
from runoff.data.tables import cells
from runoff.data.tables.strangers import Strangers, of_another_race
from runoff.data.tables.table import MOST_PROBLEMS, Table
from runoff.errors import InputError, Problem

REQUIRED = ("poll", "pollster", "field_end", "candidate", "share")
OPTIONAL = ("field_start", "published", "sample_size", "partisan")
OTHER, UNDECIDED = "other", "undecided"  # rows of a poll that are no candidate's
USUAL_SIZE = 500  # of a sample whose size is not told
_MOST_TOLD = 3  # polls without a size that are named one by one


@dataclass(frozen=True, slots=True)
class Poll:
    """One poll: shares in per cent by candidate."""

    pollster: str
    days: int
    size: int
    partisan: bool
    shares: dict[str, float]
    undecided: float
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that is sound by itself; `common` is what all rows of its poll agree in, by column."""

    row: int
    poll: str
    candidate: str
    share: float
    common: dict[str, object]


@dataclass(frozen=True, slots=True)
class _Whole:
    """A poll put together from its rows, the first of which is `row`."""

    row: int
    asked: Asked
    partisan: bool
    undecided: float


def polls_of(
    table: Table, candidates: Sequence[str], sides: Sequence[str], first_round: dt.date, as_of: dt.date
) -> tuple[list[Poll], list[str]]:
    """The polls that were out by `as_of`, in order of their names, and what a reader must know of the table.

    candidates : of the results.  sides : what `partisan` may name, their parties and blocs among it.

    Raises
    ------
    InputError : with every problem of the table.
    """
    problems: list[Problem] = []
    rows: dict[str, list[_Row]] = {}
    said = list(dict.fromkeys(names.said(text) for text in table.columns["candidate"]))
    fitting = [name for name in said if name in candidates]
    strange = [name for name in said if name not in candidates and names.same(name) not in ("", OTHER, UNDECIDED)]
    other = of_another_race(table.name, Strangers("candidates", strange, len(fitting), candidates))
    if other is not None:
        raise InputError([other])
    for row in range(len(table.lines)):
        found = _row(table, row, candidates, sides, first_round, problems)
        if found is not None:
            rows.setdefault(names.same(found.poll), []).append(found)
        if len(problems) >= MOST_PROBLEMS:
            break
    if not problems:
        in_order = sorted(rows.values(), key=lambda mine: min(row.poll for row in mine))
        whole = [_whole(table, mine, problems) for mine in in_order]
        problems += _twice(table, whole)
    if problems:
        raise InputError(problems[:MOST_PROBLEMS])
    public = [poll for poll in whole if poll.asked.published <= as_of]
    if not public:
        rule = f"at least one poll out of the field by {as_of}"
        got, fix = f"{len(whole)} later ones", "give a later as_of, or earlier polls"
        raise InputError.single(table.name, "no poll can be used", rule=rule, got=got, fix=fix)
    poll_checks.not_too_many(len(public), table.name)
    return [_used(poll, first_round) for poll in public], _remarks(table, whole, public, first_round, as_of)


def _row(
    table: Table, row: int, candidates: Sequence[str], sides: Sequence[str], last: dt.date, problems: list[Problem]
) -> _Row | None:
    """One row, or None with what is wrong with it added to `problems`."""
    before = len(problems)
    poll, pollster = (cells.name(table, row, column, problems) for column in ("poll", "pollster"))
    start = cells.day(table, row, "field_start", problems)
    end = cells.needed_day(table, row, "field_end", problems)
    published = cells.day(table, row, "published", problems)
    found = {"field_start": start, "field_end": end, "published": published}
    problems += poll_checks.days(table, row, found, last, "first round")
    common: dict[str, object] = {
        "pollster": names.same(pollster),
        **found,
        "sample_size": cells.people(table, row, "sample_size", problems),
        "partisan": cells.yes_no(table, row, "partisan", problems, sides),
    }
    candidate = _candidate(table, row, candidates, problems)
    share = cells.percent(table, row, "share", problems)
    if share is None and not cells.text(table, row, "share"):
        fix = "leave the row out where the pollster gave none"
        problems.append(table.problem(row, "share", "empty share", "a row has a share, in per cent", fix))
    return None if len(problems) > before or share is None else _Row(row, poll, candidate, share, common)


def _candidate(table: Table, row: int, candidates: Sequence[str], problems: list[Problem]) -> str:
    """The candidate of the results, `other` or `undecided`."""
    candidate = cells.name(table, row, "candidate", problems)
    if candidate in candidates:
        return candidate
    word = names.same(candidate)
    if word not in (OTHER, UNDECIDED) and candidate:
        fix = poll_checks.meant(candidate, [*candidates, OTHER, UNDECIDED]) or f"'{OTHER}' for several together"
        rule = f"candidates of the results, '{OTHER}' or '{UNDECIDED}'"
        problems.append(table.problem(row, "candidate", "no such candidate", rule, fix))
    return word


def _whole(table: Table, rows: Sequence[_Row], problems: list[Problem]) -> _Whole:
    """A poll from its rows; what they do not agree in is added to `problems`."""
    first = rows[0]
    shares: dict[str, float] = {}
    for row in rows:
        if row.candidate in shares:
            what, rule = f"a second row for {row.candidate} in {first.poll}", "one row per poll and candidate"
            problems.append(table.problem(row.row, "candidate", what, rule, "remove one"))
        shares[row.candidate] = row.share
        for column, value in row.common.items():
            if value != first.common[column]:
                fix = f"it was {first.common[column] or 'empty'} before, or is it another poll?"
                what = f"{column} of {first.poll} differs"
                problems.append(table.problem(row.row, column, what, "the rows of a poll agree", fix))
    total = sum(shares[name] for name in sorted(shares))
    told = UNDECIDED in shares
    undecided, other = shares.pop(UNDECIDED, 0.0), shares.pop(OTHER, 0.0)
    wrong = poll_checks.sums([*shares.values()], [undecided, other], first.poll)
    if wrong is not None:
        problems.append(table.problem(first.row, "share", *wrong))
    if undecided > 0.95:
        fix = "mend the share, or leave the poll out"
        what, rule = f"nobody decided in {first.poll}", "at least 5 % have decided"
        problems.append(table.problem(first.row, "share", what, rule, fix))
    asked = _asked(table, first, shares, total, whole=told)
    return _Whole(first.row, asked, bool(first.common["partisan"]), undecided)


def _asked(table: Table, first: _Row, shares: dict[str, float], total: float, *, whole: bool) -> Asked:
    """The poll as notes on polls of every kind know it."""
    start, end, published = (first.common[column] for column in ("field_start", "field_end", "published"))
    size = first.common["sample_size"]
    assert isinstance(end, dt.date)
    return Asked(
        name=f"poll {first.poll}",
        pollster=cells.text(table, first.row, "pollster"),
        part=("race", ""),
        start=start if isinstance(start, dt.date) else end,
        end=end,
        published=published if isinstance(published, dt.date) else end,
        size=size if isinstance(size, int) else None,
        shares=tuple(sorted(shares.items())),
        total=total,
        whole=whole,
    )


def _twice(table: Table, polls: Sequence[_Whole]) -> list[Problem]:
    """One poll under two names."""
    seen: dict[object, _Whole] = {}
    problems = []
    for poll in polls:
        asked = replace(poll.asked, name="", pollster=names.near(poll.asked.pollster))
        other = seen.setdefault((asked, poll.undecided), poll)
        if other is not poll:
            what = f"{poll.asked.name} and {other.asked.name}: one poll stands there twice"
            rule, fix = "pollster, days, size and shares are those of one poll", "remove one"
            problems.append(table.problem(poll.row, "poll", what, rule, fix))
    return problems


def _used(poll: _Whole, first_round: dt.date) -> Poll:
    asked = poll.asked
    return Poll(
        pollster=asked.pollster,
        days=(first_round - asked.end).days,
        size=USUAL_SIZE if asked.size is None else asked.size,
        partisan=poll.partisan,
        shares={name: round(100.0 * share, 9) for name, share in asked.shares},  # the bits of the cell
        undecided=round(100.0 * poll.undecided, 9),
        name=asked.name,
    )


def _remarks(
    table: Table, whole: Sequence[_Whole], public: Sequence[_Whole], first_round: dt.date, as_of: dt.date
) -> list[str]:
    """What a reader must know: polls left out, sizes not told, slips, one poll as several."""
    remarks = [*table.notes]
    for poll in whole:
        if poll.asked.published > as_of:
            day = poll.asked.published
            remarks.append(f"{poll.asked.name} is left out: it ended or was published on {day}, after as_of")
    untold = [poll.asked.name for poll in public if poll.asked.size is None]
    if len(untold) > _MOST_TOLD:
        remarks.append(f"{len(untold)} polls tell no sample size: {USUAL_SIZE} is assumed for each")
    else:
        remarks += [f"{name} tells no sample size: {USUAL_SIZE} is assumed" for name in untold]
    open_ = [poll.asked for poll in public if not poll.asked.whole and 0.5 <= (poll.asked.total or 1.0) < NEAR_ALL]
    if open_:
        least = min(open_, key=lambda asked: asked.total or 1.0)
        more = f" and {len(open_) - 1} more" if len(open_) > 1 else ""
        said = f"{least.name}{more}: shares add up to {100 * (least.total or 1.0):g} %, and nobody is undecided"
        remarks.append(f"{said}: what is left goes to those whom no poll names; add rows undecided and other")
    remarks += slips((poll.asked for poll in whole), first_round, of_runoff=False)
    remarks += one_as_several([poll.asked for poll in public]) + same_numbers([poll.asked for poll in public])
    return remarks + spelled_two_ways(poll.asked.pollster for poll in whole)
