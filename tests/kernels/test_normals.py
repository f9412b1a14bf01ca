"""Elementary functions and normals against exact values and exact distributions."""

from __future__ import annotations

import numba
import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from runoff.kernels import elementary
from runoff.kernels._jit import standalone
from runoff.kernels.normals import PAIRS, normals
from runoff.kernels.philox import GROUP, LANES
from tests import naive

Floats = npt.NDArray[np.float32]
NORMALS = standalone(normals)


@numba.njit(error_model="numpy")
def _each(x, which):  # type: ignore[no-untyped-def]  # numba infers
    out = np.empty_like(x)
    for i in range(x.size):
        if which == 0:
            out[i] = elementary.log(x[i])
        elif which == 1:
            out[i] = elementary.exp(x[i])
        elif which == 2:
            out[i] = elementary.sin_pi(x[i])
        else:
            out[i] = elementary.cos_pi(x[i])
    return out


def _sample(groups: int, seed: int = 1, stream: int = 99) -> Floats:
    out = np.empty(groups * GROUP, np.float32)
    words = np.empty(2 * LANES, np.uint64)
    for g in range(groups):
        NORMALS(np.uint64(seed), np.uint64(stream), np.uint64(g), words, out[g * GROUP : (g + 1) * GROUP])
    return out


def test_log_error_is_below_the_stated_bound() -> None:
    """Over ten million arguments in (0, 1], log errs by less than 2e-7 max(1, |log x|)."""
    rng = np.random.default_rng(1)
    x = np.r_[2.0 ** -rng.uniform(0, 32, 5_000_000), rng.uniform(0, 1, 5_000_000)].astype(np.float32)
    x = np.maximum(x, np.float32(2.0**-32))
    exact = np.log(x.astype(float))
    assert (np.abs(_each(x, 0) - exact) / np.maximum(1.0, np.abs(exact))).max() < 2e-7


def test_exp_error_is_below_the_stated_bound() -> None:
    """Over ten million arguments in [-14, 14], exp errs by less than 3e-7 of its value."""
    x = np.random.default_rng(2).uniform(-14, 14, 10_000_000).astype(np.float32)
    exact = np.exp(x.astype(float))
    assert np.abs(_each(x, 1) / exact - 1).max() < 3e-7


def test_exp_is_held_to_its_range() -> None:
    """Beyond +-14 the value at the bound is returned: odds stay finite and above zero."""
    got = _each(np.array([-1e30, -15, 15, 1e30], np.float32), 1)
    assert np.allclose(got, np.exp([-14.0, -14.0, 14.0, 14.0]), rtol=1e-6)


def test_sin_pi_and_cos_pi_errors_are_below_the_stated_bounds() -> None:
    """Over every 16th float32 of [-1/4, 1/4] from 1e-9 up, sine errs by less than 7e-7 and cosine by 2e-7."""
    bits = np.arange(np.float32(1e-9).view(np.int32), np.float32(0.25).view(np.int32) + 1, 16, dtype=np.int32)
    v = np.r_[bits.view(np.float32), -bits.view(np.float32)]
    assert np.abs(_each(v, 2) - np.sin(np.pi * v.astype(float))).max() < 7e-7
    assert np.abs(_each(v, 3) - np.cos(np.pi * v.astype(float))).max() < 2e-7


@pytest.mark.parametrize("which", [0, 1, 2, 3])
def test_interpreted_equals_compiled_to_the_bit(which: int) -> None:
    """The plain Python functions and the compiled loops agree in every bit."""
    x = np.random.default_rng(3).uniform(0.01, 0.25, 2_000).astype(np.float32)
    function = (elementary.log, elementary.exp, elementary.sin_pi, elementary.cos_pi)[which]
    plain = getattr(function, "py_func", function)
    assert np.array_equal(_each(x, which), np.array([plain(value) for value in x], np.float32))


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
