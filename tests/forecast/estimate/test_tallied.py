"""Statistics from tallies against numpy on the same values, and against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from runoff.estimate import tallied as statistics


def test_mean_and_sd_are_exact() -> None:
    """Mean and sd from sums equal numpy's, also where squares outgrow 64 bits."""
    values = [2**40 + k for k in (1, 5, 6, 20)]
    mean, sd = statistics.mean_sd(sum(values), sum(v * v for v in values), 4)
    assert mean == np.mean(values)
    assert sd == pytest.approx(np.std([1, 5, 6, 20]))


@pytest.mark.parametrize("p", [0.0, 0.001, 0.05, 0.5, 0.9, 1.0])
def test_quantiles_are_within_a_bin(p: float) -> None:
    """A quantile from bins is within a bin's width of numpy's."""
    values = np.random.default_rng(1).beta(3, 2, 10_000)
    bins = np.bincount((values * 1000).astype(int), minlength=1001)
    assert abs(statistics.quantile(bins, p, 0.0, 0.001) - np.quantile(values, p)) < 0.001


def _gaussian(n: int, slope: float, noise: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bins of a logistic-normal rate with a margin linear in its log-odds: int64[3, 1001]."""
    rng = np.random.default_rng(2)
    x = 0.5 + 0.4 * rng.standard_normal(n)
    margin = slope * (x - 0.7) + noise * rng.standard_normal(n)
    rate = special.expit(x)
    place = (rate * 1000).astype(int)
    ppm = np.round(margin * 1e6)
    bins = np.stack(
        [
            np.bincount(place, minlength=1001),
            np.bincount(place, margin > 0, minlength=1001),
            np.bincount(place, ppm, minlength=1001),
        ]
    ).astype(np.int64)
    return bins, rate, margin


def test_explained_share_equals_the_closed_form() -> None:
    """For a linear normal margin the first-order index is the squared correlation, within 0.005."""
    bins, _, margin = _gaussian(200_000, 0.05, 0.03)
    exact = (0.05 * 0.4) ** 2 / ((0.05 * 0.4) ** 2 + 0.03**2)
    got = statistics.explained(statistics.conditional(bins, 0.001, 1e-6), float(margin.std()))
    assert got == pytest.approx(exact, abs=0.005)


def test_nothing_is_explained_by_an_unrelated_rate() -> None:
    """What chance puts between bins is taken off: an unrelated rate explains less than 0.001."""
    bins, _, margin = _gaussian(200_000, 0.0, 0.03)
    assert statistics.explained(statistics.conditional(bins, 0.001, 1e-6), float(margin.std())) < 0.001
    assert statistics.break_even(statistics.conditional(bins, 0.001, 1e-6), 0.0, 1.0) is None


def test_break_even_equals_the_closed_form() -> None:
    """The margin is even at log-odds 0.7: the rate found is its logistic, within 0.003."""
    bins, _, _ = _gaussian(200_000, 0.05, 0.03)
    got = statistics.break_even(statistics.conditional(bins, 0.001, 1e-6), 0.3, 0.9)
    assert got == pytest.approx(special.expit(0.7), abs=0.003)


def test_break_even_outside_the_range_is_not_said() -> None:
    """A root beyond the quantiles given is no break-even."""
    bins, _, _ = _gaussian(200_000, 0.05, 0.03)
    assert statistics.break_even(statistics.conditional(bins, 0.001, 1e-6), 0.7, 0.9) is None


def test_correlation_equals_numpy() -> None:
    """From exact sums, to rounding; None where one side is constant."""
    rng = np.random.default_rng(3)
    x, y = rng.integers(0, 10**6, (2, 1000))
    y = y + x
    sums = [int(v) for v in (x.sum(), (x * x).sum(), y.sum(), (y * y).sum(), (x * y).sum())]
    assert statistics.correlation(*sums, 1000) == pytest.approx(stats.pearsonr(x, y).statistic)
    assert statistics.correlation(0, 0, sums[2], sums[3], 0, 1000) is None


@pytest.mark.parametrize("level", [0.1, 0.9])
def test_a_probability_near_a_quantile_is_that_of_the_line(level: float) -> None:
    """Against the closed form of a normal margin given the rate, within 3.5 standard errors and the bins' 0.002.

    Two such checks fail by chance in one of a thousand runs; the seed is fixed.
    """
    bins, _, _ = _gaussian(400_000, 0.05, 0.03)
    near = statistics.near_quantile(bins, level)
    x = 0.5 + 0.4 * stats.norm.ppf(level)
    exact = float(stats.norm.cdf(0.05 * (x - 0.7) / 0.03))
    error = np.sqrt(exact * (1.0 - exact) / 20_000)
    assert near.p == pytest.approx(exact, abs=3.5 * error + 0.002)
    assert near.trials == pytest.approx(20_000, rel=0.06)


def test_near_a_quantile_bins_count_in_part() -> None:
    """One bin of everything gives the share of all, worth a twentieth of the trials and, scaled, half of those."""
    bins = np.array([[0, 1_000, 0], [0, 300, 0]])
    for scale in (1.0, 0.5):
        near = statistics.near_quantile(bins, 0.1, scale)
        assert (near.p, near.trials) == (pytest.approx(0.3), pytest.approx(1_000 * scale))
    halves = np.array([[75, 25, 25, 875], [0, 25, 0, 0]])
    assert statistics.near_quantile(halves, 0.1).p == pytest.approx(0.5)
