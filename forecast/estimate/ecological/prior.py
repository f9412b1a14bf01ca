"""What is known of transfers before any result, as odds; what margins leave of them; and what no table can exceed."""

from __future__ import annotations

import numpy as np

from runoff.estimate.ecological.blocks import FloatArray, Votes
from runoff.kernels import margins

CLOSE = 1e-10  # of all people, by which margins may differ


def fitted(table: FloatArray, origins: FloatArray, destinations: FloatArray) -> FloatArray:
    """A positive table scaled to both margins: float64[R, C]."""
    out: FloatArray = table.copy()
    margins.fit_one(out, origins, destinations, CLOSE * max(float(origins.sum()), 1.0))
    return out


def expected(odds: FloatArray, origins: FloatArray, destinations: FloatArray) -> FloatArray:
    """People of each cell as odds alone say, within both margins; odds of 1 are independence."""
    return fitted(odds * origins[:, None] * destinations[None, :] / origins.sum(), origins, destinations)


def bounds(votes: Votes) -> tuple[FloatArray, FloatArray]:
    """What each cell is at least and at most, whatever people did: float64[R, C] each.

    Source: Duncan and Davis (1953), doi:10.2307/2088122, unit by unit.
    """
    people = votes.first.sum(axis=1)
    least = np.empty((votes.first.shape[1], votes.second.shape[1]))
    most = np.empty_like(least)
    for j, origin in enumerate(votes.first.T):
        for k, destination in enumerate(votes.second.T):
            least[j, k] = np.maximum(origin + destination - people, 0.0).sum()
            most[j, k] = np.minimum(origin, destination).sum()
    return least, most


def within(
    table: FloatArray, least: FloatArray, most: FloatArray, origins: FloatArray, destinations: FloatArray
) -> FloatArray:
    """The table nearest to `table` that has both margins and obeys the bounds: float64[R, C]."""
    free = np.maximum(table - least, 0.0)
    rows, columns = free_margins(least, origins, destinations)
    margins.fit_one_below(
        free, rows, columns, most - least, np.empty_like(free), CLOSE * max(float(origins.sum()), 1.0)
    )
    answer: FloatArray = free + least
    return answer


def free_margins(least: FloatArray, origins: FloatArray, destinations: FloatArray) -> tuple[FloatArray, FloatArray]:
    """What margins have beyond the least of each cell: float64[R], float64[C]."""
    return origins - least.sum(axis=1), destinations - least.sum(axis=0)
