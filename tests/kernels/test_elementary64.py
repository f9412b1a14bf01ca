"""exp and log in float64 against exact values, and compiled against plain Python."""

from __future__ import annotations

import math

import numba
import numpy as np

from runoff.kernels import elementary64


@numba.njit(error_model="numpy")
def _each(x, logarithm):  # type: ignore[no-untyped-def]  # numba infers
    out = np.empty_like(x)
    for i in range(x.size):
        out[i] = elementary64.log64(x[i]) if logarithm else elementary64.exp64(x[i])
    return out


def test_errors_are_below_the_stated_bounds() -> None:
    """Over 200,000 arguments, exp errs by less than 4e-16 of its value and log by 4e-16 max(1, |log x|).

    numpy's own are good to one unit in the last place, 2.3e-16 at most, which is allowed for.
    """
    rng = np.random.default_rng(1)
    x = np.r_[rng.uniform(-700, 700, 100_000), rng.normal(0, 1, 100_000)]
    assert np.abs(_each(x, False) / np.exp(x) - 1).max() < 4e-16 + 2.3e-16
    x = np.r_[np.exp(rng.uniform(-600, 600, 100_000)), rng.uniform(0.5, 2, 100_000)]
    exact = np.log(x)
    assert (np.abs(_each(x, True) - exact) / np.maximum(1, np.abs(exact))).max() < 4e-16 + 2.3e-16


def test_exp_is_held_to_its_range() -> None:
    """Beyond 700 the value at the bound is returned, which is finite and above zero."""
    got = _each(np.array([-1e300, -701.0, 701.0, 1e300]), False)
    assert np.allclose(got, [math.exp(-700)] * 2 + [math.exp(700)] * 2, rtol=1e-13)


def test_interpreted_equals_compiled_to_the_bit() -> None:
    """The plain Python functions and the compiled loops agree in every bit."""
    x = np.random.default_rng(2).uniform(0.001, 30, 500)
    assert [elementary64.exp64(value) for value in x] == _each(x, False).tolist()
    assert [elementary64.log64(value) for value in x] == _each(x, True).tolist()
