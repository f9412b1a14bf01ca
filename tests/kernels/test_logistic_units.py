"""Scoring steps of rows of log-odds: against a plain twin with numpy's matrices."""

from __future__ import annotations

import numpy as np

from runoff.kernels import logistic_steps, logistic_units

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
    moved, factor, pace, people = eta.copy(), information.copy(), np.zeros(R * D + 1), np.array([10.0, 20.0, 5.0])
    part = logistic_steps.scored(factor, score.copy(), prior, precision, 1e9, people, pace, moved)
    step = np.linalg.solve(whole, gradient)
    assert np.allclose((moved - eta).ravel(), step, rtol=1e-8, atol=1e-10)
    assert np.allclose(pace, [*step, 1.0], rtol=1e-8, atol=1e-10)
    odds = np.exp(np.column_stack([eta, np.zeros(R)]))
    p = odds / odds.sum(axis=1, keepdims=True)
    steps = np.column_stack([step.reshape(R, D), np.zeros(R)])
    change = 0.5 * (p * np.abs(steps - (p * steps).sum(axis=1, keepdims=True))).sum(axis=1)
    assert np.isclose(part, (people * change).sum() / people.sum())
    out = np.empty((R, C))
    logistic_steps.spreads(factor, np.empty((D, R * D)), out)
    inverse = np.linalg.inv(whole)
    contrast = np.vstack([np.eye(D), np.zeros(D)]) - 1.0 / C
    for j in range(R):
        own = inverse[j * D : (j + 1) * D, j * D : (j + 1) * D]
        assert np.allclose(out[j], np.diag(contrast @ own @ contrast.T), rtol=1e-8)


def test_a_step_that_turns_back_is_taken_in_half() -> None:
    """After a step the other way half of the next is taken, and while steps go on 1.3 times as much as of the last."""
    precision, people = np.full(R, 1.0), np.ones(R)
    pace, eta = np.zeros(R * D + 1), np.zeros((R, D))
    parts = []
    for towards in (1.0, -1.0, 1.0, 1.0, 1.0, 1.0, 1.0):
        before = eta.copy()
        score = np.zeros(R * D)
        information = np.eye(R * D) * 1e-9
        logistic_steps.scored(information, score, before + towards, precision, 1e9, people, pace, eta)
        parts.append(float((eta - before)[0, 0] * towards))
    assert np.allclose(parts, [1.0, 0.5, 0.25, 0.325, 0.4225, 0.54925, 0.714025], rtol=1e-6)


def test_steps_in_one_go_are_steps_by_turns() -> None:
    """`all_steps` has the bits of `score_units` and `scored` by turns, and stops where they would."""
    first, second, eta, b = _data()
    prior, precision, people = np.zeros((R, D)), np.array([0.5, 1.0, 2.0]), first.sum(axis=0)

    def room() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        return np.empty((4 * D + 2, D)), np.empty((2 * R, C)), np.empty((R * D, R * D)), np.empty(R * D)

    one, effects, pace, at = eta.copy(), b.copy(), np.zeros(R * D + 1), room()
    by = (precision, 3.0, people)
    done = logistic_steps.all_steps(first, second, one, 0.3, 2.0, effects, *at, prior, *by, pace, 1e-9, 200)
    other, others, pace, at = eta.copy(), b.copy(), np.zeros(R * D + 1), room()
    taken = 0
    while taken < 200:
        taken += 1
        logistic_units.score_units(first, second, other, 0.3, 2.0, others, *at)
        if logistic_steps.scored(at[2], at[3], prior, *by, pace, other) < 1e-9:
            break
    assert done == taken < 200
    assert np.array_equal(one, other)
    assert np.array_equal(effects, others)


def test_log_odds_are_against_the_last() -> None:
    """Log-odds of shares are logarithms of their ratios to the last one."""
    shares = np.array([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]])
    out = np.empty((2, 2))
    logistic_units.log_odds(shares, out)
    assert np.allclose(out, np.log(shares[:, :2] / shares[:, 2:]), rtol=1e-14)
