"""How many vote in a runoff for one who voted in the first round, by what kind of race it is and on what days.

    log(runoff votes / first-round votes) = its stratum's mean + what days and primaries add + Student's t

Elsewhere than in the United States both rounds are held for this race alone; there a first round may fall on a general
election's day, whose voters do not come back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from runoff.arithmetic.matrices import product, solve
from runoff.model.prior.fitted.fields import STRATA
from runoff.race import FloatArray, Int64Array

OCCASIONS = ("first_with_president", "first_with_midterm", "runoff_with_general", "primary_d")
_FREEDOM = 4.0  # of Student's t
_STRATUM_SD, _OCCASION_SD = 0.5, 0.5  # of the coefficients beforehand
_LEVEL = {"us_state": -0.5, "us_legislature": -0.3}  # beforehand; elsewhere 0
_SPREAD, _WORTH = {"us_state": 0.35, "us_legislature": 0.25, "municipal": 0.15, "unknown": 0.3}, 10.0
_USUAL_SPREAD = 0.1
_WIDER = 1.2  # what a left-out race needs more


@dataclass(frozen=True, slots=True)
class TurnoutLaw:
    """level, sd : float64[strata], of the log turnout ratio; occasions : float64[4], what each adds."""

    level: FloatArray
    sd: FloatArray
    occasions: FloatArray

    def expected(self, stratum: int, occasions: FloatArray) -> tuple[float, float]:
        """Mean and standard deviation of a race's log turnout ratio."""
        return float(self.level[stratum] + product(occasions, self.occasions)), float(self.sd[stratum])


def general_election(day: dt.date) -> bool:
    """Whether the United States hold a general election: the Tuesday after November's first Monday, in even years."""
    return day.month == 11 and day.weekday() == 1 and 2 <= day.day <= 8 and day.year % 2 == 0


def occasions_of(first: dt.date, runoff: dt.date, united_states: bool, primary_d: bool) -> FloatArray:
    """Which of OCCASIONS hold for a race: float64[4] of 0 and 1."""
    if not united_states:
        return np.zeros(len(OCCASIONS))
    general = general_election(first)
    said = (general and first.year % 4 == 0, general and first.year % 4 == 2, general_election(runoff), primary_d)
    return np.array(said, np.float64)


def turnout_law(log_ratio: FloatArray, stratum: Int64Array, occasions: FloatArray) -> TurnoutLaw:
    """The law of races' log ratios float64[N] by stratum int64[N] and occasions float64[N, 4]; N may be 0."""
    strata = len(STRATA)
    x = np.concatenate([np.eye(strata)[stratum], occasions], axis=1)
    mean = np.array([*(_LEVEL.get(name, 0.0) for name in STRATA), *(0.0 for _ in OCCASIONS)])
    before = np.array([_STRATUM_SD] * strata + [_OCCASION_SD] * len(OCCASIONS))
    sd = np.array([_SPREAD.get(name, _USUAL_SPREAD) for name in STRATA])
    beta, usual = mean.copy(), sd.copy()
    for _ in range(50):
        z = (log_ratio - product(x, beta)) / sd[stratum]
        weight = (_FREEDOM + 1.0) / (_FREEDOM + z * z)
        light = x * (weight / sd[stratum] ** 2)[:, None]
        precision = product(light.T, x) + np.diag(1.0 / (before * before))
        beta = mean + solve(precision, product(light.T, log_ratio - product(x, mean)))
        many = np.bincount(stratum, minlength=strata)
        squares = np.bincount(stratum, weight * (log_ratio - product(x, beta)) ** 2, strata)
        sd = np.sqrt((squares + _WORTH * usual**2) / (many + _WORTH))
    return TurnoutLaw(beta[:strata], sd * _WIDER * np.sqrt(_FREEDOM / (_FREEDOM - 2.0)), beta[strata:])


def occasions_by_race(
    days: Sequence[tuple[dt.date, dt.date]], united_states: Sequence[bool], primary_d: Sequence[bool]
) -> FloatArray:
    """`occasions_of` for many races: float64[N, 4]."""
    rows = [occasions_of(*pair, us, d) for pair, us, d in zip(days, united_states, primary_d, strict=True)]
    return np.array(rows, np.float64).reshape(-1, len(OCCASIONS))
