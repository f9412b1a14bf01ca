"""log, exp and their kin in float64, and exp in float32 over its whole range: the same bits everywhere.

A library's log and exp differ between CPUs in the last bit, NumPy's and the C library's alike: both choose by what the
CPU can do.  The functions here use + - * / and whole numbers only, none fused.  Series are Taylor's, with the terms
that float64 can hold after the argument has been brought near nought; tests/kernels/test_functions.py measures the
errors stated against long double.

Sources: Tang (1989), doi:10.1145/63522.214389 (exp) and Tang (1990), doi:10.1145/98267.98294 (log).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from runoff.kernels import elementary
from runoff.kernels._jit import entry, scalar

_d = np.float64
_q = np.int64
_f = np.float32
_i = np.int32

EXP, LOG, LOG1P, LOGISTIC, ATAN = 0, 1, 2, 3, 4  # what `apply` does

_ONE, _TWO, _HALF = _d(1.0), _d(2.0), _d(0.5)
_LOG2_E = _d(1.4426950408889634)
_LN2_HIGH = _d(float.fromhex("0x1.62e42fefa3800p-1"))  # 42 bits: times a whole number of 11 bits it is exact
_LN2_LOW = _d(float.fromhex("0x1.ef35793c76730p-45"))
_ROUND = _d(6755399441055744.0)  # 1.5 * 2^52: adding and taking it away rounds to a whole number
_ROUND_BITS = _q(0x4338000000000000)
_BIAS, _EXPONENT = _q(1023), _q(52)
_LEAST, _MOST = _d(-746.0), _d(710.0)
_E2, _E3, _E4, _E5, _E6, _E7, _E8, _E9, _E10, _E11, _E12, _E13 = (_d(1.0 / math.factorial(k)) for k in range(2, 14))
_ROOT_HALF_BITS = _q(0x3FE6A09E667F3BCD)
_L1, _L2, _L3, _L4, _L5, _L6, _L7, _L8, _L9, _L10, _L11 = (_d(2.0 / (2 * k + 1)) for k in range(1, 12))
_TINY, _UP, _UP_BITS = _d(2.0**-1022), _d(2.0**54), _d(54.0)
_INF, _NAN = _d(np.inf), _d(np.nan)
_HALF_PI = _d(math.pi / 2.0)
_A1, _A2, _A3, _A4, _A5, _A6, _A7, _A8, _A9, _A10, _A11 = (_d((-1.0) ** k / (2 * k + 1)) for k in range(1, 12))

_ONE4, _LOG2_E4, _ROUND4 = _f(1.0), _f(1.4426950408889634), _f(12582912.0)
_LN2_HIGH4, _LN2_LOW4 = _f(0.693145751953125), _f(1.4286067653301172e-06)
_ROUND_BITS4, _BIAS4, _EXPONENT4 = _i(0x4B400000), _i(127), _i(23)
_LEAST4, _MOST4 = _f(-104.0), _f(89.0)
_F2, _F3, _F4, _F5, _F6, _F7 = (_f(1.0 / math.factorial(k)) for k in range(2, 8))


@scalar
def exp(x: np.float64) -> np.float64:
    """Exponential of any float64, below one unit in the last place off; nan of nan."""
    held = min(max(x, _LEAST), _MOST)
    shifted = held * _LOG2_E + _ROUND
    n = shifted - _ROUND
    r = (held - n * _LN2_HIGH) - n * _LN2_LOW
    tail = _E8 + r * (_E9 + r * (_E10 + r * (_E11 + r * (_E12 + r * _E13))))
    tail = _E2 + r * (_E3 + r * (_E4 + r * (_E5 + r * (_E6 + r * (_E7 + r * tail)))))
    value = _ONE + (r + (r * r) * tail)
    power = _q(_d(shifted).view(np.int64) - _ROUND_BITS)
    half = _q(power >> _q(1))  # in two steps, so that what is subnormal is rounded once
    first = _q((half + _BIAS) << _EXPONENT).view(np.float64)
    second = _q((power - half + _BIAS) << _EXPONENT).view(np.float64)
    found = (value * first) * second
    return found if x == x else x


@scalar
def log(x: np.float64) -> np.float64:
    """Natural logarithm, below one unit in the last place off; -inf of 0, nan of less."""
    small = x < _TINY
    up = x * _UP if small else x
    bits = _d(up).view(np.int64)
    k = _q(_q(bits - _ROOT_HALF_BITS) >> _EXPONENT)
    f = _q(bits - (k << _EXPONENT)).view(np.float64) - _ONE
    n = _d(k) - _UP_BITS if small else _d(k)
    s = f / (_TWO + f)
    z = s * s
    r = _L6 + z * (_L7 + z * (_L8 + z * (_L9 + z * (_L10 + z * _L11))))
    r = z * (_L1 + z * (_L2 + z * (_L3 + z * (_L4 + z * (_L5 + z * r)))))
    square = _HALF * f * f
    found = n * _LN2_HIGH - ((square - (s * (square + r) + n * _LN2_LOW)) - f)
    found = found if x > _d(0.0) else (-_INF if x == _d(0.0) else _NAN)
    return found if x < _INF else x


@scalar
def log1p(x: np.float64) -> np.float64:
    """Logarithm of 1 + x, below two units in the last place off: that of the rounded sum, and what rounding took."""
    up = _ONE + x
    found = log(up) + (x - (up - _ONE)) / up
    found = x if up == _ONE else found
    found = -_INF if up == _d(0.0) else found
    return x if x == _INF else found


@scalar
def logistic(x: np.float64) -> np.float64:
    """1 / (1 + exp(-x)), below two and a half units in the last place off; 0 below -710."""
    return _ONE / (_ONE + exp(-x))


@scalar
def atan(x: np.float64) -> np.float64:
    """Arc tangent, below 3e-16 of pi / 2 off; twice half its angle, twice, and Taylor's series."""
    away = abs(x)
    flat = away if away <= _ONE else _ONE / away
    flat = flat / (_ONE + np.sqrt(_ONE + flat * flat))
    flat = flat / (_ONE + np.sqrt(_ONE + flat * flat))
    z = flat * flat
    tail = _A6 + z * (_A7 + z * (_A8 + z * (_A9 + z * (_A10 + z * _A11))))
    tail = _A1 + z * (_A2 + z * (_A3 + z * (_A4 + z * (_A5 + z * tail))))
    angle = _d(4.0) * (flat + flat * (z * tail))
    angle = angle if away <= _ONE else _HALF_PI - angle
    return _d(-angle if x < _d(0.0) else angle)


