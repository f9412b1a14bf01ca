"""Odd cells of a first round that is being counted: its regressions' rows as `forecast.odd` takes them."""

from __future__ import annotations

import numpy as np

from forecast.hierarchy import Effects
from forecast.odd import Judged, Sightings, judge
from forecast.race import FloatArray, Int64Array


def judged(
    counts: FloatArray, of: FloatArray, family: str, x: FloatArray, unit: Int64Array, mode: Int64Array, effects: Effects
) -> tuple[Sightings, Judged]:
    """Cells of one regression (arguments as `forecast.hierarchy.learn` has them), each beside the other units.

    Spreads of the coefficients are their prior medians; a cell's own departure is its unit's and its mode's.
    """
    used = of > 0
    counts, of, x, unit, mode = counts[used], of[used], x[used], unit[used], mode[used]
    groups = effects.groups
    size = family == "log"
    rows = Sightings(
        count=counts,
        of=np.full(len(of), np.nan) if size else of,
        base=np.log(of) if size else np.zeros(len(of)),
        x=x,
        spread=np.hypot(effects.centre[groups], effects.centre[groups + 1 + mode]),
        extra=np.zeros(len(of)),
        unit=unit,
        kind=mode,
    )
    prior = np.where(effects.group >= 0, effects.centre[np.maximum(effects.group, 0)], effects.fixed)
    return rows, judge(rows, prior)
