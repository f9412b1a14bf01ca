"""log, exp and sin(pi x) in plain float32 arithmetic: short polynomials, the same bits on every CPU.

`math.log` and `math.exp` are library calls: one value at a time, and their last bit differs between
CPUs.  The functions here use + - * and integer shifts only, and a loop over them becomes a vector
loop.  The coefficients are minimax fits (Lawson's weights) made by tests/data/fit_polynomials.py;
the errors stated are measured over all or ten million arguments by tests/kernels/test_elementary.py.
"""

from __future__ import annotations

import numpy as np

from kernels._jit import scalar

_f = np.float32
_i = np.int32

# log(1 + f) = f - f^2/2 + f^3 L(f) on sqrt(1/2) - 1 <= f < sqrt(2) - 1
_L0, _L1, _L2, _L3, _L4, _L5, _L6 = (
    _f(0.3333415139059188), _f(-0.25001691412805255), _f(0.19955305701117593), _f(-0.1656478592352471),
    _f(0.14974582554911012), _f(-0.14375589019820958), _f(0.08676583768445353),
)  # fmt: skip
# exp(r) = 1 + r + r^2 E(r) on |r| <= log(2)/2
_E0, _E1, _E2, _E3, _E4 = (
    _f(0.5000000094979424), _f(0.1666651897193331), _f(0.04166620629664115), _f(0.008368875452865764),
    _f(0.0013950463307237104),
)  # fmt: skip
# sin(pi v) = v S(v^2) on |v| <= 1/2
_S0, _S1, _S2, _S3, _S4 = (
    _f(3.1415925805693385), _f(-5.167706900208296), _f(2.550031640936828), _f(-0.5980464505686842),
    _f(0.07722224909666182),
)  # fmt: skip

_ONE = _f(1.0)
_HALF = _f(0.5)
_LN2_HIGH = _f(0.693359375)  # 9 bits, so that n * _LN2_HIGH is exact
_LN2_LOW = _f(-2.12194440e-4)
_LOG2_E = _f(1.4426950408889634)
_ROUND = _f(12582912.0)  # 1.5 * 2^23: adding and taking it away rounds to a whole number
_ROOT_HALF_BITS = _i(0x3F3504F3)
_ONE_BITS = _i(0x3F800000)
_EXPONENT = _i(23)
_EXP_BOUND = _f(80.0)


@scalar
def log(x: np.float32) -> np.float32:
    """Natural logarithm of a positive, normal float32; error below 1.2e-7 * max(1, |log x|)."""
    bits = _f(x).view(np.int32)
    n = _i(_i(bits - _ROOT_HALF_BITS) >> _EXPONENT)
    f = _i(bits - (n << _EXPONENT)).view(np.float32) - _ONE
    s = f * f
    tail = _L0 + f * (_L1 + f * (_L2 + f * (_L3 + f * (_L4 + f * (_L5 + f * _L6)))))
    k = _f(n)
    return k * _LN2_HIGH + ((f - _HALF * s) + (f * s * tail + k * _LN2_LOW))


@scalar
def exp(x: np.float32) -> np.float32:
    """Exponential, x held to [-80, 80]; relative error below 2e-7."""
    x = min(max(x, -_EXP_BOUND), _EXP_BOUND)
    n = (x * _LOG2_E + _ROUND) - _ROUND
    r = (x - n * _LN2_HIGH) - n * _LN2_LOW
    tail = _E0 + r * (_E1 + r * (_E2 + r * (_E3 + r * _E4)))
    scale = _i((_i(n) << _EXPONENT) + _ONE_BITS).view(np.float32)
    return (_ONE + (r + r * r * tail)) * scale


@scalar
def sin_pi(v: np.float32) -> np.float32:
    """sin(pi v) for |v| <= 1/2; error below 2.5e-7."""
    s = v * v
    return v * (_S0 + s * (_S1 + s * (_S2 + s * (_S3 + s * _S4))))
