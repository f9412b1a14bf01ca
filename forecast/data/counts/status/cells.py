"""What is out as the count itself says it: its column status, else the rows that are there and those that are not.

Where the run file names a status table and the count is its own, what that table does not name is complete unless the
column says otherwise.  Where it names none, or the count has moved on since, rows and votes say it (`quiet`).
"""

from __future__ import annotations

from collections.abc import Sequence, Set

import numpy as np

from runoff.data.counts.count import Out
from runoff.data.counts.quiet import noughts_note, quiet_states
from runoff.data.tables.table import MOST_PROBLEMS
from runoff.data.votes.places import Unit
from runoff.data.votes.roll import NOT_TOLD
from runoff.data.votes.votes import NO_MODE, NO_ROW, Votes
from runoff.data.votes.words import COMPLETE, OUT
from runoff.errors import Problem
from runoff.names import listed
from runoff.race import BoolArray, Int64Array


def filled(
    column: Int64Array,
    counted: Int64Array,
    reported: BoolArray,
    registered: Int64Array,
    units: Sequence[Unit],
    modes: Sequence[str],
) -> tuple[Int64Array, list[str]]:
    """The state of each cell, int64[U, M], where the column says nothing (NO_ROW) by rows and votes; and notes.

    column, counted : int64[U, M].  reported : bool[U, M], cells with rows.  registered : int64[U].
    """
    people = np.where(registered == NOT_TOLD, 1, registered).astype(np.float64)
    told, noughts = quiet_states(counted, reported, people)
    notes = noughts_note(noughts & (column == NO_ROW), [unit.name for unit in units], modes)
    return np.where(column == NO_ROW, told, column), notes


def outstanding(
    units: Sequence[Unit],
    state: Int64Array,
    registered: Int64Array,
    told: Set[tuple[int, int]],
    counted: Int64Array,
    votes: Votes,
) -> tuple[list[Out], list[Problem]]:
    """A row for each cell that is out in whole or in part, and what is wrong.

    registered : int64[U]; where nobody is, nothing is out.  told : cells of which the status table speaks.
    counted : int64[U, M].
    """
    out, problems = list[Out](), list[Problem]()
    waiting = (state != COMPLETE) & (state != NO_ROW) & (registered != 0)[:, None]
    for u, m in np.argwhere(waiting).tolist():
        if (u, m) in told:
            continue
        if state[u, m] == OUT and counted[u, m]:
            what = f"{int(counted[u, m]):,} votes of {units[u].name} are counted, and its status is out"
            rule, fix = "what is out has no votes yet", "if more is to come the status is partial"
            problems.append(votes.table.problem(votes.row_of(unit=u), "status", what, rule, fix))
            continue
        out.append(Out(units[u].name, (u,), m, bool(state[u, m] != OUT), None, None, None))
    return out, problems[:MOST_PROBLEMS]


def expected(modes: Sequence[str], counted: Int64Array, file: str) -> list[str]:
    """A note on the modes in which votes are expected where only the count says what is out; none where it has none."""
    if tuple(modes) == (NO_MODE,):
        return []
    waiting = [mode for mode, votes in zip(modes, counted.sum(axis=0), strict=True) if not votes]
    rest = f", nothing yet of {listed(waiting, 5)}" if waiting else ""
    return [f"{file}: votes are expected in the modes {listed(modes, 8)}{rest}; cells without rows are out"]


def unsaid(votes: Votes, sized: Sequence[str]) -> list[Problem]:
    """What neither a count nor its run file says, without a status table: what is out, and in which modes votes come.

    sized : modes of [counting.modes].
    """
    table = votes.table
    if votes.modes != (NO_MODE,) and votes.ballot is not None and not votes.modes_told and not sized:
        here = listed(votes.modes, 5)
        rule = "while a count moves on the run file says in which modes votes come; one may have no row yet"
        fix = f"add a column mode to {votes.ballot[0]}, with a row for each mode; or name those to come in "
        fix += "[counting.modes] with their sizes, or in a status table"
        what = f"are {here} all the modes?" if len(votes.modes) > 1 else f"is {here} the only mode?"
        return [Problem(table.name, table.first_line, 1, what, rule, "", fix)]
    if votes.modes != (NO_MODE,) or {"mode", "status"} & set(table.columns):
        return []
    rule = "without [counting] status the count says what is out: by mode, or by a status for each unit"
    fix = "add the column mode, or a column status: complete, partial or out; or name a status table"
    return [Problem(table.name, table.first_line, 1, "neither mode nor status", rule, "", fix)]
