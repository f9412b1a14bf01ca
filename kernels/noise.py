"""The votes of a unit's large pools: their multinomials summed, drawn as one normal, rounded to whole votes.

Given the rates, the sum of multinomials has mean sum n r and covariance sum n (diag(r) - r r').  `sums` is
a flat array of rows of GROUP trials: rows 0..K-1 the means, row K + k K + l (l <= k) the covariances.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from runoff.kernels._jit import part, scalar
from runoff.kernels.fused import fma
from runoff.kernels.normals import normals
from runoff.kernels.philox import GROUP

_ZERO = np.float32(0.0)
_HALF = np.float32(0.5)
_ONE = np.float32(1.0)


@part
def fill(target: npt.NDArray[Any], value: Any) -> None:
    """Overwrite a flat array with one value: a loop, as numba's slice assignment is three times slower."""
    for i in range(target.size):
        target[i] = value


@scalar
def add_pool(people: float, first: np.float32, last: np.float32, i: int, sums: npt.NDArray[np.float32]) -> None:
    """Add one pool's means and second moments to those of trial i."""
    votes_first, votes_last = people * first, people * last
    sums[i] += votes_first
    sums[GROUP + i] += votes_last
    sums[2 * GROUP + i] = fma(votes_first, first, sums[2 * GROUP + i])
    sums[4 * GROUP + i] = fma(votes_first, last, sums[4 * GROUP + i])
    sums[5 * GROUP + i] = fma(votes_last, last, sums[5 * GROUP + i])


@part
def add_one(
    people: float,
    odds: npt.NDArray[np.float32],
    effect: npt.NDArray[np.float32],
    affected: bool,
    sums: npt.NDArray[np.float32],
) -> None:
    """Add a pool's means (rows 0, 1) and second moments (rows 2, 4, 5: n a a, n a b, n b b), two finalists.

    A unit's effects e on the odds of voting and f on those of the first finalist stand in the divisor only: the
    shares are short of the factors e f and e, which all pools have in common and `scale_sums` makes up for.
    """
    for i in range(GROUP):
        come, choose = odds[i], odds[GROUP + i]
        if affected:
            below = fma(come, effect[i], _ONE) * fma(choose, effect[GROUP + i], _ONE)
        else:
            below = (_ONE + come) * (_ONE + choose)
        last = come / below
        add_pool(people, last * choose, last, i, sums)


@part
def add_pair(
    people: float,
    odds: npt.NDArray[np.float32],
    other_people: float,
    other_odds: npt.NDArray[np.float32],
    effect: npt.NDArray[np.float32],
    affected: bool,
    sums: npt.NDArray[np.float32],
) -> None:
    """`add_one` for two pools with one division, the dearest of a pool's operations."""
    for i in range(GROUP):
        come, choose = odds[i], odds[GROUP + i]
        come_2, choose_2 = other_odds[i], other_odds[GROUP + i]
        if affected:
            e, f = effect[i], effect[GROUP + i]
            below, below_2 = fma(come, e, _ONE) * fma(choose, f, _ONE), fma(come_2, e, _ONE) * fma(choose_2, f, _ONE)
        else:
            below, below_2 = (_ONE + come) * (_ONE + choose), (_ONE + come_2) * (_ONE + choose_2)
        share = _ONE / (below * below_2)
        last, last_2 = come * (share * below_2), come_2 * (share * below)
        add_pool(people, last * choose, last, i, sums)
        add_pool(other_people, last_2 * choose_2, last_2, i, sums)


@part
def scale_sums(effect: npt.NDArray[np.float32], sums: npt.NDArray[np.float32]) -> None:
    """Multiply the sums of `add_one` and `add_pair` by what a unit's effects have in common."""
    for i in range(GROUP):
        e = effect[i]
        both = e * effect[GROUP + i]
        sums[i] *= both
        sums[GROUP + i] *= e
        sums[2 * GROUP + i] *= both * both
        sums[4 * GROUP + i] *= both * e
        sums[5 * GROUP + i] *= e * e


@part
def add_many(people: float, rates: npt.NDArray[np.float32], finalists: int, sums: npt.NDArray[np.float32]) -> None:
    """Add a pool's means (rows 0..K-1) and covariances (rows K + k K + l, l <= k) to `sums`."""
    for k in range(finalists):
        for i in range(GROUP):
            sums[k * GROUP + i] += people * rates[k * GROUP + i]
        for m in range(k + 1):
            row = (finalists + k * finalists + m) * GROUP
            own = _ONE if m == k else _ZERO
            for i in range(GROUP):
                rate = rates[k * GROUP + i]
                sums[row + i] += people * rate * (own - rates[m * GROUP + i])


