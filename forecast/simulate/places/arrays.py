"""The kernel's arrays of units that lean and are a little their own.

Units' effects add up to nothing, weighted by people: the normal with D the diagonal of their variances and w the
weights, given w . e = 0.  It is drawn in one pass (units in order, S the sum of w e so far, R[u] that of w^2 D from u
on):      e[u] = -w[u] D[u] / R[u] S + sqrt(D[u] (1 - w[u]^2 D[u] / R[u])) normal
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from runoff.kernels.streams import Purpose, stream
from runoff.race import FloatArray
from runoff.simulate.places.bends import bends
from runoff.simulate.places.effects import Effects, effects, leans_by_row, mean_effects, slopes

if TYPE_CHECKING:
    from runoff.kernels.arrays import Inputs
    from runoff.model.pools import Model

_GRID = 2.0**20  # numbers are rounded to it: libraries differ in their last bits


def with_places(inputs: Inputs, model: Model) -> Inputs:
    """The arrays of units drawn one by one, with what they have of their own."""
    units = model.people.shape[0]
    if units == 1 or model.places.flat:
        return inputs
    (turnout, preference), lean, slope = effects(model), leans_by_row(model), slopes(model)
    scale, pull, weight = inputs.unit_scale.copy(), np.zeros((units, 2)), turnout.weight
    for side, of in enumerate((turnout, preference)):
        if of.unit.any():
            scale[:, 2 + side], pull[:, side] = in_one_pass(of.unit, weight)
        if of.region.any():
            scale[:, side] = of.region[of.of]
    inputs, found = _with_regions(less_own(inputs, model), model, (turnout, preference)), bends(model)
    first = inputs.factor_stream.size
    kinds = (Purpose.SLOPE_TURNOUT, Purpose.SLOPE_PREFERENCE)
    return inputs._replace(
        factor_stream=np.concatenate([inputs.factor_stream, [stream(kind) for kind in kinds]]),
        slope_factor=np.array([first, first + 1], np.int64),
        lean=_rounded(lean[:, :, None] * slope),
        unit_scale=_rounded(scale),
        drift=_rounded(np.column_stack([weight * units, pull])),
        bend=_rounded(found.q),
        cross=_rounded(found.cross),
    )


def less_own(inputs: Inputs, model: Model) -> Inputs:
    """The arrays with the pools' own loads less what their places add, so that what was said stays the whole.

    A pool that lives where others do not is moved by its places' effects, which centring over the race leaves.
    """
    turnout, preference = (np.diag(effect) for effect in mean_effects(model))
    loads = inputs.turnout_load.astype(np.float64), inputs.preference_load.astype(np.float64)
    variances = loads[0][:, 2] ** 2, (loads[1][:, 2, 0] ** 2).sum(axis=1)
    left = [
        np.sqrt(np.clip(1.0 - moved / np.maximum(variance, 1e-300), 0.0, 1.0))
        for moved, variance in zip((turnout, preference), variances, strict=True)
    ]
    loads[0][:, 2] *= left[0]
    loads[1][:, 2] *= left[1][:, None, None]
    return inputs._replace(turnout_load=loads[0].astype(np.float32), preference_load=loads[1].astype(np.float32))


def _with_regions(inputs: Inputs, model: Model, sides: tuple[Effects, Effects]) -> Inputs:
    """The arrays with factors for regions that have an effect, and the weights by which it is centred."""
    if not any(side.region.any() for side in sides):
        return inputs
    names, ratios = list(dict.fromkeys(model.first_round.regions)), len(model.finalists) - 1
    first, regions = inputs.factor_stream.size, []
    if (inputs.unit_region >= 0).any():  # [factors] has them for the other side
        first = int(inputs.unit_region[0])  # units stand in order of regions
    else:
        for name in names:
            regions.append(stream(Purpose.REGION_TURNOUT, name))
            regions += [stream(Purpose.REGION_PREFERENCE, name, m) for m in range(ratios)]
    centre = np.zeros((2, len(names)))
    for side, of in enumerate(sides):
        if of.region.any():
            centre[side] = of.region_weight / np.sqrt((of.region_weight**2).sum())
    return inputs._replace(
        factor_stream=np.concatenate([inputs.factor_stream, np.array(regions, np.uint64)]),
        unit_region=first + sides[0].of * (ratios + 1),
        centre=_rounded(centre),
    )


def _rounded(values: Any) -> np.ndarray:
    return (np.round(np.asarray(values, np.float64) * _GRID) / _GRID).astype(np.float32)


def in_one_pass(sd: FloatArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Standard deviation of each unit's own normal, and what it takes of the sum so far (in mean weights)."""
    variance = sd**2
    rest = np.cumsum((weight**2 * variance)[::-1])[::-1]
    left = np.maximum(1.0 - weight**2 * variance / np.maximum(rest, 1e-300), 0.0)
    pull = -weight * variance / np.maximum(rest, 1e-300) / len(sd)
    return sd * np.sqrt(left), np.where(rest > 0.0, pull, 0.0)
