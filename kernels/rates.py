"""From standard normals to rates: odds of each pool, and a pool's rates in one unit.

MODEL: logit turnout = location + load . factors, log-ratios of preference to the last finalist likewise,
preference = softmax.  Odds are computed once per trial; a unit's own factors multiply them, so that a
unit costs divisions only and no exponentials.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kernels._jit import part
from kernels.arrays import Inputs, Scratch
from kernels.elementary import exp
from kernels.normals import normals
from kernels.philox import GROUP

_f = np.float32
_ONE = _f(1.0)
_LEVELS = 3  # shared, bloc, pool


@part
def draw_factors(inputs: Inputs, group: np.uint64, scratch: Scratch) -> None:
    """Fill scratch.factors with one group's standard normals."""
    for row in range(inputs.factor_stream.size):
        normals(inputs.seed, inputs.factor_stream[row], group, scratch.words, scratch.factors[row])


@part
def _combine(
    location: np.float32,
    load: npt.NDArray[np.float32],
    shared: npt.NDArray[np.float32],
    bloc: npt.NDArray[np.float32],
    pool: npt.NDArray[np.float32],
    target: npt.NDArray[np.float32],
) -> None:
    """target = location + load . (shared, bloc, pool), in this order, for each trial."""
    load_shared, load_bloc, load_pool = load[0], load[1], load[2]
    for i in range(GROUP):
        target[i] = location + load_shared * shared[i] + load_bloc * bloc[i] + load_pool * pool[i]


@part
def _add_scaled(load: np.float32, source: npt.NDArray[np.float32], target: npt.NDArray[np.float32]) -> None:
    for i in range(GROUP):
        target[i] += load * source[i]


@part
def _exponentiate(target: npt.NDArray[np.float32]) -> None:
    for i in range(GROUP):
        target[i] = exp(target[i])


@part
def odds_of_pools(inputs: Inputs, scratch: Scratch) -> None:
    """Fill scratch.odds: for pool j, row j * K the odds of voting, rows j * K + 1 + k the odds of k."""
    ratios = inputs.preference_location.shape[1]
    for j in range(inputs.turnout_location.size):
        first = j * (ratios + 1) * GROUP
        row = scratch.odds[first : first + GROUP]
        rows = inputs.turnout_factor[j]
        shared, bloc, pool = rows[0], rows[1], rows[2]
        factors = scratch.factors
        load = inputs.turnout_load[j]
        _combine(inputs.turnout_location[j], load, factors[shared], factors[bloc], factors[pool], row)
        _exponentiate(row)
        rows = inputs.preference_factor[j]
        shared, bloc, pool = rows[0], rows[1], rows[2]
        for k in range(ratios):
            start = first + (k + 1) * GROUP
            row = scratch.odds[start : start + GROUP]
            load = inputs.preference_load[j, :, k, 0]
            _combine(inputs.preference_location[j, k], load, factors[shared], factors[bloc], factors[pool], row)
            for m in range(1, k + 1):
                for level in range(_LEVELS):
                    load_m = inputs.preference_load[j, level, k, m]
                    _add_scaled(load_m, factors[inputs.preference_factor[j, level] + m], row)
            _exponentiate(row)


@part
def unit_effect(inputs: Inputs, unit: int, group: np.uint64, scratch: Scratch) -> bool:
    """Fill scratch.effect with a unit's factors of the odds; False where all are 1.

    Row 0 multiplies the odds of voting, row 1 + k the odds of finalist k against the last.
    """
    ratios = inputs.preference_location.shape[1]
    region = inputs.unit_region[unit]
    scale = inputs.unit_scale
    if scale[2] == _f(0.0) and scale[3] == _f(0.0) and region < 0:
        return False
    scratch.effect[:] = _f(0.0)
    for m in range(ratios + 1):
        region_scale = scale[0] if m == 0 else scale[1]
        unit_scale = scale[2] if m == 0 else scale[3]
        if unit_scale != _f(0.0):
            normals(inputs.seed, inputs.unit_stream[unit, m], group, scratch.words, scratch.normal)
        for k in range(m, ratios + 1):
            # turnout stands alone; a preference's rows follow the contrast's lower triangle
            if m == 0 and k > 0:
                break
            share = _ONE if m == 0 else inputs.contrast[k - 1, m - 1]
            row = scratch.effect[k * GROUP : (k + 1) * GROUP]
            if unit_scale != _f(0.0):
                _add_scaled(unit_scale * share, scratch.normal, row)
            if region >= 0:
                _add_scaled(region_scale * share, scratch.factors[region + m], row)
    for k in range(ratios + 1):
        _exponentiate(scratch.effect[k * GROUP : (k + 1) * GROUP])
    return True


@part
def pool_rates(
    odds: npt.NDArray[np.float32],
    effect: npt.NDArray[np.float32],
    affected: bool,
    finalists: int,
    rates: npt.NDArray[np.float32],
) -> None:
    """Overwrite `rates` float32[(K + 2) * GROUP]: row k the share of the pool's people who vote for k.

    `odds` float32[K * GROUP] of the pool, `effect` alike of the unit.  Rows K and K + 1 are scratch.
    """
    total = finalists * GROUP
    turnout = (finalists + 1) * GROUP
    last = (finalists - 1) * GROUP
    for i in range(GROUP):
        rates[last + i] = _ONE
        rates[total + i] = _ONE
        rates[turnout + i] = odds[i]
    if affected:
        for i in range(GROUP):
            rates[turnout + i] *= effect[i]
    for k in range(finalists - 1):
        row = k * GROUP
        for i in range(GROUP):
            rates[row + i] = odds[row + GROUP + i]
        if affected:
            for i in range(GROUP):
                rates[row + i] *= effect[row + GROUP + i]
        for i in range(GROUP):
            rates[total + i] += rates[row + i]
    for i in range(GROUP):
        rates[turnout + i] = rates[turnout + i] / ((_ONE + rates[turnout + i]) * rates[total + i])
    for k in range(finalists):
        for i in range(GROUP):
            rates[k * GROUP + i] *= rates[turnout + i]
