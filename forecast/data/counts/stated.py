"""Numbers of votes that a status table states, held against what came in; and a note where nobody states any."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runoff import names
from runoff.data.tables.cells import MOST_VOTES
from runoff.errors import Problem
from runoff.race import FloatArray

if TYPE_CHECKING:
    from runoff.data.counts.count import Count, Out

TIMES, TIMES_OF_FEW, CELLS = 2.5, 10.0, 3  # above the most that came; the same of fewer than CELLS, or of sizes unknown
PART = 20.0  # below the least that came
_SHOWN = 3  # places named in a note


def stated(count: Count, file: str) -> tuple[list[Problem], list[str]]:
    """What is stated and cannot be, and notes on what is unlike all that came; file : the status table."""
    high = sum(_most(out) for out in count.out)
    total = int(count.votes.sum()) + high
    if total > MOST_VOTES:
        got = f"{high:,} votes still out"
        fix = "expected, low and high are votes of the row's unit or region that are still out"
        return [Problem(file, 0, 0, "too many votes", f"at most {MOST_VOTES:,} in all", got, fix)], []
    many, few = list[str](), list[str]()
    people, known = _people(count)
    cells = count.votes.sum(axis=2)
    for out in count.out:
        if not _most(out):
            continue
        came = count.complete[:, out.mode] & (cells[:, out.mode] > 0) & (people > 0)
        of = float(people[list(out.members)].sum())
        if not came.any() or not of:
            continue
        seen = cells[came, out.mode] / people[came]
        times = TIMES if known and came.sum() >= CELLS else TIMES_OF_FEW
        ratio = (_most(out) + int(cells[list(out.members), out.mode].sum())) / of
        where = ", ".join(filter(None, (out.place, count.modes[out.mode])))
        if ratio > times * seen.max():
            many.append(f"{where} would have {ratio / seen.max():,.0f} times the most{_each(known)}")
        elif not out.part and PART * ratio < seen.min():
            few.append(f"{where} would have a {seen.min() / ratio:,.0f}th of the least{_each(known)}")
    asked = (
        "is a digit too many, or are counted votes in it? expected, low and high are votes still out",
        "is a digit missing, or is it a percentage? else what is out is not the whole of it: state partial",
    )
    notes = [f"{names.listed(said, _SHOWN)}: {fix}" for said, fix in zip((many, few), asked, strict=True) if said]
    return [], [*notes, *_unsized(count, known)]


def _most(out: Out) -> int:
    """The most votes that a row says are out; 0 where it says nothing."""
    return max(value or 0 for value in (out.expected, out.high))


def _each(known: bool) -> str:
    return " that came of its size" if known else " that came of any unit"


def _people(count: Count) -> tuple[FloatArray, bool]:
    """How large units are, and whether a roll or ballots of an earlier election say so; else all alike."""
    if count.rolled:
        return np.maximum(count.registered, 0).astype(np.float64), True
    if count.baseline is not None and count.baseline.ballots is not None:
        return count.baseline.ballots, True
    return np.ones(len(count.registered)), False


def _unsized(count: Count, known: bool) -> list[str]:
    """A note on what is out where nobody says how large it is."""
    unsaid = [out for out in count.out if out.expected is None and out.low is None]
    if known or not unsaid:
        return []
    places = len({unit for out in unsaid for unit in out.members})
    if not places:
        return []
    which = f"{places:,} units that are out are" if places > 1 else "the unit that is out is"
    why = "there is neither a roll nor an earlier election's ballots, so that sizes are drawn like those that came"
    how = "registered, a baseline with ballots, or expected in the status table make ranges narrower"
    return [f"nobody says how large {which}: {why}, and ranges are wide; {how}"]
