"""Functions over arrays: NumPy's own values, of any shape and kind."""

from __future__ import annotations

import numpy as np
import pytest

from runoff.arithmetic import functions

X = np.random.default_rng(1).normal(0.0, 3.0, (4, 5, 6))


def test_values_are_those_of_numpy_nearly() -> None:
    """Each function agrees with NumPy's to a few units in the last place, of arrays that lie in any order."""
    for x in (X, X.T, X[::2, :, 1], X[0, 0, 0], np.zeros((0, 3))):
        up = np.abs(x) + 0.01
        assert np.allclose(functions.exp(x), np.exp(x), rtol=4e-16, atol=0.0)
        assert np.allclose(functions.log(up), np.log(up), rtol=4e-16, atol=1e-17)
        assert np.allclose(functions.log1p(up), np.log1p(up), rtol=6e-16, atol=0.0)
        assert np.allclose(functions.logistic(x), 1.0 / (1.0 + np.exp(-x)), rtol=6e-16, atol=0.0)
        assert np.allclose(functions.atan(x), np.arctan(x), rtol=0.0, atol=5e-16)
        assert np.allclose(functions.log1pexp(x), np.logaddexp(0.0, x), rtol=6e-16, atol=0.0)
        assert np.allclose(functions.power(up, -0.1), up**-0.1, rtol=1e-15, atol=0.0)
        assert np.allclose(functions.norm(x, up), np.hypot(x, up), rtol=4e-16, atol=0.0)
        assert np.array_equal(functions.square(x), x * x)


def test_kinds_stay_what_they_are() -> None:
    """float32 stays float32 in exp, log and the logistic; whole numbers become float64, and one number a number."""
    single = np.abs(X).astype(np.float32) + np.float32(0.1)
    for function in (functions.exp, functions.log, functions.logistic):
        assert function(single).dtype == np.float32
        assert np.allclose(function(single), function(single.astype(np.float64)), rtol=3e-7, atol=3e-7)
        assert isinstance(function(2), np.float64)
    assert functions.log(np.array([1, 2, 4])) == pytest.approx(np.log([1, 2, 4]), rel=1e-15)
