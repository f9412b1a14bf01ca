"""Where two rates lie together, and who wins there: trials in cells of both, counted in whole numbers."""

from __future__ import annotations

import numpy as np

from runoff.kernels._jit import part, scalar
from runoff.kernels._types import FloatArray, Int32Array, Int64Array
from runoff.kernels.arrays import PPM, RESPONSE_BINS
from runoff.kernels.tally import MARGIN, SECOND, TOP

_PPM, _HALF, _FEW = np.float64(PPM), np.float64(0.5), np.float64(1e-300)


@scalar
def _place(rate: np.int64, low: np.int64, width: np.int64) -> np.int64:
    """The bin of a rate in ppm; the first and the last hold what lies beyond them."""
    place = (rate - low) // width if rate >= low else np.int64(0)
    return min(place, np.int64(RESPONSE_BINS - 1))


@part
def add_response(
    spec: Int64Array,
    row_people: FloatArray,
    row_votes: FloatArray,
    votes: Int32Array,
    result: Int32Array,
    weights: Int64Array,
    weighted: bool,
    start: int,
    stop: int,
    cells: Int64Array,
) -> None:
    """Add trials start..stop-1 of a group to `cells` int64[bins, bins, 3]: trials, first finalist's wins, margins.

    spec : int64[2, 4], of each rate its row, what it is (0: turnout, 1 + k: preference for finalist k), the first
        bin's lower end and a bin's width in ppm.  weights : int64[GROUP], read where trials are `weighted`.
    """
    finalists = votes.shape[0]
    for i in range(start, stop):
        first, second = np.int64(0), np.int64(0)
        for side in range(2):
            row, what = spec[side, 0], spec[side, 1]
            voters = np.float64(0.0)
            for k in range(finalists):
                voters += row_votes[row, k, i]
            part_of, whole = voters, max(row_people[row], 1.0)
            if what > 0:
                part_of, whole = row_votes[row, what - 1, i], max(voters, _FEW)
            place = _place(np.int64(part_of * (_PPM / whole) + _HALF), spec[side, 2], spec[side, 3])
            if side == 0:
                first = place
            else:
                second = place
        weight = weights[i] if weighted else np.int64(1)
        won = votes[0, i] == result[TOP, i] and result[TOP, i] != result[SECOND, i]
        cell = cells[first, second]
        cell[0] += weight
        cell[1] += weight if won else np.int64(0)
        cell[2] += weight * np.int64(result[MARGIN, i])
