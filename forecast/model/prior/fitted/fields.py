"""First rounds of two-finalist races as flat arrays, from an archive or from one race: what the prior looks at."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from runoff.data.archive.arrays import ArchiveArrays
from runoff.data.archive.words import BLOCS, LEVELS
from runoff.model.prior.fitted.relations import RELATIONS, camps_of, relations
from runoff.race import BoolArray, FloatArray, Int64Array

STRATA = ("district", "municipal", "national", "regional", "us_state", "us_legislature", "unknown")
_STRATUM = {
    "national_district": "district",
    "departmental": "district",
    "municipal": "municipal",
    "national": "national",
    "regional": "regional",
    "statewide": "us_state",
    "us_house": "us_state",
    "state_legislative": "us_legislature",
}
_BY_LEVEL: Int64Array = np.array([STRATA.index(_STRATUM[level]) for level in LEVELS], np.int64)
# people of a pool who vote in the runoff, as a share of those of a finalist's pool: 4,027 French duels, by relation
RETURNS = {
    "own": 1.0,
    "same": 0.96,
    "camp": 0.79,
    "near": 0.57,
    "far": 0.52,
    "barrage": 0.60,
    "near_far_right": 0.60,
    "stood_down": 0.60,
    "none": 0.62,
}
_RETURNS: FloatArray = np.array([RETURNS[name] for name in (*RELATIONS, "none")])
NEW = 0.10  # runoff votes from people without a first-round vote, as a share of first-round votes


def stratum_of(level: str) -> str:
    """The stratum of a level of the archive; 'unknown' for any other word."""
    return _STRATUM.get(level, "unknown")


@dataclass(frozen=True)
class Fields:
    """N races between two finalists A and B, A the one with more votes; C pools of people who voted for somebody.

    race : int64[C], in order.  share : float64[C], of the first round's valid votes.  bloc : int64[C], codes.
    role : int64[C], 0 for A's pool, 1 for B's, -1 for the eliminated.  stood_down : bool[C].
    stratum : int64[N], places in STRATA.  front : float64[N], log of A's camp's votes over B's in the whole first round
    of the election, 0 where only this race is known or the camps are one.
    """

    race: Int64Array
    share: FloatArray
    bloc: Int64Array
    role: Int64Array
    stood_down: BoolArray
    stratum: Int64Array
    front: FloatArray

    def chosen(self, races: Int64Array) -> Fields:
        """Some of the races, int64[n], in this order."""
        place = np.full(self.races, -1, np.int64)
        place[races] = np.arange(len(races))
        rows = np.flatnonzero(place[self.race] >= 0)
        rows = rows[np.argsort(place[self.race[rows]], kind="stable")]
        return Fields(
            race=place[self.race[rows]],
            share=self.share[rows],
            bloc=self.bloc[rows],
            role=self.role[rows],
            stood_down=self.stood_down[rows],
            stratum=self.stratum[races],
            front=self.front[races],
        )

    @property
    def races(self) -> int:
        """Races N."""
        return len(self.stratum)

    @cached_property
    def finalist_share(self) -> FloatArray:
        """First-round shares of A and B: float64[N, 2]."""
        return np.stack([self.share[self.role == k] for k in (0, 1)], axis=1)

    @cached_property
    def finalist_bloc(self) -> Int64Array:
        """Their blocs: int64[N, 2]."""
        return np.stack([self.bloc[self.role == k] for k in (0, 1)], axis=1)

    @cached_property
    def relation(self) -> Int64Array:
        """Of each pool, as `relations.relations` has it: int64[C, 2]; own pools have none."""
        blocs = self.finalist_bloc[self.race]
        found = relations(self.bloc, blocs[:, 0], blocs[:, 1], self.stood_down)
        found[self.role >= 0] = (-1, 0)
        return found

    @cached_property
    def returns(self) -> FloatArray:
        """Of each pool, how many return for one of a finalist's: float64[C]."""
        back: FloatArray = np.where(self.role >= 0, 1.0, _RETURNS[self.relation[:, 0]])
        return back

    @cached_property
    def back(self) -> FloatArray:
        """Runoff votes for one of the first round, were all of the finalists' voters to return: float64[N]."""
        found: FloatArray = np.asarray(np.bincount(self.race, self.share * self.returns, self.races) + NEW, np.float64)
        return found

    @cached_property
    def one_bloc(self) -> BoolArray:
        """Whether both finalists are of one bloc, or nobody knows: bool[N]."""
        same: BoolArray = self.finalist_bloc[:, 0] == self.finalist_bloc[:, 1]
        return same

    @cached_property
    def settled(self) -> BoolArray:
        """Whether one finalist is of the left and the other of the right: bool[N]."""
        camps = np.sort(camps_of(self.finalist_bloc), axis=1)
        ends = np.sort(camps_of(np.array([_LEFT, _RIGHT])))
        both: BoolArray = (camps == ends).all(axis=1)
        return both


_LEFT, _RIGHT = BLOCS.index("left"), BLOCS.index("right")


def duels_of(arrays: ArchiveArrays, front: FloatArray) -> tuple[Fields, Int64Array, FloatArray]:
    """The races of an archive with two finalists: fields, their places int64[N], A's margins float64[N]."""
    chosen = np.flatnonzero(arrays.n_finalists == 2)
    place = np.full(len(arrays.n_finalists), -1, np.int64)
    place[chosen] = np.arange(len(chosen))
    rows = np.flatnonzero((place[arrays.race] >= 0) & (arrays.votes > 0))
    race, votes = place[arrays.race[rows]], arrays.votes[rows].astype(np.float64)
    share = votes / np.bincount(race, votes)[race]
    # candidates stand by votes, most first, so the first finalist of a race is A
    finalist = arrays.advanced[rows]
    before: Int64Array = np.cumsum(finalist) - finalist
    opened = np.searchsorted(race, np.arange(len(chosen)))
    role = np.where(finalist, before - before[opened][race], -1)
    fields = Fields(
        race=race,
        share=share,
        bloc=arrays.bloc[rows],
        role=role,
        stood_down=arrays.withdrew[rows],
        stratum=_BY_LEVEL[arrays.level[chosen]],
        front=front[chosen],
    )
    runoff = arrays.runoff_votes[rows].astype(np.float64)
    a, b = (runoff[role == k] for k in (0, 1))
    return fields, chosen, (a - b) / (a + b)
