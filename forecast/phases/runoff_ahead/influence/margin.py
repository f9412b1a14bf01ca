"""The expected margin as a smooth function of the factors, and of the rates' log-odds, in float64.

What regions and units do besides, and the counting of votes, is left out: with those the rates are as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from runoff.estimate.logistic import logistic
from runoff.model.electorate import Electorate, electorate
from runoff.race import FloatArray

if TYPE_CHECKING:
    from runoff.kernels.arrays import Inputs


_FEW = 1e-300  # voters, where there are none
_FAR = -300.0  # log-odds


@dataclass(frozen=True, slots=True)
class Margin:
    """The first finalist's expected share less the best other's, over independent standard normals xi.

    Factors are z = mean + xi - (xi basis * gain) basis': those of the model, or of the posterior, xi then being its
    whitened directions, each the nearest to the factor of its place (Kessy, Lewin and Strimmer 2018,
    doi:10.1080/00031305.2016.1277159).

    pools : their log-odds over the factors.  loads : float64[J K, F], of turnouts, then of each pool's log-ratios.
    mean : float64[F].  basis : float64[F, R].  gain : float64[R].
    """

    pools: Electorate
    loads: FloatArray
    mean: FloatArray
    basis: FloatArray
    gain: FloatArray

    @classmethod
    def of(cls, inputs: Inputs) -> Margin:
        """The margin of the kernel's arrays."""
        pools = electorate(inputs)
        factors = pools.n_factors
        basis = inputs.direction.T.astype(np.float64).reshape(factors, -1)
        gain = np.einsum("fr,fr->r", inputs.pulled.astype(np.float64).reshape(basis.shape), basis)
        loads = np.concatenate([pools.turnout_load, pools.preference_load.reshape(-1, factors)])
        mean = inputs.factor_mean.astype(np.float64) if inputs.factor_mean.size else np.zeros(factors)
        return cls(pools, loads, mean, basis, gain)

    @property
    def center(self) -> FloatArray:
        """Mean log-odds float64[J K], in the order of `loads`."""
        middle: FloatArray = np.concatenate([self.pools.turnout, self.pools.preference.ravel()])
        return middle + self.loads @ self.mean

    @property
    def spread(self) -> FloatArray:
        """Loads of the log-odds on xi: float64[J K, F]; times its transpose their covariance."""
        return self.whitened(self.loads)

    @property
    def learnt(self) -> FloatArray:
        """What evidence adds to the factors' precision, as its root: float64[R, F]."""
        return np.sqrt(1.0 / (1.0 - self.gain) ** 2 - 1.0)[:, None] * self.basis.T

    def whitened(self, rows: FloatArray) -> FloatArray:
        """Rows float64[n, F] over the factors, over xi; the root is symmetric, so this makes factors of xi too."""
        return rows - ((rows @ self.basis) * self.gain) @ self.basis.T

    def at(self, xi: FloatArray) -> FloatArray:
        """The margin at points float64[n, F]: float64[n]."""
        return margins([votes.sum(axis=1) for votes in self.votes(self.log_odds(xi))])

    def log_odds(self, xi: FloatArray) -> FloatArray:
        """Log-odds of all rates, float64[n, J K]."""
        odds: FloatArray = self.center + xi @ self.spread.T
        return odds

    def votes(self, odds: FloatArray, which: Sequence[int] | None = None) -> list[FloatArray]:
        """Expected votes of each finalist, float64[n, J] each, at log-odds float64[n, J K]; `which` : of some pools."""
        turnout, shares = self.rates(odds, which)
        people = self.pools.people if which is None else self.pools.people[list(which)]
        return [people * turnout * share for share in shares]

    def rates(self, odds: FloatArray, which: Sequence[int] | None = None) -> tuple[FloatArray, list[FloatArray]]:
        """Turnouts float64[n, J], and shares of each finalist, float64[n, J] each."""
        many = len(self.pools.people)
        each = [odds[:, many + m :: self.pools.n_ratios] for m in range(self.pools.n_ratios)]
        parts = [odds[:, :many], *each]
        turnout, *ratios = parts if which is None else [part[:, list(which)] for part in parts]
        if len(ratios) == 1:
            share = logistic(ratios[0])
            return logistic(turnout), [share, 1.0 - share]
        top = np.maximum.reduce([*ratios, np.zeros_like(turnout)])
        of_odds = [np.exp(np.maximum(part - top, _FAR)) for part in (*ratios, np.zeros_like(turnout))]
        whole: FloatArray = np.add.reduce(of_odds)
        return logistic(turnout), [part / whole for part in of_odds]

    def slopes(self, xi: FloatArray) -> FloatArray:
        """Gradients of the margin over xi, float64[n, F]."""
        slopes: FloatArray = self.slopes_of_odds(self.log_odds(xi)) @ self.spread
        return slopes

    def slopes_of_odds(self, odds: FloatArray) -> FloatArray:
        """Gradients of the margin over the log-odds of all rates: float64[n, J K]."""
        turnout, shares = self.rates(odds)
        voters = self.pools.people * turnout
        sums = np.stack([(voters * share).sum(axis=1) for share in shares])
        other = 1 + sums[1:].argmax(axis=0)
        lead = margins(list(sums))
        worth = [
            float(k == 0) - (other == k) - lead for k in range(len(sums))
        ]  # of a vote more for each, times all votes
        mine = [
            voters * share * (what / np.maximum(sums.sum(axis=0), _FEW))[:, None]
            for share, what in zip(shares, worth, strict=True)
        ]
        pool: FloatArray = np.add.reduce(mine)
        slopes = np.empty_like(odds)
        many, ratios = len(self.pools.people), self.pools.n_ratios
        slopes[:, :many] = (1.0 - turnout) * pool
        for m in range(ratios):
            slopes[:, many + m :: ratios] = mine[m] - shares[m] * pool
        return slopes


def margins(votes: Sequence[FloatArray]) -> FloatArray:
    """The first finalist's votes less the best other's, over all; votes of each finalist, float64[n]."""
    best = votes[1] if len(votes) == 2 else np.maximum.reduce(list(votes[1:]))
    lead: FloatArray = (votes[0] - best) / np.maximum(np.add.reduce(list(votes)), _FEW)
    return lead
