"""Normals against Box and Muller's formula in float64, and against exact distributions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from runoff.kernels._jit import standalone
from runoff.kernels.normals import PAIRS, normals
from runoff.kernels.philox import GROUP, LANES
from tests import naive

Floats = npt.NDArray[np.float32]
NORMALS = standalone(normals)


def _sample(groups: int, seed: int = 1, stream: int = 99) -> Floats:
    out = np.empty(groups * GROUP, np.float32)
    words = np.empty(2 * LANES, np.uint64)
    for g in range(groups):
        NORMALS(np.uint64(seed), np.uint64(stream), np.uint64(g), words, out[g * GROUP : (g + 1) * GROUP])
    return out


def test_normals_equal_box_and_muller_in_float64() -> None:
    """Each of four million normals is within 4e-6 of Box and Muller's formula in float64 on the same words.

    Not so for radii below 0.05 (one pair in 800), where the rounding of u near 1 costs up to 4e-4.
    """
    groups = 4_000
    exact = naive.normals(1, 99, groups)
    error = np.abs(_sample(groups) - exact)
    pairs = exact.reshape(groups, 2, PAIRS)
    radius = np.repeat(np.hypot(pairs[:, :1], pairs[:, 1:]), 2, axis=1).reshape(-1)
    assert error[radius > 0.05].max() < 4e-6
    assert error.max() < 4e-4


def test_normals_have_the_normal_distribution() -> None:
    """Four million draws: Kolmogorov's distance and chi-squared over 200 cells, false alarm rate 1e-4 each."""
    z = _sample(4_000_000 // GROUP).astype(float)
    assert stats.kstest(z, "norm").pvalue > 1e-4
    edges = stats.norm.ppf(np.linspace(0, 1, 201))
    observed = np.histogram(z, edges)[0]
    assert stats.chisquare(observed).pvalue > 1e-4


def test_normals_have_the_moments_of_a_normal() -> None:
    """The first six moments of four million draws lie within five standard errors."""
    z = _sample(4_000_000 // GROUP, seed=2).astype(float)
    n = z.size
    for power in range(1, 7):
        exact, square = stats.norm.moment(power), stats.norm.moment(2 * power)
        assert abs((z**power).mean() - exact) < 5 * np.sqrt((square - exact**2) / n)


def test_tail_is_cut_where_stated() -> None:
    """The largest radius that words can make is sqrt(-2 log 2^-32) = 6.66."""
    u = np.float32(0.5) * np.float32(2.0**-31)
    assert np.sqrt(-2.0 * np.log(u)) == pytest.approx(6.66, abs=0.01)


def test_streams_and_neighbours_are_uncorrelated() -> None:
    """Draws of two streams, and trials in each of the four words, correlate by less than five standard errors."""
    a, b = _sample(2_000, stream=1).astype(float), _sample(2_000, stream=2).astype(float)
    bound = 5 / np.sqrt(a.size)
    assert abs((a * b).mean()) < bound
    for lag in (1, LANES, 2 * LANES, 3 * LANES, GROUP):
        assert abs((a[lag:] * a[:-lag]).mean()) < bound
        assert abs((a[lag:] ** 2 * a[:-lag] ** 2).mean() - 1) < 3 * bound
