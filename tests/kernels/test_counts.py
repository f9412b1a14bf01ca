"""Exact draws of small pools against the exact binomial and multinomial distributions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from runoff.kernels._jit import standalone
from runoff.kernels.arrays import SMALL_POOL
from runoff.kernels.counts import DRAW_ROWS, exact_votes
from runoff.kernels.philox import GROUP, LANES
from tests import naive

EXACT_VOTES = standalone(exact_votes)


def _draw(people: int, shares: list[float], groups: int, seed: int = 3) -> npt.NDArray[np.int64]:
    """Votes [groups * GROUP, K] of one pool whose rates are the same in every trial."""
    k = len(shares)
    streams = np.arange(1, k + 1, dtype=np.uint64)
    rates = np.zeros((k + 2) * GROUP, np.float32)
    result = np.empty((groups, k, GROUP), np.int64)
    for g in range(groups):
        for i, share in enumerate(shares):
            rates[i * GROUP : (i + 1) * GROUP] = share
        exact = np.zeros((k + 1) * GROUP, np.int32)
        words, draw = np.empty(2 * LANES, np.uint64), np.empty(DRAW_ROWS * GROUP, np.float32)
        EXACT_VOTES(np.uint64(seed), streams, np.uint64(g), people, rates, words, draw, exact)
        result[g] = exact[: k * GROUP].reshape(k, GROUP)
    return result.transpose(0, 2, 1).reshape(-1, k)


@pytest.mark.parametrize("people", [1, 2, 7, 19, SMALL_POOL])
@pytest.mark.parametrize("share", [0.003, 0.2, 0.5, 0.77, 0.998])
def test_binomials_have_their_distribution(people: int, share: float) -> None:
    """512,000 draws: the largest distance of the distribution functions is below 2.4 / sqrt(n) (false alarm
    rate 2e-5 by Kolmogorov's bound).
    """
    drawn = _draw(people, [share, 0.0], 1_000)[:, 0]
    counts = np.bincount(drawn, minlength=people + 1)
    distance = np.abs(counts.cumsum() / drawn.size - stats.binom.cdf(np.arange(people + 1), people, np.float32(share)))
    assert distance.max() < 2.4 / np.sqrt(drawn.size)


@pytest.mark.parametrize("share", [0.003, 0.11, 0.5, 0.85, 0.998])
def test_float32_distribution_is_within_3e_5_of_the_exact_one(share: float) -> None:
    """Inverting at every uniform on a grid of 2^24 is the exact quantile but for a share below 3e-5 of them.

    The kernel's uniforms are replaced by a stratified sample: the draws of 4,000 groups are compared with
    the exact quantile at the very same uniforms.
    """
    groups, people = 4_000, SMALL_POOL
    drawn = _draw(people, [share, 0.0], groups)[:, 0]
    uniform = ((naive.words(3, 1, groups) >> np.uint64(8)).astype(float) + 0.5) * 2.0**-24
    p = float(np.float32(share))

    def quantile(level: npt.NDArray[np.float64], share: float) -> npt.NDArray[np.int64]:
        """The least number of which the distribution function reaches the level."""
        return np.searchsorted(stats.binom.cdf(np.arange(people + 1), people, share), level)

    exact = people - quantile(1 - uniform, 1 - p) if p > 0.5 else quantile(uniform, p)
    different = ((drawn != exact) & (drawn != quantile(uniform, p))).mean()
    assert different < 3e-5


def test_multinomials_have_their_means_and_covariances() -> None:
    """Three finalists and staying home: means and covariances of 1,024,000 draws within five standard errors."""
    people, shares = 23, [0.31, 0.22, 0.4]
    drawn = _draw(people, shares, 2_000).astype(float)
    n, r = len(drawn), np.array(shares)
    covariance = people * (np.diag(r) - np.outer(r, r))
    assert (np.abs(drawn.mean(axis=0) - people * r) < 5 * np.sqrt(np.diag(covariance) / n)).all()
    error = np.sqrt((np.outer(np.diag(covariance), np.diag(covariance)) + covariance**2) / n)
    assert (np.abs(np.cov(drawn.T) - covariance) < 5 * 1.1 * error).all()


def test_nobody_votes_twice() -> None:
    """Votes are whole, not negative, and never more than the people, also at rates of 0 and 1."""
    for shares in ([1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [0.0, 0.0]):
        drawn = _draw(11, shares, 20)
        assert (drawn >= 0).all()
        assert (drawn.sum(axis=1) <= 11).all()
        assert (drawn.sum(axis=1) == 11).all() or sum(shares) < 1
        assert drawn.any() or sum(shares) == 0
