"""Standard normals for whoever draws outside the kernels: a function of seed, stream and trial."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runoff.kernels.fill import fill_normals
from runoff.kernels.philox import GROUP, LANES

__all__ = ["GROUP", "normals"]


def normals(seed: int | np.uint64, keys: Sequence[np.uint64] | np.ndarray, first: int, n: int) -> np.ndarray:
    """Normals of streams for trials first..first+n-1 (both multiples of GROUP): float32[len(keys), n]."""
    out = np.empty((len(keys), n), np.float32)
    fill_normals(np.uint64(seed), np.asarray(keys, np.uint64), first // GROUP, np.empty(2 * LANES, np.uint64), out)
    return out
