"""Shares and their log-ratios: beside scipy and dense algebra, and where a finalist has hardly any votes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from runoff.estimate.ratios.shares import (
    edges,
    levelled,
    log_sum,
    logistic,
    preferences,
    pushed,
    shares,
    spread_of,
    with_last,
)


def test_shares_are_softmax_and_their_sum_its_logarithm() -> None:
    """Of log-ratios with 0 for the last, within rounding; log-ratios of hundreds neither overflow nor give nought."""
    ratios = np.random.default_rng(1).normal(size=(3, 50)) * 5.0
    assert shares(ratios) == pytest.approx(special.softmax(with_last(ratios), axis=0), rel=1e-13)
    assert log_sum(ratios) == pytest.approx(special.logsumexp(with_last(ratios), axis=0), rel=1e-13)
    far = shares(np.array([[700.0], [-700.0]], np.float32))
    assert far.dtype == np.float32
    assert (far > 0.0).all()
    assert far.sum() == pytest.approx(1.0)


def test_of_two_finalists_shares_are_logistic_to_the_bit() -> None:
    """The first has the logistic of the log-odds, the second that of their negative."""
    odds = np.random.default_rng(2).normal(size=(1, 50)) * 9.0
    assert (preferences(odds) == np.stack([logistic(odds[0]), logistic(-odds[0])])).all()
    assert preferences(np.zeros((2, 1))) == pytest.approx(np.full((3, 1), 1 / 3))


def test_their_spread_is_the_derivative_by_log_ratios() -> None:
    """Both as a matrix and column by column: central differences within 1e-8."""
    ratios, step = np.random.default_rng(3).normal(size=(3, 1)), 1e-5
    found = spread_of(shares(ratios))[:, :, 0]
    for q, unit in enumerate(np.eye(3)[:, :, None]):
        plain = (shares(ratios + step * unit) - shares(ratios - step * unit)) / (2.0 * step)
        assert found[:, q] == pytest.approx(plain[:3, 0], abs=1e-8)
        assert pushed(shares(ratios), q) == pytest.approx(plain, abs=1e-8)


@pytest.mark.parametrize("finalists", [2, 3, 4])
def test_levelling_solves_the_modes_equations(finalists: int) -> None:
    """With weights over modes, sum of w (diag(p) - p p') times what is found is what was asked, within 1e-12."""
    rng = np.random.default_rng(4)
    rate, weight = shares(rng.normal(size=(finalists - 1, 5, 20))), rng.dirichlet(np.ones(5), 20).T
    away = rng.normal(size=(finalists, 20)) * 0.1
    away -= away.mean(axis=0)
    found = levelled(edges(weight, rate), away)
    dense = np.einsum("mu,kimu->uki", weight, spread_of(rate))
    assert np.einsum("uki,iu->ku", dense, found) == pytest.approx(away[:-1], abs=1e-12)


def test_a_finalist_of_hardly_any_votes_moves_nobody() -> None:
    """With a third of 1e-12 of the votes the others' shift is that of two alone, in any place, within 1e-6."""
    rate = np.array([0.4, 0.6 - 1e-12, 1e-12])
    away = np.array([0.01, -0.01, 0.0])
    for place in ([0, 1, 2], [0, 2, 1], [2, 0, 1]):
        found = with_last(levelled(edges(np.ones((1, 1)), rate[place][:, None, None]), away[place][:, None]))[:, 0]
        first, second = found[place.index(0)], found[place.index(1)]
        assert first - second == pytest.approx(0.01 / 0.24, rel=1e-6)
