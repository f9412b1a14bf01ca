"""A night's cells: derivatives against differences, and modes that add up to their unit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from runoff.estimate.hierarchical import _working as hierarchical_working
from runoff.phases.runoff_night.model.cells import NightModel, cells, lines
from runoff.phases.runoff_night.model.fit import _working
from runoff.phases.runoff_night.model.linear import linearised, lines_at, with_own
from runoff.phases.runoff_night.model.seen import Seen
from tests import runoff_night as night


def _values(model: NightModel, x: np.ndarray, own: np.ndarray) -> np.ndarray:
    return np.concatenate(cells(*with_own(lines_at(model, x), own)))


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
    """Votes to rounding; the split within 1e-9 after three steps, and within 0.001 after the one of a trial."""
    loaded = night.of_folder(tmp_path)
    model = night.prepared(loaded, night.nothing(loaded)).model
    line = lines(model, np.random.default_rng(3).normal(size=(500, model.n_common)))
    for steps, bound in ((3, 1e-9), (1, 1e-3)):
        log_votes, odds = cells(*line, steps=steps)
        votes = np.exp(log_votes)
        assert votes.sum(axis=0) == pytest.approx(np.exp(line[0]), rel=1e-12)
        share = (votes / (1.0 + np.exp(-odds))).sum(axis=0) / votes.sum(axis=0)
        assert np.abs(share - 1.0 / (1.0 + np.exp(-line[1]))).max() < bound


def test_working_responses_are_those_of_a_first_rounds_regressions() -> None:
    """Within both functions' bounds: the same responses and variances, but for what a cell in part adds."""
    rng = np.random.default_rng(4)
    votes = rng.integers(1, 5_000, (2, 40)).astype(float)
    first = rng.binomial(votes.astype(int), 0.4).astype(float)
    extra = np.where(rng.random((2, 40)) < 0.3, 0.02, 0.0)
    every = np.ones((2, 40), bool)
    eta = np.concatenate([np.log(votes) + rng.normal(0, 0.3, (2, 40)), rng.normal(-0.4, 0.5, (2, 40))])
    y, noise = _working(Seen(votes, first, every, every, extra), eta)
    for counts, of, part, family, more in (
        (votes, np.ones_like(votes), slice(0, 2), "log", 0.0), (first, votes, slice(2, 4), "logit", extra),
    ):  # fmt: skip
        same, variance = hierarchical_working(counts, of, eta[part], family)
        np.testing.assert_allclose(y[part], same, rtol=1e-11)
        np.testing.assert_allclose(noise[part], variance + more, rtol=1e-11)
