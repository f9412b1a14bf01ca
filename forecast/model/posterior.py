"""What evidence makes of the factors: a normal around the mode, and weights that make it exact.

Evidence updates z, the standard normals that all rates hang on, and nothing else.  It is a vector of numbers
y = h(z) + error, the errors normal with covariance R.  The posterior's mode m is found by Gauss and Newton's
method; with G the gradients of h at m, trials are drawn from

    z = m + xi - B (gain * q),   q = B' xi,   xi ~ N(0, I),   whose covariance is (I + G' R^-1 G)^-1

(Laplace's method, with at most as many directions B as observations), and weighted by the ratio of the true
likelihood to the one with h replaced by its tangent l at m.  With d = h(z) - l(z) and P = R^-1,

    log weight = d' P (y - l(z)) - d' P d / 2.

A linear observation has d = 0 and is nothing to compute; where all are linear the posterior is exact as it is.
Sources: Tierney and Kadane (1986), doi:10.1080/01621459.1986.10478240; Kong, Liu and Wong (1994),
doi:10.1080/01621459.1994.10476469 (effective sample size).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from runoff.arithmetic.functions import exp, logistic, square
from runoff.arithmetic.matrices import cholesky, inverse, product, singular, solve, under
from runoff.model.electorate import Electorate, each_log_ratio_gradients, each_log_ratios
from runoff.race import FloatArray, Int64Array

LOW = 0.25  # effective sample size / draws below which a note names what bends
FAR = 3.0  # standard deviations between prior and evidence that are worth a warning
_STEPS = 200  # of Gauss and Newton; a handful is needed
_HALVINGS = 60
_CLOSE = 1e-13  # relative change of the mode at which the search ends


@dataclass(frozen=True, slots=True)
class Observation:
    """A number observed of the expected votes of some pools: h(z) = log(V[ratio] / V[K - 1]).

    V[k] are the expected votes for finalist k of the people in `people`.  One pool alone makes h linear in z:
    its turnout cancels.

    name : what messages call it.
    value : what was observed, on the log-odds scale.
    people : float64[J], people of each pool that are observed; 0 for the others.
    ratio : which finalist's votes over the last one's, from 0; 0 where there are two finalists.
    """

    name: str
    value: float
    people: FloatArray
    ratio: int

    @property
    def linear(self) -> bool:
        """One pool only."""
        return int(np.count_nonzero(self.people)) == 1


@dataclass(frozen=True, slots=True)
class Posterior:
    """The normal that trials draw factors from, and what their weights need.

    mean : float64[F], the mode m.
    basis : float64[F, R], orthonormal columns; R at most the number of observations.
    gain : float64[R], in [0, 1).
    observations, covariance : as given, in canonical order; `at_mode` float64[n] is h(m), `gradient`
        float64[n, F] its gradient there.
    curved : int64[N], places of the observations that are not linear.  For them, at a trial with q = basis' xi:
        tangent[i] + tangent_slope[i] @ q is l; pull[i] + pull_slope[i] @ q is (P (y - l))[i]; with
        d[i] = h[i] - l[i], log weight = sum of d * pull - d @ precision @ d / 2.
    warnings : observations that prior and evidence disagree on.
    """

    mean: FloatArray
    basis: FloatArray
    gain: FloatArray
    observations: tuple[Observation, ...]
    covariance: FloatArray
    at_mode: FloatArray
    gradient: FloatArray
    curved: Int64Array
    tangent: FloatArray
    tangent_slope: FloatArray
    pull: FloatArray
    pull_slope: FloatArray
    precision: FloatArray
    warnings: tuple[str, ...]


def update(pools: Electorate, observations: Sequence[Observation], covariance: FloatArray) -> Posterior:
    """The posterior of the factors; the order of the observations does not matter, to the bit.

    covariance : float64[n, n] of the observations' errors.
    """
    order = sorted(range(len(observations)), key=lambda i: _canonical(observations[i]))
    ordered = tuple(observations[i] for i in order)
    covariance = np.asarray(covariance, np.float64).reshape(len(order), len(order))[np.ix_(order, order)]
    value = np.array([o.value for o in ordered])
    root: FloatArray = cholesky(covariance)
    mode = _mode(pools, ordered, value, root)
    at_mode, slopes = _linearised(pools, ordered, mode)
    basis, gain = _directions(under(root, slopes))
    tangent_slope = product(slopes, basis) * (1.0 - gain)
    precision: FloatArray = inverse(covariance)
    curved = np.array([i for i, o in enumerate(ordered) if not o.linear], np.int64)
    return Posterior(
        mean=mode,
        basis=basis,
        gain=gain,
        observations=ordered,
        covariance=covariance,
        at_mode=at_mode,
        gradient=slopes,
        curved=curved,
        tangent=at_mode[curved],
        tangent_slope=tangent_slope[curved],
        pull=product(precision[curved], value - at_mode),
        pull_slope=-product(precision[curved], tangent_slope),
        precision=precision[np.ix_(curved, curved)],
        warnings=_disagreements(pools, ordered, covariance),
    )


def draw(posterior: Posterior, xi: FloatArray) -> FloatArray:
    """Factors of trials: float64[n, F] from standard normals float64[n, F]."""
    found: FloatArray = product(product(xi, posterior.basis) * posterior.gain, posterior.basis.T)
    return posterior.mean + xi - found


def log_weights(pools: Electorate, posterior: Posterior, xi: FloatArray) -> FloatArray:
    """Logarithm of each trial's importance weight, float64[n], from the normals it was drawn with."""
    if not len(posterior.curved):
        return np.zeros(len(xi))
    z, q = draw(posterior, xi), product(xi, posterior.basis)
    chosen = [posterior.observations[i] for i in posterior.curved]
    at = each_log_ratios(pools, _people(pools, chosen), z)
    curved = np.column_stack([of[:, o.ratio] for of, o in zip(at, chosen, strict=True)])
    d = curved - posterior.tangent - product(q, posterior.tangent_slope.T)
    pull = posterior.pull + product(q, posterior.pull_slope.T)
    result: FloatArray = (d * (pull - 0.5 * product(d, posterior.precision))).sum(axis=1)
    return result


