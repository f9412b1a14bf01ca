"""Scores against closed forms and plain twins; plain swing against its definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate, stats

from runoff.estimate import scores
from runoff.estimate.swing import first_lean, swung_margin


def test_crps_of_a_normal_is_the_integral() -> None:
    """The closed form is the integral of (F - step)^2, which is the score's definition."""
    for mean, sd, truth in ((0.3, 1.2, -0.4), (-2.0, 0.5, -1.1), (0.0, 3.0, 7.0)):
        law = stats.norm(mean, sd)
        below = integrate.quad(lambda x, law=law: law.cdf(x) ** 2, mean - 12 * sd, truth)[0]
        above = integrate.quad(lambda x, law=law: law.sf(x) ** 2, truth, max(mean, truth) + 12 * sd)[0]
        found = scores.crps_normal(np.array(mean), np.array(sd), np.array(truth))
        assert float(found) == pytest.approx(below + above, abs=1e-6)


def test_crps_of_a_sample_is_its_definition() -> None:
    """E|X - truth| - E|X - X'| / 2 over all pairs, each with its weight."""
    rng = np.random.default_rng(1)
    x, w = rng.normal(size=200), rng.exponential(size=200)
    p = w / w.sum()
    plain = p @ np.abs(x - 0.7) - 0.5 * p @ np.abs(x[:, None] - x[None, :]) @ p
    assert scores.crps_sample(x, w, 0.7) == pytest.approx(plain, rel=1e-12)


def test_crps_of_many_normals_nears_the_closed_form() -> None:
    """A sample of 200,000 has the normal's score within five of its standard errors (false alarm 1e-6)."""
    x = np.random.default_rng(2).normal(1.0, 2.0, 200_000)
    closed = float(scores.crps_normal(np.array(1.0), np.array(2.0), np.array(2.5)))
    assert abs(scores.crps_sample(x, np.ones(len(x)), 2.5) - closed) < 5 * np.abs(x - 2.5).std() / math.sqrt(len(x))


def test_clustered_error_is_that_of_cluster_means_where_these_are_alike_in_size() -> None:
    """With equally large clusters the error is the sample error of their means; of single nights the usual one."""
    values, labels = np.random.default_rng(3).normal(size=60), np.repeat(np.arange(12), 5)
    means = values.reshape(12, 5).mean(axis=1)
    found = scores.clustered(values, list(labels))
    assert found.value == pytest.approx(values.mean())
    assert found.se == pytest.approx(means.std(ddof=1) / math.sqrt(12))
    assert scores.clustered(values, list(range(60))).se == pytest.approx(values.std(ddof=1) / math.sqrt(60))
    assert math.isnan(scores.clustered(values, ["one"] * 60).se)


def test_intervals_are_weighted_quantiles() -> None:
    """A weight of three is three draws."""
    x, w = np.array([3.0, 1.0, 2.0, 5.0, 4.0]), np.array([1, 3, 2, 3, 1])
    assert scores.interval(x, w, 0.6) == scores.interval(np.repeat(x, w), np.ones(10), 0.6) == (1.0, 5.0)


def test_bins_say_what_was_said_and_what_came() -> None:
    """Two of three in one bin, the last edge inside, an empty bin left out; Brier and z by hand."""
    said, came = [0.6, 0.7, 0.7, 1.0], [1, 0, 1, 1]
    first, last = scores.reliability(said, came, ["a", "a", "b", "b"], (0.5, 0.75, 0.9, 1.0))
    assert (first.count, first.said, first.came.value) == (3, pytest.approx(2.0 / 3.0), pytest.approx(2.0 / 3.0))
    assert (last.low, last.high, last.count, last.came.value) == (0.9, 1.0, 1, 1.0)
    assert scores.brier(said, came) == pytest.approx((0.16 + 0.49 + 0.09) / 4)
    assert scores.rms_z([0.0, 1.0], [1.0, 2.0], [1.0, 5.0]) == pytest.approx(math.sqrt(2.5))


def test_plain_swing_finds_a_uniform_swing() -> None:
    """Where each unit moves by the same log-odds and turnout factor, the final margin is found from a few of them."""
    rng = np.random.default_rng(4)
    lean, before = rng.normal(0.2, 0.8, 50), rng.uniform(200, 4_000, 50)
    share = 1.0 / (1.0 + np.exp(-(lean - 0.35)))
    counted = (0.7 * before)[:, None] * np.stack([share, 1.0 - share], axis=1)
    known = np.arange(50) < 7
    total = counted.sum(axis=0)
    assert swung_margin(lean, before, counted, known) == pytest.approx((total[0] - total[1]) / total.sum(), abs=1e-9)
    assert swung_margin(lean, before, counted, np.zeros(50, bool)) is None


def test_first_lean_draws_small_units_in() -> None:
    """A unit of two votes is near the race's log-odds, a large one has its own."""
    votes = np.array([[2.0, 0.0], [30_000.0, 70_000.0]])
    small, large = first_lean(votes)
    assert large == pytest.approx(math.log(3 / 7), abs=1e-3)
    assert math.log(3 / 7) < small < math.log(3 / 7) + 0.5


def test_a_histogram_has_the_score_of_its_law() -> None:
    """One even bin has the CRPS (d^3 + (1 - d)^3) / 3, and the gap outside; fine bins of a normal have its score."""
    for d in (0.0, 0.25, 0.5, 1.0):
        assert scores.crps_binned([0.0, 1.0], [5], d) == pytest.approx((d**3 + (1.0 - d) ** 3) / 3.0)
    assert scores.crps_binned([0.0, 1.0], [5], 1.5) == pytest.approx(1.0 / 3.0 + 0.5)
    edges = np.linspace(-8.0, 8.0, 4_001)
    mass = np.diff(stats.norm.cdf(edges))
    for truth in (-1.3, 0.2):
        wanted = float(scores.crps_normal(np.array(0.0), np.array(1.0), np.array(truth)))
        assert scores.crps_binned(edges, mass, truth) == pytest.approx(wanted, abs=1e-5)
        assert scores.binned_at(edges, mass, truth) == pytest.approx(float(scores.normal_at(0.0, 1.0, truth)), abs=1e-5)
