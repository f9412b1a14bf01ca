from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from runoff.estimate.indices.sobol import LEAST, indices
from runoff.race import FloatArray

N = 1_024
EACH = [[0], [1], [2]]


def _points(n: int, factors: int, seed: int = 7) -> tuple[FloatArray, FloatArray]:
    """Two sets of standard normals."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, factors)), rng.standard_normal((n, factors))


def _slopes(of: object, z: FloatArray) -> FloatArray:
    """Gradients by differences."""
    step = 1e-4
    of_points: FloatArray = np.stack(
        [(of(z + step * e) - of(z - step * e)) / (2 * step) for e in np.eye(z.shape[1])],  # type: ignore[operator]
        axis=1,
    )
    return of_points


def _found(
    of: object, factors: int, groups: list[list[int]] | None = None, n: int = N
) -> tuple[FloatArray, FloatArray]:
    found = indices(of, lambda z: _slopes(of, z), groups or [[k] for k in range(factors)], _points(n, factors))  # type: ignore[arg-type]
    return found.first, found.total


def test_a_straight_line_is_known_exactly() -> None:
    """Its indices are the squares of its slopes over their sum, without error of sampling, and shares add up to 1."""
    slopes = np.array([3.0, -2.0, 0.5])
    found = indices(lambda z: 7.0 + z @ slopes, lambda z: np.tile(slopes, (len(z), 1)), EACH, _points(64, 3))
    exact = slopes**2 / (slopes @ slopes)
    assert found.variance == pytest.approx(slopes @ slopes, rel=1e-12)
    assert found.first == pytest.approx(exact, abs=1e-12)
    assert found.total == pytest.approx(exact, abs=1e-12)
    assert found.shares.sum() == pytest.approx(1.0, abs=1e-12)


def test_what_bends_and_acts_together_has_its_closed_form() -> None:
    """Within 0.01 of a x + b (y^2 - 1) + c x y + d z: variance a^2 + 2 b^2 + c^2 + d^2, x first a^2, total a^2 + c^2.

    A third of the variance is not straight here, ten times what a race has: 20,000 points and their mirror images give
    standard errors up to 0.003.
    """
    a, b, c, d = 1.0, 0.4, 0.5, 0.3

    def of(z: FloatArray) -> FloatArray:
        value: FloatArray = a * z[:, 0] + b * (z[:, 1] ** 2 - 1) + c * z[:, 0] * z[:, 1] + d * z[:, 2]
        return value

    first, total = _found(of, 3, n=20_000)
    variance = a * a + 2 * b * b + c * c + d * d
    assert first == pytest.approx(np.array([a * a, 2 * b * b, d * d]) / variance, abs=0.01)
    assert total == pytest.approx(np.array([a * a + c * c, 2 * b * b + c * c, d * d]) / variance, abs=0.01)


def test_a_group_has_what_its_members_do_together() -> None:
    """X y is nobody's alone, and all of the group's that holds both."""
    first, total = _found(lambda z: z[:, 0] * z[:, 1] + z[:, 2], 3, [[0, 1], [2]])
    assert first == pytest.approx([0.5, 0.5], abs=0.05)  # standard error 0.02
    assert total == pytest.approx([0.5, 0.5], abs=0.05)


def test_what_cannot_matter_is_not_looked_at() -> None:
    """A normal whose mean squared slope is below the bound has the line's part, and the function is not called."""
    calls = []

    def of(z: FloatArray) -> FloatArray:
        calls.append(len(z))
        return z[:, 0] + 0.01 * z[:, 1]

    found = indices(of, lambda z: np.tile([1.0, 0.01], (len(z), 1)), [[0], [1]], _points(64, 2))
    assert LEAST > 1e-4
    assert len(calls) == 3  # both sets of points, and those with the first replaced
    assert found.total[1] == pytest.approx(1e-4 / (1 + 1e-4), rel=1e-9)


def test_nothing_varies() -> None:
    """A constant has no shares, and no division by nought."""
    found = indices(lambda z: np.zeros(len(z)), np.zeros_like, EACH, _points(64, 3))
    assert found.variance == 0.0
    assert not found.shares.any()


def test_salib_says_the_same() -> None:
    """Ishigami's function, uniform inputs made of normals: within 0.03 of SALib's indices, and of the closed form.

    Its closed form: first .314, .442, 0; total .558, .442, .244.  With 8,192 mirrored points of a function this wild
    the standard errors are below 0.01.
    """
    sobol = pytest.importorskip("SALib.analyze.sobol")
    sample = pytest.importorskip("SALib.sample.sobol")

    def ishigami(x: FloatArray) -> FloatArray:
        value: FloatArray = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
        return value

    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[-np.pi, np.pi]] * 3}
    theirs = sobol.analyze(
        problem, ishigami(sample.sample(problem, 2**12, calc_second_order=False, seed=1)),
        calc_second_order=False, seed=1,
    )  # fmt: skip
    first, total = _found(lambda z: ishigami(np.pi * (2 * stats.norm.cdf(z) - 1)), 3, n=8_192)
    assert first == pytest.approx(theirs["S1"], abs=0.03)
    assert total == pytest.approx(theirs["ST"], abs=0.03)
    assert total == pytest.approx([0.558, 0.442, 0.244], abs=0.03)
