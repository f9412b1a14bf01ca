"""Draws of a matrix: each cell with noise of its own, each draw with the data's margins.

What makes estimates from units wrong is that people of one origin behave otherwise where there are many of them, which
no bootstrap of units sees.  Its size was measured where the truth is known (docs/transfers.md).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runoff.estimate.ecological.blocks import FloatArray, in_order
from runoff.estimate.ecological.prior import CLOSE, free_margins
from runoff.kernels import margins
from runoff.kernels.fill import fill_normals
from runoff.kernels.philox import GROUP, LANES
from runoff.kernels.streams import Purpose, streams

SIZE = 0.4  # sd of the logarithm of a cell of 0.1 of all people
POWER = -0.2  # by which it grows as cells get smaller
CENTRING = 256  # draws by which the middle is moved so that their mean is the matrix
FARTHEST = 5.0  # factor by which a cell's middle is moved at most


def drawn(
    matrix: FloatArray,
    variance: FloatArray,
    bounds: tuple[FloatArray, FloatArray],
    margins_of: tuple[FloatArray, FloatArray],
    names: tuple[Sequence[str], Sequence[str]],
    *,
    draws: int,
    seed: int,
    size: float = SIZE,
) -> FloatArray:
    """Draws around a matrix, which is about their mean: float64[draws, R, C], people.

    matrix : float64[R, C].  variance : float64[R, C], of log-odds by sampling.  bounds : least and most of each cell.
    margins_of : float64[R], float64[C].  names : of origins and destinations, which a cell's numbers hang on.
    """
    (least, most), (origins, destinations) = bounds, margins_of
    sd = np.empty_like(matrix)
    margins.noise(matrix / origins[:, None], origins / origins.sum(), variance, size, POWER, sd)
    cells = [f"{origin}\0{destination}" for origin in names[0] for destination in names[1]]
    normals = np.empty((len(cells), -(-max(draws, CENTRING) // GROUP) * GROUP), np.float32)
    stream = streams(Purpose.TRANSFER_CELL, cells, 1)[:, 0]
    fill_normals(np.uint64(seed), stream, 0, np.empty(2 * LANES, np.uint64), normals)
    rows, columns = free_margins(least, origins, destinations)
    close = 1e3 * CLOSE * max(float(origins.sum()), 1.0)

    def around(middle: FloatArray, number: int) -> FloatArray:
        out = np.empty((number, *matrix.shape))
        margins.fit_draws(middle, sd, least, normals, rows, columns, most - least, np.empty_like(matrix), close, out)
        return out

    mean = in_order(around(matrix, CENTRING)) / CENTRING
    moved = matrix * np.clip(matrix / np.maximum(mean, 1e-9), 1.0 / FARTHEST, FARTHEST)
    return around(np.maximum(moved, least), draws)
