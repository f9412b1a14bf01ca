"""The hierarchical regression beside the whole covariance matrix."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from runoff.estimate import hierarchical as hierarchy
from runoff.estimate.hierarchical import POINTS, Cells, Effects, _Normal, learn, spread_points

RNG = np.random.default_rng(20210301)
SPREADS = np.array([0.4, 0.3, 0.2, 0.5])  # one group, units, cells of two modes
EFFECTS = Effects(np.array([-1, 0, 0]), np.array([5.0, 1.0, 1.0]), SPREADS, ("one", "a", "b"))


def _cells(unit: list[int], mode: list[int]) -> Cells:
    x = np.column_stack([np.ones(len(unit)), np.eye(2)[mode]])
    return Cells(x, np.array(unit, np.int64), np.ones(len(unit)), np.array(mode), np.zeros(len(unit)))


SEEN = _cells([0, 0, 1, 1, 2, 3, 4, 4], [0, 1, 0, 1, 0, 0, 1, 0])
NEW = Cells(
    np.array([[1.0, 0, 1], [1, 0, 1], [1, 1, 0], [1, 0.0, 1.0]]),
    np.array([2, 3, 9, -1]),
    np.array([1.0, 1.0, 1.0, 0.3]),
    np.array([1, 1, 0, 1]),
    np.zeros(4),
)
Y = RNG.normal(0.3, 0.7, 8)
NOISE = RNG.uniform(0.01, 0.05, 8)


def _covariance(one: Cells, two: Cells) -> np.ndarray:
    """Covariance of the values of cells, from the model's definition."""
    prior = np.array([5.0, 0.4, 0.4]) ** 2
    result = (one.x * prior) @ two.x.T
    for i, u in enumerate(one.unit):
        for j, v in enumerate(two.unit):
            if u >= 0 and u == v:
                result[i, j] += SPREADS[1] ** 2
    return np.asarray(result)


def test_the_fit_is_that_of_the_whole_matrix() -> None:
    """Log density, posterior means and covariances equal those of the dense normal model to 1e-9."""
    dense = _covariance(SEEN, SEEN) + np.diag(SPREADS[2 + SEEN.kind] ** 2 + NOISE)
    model = _Normal(Y, NOISE, SEEN, EFFECTS, SPREADS)
    density = stats.multivariate_normal(np.zeros(8), dense).logpdf(Y)
    assert model.fit - 4 * np.log(2 * np.pi) == pytest.approx(density, abs=1e-9)

    mean, load, own_unit, own_cell = model.of(NEW)
    gain = np.linalg.solve(dense, _covariance(SEEN, NEW)).T
    assert mean == pytest.approx(gain @ Y, abs=1e-9)
    own = _covariance(NEW, NEW) + np.diag(SPREADS[2 + NEW.kind] ** 2 * NEW.share)
    own[3, 3] += SPREADS[1] ** 2 * NEW.share[3]  # units of a region, weighed
    posterior = own - gain @ _covariance(SEEN, NEW)
    assert load @ load.T + np.diag(own_unit**2 + own_cell**2) == pytest.approx(posterior, abs=1e-9)


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

    def value(away: np.ndarray) -> float:
        return hierarchy._penalised(at + away, y, noise, seen, effects)[0]

    expected = [(value(step * unit) - value(-step * unit)) / (2 * step) for unit in np.eye(6)]
    found = hierarchy._penalised(at, y, noise, seen, effects)[1]
    assert np.abs(found - expected).max() < 1e-6 * np.abs(found).max()


def test_what_a_cell_leaves_is_beside_its_units_others() -> None:
    """What is left of a cell is its value less the fixed line and less what its unit's other cells say of the unit."""
    model = _Normal(Y, NOISE, SEEN, EFFECTS, SPREADS)
    left = Y - model.beta[0]
    for i, unit in enumerate(SEEN.unit):
        others = [j for j in range(8) if j != i and SEEN.unit[j] == unit]
        weight = [1 / (SPREADS[2 + SEEN.kind[j]] ** 2 + NOISE[j]) for j in others]
        of_unit = sum(w * left[j] for w, j in zip(weight, others, strict=True)) / (sum(weight) + SPREADS[1] ** -2)
        assert model.without(SEEN, EFFECTS)[i] == pytest.approx(left[i] - of_unit, abs=1e-12)


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
