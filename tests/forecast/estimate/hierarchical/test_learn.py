"""What the hierarchical regression learns of made cells."""

from __future__ import annotations

import numpy as np
import pytest

from runoff.estimate.hierarchical.cells import Cells, Effects
from runoff.estimate.hierarchical.learn import POINTS, _penalised, learn, spread_points
from runoff.estimate.hierarchical.normal import Layout


def test_counts_without_end_are_seen_as_they_are() -> None:
    """With millions of votes a cell the forecast is centred on the unit's own odds, pulled a little to the mean."""
    logits = np.array([-0.4, 0.0, 0.4, 0.1, -0.1, 0.2])
    of = np.full(6, 1e8)
    counts = of / (1 + np.exp(-logits))
    seen = Cells(np.ones((6, 1)), np.arange(6), np.ones(6), np.zeros(6, int), np.zeros(6))
    effects = Effects(np.array([-1]), np.array([5.0]), np.array([0.2, 0.2]), ("one",))
    found = learn(counts, of, "logit", seen, seen, effects)
    assert found.mean.shape == (POINTS, 6)
    mean = found.mean.mean(axis=0)
    order = np.argsort(logits)
    assert (np.diff(mean[order]) > 0).all()
    assert np.abs(mean).max() < 0.4
    assert mean.mean() == pytest.approx(logits.mean(), abs=1e-3)


def test_rare_votes_are_not_biased() -> None:
    """From cells of ten votes each with a share of one in ten the mean log-odds come out right, to five sigmas."""
    n, share = 2_000, 0.1
    counts = np.random.default_rng(5).binomial(10, share, n).astype(float)
    seen = Cells(np.ones((n, 1)), np.arange(n), np.ones(n), np.zeros(n, int), np.zeros(n))
    effects = Effects(np.array([-1]), np.array([5.0]), np.array([0.1, 0.1]), ("one",))
    alone = Cells(np.ones((1, 1)), np.array([-1]), np.zeros(1), np.zeros(1, int), np.zeros(1))
    found = learn(counts, np.full(n, 10.0), "logit", seen, alone, effects)
    said = float(np.mean(1 / (1 + np.exp(-found.mean[:, 0]))))
    error = np.sqrt(share * (1 - share) / (10 * n))
    assert abs(said - share) < 5 * error + 0.002  # the spreads that are found move the centre by this at most


def test_points_are_standard_normals() -> None:
    """The sets of spreads have mean 0 and variance 1 in each dimension, within 3 %, and no correlation above 5 %."""
    z = spread_points(7)
    assert z.shape == (POINTS, 7)
    assert np.abs(z.mean(axis=0)).max() < 0.03
    assert np.abs(z.var(axis=0) - 1).max() < 0.03
    assert np.abs(np.corrcoef(z.T) - np.eye(7)).max() < 0.05


def test_the_slopes_are_those_of_the_density() -> None:
    """Derivatives by the log spreads are differences of the density itself, with cells of one unit and of several."""
    rng = np.random.default_rng(1)
    n, p = 40, 6
    seen = Cells(
        rng.normal(size=(n, p)), rng.integers(-1, 9, n), rng.uniform(0.3, 1.0, n), rng.integers(0, 3, n),
        np.zeros(n),
    )  # fmt: skip
    effects = Effects(
        np.array([-1, -1, 0, 0, 1, 1]), np.array([5.0, 2.0, 1.0, 1.0, 1.0, 1.0]),
        np.array([0.5, 0.3, 0.2, 0.15, 0.1, 0.2]), tuple("abcdef"),
    )  # fmt: skip
    y, noise = rng.normal(size=n), rng.uniform(0.01, 0.2, n)
    at, step = np.log(rng.uniform(0.1, 0.6, 6)), 1e-5
    layout = Layout(seen, effects)

    def value(away: np.ndarray) -> float:
        return float(_penalised((at + away)[None], y, noise, layout)[0][0])

    expected = [(value(step * unit) - value(-step * unit)) / (2 * step) for unit in np.eye(6)]
    found = _penalised(at[None], y, noise, layout)[1][0]
    assert np.abs(found - expected).max() < 1e-6 * np.abs(found).max()


def test_an_offset_is_a_known_part_of_the_line() -> None:
    """An offset that is the whole pattern of the units leaves only its level to learn, and new cells have theirs."""
    rng = np.random.default_rng(4)
    pattern, of = rng.normal(0.0, 0.8, 30), np.full(30, 1e6)
    counts = of / (1 + np.exp(-pattern - 0.3))

    def learned(offset: np.ndarray) -> np.ndarray:
        seen = Cells(np.ones((30, 1)), np.arange(30), np.ones(30), np.zeros(30, int), offset)
        new = Cells(np.ones((1, 1)), np.array([-1]), np.zeros(1), np.zeros(1, int), np.ones(1))
        effects = Effects(np.array([-1]), np.array([5.0]), np.array([0.2, 0.2]), ("one",))
        return learn(counts, of, "logit", seen, new, effects).mean[:, 0]

    assert learned(pattern) == pytest.approx(np.full(POINTS, 1.3), abs=0.01)
