"""The race's pools as smooth functions of the factors, in float64: what evidence can be compared with.

Written apart from the kernels, from the same arrays; the spread of regions and units and the counting of votes are
left out, which a poll of the race cannot see.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from runoff.arithmetic.functions import exp, log
from runoff.arithmetic.matrices import product
from runoff.estimate.logistic import logistic
from runoff.race import FloatArray

if TYPE_CHECKING:
    from runoff.kernels.arrays import Inputs

_LEAST = -300.0  # log-odds


@dataclass(frozen=True, slots=True)
class Electorate:
    """The race's pools as functions of the factors, in float64; regions' and units' spread left out.

    people : float64[J], people of each pool over all units.
    turnout : float64[J], turnout_load : float64[J, F]; logit turnout = turnout + turnout_load z.
    preference : float64[J, K-1], preference_load : float64[J, K-1, F]; the same for the log-ratios of
        preferences to the last finalist.
    """

    people: FloatArray
    turnout: FloatArray
    turnout_load: FloatArray
    preference: FloatArray
    preference_load: FloatArray

    @property
    def n_factors(self) -> int:
        """Factors F, those of regions included (their loads are 0)."""
        return int(self.turnout_load.shape[1])

    @property
    def n_ratios(self) -> int:
        """Log-ratios K - 1."""
        return int(self.preference.shape[1])


def electorate(inputs: Inputs) -> Electorate:
    """The pools of the kernel's arrays, as dense float64 matrices over the factors."""
    factors, ratios = len(inputs.factor_stream), inputs.preference_location.shape[1]
    pools = len(inputs.turnout_location)
    turnout, preference = np.zeros((pools, factors)), np.zeros((pools, ratios, factors))
    for j in range(pools):
        for level in range(inputs.turnout_factor.shape[1]):
            turnout[j, inputs.turnout_factor[j, level]] += inputs.turnout_load[j, level]
        for level in range(inputs.preference_factor.shape[1]):
            first = int(inputs.preference_factor[j, level])
            preference[j, :, first : first + ratios] += inputs.preference_load[j, level]
    joint = slice(inputs.joint_factor, inputs.joint_factor + inputs.joint_load.shape[2])
    turnout[:, joint] += inputs.joint_load[:, 0]
    preference[:, :, joint] += inputs.joint_load[:, 1:]
    return Electorate(
        people=inputs.people.astype(np.float64).sum(axis=0),
        turnout=inputs.turnout_location.astype(np.float64),
        turnout_load=turnout,
        preference=inputs.preference_location.astype(np.float64),
        preference_load=preference,
    )


def expected_votes(pools: Electorate, people: FloatArray, z: FloatArray) -> FloatArray:
    """Expected votes by finalist, float64[n, K], of `people` float64[J] at factors z float64[n, F]."""
    turnout, shares = rates_at(pools, z)
    votes: FloatArray = product(people, turnout[:, :, None] * shares)
    return votes


def log_ratios(pools: Electorate, people: FloatArray, z: FloatArray) -> FloatArray:
    """Logarithms of expected votes over the last finalist's: float64[n, K-1] of people [J] at factors float64[n, F]."""
    found: FloatArray = each_log_ratios(pools, people[None, :], z)[0]
    return found


def each_log_ratios(pools: Electorate, people: FloatArray, z: FloatArray) -> FloatArray:
    """The same of several groups of people float64[G, J], whose pools have the same rates: float64[G, n, K-1]."""
    turnout, shares = rates_at(pools, z)
    votes = product(people, turnout[:, :, None] * shares)  # [n, G, K]
    found: FloatArray = log(votes[..., :-1] / votes[..., -1:]).transpose(1, 0, 2)
    return found


def log_ratio_gradients(pools: Electorate, people: FloatArray, z: FloatArray) -> FloatArray:
    """Gradients of the log-ratios at one point: float64[K-1, F] at factors float64[F]."""
    found: FloatArray = each_log_ratio_gradients(pools, people[None, :], z)[0]
    return found


def each_log_ratio_gradients(pools: Electorate, people: FloatArray, z: FloatArray) -> FloatArray:
    """The same of several groups of people float64[G, J]: float64[G, K-1, F]."""
    turnout, shares = (values[0] for values in rates_at(pools, z[None, :]))
    votes = (people * turnout)[:, :, None] * shares  # [G, J, K]
    ratios = pools.n_ratios
    # d votes[j, k] / votes[j, k] = (1 - turnout) dlogit + d eta[k] - sum over m of share[m] d eta[m]
    common = (1.0 - turnout)[:, None] * pools.turnout_load
    common = common - (shares[:, :ratios, None] * pools.preference_load).sum(axis=1)
    slopes = product(votes.transpose(0, 2, 1), common)  # [G, K, F]
    for q in range(ratios):
        slopes[:, q] += product(votes[:, :, q], pools.preference_load[:, q])
    slopes /= votes.sum(axis=1)[:, :, None]
    result: FloatArray = slopes[:, :ratios] - slopes[:, ratios:]
    return result


def rates_at(pools: Electorate, z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Turnouts float64[n, J] and preferences float64[n, J, K]."""
    log_odds = pools.turnout + product(z, pools.turnout_load.T)
    turnout = logistic(np.maximum(log_odds, _LEAST))  # never 0
    moved = product(z, pools.preference_load.reshape(-1, z.shape[1]).T)
    ratios = pools.preference + moved.reshape(len(z), *pools.preference.shape)
    ratios = np.concatenate([ratios, np.zeros((*ratios.shape[:2], 1))], axis=2)
    odds = exp(np.maximum(ratios - ratios.max(axis=2, keepdims=True), _LEAST))
    return turnout, odds / odds.sum(axis=2, keepdims=True)
