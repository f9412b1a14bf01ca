"""What a count is: of a first round with what is out, of a runoff, and the first round by mode beside it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from runoff.data.counts.baseline import Baseline
from runoff.data.votes.roll import NOT_TOLD
from runoff.data.votes.words import COMPLETE, OUT, PARTIAL
from runoff.race import BoolArray, FirstRound, Int64Array


@dataclass(frozen=True, slots=True)
class Out:
    """One thing that is out: votes of a mode in a unit, or in several units of a region.

    `members` are the units it covers; `expected`, `low` and `high` the votes still out as the status table
    has them (low and high: an 80 % interval), or None where they are to be predicted.
    """

    place: str
    members: tuple[int, ...]
    mode: int
    part: bool
    expected: int | None
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Count:
    """The state of a count.

    registered : int64[U], who may vote; NOT_TOLD for all units where no roll says it.
    votes : int64[U, M, C], counted, candidates in order of `first_round`.
    complete : bool[U, M], nothing of the cell is out.
    time : when the source counted the votes, UTC, where the table says so.
    """

    first_round: FirstRound
    registered: Int64Array
    modes: tuple[str, ...]
    votes: Int64Array
    complete: BoolArray
    out: tuple[Out, ...]
    baseline: Baseline | None
    sources: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()
    time: dt.datetime | None = None

    @property
    def rolled(self) -> bool:
        """Whether a roll says how many may vote."""
        return bool((self.registered != NOT_TOLD).any())

    @property
    def everybody(self) -> int:
        """Registered voters of the race; 0 where no roll says it."""
        return int(self.registered.sum()) if self.rolled else 0


@dataclass(frozen=True, slots=True)
class FirstModes:
    """The first round by mode, where its table has them.

    modes : names, in order of name.  votes : int64[U, M, C], candidates in order of the first round's.
    """

    modes: tuple[str, ...]
    votes: Int64Array


@dataclass(frozen=True, slots=True)
class Reported:
    """What has been reported of a runoff.

    modes : (NO_MODE,) where votes are not told by mode.
    votes : int64[U, M, K], finalists in order.  state : int64[U, M], of OUT, PARTIAL, COMPLETE.
    source : name and sha256 of the table.  notes : what a reader should know of it.
    time : when the source counted the votes, UTC, where the table says so.
    """

    modes: tuple[str, ...]
    votes: Int64Array
    state: Int64Array
    source: tuple[str, str]
    notes: tuple[str, ...] = ()
    time: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class SoFar:
    """What a night's count has reported, and whose places and candidates that is in."""

    reported: Reported
    units: tuple[str, ...]
    candidates: tuple[str, ...]


def first_round_so_far(count: Count) -> SoFar:
    """What a first round's count has reported, candidates in order of name."""
    names, first = [one.name for one in count.first_round.candidates], count.first_round
    order = sorted(range(len(names)), key=names.__getitem__)
    state = np.where(count.complete, COMPLETE, OUT)
    for out in count.out:
        if out.part:
            state[list(out.members), out.mode] = PARTIAL
    reported = Reported(count.modes, count.votes[:, :, order], state, count.sources[0], count.notes, count.time)
    return SoFar(reported, first.units, tuple(names[c] for c in order))
