"""What of a forecast rests on wide defaults, nobody's estimate: how many pools, and what part of the variance.

The logarithm of the first finalist's votes over the second's is, near the rates' middle, linear in the factors z:
its slopes are a sum over rates of what each contributes, s = sum of s[rate], and its variance is s . s.  A rate's
part is s[rate] . s / s . s: parts add up to one over all rates, whatever they have in common.  With turnouts t,
preferences p and votes v[j, k] = people[j] t[j] p[j, k] of sums V[k], the slopes over a pool's log-odds are

    turnout:  (1 - t[j]) (v[j, 0] / V[0] - v[j, 1] / V[1])
    ratio l:  v[j, 0] ((l = 0) - p[j, l]) / V[0] - v[j, 1] ((l = 1) - p[j, l]) / V[1]
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from runoff.arithmetic.functions import exp
from runoff.arithmetic.matrices import product
from runoff.estimate.logistic import logistic
from runoff.simulate.inputs import to_inputs

if TYPE_CHECKING:
    from runoff.kernels.arrays import Inputs
    from runoff.model.pools import Model
    from runoff.race import FloatArray

LEAST = 0.01  # part of the variance from which it is told


def part_of_defaults(model: Model, inputs: Inputs) -> float:
    """Part of the margin's variance, before evidence, that comes of rates whose origin is a default."""
    turnout = np.array([pool.turnout.origin == "default" for pool in model.pools], float)
    preference = np.array([pool.preference.origin == "default" for pool in model.pools], float)
    whole = slopes(inputs, np.ones_like(turnout), np.ones_like(preference))
    ours = slopes(inputs, turnout, preference)
    return float((ours * whole).sum() / max(float((whole * whole).sum()), 1e-300))


def slopes(inputs: Inputs, turnout: FloatArray, preference: FloatArray) -> FloatArray:
    """Slopes of log(first finalist's votes / second's) over the factors, float64[F].

    turnout, preference : float64[J], how much of each pool's rate counts.
    """
    people = inputs.people.astype(np.float64).sum(axis=0)
    t = logistic(inputs.turnout_location.astype(np.float64))
    eta = np.concatenate([inputs.preference_location.astype(np.float64), np.zeros((len(t), 1))], axis=1)
    odds = exp(eta - eta.max(axis=1, keepdims=True))
    p = odds / odds.sum(axis=1, keepdims=True)
    votes = (people * t)[:, None] * p
    first, second = (votes[:, k] / max(float(votes[:, k].sum()), 1e-300) for k in (0, 1))
    found = np.zeros(len(inputs.factor_stream))
    of_turnout = turnout * (1.0 - t) * (first - second)
    np.add.at(found, inputs.turnout_factor, of_turnout[:, None] * inputs.turnout_load)
    joint = slice(inputs.joint_factor, inputs.joint_factor + inputs.joint_load.shape[2])
    found[joint] += product(of_turnout, inputs.joint_load[:, 0])
    for m in range(inputs.preference_location.shape[1]):
        of_ratio = preference * (first * ((m == 0) - p[:, m]) - second * ((m == 1) - p[:, m]))
        for n in range(m + 1):  # a Cholesky factor's row m
            np.add.at(found, inputs.preference_factor + n, of_ratio[:, None] * inputs.preference_load[:, :, m, n])
        found[joint] += product(of_ratio, inputs.joint_load[:, 1 + m])
    return found


def race_inputs(model: Model) -> Inputs:
    """The race's arrays, units put together."""
    first = replace(model.first_round, units=("",), regions=("",))
    return to_inputs(replace(model, first_round=first, people=model.people.sum(axis=0, keepdims=True)), 0)


def notes(model: Model) -> list[str]:
    """One line on what rests on nobody's estimate; none where it decides nothing."""
    part = part_of_defaults(model, race_inputs(model))
    by_default = [sum(getattr(p, kind).origin == "default" for p in model.pools) for kind in ("turnout", "preference")]
    if part < LEAST or not any(by_default):
        return []
    n = len(model.pools)
    if by_default == [n, n]:
        return [f"nobody's estimate: all rates of all {n} pools are wide defaults; [rates] says what you believe"]
    said = f"turnout of {by_default[0]:,} and preference of {by_default[1]:,} of {n:,} pools"
    return [f"nobody's estimate: {said} are wide defaults (°): {100 * part:.0f} % of the margin's variance"]
