"""log, exp and their kin over arrays of any shape, by `runoff.kernels.functions`; float32 of float32, else float64."""

from __future__ import annotations

from typing import Any

import numpy as np

_EXP, _LOG, _LOG1P, _LOGISTIC, _ATAN = range(5)  # as `runoff.kernels.functions` counts them


def exp(x: Any) -> Any:
    """Exponential, within one unit in the last place; too large is inf, without a warning."""
    return _applied(_EXP, x)


def log(x: Any) -> Any:
    """Natural logarithm, within one unit in the last place; -inf of 0, nan of less.

    Of float32 within 2e-7 max(1, |log x|), and of positive, normal numbers only.
    """
    return _applied(_LOG, x)


def log1p(x: Any) -> Any:
    """Logarithm of 1 + x, within two units in the last place; float64 only."""
    return _applied(_LOG1P, np.asarray(x, np.float64))


def logistic(x: Any) -> Any:
    """1 / (1 + exp(-x)), within two and a half units in the last place."""
    return _applied(_LOGISTIC, x)


def atan(x: Any) -> Any:
    """Arc tangent, within 5e-16; float64 only."""
    return _applied(_ATAN, np.asarray(x, np.float64))


def log1pexp(x: Any) -> Any:
    """Logarithm of 1 + exp(x), without overflow; float64 only."""
    x = np.asarray(x, np.float64)
    return np.maximum(x, 0.0) + log1p(exp(-np.abs(x)))


def power(x: Any, exponent: float) -> Any:
    """Positive numbers to a power, by log and exp: within |exponent log x| + 2 units in the last place."""
    return exp(exponent * log(x))


def square(x: Any) -> Any:
    """A number times itself; `**` of a single number, Python's or NumPy's, asks the C library."""
    return x * x


def norm(a: Any, b: Any) -> Any:
    """Root of the sum of two squares, of numbers whose squares are finite."""
    return np.sqrt(a * a + b * b)


def _applied(which: int, x: Any) -> Any:
    from runoff.kernels.functions import apply, apply32  # here, as it loads the compiler's library

    values = np.asarray(x)
    if values.dtype != np.float32:
        values = values.astype(np.float64, copy=False)
    flat = np.ascontiguousarray(values).reshape(-1)
    out = np.empty_like(flat)
    (apply32 if values.dtype == np.float32 else apply)(which, flat, out)
    return out.reshape(values.shape)[()]  # of one number a number
