"""The nouns of a two-round race as frozen values.

Shares are fractions in [0, 1], votes are whole numbers, margins are differences of shares.
Axis order everywhere: trial, unit, pool (or candidate), finalist.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Int64Array = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


# who said a rate: a layer of the run file, [turnout] for the race, past races, nobody
Origin = Literal["pool", "bloc", "own", "race", "archive", "default"]
PoolKind = Literal["finalist", "eliminated", "new"]
GroupKind = Literal["race", "pool", "bloc", "party", "new"]  # whom a poll or crosstab asked

NEW_VOTERS = ""  # their name where rates are said by candidate

Row = dict[str, object]  # of an output table, by column
Tables = dict[str, list[Row]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One name on the first round's ballot; `bloc` is the party unless the run file says otherwise."""

    name: str
    party: str
    bloc: str


@dataclass(frozen=True, slots=True)
class FirstRound:
    """The certified first round, as read from the results table.

    Attributes
    ----------
    candidates : in order of votes, most first; equal votes in order of name.
    units : names in order of the table.
    regions : the larger area each unit belongs to ("" where the table has no region column).
    votes : int64[n_units, n_candidates], summed over vote modes.
    registered : int64[n_units] registered voters, or None where no table gives them.
    ballots : int64[n_units] ballots cast, at least the votes; equal to the votes where not given.
    sources : where each number came from, for the provenance in the tables' footers (file, sha256).
    averaged : float64[n_units, 2], where units have been put together: the parts of the variance of a unit's and of a
        region's effect that are left in the mean over their people (`runoff.data.votes.averaging`); None where they
        stand one by one.
    """

    candidates: tuple[Candidate, ...]
    units: tuple[str, ...]
    regions: tuple[str, ...]
    votes: Int64Array
    registered: Int64Array | None
    ballots: Int64Array
    sources: tuple[tuple[str, str], ...]
    averaged: FloatArray | None = None

    @property
    def totals(self) -> Int64Array:
        """First-round votes of each candidate: int64[n_candidates]."""
        totals: Int64Array = self.votes.sum(axis=0)
        return totals

    @property
    def without_vote(self) -> Int64Array | None:
        """Registered voters without a valid vote: int64[n_units], or None where nobody counted them."""
        return None if self.registered is None else self.registered - self.votes.sum(axis=1)


@dataclass(frozen=True, slots=True)
class Rate:
    """A logistic-normal rate: what a person said of it, and the parameters found for it.

    `location` and `scale` are on the log-odds scale.  For a turnout they have length 1 and shape
    (1, 1); for a preference among K finalists they are the log-ratios to the last finalist, length
    K - 1, and a lower-triangular Cholesky factor of their covariance, shape (K - 1, K - 1).

    `joint` is what the rate has in common with others of the same estimate, within its covariance and not on top of
    it: loads on the model's `joint` factors, a row of M for each of `location`, or ().

    `said` repeats the run file ("Karen Handel 0.88 ± 0.05"); `origin` is which layer of the
    run file spoke; `source` is the run file's own remark, or "".
    """

    location: tuple[float, ...]
    scale: tuple[tuple[float, ...], ...]
    said: str
    origin: Origin
    source: str
    joint: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Pool:
    """The first-round voters of one candidate, or those who did not vote in the first round.

    `kind` "new" are those registered who did not vote in the first round.  `people` is the pool's size over all units.
    """

    name: str
    bloc: str
    kind: PoolKind
    people: int
    turnout: Rate
    preference: Rate


@dataclass(frozen=True, slots=True)
class Race:
    """One contest: what it is, when it is held, and what the law says of it.

    `as_of` is the last day whose information the forecast may use.  `threshold` is the share of
    valid votes that wins outright; `recount_margin` the largest margin, as a share of valid
    votes, at which a recount is due.
    """

    id: str
    name: str
    first_round: dt.date
    runoff: dt.date
    as_of: dt.date
    threshold: float
    recount_margin: float
