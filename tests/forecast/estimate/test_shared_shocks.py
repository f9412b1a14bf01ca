from __future__ import annotations

import numpy as np
import pytest

from runoff.estimate.shared_shocks import Problem, Spread, posterior, sizes_of, sums
from runoff.race import FloatArray

SIZES = np.log(np.array([0.3, 0.2]))


def _problem(rng: np.random.Generator, groups: int = 12, rows: int = 9, unused: int = 0) -> Problem:
    """Races in groups: two slopes, one shock a group on the first column, a spread of their own."""
    group = np.repeat(np.arange(groups), rows)
    x = np.concatenate([rng.standard_normal((groups * rows, 2)), np.zeros((groups * rows, unused))], axis=1)

    def spread(sizes: FloatArray) -> Spread:
        shock, own = np.exp(sizes)
        loads = x[:, :1] * shock
        return Spread(loads, np.full(len(x), own**2), np.zeros(x.shape[1]), np.ones(x.shape[1]))

    found = spread(SIZES)
    slopes = rng.standard_normal(x.shape[1])
    y = x @ slopes + (found.loads * rng.standard_normal((groups, 1))[group]).sum(axis=1)
    y += np.sqrt(found.variance) * rng.standard_normal(len(x))
    return Problem(x, y, group, spread, SIZES, np.full(2, 1.0))


def _dense(problem: Problem, kept: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """The same posterior from one large covariance matrix."""
    found = problem.spread(SIZES)
    same = problem.group[:, None] == problem.group[None, :]
    v = found.loads @ found.loads.T * same + np.diag(found.variance)
    rows = np.isin(problem.group, np.flatnonzero(kept))
    v, x, y = v[np.ix_(rows, rows)], problem.x[rows], problem.y[rows]
    inverse = np.linalg.inv(v)
    cov = np.linalg.inv(x.T @ inverse @ x + np.diag(found.sd**-2.0))
    whole = v + x @ np.diag(found.sd**2.0) @ x.T
    loglik = -0.5 * (y @ np.linalg.solve(whole, y) + np.linalg.slogdet(whole)[1])
    return cov @ (x.T @ inverse @ y), cov, float(loglik)


@pytest.mark.parametrize("left", [None, 0, 7])
def test_a_posterior_is_that_of_the_whole_covariance(left: int | None) -> None:
    """Mean, covariance and marginal likelihood, group by group, are those of one dense matrix, a group out or not."""
    problem = _problem(np.random.default_rng(1), unused=2)
    kept = np.ones(problem.groups, np.bool_)
    if left is not None:
        kept[left] = False
    found = posterior(sums(problem, SIZES), kept)
    mean, cov, loglik = _dense(problem, kept.astype(np.float64))
    np.testing.assert_allclose(found.mean, mean, atol=1e-10)
    np.testing.assert_allclose(found.cov, cov, atol=1e-10)
    assert found.loglik == pytest.approx(loglik, abs=1e-8)


def test_a_group_left_out_cannot_be_heard() -> None:
    """Its margins spoiled, the posterior without it has the same bits."""
    problem = _problem(np.random.default_rng(2))
    kept = np.ones(problem.groups, np.bool_)
    kept[4] = False
    spoiled = Problem(
        problem.x, np.where(problem.group == 4, 9.0, problem.y), problem.group, problem.spread, SIZES, SIZES
    )
    first, second = (posterior(sums(p, SIZES), kept) for p in (problem, spoiled))
    assert first.mean.tobytes() == second.mean.tobytes()


def test_sizes_are_found_again() -> None:
    """Of forty groups with known sizes the fit finds both within three standard errors (relative, 15 and 5 %)."""
    problem = _problem(np.random.default_rng(4), groups=40)
    found = sizes_of(problem, start=np.log(np.array([1.0, 1.0])))
    assert np.abs(found - SIZES)[0] < 0.45
    assert np.abs(found - SIZES)[1] < 0.15


def test_intervals_of_slopes_cover() -> None:
    """Over 200 simulated archives 90 % intervals of two slopes hold 84 to 96 % (four standard errors of 400 draws)."""
    inside = []
    for seed in range(200):
        rng = np.random.default_rng(1_000 + seed)
        problem = _problem(rng, groups=8, rows=6)
        slopes = _slopes(1_000 + seed, 8, 6)
        found = posterior(sums(problem, SIZES))
        inside += (np.abs(found.mean - slopes) < 1.6449 * np.sqrt(np.diag(found.cov))).tolist()
    assert 0.84 < float(np.mean(inside)) < 0.96


def _slopes(seed: int, groups: int, rows: int) -> FloatArray:
    rng = np.random.default_rng(seed)
    rng.standard_normal((groups * rows, 2))
    return rng.standard_normal(2)
