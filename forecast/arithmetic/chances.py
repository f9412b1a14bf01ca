"""Normal and Student's t: quantiles, densities and tails, with the same bits on every CPU."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np

from runoff.arithmetic.functions import atan, exp, log
from runoff.arithmetic.matrices import eigen

# Wichura (1988), algorithm AS 241 (PPND16), doi:10.2307/2347330: numerators and denominators, the highest power first
_MIDDLE = (
    (2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
     13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608),
    (5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
     5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0),
)  # fmt: skip
_OUTER = (
    (7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
     3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734),
    (1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
     0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1.0),
)  # fmt: skip
_FAR = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
     0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772),
    (2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
     0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1.0),
)  # fmt: skip
_NEAR, _TERMS = 2.0, 150  # where a normal's tail goes from one formula to the other, and terms of both
_SPLIT, _ROOT_OF_TWICE_PI = 0.425, math.sqrt(2.0 * math.pi)


def quantile(p: float) -> float:
    """The standard normal's quantile of 0 < p < 1, within 1e-15 of its value."""
    q = p - 0.5
    if abs(q) <= _SPLIT:
        return q * _ratio(_MIDDLE, 0.180625 - q * q)
    away = math.sqrt(-float(log(p if q < 0.0 else 1.0 - p)))
    found = _ratio(_OUTER, away - 1.6) if away <= 5.0 else _ratio(_FAR, away - 5.0)
    return -found if q < 0.0 else found


def density(x: Any) -> Any:
    """The standard normal's density."""
    return exp(-0.5 * x * x) / _ROOT_OF_TWICE_PI


def upper(x: Any) -> Any:
    """Chance that a standard normal is above x, within 1e-13 of its value: a series near nought, else a fraction.

    Source: Abramowitz and Stegun (1964), 26.2.11 and 26.2.14.
    """
    x = np.asarray(x, np.float64)
    away = np.abs(x)
    near, far = np.minimum(away, _NEAR), np.maximum(away, _NEAR)
    term = total = near
    for k in range(1, _TERMS):
        term = term * (near * near) / (2 * k + 1)
        total = total + term
    below = far
    for k in range(_TERMS, 0, -1):
        below = far + k / below
    tail = np.where(away <= _NEAR, 0.5 - density(near) * total, density(far) / below)
    return np.where(x < 0.0, 1.0 - tail, tail)


@lru_cache(maxsize=8)
def normal_nodes(n: int) -> tuple[Any, Any]:
    """Gauss and Hermite's nodes and weights for means over a standard normal: float64[n] each, weights sum to 1.

    Source: Golub and Welsch (1969), doi:10.1090/S0025-5718-69-99647-1.
    """
    beside = np.diag(np.sqrt(np.arange(1.0, n)), 1)
    nodes, vectors = eigen(beside + beside.T)
    nodes = 0.5 * (nodes - nodes[::-1])  # they lie evenly around nought
    weights = vectors[0] ** 2
    return nodes, (weights + weights[::-1]) / (2.0 * weights.sum())


def t_both_tails(x: Any, freedom: Any) -> Any:
    """Chance that Student's t of 4 or 5 degrees of freedom is at least |x| away from 0: float64[n] of both float64[n].

    Within 1e-15, so that chances below 1e-12 have few digits.  Closed forms: Abramowitz and Stegun (1964), 26.7.3-4.

    Raises
    ------
    ValueError : other degrees of freedom.
    """
    away, freedom = np.abs(np.asarray(x, np.float64)), np.asarray(freedom, np.float64)
    if not np.isin(freedom, (4.0, 5.0)).all():
        raise ValueError(f"4 or 5 degrees of freedom, got {sorted(set(freedom.tolist()))}")
    whole = freedom + away * away
    cosine, sine = np.sqrt(freedom / whole), away / np.sqrt(whole)  # of the angle whose tangent is x / root of freedom
    four = 1.0 - sine * (1.0 + 0.5 * cosine**2)
    five = 2.0 / math.pi * (atan(cosine / np.maximum(sine, 1e-300)) - sine * cosine * (1.0 + 2.0 / 3.0 * cosine**2))
    return np.where(freedom == 4.0, four, five)


def _ratio(of: tuple[tuple[float, ...], tuple[float, ...]], r: float) -> float:
    top, bottom = 0.0, 0.0
    for a, b in zip(*of, strict=True):
        top, bottom = top * r + a, bottom * r + b
    return top / bottom