@scalar
def exp32(x: np.float32) -> np.float32:
    """Exponential of any float32, below 1.2e-7 of its value off where that is normal; nan of nan."""
    held = min(max(x, _LEAST4), _MOST4)
    shifted = held * _LOG2_E4 + _ROUND4
    n = shifted - _ROUND4
    r = (held - n * _LN2_HIGH4) - n * _LN2_LOW4
    tail = _F2 + r * (_F3 + r * (_F4 + r * (_F5 + r * (_F6 + r * _F7))))
    value = _ONE4 + (r + (r * r) * tail)
    power = _i(_f(shifted).view(np.int32) - _ROUND_BITS4)
    half = _i(power >> _i(1))
    first = _i((half + _BIAS4) << _EXPONENT4).view(np.float32)
    second = _i((power - half + _BIAS4) << _EXPONENT4).view(np.float32)
    found = (value * first) * second
    return found if x == x else x


@entry
def apply(which: int, x: Any, out: Any) -> None:
    """Overwrite out float64[n] with a function of x float64[n], by the number of it above."""
    if which == EXP:
        for i in range(x.size):
            out[i] = exp(x[i])
    elif which == LOG:
        for i in range(x.size):
            out[i] = log(x[i])
    elif which == LOG1P:
        for i in range(x.size):
            out[i] = log1p(x[i])
    elif which == LOGISTIC:
        for i in range(x.size):
            out[i] = logistic(x[i])
    else:
        for i in range(x.size):
            out[i] = atan(x[i])


@entry
def apply32(which: int, x: Any, out: Any) -> None:
    """The same in float32: EXP, LOG of positive, normal numbers, and LOGISTIC."""
    if which == EXP:
        for i in range(x.size):
            out[i] = exp32(x[i])
    elif which == LOG:
        for i in range(x.size):
            out[i] = elementary.log(x[i])
    else:
        for i in range(x.size):
            out[i] = _ONE4 / (_ONE4 + exp32(-x[i]))
