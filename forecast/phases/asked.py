"""What a question sees of a run's trials: votes by place, block by block; and one trial as rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from runoff.race import Int64Array, Row

NOBODY = -1  # no winner
KINDS = ("units", "regions", "pools", "blocs", "districts", "first round")  # of places in a race


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the race whose votes are asked for: all named ones together; without a kind the race itself."""

    kind: str = ""
    names: tuple[str, ...] = ()


RACE = Place()
FIRST_ROUND = Place("first round")


@dataclass(frozen=True, slots=True)
class Counted:
    """A place's votes in a block of n trials.

    votes : int64 or float64[n, K], a column a candidate; of pools expected votes, before the noise of counting; of a
        chamber seats, a column a bloc or party.
    people : who may vote there, in each trial the same.
    known : bool[n, K], who stands there in which trial; None where everybody does in all.
    winner : int64[n], a candidate's place or NOBODY; None where most votes tell.
    flags : bool[n, K] by name, what else may be so of a candidate.
    """

    votes: np.ndarray
    people: float
    known: np.ndarray | None = None
    winner: Int64Array | None = None
    flags: Mapping[str, np.ndarray] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Block:
    """Trials first..first+n-1; weights : int64[n] of 2^-16, float64[n], or none where all count alike."""

    first: int
    weights: np.ndarray
    places: Mapping[Place, Counted]


Hear = Callable[[Block], None]


@dataclass(frozen=True, slots=True)
class Seats:
    """What can be asked of a chamber.

    majority : seats of one.  blocs : how many of the names are blocs; the others are parties.
    standing : candidates of each district, in the order of its flags' columns.
    """

    majority: int
    blocs: int
    standing: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Askable:
    """What can be asked of a run.

    candidates : in the order of votes' columns; of a chamber its blocs, then its parties.
    names : of each kind of place, in order; a kind without names is there as a whole.
    absent : why a kind of place is not there, and a way out.
    detailed : kinds of which only the first trials tell.
    flags : names of what may be so of a candidate beside votes.  notes : what a reader must know of a kind of place.
    seats : of a chamber, whose trials keep seats and no votes.
    """

    candidates: tuple[str, ...]
    names: Mapping[str, tuple[str, ...]]
    absent: Mapping[str, tuple[str, str]]
    detailed: frozenset[str] = frozenset()
    flags: tuple[str, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    seats: Seats | None = None


@dataclass(frozen=True, slots=True)
class Single:
    """One trial.

    facts : what it has one of, by name.  tables : rows by the table's name, candidates and numbers by column.
    notes : what a reader must know.
    """

    facts: Mapping[str, Any]
    tables: Mapping[str, list[Row]]
    notes: tuple[str, ...] = ()
