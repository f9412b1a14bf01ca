"""Linear normal algebra of a night: a mixed model of units solved in closed form, and how its steps converge."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from runoff.arithmetic.matrices import cholesky, inverse, least_squares, over, product, under
from runoff.arithmetic.matrices import solve as solution
from runoff.race import FloatArray

DEPTH = 6  # steps that are mixed


@dataclass(frozen=True, slots=True)
class Solved:
    """A linear normal model, solved: see `solve`."""

    mean: FloatArray
    precision: FloatArray
    own: FloatArray
    own_covariance: FloatArray
    answer: FloatArray
    weight: FloatArray


def solve(
    response: FloatArray,
    common: FloatArray,
    own: FloatArray,
    noise: FloatArray,
    variance: FloatArray,
    more: tuple[FloatArray, FloatArray, FloatArray],
    prior: FloatArray | None = None,
) -> Solved:
    """The posterior of x ~ N(0, I / prior) and e[u] ~ N(0, diag variance[u]) by linear observations of both.

    Parameters
    ----------
    response : float64[U, N], y = common[u] x + own[u] e[u] + error.
    common : float64[U, N, C].  own : float64[U, N, E].  noise : float64[U, N], variances; or
        float64[U, N, N], covariances.
    variance : float64[U, E].
    more : further observations of x: values [n], gradients [n, C], covariance [n, n].
    prior : float64[C], precisions of x; by default 1.

    Returns
    -------
    mean float64[C] and precision float64[C, C] of x; own float64[U, E], the effects' mean at it, and
    own_covariance, answer, weight as in `Fit`, all given x.
    """
    spread = own * variance[:, None, :]
    covariance = product(spread, own.transpose(0, 2, 1))
    if noise.ndim == 3:
        covariance += noise
    else:
        places = np.arange(noise.shape[1])
        covariance[:, places, places] += noise
    weight: FloatArray = inverse(covariance)
    value, gradient, error = more
    known = solution(error, gradient) if len(value) else gradient
    weighted = product(weight, common)
    size = common.shape[2]
    flat = common.reshape(-1, size)
    before = np.diag(np.ones(size) if prior is None else prior)
    precision = before + product(flat.T, weighted.reshape(-1, size)) + product(gradient.T, known)
    precision = 0.5 * (precision + precision.T)
    right = product(weighted.reshape(-1, size).T, response.reshape(-1)) + product(known.T, value)
    root = cholesky(precision)
    mean: FloatArray = over(root, under(root, right))
    answer = product(spread.transpose(0, 2, 1), weight)
    expected = product(answer, (response - product(common, mean))[:, :, None])[:, :, 0]
    left = -product(answer, spread)
    places = np.arange(variance.shape[1])
    left[:, places, places] += variance
    return Solved(mean, precision, expected, left, answer, weight)


def roots(covariance: FloatArray) -> FloatArray:
    """Cholesky factors of covariances float64[U, E, E] that may be singular to rounding."""
    places = np.arange(covariance.shape[1])
    covariance = 0.5 * (covariance + covariance.transpose(0, 2, 1))
    covariance[:, places, places] += 1e-12
    found: FloatArray = cholesky(covariance)
    return found


class Mixed:
    """Anderson's mixing of a fixed-point map's last steps: where h bends, plain steps converge slowly.

    Source: Anderson (1965), doi:10.1145/321296.321305; Walker and Ni (2011), doi:10.1137/10078356X (algorithm AA).
    """

    def __init__(self) -> None:
        self.goals: list[FloatArray] = []
        self.steps: list[FloatArray] = []

    def towards(self, x: FloatArray, goal: FloatArray) -> FloatArray:
        """Where to go from x, whose image under the map is `goal`."""
        self.goals, self.steps = [*self.goals, goal][-DEPTH:], [*self.steps, goal - x][-DEPTH:]
        if len(self.steps) < 2:
            return goal
        steps, goals = np.diff(self.steps, axis=0).T, np.diff(self.goals, axis=0).T
        share = least_squares(steps, self.steps[-1], 1e-10)
        found: FloatArray = goal - product(goals, share)
        return found
