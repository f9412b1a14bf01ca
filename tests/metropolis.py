"""A plain Metropolis sampler of the factors' posterior, from the polls one by one: slow, and nothing to get wrong.

Shares no code with `runoff.model.posterior`: rates are computed from the kernel's arrays by scipy, the polls'
likelihood is their joint normal with its full covariance, and no mode, gradient or weight is used.  Proposals
sqrt(1 - b^2) z + b xi leave the prior N(0, I) as it is, so only the likelihood decides (Neal 1999; Cotter and
others 2013, doi:10.1214/13-STS421, call it pCN).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from runoff.kernels.arrays import Inputs
from runoff.model.poll_errors import Heard

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Chains:
    """Margins float64[steps, chains] after burn-in, and the share of proposals taken."""

    margin: Floats
    accepted: float


def votes(inputs: Inputs, people: Floats, z: Floats) -> Floats:
    """Expected votes float64[2, n, m] of groups of people float64[m, J] at factors float64[n, F]; two finalists."""
    turnout = inputs.turnout_location + np.einsum("jl,njl->nj", inputs.turnout_load, z[:, inputs.turnout_factor])
    load = inputs.preference_load[:, :, 0, 0]
    first = inputs.preference_location[:, 0] + np.einsum("jl,njl->nj", load, z[:, inputs.preference_factor])
    come = special.expit(turnout)
    return np.stack([(come * special.expit(first)) @ people.T, (come * special.expit(-first)) @ people.T])


def sample(inputs: Inputs, heard: Heard, *, chains: int, steps: int, burn_in: int, step: float, seed: int) -> Chains:
    """Run many chains from the prior."""
    rng = np.random.default_rng(seed)
    groups = np.array([*heard.people, inputs.people.astype(np.float64).sum(axis=0)])  # everybody last
    found = (heard.log_odds - heard.shift).ravel()
    root = np.linalg.cholesky(heard.covariance)

    def looked_at(z: Floats) -> tuple[Floats, Floats]:
        """Log likelihood and margin of the race at factors: float64[n] each."""
        first, second = votes(inputs, groups, z)
        miss = np.linalg.solve(root, (found - np.log(first / second)[:, list(heard.of_poll)]).T)
        return -0.5 * np.asarray((miss**2).sum(axis=0)), ((first - second) / (first + second))[:, -1]

    z = rng.standard_normal((chains, len(inputs.factor_stream)))
    now, margin = looked_at(z)
    margins, taken = np.empty((steps, chains)), 0
    for number in range(-burn_in, steps):
        proposed = np.sqrt(1 - step**2) * z + step * rng.standard_normal(z.shape)
        then, moved = looked_at(proposed)
        take = np.log(rng.random(chains)) < then - now
        z[take], now[take], margin[take] = proposed[take], then[take], moved[take]
        if number >= 0:
            taken += int(take.sum())
            margins[number] = margin
    return Chains(margins, taken / (steps * chains))
