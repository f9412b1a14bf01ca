"""Shapley effects of dependent normals: shares of a linear function's variance that add up to 1.

The worth of some causes u is the variance of the mean given them, Var(E[f | u]); a cause's effect is what it adds, on
average over all orders in which causes become known (Owen 2014, doi:10.1137/130936233; Owen and Prieur 2017,
doi:10.1137/16M1097717: for dependent causes).

Normals with precision I + W'W, W of few rows, are independent ones after evidence.  Given z[u], with sums over what is
not in u,

    Var(slope' z | z[u]) = s - v' M^-1 v,   s = sum slope^2,   v = sum w slope,   M = I + sum w w',

so that an order takes solving as many small systems as there are causes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runoff.race import FloatArray, Int64Array


def shapley_effects(
    slope: FloatArray, learnt: FloatArray, groups: Sequence[Sequence[int]], orders: Int64Array
) -> FloatArray:
    """Shares of the variance of slope' z for groups of normals, float64[G]; they add up to 1.

    Parameters
    ----------
    slope : float64[F].  learnt : float64[R, F], W.
    groups : places of each group's normals; together all whose slope or W is not nought.
    orders : int64[P, G], permutations over which is averaged; each is also taken backwards.
    """
    s = np.array([float(slope[list(group)] @ slope[list(group)]) for group in groups])
    v = np.stack([learnt[:, list(group)] @ slope[list(group)] for group in groups])
    m = np.stack([learnt[:, list(group)] @ learnt[:, list(group)].T for group in groups])
    effects = np.zeros(len(groups))
    both = np.concatenate([orders, orders[:, ::-1]])
    for order in both:
        left = _left(s[order], v[order], m[order])
        effects[order] += left[:-1] - left[1:]
    return effects / effects.sum() if effects.sum() > 0.0 else effects


def _left(s: FloatArray, v: FloatArray, m: FloatArray) -> FloatArray:
    """Variance that is left before each group of an order is known, and after the last: float64[G + 1]."""
    later = [np.concatenate([np.cumsum(part[::-1], axis=0)[::-1], np.zeros_like(part[:1])]) for part in (s, v, m)]
    inner = np.linalg.solve(np.eye(m.shape[1]) + later[2], later[1][:, :, None])[:, :, 0]
    left: FloatArray = later[0] - np.einsum("gr,gr->g", later[1], inner)
    return left