def effective_sample_size(log_weight: FloatArray) -> float:
    """(sum w)^2 / sum w^2: equally weighted draws that would be worth as much."""
    weight = exp(log_weight - log_weight.max())
    return float(square(weight.sum()) / (weight**2).sum())


def bent(pools: Electorate, posterior: Posterior, xi: FloatArray) -> tuple[str, ...]:
    """Observations whose own weights leave fewer than LOW effective draws of each draw, worst first.

    Where all together do so and none alone, the worst is named.  xi : float64[n, F], standard normals.
    """
    if not len(posterior.curved):
        return ()
    draws = len(xi)
    z, q = draw(posterior, xi), product(xi, posterior.basis)
    pull = posterior.pull + product(q, posterior.pull_slope.T)
    tangent = posterior.tangent + product(q, posterior.tangent_slope.T)
    found, chosen = [], [posterior.observations[i] for i in posterior.curved]
    at = each_log_ratios(pools, _people(pools, chosen), z)
    for place, observation in enumerate(chosen):
        d = at[place][:, observation.ratio] - tangent[:, place]
        alone = d * pull[:, place] - 0.5 * d * d * posterior.precision[place, place]
        found.append((effective_sample_size(alone) / draws, observation.name))
    found.sort()
    together = effective_sample_size(log_weights(pools, posterior, xi)) / draws
    named = [name for share, name in found if share < LOW]
    return tuple(named or [found[0][1]] if together < LOW else named)


def _canonical(observation: Observation) -> tuple[object, ...]:
    """An order that depends on what was observed only."""
    return (observation.name, observation.ratio, observation.value, tuple(observation.people))


def _linearised(pools: Electorate, observations: Sequence[Observation], z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Each h and its gradient at one point: float64[n], float64[n, F]."""
    people, place = _people(pools, observations), np.arange(len(observations))
    ratio = np.array([o.ratio for o in observations], np.int64)
    at = each_log_ratios(pools, people, z[None, :])[place, 0, ratio]
    return at, each_log_ratio_gradients(pools, people, z)[place, ratio]


def _people(pools: Electorate, observations: Sequence[Observation]) -> FloatArray:
    """People whom observations are of: float64[n, J]."""
    return np.array([o.people for o in observations]).reshape(len(observations), len(pools.people))


def _mode(pools: Electorate, observations: Sequence[Observation], value: FloatArray, root: FloatArray) -> FloatArray:
    """The mode by Gauss and Newton, each step halved until it is downhill; `root` is R's Cholesky factor."""
    z = np.zeros(pools.n_factors)
    if not observations:
        return z

    def loss(at: FloatArray, z: FloatArray) -> float:
        """Minus the logarithm of the posterior density, up to a constant."""
        miss = under(root, value - at)
        return 0.5 * float((z * z).sum() + (miss * miss).sum())

    at, slopes = _linearised(pools, observations, z)
    now = loss(at, z)
    for _ in range(_STEPS):
        scaled = under(root, slopes)
        right = under(root, value - at + product(slopes, z))
        step = product(scaled.T, solve(product(scaled, scaled.T) + np.eye(len(value)), right)) - z
        for _ in range(_HALVINGS):
            at, slopes = _linearised(pools, observations, z + step)
            if loss(at, z + step) <= now * (1.0 + 1e-15):
                break
            step = step / 2.0
        z = z + step
        now = loss(at, z)
        if float(np.abs(step).max()) <= _CLOSE * max(1.0, float(np.abs(z).max())):
            break
    return z


def _directions(scaled: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Directions in which evidence narrows the factors, and by how much: float64[F, R], float64[R].

    scaled : float64[n, F], gradients in units of independent errors of size 1.
    """
    if not len(scaled):
        return np.zeros((scaled.shape[1], 0)), np.zeros(0)
    _, size, rows = singular(scaled)
    kept = size > 1e-9
    gain: FloatArray = 1.0 - 1.0 / np.sqrt(1.0 + size[kept] ** 2)
    return np.ascontiguousarray(rows[kept].T), gain


def _disagreements(pools: Electorate, observations: Sequence[Observation], covariance: FloatArray) -> tuple[str, ...]:
    """Observations more than FAR standard deviations from what the prior expects of them."""
    prior, slopes = _linearised(pools, observations, np.zeros(pools.n_factors))
    found = []
    for i, observation in enumerate(observations):
        spread = math.sqrt(float(covariance[i, i]) + float((slopes[i] * slopes[i]).sum()))
        distance = (observation.value - float(prior[i])) / spread
        if abs(distance) > FAR:
            found.append(
                f"{observation.name} and the prior rates disagree by {abs(distance):.1f} standard deviations "
                f"({share_of(observation.value):.1f} % against {share_of(float(prior[i])):.1f} %): one of them is wrong"
            )
    return tuple(found)


def share_of(log_odds: float) -> float:
    """Per cent of the two-way vote."""
    return 100.0 * float(logistic(log_odds))