@part
def _factorise(finalists: int, sums: npt.NDArray[np.float32]) -> None:
    """Cholesky's factor of each trial's covariance, in place; a row without variance becomes zero."""
    for k in range(finalists):
        for m in range(k + 1):
            row = (finalists + k * finalists + m) * GROUP
            for n in range(m):
                left = (finalists + k * finalists + n) * GROUP
                right = (finalists + m * finalists + n) * GROUP
                for i in range(GROUP):
                    sums[row + i] -= sums[left + i] * sums[right + i]
            if m == k:
                for i in range(GROUP):
                    sums[row + i] = np.sqrt(max(sums[row + i], _ZERO))
            else:
                pivot = (finalists + m * finalists + m) * GROUP
                for i in range(GROUP):
                    # without variance the covariance is zero too, and 0 / 1 says so
                    root = sums[pivot + i]
                    sums[row + i] = sums[row + i] / (root if root > _ZERO else _ONE)


@part
def _whole_two(
    people: int,
    sums: npt.NDArray[np.float32],
    normal: npt.NDArray[np.float32],
    exact: npt.NDArray[np.int32],
    drawn: bool,
    votes: npt.NDArray[np.int32],
) -> None:
    """`_factorise`, `_noise_many` and `_round` in one pass for two finalists.

    Covariances are means less second moments, and less those across.
    """
    most = np.int32(people)
    first, last = votes[0], votes[1]
    for i in range(GROUP):
        root = np.sqrt(max(sums[i] - sums[2 * GROUP + i], _ZERO))
        slope = -sums[4 * GROUP + i] / (root if root > _ZERO else _ONE)
        rest = np.sqrt(max(sums[GROUP + i] - sums[5 * GROUP + i] - slope * slope, _ZERO))
        one = sums[i] + root * normal[i]
        two = sums[GROUP + i] + slope * normal[i] + rest * normal[GROUP + i]
        ours, theirs = np.int32(max(one, _ZERO) + _HALF), np.int32(max(two, _ZERO) + _HALF)
        if drawn:
            ours, theirs = np.int32(ours + exact[i]), np.int32(theirs + exact[GROUP + i])
        whole = min(ours, most)
        first[i] = whole
        last[i] = min(theirs, np.int32(most - whole))


@part
def _noise_many(finalists: int, sums: npt.NDArray[np.float32], normal: npt.NDArray[np.float32]) -> None:
    """Add Cholesky's factor times `normal` float32[K * GROUP] to the means."""
    for m in range(finalists):
        for k in range(m, finalists):
            row = (finalists + k * finalists + m) * GROUP
            for i in range(GROUP):
                sums[k * GROUP + i] += sums[row + i] * normal[m * GROUP + i]


@part
def _round(
    finalists: int,
    people: int,
    sums: npt.NDArray[np.float32],
    exact: npt.NDArray[np.int32],
    votes: npt.NDArray[np.int32],
) -> None:
    """Whole votes within what is left of the people; the last row of `exact` is scratch."""
    left = exact[finalists * GROUP : (finalists + 1) * GROUP]
    for i in range(GROUP):
        left[i] = people
    for k in range(finalists):
        row = k * GROUP
        whole = votes[k]
        for i in range(GROUP):
            whole[i] = min(np.int32(np.int32(max(sums[row + i], _ZERO) + _HALF) + exact[row + i]), left[i])
        for i in range(GROUP):
            left[i] -= whole[i]


@part
def whole_votes(
    seed: np.uint64,
    count_stream: npt.NDArray[np.uint64],
    group: np.uint64,
    people: int,
    words: npt.NDArray[np.uint64],
    normal: npt.NDArray[np.float32],
    sums: npt.NDArray[np.float32],
    exact: npt.NDArray[np.int32],
    drawn: bool,
    votes: npt.NDArray[np.int32],
) -> None:
    """Overwrite `votes` int32[K, GROUP]: means, count noise and exact draws, rounded, within 0..people.

    `sums` holds means and covariances, `exact` int32[(K + 1) * GROUP] the draws of small pools (zeros, and for two
    finalists anything, where none was `drawn`); its last row,
    `words` uint64[2 * LANES] and `normal` float32[K * GROUP] are scratch.
    """
    finalists = count_stream.size
    for m in range(finalists):
        normals(seed, count_stream[m], group, words, normal[m * GROUP : (m + 1) * GROUP])
    if finalists == 2:
        _whole_two(people, sums, normal, exact, drawn, votes)
    else:
        _factorise(finalists, sums)
        _noise_many(finalists, sums, normal)
        _round(finalists, people, sums, exact, votes)
