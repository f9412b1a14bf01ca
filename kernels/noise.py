"""The votes of a unit's large pools: their multinomials summed, drawn as one normal, rounded to whole votes.

Given the rates, the sum of multinomials has mean sum n r and covariance sum n (diag(r) - r r').  `sums` is
a flat array of rows of GROUP trials: rows 0..K-1 the means, row K + k K + l (l <= k) the covariances.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from kernels._jit import part, scalar
from kernels.fused import fma
from kernels.normals import normals
from kernels.philox import GROUP

_ZERO = np.float32(0.0)
_HALF = np.float32(0.5)
_ONE = np.float32(1.0)
_MOST_ODDS = np.float32(485165195.4)  # e^20: the product of two pools' denominators is then below e^81


@part
def fill(target: npt.NDArray[Any], value: Any) -> None:
    """Overwrite a flat array with one value: a loop, as numba's slice assignment is three times slower."""
    for i in range(target.size):
        target[i] = value


@scalar
def _held(odds: np.float32, effect: np.float32) -> np.float32:
    """Odds in one unit, held below e^20 like those of a pool."""
    return min(odds * effect, _MOST_ODDS)


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
    """Add a pool's means (rows 0, 1) and second moments (rows 2, 4, 5: n a a, n a b, n b b), two finalists."""
    for i in range(GROUP):
        come, choose = odds[i], odds[GROUP + i]
        if affected:
            come, choose = _held(come, effect[i]), _held(choose, effect[GROUP + i])
        last = come / ((_ONE + come) * (_ONE + choose))
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
            come, choose = _held(come, effect[i]), _held(choose, effect[GROUP + i])
            come_2, choose_2 = _held(come_2, effect[i]), _held(choose_2, effect[GROUP + i])
        below, below_2 = (_ONE + come) * (_ONE + choose), (_ONE + come_2) * (_ONE + choose_2)
        share = _ONE / (below * below_2)
        last, last_2 = come * (share * below_2), come_2 * (share * below)
        add_pool(people, last * choose, last, i, sums)
        add_pool(other_people, last_2 * choose_2, last_2, i, sums)


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
def _noise_two(sums: npt.NDArray[np.float32], normal: npt.NDArray[np.float32]) -> None:
    """Add count noise to the two means: covariances are means less second moments, and less those across."""
    for i in range(GROUP):
        root = np.sqrt(max(sums[i] - sums[2 * GROUP + i], _ZERO))
        slope = -sums[4 * GROUP + i] / (root if root > _ZERO else _ONE)
        rest = np.sqrt(max(sums[GROUP + i] - sums[5 * GROUP + i] - slope * slope, _ZERO))
        sums[i] += root * normal[i]
        sums[GROUP + i] = sums[GROUP + i] + slope * normal[i] + rest * normal[GROUP + i]


@part
def _noise_many(finalists: int, sums: npt.NDArray[np.float32], normal: npt.NDArray[np.float32]) -> None:
    """Add Cholesky's factor times `normal` float32[K * GROUP] to the means."""
    for m in range(finalists):
        for k in range(m, finalists):
            row = (finalists + k * finalists + m) * GROUP
            for i in range(GROUP):
                sums[k * GROUP + i] += sums[row + i] * normal[m * GROUP + i]


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
    votes: npt.NDArray[np.int32],
) -> None:
    """Overwrite `votes` int32[K, GROUP]: means, count noise and exact draws, rounded, within 0..people.

    `sums` holds means and covariances, `exact` int32[(K + 1) * GROUP] the draws of small pools; its last row,
    `words` uint64[2 * LANES] and `normal` float32[K * GROUP] are scratch.
    """
    finalists = count_stream.size
    for m in range(finalists):
        normals(seed, count_stream[m], group, words, normal[m * GROUP : (m + 1) * GROUP])
    if finalists == 2:
        _noise_two(sums, normal)
    else:
        _factorise(finalists, sums)
        _noise_many(finalists, sums, normal)
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
