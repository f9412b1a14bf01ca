"""Rates as people say them, and the logistic-normal that each of them means.

A person says a mean and a standard deviation, an interval with its probability, or counts ("41 of 52").
Each becomes a normal on the log-odds scale.  Source for counts: Aitchison and Shen (1980), Logistic-normal
distributions: some properties and uses, doi:10.1093/biomet/67.2.261 (eq. 3.5: the logistic-normal nearest
in Kullback-Leibler divergence to a Dirichlet).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from forecast.race import FloatArray, Rate

if TYPE_CHECKING:
    from forecast.config import RateSpec

JEFFREYS = 0.5  # added to each count: Jeffreys' prior for a share
_NODES: FloatArray = np.linspace(-9.0, 9.0, 1801)
_WEIGHTS: FloatArray = np.exp(-0.5 * _NODES**2)
_WEIGHTS /= _WEIGHTS.sum()  # the trapezium rule is exact to rounding for smooth functions of a normal


def logistic(x: FloatArray) -> FloatArray:
    """1 / (1 + exp(-x)) without overflow."""
    result: FloatArray = 0.5 * (1.0 + np.tanh(0.5 * x))
    return result


def logit(p: float) -> float:
    """log(p / (1 - p)) for 0 < p < 1."""
    return math.log(p) - math.log1p(-p)


def moments(location: float, scale: float) -> tuple[float, float]:
    """Mean and standard deviation of logistic(location + scale Z), Z standard normal; error below 1e-9."""
    p = logistic(location + scale * _NODES)
    mean = float(_WEIGHTS @ p)
    return mean, math.sqrt(max(float(_WEIGHTS @ (p - mean) ** 2), 0.0))


def from_mean_sd(mean: float, sd: float) -> tuple[float, float]:
    """Location and scale of the logistic-normal with this mean and standard deviation.

    0 < mean < 1 and sd**2 < 0.9 mean (1 - mean), which the run file's check has seen to.  Newton's method
    on (location, log scale), halving steps that go astray.
    """
    target = np.array([mean, math.log(sd)])
    place = np.array([logit(mean), math.log(sd / (mean * (1.0 - mean)))])
    distance = math.inf
    step = np.zeros(2)
    for _ in range(200):
        trial = place + step
        location, scale = float(trial[0]), math.exp(min(trial[1], 6.0))
        p = logistic(location + scale * _NODES)
        slope = p * (1.0 - p)
        m1 = float(_WEIGHTS @ p)
        variance = float(_WEIGHTS @ (p - m1) ** 2)
        error = np.array([m1, 0.5 * math.log(variance)]) - target
        if float(np.abs(error).max()) > distance and float(np.abs(step).max()) > 1e-14:
            step = step / 2.0
            continue
        place, distance = trial, float(np.abs(error).max())
        if distance < 1e-12:
            break
        dm = np.array([float(_WEIGHTS @ slope), scale * float(_WEIGHTS @ (slope * _NODES))])
        centred = (p - m1) * slope
        dv = np.array([float(_WEIGHTS @ centred), scale * float(_WEIGHTS @ (centred * _NODES))]) / variance
        step = -np.linalg.solve(np.array([dm, dv]), error)
        step = step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-300))
    return float(place[0]), math.exp(float(place[1]))


def from_interval(low: float, high: float, probability: float) -> tuple[float, float]:
    """Location and scale whose central interval of this probability is (low, high), exactly."""
    z = NormalDist().inv_cdf(0.5 + probability / 2.0)
    return (logit(low) + logit(high)) / 2.0, (logit(high) - logit(low)) / (2.0 * z)


def digamma(x: float) -> float:
    """Derivative of log gamma for x > 0: recurrence to x >= 12, then the asymptotic series; error 1e-14."""
    shift = 0.0
    while x < 12.0:
        shift -= 1.0 / x
        x += 1.0
    s = 1.0 / (x * x)
    series = s * (1 / 12 - s * (1 / 120 - s * (1 / 252 - s * (1 / 240 - s * (1 / 132 - s * 691 / 32760)))))
    return shift + math.log(x) - 0.5 / x - series


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
    return location, np.linalg.cholesky(covariance).astype(np.float64)


def read_rate(spec: RateSpec, finalists: Sequence[str], own: str, origin: str) -> Rate:
    """A rate of the run file as parameters; `finalists` is empty for a turnout.

    `own` is the finalist that a preference without `to` goes to (a finalist's own pool).
    """
    source = spec.source or ""
    if spec.counts is not None or spec.means is not None:
        return _from_shares(spec, finalists, origin, source)
    if spec.mean is not None and spec.sd is not None:
        location, scale = from_mean_sd(spec.mean, spec.sd)
        said = f"{spec.mean:g} ± {spec.sd:g}"
    elif spec.low is not None and spec.high is not None:
        location, scale = from_interval(spec.low, spec.high, spec.probability)
        said = f"{spec.low:g} to {spec.high:g} ({100 * spec.probability:g} %)"
    else:
        assert spec.count is not None
        assert spec.of is not None
        yes, no = spec.count / spec.design_effect, (spec.of - spec.count) / spec.design_effect
        place, factor = from_dirichlet((yes + JEFFREYS, no + JEFFREYS))
        location, scale = float(place[0]), float(factor[0, 0])
        said = f"{spec.count} of {spec.of}" + _design(spec.design_effect)
    if finalists:
        to = spec.to or own
        said = f"{to} {said}"
        if to == finalists[-1]:
            location = -location  # log-ratios are to the last finalist
    return Rate((location,), ((scale,),), said, origin, source)


def _design(effect: float) -> str:
    return "" if effect == 1.0 else f", design effect {effect:g}"


def _from_shares(spec: RateSpec, finalists: Sequence[str], origin: str, source: str) -> Rate:
    if spec.counts is not None:
        parts = [spec.counts[name] for name in finalists]
        alpha = [part / spec.design_effect + JEFFREYS for part in parts]
        said = ", ".join(f"{name} {part}" for name, part in zip(finalists, parts, strict=True))
        said += f" of {sum(parts)}" + _design(spec.design_effect)
    else:
        assert spec.means is not None
        assert spec.worth is not None
        alpha = [spec.means[name] * spec.worth for name in finalists]
        said = ", ".join(f"{name} {spec.means[name]:g}" for name in finalists) + f", worth {spec.worth:g} people"
    location, factor = from_dirichlet(alpha)
    rows = tuple(tuple(float(x) for x in row) for row in factor)
    return Rate(tuple(float(x) for x in location), rows, said, origin, source)
