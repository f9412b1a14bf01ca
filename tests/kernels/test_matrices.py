"""Products and factors of matrices: the order they are summed in, and what they solve."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from runoff.kernels import matrices

RNG = np.random.default_rng(20170620)


def _in_order(a: Any, b: Any) -> Any:
    """The product of stacks, each element summed from the first term to the last, as whole arrays are added."""
    out = np.zeros((max(len(a), len(b)), a.shape[1], b.shape[2]), a.dtype)
    for k in range(a.shape[2]):
        out += a[:, :, k, None] * b[:, None, k, :]
    return out


@pytest.mark.parametrize("of", [np.float32, np.float64])
@pytest.mark.parametrize(
    "shape", [(1, 1, 1, 1), (1, 3, 5, 7), (2, 4, 8, 33), (3, 9, 6, 1), (1, 21, 67, 130), (2, 5, 0, 3)]
)
def test_each_element_is_summed_in_order(of: Any, shape: tuple[int, int, int, int]) -> None:
    """However the loops are blocked, a product is the sum of its terms from the first to the last, to the bit."""
    stack, rows, terms, columns = shape
    a = RNG.normal(size=(stack, rows, terms)).astype(of)
    for n in {1, stack}:
        b = RNG.normal(size=(n, terms, columns)).astype(of)
        out = np.full((stack, rows, columns), np.nan, of)
        matrices.multiply(a, b, out)
        assert np.array_equal(out, _in_order(a, b))


def test_a_factor_is_the_one_that_columns_give() -> None:
    """Cholesky's factor times its transpose is the matrix; what is not positive definite is counted."""
    half = RNG.normal(size=(3, 6, 9))
    whole = half @ half.transpose(0, 2, 1)
    root = whole.copy()
    assert matrices.factorise(root) == 0
    assert np.allclose(root @ root.transpose(0, 2, 1), whole, rtol=1e-13, atol=1e-13)
    assert np.array_equal(root, np.tril(root))
    bad = np.stack([np.eye(3), -np.eye(3), np.diag([1.0, 1.0, np.nan])])
    assert matrices.factorise(bad) == 2


def test_what_is_solved_gives_back_the_right_side() -> None:
    """Triangular solutions and elimination undo a product; a pivot of nought is exchanged, a singular matrix told."""
    lower = np.tril(RNG.normal(size=(2, 7, 7))) + 3.0 * np.eye(7)
    right = RNG.normal(size=(2, 7, 4))
    x = right.copy()
    matrices.forward(lower, x)
    assert np.allclose(lower @ x, right, rtol=1e-12, atol=1e-12)
    x = right.copy()
    matrices.backward(lower, x)
    assert np.allclose(lower.transpose(0, 2, 1) @ x, right, rtol=1e-12, atol=1e-12)
    whole = RNG.normal(size=(2, 7, 7))
    whole[:, 0, 0] = 0.0
    x = right.copy()
    assert matrices.eliminate(whole.copy(), x) == 0
    assert np.allclose(whole @ x, right, rtol=1e-11, atol=1e-11)
    assert matrices.eliminate(np.ones((1, 2, 2)), np.ones((1, 2, 1))) == 1


def test_turns_make_a_matrix_diagonal_and_rows_orthogonal() -> None:
    """Jacobi's turns leave eigenvalues on the diagonal, one-sided ones orthogonal rows, and both their vectors."""
    half = RNG.normal(size=(8, 8))
    whole = half + half.T
    turned, vectors = whole.copy(), np.eye(8)
    matrices.rotate(turned, vectors)
    assert np.allclose(vectors.T @ whole @ vectors, turned, atol=1e-13)
    assert np.abs(turned - np.diag(np.diag(turned))).max() < 1e-13
    rows, vectors = half[:5].copy(), np.eye(5)
    matrices.untangle(rows, vectors)
    assert np.allclose(vectors @ half[:5], rows, atol=1e-13)
    assert np.abs(rows @ rows.T - np.diag((rows**2).sum(axis=1))).max() < 1e-13
