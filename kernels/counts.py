"""Exact votes of small pools: multinomials by inversion, one uniform for each finalist.

Given its rates, a pool's votes are multinomial.  A pool of at most SMALL_POOL people in a unit is drawn
as such: binomials one after another, each by counting how many values of its distribution function lie
below the uniform.  The functions are in float32 like the rates; the distribution drawn differs from the
exact one by less than 3e-5 in total variation (tests/kernels/test_counts.py).
"""

from __future__ import annotations

import numpy as np

from runoff.kernels._jit import part
from runoff.kernels._types import Float32Array, Int32Array, UInt64Array
from runoff.kernels.philox import GROUP, philox_words

_f = np.float32
_ZERO = _f(0.0)
_HALF = _f(0.5)
_ONE = _f(1.0)
_UNIFORM = _f(2.0**-24)
_NEVER = _f(1e-12)

# Rows of `draw`, the scratch of a group's binomials.
UNIFORM, ODDS, MASS, BELOW, COUNT, DRAW_ROWS = 0, 1, 2, 3, 4, 5


@part
def _begin(words: UInt64Array, left: Int32Array, chance: Float32Array, draw: Float32Array) -> None:
    """Set up one binomial per trial: `left` int32[GROUP] people, each with `chance` float32[GROUP].

    A chance over a half is turned round (count those who do not), so that (1 - p)^n stays normal.
    """
    word_of = words.view(np.uint32)
    for i in range(GROUP):
        uniform = (_f(np.int32(word_of[i] >> np.uint32(8))) + _HALF) * _UNIFORM
        flip = chance[i] > _HALF
        draw[UNIFORM * GROUP + i] = _ONE - uniform if flip else uniform
        p = _ONE - chance[i] if flip else chance[i]
        draw[ODDS * GROUP + i] = p / (_ONE - p)
        draw[MASS * GROUP + i] = _ONE
        draw[BELOW * GROUP + i] = _ZERO
        draw[COUNT * GROUP + i] = _ZERO
        # (1 - p)^n by squaring: n has at most seven bits
        base = _ONE - p
        for bit in range(7):
            odd = (left[i] >> np.int32(bit)) & np.int32(1)
            draw[MASS * GROUP + i] *= base if odd == 1 else _ONE
            base = base * base


@part
def _count(left: Int32Array, people: int, draw: Float32Array) -> None:
    """Count the values of each distribution function that lie below the uniform; `people` >= left."""
    for step in range(people):
        place = _f(step)
        share = _ONE / _f(step + 1)
        for i in range(GROUP):
            mass = draw[MASS * GROUP + i]
            below = draw[BELOW * GROUP + i] + mass
            draw[BELOW * GROUP + i] = below
            draw[COUNT * GROUP + i] += _ONE if draw[UNIFORM * GROUP + i] > below else _ZERO
            draw[MASS * GROUP + i] = mass * (draw[ODDS * GROUP + i] * ((_f(left[i]) - place) * share))


@part
def exact_votes(
    seed: np.uint64,
    streams: UInt64Array,
    group: np.uint64,
    people: int,
    rates: Float32Array,
    words: UInt64Array,
    draw: Float32Array,
    exact: Int32Array,
) -> None:
    """Add one small pool's multinomial votes to `exact` int32[(K + 1) * GROUP].

    `rates` float32[(K + 2) * GROUP]: row k the share of the pool's people who vote for finalist k; rows K
    (the chance among those not yet placed) and K + 1 (the share not yet placed) are overwritten.  Row K
    of `exact` (people not yet placed) and `draw` float32[DRAW_ROWS * GROUP] are scratch.
    """
    finalists = streams.size
    left = exact[finalists * GROUP : (finalists + 1) * GROUP]
    chance = rates[finalists * GROUP : (finalists + 1) * GROUP]
    rest = rates[(finalists + 1) * GROUP : (finalists + 2) * GROUP]
    for i in range(GROUP):
        left[i] = people
        rest[i] = _ONE
    for k in range(finalists):
        rate = rates[k * GROUP : (k + 1) * GROUP]
        votes = exact[k * GROUP : (k + 1) * GROUP]
        for i in range(GROUP):
            chance[i] = min(rate[i] / max(rest[i], _NEVER), _ONE)
            rest[i] -= rate[i]
        philox_words(seed, streams[k], group, words)
        _begin(words, left, chance, draw)
        _count(left, people, draw)
        for i in range(GROUP):
            drawn = min(np.int32(draw[COUNT * GROUP + i]), left[i])
            if chance[i] > _HALF:
                drawn = np.int32(left[i] - drawn)
            votes[i] += drawn
            left[i] -= drawn
