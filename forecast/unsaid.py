"""What of a forecast rests on wide defaults, nobody's estimate: how many pools, and what part of the variance.

The logarithm of the first finalist's votes over the second's is, near the rates' middle, linear in the factors z:
its slopes are a sum over rates of what each contributes, s = sum of s[rate], and its variance is s . s.  A rate's
part is s[rate] . s / s . s: parts add up to one over all rates, whatever they have in common.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from forecast.electorate import Electorate, electorate, log_ratio_gradients
from forecast.inputs import to_inputs

if TYPE_CHECKING:
    from forecast.model import Model
    from forecast.race import FloatArray

LEAST = 0.01  # part of the variance from which it is told


def part_of_defaults(model: Model, pools: Electorate) -> float:
    """Part of the margin's variance, before evidence, that comes of rates whose origin is a default."""
    turnout = np.array([pool.turnout.origin == "default" for pool in model.pools], float)
    preference = np.array([pool.preference.origin == "default" for pool in model.pools], float)
    ours = replace(
        pools,
        turnout_load=pools.turnout_load * turnout[:, None],
        preference_load=pools.preference_load * preference[:, None, None],
    )
    whole = _slopes(pools)
    return float(_slopes(ours) @ whole / max(float(whole @ whole), 1e-300))


def _slopes(pools: Electorate) -> FloatArray:
    """Slopes of log(first finalist's votes / second's) over the factors, float64[F]."""
    found = log_ratio_gradients(pools, pools.people, np.zeros(pools.n_factors))
    slopes: FloatArray = found[0] - found[1] if len(found) > 1 else found[0]
    return slopes


def race_electorate(model: Model) -> Electorate:
    """The race's pools as functions of the factors, units put together."""
    first = replace(model.first_round, units=("",), regions=("",))
    return electorate(to_inputs(replace(model, first_round=first, people=model.people.sum(axis=0, keepdims=True)), 0))


def notes(model: Model) -> list[str]:
    """One line on what rests on nobody's estimate; none where it decides nothing."""
    part = part_of_defaults(model, race_electorate(model))
    by_default = [sum(getattr(p, kind).origin == "default" for p in model.pools) for kind in ("turnout", "preference")]
    if part < LEAST or not any(by_default):
        return []
    n = len(model.pools)
    if by_default == [n, n]:
        return [f"nobody's estimate: all rates of all {n} pools are wide defaults; [rates] says what you believe"]
    said = f"turnout of {by_default[0]:,} and preference of {by_default[1]:,} of {n:,} pools"
    return [f"nobody's estimate: {said} are wide defaults (°): {100 * part:.0f} % of the margin's variance"]
