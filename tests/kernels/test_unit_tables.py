"""The alternating fit of one matrix and a table for each unit: against a plain twin, and its fixed point."""

from __future__ import annotations

import numpy as np

from runoff.kernels import unit_tables

FIRST = np.array([[40.0, 10.0, 0.0], [5.0, 60.0, 15.0], [20.0, 20.0, 30.0]])
SECOND = np.array([[30.0, 20.0], [25.0, 55.0], [40.0, 30.0]])


def test_offsets_are_a_power_of_a_units_share() -> None:
    """A unit's offset is (its share / that of all) to the power, half a vote added at that share."""
    shares = SECOND.sum(axis=0) / SECOND.sum()
    out = np.empty_like(SECOND)
    unit_tables.offsets(SECOND, shares, -0.2, out)
    own = (SECOND + 0.5 * shares) / (SECOND.sum(axis=1, keepdims=True) + 0.5)
    assert np.allclose(out, (own / shares) ** -0.2, rtol=1e-12)


def test_a_step_is_one_sweep_of_each_unit() -> None:
    """Sums are of tables whose rows, then columns were scaled once, and of what the offsets weigh."""
    shares = np.array([[0.7, 0.3], [0.2, 0.8], [0.5, 0.5]])
    offset = np.array([[1.1, 0.9], [0.8, 1.3], [1.0, 1.2]])
    columns, out = np.ones((3, 2)), np.empty((2, 3, 2))
    unit_tables.over_units(FIRST, SECOND, offset, shares, columns, np.empty(3), out)
    tables = FIRST[:, :, None] * shares / shares.sum(axis=1)[None, :, None]
    tables *= (SECOND / tables.sum(axis=1))[:, None, :]
    weighed = FIRST[:, :, None] * offset[:, None, :] / np.einsum("jk,ik->ij", shares, offset)[:, :, None]
    assert np.allclose(out[0], tables.sum(axis=0), rtol=1e-12)
    assert np.allclose(out[1], weighed.sum(axis=0), rtol=1e-12)
    people = FIRST.sum(axis=0)
    before = shares.copy()
    moved = unit_tables.next_shares(out.copy(), people, 1.0, shares)
    expected = out[0] / out[1]
    expected /= expected.sum(axis=1, keepdims=True)
    assert np.allclose(shares, expected, rtol=1e-12)
    assert np.isclose(moved, (people[:, None] * np.abs(expected - before)).sum() / people.sum())


def test_dispersion_is_squared_distance_beyond_lots() -> None:
    """Sums of dispersion are those of dense covariances."""
    shares = np.array([[0.7, 0.3], [0.2, 0.8], [0.5, 0.5]])
    out = np.empty(3)
    unit_tables.dispersion(FIRST, SECOND, shares, np.empty((4, 2)), out)
    beyond = effects = 0.0
    for x, y in zip(FIRST, SECOND, strict=True):
        cov = sum(n * (np.diag(p) - np.outer(p, p)) for n, p in zip(x, shares, strict=True))
        beyond += (((y - x @ shares) ** 2) - np.diag(cov)).sum() / x.sum()
        effects += np.trace(cov @ cov) / x.sum()
    assert np.allclose(out, [beyond, effects, 3.0])


def test_unit_tables_have_the_units_margins() -> None:
    """Tables of units, as factored and as corrected, meet both margins; factors that are even change nothing."""
    shares = np.array([[0.7, 0.3], [0.2, 0.8], [0.5, 0.5]])
    tables, out = np.empty((3, 3, 2)), np.empty((3, 2))
    unit_tables.factored(FIRST, SECOND, shares, np.ones((3, 2)), tables, out)
    before = tables.copy()
    assert np.allclose(tables.sum(axis=2), FIRST, atol=1e-6)
    assert np.allclose(tables.sum(axis=1), SECOND, atol=1e-6)
    assert np.allclose(out, tables.sum(axis=0))
    unit_tables.corrected(FIRST, SECOND, np.full((3, 2), 2.0), tables, out)
    assert np.allclose(tables, before, atol=1e-6)
