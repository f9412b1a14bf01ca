"""Margin brackets, as markets have them: who wins, and by how many points of the valid votes.

A bracket has its lower edge and not its upper one; the last has no upper one.  Nobody's is a tie; who wins outright
has no margin.  Each trial is in exactly one, found in whole numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np

from runoff.app.ask.events import winners
from runoff.errors import UsageError
from runoff.phases.asked import NOBODY, Counted

OUTRIGHT = -1  # place of the bracket of who wins outright, and of a tie
_EDGE = re.compile(r"[0-9]{1,3}(\.[0-9]{1,6})?")
_MOST = 100  # edges


@dataclass(frozen=True, slots=True)
class Brackets:
    """Lower edges in points, the first of them 0."""

    edges: tuple[Fraction, ...]

    @property
    def spans(self) -> tuple[tuple[float, float | None], ...]:
        """Lower and upper edge of each, in points; None for no upper one."""
        numbers = [*(float(edge) for edge in self.edges), None]
        return tuple((low, high) for low, high in pairwise(numbers) if low is not None)

    def of(self, counted: Counted) -> np.ndarray:
        """Winner and bracket of each trial: int64[n, 2]."""
        votes = counted.votes if counted.known is None else np.where(counted.known, counted.votes, -1)
        top = np.sort(votes, axis=1)[:, -2:]
        lead, valid, who = top[:, 1] - top[:, 0], counted.votes.sum(axis=1), winners(counted)
        place = np.full(len(who), -1, np.int64)
        for edge in self.edges:  # lead / valid >= edge / 100, in whole numbers below 2^63
            place += lead * (100 * edge.denominator) >= edge.numerator * valid
        held = who != NOBODY
        if counted.known is not None:
            held &= counted.known.any(axis=1)
        return np.stack([who, np.where(held, place, OUTRIGHT)], axis=1)


def brackets(said: str | list[float] | tuple[float, ...]) -> Brackets:
    """Brackets of edges in points: '0,2.5,5,7.5'; a first one of 0 may be left out.

    Raises
    ------
    UsageError : they are no edges.
    """
    words = [word.strip() for word in said.split(",")] if isinstance(said, str) else [str(edge) for edge in said]
    shown = said if isinstance(said, str) else ", ".join(words)
    rule = "edges are points of the winner's lead from 0 to 100, at most six digits behind the point, in order"
    fix = "as in 0,2.5,5,7.5"
    wrong = UsageError(f"brackets {shown}: no edges\n  rule: {rule}\n  fix:  {fix}")
    if not words or len(words) > _MOST or not all(_EDGE.fullmatch(word) for word in words):
        raise wrong
    edges = [Fraction(word) for word in words]
    edges = edges if edges[0] == 0 else [Fraction(0), *edges]
    if any(a >= b for a, b in pairwise(edges)) or edges[-1] >= 100:
        raise wrong
    return Brackets(tuple(edges))
