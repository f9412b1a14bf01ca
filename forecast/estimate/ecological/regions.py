"""Matrices of regions, each drawn towards the whole's: the less units tell, the more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from runoff.estimate.ecological.blocks import FloatArray
from runoff.estimate.ecological.transfers import Estimate, Settings, estimate

UNITS = 20.0  # a region of so many units is half its own
CLOSER = 0.5  # sd of a region's log-odds around the whole's
DRAWS = 400  # of a region's matrix at most


def of_regions(
    first: FloatArray,
    second: FloatArray,
    names: tuple[Sequence[str], Sequence[str], Sequence[str]],
    regions: Sequence[str],
    whole: Estimate,
    settings: Settings,
) -> dict[str, tuple[Estimate, list[int], list[int]]]:
    """The estimate of each region by name, with the places of the origins and destinations that have people there.

    first, second, names : as in `transfers.estimate`; regions : of each unit.  What is known before of a region is the
    whole's odds ratios.
    """
    matrix = np.maximum(whole.matrix, 1e-9)
    odds = matrix / first.sum(axis=0)[:, None] / second.sum(axis=0)[None, :] * first.sum()
    found = {}
    for region in sorted(set(regions)):
        units = [i for i, own in enumerate(regions) if own == region]
        x, y = first[units], second[units]
        rows, columns = np.flatnonzero(x.sum(axis=0)).tolist(), np.flatnonzero(y.sum(axis=0)).tolist()
        own_names = [names[0][i] for i in units], [names[1][j] for j in rows], [names[2][k] for k in columns]
        own = replace(
            settings,
            draws=min(settings.draws, DRAWS),
            closer=CLOSER,
            pooled=UNITS / (UNITS + len(units)),
        )
        found[region] = (
            estimate(x[:, rows], y[:, columns], own_names, odds[np.ix_(rows, columns)], own),
            rows,
            columns,
        )
    return found
