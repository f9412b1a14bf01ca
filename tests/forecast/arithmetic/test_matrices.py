"""Matrices against NumPy's linear algebra."""

from __future__ import annotations

import numpy as np
import pytest

from runoff.arithmetic import matrices

RNG = np.random.default_rng(2)
CLOSE = {"rtol": 1e-11, "atol": 1e-11}


@pytest.mark.parametrize(
    ("left", "right"),
    [((3,), (3,)), ((4, 3), (3,)), ((3,), (3, 5)), ((4, 3), (3, 50)), ((40, 3), (3, 2)), ((2, 1, 4, 3), (5, 3, 2)),
     ((2, 4, 3), (3,)), ((0, 3), (3, 2)), ((3, 0), (0, 2)), ((0, 4, 3), (3, 2))],
)  # fmt: skip
def test_products_are_numpys(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    """Shapes are those of `@`, stacks and single vectors included, in float64 and, of float32, in float32."""
    a, b = RNG.normal(size=left), RNG.normal(size=right)
    found = matrices.product(a, b)
    assert np.shape(found) == np.shape(a @ b)
    assert np.allclose(found, a @ b, rtol=1e-13, atol=1e-13)
    single = matrices.product(a.astype(np.float32), b.astype(np.float32))
    assert single.dtype == np.float32
    assert np.allclose(single, a @ b, rtol=1e-5, atol=1e-5)


def test_a_product_is_the_same_however_its_factors_lie() -> None:
    """Transposed, cut and turned round, and one row or column of it at a time: the same bits."""
    a, b = RNG.normal(size=(30, 70)), RNG.normal(size=(70, 40))
    whole = matrices.product(a, b)
    assert np.array_equal(matrices.product(np.asfortranarray(a), np.asfortranarray(b)), whole)
    assert np.array_equal(matrices.product(b.T, a.T).T, whole)
    assert np.array_equal(np.stack([matrices.product(row, b) for row in a]), whole)
    assert np.array_equal(np.stack([matrices.product(a, column) for column in b.T], axis=1), whole)


def test_solutions_and_factors_are_numpys() -> None:
    """Solve, inverse, Cholesky's factor and triangular solutions, of one matrix and of stacks."""
    for stack in ((), (3,), (2, 3)):
        half, right = RNG.normal(size=(*stack, 5, 9)), RNG.normal(size=(*stack, 5, 2))
        whole = half @ np.swapaxes(half, -1, -2)
        root = np.linalg.cholesky(whole)
        assert np.allclose(matrices.solve(whole, right), np.linalg.solve(whole, right), **CLOSE)
        assert np.allclose(matrices.inverse(whole), np.linalg.inv(whole), **CLOSE)
        assert np.allclose(matrices.cholesky(whole), root, **CLOSE)
        assert np.allclose(matrices.under(root, right), np.linalg.solve(root, right), **CLOSE)
        assert np.allclose(matrices.over(root, right), np.linalg.solve(np.swapaxes(root, -1, -2), right), **CLOSE)
    assert np.allclose(matrices.solve(whole[0, 0], right[0, 0, :, 0]), np.linalg.solve(whole[0, 0], right[0, 0, :, 0]))
    assert matrices.solve(np.zeros((0, 0)), np.zeros((0, 4))).shape == (0, 4)
    assert matrices.positive(whole[0, 0])
    assert not matrices.positive(-whole[0, 0])


def test_a_factor_of_a_matrix_without_full_rank() -> None:
    """Its product is the matrix, with as many columns as the rank; of full rank it is Cholesky's; `most` cuts it."""
    half = RNG.normal(size=(7, 3))
    half[4] = half[1]
    found = matrices.semidefinite(half @ half.T)
    assert np.allclose(found @ found.T, half @ half.T, **CLOSE)
    assert np.count_nonzero(found.any(axis=0)) == 3
    whole = half @ half.T + np.eye(7)
    assert np.allclose(matrices.semidefinite(whole), np.linalg.cholesky(whole), **CLOSE)
    cut = matrices.semidefinite(whole, 2)
    assert np.array_equal(cut[:, :2], matrices.semidefinite(whole)[:, :2])
    assert not cut[:, 2:].any()
    assert not matrices.semidefinite(np.zeros((2, 2))).any()


def test_what_cannot_be_solved_is_told() -> None:
    """A singular matrix and one that is not positive definite raise NumPy's own error."""
    with pytest.raises(np.linalg.LinAlgError, match="Singular"):
        matrices.solve(np.ones((2, 2)), np.ones(2))
    with pytest.raises(np.linalg.LinAlgError, match="positive definite"):
        matrices.cholesky(np.ones((2, 2)) - 2.0 * np.eye(2))


def test_eigenvalues_and_singular_values_are_numpys() -> None:
    """Values agree, vectors give the matrix back, and least squares agree where a direction is lacking."""
    half = RNG.normal(size=(9, 9))
    values, vectors = matrices.eigen(half + half.T)
    assert np.allclose(values, np.linalg.eigvalsh(half + half.T), **CLOSE)
    assert np.allclose(vectors * values @ vectors.T, half + half.T, **CLOSE)
    for a in (half[:, :4], half[:4], half):
        u, s, rows = matrices.singular(a)
        assert np.allclose(s, np.linalg.svd(a)[1], **CLOSE)
        assert np.allclose(u * s @ rows, a, **CLOSE)
    alike = np.column_stack([half[:, :3], half[:, 0] + half[:, 1]])
    found = matrices.least_squares(alike, half[:, 5], 1e-10)
    assert np.allclose(found, np.linalg.lstsq(alike, half[:, 5], rcond=1e-10)[0], **CLOSE)
