"""From standard normals to rates: odds of each pool, and a pool's rates in one unit.

docs/model.md: logit turnout = location + load . factors, log-ratios of preference to the last finalist likewise,
preference = softmax.  Odds are computed once per trial; a unit's own factors multiply them, so that a
unit costs divisions only and no exponentials.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from runoff.kernels._jit import part
from runoff.kernels.arrays import Inputs
from runoff.kernels.elementary import exp
from runoff.kernels.fused import fma
from runoff.kernels.normals import normals
from runoff.kernels.philox import GROUP
from runoff.kernels.places import bend, settle, uncross

_f = np.float32
_ZERO, _ONE = _f(0.0), _f(1.0)
_LEVELS = 3  # shared, bloc, pool
_MOST_EFFECT = _f(8.0)  # of a unit in log-odds, three times the largest sd allowed


@part
def draw_factors(
    seed: np.uint64,
    factor_stream: npt.NDArray[np.uint64],
    group: np.uint64,
    words: npt.NDArray[np.uint64],
    factors: npt.NDArray[np.float32],
) -> None:
    """Overwrite `factors` float32[F, GROUP] with one group's standard normals of each stream."""
    for row in range(factor_stream.size):
        normals(seed, factor_stream[row], group, words, factors[row])


@part
def _combine(
    location: np.float32,
    load: npt.NDArray[np.float32],
    shared: npt.NDArray[np.float32],
    bloc: npt.NDArray[np.float32],
    pool: npt.NDArray[np.float32],
    target: npt.NDArray[np.float32],
) -> None:
    """Target = location + load . (shared, bloc, pool), in this order, for each trial."""
    load_shared, load_bloc, load_pool = load[0], load[1], load[2]
    for i in range(GROUP):
        target[i] = fma(load_pool, pool[i], fma(load_bloc, bloc[i], fma(load_shared, shared[i], location)))


@part
def _odds(
    location: np.float32,
    load: npt.NDArray[np.float32],
    shared: npt.NDArray[np.float32],
    bloc: npt.NDArray[np.float32],
    pool: npt.NDArray[np.float32],
    target: npt.NDArray[np.float32],
) -> None:
    """`_combine` and `_exponentiate` in one pass."""
    load_shared, load_bloc, load_pool = load[0], load[1], load[2]
    for i in range(GROUP):
        target[i] = exp(fma(load_pool, pool[i], fma(load_bloc, bloc[i], fma(load_shared, shared[i], location))))


@part
def _add_scaled(load: np.float32, source: npt.NDArray[np.float32], target: npt.NDArray[np.float32]) -> None:
    for i in range(GROUP):
        target[i] = fma(load, source[i], target[i])


@part
def _exponentiate(target: npt.NDArray[np.float32]) -> None:
    for i in range(GROUP):
        target[i] = exp(target[i])


@part
def _add_loads(
    load: npt.NDArray[np.float32], factors: npt.NDArray[np.float32], first: int, row: npt.NDArray[np.float32]
) -> None:
    """Add what the factors from row `first` on do to a pool's log-odds; most loads may be nought."""
    for m in range(load.size):
        if load[m] != _ZERO:
            _add_scaled(load[m], factors[first + m], row)


@part
def odds_of_pools(
    turnout_location: npt.NDArray[np.float32],
    turnout_load: npt.NDArray[np.float32],
    turnout_factor: npt.NDArray[np.int64],
    preference_location: npt.NDArray[np.float32],
    preference_load: npt.NDArray[np.float32],
    preference_factor: npt.NDArray[np.int64],
    joint_load: npt.NDArray[np.float32],
    joint_factor: int,
    local_load: npt.NDArray[np.float32],
    local_factor: npt.NDArray[np.int64],
    slope_factor: npt.NDArray[np.int64],
    bends: npt.NDArray[np.float32],
    cross: npt.NDArray[np.float32],
    with_local: bool,
    factors: npt.NDArray[np.float32],
    odds: npt.NDArray[np.float32],
) -> None:
    """Overwrite `odds` float32[J * K * GROUP]: row j K the odds of voting, row j K + 1 + k those of k.

    `with_local` says whether the mean effects of units and regions are in them, and what bends them for units.  The
    other arguments are the fields of `arrays.Inputs` and `arrays.Scratch` with these names.
    """
    ratios, local, joint = preference_location.shape[1], local_load.shape[2] if with_local else 0, joint_load.shape[2]
    bent, more = with_local and bends.shape[0] > 0, turnout_load.shape[1] > _LEVELS
    for j in range(turnout_location.size):
        first = j * (ratios + 1) * GROUP
        row, rows = odds[first : first + GROUP], turnout_factor[j]
        shared, bloc, pool = factors[rows[0]], factors[rows[1]], factors[rows[2]]
        if local == 0 and joint == 0 and not bent and not more:
            _odds(turnout_location[j], turnout_load[j], shared, bloc, pool, row)
        else:
            _combine(turnout_location[j], turnout_load[j], shared, bloc, pool, row)
            for level in range(_LEVELS, turnout_load.shape[1]):
                _add_scaled(turnout_load[j, level], factors[rows[level]], row)
            _add_loads(joint_load[j, 0], factors, joint_factor, row)
            if bent:
                bend(bends[j, 0], turnout_location[j], factors[slope_factor[0]], row)
            elif local > 0:
                _add_loads(local_load[0, j], factors, local_factor[0], row)
            _exponentiate(row)
        rows = preference_factor[j]
        shared, bloc, pool = factors[rows[0]], factors[rows[1]], factors[rows[2]]
        for k in range(ratios):
            start = first + (k + 1) * GROUP
            row, load = odds[start : start + GROUP], preference_load[j, :, k, 0]
            if k == 0 and local == 0 and joint == 0 and not bent:
                _odds(preference_location[j, k], load, shared, bloc, pool, row)
                continue
            _combine(preference_location[j, k], load, shared, bloc, pool, row)
            for m in range(1, k + 1):
                for level in range(_LEVELS):
                    _add_scaled(preference_load[j, level, k, m], factors[rows[level] + m], row)
            _add_loads(joint_load[j, 1 + k], factors, joint_factor, row)
            if bent:
                bend(bends[j, k + 1], preference_location[j, k], factors[slope_factor[1]], row)
                uncross(cross[j, k], factors[slope_factor[0]], factors[slope_factor[1]], row)
            elif local > 0:  # of two finalists
                _add_loads(local_load[1, j], factors, local_factor[1], row)
            _exponentiate(row)


