"""Standard normals of many streams at once, for models that are small enough to be written in NumPy."""

from __future__ import annotations

import numpy as np

from runoff.kernels._jit import entry
from runoff.kernels._types import Float32Array, UInt64Array
from runoff.kernels.normals import normals
from runoff.kernels.philox import GROUP


@entry
def fill_normals(
    seed: np.uint64, streams: UInt64Array, first_group: int, words: UInt64Array, out: Float32Array
) -> None:
    """Overwrite `out` float32[S, n GROUP] with the normals of `streams` uint64[S] from a group of trials on.

    A number depends on (seed, stream, trial) alone, so that it does not matter who draws which group.  `words`
    uint64[2 * LANES] is scratch.
    """
    for s in range(streams.size):
        for g in range(out.shape[1] // GROUP):
            normals(seed, streams[s], np.uint64(first_group + g), words, out[s, g * GROUP : (g + 1) * GROUP])
