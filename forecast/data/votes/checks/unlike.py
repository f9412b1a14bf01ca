"""Units that are unlike all others: a digit too many, two cells swapped, a number of another place; as notes only.

A unit's share of a candidate, on the log-odds scale, is held against the median of all units, with 1.48 times their
median absolute deviation (Huber 1981, Robust Statistics, section 5.1) and the counting error of both; so is its
turnout, votes over registered voters, on the log scale.  Places do differ: on forty real first rounds by unit fourteen
units in eight races are named, on six with rolls three units in one; of any two candidates who are swapped in a unit,
and who differ by two per cent of its votes or more, a third are found.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runoff.race import FloatArray, Int64Array

FAR = 7.0  # deviations of a share that are worth a note
FAR_PAIR, NEAR = 3.0, 1.5  # the same of two candidates who would be near if their votes were swapped
FAR_TURNOUT, TIMES = 5.0, 2.5  # the same of a turnout, which is also off by such a factor
LEAST = 50  # votes, or registered voters, of a unit that can be unlike others
_MOVED = 20  # votes that are at stake at least
_FLOOR, _FLOOR_OF_FEW, _FEW = 0.35, 0.8, 8  # least deviation of shares between units, in log-odds; where they are few
_TURNOUT_FLOOR, _TURNOUT_FLOOR_OF_FEW = 0.2, 0.4
TWICE, _APART, _GAP = 1.8, 6.0, 3.5  # two groups of cells: how far apart, in what they have and in spreads within
_MOST = 3  # units named in a note


def odd_shares(votes: Int64Array) -> list[tuple[int, int, float, float]]:
    """(unit, candidate, share, median share) of int64[U, C] that are far from all others, furthest first.

    Two candidates of a unit are far too where one is above FAR_PAIR and the other below it, and neither would be far
    if their votes were swapped.
    """
    total = votes.sum(axis=1)
    some = total >= LEAST
    if some.sum() < 3:
        return []
    share = (votes + 0.5) / (total + 1.0)[:, None]
    odds: FloatArray = np.log(share / (1.0 - share))
    middle = np.median(odds[some], axis=0)
    usual: FloatArray = 1.0 / (1.0 + np.exp(-middle))
    spread = np.array([_spread(odds[some, c], _FLOOR, _FLOOR_OF_FEW) for c in range(votes.shape[1])])

    def away(unit: Int64Array, candidate: Int64Array, number: Int64Array) -> FloatArray:
        mine, others = number + 0.5, total[unit] - number + 0.5
        counting = 1.0 / mine + 1.0 / others
        found: FloatArray = (np.log(mine / others) - middle[candidate]) / np.sqrt(spread[candidate] ** 2 + counting)
        return found

    unit, candidate = (place.astype(np.int64) for place in np.nonzero(some[:, None] & (votes >= 0)))
    far = np.zeros(votes.shape)
    far[unit, candidate] = away(unit, candidate, votes[unit, candidate])
    at_stake = np.abs(votes - total[:, None] * usual) >= _MOVED
    found = {(u, c) for u, c in np.argwhere((np.abs(far) > FAR) & at_stake).tolist()}
    for u in np.flatnonzero((far > FAR_PAIR).any(axis=1) & (far < -FAR_PAIR).any(axis=1)).tolist():
        high, low = np.flatnonzero(far[u] > FAR_PAIR), np.flatnonzero(far[u] < -FAR_PAIR)
        one, other = (part.ravel() for part in np.meshgrid(high, low))
        here = np.full(one.size, u)
        back = np.maximum(np.abs(away(here, one, votes[u, other])), np.abs(away(here, other, votes[u, one])))
        for i in np.flatnonzero((back < NEAR) & (votes[u, one] - votes[u, other] >= _MOVED)).tolist():
            found |= {(u, int(one[i])), (u, int(other[i]))}
    order = sorted(found, key=lambda at: (-abs(far[at]), at))
    return [(u, c, float(votes[u, c] / total[u]), float(usual[c])) for u, c in order]


def odd_turnouts(votes: Int64Array, registered: Int64Array) -> list[tuple[int, float, float]]:
    """(unit, turnout, median turnout) of int64[U] each that are far from all others, furthest first."""
    some = np.flatnonzero((registered >= LEAST) & (votes > 0))
    if some.size < 2:
        return []
    logs: FloatArray = np.log(votes[some] / registered[some])
    if some.size == 2:  # who of the two is wrong nobody can say: the smaller turnout
        away, middle = logs.max() - logs, float(logs.max())
        far = away > np.log(TIMES)
    else:
        middle = float(np.median(logs))
        away = np.abs(logs - middle)
        far = (away > FAR_TURNOUT * _spread(logs, _TURNOUT_FLOOR, _TURNOUT_FLOOR_OF_FEW)) & (away > np.log(TIMES))
    order = sorted(np.flatnonzero(far).tolist(), key=lambda i: (-float(away[i]), i))
    return [(int(some[i]), float(np.exp(logs[i])), float(np.exp(middle))) for i in order]


def _spread(values: FloatArray, floor: float, of_few: float) -> float:
    deviation = 1.4826 * float(np.median(np.abs(values - np.median(values))))
    return max(deviation, floor if len(values) >= _FEW else of_few)


def share_note(units: Sequence[str], candidates: Sequence[str], votes: Int64Array) -> list[str]:
    """A note on the shares that are far from all others; none where there are none."""
    found = odd_shares(votes)
    said = [
        f"{candidates[c]} has {100 * share:.1f} % in {units[u]}, {100 * usual:.1f} % is usual"
        for u, c, share, usual in found[:_MOST]
    ]
    return [_note(said, len(found))] if said else []


def turnout_note(units: Sequence[str], votes: Int64Array, registered: Int64Array) -> list[str]:
    """A note on the turnouts that are far from all others; none where there are none."""
    found = odd_turnouts(votes, registered)
    said = [
        f"{units[u]} has {int(votes[u]):,} of {int(registered[u]):,} registered voters, {100 * share:.1f} %; "
        f"{100 * usual:.1f} % is usual"
        for u, share, usual in found[:_MOST]
    ]
    return [_note(said, len(found))] if said else []


def in_part(votes: Int64Array, of: FloatArray) -> list[int]:
    """Places of int64[n] votes that have a small part of `of` where all the others have a large one; [] if none.

    The ratios, on the log scale, are split into two groups by least squares (Fisher 1958); these count where they are
    TWICE apart, _APART times their spread within, with a gap between of _GAP times it, and of two places each at least.
    Of forty real races, a unit's runoff votes over its first-round votes, none is split so, and of 885 pieces of them
    (10, 20 and 60 units in a row) five are.
    """
    known = np.flatnonzero((votes >= LEAST / 2) & (of >= LEAST))
    n = len(known)
    if n < 5:
        return []
    order = known[np.argsort(np.log(votes[known] / of[known]), kind="stable")]
    x = np.log(votes[order] / of[order])
    sums, squares, k = np.cumsum(x), np.cumsum(x * x), np.arange(1, n)
    low, high = sums[:-1] / k, (sums[-1] - sums[:-1]) / (n - k)
    within = squares[-1] - k * low**2 - (n - k) * high**2
    within[[0, -1]] = np.inf  # one place alone is named as odd, if it is
    i = int(np.argmin(within))
    spread = max(float(np.sqrt(max(within[i], 0.0) / (n - 2))), 0.02)
    apart, gap = high[i] - low[i], x[i + 1] - x[i]
    return order[: i + 1].tolist() if apart > np.log(TWICE) and apart > _APART * spread and gap > _GAP * spread else []


def rolls_note(units: Sequence[str], now: Int64Array, then: Int64Array) -> list[str]:
    """A note on units whose registered voters, over those of an earlier election, are far from all others'."""
    found = odd_turnouts(now, then)
    said = [f"{units[u]} has {int(now[u]):,} registered voters, {int(then[u]):,} then" for u, _, _ in found[:_MOST]]
    return [_note(said, len(found))] if said else []


def part_note(places: Sequence[str], votes: Int64Array, of: FloatArray, whole: str) -> list[str]:
    """A note on places that have so much less than all others that they may be in part; whole : what `of` is."""
    found = in_part(votes, of)
    if not found:
        return []
    others = np.setdiff1d(np.flatnonzero(of >= LEAST), found)
    few, usual = (100 * float(votes[at].sum() / of[at].sum()) for at in (found, others))
    first, more = places[found[0]], f" and {len(found) - 1:,} more" if len(found) > 1 else ""
    return [f"in part? {first}{more} have {few:.0f} % of {whole}, the others {usual:.0f} %: a status says so"]


def _note(said: Sequence[str], n: int) -> str:
    more = f"; and {n - len(said):,} more" if n > len(said) else ""
    return f"a slip, or a place of its own? {'; '.join(said)}{more}"
