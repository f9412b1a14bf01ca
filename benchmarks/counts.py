"""What every contestant hands back, and what vectorised rivals add up of a chunk of trials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

BINS = 10_001  # of turnout, 0.01 points wide
MARGIN_BINS = 20_001  # of the margin, from -1 to 1
Votes = npt.NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Counts:
    """What the suite compares: trials drawn, how they ended, and the margin's sum and sum of squares.

    The margin is the first finalist's lead as a share of valid votes.  `recounts` is -1 where the contestant
    does another job and has none; then `wins` alone is compared.
    """

    trials: int
    wins: int
    ties: int
    recounts: int
    margin_sum: float
    margin_squares: float

    def __add__(self, other: Counts) -> Counts:
        """Both together."""
        return Counts(
            self.trials + other.trials,
            self.wins + other.wins,
            self.ties + other.ties,
            self.recounts + other.recounts,
            self.margin_sum + other.margin_sum,
            self.margin_squares + other.margin_squares,
        )


NOTHING = Counts(0, 0, 0, 0, 0.0, 0.0)
Contest = Callable[[int], Counts]  # draws at least so many trials


class Tally:
    """Wins, ties, recounts, moments of both finalists' votes, histograms of margin and turnout."""

    def __init__(self, recount_margin: float, total: float) -> None:
        self._recount, self._total = recount_margin, total
        self.trials = self.wins = self.losses = self.recounts = 0
        self.margin = np.zeros(2)
        self.moments = np.zeros(5)
        self.margin_bins = np.zeros(MARGIN_BINS, np.int64)
        self.turnout_bins = np.zeros(BINS, np.int64)

    def add(self, first: Votes, last: Votes) -> None:
        """Add trials; `first` and `last` are whole votes float[trials]."""
        difference, valid = first - last, first + last
        margin = difference / valid
        self.trials += first.size
        self.wins += int(np.count_nonzero(difference > 0))
        self.losses += int(np.count_nonzero(difference < 0))
        self.recounts += int(np.count_nonzero(np.abs(margin) <= self._recount))
        self.margin += margin.sum(dtype=np.float64), margin @ margin
        self.moments += first.sum(), last.sum(), first @ first, first @ last, last @ last
        self.margin_bins += np.bincount(((margin + 1) * 1e4).astype(np.int64), minlength=MARGIN_BINS)
        self.turnout_bins += np.bincount((valid * (1e4 / self._total)).astype(np.int64), minlength=BINS)

    def counts(self) -> Counts:
        """What was added up."""
        ties = self.trials - self.wins - self.losses
        return Counts(self.trials, self.wins, ties, self.recounts, float(self.margin[0]), float(self.margin[1]))
