from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special, stats

from runoff.estimate.indices.even_line import even_line
from runoff.race import FloatArray


def _cells(slope_x: float, slope_y: float, trials: float, seed: int = 3) -> tuple[FloatArray, ...]:
    """A grid of cells whose chance is a probit plane through (0.5, 0.5)."""
    x, y = (grid.ravel() for grid in np.meshgrid(np.linspace(0.3, 0.7, 15), np.linspace(0.3, 0.7, 15)))
    p = stats.norm.cdf(slope_x * special.logit(x) + slope_y * special.logit(y))
    count = np.full(x.size, trials)
    return x, y, count, np.random.default_rng(seed).binomial(int(trials), p).astype(float)


def test_a_plane_gives_its_line() -> None:
    """With 2,000 trials a cell the line is within 0.01 of logit y = -2 logit x / 3 (standard error 0.001)."""
    at = [0.35, 0.5, 0.6]
    found = even_line(*_cells(2.0, 3.0, 2_000.0), at)
    assert found == pytest.approx(special.expit(-2.0 / 3.0 * special.logit(np.array(at))), abs=0.01)


def test_noise_has_no_line() -> None:
    """Where the second rate decides nothing, or nearly all cells are won, nothing is said."""
    assert all(map(math.isnan, even_line(*_cells(2.0, 0.0, 200.0), [0.5])))
    x, y, count, _ = _cells(2.0, 3.0, 200.0)
    assert all(map(math.isnan, even_line(x, y, count, count, [0.4, 0.5])))
