"""Elementary functions against exact values."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from runoff.kernels import elementary


@numba.njit(error_model="numpy")
def _each(x, which):  # type: ignore[no-untyped-def]  # numba infers
    out = np.empty_like(x)
    for i in range(x.size):
        if which == 0:
            out[i] = elementary.log(x[i])
        elif which == 1:
            out[i] = elementary.exp(x[i])
        elif which == 2:
            out[i] = elementary.sin_pi(x[i])
        else:
            out[i] = elementary.cos_pi(x[i])
    return out


def test_log_error_is_below_the_stated_bound() -> None:
    """Over ten million arguments in (0, 1], log errs by less than 2e-7 max(1, |log x|)."""
    rng = np.random.default_rng(1)
    x = np.r_[2.0 ** -rng.uniform(0, 32, 5_000_000), rng.uniform(0, 1, 5_000_000)].astype(np.float32)
    x = np.maximum(x, np.float32(2.0**-32))
    exact = np.log(x.astype(float))
    assert (np.abs(_each(x, 0) - exact) / np.maximum(1.0, np.abs(exact))).max() < 2e-7


def test_exp_error_is_below_the_stated_bound() -> None:
    """Over ten million arguments in [-14, 14], exp errs by less than 3e-7 of its value."""
    x = np.random.default_rng(2).uniform(-14, 14, 10_000_000).astype(np.float32)
    exact = np.exp(x.astype(float))
    assert np.abs(_each(x, 1) / exact - 1).max() < 3e-7


def test_exp_is_held_to_its_range() -> None:
    """Beyond +-14 the value at the bound is returned: odds stay finite and above zero."""
    got = _each(np.array([-1e30, -15, 15, 1e30], np.float32), 1)
    assert np.allclose(got, np.exp([-14.0, -14.0, 14.0, 14.0]), rtol=1e-6)


def test_sin_pi_and_cos_pi_errors_are_below_the_stated_bounds() -> None:
    """Over every 16th float32 of [-1/4, 1/4] from 1e-9 up, sine errs by less than 7e-7 and cosine by 2e-7."""
    bits = np.arange(np.float32(1e-9).view(np.int32), np.float32(0.25).view(np.int32) + 1, 16, dtype=np.int32)
    v = np.r_[bits.view(np.float32), -bits.view(np.float32)]
    assert np.abs(_each(v, 2) - np.sin(np.pi * v.astype(float))).max() < 7e-7
    assert np.abs(_each(v, 3) - np.cos(np.pi * v.astype(float))).max() < 2e-7


@pytest.mark.parametrize("which", [0, 1, 2, 3])
def test_interpreted_equals_compiled_to_the_bit(which: int) -> None:
    """The plain Python functions and the compiled loops agree in every bit."""
    x = np.random.default_rng(3).uniform(0.01, 0.25, 2_000).astype(np.float32)
    function = (elementary.log, elementary.exp, elementary.sin_pi, elementary.cos_pi)[which]
    plain = getattr(function, "py_func", function)
    assert np.array_equal(_each(x, which), np.array([plain(value) for value in x], np.float32))
