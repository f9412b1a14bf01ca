"""Standard normals from a stream: two words make two of them, always.

Source: Box and Muller (1958), A note on the generation of random normal deviates,
doi:10.1214/aoms/1177706645.  The radius has 31 bits, so |z| <= 6.66; a true normal exceeds that once
in 3.6e10 draws.
"""

from __future__ import annotations

import numpy as np

from runoff.kernels._jit import part
from runoff.kernels._types import Float32Array, UInt64Array
from runoff.kernels.elementary import cos_pi, log, sin_pi
from runoff.kernels.fused import fma
from runoff.kernels.philox import GROUP, philox_words

PAIRS = GROUP // 2

_f = np.float32
_MINUS_TWO = _f(-2.0)
_RADIUS_SCALE, _RADIUS_HALF = _f(2.0**-31), _f(2.0**-32)
_ANGLE_SCALE = _f(2.0**-33)
_TO_SIGN = np.int32(31)
_SWAP_BIT, _NONE = np.int32(2), np.int32(0)


@part
def normals(seed: np.uint64, stream: np.uint64, group: np.uint64, words: UInt64Array, out: Float32Array) -> None:
    """Overwrite `out` float32[GROUP] with one group's standard normals of a stream.

    `words` uint64[2 * LANES] is scratch.  The words of trials i and PAIRS + i, which are of one counter, make
    the normals of these two.
    """
    philox_words(seed, stream, group, words)
    word_of = words.view(np.uint32)
    for i in range(PAIRS):
        # u in (0, 1]; the radius takes the angle word's lowest bit as its sign
        u = fma(_f(np.int32(word_of[i] >> np.uint32(1))), _RADIUS_SCALE, _RADIUS_HALF)
        word = np.int32(word_of[PAIRS + i])
        radius = np.sqrt(_MINUS_TWO * log(u))
        radius = np.int32(_f(radius).view(np.int32) ^ np.int32(word << _TO_SIGN)).view(np.float32)
        # v in [-1/4, 1/4], in units of pi: a quarter of the circle; the other three by sign and swap
        v = _f(word) * _ANGLE_SCALE
        sine, cosine = sin_pi(v), cos_pi(v)
        swap = word & _SWAP_BIT == _NONE
        one, two = (cosine, sine) if swap else (sine, cosine)
        out[i] = radius * one
        out[PAIRS + i] = radius * two
