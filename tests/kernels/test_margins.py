"""Proportional fitting: against known tables, bounds, and draws."""

from __future__ import annotations

import numpy as np

from runoff.kernels import margins

ROWS, COLUMNS = np.array([30.0, 50.0, 20.0]), np.array([45.0, 55.0])


def _fit(table: np.ndarray, rows: np.ndarray = ROWS, columns: np.ndarray = COLUMNS) -> np.ndarray:
    out = np.array(table, float)
    margins.fit_one(out, rows, columns, 1e-12)
    return out


def test_fit_keeps_odds_ratios_and_meets_both_margins() -> None:
    """A fitted table has the margins to 1e-9 and the odds ratios of the one it began with."""
    start = np.array([[1.0, 2.0], [3.0, 0.5], [1.0, 1.0]])
    found = _fit(start)
    assert np.allclose(found.sum(axis=1), ROWS, atol=1e-9)
    assert np.allclose(found.sum(axis=0), COLUMNS, atol=1e-9)
    ratio = start[0, 0] * start[1, 1] / (start[0, 1] * start[1, 0])
    assert np.isclose(found[0, 0] * found[1, 1] / (found[0, 1] * found[1, 0]), ratio)


def test_empty_rows_and_columns_stay_empty() -> None:
    """A row or column that should be empty is, and nothing is NaN."""
    found = _fit(np.ones((3, 3)), np.array([0.0, 6.0, 4.0]), np.array([5.0, 0.0, 5.0]))
    assert np.isfinite(found).all()
    assert found[0].sum() == 0.0
    assert found[:, 1].sum() == 0.0


def test_bounds_are_obeyed_and_margins_met() -> None:
    """With upper bounds, each cell is below its own and the margins still hold; without need nothing changes."""
    start = np.array([[1.0, 1.0], [9.0, 1.0], [1.0, 1.0]])
    most = np.array([[30.0, 30.0], [30.0, 50.0], [20.0, 20.0]])
    found, over = start.copy(), np.empty_like(start)
    margins.fit_one_below(found, ROWS, COLUMNS, most, over, 1e-9)
    assert (found <= most + 1e-6).all()
    assert np.isclose(found[1, 0], 30.0, atol=1e-6)
    assert np.allclose(found.sum(axis=1), ROWS, atol=1e-6)
    assert np.allclose(found.sum(axis=0), COLUMNS, atol=1e-6)
    free = start.copy()
    margins.fit_one_below(free, ROWS, COLUMNS, np.full((3, 2), 1e9), over, 1e-12)
    assert np.array_equal(free, _fit(start))


def test_draws_have_the_margins_and_the_least_of_each_cell() -> None:
    """Every draw has both margins to 1e-6 and no cell below its least; with no noise it is the middle itself."""
    middle = _fit(np.array([[1.0, 2.0], [3.0, 0.5], [1.0, 1.0]]))
    least = 0.25 * middle
    normals = np.random.default_rng(3).normal(size=(6, 50)).astype(np.float32)
    rows, columns = ROWS - least.sum(axis=1), COLUMNS - least.sum(axis=0)
    for sd in (0.7, 0.0):
        out = np.empty((50, 3, 2))
        margins.fit_draws(
            middle,
            np.full((3, 2), sd),
            least,
            normals,
            rows,
            columns,
            np.full((3, 2), 1e9),
            np.empty((3, 2)),
            1e-9,
            out,
        )
        assert np.allclose(out.sum(axis=2), ROWS, atol=1e-6)
        assert np.allclose(out.sum(axis=1), COLUMNS, atol=1e-6)
        assert (out >= least - 1e-9).all()
        assert (np.ptp(out, axis=0).max() < 1e-9) == (sd == 0.0)
