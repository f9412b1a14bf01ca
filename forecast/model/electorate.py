"""The race's pools as smooth functions of the factors, in float64: what evidence can be compared with.

Written apart from the kernels, from the same arrays; the spread of regions and units and the counting of votes are
left out, which a poll of the race cannot see.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from runoff.estimate.logistic import logistic
from runoff.race import FloatArray

if TYPE_CHECKING:
    from runoff.kernels.arrays import Inputs

_FAR_OUT, _LEAST = -30.0, -300.0  # log-odds


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
    votes: FloatArray = np.einsum("nj,njk->nk", turnout * people, shares)
    return votes


def log_ratios(pools: Electorate, people: FloatArray, z: FloatArray) -> FloatArray:
    """Logarithms of expected votes over the last finalist's: float64[n, K-1] at factors float64[n, F]."""
    votes = expected_votes(pools, people, z)
    return np.log(votes[:, :-1] / votes[:, -1:])


def log_ratio_gradients(pools: Electorate, people: FloatArray, z: FloatArray) -> FloatArray:
    """Gradients of the log-ratios at one point: float64[K-1, F] at factors float64[F]."""
    turnout, shares = (values[0] for values in rates_at(pools, z[None, :]))
    votes = (people * turnout)[:, None] * shares  # [J, K]
    ratios = pools.n_ratios
    # d votes[j, k] / votes[j, k] = (1 - turnout) dlogit + d eta[k] - sum over m of share[m] d eta[m]
    common = (1.0 - turnout)[:, None] * pools.turnout_load
    common = common - np.einsum("jm,jmf->jf", shares[:, :ratios], pools.preference_load)
    slopes = votes.T @ common  # [K, F]
    slopes[:ratios] += np.einsum("jk,jkf->kf", votes[:, :ratios], pools.preference_load)
    slopes /= votes.sum(axis=0)[:, None]
    result: FloatArray = slopes[:ratios] - slopes[ratios]
    return result


def rates_at(pools: Electorate, z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Turnouts float64[n, J] and preferences float64[n, J, K]."""
    log_odds = pools.turnout + z @ pools.turnout_load.T
    turnout = logistic(log_odds)
    # so far out 1 + tanh has rounding only, then nothing at all; a rate is small there, and never 0
    turnout = np.where(log_odds < _FAR_OUT, np.exp(np.clip(log_odds, _LEAST, _FAR_OUT)), turnout)
    ratios = pools.preference + np.einsum("nf,jkf->njk", z, pools.preference_load)
    ratios = np.concatenate([ratios, np.zeros((*ratios.shape[:2], 1))], axis=2)
    odds = np.exp(np.maximum(ratios - ratios.max(axis=2, keepdims=True), _LEAST))
    return turnout, odds / odds.sum(axis=2, keepdims=True)
