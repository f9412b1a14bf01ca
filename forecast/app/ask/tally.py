"""What trials add up to for a question: weights and their squares, in whole numbers where weights are whole."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from runoff.app.ask.bound import Question
from runoff.app.ask.brackets import Brackets
from runoff.phases.asked import RACE, Block

_MOST = 65_536  # trials added at once: sums of squared weights stay below 2^63


@dataclass(slots=True)
class Sum:
    """Trials, their weights' sum and sum of squares; Python's numbers, which do not outgrow anything."""

    trials: int = 0
    weight: Any = 0
    squares: Any = 0

    def add(self, which: np.ndarray, weights: np.ndarray) -> None:
        """Add the trials bool[n]; weights [n], or none where each counts once."""
        count = int(np.count_nonzero(which))
        self.trials += count
        if not len(weights):
            self.weight += count
            self.squares += count
            return
        own = weights[which]
        self.weight += own.sum().item()
        self.squares += (own * own).sum().item()


def chance(part: Sum, whole: Sum) -> tuple[float | None, float | None]:
    """A part's probability and its Monte Carlo standard error; None of nothing.

    Of weights w that is the standard error of a ratio, sqrt(sum of w^2 (1 - p)^2 or p^2) / sum of w: with equal ones
    sqrt(p (1 - p) / n).  Source: Owen (2013), Monte Carlo theory, methods and examples, section 9.2.
    """
    if not whole.weight:
        return None, None
    p = part.weight / whole.weight
    variance = (1.0 - p) ** 2 * float(part.squares) + p**2 * float(whole.squares - part.squares)
    return p, math.sqrt(max(variance, 0.0)) / float(whole.weight)


def effective(whole: Sum) -> float:
    """Equally weighted trials that would tell as much: (sum w)^2 / sum w^2."""
    return whole.weight**2 / whole.squares if whole.squares else 0.0


@dataclass(slots=True)
class Tally:
    """All of one asking: the trials, those in which the condition holds, and of each event's in both.

    open : trials in which an event is neither so nor not so, of the condition's and of all.
    """

    events: tuple[Question, ...]
    given: Question | None
    brackets: Brackets | None
    every: Sum = field(default_factory=Sum)
    condition: Sum = field(default_factory=Sum)
    condition_open: Sum = field(default_factory=Sum)
    so: list[Sum] = field(default_factory=list)
    so_given: list[Sum] = field(default_factory=list)
    open: list[Sum] = field(default_factory=list)
    open_given: list[Sum] = field(default_factory=list)
    in_brackets: dict[tuple[int, int], Sum] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for sums in (self.so, self.so_given, self.open, self.open_given):
            sums.extend(Sum() for _ in self.events)

    def hear(self, block: Block) -> None:
        """Add a block of trials."""
        n = len(next(iter(block.places.values())).votes)
        for start in range(0, n, _MOST):
            self._add(block if n <= _MOST else _part(block, slice(start, start + _MOST)))

    def _add(self, block: Block) -> None:
        weights = block.weights
        n = len(next(iter(block.places.values())).votes)
        every = np.ones(n, np.bool_)
        self.every.add(every, weights)
        given = every
        if self.given is not None:
            given, not_given = self.given.event.truth(block)
            self.condition.add(given, weights)
            self.condition_open.add(~(given | not_given), weights)
        for i, question in enumerate(self.events):
            so, no = question.event.truth(block)
            self.so[i].add(so, weights)
            self.open[i].add(~(so | no), weights)
            if self.given is not None:
                self.so_given[i].add(so & given, weights)
                self.open_given[i].add(given & ~(so | no), weights)
        if self.brackets is not None:
            who, place = self.brackets.of(block.places[RACE]).T
            size = len(self.brackets.edges) + 1
            flat = (who + 1) * size + place + 1
            for one in np.unique(flat).tolist():
                sums = self.in_brackets.setdefault((one // size - 1, one % size - 1), Sum())
                sums.add(given & (flat == one), weights)


def _part(block: Block, cut: slice) -> Block:
    """Some of a block's trials."""

    def cut_one(values: np.ndarray | None) -> np.ndarray | None:
        return None if values is None else values[cut]

    places = {
        place: replace(
            counted,
            votes=counted.votes[cut],
            known=cut_one(counted.known),
            winner=cut_one(counted.winner),
            flags={name: values[cut] for name, values in counted.flags.items()},
        )
        for place, counted in block.places.items()
    }
    return Block(block.first + cut.start, block.weights[cut], places)
