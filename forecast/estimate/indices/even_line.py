"""Where half is won in the plane of two rates: the line along which the probit of the win probability is nought."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from runoff.race import FloatArray

_FEWEST = 6  # cells in which some trials are won and some lost
_EDGE = 1e-6  # keeps log-odds finite
_SURE = 5.0  # standard errors of a slope: else the line is noise


def even_line(x: FloatArray, y: FloatArray, trials: FloatArray, wins: FloatArray, at: Sequence[float]) -> list[float]:
    """The second rate at which half is won, for each first rate in `at`; NaN for all where the cells do not tell.

    Rates are nearly normal in log-odds and the margin given two of them too, hence the probit of the chance is nearly
    linear in both log-odds, as in `tallied.break_even` of one rate: a plane through the cells by weighted least
    squares, and where it is nought.

    Parameters
    ----------
    x, y : float64[n], rates of each cell.  trials, wins : float64[n], in it.
    """
    none = [math.nan] * len(at)
    usable = (wins > 0) & (wins < trials)
    if usable.sum() < _FEWEST:
        return none
    count = trials[usable]
    p = (wins[usable] + 0.5) / (count + 1.0)
    normal = NormalDist()
    probit = np.array([normal.inv_cdf(float(value)) for value in p])
    weight = count * np.exp(-(probit**2)) / (2.0 * math.pi) / (p * (1.0 - p))
    plane = np.column_stack([np.ones(count.size), _log_odds(x[usable]), _log_odds(y[usable])])
    information = plane.T @ (weight[:, None] * plane)
    if np.linalg.matrix_rank(information) < 3:
        return none
    middle, by_x, by_y = np.linalg.solve(information, plane.T @ (weight * probit))
    if abs(by_y) < _SURE * math.sqrt(float(np.linalg.inv(information)[2, 2])):
        return none
    odds = -(middle + by_x * _log_odds(np.asarray(at, np.float64))) / by_y
    return [1.0 / (1.0 + math.exp(-min(max(float(one), -40.0), 40.0))) for one in odds]


def _log_odds(rate: FloatArray) -> FloatArray:
    held: FloatArray = np.clip(rate, _EDGE, 1.0 - _EDGE)
    return np.log(held) - np.log1p(-held)
