"""Philox4x32-10: 128 random bits as a pure function of (seed, stream, place).

Source: Salmon, Moraes, Dror and Shaw (2011), Parallel random numbers: as easy as 1, 2, 3,
doi:10.1145/2063384.2063405.  Known answers: tests/data/philox4x32.txt.

The key is the run's seed; the upper half of the counter is the stream (what a number is for, see
`streams`), the lower half is the place within it.  The four words of one counter go to four trials of
one group, so that a stream has exactly one word per trial:

    group = trial // GROUP            within = trial % GROUP
    counter = group * LANES + within % (2 LANES) // 2      word = within // (2 LANES) + within % 2 * 2
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from runoff.kernels._jit import part, scalar

LANES = 256  # counters per stream in one group of trials; part of what a seed means
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
    # the upper halves of x1 and x3 hold rubbish between rounds: the mask at the product takes it off for nothing
    for _ in range(rounds):
        p0 = (x0 & _LOW) * _M0
        p1 = (x2 & _LOW) * _M1
        x0 = (p1 >> _HALF) ^ x1 ^ k0
        x1 = p1
        x2 = (p0 >> _HALF) ^ x3 ^ k1
        x3 = p0
        k0 = (k0 + _W0) & _LOW
        k1 = (k1 + _W1) & _LOW
    return x0 & _LOW, x1 & _LOW, x2 & _LOW, x3 & _LOW


@part
def philox_words(seed: np.uint64, stream: np.uint64, group: np.uint64, out: npt.NDArray[np.uint64]) -> None:
    """Overwrite `out` uint64[2 * LANES] with one group's words of a stream, two in each.

    Seen as uint32[GROUP] it holds the word of each trial.  Element i is words 0 (low half) and 2 of counter
    (place, stream) with place = group * LANES + i, element LANES + i its words 1 and 3: whole elements are
    stored, as picking 32-bit words out of 64-bit lanes would cost a sixth of the generator.
    """
    first = group * _LANES
    key0, key1 = seed & _LOW, seed >> _HALF
    stream_low, stream_high = stream & _LOW, stream >> _HALF
    for i in range(LANES):
        place = first + np.uint64(i)
        x0, x1, x2, x3 = philox4x32(place & _LOW, place >> _HALF, stream_low, stream_high, key0, key1, ROUNDS)
        out[i] = x0 | (x2 << _HALF)
        out[LANES + i] = x1 | (x3 << _HALF)
