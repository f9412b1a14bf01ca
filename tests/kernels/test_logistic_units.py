"""Scoring steps of rows of log-odds: against a plain twin with numpy's matrices."""

from __future__ import annotations

import numpy as np

from runoff.kernels import logistic_units

N, R, C = 7, 3, 4
D = C - 1


def _data() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    first = rng.integers(0, 90, (N, R)).astype(float)
    second = np.array([rng.multinomial(int(n), [0.4, 0.3, 0.2, 0.1]) for n in first.sum(axis=1)], float)
    return first, second, rng.normal(0, 0.7, (R, D)), rng.normal(0, 0.1, (N, D))


def _twin(first: np.ndarray, second: np.ndarray, eta: np.ndarray, b: np.ndarray, width: float, extra: float):  # type: ignore[no-untyped-def]
    """The sums as the paper writes them; moves b by one step."""
    information, score = np.zeros((R * D, R * D)), np.zeros(R * D)
    g = np.eye(D) + 1.0

    def at(i: int) -> tuple[list[np.ndarray], np.ndarray, np.ndarray]:
        e = np.exp(np.column_stack([eta + b[i], np.zeros(R)]))
        p = (e / e.sum(axis=1, keepdims=True))[:, :D]
        j = [first[i, r] * (np.diag(p[r]) - np.outer(p[r], p[r])) for r in range(R)]
        cov = sum(j) + 1e-3 * np.eye(D)
        s = extra * cov + width**2 * cov @ g @ cov
        left = second[i, :D] - first[i] @ p + cov @ b[i]
        return j, np.linalg.inv(s), np.column_stack([left, g @ cov @ np.linalg.solve(s, left)])

    for i in range(N):
        b[i] = width**2 * at(i)[2][:, 1]
        j, v, left = at(i)
        wide = np.hstack(j)
        information += wide.T @ v @ wide
        score += wide.T @ v @ left[:, 0]
    return information, score


def test_a_step_is_the_papers() -> None:
    """Information, score and effects of one step are those of dense matrices, to 1e-9 of their size."""
    first, second, eta, b = _data()
    mine, theirs = b.copy(), b.copy()
    information, score = np.empty((R * D, R * D)), np.empty(R * D)
    logistic_units.score_units(
        first, second, eta, 0.3, 2.0, mine, np.empty((4 * D + 2, D)), np.empty((2 * R, C)), information, score
    )
    expected, of_score = _twin(first, second, eta, theirs, 0.3, 2.0)
    assert np.allclose(mine, theirs, rtol=1e-9, atol=1e-12)
    assert np.allclose(np.triu(information), np.triu(expected), rtol=1e-9, atol=1e-9 * np.abs(expected).max())
    assert np.allclose(score, of_score, rtol=1e-9, atol=1e-9 * np.abs(of_score).max())


def test_a_step_solves_and_variances_are_of_the_inverse() -> None:
    """The step is information^-1 score with the prior's part, and spreads are contrasts of that inverse."""
    first, second, eta, b = _data()
    information, score = _twin(first, second, eta, b.copy(), 0.3, 2.0)
    prior, precision = np.zeros((R, D)), np.array([0.5, 1.0, 2.0])
    block = np.eye(D) - 1.0 / C
    whole = information + np.kron(np.diag(precision), block)
    gradient = score + (np.kron(np.diag(precision), block) @ (prior - eta).ravel())
    moved, factor = eta.copy(), information.copy()
    largest = logistic_units.scored(factor, score.copy(), prior, precision, 1e9, moved)
    step = np.linalg.solve(whole, gradient)
    assert np.allclose((moved - eta).ravel(), step, rtol=1e-8, atol=1e-10)
    assert np.isclose(largest, np.abs(step).max())
    out = np.empty((R, C))
    logistic_units.spreads(factor, np.empty((D, R * D)), out)
    inverse = np.linalg.inv(whole)
    contrast = np.vstack([np.eye(D), np.zeros(D)]) - 1.0 / C
    for j in range(R):
        own = inverse[j * D : (j + 1) * D, j * D : (j + 1) * D]
        assert np.allclose(out[j], np.diag(contrast @ own @ contrast.T), rtol=1e-8)


def test_log_odds_are_against_the_last() -> None:
    """Log-odds of shares are logarithms of their ratios to the last one."""
    shares = np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]])
    out = np.empty((2, 2))
    logistic_units.log_odds(shares, out)
    assert np.allclose(out, np.log(shares[:, :2] / shares[:, 2:]), rtol=1e-14)
