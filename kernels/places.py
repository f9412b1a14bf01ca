"""What units have of their own beside their pools: a slope on their lean, and effects that add up to nothing.

`runoff.simulate.places` makes the arrays and says what they mean.  A pool's log-odds are bent so that the slope and the
effects leave its rate over the race as it was: L' = q0 + q1 d + ... + q4 d^4 with d = L - location, and q
polynomials in the slope's normal.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from runoff.kernels._jit import part, scalar
from runoff.kernels.fused import fma
from runoff.kernels.philox import GROUP

POWERS, TERMS = 5, 7  # of the polynomials in log-odds, and in the slope's normal
MOST_NORMAL = 4.5  # beyond which the polynomials stay as they are
_f = np.float32
_ZERO, _ONE = _f(0.0), _f(1.0)
_SCALE = _f(1.0 / MOST_NORMAL)


@scalar
def _polynomial(c: npt.NDArray[np.float32], v: np.float32) -> np.float32:
    return fma(fma(fma(fma(fma(fma(c[6], v, c[5]), v, c[4]), v, c[3]), v, c[2]), v, c[1]), v, c[0])


@part
def bend(
    q: npt.NDArray[np.float32], location: np.float32, slope: npt.NDArray[np.float32], row: npt.NDArray[np.float32]
) -> None:
    """Bend a pool's log-odds `row` float32[GROUP] by q float32[POWERS, TERMS] at the slope's normals float32[GROUP]."""
    for i in range(GROUP):
        v = min(max(slope[i] * _SCALE, -_ONE), _ONE)
        d = row[i] - location
        bent = fma(fma(_polynomial(q[4], v), d, _polynomial(q[3], v)), d, _polynomial(q[2], v))
        row[i] = fma(fma(bent, d, _polynomial(q[1], v)), d, _polynomial(q[0], v))


@part
def uncross(
    cross: npt.NDArray[np.float32],
    turnout: npt.NDArray[np.float32],
    slope: npt.NDArray[np.float32],
    row: npt.NDArray[np.float32],
) -> None:
    """Take from a pool's log-ratio what both slopes do together: who comes where they lean changes what is chosen.

    cross : float32[2], at the mean slope of preference and by its normal.  turnout, slope : both slopes' normals.
    """
    mean, by_normal = cross[0], cross[1]
    for i in range(GROUP):
        row[i] = fma(fma(by_normal, slope[i], mean), turnout[i], row[i])


@part
def centre_regions(
    centre: npt.NDArray[np.float32],
    first: int,
    ratios: int,
    factors: npt.NDArray[np.float32],
    mean: npt.NDArray[np.float32],
) -> None:
    """Take the mean effect of regions out of their factors, in place.

    centre : float32[2, R], regions' weights of turnout and preference, of length 1, or nought.  first : the row of the
    first region's factors in `factors` float32[F, GROUP]; each has one of turnout and `ratios` of preference.
    mean : float32[GROUP], scratch.
    """
    for m in range(ratios + 1):
        weight = centre[min(m, 1)]
        for i in range(GROUP):
            mean[i] = _ZERO
        for r in range(weight.size):
            row = factors[first + r * (ratios + 1) + m]
            for i in range(GROUP):
                mean[i] = fma(weight[r], row[i], mean[i])
        for r in range(weight.size):
            row = factors[first + r * (ratios + 1) + m]
            for i in range(GROUP):
                row[i] = fma(-weight[r], mean[i], row[i])


@part
def settle(
    scale: np.float32,
    pull: np.float32,
    weight: np.float32,
    drift: npt.NDArray[np.float32],
    normal: npt.NDArray[np.float32],
) -> None:
    """Make a unit's effect of its `normal`, in place, and add it to the sum so far, `drift`: float32[GROUP] each."""
    for i in range(GROUP):
        own = fma(scale, normal[i], pull * drift[i])
        normal[i] = own
        drift[i] = fma(weight, own, drift[i])
