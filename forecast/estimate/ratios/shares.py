"""Shares of finalists as log-ratios to the last one; no finalist is treated unlike another.

Log-ratios r[k] = log(share[k] / share[K - 1]), k < K - 1.  Arrays have ratios, or finalists, first.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from runoff.arithmetic import functions
from runoff.arithmetic.functions import exp, log
from runoff.race import FloatArray

_MOST = 80.0  # log-odds beyond which float32 has no share
_FLAT = 1e-6  # of an edge, below which float32 has rounding only


def logistic(x: Any) -> Any:
    """1 / (1 + exp(-x)), never 0, in the type of x: log-odds beyond 80 are 80, of which float32 still has the share."""
    return functions.logistic(np.clip(x, -_MOST, _MOST))


def with_last(ratios: Any) -> Any:
    """Log-ratios [K - 1, ...] with the last finalist's, which is 0: [K, ...]."""
    return np.concatenate([ratios, np.zeros_like(ratios[:1])])


def shares(ratios: Any) -> Any:
    """Shares [K, ...] of log-ratios [K - 1, ...], never 0, in their type."""
    result = with_last(ratios)
    result -= result.max(axis=0)
    result = exp(np.maximum(result, -_MOST, out=result))
    result /= result.sum(axis=0)
    return result


def preferences(ratios: Any) -> Any:
    """Shares [K, ...] of the finalists by their log-ratios [Q, ...]; of two by the logistic function."""
    if len(ratios) == 1:
        return np.stack([logistic(ratios[0]), logistic(-ratios[0])])
    return shares(ratios)


def pushed(share: FloatArray, q: int) -> FloatArray:
    """Derivatives float64[K, ...] of shares by one log-ratio."""
    found: FloatArray = -share * share[q]
    found[q] = share[q] * np.delete(share, q, axis=0).sum(axis=0)
    return found


def log_sum(ratios: Any) -> Any:
    """log(1 + sum over k of exp(ratios[k])): [...]."""
    every = with_last(ratios)
    top = every.max(axis=0)
    return top + log(exp(every - top).sum(axis=0))


def spread_of(share: FloatArray) -> FloatArray:
    """diag(p) - p p' of all finalists but the last: float64[K - 1, K - 1, ...] of shares float64[K, ...]."""
    ratios = len(share) - 1
    result: FloatArray = -(share[:ratios, None] * share[None, :ratios])
    for k in range(ratios):
        others = [share[i] for i in range(ratios + 1) if i != k]
        result[k, k] = share[k] * sum(others[1:], start=others[0])
    return result


def edges(weight: Any, share: Any) -> list[list[Any]]:
    """Sums over the first axis of `weight` [M, ...] of products of two finalists' shares [K, M, ...]: [k][i]."""
    finalists = len(share)
    found = [[np.zeros_like(weight[0])] * finalists for _ in range(finalists)]
    for k in range(finalists):
        weighted = weight * share[k]
        for i in range(k):
            found[k][i] = found[i][k] = (weighted * share[i]).sum(axis=0)
    return found


def levelled(edge: list[list[Any]], away: Any) -> Any:
    """Log-ratios c [K - 1, ...] with sum over i of edge[k][i] (c[k] - c[i]) = away[k], c of the last one 0.

    That is (diag(s) - s s') c = away where the edges are products of shares s.  Eliminated as in a network of
    resistances: nothing is subtracted, so that a finalist of hardly any votes keeps his digits (Grassmann, Taksar and
    Heyman 1985, doi:10.1287/opre.33.5.1107).  Finalists whose edges are nothing but rounding stay where they are.

    away : [K, ...], adds up to 0 over finalists.
    """
    last = len(away) - 1
    edge, away = [list(row) for row in edge], list(away)
    totals = []
    for k in range(last):
        total = sum(edge[k][k + 2 :], start=edge[k][k + 1])
        total = np.maximum(total, _FLAT)
        totals.append(total)
        for i in range(k + 1, last + 1):
            part = edge[k][i] / total
            away[i] = away[i] + part * away[k]
            for j in range(k + 1, i):
                edge[i][j] = edge[j][i] = edge[i][j] + part * edge[k][j]
    found: list[Any] = [np.zeros_like(away[last])] * (last + 1)
    for k in reversed(range(last)):
        flow = away[k]
        for i in range(k + 1, last):
            flow = flow + edge[k][i] * found[i]
        found[k] = flow / totals[k]
    return np.stack(found[:last])
