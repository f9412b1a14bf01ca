"""The linear normal algebra of a night against dense normals."""

from __future__ import annotations

import numpy as np
import pytest

from runoff.estimate.mixed_model import solve


def test_a_linear_night_is_the_dense_normals_posterior() -> None:
    """Mean and covariance of x and of units' own effects equal the joint normal's, conditioned densely, to 1e-10."""
    rng = np.random.default_rng(1)
    units, cells_, common, own = 7, 4, 5, 3
    h, j = rng.normal(size=(units, cells_, common)), rng.normal(size=(units, cells_, own))
    noise, variance = rng.uniform(0.1, 2.0, (units, cells_)), rng.uniform(0.2, 1.5, (units, own))
    y, g, value = rng.normal(size=(units, cells_)), rng.normal(size=(2, common)), rng.normal(size=2)
    error = np.array([[0.5, 0.2], [0.2, 0.9]])
    found = solve(y, h, j, noise, variance, (value, g, error))

    size = common + units * own
    prior = np.diag(np.concatenate([np.ones(common), variance.ravel()]))
    design = np.zeros((units * cells_ + 2, size))
    for u in range(units):
        design[u * cells_ : (u + 1) * cells_, :common] = h[u]
        design[u * cells_ : (u + 1) * cells_, common + u * own : common + (u + 1) * own] = j[u]
    design[-2:, :common] = g
    errors = np.zeros((len(design), len(design)))
    errors[:-2, :-2] = np.diag(noise.ravel())
    errors[-2:, -2:] = error
    gain = prior @ design.T @ np.linalg.inv(design @ prior @ design.T + errors)
    mean = gain @ np.concatenate([y.ravel(), value])
    covariance = prior - gain @ design @ prior
    assert found.mean == pytest.approx(mean[:common], abs=1e-10)
    assert np.linalg.inv(found.precision) == pytest.approx(covariance[:common, :common], abs=1e-10)
    assert found.own.ravel() == pytest.approx(mean[common:], abs=1e-10)
    left = found.own_covariance + np.einsum("uec,cd,ufd->uef", found.answer @ h, covariance[:common, :common],
                                            found.answer @ h)  # fmt: skip
    for u in range(units):
        at = slice(common + u * own, common + (u + 1) * own)
        assert left[u] == pytest.approx(covariance[at, at], abs=1e-10)
