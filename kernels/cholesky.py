"""Cholesky factors of small matrices, and what they solve, in plain loops: the same bits on every CPU, unlike BLAS."""

from __future__ import annotations

import numpy as np

from runoff.kernels._jit import part
from runoff.kernels._types import FloatArray


@part
def factor(a: FloatArray) -> None:
    """Cholesky: the upper triangle of symmetric `a` float64[m, m] becomes U with a = U'U; the lower is not read."""
    m = a.shape[0]
    for i in range(m):
        pivot = np.sqrt(max(a[i, i], 1e-300))
        a[i, i] = pivot
        for k in range(i + 1, m):
            a[i, k] /= pivot
        for j in range(i + 1, m):
            weight = a[i, j]
            if weight != 0.0:
                for k in range(j, m):
                    a[j, k] -= weight * a[i, k]


@part
def solve(u: FloatArray, x: FloatArray) -> None:
    """Overwrite `x` float64[m] with the solution of U'U z = x."""
    m = x.size
    for i in range(m):
        x[i] /= u[i, i]
        for k in range(i + 1, m):
            x[k] -= u[i, k] * x[i]
    for i in range(m - 1, -1, -1):
        total = x[i]
        for k in range(i + 1, m):
            total -= u[i, k] * x[k]
        x[i] = total / u[i, i]
