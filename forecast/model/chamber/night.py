"""What counted runoffs say: of the shocks that all share, and of districts that are counted in part.

A duel's margin that is in is its law's value; one in part is the same with an error that shrinks as more is counted.
Given the error's variance v and the own variance o of the race, the rest of a district that is counted in part has the
law with mean (1 - k) mean + k y, loads (1 - k) loads and own variance o v / (o + v), k = o / (o + v).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from runoff import names
from runoff.data.chamber.counted import Counted
from runoff.data.chamber.districts import District
from runoff.model.chamber.pairs import Pairs
from runoff.model.chamber.polls import Heard
from runoff.model.chamber.shared import Learned, Shared, learned
from runoff.race import FloatArray

_GRID = np.linspace(-0.6, 0.6, 25)  # of the log of `wider`
_WIDER_SD = 0.25  # of that between elections: what seven Assemblies had
_PART_SD = 0.12  # of the margin so far around the final one, where little is counted


@dataclass(frozen=True, slots=True)
class Known:
    """After some results: the shocks, the law of the pairs that are still out, and what is in of the votes.

    winners : the place among the finalists of who won each district that is complete.
    wider : what races have of their own, to what past elections had, as the results say.
    """

    shocks: Learned
    law: Shared
    winners: dict[str, int]
    notes: tuple[str, ...]
    wider: float = 1.0


def after(
    districts: Sequence[District],
    pairs: Pairs,
    law: Shared,
    counted: Mapping[str, Counted],
    turnout: float,
    polls: Heard | None = None,
) -> Known:
    """What results, and polls of transfers, make of the law; turnout : runoff votes expected for one of before."""
    if not counted:
        shocks = Learned.nothing() if polls is None else learned(polls.law, polls.said, np.zeros(len(polls.said)))
        return Known(shocks, law, {}, ())
    margin, noise, left = _results(districts, pairs, counted, turnout)
    wider, shocks = _wider(law, margin, noise, polls)
    own = law.own * wider**2
    k = np.where((noise > 0.0) & np.isfinite(noise), own / (own + noise), 0.0)  # of those counted in part
    rest = Shared((1.0 - k) * law.mean + k * margin, law.loads * (1.0 - k)[:, None], own * (1.0 - k))
    winners = {name: int(np.argmax(one.votes)) for name, one in counted.items() if one.complete}
    notes = [f"counted in part, and taken as out: {left} of the runoffs of three or four"] if left else []
    return Known(shocks, rest, winners, (*notes, *_equal(counted)), wider)


def _results(
    districts: Sequence[District], pairs: Pairs, counted: Mapping[str, Counted], turnout: float
) -> tuple[FloatArray, FloatArray, int]:
    """Margins of duels that are in, float64[P], the variance of their errors, inf where out; others in part."""
    margin, noise = np.zeros(len(pairs.district)), np.full(len(pairs.district), np.inf)
    left: set[int] = set()
    for row, d in enumerate(pairs.district.tolist()):
        district = districts[d]
        found = counted.get(district.id)
        if found is None:
            continue
        if len(found.votes) > 2 or len(district.finalists) > 2:
            left |= set() if found.complete else {d}
            continue
        first, second = found.votes
        margin[row] = (first - second) / (first + second)
        noise[row] = 0.0 if found.complete else _noise(first + second, turnout * sum(district.votes))
    return margin, noise, len(left)


def _wider(law: Shared, margin: FloatArray, noise: FloatArray, polls: Heard | None) -> tuple[float, Learned]:
    """The likeliest factor of what races have of their own, with its prior, and the shocks at it."""
    laws = [Shared(law.mean, law.loads, law.own * np.exp(2.0 * log)) for log in _GRID]
    if polls is not None:
        laws = [one.and_(polls.law) for one in laws]
        margin, noise = np.concatenate([margin, polls.said]), np.concatenate([noise, np.zeros(len(polls.said))])
    found = [learned(one, margin, noise) for one in laws]
    best = int(np.argmax([one.loglik - 0.5 * (log / _WIDER_SD) ** 2 for log, one in zip(_GRID, found, strict=True)]))
    return float(np.exp(_GRID[best])), found[best]


def _noise(votes: int, expected: float) -> float:
    """Variance of a margin so far around the final one."""
    out = max(1.0 - votes / max(expected, 1.0), 0.02)
    return (_PART_SD * out) ** 2 + out / votes


def _equal(counted: Mapping[str, Counted]) -> list[str]:
    """Complete counts whose first two are equal."""
    tied = [name for name, one in counted.items() if one.complete and sorted(one.votes)[-1] == sorted(one.votes)[-2]]
    if not tied:
        return []
    return [f"equal votes in {names.listed(tied, 3)}: the seat goes to who had more in the first round"]
