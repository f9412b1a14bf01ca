"""What drawing all units at once leaves out of the variance of votes, turnout and margin, as a share of it.

Two things are left out of a race's local effects.  Covariance between pools that the kept directions do not have
(`runoff.simulate.directions`), and what bends: a sum over units bends only by its mean where each unit would by itself.
Given the shared factors, with c the covariance of the effects of two random people of pools j and l, the covariance
of their votes is, to second order (Hermite's expansion, g the votes as a function of both logits),

    g_e[j] g_e[l] E[c] + g_ee[j] g_ee[l] E[c^2] / 2       and the mixed term g_ef[j] g_ef[l] E[c_turnout c_preference]

of which the shortcut has E[c] and E[c]^2, and E[c^2] - E[c]^2 <= (max c - E[c]) E[c].  Absolute values are added up
over pools, so this is a bound to second order.  Averages over the shared factors are taken over fixed draws.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from runoff.arithmetic.matrices import product
from runoff.estimate.logistic import logistic
from runoff.model.electorate import electorate
from runoff.race import FloatArray
from runoff.simulate.normals import GROUP, normals

if TYPE_CHECKING:
    from runoff.kernels.arrays import Inputs

_DRAWS = 256  # of the factors, and their mirror images: a share is known to a tenth of itself

Both = tuple[FloatArray, FloatArray]  # float64[J, J] each, of turnout and of preference


@dataclass(frozen=True, slots=True)
class Unseen:
    """Covariances of what units, and pools put together, have of their own: between two pools, in log-odds.

    kept : of the mean local effects, by the factors that are drawn; lost : what these leave out, absolute.
    moved : of the means of all own effects, E[c]; most : the most that two people's effects have in common.
    """

    kept: Both
    lost: Both
    moved: Both
    most: Both


def bending(moved: FloatArray, most: FloatArray) -> FloatArray:
    """E[c^2] - E[c]^2 at most, float64[J, J]: `moved` is E[c], `most` the largest c."""
    return np.maximum(most - moved, 0.0) * moved


def mixed(moved: Both, most: Both) -> FloatArray:
    """E[c d] - E[c] E[d] at most, for the covariances c of turnout and d of preference."""
    (c, d), (most_c, most_d) = moved, most
    return np.minimum(np.maximum(most_c - c, 0.0) * d, np.maximum(most_d - d, 0.0) * c)


def variance_left_out(inputs: Inputs, unseen: Unseen) -> float:
    """Largest share left out of the variances of both finalists' votes, of all votes, and of the margin.

    inputs : of two finalists in one unit; after evidence the factors are drawn as it says.
    """
    turnout, preference = _logits(inputs)
    come, choose = _slopes(turnout), _slopes(preference)
    people = inputs.people.astype(np.float64).sum(axis=0)
    ours = people * come[0] * choose[0]
    theirs = people * come[0] * (1.0 - choose[0])
    first, last = ours.sum(axis=1, keepdims=True), theirs.sum(axis=1, keepdims=True)
    total, one = first + last, np.ones_like(first)
    quantities = [  # value at each draw, and its slopes in the votes of both
        (first, one, 0.0 * one),
        (last, 0.0 * one, one),
        (total, one, one),
        ((first - last) / total, 2.0 * last / total**2, -2.0 * first / total**2),
    ]
    bent = [bending(*pair) for pair in zip(unseen.moved, unseen.most, strict=True)]
    both = mixed(unseen.moved, unseen.most)
    shares = []
    for value, to_first, to_last in quantities:
        each, across = to_first * choose[0] + to_last * (1.0 - choose[0]), to_first - to_last
        local = [people * come[1] * each, people * come[0] * choose[1] * across]
        twice = [people * come[2] * each, people * come[0] * choose[2] * across]
        left = sum(_mean_product(np.abs(slope), matrix) for slope, matrix in zip(local, unseen.lost, strict=True))
        left += sum(0.5 * _mean_product(np.abs(slope), matrix) for slope, matrix in zip(twice, bent, strict=True))
        left += _mean_product(np.abs(people * come[1] * choose[1] * across), both)
        counted = people * come[0] * (to_first**2 * choose[0] + to_last**2 * (1.0 - choose[0]) - come[0] * each**2)
        whole = float(value.var()) + float(counted.sum(axis=1).mean())
        whole += sum(_mean_product(slope, matrix) for slope, matrix in zip(local, unseen.kept, strict=True))
        shares.append(left / whole if left > 0.0 else 0.0)
    return max(shares)


def _logits(inputs: Inputs) -> tuple[FloatArray, FloatArray]:
    """Log-odds of turnout and of the first finalist at fixed draws of the factors, float64[n, J] each."""
    pools = electorate(inputs)
    draws = normals(0, inputs.factor_stream, 0, GROUP)[:, :_DRAWS].T.astype(np.float64)
    z = np.concatenate([draws, -draws])
    if inputs.direction.shape[0]:
        z = inputs.factor_mean + z - product(product(z, inputs.direction.T), inputs.pulled.T)
    turnout, preference = pools.turnout_load, pools.preference_load[:, 0]
    return pools.turnout + product(z, turnout.T), pools.preference[:, 0] + product(z, preference.T)


def _slopes(logit: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The logistic with its first and second derivative."""
    rate = logistic(logit)
    slope = rate * (1.0 - rate)
    return rate, slope, slope * (1.0 - 2.0 * rate)


def _mean_product(slope: FloatArray, matrix: FloatArray) -> float:
    """Mean over draws of slope' matrix slope."""
    return float((product(slope, matrix) * slope).sum()) / len(slope)
