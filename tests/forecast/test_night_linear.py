"""The night's linear algebra against dense normals, and its derivatives against differences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from runoff.estimate.mixed_model import solve
from runoff.phases.runoff_night.model.cells import cells, lines
from runoff.phases.runoff_night.model.fit import _values
from runoff.phases.runoff_night.model.linear import linearised
from tests import runoff_night as night


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


def test_derivatives_are_those_of_differences(tmp_path: Path) -> None:
    """By x and by units' own effects, at a generic point, within 1e-7."""
    loaded = night.of_folder(tmp_path)
    model = night.prepared(loaded, night.nothing(loaded)).model
    rng, step = np.random.default_rng(2), 1e-5
    x, own = rng.normal(size=model.n_common), rng.normal(size=model.spread.shape) * model.spread
    _, by_x, by_own = linearised(model, x, own)
    for _ in range(3):
        d = rng.normal(size=x.shape)
        differences = (_values(model, x + step * d, own) - _values(model, x - step * d, own)) / (2 * step)
        assert pytest.approx(by_x @ d, abs=1e-7) == differences.T
        e = rng.normal(size=own.shape)
        differences = (_values(model, x, own + step * e) - _values(model, x, own - step * e)) / (2 * step)
        assert pytest.approx((by_own @ e.T[:, :, None])[:, :, 0], abs=1e-7) == differences.T


def test_a_units_modes_add_up_to_the_unit(tmp_path: Path) -> None:
    """Votes to rounding; the split within 1e-9 after three steps, and within 0.0005 after the one of a trial."""
    loaded = night.of_folder(tmp_path)
    model = night.prepared(loaded, night.nothing(loaded)).model
    line = lines(model, np.random.default_rng(3).normal(size=(500, model.n_common)))
    for steps, bound in ((3, 1e-9), (1, 5e-4)):
        log_votes, odds = cells(*line, steps=steps)
        votes = np.exp(log_votes)
        assert votes.sum(axis=0) == pytest.approx(np.exp(line[0]), rel=1e-12)
        share = (votes / (1.0 + np.exp(-odds))).sum(axis=0) / votes.sum(axis=0)
        assert np.abs(share - 1.0 / (1.0 + np.exp(-line[1]))).max() < bound
