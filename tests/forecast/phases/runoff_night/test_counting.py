"""Counts of what is out: means and covariances of multinomials, and whole votes that have them."""

from __future__ import annotations

import numpy as np
import pytest

from runoff.phases.runoff_night.counting import in_groups, whole_votes


@pytest.mark.parametrize("finalists", [2, 3, 4])
def test_counts_have_the_moments_of_multinomials(finalists: int) -> None:
    """Two units' people choose a finalist or nobody; 200,000 draws' means and covariances within five standard errors
    (false alarm 1e-5), those of a sample covariance by the normal's formula.
    """
    rng, trials = np.random.default_rng(1), 200_000
    people = np.array([4_000.0, 2_500.0])
    share = rng.dirichlet(np.ones(finalists + 1), 2)[:, :finalists]
    out = np.repeat((share * people[:, None]).T[:, None, :, None], trials, axis=3).astype(np.float32)
    means, spreads = in_groups(out, ((0, 0),), np.zeros(2, np.int64), people)
    wanted = sum(n * (np.diag(p) - np.outer(p, p)) for n, p in zip(people, share, strict=True))
    assert means[0, :, 0] == pytest.approx(people @ share, rel=1e-6)
    assert spreads[0, :, :, 0] == pytest.approx(wanted, rel=1e-4)
    found = whole_votes(means, spreads, rng.standard_normal((1, finalists, trials)))[:, 0].astype(float)
    assert (np.abs(found.mean(axis=0) - people @ share) < 5 * np.sqrt(np.diag(wanted) / trials)).all()
    error = np.sqrt((wanted**2 + np.outer(np.diag(wanted), np.diag(wanted))) / trials)
    assert (np.abs(np.cov(found.T) - wanted - np.eye(finalists) / 12.0) < 5 * error).all()


def test_nothing_out_is_nothing_drawn() -> None:
    """Without a group there is a row a trial, and nothing in it."""
    assert whole_votes(np.zeros((0, 3, 8)), np.zeros((0, 3, 3, 8)), np.zeros((0, 3, 8))).shape == (8, 0, 3)
