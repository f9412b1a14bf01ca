"""A turnout said for the race: all pools' turnouts move together to meet it, and sides differ by no more than is said.

Who knows that 6 to 25 % will come knows it of everybody, and nothing of one side.  Said pool by pool, such a range is a
range of the difference between sides as well, which then runs from a landslide to another.  So the middles that are
believed of pools keep their distances in log-odds, all of them move by one amount, all share one spread, and a bloc
has a part of its own, as large as the gap between the sides is said to be.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from runoff.estimate.logistic import TAIL, logistic
from runoff.race import FloatArray, Pool, Rate

if TYPE_CHECKING:
    from runoff.runfile.sections.turnout import TurnoutSection

GAP = 0.24  # a race's own 2.4 points of margin in 4,001 French duels, were all of it a difference in turnout
_FAR = 3.0  # standard deviations between what is said of pools and of the race that are worth a word
_WIDEST = 40.0  # log-odds that all pools may be moved by
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
    middle = np.array([pool.turnout.location[0] for pool in pools])
    ends = [_moved(people, middle, share) for share in (section.low, section.high)]
    by, shared = sum(ends) / 2.0, (ends[1] - ends[0]) / (2.0 * TAIL)
    own = (GAP if section.gap is None else section.gap) / math.sqrt(2.0)
    sd = round(math.hypot(shared, own), _DECIMALS)
    said = f"the race's {section.low:g} to {section.high:g} (80 %)"
    changed = tuple(
        replace(pool, turnout=Rate((round(float(at + by), _DECIMALS),), ((sd,),), said, "race", "[turnout]"))
        for pool, at in zip(pools, middle, strict=True)
    )
    share = round(shared**2 / (shared**2 + own**2), 9)
    return RaceTurnout(changed, (share, 1.0 - share, 0.0), _contradiction(section, pools, people, parts, by, shared))


def _moved(people: FloatArray, middle: FloatArray, share: float) -> float:
    """How far all log-odds must move for this share of all people to vote; by halving an interval."""
    low, high = -_WIDEST, _WIDEST
    for _ in range(_HALVINGS):
        half = (low + high) / 2.0
        voted = float(people @ logistic(middle + half)) / float(people.sum())
        low, high = (half, high) if voted < share else (low, half)
    return (low + high) / 2.0


def _contradiction(
    section: TurnoutSection,
    pools: Sequence[Pool],
    people: FloatArray,
    parts: tuple[float, float, float],
    by: float,
    shared: float,
) -> str:
    """What a reader must know where somebody said turnouts of pools that the race's cannot be."""
    said = np.array([pool.turnout.origin not in ("default", "archive") for pool in pools])
    if not said.any():
        return ""
    sds = np.array([pool.turnout.scale[0][0] for pool in pools])
    weight = people / people.sum()
    together = math.sqrt(parts[0]) * float(weight @ sds)
    apart = math.sqrt(1.0 - parts[0]) * float(np.sqrt(((weight * sds) ** 2).sum()))
    away = abs(by) / math.sqrt(together**2 + apart**2 + shared**2)
    if away < _FAR:
        return ""
    expected = float(people @ logistic(np.array([pool.turnout.location[0] for pool in pools]))) / float(people.sum())
    return (
        f"[turnout] {100 * section.low:g} to {100 * section.high:g} % is {away:.1f} standard deviations from what is "
        f"said of the pools, {100 * expected:.0f} % in all: the race's word counts"
    )
