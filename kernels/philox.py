"""Philox4x32-10: 128 random bits as a pure function of (seed, stream, place).

Source: Salmon, Moraes, Dror and Shaw (2011), Parallel random numbers: as easy as 1, 2, 3,
doi:10.1145/2063384.2063405.  Known answers: tests/data/philox4x32.txt.

The key is the run's seed; the upper half of the counter is the stream (what a number is for, see
`streams`), the lower half is the place within it.  The four words of one counter go to four trials of
one group, so that a stream has exactly one word per trial:

    group = trial // GROUP            within = trial % GROUP
    counter = group * LANES + within % LANES      word = within // LANES
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kernels._jit import part, scalar

LANES = 128  # counters per stream in one group of trials; part of what a seed means
GROUP = 4 * LANES  # trials in a group
ROUNDS = 10

_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint64(0x9E3779B9)
_W1 = np.uint64(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_LANES = np.uint64(LANES)


@scalar
def philox4x32(
    x0: np.uint64, x1: np.uint64, x2: np.uint64, x3: np.uint64, k0: np.uint64, k1: np.uint64, rounds: int
) -> tuple[np.uint64, np.uint64, np.uint64, np.uint64]:
    """Four words of counter (x0, x1, x2, x3) and key (k0, k1), 32 bits each, held in 64; least word first.

    All arithmetic is on whole numbers, so the words are the same everywhere.
    """
    for _ in range(rounds):
        p0 = x0 * _M0
        p1 = x2 * _M1
        x0 = (p1 >> _HALF) ^ x1 ^ k0
        x1 = p1 & _LOW
        x2 = (p0 >> _HALF) ^ x3 ^ k1
        x3 = p0 & _LOW
        k0 = (k0 + _W0) & _LOW
        k1 = (k1 + _W1) & _LOW
    return x0, x1, x2, x3


@part
def philox_words(seed: np.uint64, stream: np.uint64, group: np.uint64, out: npt.NDArray[np.uint32]) -> None:
    """Overwrite `out` uint32[4, LANES] with one group's words of a stream.

    `out[w, i]` is word w of counter (place, stream) with place = group * LANES + i, low halves first.
    """
    first = group * _LANES
    key0, key1 = seed & _LOW, seed >> _HALF
    stream_low, stream_high = stream & _LOW, stream >> _HALF
    for i in range(LANES):
        place = first + np.uint64(i)
        x0, x1, x2, x3 = philox4x32(place & _LOW, place >> _HALF, stream_low, stream_high, key0, key1, ROUNDS)
        out[0, i] = np.uint32(x0)
        out[1, i] = np.uint32(x1)
        out[2, i] = np.uint32(x2)
        out[3, i] = np.uint32(x3)
