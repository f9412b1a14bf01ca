"""Counts of what is out, by region and mode: whole votes around what is expected, with the variance of counting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from runoff.race import FloatArray, Int64Array

_LEAST = 1e-12  # of a variance that others are divided by


def in_groups(
    out: Any, groups: Sequence[tuple[int, int]], region: np.ndarray, people: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Means float64[G, K, n] and covariances float64[G, K, K, n] of the groups' counts given what is expected.

    Each person chooses a finalist, in a mode, or nobody: a unit's counts are multinomial of its people.

    Parameters
    ----------
    out : float32[K, M, U, n], expected votes out.  groups : (region, mode), places from 0.
    region : int64[U].  people : float64[U].

    """
    finalists = len(out)
    means = np.zeros((len(groups), finalists, out.shape[3]))
    spreads = np.zeros((len(groups), finalists, finalists, out.shape[3]))
    for g, (r, m) in enumerate(groups):
        part = out[:, m, region == r]
        share = part / people[region == r][None, :, None].astype(np.float32)
        means[g] = part.sum(axis=1, dtype=np.float64)
        for i in range(finalists):
            for k in range(finalists):
                spreads[g, i, k] = -(part[i] * share[k]).sum(axis=0)
            spreads[g, i, i] += means[g, i]
    return means, spreads


def whole_votes(means: FloatArray, spreads: FloatArray, noise: Any) -> Int64Array:
    """Whole votes int64[n, G, K]: normals of these means and covariances, rounded, none below 0.

    noise : float32[G, K, n], standard normals.
    """
    finalists = means.shape[1]
    if not len(means):
        return np.zeros((noise.shape[2], 0, finalists), np.int64)
    drawn, loads = [], list[list[FloatArray]]()  # rows of the covariances' Cholesky factors
    for k in range(finalists):
        row: list[FloatArray] = []
        for i, before in enumerate(loads):
            known = sum((row[j] * before[j] for j in range(i)), start=np.zeros(()))
            row.append((spreads[:, i, k] - known) / before[i])
        left = spreads[:, k, k] - sum((part**2 for part in row), start=np.zeros(()))
        row.append(np.sqrt(np.maximum(left, 0.0 if k == finalists - 1 else _LEAST)))
        loads.append(row)
        drawn.append(sum((load * noise[:, i] for i, load in enumerate(row)), start=means[:, k]))
    whole: Int64Array = np.floor(np.maximum(np.stack(drawn, axis=1), 0.0) + 0.5).astype(np.int64)
    return whole.transpose(2, 0, 1)
