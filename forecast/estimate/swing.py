"""Plain swing: what reported units moved by in log-odds since the first round, applied to those that are out.

The rival of every forecast of a night: one number for the split, one factor for the turnout, no model.
"""

from __future__ import annotations

import numpy as np

from runoff.arithmetic.functions import log
from runoff.arithmetic.matrices import product
from runoff.estimate.logistic import logistic
from runoff.estimate.ratios.shares import shares, with_last
from runoff.race import FloatArray

_PRIOR = 20.0  # votes of the race's own split that a unit's is drawn by
_ROUNDS = 60  # of bisection
_MOST = 20.0  # log-odds that a swing moves at most


def first_lean(votes: FloatArray) -> FloatArray:
    """Log-odds of two finalists in the first round, float64[U], of their votes float64[U, 2]; small units drawn in."""
    share = votes[:, 0].sum() / max(votes.sum(), 1.0)
    share = min(max(share, 1e-6), 1.0 - 1e-6)
    drawn = votes + _PRIOR * np.array([share, 1.0 - share])
    result: FloatArray = log(drawn[:, 0] / drawn[:, 1])
    return result


def first_ratios(votes: FloatArray) -> FloatArray:
    """Log-ratios of several finalists to the last one in the first round, float64[K - 1, U], of votes float64[U, K]."""
    share = np.clip(votes.sum(axis=0) / max(votes.sum(), 1.0), 1e-6, 1.0)
    drawn = log(votes + _PRIOR * share / share.sum())
    result: FloatArray = (drawn[:, :-1] - drawn[:, -1:]).T
    return result


def swung_lead(ratios: FloatArray, before: FloatArray, counted: FloatArray, known: np.ndarray) -> float | None:
    """The first finalist's final lead over the best other where there are several; see `swung_margin`.

    Parameters
    ----------
    ratios : float64[K - 1, U], log-ratios of the first round.  before : float64[U].  counted : float64[U, K].
    known : bool[U].

    """
    held = counted[known].sum(axis=0)
    if not held.sum() > 0.0 or not before[known].sum() > 0.0:
        return None
    weight, swing, every = counted[known].sum(axis=1), np.zeros(len(held)), with_last(ratios)
    for _ in range(_ROUNDS):  # each finalist's swing by what it lacks, until the reported units have their votes
        due = (weight * _swung(every[:, known], swing)).sum(axis=1)
        swing = np.clip(swing + log(np.maximum(held, 1e-9) / due), -_MOST, _MOST)
    left = before[~known] * (held.sum() / before[known].sum())
    final = held + (left * _swung(every[:, ~known], swing)).sum(axis=1)
    return float((final[0] - final[1:].max()) / final.sum())


def _swung(every: FloatArray, swing: FloatArray) -> FloatArray:
    """Shares float64[K, U] of log-ratios with the last finalist's, moved by a swing float64[K]."""
    moved = every + swing[:, None]
    result: FloatArray = shares(moved[:-1] - moved[-1])
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
    low, high = -_MOST, _MOST
    for _ in range(_ROUNDS):  # the swing that gives the reported units their votes
        swing = 0.5 * (low + high)
        more = float(product(weight, logistic(lean[known] + swing))) < held[0]
        low, high = (swing, high) if more else (low, swing)
    left = before[~known] * (held.sum() / before[known].sum())
    share = logistic(lean[~known] + swing)
    first, second = held[0] + float(product(left, share)), held[1] + float(product(left, 1.0 - share))
    return float((first - second) / (first + second))
