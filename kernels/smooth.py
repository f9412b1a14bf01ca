"""The votes of many units at the price of one: rates averaged over what units have of their own.

Within a pool the units' effects spread like a normal of standard deviation s around the pool's mean effect.
The mean of a logistic over such a spread is taken by Gauss and Hermite's rule of three nodes, 0 and
+-sqrt(3) s with weights 2/3 and 1/6, which in odds o is a ratio of two cubics:

    mean logistic = o (a + b o + o^2) / (1 + (b + a) o + (b + a) o^2 + o^3)
    one minus it  = (1 + b o + a o^2) / (the same)        a = 2/3 + h/6, b = 1/3 + 5 h/6, h = 2 cosh(sqrt(3) s)

The rule errs by at most max|f^(6)| s^6 / 120 (Abramowitz and Stegun 25.4.46, n = 3), which `runoff.simulate.aggregate`
turns into votes.  With s = 0 it is the logistic itself.  Odds end at e^14, so the product of two cubics is a float32.
"""

from __future__ import annotations

import numpy as np

from runoff.kernels._jit import part, scalar
from runoff.kernels._types import Float32Array
from runoff.kernels.fused import fma
from runoff.kernels.noise import add_pool
from runoff.kernels.philox import GROUP

_ONE = np.float32(1.0)


@scalar
def _yes(o: np.float32, a: np.float32, b: np.float32) -> np.float32:
    """Numerator of the mean logistic."""
    return o * fma(o, o + b, a)


@scalar
def _no(o: np.float32, a: np.float32, b: np.float32) -> np.float32:
    """Numerator of one minus the mean logistic; the denominator is the sum of both."""
    return fma(o, fma(o, a, b), _ONE)


@part
def add_smooth(people: float, odds: Float32Array, shape: Float32Array, sums: Float32Array) -> None:
    """Add a pool's means and second moments over all units to `sums`, as `noise.add_one` does for one unit.

    `odds` float32[2 * GROUP] of turnout and of the first finalist; `shape` float32[4]: a and b of both.
    """
    a, b, c, d = shape[0], shape[1], shape[2], shape[3]
    for i in range(GROUP):
        come, choose = odds[i], odds[GROUP + i]
        come_yes, first, last = _yes(come, a, b), _yes(choose, c, d), _no(choose, c, d)
        share = come_yes / ((come_yes + _no(come, a, b)) * (first + last))
        add_pool(people, share * first, share * last, i, sums)


@part
def smooth_rates(odds: Float32Array, shape: Float32Array, rates: Float32Array) -> None:
    """Overwrite rows 0 and 1 of `rates` float32[4 * GROUP]: shares of the pool's people over all units."""
    a, b, c, d = shape[0], shape[1], shape[2], shape[3]
    for i in range(GROUP):
        come, choose = odds[i], odds[GROUP + i]
        come_yes, first, last = _yes(come, a, b), _yes(choose, c, d), _no(choose, c, d)
        share = come_yes / ((come_yes + _no(come, a, b)) * (first + last))
        rates[i] = share * first
        rates[GROUP + i] = share * last
