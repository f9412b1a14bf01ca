"""fma(a, b, c): a * b + c rounded once, the same bits on every CPU.

The compiler may not fuse a product and a sum by itself: two CPUs would then disagree in the last bit.
Asked for by name it is one instruction on any CPU since 2013, and a correct library call on older ones;
it halves the work of a polynomial.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np


def fma(a: Any, b: Any, c: Any) -> np.float32:
    """A * b + c rounded once, in float32 where all three are, else in float64.

    This is what interpreted kernels run; compiled ones run the CPU's instruction (`_lowering`).
    """
    if not (type(a) is type(b) is type(c) is np.float32):
        exact: Any = np.float64(float(Fraction(float(a)) * Fraction(float(b)) + Fraction(float(c))))
        return exact  # type: ignore[no-any-return]  # float64, where sums are
    # float64 holds the product of two float32 exactly; rounding the sum to odd keeps the second rounding honest.
    # Source: Boldo and Melquiond (2008), Emulation of a FMA and correctly rounded sums, doi:10.1109/TC.2007.70819
    product, term = float(a) * float(b), float(c)
    total = product + term
    part = total - product
    error = (product - (total - part)) + (term - part)
    if error != 0.0 and not np.float64(total).view(np.int64) & 1:
        total = float(np.nextafter(total, np.inf if error > 0.0 else -np.inf))
    return np.float32(total)
