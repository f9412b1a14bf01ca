"""An estimated matrix in rows, with moments and quantiles of its draws."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from runoff.output.columns import LEVELS
from runoff.race import FloatArray, Row


def cells(
    origins: Sequence[str],
    destinations: Sequence[str],
    matrix: FloatArray,
    draws: FloatArray,
    bounds: tuple[FloatArray, FloatArray],
) -> list[Row]:
    """A row a cell, by origin and destination, with moments and quantiles of its draws; matrix float64[R, C]."""
    result: list[Row] = []
    whole = np.sort(np.rint(draws), axis=0)
    n = len(draws)
    for j, origin in enumerate(origins):
        people = math.fsum(matrix[j].tolist())
        for k, destination in enumerate(destinations):
            values = draws[:, j, k].tolist()
            mean = math.fsum(values) / n
            sd = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / n)
            result.append(
                {
                    "origin": origin,
                    "destination": destination,
                    "votes_mean": float(matrix[j, k]),
                    "share_mean": float(matrix[j, k]) / people,
                    "share_sd": sd / people,
                    **{f"share_q{q:02d}": quantile(whole[:, j, k], q / 100.0) / people for q in LEVELS},
                    "bound_low": float(bounds[0][j, k]) / people,
                    "bound_high": float(bounds[1][j, k]) / people,
                }
            )
    return result


def quantile(ordered: FloatArray, level: float) -> float:
    """The quantile of values in order, between the two nearest in proportion."""
    at = level * (len(ordered) - 1)
    low = int(at)
    high = min(low + 1, len(ordered) - 1)
    return float(ordered[low] + (at - low) * (ordered[high] - ordered[low]))
