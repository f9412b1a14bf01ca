from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from runoff.estimate.indices.shapley import shapley_effects
from runoff.race import FloatArray


def _by_definition(slope: FloatArray, covariance: FloatArray) -> FloatArray:
    """Each cause's mean gain of Var(E[f | u]) over all orders, by conditional covariances of normals."""
    many = len(slope)

    def known(u: tuple[int, ...]) -> float:
        """Variance of slope' z less what is left of it given z[u]."""
        rest = [k for k in range(many) if k not in u]
        left = covariance[np.ix_(rest, rest)]
        if u:
            inner = np.linalg.inv(covariance[np.ix_(u, u)])
            left = left - covariance[np.ix_(rest, u)] @ inner @ covariance[np.ix_(u, rest)]
        return float(slope @ covariance @ slope - slope[rest] @ left @ slope[rest])

    effects = np.zeros(many)
    for order in itertools.permutations(range(many)):
        for place, k in enumerate(order):
            effects[k] += known(tuple(sorted(order[: place + 1]))) - known(tuple(sorted(order[:place])))
    found: FloatArray = effects / math.factorial(many) / (slope @ covariance @ slope)
    return found


def _all_orders(many: int) -> np.ndarray:
    return np.array(list(itertools.permutations(range(many))), np.int64)


def test_independent_causes_have_the_squares_of_their_slopes() -> None:
    """Without evidence one order is enough."""
    slope = np.array([2.0, 1.0, -0.5])
    found = shapley_effects(slope, np.zeros((0, 3)), [[0], [1], [2]], np.array([[2, 0, 1]]))
    assert found == pytest.approx(slope**2 / (slope @ slope), abs=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_dependent_causes_are_those_of_the_definition(seed: int) -> None:
    """Four normals of precision I + W'W, all orders: the definition to 1e-10; they add up to 1, none negative."""
    rng = np.random.default_rng(seed)
    slope, learnt = rng.standard_normal(4), rng.standard_normal((2, 4))
    found = shapley_effects(slope, learnt, [[k] for k in range(4)], _all_orders(4))
    assert found == pytest.approx(_by_definition(slope, np.linalg.inv(np.eye(4) + learnt.T @ learnt)), abs=1e-10)
    assert found.sum() == pytest.approx(1.0, abs=1e-12)
    assert (found >= -1e-12).all()


def test_two_causes_have_the_closed_form() -> None:
    """Owen and Prieur's (2017, section 4): of x + y with equal spreads and any correlation one half each."""
    learnt = np.array([[0.9, 0.9]])
    found = shapley_effects(np.array([1.0, 1.0]), learnt, [[0], [1]], _all_orders(2))
    assert found == pytest.approx([0.5, 0.5], abs=1e-12)


def test_a_cause_that_does_nothing_may_tell_of_one_that_does() -> None:
    """A factor with no slope that evidence ties to one with a slope has a share: this sets it apart from an index."""
    found = shapley_effects(np.array([1.0, 0.0]), np.array([[2.0, 2.0]]), [[0], [1]], _all_orders(2))
    assert 0.1 < found[1] < 0.5
