"""A night's cells: derivatives against differences, and modes that add up to their unit; two finalists and three."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import special

from runoff.estimate.hierarchical.learn import _working as hierarchical_working
from runoff.estimate.ratios.shares import shares, spread_of, with_last
from runoff.phases.runoff_night.model.cells import NightModel, cells, lines, stacked
from runoff.phases.runoff_night.model.draw import trial_steps
from runoff.phases.runoff_night.model.fit import _working
from runoff.phases.runoff_night.model.linear import linearised, lines_at, with_own
from runoff.phases.runoff_night.model.seen import Seen
from tests import runoff_night as night
from tests import three_finalists as three


def _values(model: NightModel, x: np.ndarray, own: np.ndarray) -> np.ndarray:
    return np.asarray(stacked(*cells(*with_own(lines_at(model, x), own, model))))


@pytest.mark.parametrize("by_mode", [True, False])
@pytest.mark.parametrize("of", [night, three], ids=["two", "three"])
def test_derivatives_are_those_of_differences(of: Any, by_mode: bool, tmp_path: Path) -> None:
    """By x and by units' own effects, at a generic point, within 1e-7."""
    loaded = of.of_folder(tmp_path, by_mode=by_mode)
    model = night.prepared(loaded, night.nothing(loaded, night.MODES if by_mode else ("",))).model
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


@pytest.mark.parametrize("of", [night, three], ids=["two", "three"])
def test_a_units_modes_add_up_to_the_unit(of: Any, tmp_path: Path) -> None:
    """Votes to rounding; the split within 1e-9 after three steps, and within 0.001 after those of a trial."""
    loaded = of.of_folder(tmp_path)
    model = night.prepared(loaded, night.nothing(loaded)).model
    line = lines(model, np.random.default_rng(3).normal(size=(500, model.n_common)))
    for steps, bound in ((3, 1e-9), (trial_steps(model.n_ratios), 1e-3)):
        log_votes, odds = cells(*line, steps=steps)
        votes = np.exp(log_votes)
        assert votes.sum(axis=0) == pytest.approx(np.exp(line[0]), rel=1e-12)
        share = (votes * special.softmax(with_last(odds), axis=0)).sum(axis=1) / votes.sum(axis=0)
        assert np.abs(share - special.softmax(with_last(line[1]), axis=0)).max() < bound


def test_working_responses_are_those_of_a_first_rounds_regressions() -> None:
    """Within both functions' bounds: the same responses and variances, but for what a cell in part adds."""
    rng = np.random.default_rng(4)
    votes = rng.integers(1, 5_000, (2, 40)).astype(float)
    first = rng.binomial(votes.astype(int), 0.4).astype(float)
    extra = np.where(rng.random((2, 40)) < 0.3, 0.02, 0.0)
    every = np.ones((2, 40), bool)
    eta = np.concatenate([np.log(votes) + rng.normal(0, 0.3, (2, 40)), rng.normal(-0.4, 0.5, (2, 40))])
    y, noise = _working(Seen(votes, first[None], every, every, extra), eta)
    for counts, of, part, family, more in (
        (votes, np.ones_like(votes), slice(0, 2), "log", 0.0), (first, votes, slice(2, 4), "logit", extra),
    ):  # fmt: skip
        same, variance = hierarchical_working(counts, of, eta[part], family)
        np.testing.assert_allclose(y[part], same, rtol=1e-11)
        np.testing.assert_allclose(noise[part], variance + more, rtol=1e-11)


def test_several_log_ratios_are_scored_with_the_counts_covariance() -> None:
    """Of three finalists: log-ratios plus the inverse of n (diag(p) - p p') times what came less what was due."""
    rng = np.random.default_rng(5)
    odds, votes = rng.normal(0.0, 0.7, (2, 2, 30)), rng.integers(50, 5_000, (2, 30)).astype(float)
    counts = rng.multinomial(votes.astype(int), np.moveaxis(shares(odds), 0, -1)).astype(float)  # [M, U, K]
    every, extra = np.ones((2, 30), bool), np.where(rng.random((2, 30)) < 0.3, 0.02, 0.0)
    first = np.moveaxis(counts, 2, 0)[:2]
    eta = np.concatenate([np.log(votes), odds.reshape(4, 30)])
    y, noise = _working(Seen(votes, first, every, every, extra), eta)
    for m in range(2):
        rows = np.array([2 + m, 4 + m])
        for u in range(30):
            share = shares(odds[:, m, u, None])
            counting = np.linalg.inv(votes[m, u] * spread_of(share)[:, :, 0])
            wanted = odds[:, m, u] + counting @ (counts[m, u, :2] - votes[m, u] * share[:2, 0])
            assert y[rows, u] == pytest.approx(wanted, rel=1e-9)
            alike = 0.5 * extra[m, u] * (np.eye(2) + 1.0)
            assert noise[np.ix_(rows, rows, [u])][:, :, 0] == pytest.approx(counting + alike, rel=1e-9)
