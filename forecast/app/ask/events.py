"""Events as a block of trials answers them: so, not so, or neither, where a quantity has no value in a trial.

Neither is of the logic of Kleene (1938, doi:10.2307/2267778): the opposite of what is not known is not known, `and` is
not so once one part is not, `or` is so once one part is.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from runoff.phases.asked import NOBODY, Block, Counted, Place

Truth = tuple[np.ndarray, np.ndarray]  # bool[n]: so, and not so
Values = tuple[Any, Any]  # [n], and bool[n] where there is one, or None for everywhere
_COMPARED: dict[str, Callable[[Any, Any], Any]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True, slots=True)
class Measure:
    """A quantity of a place; who : a candidate's place in the votes, or None; others : who counts together with it."""

    what: str
    who: int | None
    place: Place
    others: tuple[int, ...] = ()

    def values(self, block: Block) -> Values:
        """What it is in each trial."""
        return measured(self, block.places[self.place])


@dataclass(frozen=True, slots=True)
class Compared:
    """Two sides; a side that is no measure is a number, or a candidate's place for a winner."""

    left: Measure | float
    sign: str
    right: Measure | float

    def truth(self, block: Block) -> Truth:
        """In each trial."""
        (left, first), (right, second) = (
            side.values(block) if isinstance(side, Measure) else (side, None) for side in (self.left, self.right)
        )
        so = np.asarray(_COMPARED[self.sign](left, right))
        both = [known for known in (first, second) if known is not None]
        known = np.logical_and.reduce(both) if both else np.True_
        return so & known, ~so & known


@dataclass(frozen=True, slots=True)
class Flag:
    """What is so of a candidate beside votes; or `tie`, nobody having most votes."""

    what: str
    who: int | None
    place: Place

    def truth(self, block: Block) -> Truth:
        """In each trial."""
        counted = block.places[self.place]
        so = winners(counted) == NOBODY if self.what == "tie" else counted.flags[self.what][:, self.who]
        return so, ~so


@dataclass(frozen=True, slots=True)
class Opposite:
    """Not so."""

    part: Bound

    def truth(self, block: Block) -> Truth:
        """In each trial."""
        so, opposite = self.part.truth(block)
        return opposite, so


@dataclass(frozen=True, slots=True)
class All:
    """All parts."""

    parts: tuple[Bound, ...]

    def truth(self, block: Block) -> Truth:
        """In each trial."""
        found = [part.truth(block) for part in self.parts]
        return np.logical_and.reduce([so for so, _ in found]), np.logical_or.reduce([no for _, no in found])


Bound = Compared | Flag | Opposite | All


def any_of(parts: tuple[Bound, ...]) -> Bound:
    """One of the parts at least."""
    return Opposite(All(tuple(Opposite(part) for part in parts)))


def winners(counted: Counted) -> np.ndarray:
    """Who has most votes, int64[n]: a candidate's place, or NOBODY for a tie."""
    if counted.winner is not None:
        return counted.winner
    best = counted.votes.max(axis=1, keepdims=True) == counted.votes
    return np.where(best.sum(axis=1) == 1, best.argmax(axis=1), NOBODY)


def measured(measure: Measure, counted: Counted) -> Values:
    """A quantity of a place in each trial; shares are quotients, rounded once."""
    votes, known, k = counted.votes, counted.known, measure.who
    if measure.what == "winner":
        return winners(counted), None
    if measure.what == "seats":
        return votes[:, [one for one in (k, *measure.others) if one is not None]].sum(axis=1), None
    total = votes.sum(axis=1)
    there = None if known is None else known.any(axis=1) if k is None else known[:, k]
    if measure.what == "votes":
        return (total if k is None else votes[:, k]), there
    if measure.what == "turnout":
        return total / max(counted.people, 1.0), there
    some = total > 0
    there = some if there is None else there & some
    own = votes[:, k]
    if measure.what == "margin":
        others = np.delete(votes if known is None else np.where(known, votes, -1), k or 0, axis=1)
        own = own - others.max(axis=1)
    return own / np.where(some, total, 1), there
