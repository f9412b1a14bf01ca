"""exp and log in float64 by fused products alone: the same bits on every CPU, where a library's differ in the last.

For estimates that keep every digit; trials of a race use the shorter ones of `elementary`.  Coefficients are those of
the series, 1/k! and 2/(2k + 1); tests/kernels/test_elementary64.py measures the errors stated.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from runoff.kernels._jit import scalar
from runoff.kernels.fused import fma

_d = np.float64
_i = np.int64

_LOG2_E = _d(1.4426950408889634)
_LN2_HIGH = _d(0.6931471805598903)  # the upper 42 bits of log 2: times a power of two it is exact
_LN2_LOW = _d(5.497923018708371e-14)
_ROUND = _d(6755399441055744.0)  # 1.5 * 2^52: adding and taking it away rounds to a whole number
_BOUND = _d(700.0)
_MANTISSA = _i(52)
_ROOT_HALF_BITS = _i(0x3FE6A09E667F3BCD)
_ONE = _d(1.0)
_HALF = _d(0.5)
_E3, _E4, _E5, _E6, _E7, _E8, _E9, _E10, _E11, _E12, _E13 = (
    _d(1 / 6), _d(1 / 24), _d(1 / 120), _d(1 / 720), _d(1 / 5040), _d(1 / 40320), _d(1 / 362880), _d(1 / 3628800),
    _d(1 / 39916800), _d(1 / 479001600), _d(1 / 6227020800),
)  # fmt: skip
_L1, _L2, _L3, _L4, _L5, _L6, _L7, _L8, _L9, _L10 = (
    _d(2 / 3), _d(2 / 5), _d(2 / 7), _d(2 / 9), _d(2 / 11), _d(2 / 13), _d(2 / 15), _d(2 / 17), _d(2 / 19), _d(2 / 21),
)  # fmt: skip


@scalar
def exp64(x: np.float64) -> np.float64:
    """Exponential of a float64, held to [-700, 700]; relative error below 4e-16."""
    x = min(max(x, -_BOUND), _BOUND)
    shifted = fma(x, _LOG2_E, _ROUND)
    n = shifted - _ROUND
    r = fma(n, -_LN2_LOW, fma(n, -_LN2_HIGH, x))
    tail = fma(r, fma(r, fma(r, fma(r, fma(r, _E13, _E12), _E11), _E10), _E9), _E8)
    tail = fma(r, fma(r, fma(r, fma(r, fma(r, fma(r, tail, _E7), _E6), _E5), _E4), _E3), _HALF)
    value = fma(r, fma(r, tail, _ONE), _ONE)
    power = _i(_d(shifted).view(np.int64) << _MANTISSA)
    answer: Any = _i(_d(value).view(np.int64) + power).view(np.float64)
    return answer  # type: ignore[no-any-return]  # float64


@scalar
def log64(x: np.float64) -> np.float64:
    """Natural logarithm of a positive, normal float64; error below 4e-16 * max(1, |log x|)."""
    bits = _d(x).view(np.int64)
    n = _i(_i(bits - _ROOT_HALF_BITS) >> _MANTISSA)
    m = _i(bits - (n << _MANTISSA)).view(np.float64)
    f = (m - _ONE) / (m + _ONE)
    s = f * f
    tail = fma(s, fma(s, fma(s, fma(s, fma(s, _L10, _L9), _L8), _L7), _L6), _L5)
    tail = fma(s, fma(s, fma(s, fma(s, tail, _L4), _L3), _L2), _L1)
    part = f * fma(s, tail, _d(2.0))
    answer: Any = fma(_d(n), _LN2_HIGH, fma(_d(n), _LN2_LOW, part))
    return answer  # type: ignore[no-any-return]  # float64
