"""What is left of units' and regions' own effects once units are put together.

The mean of independent effects over units of w people each has sum w^2 / (sum w)^2 of an effect's variance.  That is
the mean's first order for every pool whose voters live where the others do; pools that live in few units keep more,
which only units drawn one by one can show.
"""

from __future__ import annotations

import numpy as np

from runoff.race import FloatArray, Int64Array


def left_of_effects(people: Int64Array, region: Int64Array, group: Int64Array) -> FloatArray:
    """Parts of the variance of a unit's and of a region's effect in the mean over each group: float64[G, 2].

    people, region, group : int64[U]; groups are numbered from 0.  A group without people keeps all.
    """
    both = group * (int(region.max()) + 1) + region
    _, of = np.unique(both, return_inverse=True)
    group_of = np.zeros(int(of.max()) + 1, np.int64)
    group_of[of] = group
    units, regions = (
        _squares(people.astype(np.float64), group),
        _squares(np.bincount(of, people).astype(np.float64), group_of),
    )
    return np.stack([units, regions], axis=1)


def _squares(people: FloatArray, group: Int64Array) -> FloatArray:
    total = np.bincount(group, people)
    return np.where(total > 0.0, np.bincount(group, people**2) / np.maximum(total, 1.0) ** 2, 1.0)
