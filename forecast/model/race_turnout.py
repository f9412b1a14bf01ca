"""A turnout said for the race: all pools' turnouts move together to meet it, and sides differ by no more than is said.

Who knows that 6 to 25 % will come knows it of everybody, and nothing of one side.  Said pool by pool, such a range is a
range of the difference between sides as well, which then runs from a landslide to another.  So all pools move together:
where fewer come than is believed of them, all turnouts fall by one factor, where more, all move by one amount in
log-odds.  What they do not share is as large as the gap between the sides is said to be: a bloc's part, or the pool's
own where both finalists are of one bloc; the shared part is smaller by what this adds to the race's range.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from runoff.arithmetic.functions import log, log1p, norm, square
from runoff.estimate.logistic import TAIL, logistic
from runoff.race import FloatArray, Pool, Rate

if TYPE_CHECKING:
    from runoff.runfile.sections.turnout import TurnoutSection

GAP = 0.24  # a race's own 2.4 points of margin in 4,001 French duels, were all of it a difference in turnout
_FAR = 3.0  # standard deviations between what is said of pools and of the race that are worth a word
_WIDEST = 40.0  # log-odds that all pools may be moved by
_LEAST_SHARED = 0.1  # of the race's spread that stays shared, however wide the gap
_HALVINGS = 80
_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class RaceTurnout:
    """Pools with turnouts that meet what is said of the race; parts of their variance; a note, or ''."""

    pools: tuple[Pool, ...]
    parts: tuple[float, float, float]
    note: str


def race_turnout(section: TurnoutSection, pools: Sequence[Pool], parts: tuple[float, float, float]) -> RaceTurnout:
    """The pools after [turnout]; parts : of their turnouts' variance before it."""
    people = np.array([pool.people for pool in pools], np.float64)
    middle = logistic(np.array([pool.turnout.location[0] for pool in pools]))
    low, high = (_odds(_met(people, middle, share)) for share in (section.low, section.high))
    at, spread = (low + high) / 2.0, (high - low) / (2.0 * TAIL)
    gap = GAP if section.gap is None else section.gap
    blocs = [pool.bloc for pool in pools[: _finalists(pools)]]
    by_bloc = len(set(blocs)) > 1
    moved = people * logistic(at) * logistic(-at)  # what the race's turnout gains where a pool's log-odds do
    groups = [pool.bloc for pool in pools] if by_bloc else [pool.name for pool in pools]
    alone = _alone(moved, groups)
    own = gap / math.sqrt(2.0)
    mean_spread = float((moved * spread).sum() / moved.sum())
    shared = math.sqrt(max(square(mean_spread) - square(own) * alone, square(_LEAST_SHARED * mean_spread)))
    share = round(square(shared) / (square(shared) + square(own)), 9) if shared or own else 1.0
    said = f"the race's {section.low:g} to {section.high:g} (80 %)"
    scales = norm(spread * shared / mean_spread, own)
    changed = tuple(
        replace(
            pool,
            turnout=Rate((round(float(a), _DECIMALS),), ((round(float(b), _DECIMALS),),), said, "race", "[turnout]"),
        )
        for pool, a, b in zip(pools, at, scales, strict=True)
    )
    notes = [_contradiction(section, pools, people, parts, mean_spread), _too_wide(section, mean_spread, own, alone)]
    rest = 1.0 - share
    divided = (share, rest, 0.0) if by_bloc else (share, 0.0, rest)
    return RaceTurnout(changed, divided, "\n".join(note for note in notes if note))


def _finalists(pools: Sequence[Pool]) -> int:
    return sum(pool.kind == "finalist" for pool in pools)


def _odds(share: FloatArray) -> FloatArray:
    found: FloatArray = log(share) - log1p(-share)
    return found


def _alone(moved: FloatArray, groups: Sequence[str]) -> float:
    """The variance of the race's turnout where each group has a part of variance one of its own."""
    weight = moved / moved.sum()
    _, place = np.unique(np.array(groups), return_inverse=True)
    return math.fsum(value * value for value in np.bincount(place, weight))


def _met(people: FloatArray, middle: FloatArray, share: float) -> FloatArray:
    """Turnouts of the pools that make this share of all people vote: less by one factor, or more by one log-odds."""
    total = float((people * middle).sum() / people.sum())
    if share <= total:
        return middle * (share / total)
    return logistic(_odds(middle) + _moved(people, _odds(middle), share))


def _moved(people: FloatArray, middle: FloatArray, share: float) -> float:
    """How far all log-odds must move for this share of all people to vote; by halving an interval."""
    low, high = -_WIDEST, _WIDEST
    for _ in range(_HALVINGS):
        half = (low + high) / 2.0
        voted = float((people * logistic(middle + half)).sum()) / float(people.sum())
        low, high = (half, high) if voted < share else (low, half)
    return (low + high) / 2.0


def _too_wide(section: TurnoutSection, spread: float, own: float, alone: float) -> str:
    """What a reader must know where sides that differ so much make the race's range wider than it is said."""
    if square(spread) - square(own) * alone >= square(_LEAST_SHARED * spread):
        return ""
    wider = math.sqrt(square(own) * alone + square(_LEAST_SHARED * spread)) / spread
    return (
        f"[turnout] sides that differ by {own * math.sqrt(2.0):g} in log-odds make the race's turnout {wider:.1f} "
        "times as wide as it is said: lower gap"
    )


def _contradiction(
    section: TurnoutSection, pools: Sequence[Pool], people: FloatArray, parts: tuple[float, float, float], shared: float
) -> str:
    """What a reader must know where what is said, or past races say, of pools is far from the race's turnout."""
    said = np.array([pool.turnout.origin != "default" for pool in pools])
    if not said.any():
        return ""
    sds = np.array([pool.turnout.scale[0][0] for pool in pools])
    weight = people / people.sum()
    together = math.sqrt(parts[0]) * float((weight * sds).sum())
    apart = math.sqrt(1.0 - parts[0]) * float(np.sqrt(((weight * sds) ** 2).sum()))
    expected = float((weight * logistic(np.array([pool.turnout.location[0] for pool in pools]))).sum())
    middle = (_odds(np.array([section.low])) + _odds(np.array([section.high])))[0] / 2.0
    by = float(middle - _odds(np.array([expected]))[0])
    away = abs(by) / math.sqrt(square(together) + square(apart) + square(shared))
    if away < _FAR:
        return ""
    return (
        f"[turnout] {100 * section.low:g} to {100 * section.high:g} % is {away:.1f} standard deviations from what is "
        f"said of the pools, {100 * expected:.0f} % in all: the race's word counts"
    )
