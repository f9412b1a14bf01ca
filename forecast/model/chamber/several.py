"""What counted runoffs of three and more finalists say of the shocks.

Log-ratios of a race's votes are, given all else, nearly straight in the factors that its pools share, of which the
chamber's shocks make a part (`Rates.weights`).  So they are regressed on these over a few hundred points of all that is
random in the race; what is left is an error.  Turned until the errors are independent and of size 1 they are values of
the linear law like a duel's margin, but for WIDER: their shocks are not quite those of duels, of which they say less
than they seem to.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runoff.model.chamber.rates import Rates
from runoff.model.chamber.shared import NAMES, Shared
from runoff.race import FloatArray

WIDER = (
    2.0  # errors, to what the race's own are: of 1, 1.5, 2 and 3 the best for half-counted nights of four Assemblies
)
_FEWEST = 0.5  # votes, where somebody has none


def answers(races: Sequence[tuple[Rates, Sequence[int]]], normals: FloatArray) -> tuple[Shared, FloatArray]:
    """The law of what races of three and more say, own variances WIDER squared, and what they say, float64[P].

    races : rates of each, and its votes by finalist.  normals : float64[n, W], at least `width` of each race.
    """
    means, loads, said = [np.zeros(0)], [np.zeros((0, len(NAMES)))], [np.zeros(0)]
    for rates, votes in races:
        mean, slope, left = line(rates, normals)
        own = slope @ np.diag(rates.own[1:] ** 2) @ slope.T + left
        root = np.linalg.cholesky(own)
        count = np.maximum(np.array(votes, np.float64), _FEWEST)
        means.append(np.linalg.solve(root, mean))
        loads.append(np.linalg.solve(root, slope @ rates.weights[1:, : len(NAMES)]))
        said.append(np.linalg.solve(root, np.log(count[:-1] / count[-1])))
    law = Shared(np.concatenate(means), np.concatenate(loads), np.full(sum(map(len, means)), WIDER**2))
    return law, np.concatenate(said)


def width(rates: Rates) -> int:
    """How many normals a race hangs on."""
    return rates.finalists * (1 + len(set(rates.together)) + len(rates.names))


def line(rates: Rates, normals: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Log-ratios of votes to the last finalist's over the race's shared factors: what they are beside nothing, their
    slopes float64[K - 1, K - 1], and the covariance of what is left float64[K - 1, K - 1].

    normals : float64[n, W]; each is taken with its mirror image.
    """
    k, groups = rates.finalists, list(dict.fromkeys(rates.together))
    z = np.concatenate([normals, -normals])[:, : width(rates)].reshape(2 * len(normals), -1, k)
    member = np.array([groups.index(name) for name in rates.together])
    shared, bloc, pool = z[:, :1], z[:, 1 : 1 + len(groups)][:, member], z[:, 1 + len(groups) :]
    roots = np.sqrt(np.array([rates.turnout_parts, rates.preference_parts]))
    of_turnout, of_choice = (sum(r * part for r, part in zip(row, (shared, bloc, pool), strict=True)) for row in roots)
    come = 1.0 / (1.0 + np.exp(-(rates.turnout + rates.turnout_sd * of_turnout[:, :, 0])))
    ratios = rates.location + np.einsum("jkm,njm->njk", rates.scale, of_choice[:, :, 1:])
    odds = np.exp(np.concatenate([ratios, np.zeros((*ratios.shape[:2], 1))], axis=2))
    votes = np.einsum("j,nj,njk->nk", rates.people.astype(np.float64), come, odds / odds.sum(axis=2, keepdims=True))
    found = np.log(votes[:, :-1] / votes[:, -1:])
    factors = shared[:, 0, 1:]  # their mean is nought, mirror images being there
    mean = found.mean(axis=0)
    slope = np.linalg.lstsq(factors, found - mean, rcond=None)[0].T
    left = found - mean - factors @ slope.T
    return mean, slope, left.T @ left / len(left)
