"""Tables fitted to both of their margins: proportional fitting, of one table, of many units, and of many draws.

Source: Deming and Stephan (1940), doi:10.1214/aoms/1177731829; with upper bounds, Dykstra's corrections for the
divergence: Bauschke and Lewis (2000), doi:10.1080/02331930008844513.
"""

from __future__ import annotations

import numpy as np

from runoff.kernels._jit import entry, part
from runoff.kernels._types import Float32Array, FloatArray
from runoff.kernels.functions import exp, log

SWEEPS = 2_000  # of one table at most; two dozen are usual


@part
def fit(table: FloatArray, rows: FloatArray, columns: FloatArray, close: float) -> int:
    """Scale `table` float64[R, C] in place until its sums are `rows` [R] and, to `close`, `columns` [C].

    Returns how often it went over it.  A row or column that should be empty is.  Sums agree exactly in `columns`
    (to rounding), so that what is left over is in the rows.
    """
    n_rows, n_columns = table.shape
    for sweep in range(SWEEPS):
        far = 0.0
        for j in range(n_rows):
            total = 0.0
            for k in range(n_columns):
                total += table[j, k]
            far = max(far, abs(total - rows[j]))
            factor = rows[j] / total if total > 0.0 else 0.0
            for k in range(n_columns):
                table[j, k] *= factor
        for k in range(n_columns):
            total = 0.0
            for j in range(n_rows):
                total += table[j, k]
            factor = columns[k] / total if total > 0.0 else 0.0
            for j in range(n_rows):
                table[j, k] *= factor
        if sweep > 0 and far <= close:
            return sweep
    return SWEEPS


@part
def fit_below(
    table: FloatArray, rows: FloatArray, columns: FloatArray, most: FloatArray, over: FloatArray, close: float
) -> int:
    """As `fit`, with no cell above `most` float64[R, C], which some table must obey; `over` [R, C] is scratch.

    The answer is the table with these margins and bounds whose divergence from `table` is least.
    """
    n_rows, n_columns = table.shape
    sweeps = fit(table, rows, columns, close)
    far = 0.0
    for j in range(n_rows):
        for k in range(n_columns):
            over[j, k] = 1.0
            far = max(far, table[j, k] - most[j, k])
    if far <= close:
        return sweeps
    for sweep in range(SWEEPS):
        far = 0.0
        for j in range(n_rows):
            for k in range(n_columns):
                full = table[j, k] * over[j, k]
                cut = min(full, most[j, k])
                far = max(far, abs(cut - table[j, k]))
                over[j, k] = full / cut if cut > 0.0 else 1.0
                table[j, k] = cut
        for j in range(n_rows):
            total = 0.0
            for k in range(n_columns):
                total += table[j, k]
            far = max(far, abs(total - rows[j]))
            factor = rows[j] / total if total > 0.0 else 0.0
            for k in range(n_columns):
                table[j, k] *= factor
        for k in range(n_columns):
            total = 0.0
            for j in range(n_rows):
                total += table[j, k]
            factor = columns[k] / total if total > 0.0 else 0.0
            for j in range(n_rows):
                table[j, k] *= factor
        if far <= close:
            return sweeps + sweep
    return sweeps + SWEEPS


@entry
def noise(
    shares: FloatArray, of_all: FloatArray, variance: FloatArray, size: float, power: float, out: FloatArray
) -> None:
    """Overwrite `out` float64[R, C] with the sd of each cell's logarithm: size (r / 0.1)^power P^power, and `variance`.

    shares : float64[R, C], P, rows sum to 1.  of_all : float64[R], r, each origin's share of all people.  variance :
    float64[R, C], of the log-odds by sampling, added.  The answer is held to [0.02, 2.5].
    """
    for j in range(out.shape[0]):
        for k in range(out.shape[1]):
            both = max(10.0 * of_all[j] * shares[j, k], 1e-12)
            sd = size * exp(power * log(both))
            out[j, k] = min(max(np.sqrt(sd * sd + variance[j, k]), 0.02), 2.5)


@entry
def fit_one(table: FloatArray, rows: FloatArray, columns: FloatArray, close: float) -> int:
    """`fit` for Python."""
    return fit(table, rows, columns, close)


@entry
def fit_one_below(
    table: FloatArray, rows: FloatArray, columns: FloatArray, most: FloatArray, over: FloatArray, close: float
) -> int:
    """`fit_below` for Python."""
    return fit_below(table, rows, columns, most, over, close)


@entry
def fit_draws(
    middle: FloatArray,
    sd: FloatArray,
    least: FloatArray,
    normals: Float32Array,
    rows: FloatArray,
    columns: FloatArray,
    most: FloatArray,
    over: FloatArray,
    close: float,
    out: FloatArray,
) -> int:
    """Overwrite `out` float64[D, R, C] with tables around `middle` [R, C] that have its margins, each of one draw.

    A cell above `least` [R, C] is multiplied by exp(sd z) with z of `normals` float32[R C, D at least]; `rows` [R],
    `columns` [C] and `most` [R, C] are what is left above `least`.  `over` [R, C] is scratch.  Returns the sweeps that
    the slowest draw took.
    """
    n_draws, n_rows, n_columns = out.shape
    slowest = 0
    for d in range(n_draws):
        table = out[d]
        for j in range(n_rows):
            for k in range(n_columns):
                z = np.float64(normals[j * n_columns + k, d])
                table[j, k] = (middle[j, k] - least[j, k]) * exp(sd[j, k] * z)
        slowest = max(slowest, fit_below(table, rows, columns, most, over, close))
        for j in range(n_rows):
            for k in range(n_columns):
                table[j, k] += least[j, k]
    return slowest
