"""Plain swing: what reported units moved by in log-odds since the first round, applied to those that are out.

The rival of every forecast of a night: one number for the split, one factor for the turnout, no model.
"""

from __future__ import annotations

import numpy as np

from runoff.estimate.logistic import logistic
from runoff.race import FloatArray

_PRIOR = 20.0  # votes of the race's own split that a unit's is drawn by
_ROUNDS = 60  # of bisection


def first_lean(votes: FloatArray) -> FloatArray:
    """Log-odds of two finalists in the first round, float64[U], of their votes float64[U, 2]; small units drawn in."""
    share = votes[:, 0].sum() / max(votes.sum(), 1.0)
    share = min(max(share, 1e-6), 1.0 - 1e-6)
    drawn = votes + _PRIOR * np.array([share, 1.0 - share])
    result: FloatArray = np.log(drawn[:, 0] / drawn[:, 1])
    return result


def swung_margin(lean: FloatArray, before: FloatArray, counted: FloatArray, known: np.ndarray) -> float | None:
    """Final margin if units that are out swing, and turn out, as those that are in; None where nothing is in.

    Parameters
    ----------
    lean : float64[U], log-odds of the first round.  before : float64[U], all votes of the first round.
    counted : float64[U, 2], votes of the runoff.  known : bool[U], which units are in.

    """
    held = counted[known].sum(axis=0)
    if not held.sum() > 0.0 or not before[known].sum() > 0.0:
        return None
    weight = counted[known].sum(axis=1)
    low, high = -20.0, 20.0
    for _ in range(_ROUNDS):  # the swing that gives the reported units their votes
        swing = 0.5 * (low + high)
        more = float(weight @ logistic(lean[known] + swing)) < held[0]
        low, high = (swing, high) if more else (low, swing)
    left = before[~known] * (held.sum() / before[known].sum())
    share = logistic(lean[~known] + swing)
    first, second = held[0] + float(left @ share), held[1] + float(left @ (1.0 - share))
    return float((first - second) / (first + second))
