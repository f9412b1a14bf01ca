"""Products, solutions and factors of matrices, and of stacks of these, by `runoff.kernels.matrices`.

Shapes are as NumPy's `@` and `numpy.linalg` have them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt

_NARROW = 8  # columns below which a product is made of the transposes, with the same bits: rows are what is fast
_LEAST_PIVOT = 1e-9  # of a diagonal element: what rounding leaves of one that others decide
Matrix = npt.NDArray[np.float64]


def product(a: Any, b: Any) -> Any:
    """As a @ b: each element is summed from the first term to the last; float32 of float32, else float64."""
    a, b = np.asarray(a), np.asarray(b)
    of = np.float32 if a.dtype == b.dtype == np.float32 else np.float64
    left, right = (a[None] if a.ndim == 1 else a), (b[:, None] if b.ndim == 1 else b)
    found = _product(left, right, of)
    found = found[..., 0, :] if a.ndim == 1 else found
    found = found[..., 0] if b.ndim == 1 else found
    return found[()]


def solve(a: Any, b: Any) -> Any:
    """As numpy.linalg.solve(a, b), by elimination with row exchanges.

    Raises
    ------
    numpy.linalg.LinAlgError : a matrix is singular.
    """
    from runoff.kernels.matrices import eliminate

    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    right = b[:, None] if b.ndim == 1 else b
    stack = np.broadcast_shapes(a.shape[:-2], right.shape[:-2])
    used = np.array(np.broadcast_to(a, (*stack, *a.shape[-2:])), order="C")
    found = np.array(np.broadcast_to(right, (*stack, *right.shape[-2:])), order="C")
    if eliminate(_flat(used), _flat(found)):
        raise np.linalg.LinAlgError("Singular matrix")
    return found[..., 0] if b.ndim == 1 else found


def inverse(a: Any) -> Any:
    """As numpy.linalg.inv(a)."""
    return solve(a, np.eye(np.asarray(a).shape[-1]))


def cholesky(a: Any) -> Any:
    """As numpy.linalg.cholesky(a), of symmetric matrices: only what is below the diagonal is looked at.

    Raises
    ------
    numpy.linalg.LinAlgError : a matrix is not positive definite.
    """
    from runoff.kernels.matrices import factorise

    found = np.array(a, np.float64, order="C")
    if factorise(_flat(found)):
        raise np.linalg.LinAlgError("Matrix is not positive definite")
    return found


def semidefinite(a: Any, most: int | None = None) -> Any:
    """As `cholesky` of a symmetric float64[n, n] that may have no full rank: columns without a part of it are noughts.

    most : columns that have a part; what these leave of the matrix is left out.
    """
    rest = np.array(a, np.float64)
    found, least = np.zeros_like(rest), _LEAST_PIVOT * np.diag(rest)
    for k in range(len(rest)):
        if rest[k, k] <= least[k] or (most is not None and np.count_nonzero(found.any(axis=0)) >= most):
            continue
        found[k:, k] = rest[k:, k] / np.sqrt(rest[k, k])
        rest[k:, k:] -= np.outer(found[k:, k], found[k:, k])
    return found


def positive(a: Any) -> bool:
    """Whether a symmetric matrix is positive definite, as far as rounding tells."""
    from runoff.kernels.matrices import factorise

    return not factorise(np.array(a, np.float64, order="C")[None])


def under(root: Any, b: Any) -> Any:
    """The solution x of root x = b, root lower triangular: as scipy.linalg.solve_triangular(root, b, lower=True)."""
    from runoff.kernels.matrices import forward

    return _triangular(forward, root, b)


def over(root: Any, b: Any) -> Any:
    """The solution x of root' x = b, root lower triangular."""
    from runoff.kernels.matrices import backward

    return _triangular(backward, root, b)


def eigen(a: Any) -> tuple[Matrix, Matrix]:
    """As numpy.linalg.eigh(a): values of a symmetric float64[n, n] from the smallest up, vectors in columns."""
    from runoff.kernels.matrices import rotate

    turned, vectors = np.array(a, np.float64, order="C"), np.eye(len(a))
    rotate(turned, vectors)
    values = np.diag(turned)
    order = np.argsort(values, kind="stable")
    return values[order], vectors[:, order]


def singular(a: Any) -> tuple[Matrix, Matrix, Matrix]:
    """As numpy.linalg.svd(a, full_matrices=False) of float64[m, n]: a = u diag(s) rows, s from the largest down.

    A direction without length has noughts in u, or in rows where m < n.
    """
    from runoff.kernels.matrices import untangle

    a = np.asarray(a, np.float64)
    if a.shape[0] < a.shape[1]:
        u, s, rows = singular(a.T)
        return rows.T, s, u.T
    turned, vectors = np.array(a.T, order="C"), np.eye(a.shape[1])
    untangle(turned, vectors)
    s = np.sqrt((turned * turned).sum(axis=1))
    order = np.argsort(-s, kind="stable")
    s = s[order]
    return (turned[order] / np.where(s > 0.0, s, 1.0)[:, None]).T, s, vectors[order]


def least_squares(a: Any, b: Any, least: float) -> Any:
    """The shortest x float64[n] with a x nearest to b; directions below `least` of the longest are left alone."""
    u, s, rows = singular(a)
    kept = s > least * s.max(initial=0.0)
    return product(rows.T, np.where(kept, product(u.T, b) / np.where(kept, s, 1.0), 0.0))


def _product(a: Any, b: Any, of: Any) -> Any:
    from runoff.kernels.matrices import multiply

    if b.shape[-1] < _NARROW and a.shape[-2] > b.shape[-1]:
        return _product(b.swapaxes(-1, -2), a.swapaxes(-1, -2), of).swapaxes(-1, -2)
    stack = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    out = np.empty((*stack, a.shape[-2], b.shape[-1]), of)
    multiply(_stacked(a, stack, of), _stacked(b, stack, of), _flat(out))
    return out


def _stacked(a: Any, stack: tuple[int, ...], of: Any) -> Any:
    """The same as [S, m, n], side by side in memory; one matrix where all of the stack are it."""
    if a.ndim > 2 and a.shape[:-2] != stack:
        a = np.broadcast_to(a, (*stack, *a.shape[-2:]))
    a = np.ascontiguousarray(a, of)
    return _flat(a)


def _flat(stack: Any) -> Any:
    """A stack of matrices as [S, m, n], the same memory."""
    return stack.reshape(math.prod(stack.shape[:-2]), *stack.shape[-2:])


def _triangular(by: Any, root: Any, b: Any) -> Any:
    root, b = np.asarray(root, np.float64), np.asarray(b, np.float64)
    right = b[:, None] if b.ndim == 1 else b
    stack = np.broadcast_shapes(root.shape[:-2], right.shape[:-2])
    found = np.array(np.broadcast_to(right, (*stack, *right.shape[-2:])), order="C")
    by(_stacked(root, stack, np.float64), _flat(found))
    return found[..., 0] if b.ndim == 1 else found
