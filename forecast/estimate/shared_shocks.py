"""A linear model of many races whose errors have parts in common: those of one election move together.

    y = X b + A u + e        u : one draw of Q standard normals per group, e : independent, b : normal beforehand

The loads A and the variances of e hang on a few sizes.  Given them everything is closed form, group by group, so that a
group can be left out, or added in part, for the price of a sum; the sizes are found by the marginal likelihood, b
integrated out, with a normal prior of their own on the log scale.

Sources: Lindley and Smith (1972), doi:10.1111/j.2517-6161.1972.tb00885.x; Harville (1977),
doi:10.1080/01621459.1977.10480998.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.linalg import LinAlgError

from runoff.arithmetic.descent import least
from runoff.arithmetic.functions import log
from runoff.arithmetic.matrices import cholesky, product, under
from runoff.race import BoolArray, FloatArray, Int64Array

_NOWHERE = 1e12
_STEP = 1e-5  # of log sizes, for slopes
_FLAT = 0.05  # change of the log likelihood by a log size that is none


@dataclass(frozen=True, slots=True)
class Spread:
    """What the sizes make of N rows: loads float64[N, Q] on the group's shocks, variance float64[N] of the rest.

    mean, sd : float64[P] of the coefficients beforehand.
    """

    loads: FloatArray
    variance: FloatArray
    mean: FloatArray
    sd: FloatArray


@dataclass(frozen=True, slots=True)
class Problem:
    """Rows of races with their groups, and how sizes become loads and variances.

    x : float64[N, P]; y : float64[N]; group : int64[N], 0 to G - 1.
    spread : of log sizes float64[S].  size, size_sd : float64[S], log sizes beforehand.
    """

    x: FloatArray
    y: FloatArray
    group: Int64Array
    spread: Callable[[FloatArray], Spread]
    size: FloatArray
    size_sd: FloatArray

    @property
    def groups(self) -> int:
        """Groups G."""
        return int(self.group.max()) + 1 if len(self.group) else 0


@dataclass(frozen=True, slots=True)
class Sums:
    """What each group's rows say: cross, Z' V^-1 Z for Z = (X, y - X mean), float64[G, P+1, P+1]; logdet, log |V|."""

    cross: FloatArray
    logdet: FloatArray
    mean: FloatArray
    sd: FloatArray


@dataclass(frozen=True, slots=True)
class Posterior:
    """Coefficients given the groups that were kept: mean float64[P], cov float64[P, P], log marginal likelihood."""

    mean: FloatArray
    cov: FloatArray
    loglik: float


def sums(problem: Problem, sizes: FloatArray) -> Sums:
    """Each group's part of the normal equations at these log sizes."""
    spread = problem.spread(sizes)
    live = np.append(np.flatnonzero((problem.x != 0.0).any(axis=0)), problem.x.shape[1])  # the others say nothing
    z = np.column_stack([problem.x, problem.y - product(problem.x, spread.mean)])[:, live]
    order = np.argsort(problem.group, kind="stable")
    bounds = np.searchsorted(problem.group[order], np.arange(problem.groups + 1))
    cross = np.zeros((problem.groups, problem.x.shape[1] + 1, problem.x.shape[1] + 1))
    logdet = np.zeros(problem.groups)
    for g in range(problem.groups):
        rows = order[bounds[g] : bounds[g + 1]]
        cross[g, live[:, None], live[None, :]], logdet[g] = _whitened(
            z[rows], spread.loads[rows], spread.variance[rows]
        )
    return Sums(cross, logdet, spread.mean, spread.sd)


def _whitened(z: FloatArray, loads: FloatArray, variance: FloatArray) -> tuple[FloatArray, float]:
    """Z' V^-1 z and log |V| of V = loads loads' + diag(variance), by Woodbury's identity."""
    light = z / variance[:, None]
    root = cholesky(np.eye(loads.shape[1]) + product(loads.T, loads / variance[:, None]))
    half = under(root, product(loads.T, light))
    determinant = float(log(variance).sum() + 2.0 * log(np.diag(root)).sum())
    return product(z.T, light) - product(half.T, half), determinant


def posterior(found: Sums, kept: BoolArray | None = None) -> Posterior:
    """Coefficients given groups bool[G], by default all of them."""
    keep = np.ones(len(found.logdet)) if kept is None else kept.astype(np.float64)
    p = len(found.mean)
    cross = product(keep, found.cross.reshape(len(keep), -1)).reshape(p + 1, p + 1)
    root = cholesky(cross[:p, :p] + np.diag(1.0 / (found.sd * found.sd)))
    half, inverse = under(root, cross[:p, p]), under(root, np.eye(p))
    quadratic = float(cross[p, p] - product(half, half) + product(keep, found.logdet))
    loglik = -0.5 * (quadratic + 2.0 * float(log(np.diag(root)).sum() + log(found.sd).sum()))
    return Posterior(found.mean + product(inverse.T, half), product(inverse.T, inverse), loglik)


def sizes_of(problem: Problem, kept: BoolArray | None = None, start: FloatArray | None = None) -> FloatArray:
    """Log sizes float64[S] that make the groups kept most likely, with their prior."""

    def lack(sizes: FloatArray) -> float:
        away = (sizes - problem.size) / problem.size_sd
        try:
            return 0.5 * float(product(away, away)) - posterior(sums(problem, sizes), kept).loglik
        except LinAlgError:  # a step of the search to sizes so far out that nothing can be solved
            return _NOWHERE

    def sloped(sizes: FloatArray) -> tuple[float, FloatArray]:
        here = lack(sizes)
        if here == _NOWHERE:
            return here, np.zeros(len(sizes))
        ahead = np.array([lack(sizes + step) for step in _STEP * np.eye(len(sizes))])
        return here, (ahead - here) / _STEP

    anywhere = np.full(len(problem.size), np.inf)
    found: FloatArray = least(sloped, problem.size if start is None else start, -anywhere, anywhere, _FLAT)
    return found
