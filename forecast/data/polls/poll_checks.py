"""What is wrong with a poll, whichever table it stands in: its words, its days, and its shares together.

Polls of the runoff, their crosstabs and polls of the first round are held to the same rules; what is odd but
may be meant is said in `runoff.data.polls.poll_notes`.
"""

from __future__ import annotations

import datetime as dt
import difflib
import math
from collections.abc import Iterable, Sequence

from runoff import names
from runoff.data.tables.table import Table
from runoff.errors import InputError, Problem, suggestion

MOST = 3_000  # polls that count at once: each pair of them has a covariance
ROUNDING = 0.01  # published percentages are rounded one by one
FRACTIONS = 0.015  # shares that add up to so little were written as fractions of 1
_ALIKE = 0.8  # likeness of a column that is not read to a candidate, above which it is taken for the candidate's
_OTHERS = (
    "others,another,another candidate,someone else,undecided voters,dont know,dk,unsure,not sure,refused,neither,none,"
    "none of these,would not vote,wont vote,abstain,abstention,blank,null,spoilt,no answer,na,ns nc,weiss nicht"
)
_ANSWERS = frozenset(names.alike(word) for word in _OTHERS.split(","))


def known_as(word: str, known: Sequence[str]) -> str | None:
    """The known word that is the same apart from capitals and blanks."""
    if word in known:
        return word
    wanted = names.same(word)
    return next((name for name in known if names.same(name) == wanted), None)


def meant(word: str, known: Sequence[str]) -> str:
    """`did you mean ...?`: a known name that is near, or has this one among its own, or is spelt nearly so; else ''."""
    wanted = names.near(word)
    near = [name for name in known if names.near(name) == wanted]
    near = near or [name for name in known if wanted in names.near(name).split()]
    return f"did you mean {near[0]}?" if len(near) == 1 else suggestion(word, known)


def columns_of_candidates(table: Table, candidates: Sequence[str]) -> list[Problem]:
    """Columns that are not read and are probably a candidate's: what stands there would be lost."""
    absent = [name for name in candidates if name not in table.order]
    known = {names.near(name): name for name in reversed(absent)}
    header = table.text[table.first_line - 1] if table.text else ""
    place = (table.first_line, 1) if header else (0, 0)
    problems = []
    for column in table.extra:
        name = known.get(names.near(column)) or next((n for n in absent if _is_part(column, n)), None)
        if name is not None:
            rule = "a candidate's column is named as the results table names the candidate"
            fix = f"did you mean {name}?"
            problems.append(Problem(table.name, *place, "unknown column", rule, column, fix, header))
    return problems


def answers_not_read(table: Table) -> list[str]:
    """Columns that are not read and belong to the 100 per cent, by their names."""
    return [column for column in table.extra if names.alike(column) in _ANSWERS]


def days(
    table: Table,
    row: int,
    found: dict[str, dt.date | None],
    last: dt.date,
    of: str,
) -> list[Problem]:
    """What is wrong with the order of a poll's days: `found` has start, end and published by the columns' names."""
    (start_column, start), (end_column, end), (published_column, published) = found.items()
    if end is None:
        return []
    problems = []
    if start is not None and start > end:
        what, rule = f"the field work starts on {start} and ends before, on {end}", "start is not after end"
        problems.append(table.problem(row, start_column, what, rule, "swap them?"))
    if published is not None and published < end:
        what = f"the field work ends on {end}, after the poll was published"
        problems.append(table.problem(row, published_column, what, "published is not before end", "mend the days"))
    if end > last:
        rule = f"a poll of the {of} ends by its day, {last}"
        fix = "mend the day, or leave the poll out"
        problems.append(table.problem(row, end_column, f"the field work ends after the {of}", rule, fix))
    return problems


def sums(candidates: Sequence[float], rest: Sequence[float], poll: str = "") -> tuple[str, str, str] | None:
    """What is wrong with shares together, the rule and the way out: fractions of 1, all and of candidates."""
    of = f" of {poll}" if poll else ""
    total, named = math.fsum([*candidates, *rest]), math.fsum(candidates)
    if total > 1.0 + ROUNDING:
        rule = "the shares of one poll add up to at most 100 (101 for rounding)"
        return f"the shares{of} add up to {100 * total:g}", rule, "mend the shares"
    if 0.0 < named <= FRACTIONS and (total <= FRACTIONS or len(candidates) > 1):
        what = f"the candidates' shares{of} add up to {100 * named:g} %"
        return what, "shares are percentages", "write 48 for 48 %, not 0.48"
    return None


def together(
    table: Table, row: int, shares: dict[str, float | None], rest: Sequence[float | None], finalists: Sequence[str]
) -> list[Problem]:
    """What is wrong with a row's shares together, and with what they leave for a finalist whose cell is empty.

    rest : undecided and other.
    """
    given = [share for share in shares.values() if share is not None]
    wrong = sums(given, [share for share in rest if share is not None])
    if wrong is not None:
        return [table.problem(row, "pollster", *wrong)]
    missing = [name for name in finalists if name in shares and shares[name] is None]
    rule = "one finalist's cell may be empty where undecided is given: it is the rest of 100"
    if len(missing) > 1:
        fix = "leave the row out, or give the shares"
        return [table.problem(row, missing[0], f"no share for {' and '.join(missing)}", rule, fix)]
    if not missing or rest[0] is None:
        return []
    unread = answers_not_read(table)
    if unread:
        what = f"the rest of 100 hangs on the column {unread[0]}, which is not read"
        return [table.problem(row, missing[0], what, rule, "put its numbers into the column other")]
    left = rest_of_100([*given, *rest])
    if left <= ROUNDING:
        what = f"the others leave {100 * left:g} % for {missing[0]}"
        fix = "give the share, or leave the row out if this pair was not asked about"
        return [table.problem(row, missing[0], what, rule, fix)]
    return []


def not_too_many(count: int, file: str) -> None:
    """Refuses more polls than can be weighed against each other.

    Raises
    ------
    InputError : more than MOST.
    """
    if count > MOST:
        rule, fix = f"at most {MOST:,} polls and crosstabs count at once", "leave out the older ones"
        raise InputError.single(file, "too many polls", rule=rule, got=f"{count:,}", fix=fix)


def rest_of_100(shares: Iterable[float | None]) -> float:
    """What the given shares leave, as a fraction with the bits of the same percentage written out."""
    return round(100.0 - 100.0 * math.fsum(share for share in shares if share is not None), 9) / 100.0


def _is_part(column: str, name: str) -> bool:
    """Whether a column is a part of a name, or spelt nearly like it."""
    words, whole = names.near(column).split(), names.near(name).split()
    if words and set(words) <= set(whole) and max(len(word) for word in words) > 1:
        return True
    one, other = names.alike(column)[:60], names.alike(name)[:60]
    return difflib.SequenceMatcher(None, one, other).ratio() >= _ALIKE
