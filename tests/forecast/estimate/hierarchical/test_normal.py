"""The normal model of cells beside the whole covariance matrix, and many sets of spreads beside each alone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from runoff.estimate.hierarchical.cells import Cells, Effects
from runoff.estimate.hierarchical.normal import Layout, Normal

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
    model = Normal(Y, NOISE, Layout(SEEN, EFFECTS), SPREADS[None])
    density = stats.multivariate_normal(np.zeros(8), dense).logpdf(Y)
    assert model.fit[0] - 4 * np.log(2 * np.pi) == pytest.approx(density, abs=1e-9)

    mean, load, own_unit, own_cell = (part[0] for part in model.of(NEW))
    gain = np.linalg.solve(dense, _covariance(SEEN, NEW)).T
    assert mean == pytest.approx(gain @ Y, abs=1e-9)
    own = _covariance(NEW, NEW) + np.diag(SPREADS[2 + NEW.kind] ** 2 * NEW.share)
    own[3, 3] += SPREADS[1] ** 2 * NEW.share[3]  # units of a region, weighed
    posterior = own - gain @ _covariance(SEEN, NEW)
    assert load @ load.T + np.diag(own_unit**2 + own_cell**2) == pytest.approx(posterior, abs=1e-9)


def test_what_a_cell_leaves_is_beside_its_units_others() -> None:
    """What is left of a cell is its value less the fixed line and less what its unit's other cells say of the unit."""
    model = Normal(Y, NOISE, Layout(SEEN, EFFECTS), SPREADS[None])
    left = Y - model.beta[0, 0]
    for i, unit in enumerate(SEEN.unit):
        others = [j for j in range(8) if j != i and SEEN.unit[j] == unit]
        weight = [1 / (SPREADS[2 + SEEN.kind[j]] ** 2 + NOISE[j]) for j in others]
        of_unit = sum(w * left[j] for w, j in zip(weight, others, strict=True)) / (sum(weight) + SPREADS[1] ** -2)
        assert model.without()[0, i] == pytest.approx(left[i] - of_unit, abs=1e-12)


def test_many_sets_of_spreads_are_each_alone_to_the_bit() -> None:
    """Density, slopes, smoothed cells and new cells at twenty sets of spreads together are those of each by itself."""
    layout, spreads = Layout(SEEN, EFFECTS), RNG.uniform(0.05, 1.0, (20, 4))
    together = Normal(Y, NOISE, layout, spreads)

    def parts(model: Normal) -> list[np.ndarray]:
        return [model.fit, model.slopes(), model.smoothed(), model.without(), *model.of(NEW)]

    for at, expected in enumerate(zip(*(parts(together)[i] for i in range(8)), strict=True)):
        alone = parts(Normal(Y, NOISE, layout, spreads[at : at + 1]))
        assert all(np.array_equal(one[0], of_all) for one, of_all in zip(alone, expected, strict=True))


def test_units_of_many_cells_are_summed_one_after_another() -> None:
    """Sums by unit are those of a plain loop to the bit, for units of no cell, of one and of eleven."""
    unit = np.array([4, 0, -1, *[2] * 11, 4, -1])
    values = RNG.normal(size=(3, len(unit), 2))
    cells = Cells(np.ones((len(unit), 1)), unit, np.ones(len(unit)), np.zeros(len(unit), int), np.zeros(len(unit)))
    expected = np.zeros((3, 6, 2))
    for i, u in enumerate(unit):
        if u >= 0:
            expected[:, u] += values[:, i]
    assert np.array_equal(Layout(cells, EFFECTS).by_unit(values), expected)
