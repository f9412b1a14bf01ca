"""log, exp, sin(pi v) and cos(pi v) in plain float32 arithmetic: short polynomials, the same bits everywhere.

`math.log` and `math.exp` are library calls: one value at a time, and their last bit differs between
CPUs.  The functions here use + - * fma and integer shifts only, and a loop over them becomes a vector
loop.  The coefficients are minimax fits (Lawson's weights) made by tests/data/fit_polynomials.py, of the
degree at which the fit errs by little more than float32 rounds; tests/kernels/test_elementary.py measures
the errors stated.  An error of 1e-6 in a normal moves 260,000 votes by less than a hundredth of a vote.
"""

from __future__ import annotations

import numpy as np

from runoff.kernels._jit import scalar
from runoff.kernels.fused import fma

_f = np.float32
_i = np.int32

# log(1 + f) = f - f^2/2 + f^3 L(f) on sqrt(1/2) - 1 <= f < sqrt(2) - 1
_L0, _L1, _L2, _L3, _L4, _L5 = (
    _f(0.33334689549746993), _f(-0.2498064282661733), _f(0.19910271137467728),
    _f(-0.17165851381016498), _f(0.16140751678686663), _f(-0.10227385005854715),
)  # fmt: skip
# exp(r) = 1 + r + r^2 E(r) on |r| <= log(2)/2
_E0, _E1, _E2, _E3 = (
    _f(0.49999147877758054), _f(0.16666457310860155), _f(0.04189819345109226),
    _f(0.00837463497578294),
)  # fmt: skip
# sin(pi v) = v S(v^2) and cos(pi v) = C(v^2) on |v| <= 1/4
_S0, _S1, _S2 = (
    _f(3.141577047074951), _f(-5.165701698584668), _f(2.4854238615554562),
)  # fmt: skip
_C0, _C1, _C2, _C3 = (
    _f(0.9999999724233222), _f(-4.934788056991713), _f(4.057578305785098),
    _f(-1.3061345625816414),
)  # fmt: skip

_ONE = _f(1.0)
_HALF = _f(0.5)
_LN2 = _f(0.6931471805599453)
_LOG2_E = _f(1.4426950408889634)
_ROUND = _f(12582912.0)  # 1.5 * 2^23: adding and taking it away rounds to a whole number
_ROOT_HALF_BITS = _i(0x3F3504F3)
_EXPONENT = _i(23)
_EXP_BOUND = _f(14.0)


@scalar
def log(x: np.float32) -> np.float32:
    """Natural logarithm of a positive, normal float32; error below 2e-7 * max(1, |log x|)."""
    bits = _f(x).view(np.int32)
    n = _i(_i(bits - _ROOT_HALF_BITS) >> _EXPONENT)
    f = _i(bits - (n << _EXPONENT)).view(np.float32) - _ONE
    tail = fma(f, fma(f, fma(f, fma(f, fma(f, _L5, _L4), _L3), _L2), _L1), _L0)
    return fma(_f(n), _LN2, fma(f * f, fma(f, tail, -_HALF), f))


@scalar
def exp(x: np.float32) -> np.float32:
    """Exponential, x held to [-14, 14]; relative error below 3e-7.

    As odds, e^14 leaves one voter in 1.2 million; with a unit's effect of at most e^8 on top, the product of
    four of them is still a float32.
    """
    x = min(max(x, -_EXP_BOUND), _EXP_BOUND)
    shifted = fma(x, _LOG2_E, _ROUND)
    r = fma(shifted - _ROUND, -_LN2, x)
    tail = fma(r, fma(r, fma(r, _E3, _E2), _E1), _E0)
    value = fma(r, fma(r, tail, _ONE), _ONE)
    # the lowest bits of `shifted` are the power of two, which goes to the exponent
    power = _i(_f(shifted).view(np.int32) << _EXPONENT)
    return _i(_f(value).view(np.int32) + power).view(np.float32)


@scalar
def sin_pi(v: np.float32) -> np.float32:
    """sin(pi v) for |v| <= 1/4; error below 7e-7."""
    s = v * v
    return v * fma(s, fma(s, _S2, _S1), _S0)


@scalar
def cos_pi(v: np.float32) -> np.float32:
    """cos(pi v) for |v| <= 1/4; error below 2e-7."""
    s = v * v
    return fma(s, fma(s, fma(s, _C3, _C2), _C1), _C0)
