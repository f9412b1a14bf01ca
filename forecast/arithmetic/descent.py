"""Where a smooth function of a few numbers is least, between bounds: the same bits on every CPU.

Quasi-Newton steps (BFGS) of the numbers that are free, thrown back on the bounds; a number at its bound is free again
when the slope leads inwards.

Source: Bertsekas (1982), Projected Newton methods for optimization problems with simple constraints,
doi:10.1137/0320018; Nocedal and Wright (2006), Numerical optimization, algorithm 6.1.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from runoff.arithmetic.matrices import Matrix, product

_ROUNDS = 200
_FLAT = 1e-5  # slope that is none, where nobody says
_STILL = 1e-9  # relative change of the value that is none
_HALVINGS = 25
_ENOUGH = 1e-4  # of what the slope promises
_STRIDE = 1.0  # that the first step moves any number at most


def least(
    of: Callable[[Matrix], tuple[float, Matrix]], start: Matrix, low: Matrix, high: Matrix, flat: float = _FLAT
) -> Matrix:
    """A local minimum float64[n], within low and high, of a function that gives its value and slopes float64[n].

    flat : a slope that is none.
    """
    x = np.minimum(np.maximum(start, low), high)
    value, slope = of(x)
    inverse = np.eye(len(x)) * (_STRIDE / max(float(np.abs(slope).max(initial=0.0)), _STRIDE))
    for _ in range(_ROUNDS):
        free = ~(((x <= low) & (slope >= 0.0)) | ((x >= high) & (slope <= 0.0)))
        if float(np.abs(np.where(free, slope, 0.0)).max(initial=0.0)) < flat:
            break
        both = free[:, None] & free[None, :]
        way = np.where(free, -product(np.where(both, inverse, 0.0), np.where(free, slope, 0.0)), 0.0)
        if not float((way * slope).sum()) < 0.0:
            inverse, way = np.eye(len(x)), np.where(free, -slope, 0.0)
        part = 1.0
        for _ in range(_HALVINGS):
            ahead = np.minimum(np.maximum(x + part * way, low), high)
            found, there = of(ahead)
            if found <= value + _ENOUGH * float((slope * (ahead - x)).sum()):
                break
            part *= 0.5
        else:
            break
        step, change, gain = ahead - x, there - slope, value - found
        bent = float((step * change).sum())
        if bent > 1e-12 * float((step * step).sum()):
            turned = product(inverse, change)
            inverse = inverse - (np.outer(turned, step) + np.outer(step, turned)) / bent
            inverse += np.outer(step, step) * ((1.0 + float((change * turned).sum()) / bent) / bent)
        x, value, slope = ahead, found, there
        if gain <= _STILL * max(abs(value), 1.0):
            break
    return x
