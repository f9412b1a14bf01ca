"""Pairs of finalists of a chamber's districts as the archive's duels are, so that one law speaks of all of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from runoff.data.archive.words import BLOCS, camp_of
from runoff.data.chamber.districts import District
from runoff.model.prior.fitted.fields import STRATA, Fields, stratum_of
from runoff.race import FloatArray, Int64Array


@dataclass(frozen=True, slots=True)
class Pairs:
    """P pairs of finalists of districts with a runoff; A of a pair has more votes.

    fields : of the pairs.  district : int64[P], places in the chamber.  sides : int64[P, 2], places among the
    district's finalists.
    """

    fields: Fields
    district: Int64Array
    sides: Int64Array


def camp_votes(districts: Sequence[District], blocs: Mapping[str, str]) -> Counter[str]:
    """First-round votes by camp of the whole chamber; blocs : the archive's of each bloc of the table."""
    votes: Counter[str] = Counter()
    for district in districts:
        for candidate, count in zip(district.candidates, district.votes, strict=True):
            votes[camp_of(blocs[candidate.bloc])] += count
    return votes


def pairs_of(
    districts: Sequence[District], blocs: Mapping[str, str], level: str, camps: Mapping[str, int] | None = None
) -> Pairs:
    """Every pair of every district's finalists; a third finalist's voters are no part of the pair.

    camps : first-round votes by camp of the whole chamber, by default of these districts.
    """
    camps = camp_votes(districts, blocs) if camps is None else camps
    where: list[int] = []
    sides: list[tuple[int, int]] = []
    fronts: list[float] = []
    race, share, bloc, role, stood_down = list[int](), list[float](), list[int](), list[int](), list[bool]()
    for d, district in enumerate(districts):
        total = sum(district.votes)
        codes = [BLOCS.index(blocs[candidate.bloc]) for candidate in district.candidates]
        for i, k in combinations(range(len(district.finalists)), 2):
            first, second = district.finalists[i], district.finalists[k]
            for c, votes in enumerate(district.votes):
                if c in district.finalists and c not in (first, second):
                    continue
                race.append(len(where))
                share.append(votes / total)
                bloc.append(codes[c])
                role.append(0 if c == first else 1 if c == second else -1)
                stood_down.append(c in district.withdrawn)
            fronts.append(front_of(BLOCS[codes[first]], BLOCS[codes[second]], camps))
            where.append(d)
            sides.append((i, k))
    fields = Fields(
        race=np.array(race, np.int64),
        share=np.array(share, np.float64),
        bloc=np.array(bloc, np.int64),
        role=np.array(role, np.int64),
        stood_down=np.array(stood_down, np.bool_),
        stratum=np.full(len(where), STRATA.index(stratum_of(level)), np.int64),
        front=np.array(fronts, np.float64),
    )
    return Pairs(fields, np.array(where, np.int64), np.array(sides, np.int64).reshape(-1, 2))


def front_of(a: str, b: str, camps: Mapping[str, int]) -> float:
    """Log of the votes of A's camp over those of B's in the whole first round, 0 within one."""
    one, other = camp_of(a), camp_of(b)
    if one == other or not camps[one] or not camps[other]:
        return 0.0
    return float(np.log(camps[one] / camps[other]))


def pair_of(pairs: Pairs, row: int) -> Fields:
    """One pair alone."""
    return pairs.fields.chosen(np.array([row], np.int64))


def shares_of(district: District) -> FloatArray:
    """First-round shares of a district's candidates: float64[C]."""
    votes = np.array(district.votes, np.float64)
    found: FloatArray = votes / votes.sum()
    return found
