"""Rates as people say them become the logistic-normal that they mean."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special, stats

from runoff.model import rates
from runoff.model.defaults import default_preference
from runoff.runfile.sections.rates import RateSpec


@given(st.floats(0.01, 0.99), st.floats(0.001, 0.6))
def test_mean_and_sd_are_met(mean: float, part: float) -> None:
    """The parameters found have the mean and sd asked for, to 1e-8, by the rule's own moments."""
    sd = part * math.sqrt(mean * (1 - mean))
    location, scale = rates.from_mean_sd(mean, sd)
    got_mean, got_sd = rates.moments(location, scale)
    assert got_mean == pytest.approx(mean, abs=1e-8)
    assert got_sd == pytest.approx(sd, rel=1e-6)


@pytest.mark.parametrize(("location", "scale"), [(0.0, 0.5), (2.0, 0.3), (-3.0, 1.5), (0.5, 3.0)])
def test_moments_equal_adaptive_quadrature(location: float, scale: float) -> None:
    """Mean and sd equal scipy's adaptive quadrature to 1e-9."""

    def integral(power: int) -> float:
        value, _ = integrate.quad(
            lambda z: special.expit(location + scale * z) ** power * stats.norm.pdf(z), -12, 12, epsabs=1e-13, limit=500
        )
        return float(value)

    mean, sd = rates.moments(location, scale)
    assert mean == pytest.approx(integral(1), abs=1e-9)
    assert sd == pytest.approx(math.sqrt(integral(2) - integral(1) ** 2), abs=1e-9)


@given(st.floats(0.01, 0.9), st.floats(0.01, 0.09), st.floats(0.1, 0.99))
def test_interval_is_met(low: float, width: float, probability: float) -> None:
    """The central interval of the parameters found is the one that was said."""
    high = low + width
    location, scale = rates.from_interval(low, high, probability)
    tail = (1 - probability) / 2
    ends = special.expit(location + scale * stats.norm.ppf([tail, 1 - tail]))
    assert ends == pytest.approx([low, high], abs=1e-9)


@given(st.floats(0.05, 1e6))
def test_digamma_and_trigamma_equal_scipy(x: float) -> None:
    """Both agree with scipy to 1e-12, relatively."""
    assert rates.digamma(x) == pytest.approx(float(special.digamma(x)), rel=1e-12, abs=1e-12)
    assert rates.trigamma(x) == pytest.approx(float(special.polygamma(1, x)), rel=1e-12)


def test_counts_become_the_nearest_logistic_normal() -> None:
    """Log-ratios of Dirichlet draws have the location and covariance found, within five standard errors."""
    alpha = [41.5, 7.5, 4.5]
    location, factor = rates.from_dirichlet(alpha)
    n = 400_000
    draws = np.random.default_rng(1).dirichlet(alpha, n)
    ratios = np.log(draws[:, :2] / draws[:, 2:])
    covariance = factor @ factor.T
    assert (np.abs(ratios.mean(axis=0) - location) < 5 * np.sqrt(np.diag(covariance) / n)).all()
    assert np.cov(ratios.T) == pytest.approx(covariance, rel=0.03)


def test_preference_to_the_last_finalist_is_turned_round() -> None:
    """`to` the second of two finalists is the mirror image of `to` the first."""
    spec = RateSpec(low=0.8, high=0.95, to="Bo")
    to_last = rates.read_rate(spec, ("Ada", "Bo"), "", "bloc")
    to_first = rates.read_rate(spec.model_copy(update={"to": "Ada"}), ("Ada", "Bo"), "", "bloc")
    assert to_last.location[0] == pytest.approx(-to_first.location[0])
    assert to_last.scale == to_first.scale
    assert special.expit(-to_last.location[0]) > 0.8


def test_counts_of_two_say_the_same_in_both_forms() -> None:
    """{count, of, to} and {counts} of the same answers give the same rate."""
    short = rates.read_rate(RateSpec(count=41, of=52, to="Ada", design_effect=2.0), ("Ada", "Bo"), "", "pool")
    long = rates.read_rate(RateSpec(counts={"Ada": 41, "Bo": 11}, design_effect=2.0), ("Ada", "Bo"), "", "pool")
    assert short.location == pytest.approx(long.location)
    assert short.scale[0] == pytest.approx(long.scale[0])


def test_a_design_effect_widens() -> None:
    """A design effect of four doubles the standard deviation in log-odds, about."""
    plain = rates.read_rate(RateSpec(count=400, of=800, to="Ada"), ("Ada", "Bo"), "", "pool")
    wide = rates.read_rate(RateSpec(count=400, of=800, to="Ada", design_effect=4.0), ("Ada", "Bo"), "", "pool")
    assert wide.scale[0][0] / plain.scale[0][0] == pytest.approx(2.0, rel=0.01)


def test_own_voters_leave_where_three_stand() -> None:
    """Of two finalists 93 to 99 % stay by default, of three 70 to 97, and both others get as many of the rest."""
    two = default_preference("L", "Abel", ("Abel", "Berg"), ("L", "R"))
    three = default_preference("L", "Abel", ("Abel", "Berg", "Cole"), ("L", "R", "C"))
    assert two.said.startswith("Abel 0.93 to 0.99 (80 %)")
    assert three.said.startswith("Abel 0.7 to 0.97 (80 %), the rest evenly")
    assert three.location[1] == pytest.approx(0.0)
    normals = np.random.default_rng(4).normal(size=(40_000, 2))
    ratios = np.array(three.location) + normals @ np.array(three.scale).T
    own = 1.0 / (1.0 + np.exp(-ratios[:, 0]) + np.exp(ratios[:, 1] - ratios[:, 0]))
    assert np.quantile(own, [0.1, 0.9]) == pytest.approx([0.7, 0.97], abs=0.015)  # standard errors 0.002 and 0.0003
