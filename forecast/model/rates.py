"""Rates as people say them, and the logistic-normal that each of them means.

A person says a mean and a standard deviation, an interval with its probability, or counts ("41 of 52").
Each becomes a normal on the log-odds scale.  Source for counts: Aitchison and Shen (1980), Logistic-normal
distributions: some properties and uses, doi:10.1093/biomet/67.2.261 (eq. 3.5: the logistic-normal nearest
in Kullback-Leibler divergence to a Dirichlet).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from runoff.arithmetic.chances import density, normal_nodes, quantile, upper
from runoff.arithmetic.functions import exp, log, log1p, square
from runoff.arithmetic.matrices import cholesky, product, semidefinite, singular, solve
from runoff.estimate.logistic import TAIL, logistic
from runoff.race import FloatArray, Origin, Rate

if TYPE_CHECKING:
    from runoff.runfile.sections.rates import RateSpec

OPEN_SD = float(log(3.0)) / (math.sqrt(2.0) * TAIL)  # odds of any two 1:3 to 3:1 (80 %)
JEFFREYS = 0.5  # added to each count: Jeffreys' prior for a share
_NODES: FloatArray = np.linspace(-9.0, 9.0, 1801)
_WEIGHTS: FloatArray = exp(-0.5 * _NODES**2)
_WEIGHTS /= _WEIGHTS.sum()  # the trapezium rule is exact to rounding for smooth functions of a normal


def logit(p: float) -> float:
    """log(p / (1 - p)) for 0 < p < 1."""
    return float(log(p) - log1p(-p))


def moments(location: float, scale: float) -> tuple[float, float]:
    """Mean and standard deviation of logistic(location + scale Z), Z standard normal; error below 1e-9."""
    p = logistic(location + scale * _NODES)
    mean = float((_WEIGHTS * p).sum())
    return mean, math.sqrt(max(float((_WEIGHTS * (p - mean) ** 2).sum()), 0.0))


def from_mean_sd(mean: float, sd: float) -> tuple[float, float]:
    """Location and scale of the logistic-normal with this mean and standard deviation.

    0 < mean < 1 and sd**2 < 0.9 mean (1 - mean), which the run file's check has seen to.  Newton's method
    on (location, log scale), halving steps that go astray.
    """
    target = np.array([mean, float(log(sd))])
    place = np.array([logit(mean), float(log(sd / (mean * (1.0 - mean))))])
    distance = math.inf
    step = np.zeros(2)
    for _ in range(200):
        trial = place + step
        location, scale = float(trial[0]), float(exp(min(trial[1], 6.0)))
        p = logistic(location + scale * _NODES)
        slope = p * (1.0 - p)
        m1 = float((_WEIGHTS * p).sum())
        variance = float((_WEIGHTS * (p - m1) ** 2).sum())
        error = np.array([m1, 0.5 * float(log(variance))]) - target
        if float(np.abs(error).max()) > distance and float(np.abs(step).max()) > 1e-14:
            step = step / 2.0
            continue
        place, distance = trial, float(np.abs(error).max())
        if distance < 1e-12:
            break
        dm = np.array([float((_WEIGHTS * slope).sum()), scale * float((_WEIGHTS * slope * _NODES).sum())])
        centred = (p - m1) * slope
        dv = (
            np.array([float((_WEIGHTS * centred).sum()), scale * float((_WEIGHTS * centred * _NODES).sum())]) / variance
        )
        step = -solve(np.array([dm, dv]), error)
        step = step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
    return float(place[0]), float(exp(place[1]))


def from_interval(low: float, high: float, probability: float) -> tuple[float, float]:
    """Location and scale whose central interval of this probability is (low, high), exactly."""
    z = quantile(0.5 + probability / 2.0)
    return (logit(low) + logit(high)) / 2.0, (logit(high) - logit(low)) / (2.0 * z)


def digamma(x: float) -> float:
    """Derivative of log gamma for x > 0: recurrence to x >= 12, then the asymptotic series; error 1e-14."""
    shift = 0.0
    while x < 12.0:
        shift -= 1.0 / x
        x += 1.0
    s = 1.0 / (x * x)
    series = s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * (1 / 240 - s * (1 / 132 - s * 691 / 32760)))))
    return shift + float(log(x)) - 0.5 / x - series


def trigamma(x: float) -> float:
    """Second derivative of log gamma for x > 0, in the same way."""
    shift = 0.0
    while x < 12.0:
        shift += 1.0 / (x * x)
        x += 1.0
    s = 1.0 / (x * x)
    series = s * (1 / 6 - s * (1 / 30 - s * (1 / 42 - s * (1 / 30 - s * (5 / 66 - s * 691 / 2730)))))
    return shift + 1.0 / x + 0.5 * s + series / x


def from_dirichlet(alpha: Sequence[float]) -> tuple[FloatArray, FloatArray]:
    """Location [K-1] and Cholesky factor [K-1, K-1] of the log-ratios to the last share."""
    location = np.array([digamma(a) - digamma(alpha[-1]) for a in alpha[:-1]])
    covariance = np.diag([trigamma(a) for a in alpha[:-1]]) + trigamma(alpha[-1])
    return location, cholesky(covariance)


def open_shares(finalists: int) -> tuple[FloatArray, FloatArray]:
    """Location [K-1] and factor [K-1, K-1] of shares of which nobody knows anything: the odds of any two 1:3 to 3:1."""
    covariance = OPEN_SD * OPEN_SD * (np.eye(finalists - 1) + 1.0)
    return np.zeros(finalists - 1), cholesky(covariance)


def one_and_rest(
    location: float, scale: float, place: int, finalists: int, z: float = TAIL
) -> tuple[FloatArray, FloatArray]:
    """Log-ratios of shares of which one is said, and the others have the rest in equal parts.

    The share at `place` has the quantiles of logistic(location + scale Z) at Z = -z and z; the others are alike, and
    the odds between any two of them have a standard deviation of at most sqrt(2) OPEN_SD around even.

    Returns
    -------
    location [K-1] and Cholesky factor [K-1, K-1] of the log-ratios to the last share.
    """
    if finalists == 2:
        return np.array([location if place == 0 else -location]), np.array([[scale]])
    middle, sd, spread = _one_against_rest(location, scale, finalists - 1, z)
    mean = np.zeros(finalists)
    mean[place] = middle
    others = np.arange(finalists) != place
    covariance = np.zeros((finalists, finalists))
    covariance[place, place] = square(sd)
    covariance[np.ix_(others, others)] = square(spread) * (np.eye(finalists - 1) - 1.0 / (finalists - 1))
    ratios = np.hstack([np.eye(finalists - 1), -np.ones((finalists - 1, 1))])
    return product(ratios, mean), cholesky(product(product(ratios, covariance), ratios.T))


@lru_cache(maxsize=4_096)
def _one_against_rest(location: float, scale: float, others: int, z: float) -> tuple[float, float, float]:
    """Mean and sd of the said share's log-odds against the others' geometric mean, and the sd of each other's.

    logit(share) = D - R with R = log sum exp(d), D and the others' deviations d independent normals.  Newton's method
    on mean and sd of D, so that the quantiles at -z and z are those of a normal with `location` and `scale`.
    """
    spread = min(OPEN_SD, scale)
    rest, weights = _log_sums(others, spread)
    middle, sd = location + float((weights * rest).sum()), scale
    for _ in range(50):
        errors, slopes = [], []
        for sign in (-1.0, 1.0):  # each end by its own tail, which keeps its digits
            t = sign * (location + sign * z * scale - middle + rest) / sd
            tail = float((weights * upper(t)).sum())
            near = density(t)
            normal = quantile(tail)
            there = float(density(normal))
            errors.append(normal + z)
            slopes.append(
                [sign * float((weights * near).sum()) / sd / there, float((weights * near * t).sum()) / sd / there]
            )
        step = -solve(np.array(slopes), np.array(errors))
        middle, sd = middle + float(step[0]), max(sd + float(step[1]), 0.5 * sd)
        if max(map(abs, errors)) < 1e-12:
            break
    return middle, sd, spread


def _log_sums(others: int, spread: float) -> tuple[FloatArray, FloatArray]:
    """Values and weights of log sum exp(d) by Gauss and Hermite: d normal, their sum nought, of this spread."""
    nodes, weights = normal_nodes(24)
    axes = np.meshgrid(*[nodes] * (others - 1), indexing="ij")
    joint = np.ones(1)
    for _ in range(others - 1):
        joint = np.multiply.outer(joint, weights)
    basis = singular(np.eye(others) - 1.0 / others)[0][:, : others - 1]
    d = product(spread * np.stack([axis.ravel() for axis in axes], axis=1), basis.T)
    return log(exp(d).sum(axis=1)), joint.ravel()


def read_rate(spec: RateSpec, finalists: Sequence[str], own: str, origin: Origin) -> Rate:
    """A rate of the run file as parameters; `finalists` is empty for a turnout.

    `own` is the finalist that a preference without `to` goes to (a finalist's own pool).  With three and four
    finalists a preference said `to` one leaves the rest to the others in equal parts.
    """
    source = spec.source or ""
    z = TAIL
    if spec.counts is not None or spec.means is not None:
        return _from_shares(spec, finalists, origin, source)
    if spec.mean is not None and spec.sd is not None:
        location, scale = from_mean_sd(spec.mean, spec.sd)
        said = f"{spec.mean:g} ± {spec.sd:g}"
    elif spec.low is not None and spec.high is not None:
        location, scale = from_interval(spec.low, spec.high, spec.probability)
        z = quantile(0.5 + spec.probability / 2.0)
        said = f"{spec.low:g} to {spec.high:g} ({100 * spec.probability:g} %)"
    else:
        count, of = spec.count or 0, spec.of or 0  # the last form: both are said
        yes, no = count / spec.design_effect, (of - count) / spec.design_effect
        place, factor = from_dirichlet((yes + JEFFREYS, no + JEFFREYS))
        location, scale = float(place[0]), float(factor[0, 0])
        said = f"{count} of {of}" + _design(spec.design_effect)
    if finalists:
        to = spec.to or own
        places, factor = one_and_rest(location, scale, list(finalists).index(to), len(finalists), z)
        said = f"{to} {said}" + (", the rest evenly" if len(finalists) > 2 else "")
        return as_rate(places, factor, said, origin, source)
    return Rate((location,), ((scale,),), said, origin, source)


def _design(effect: float) -> str:
    return "" if effect == 1.0 else f", design effect {effect:g}"


def _from_shares(spec: RateSpec, finalists: Sequence[str], origin: Origin, source: str) -> Rate:
    if spec.counts is not None:
        parts = [spec.counts[name] for name in finalists]
        alpha = [part / spec.design_effect + JEFFREYS for part in parts]
        said = ", ".join(f"{name} {part}" for name, part in zip(finalists, parts, strict=True))
        said += f" of {sum(parts)}" + _design(spec.design_effect)
    else:
        means, worth = spec.means or {}, spec.worth or 0.0  # the last form: both are said
        alpha = [means[name] * worth for name in finalists]
        said = ", ".join(f"{name} {means[name]:g}" for name in finalists) + f", worth {worth:g} people"
    return as_rate(*from_dirichlet(alpha), said, origin, source)


def apart(rate: Rate) -> FloatArray:
    """Factor [K-1, K-1] of the covariance of a rate's log-ratios less what others of its estimate share with it."""
    scale = np.array(rate.scale)
    if not rate.joint:
        return scale
    joint = np.array(rate.joint)
    found: FloatArray = semidefinite(product(scale, scale.T) - product(joint, joint.T))
    return found


def as_rate(location: FloatArray, factor: FloatArray, said: str, origin: Origin, source: str) -> Rate:
    """A rate of these log-ratios, location [K-1] and factor [K-1, K-1]."""
    rows = tuple(tuple(float(x) for x in row) for row in factor)
    return Rate(tuple(float(x) for x in location), rows, said, origin, source)