@part
def unit_effect(
    inputs: Inputs,
    unit: int,
    group: np.uint64,
    factors: npt.NDArray[np.float32],
    words: npt.NDArray[np.uint64],
    normal: npt.NDArray[np.float32],
    drift: npt.NDArray[np.float32],
    effect: npt.NDArray[np.float32],
) -> bool:
    """Overwrite `effect` float32[K * GROUP] with a unit's factors of the odds; False where all are 1.

    Row 0 multiplies the odds of voting, row 1 + k the odds of finalist k against the last.  `drift` float32[K, GROUP]
    holds the sums of the units before and gets this one's; `words` and `normal` are scratch.
    """
    scale, contrast, region = inputs.unit_scale[unit], inputs.contrast, inputs.unit_region[unit]
    ratios, leaning = contrast.shape[0], inputs.lean.shape[0] > 0
    if scale[2] == _ZERO and scale[3] == _ZERO and region < 0 and not leaning:
        return False
    for m in range(ratios + 1):
        side = min(m, 1)
        of_region = scale[side] if region >= 0 else _ZERO
        of_unit, pull = scale[2 + side], inputs.drift[unit, 1 + side]
        row = factors[max(region, 0) + m]
        if of_unit != _ZERO or pull != _ZERO:
            normals(inputs.seed, inputs.unit_stream[unit, m], group, words, normal[:GROUP])
            if pull != _ZERO:
                settle(of_unit, pull, inputs.drift[unit, 0], drift[m], normal[:GROUP])
                of_unit = _ONE
        # turnout stands alone; the preferences' rows follow the contrast's lower triangle
        for k in range(m, 1 if m == 0 else ratios + 1):
            share = _ONE if m == 0 else contrast[k - 1, m - 1]
            _add_effect(of_unit * share, normal, of_region * share, row, m <= 1, effect[k * GROUP : (k + 1) * GROUP])
    for k in range(ratios + 1):
        row = effect[k * GROUP : (k + 1) * GROUP]
        if leaning:
            _exponentiate_leaning(inputs.lean[unit, k], factors[inputs.slope_factor[min(k, 1)]], row)
        else:
            _exponentiate_effect(row)
    return True


@part
def _add_effect(
    of_unit: np.float32,
    unit: npt.NDArray[np.float32],
    of_region: np.float32,
    region: npt.NDArray[np.float32],
    begins: bool,
    target: npt.NDArray[np.float32],
) -> None:
    """Add what a unit and its region have of their own in log-odds; a row's first part `begins` it."""
    own = of_unit != _ZERO
    for i in range(GROUP):
        start = _ZERO if begins else target[i]
        if own:  # else `unit` holds anything
            start = fma(of_unit, unit[i], start)
        target[i] = fma(of_region, region[i], start)


@part
def _exponentiate_leaning(
    lean: npt.NDArray[np.float32], slope: npt.NDArray[np.float32], target: npt.NDArray[np.float32]
) -> None:
    """`_exponentiate_effect` with what the unit's lean does: lean float32[2], at the mean slope and by its normal."""
    mean, by_normal = lean[0], lean[1]
    for i in range(GROUP):
        effect = target[i] + fma(by_normal, slope[i], mean)
        target[i] = exp(min(max(effect, -_MOST_EFFECT), _MOST_EFFECT))


@part
def _exponentiate_effect(target: npt.NDArray[np.float32]) -> None:
    for i in range(GROUP):
        target[i] = exp(min(max(target[i], -_MOST_EFFECT), _MOST_EFFECT))


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
