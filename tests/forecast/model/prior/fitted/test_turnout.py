from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from runoff.model.prior.fitted.fields import STRATA
from runoff.model.prior.fitted.turnout import general_election, occasions_of, turnout_law


@pytest.mark.parametrize(
    ("day", "held"),
    [("2020-11-03", True), ("2018-11-06", True), ("2016-11-01", False), ("2017-11-07", False), ("2024-11-05", True)],
)
def test_general_elections_are_known_by_their_day(day: str, held: bool) -> None:
    """The Tuesday after the first Monday of November, in even years."""
    assert general_election(dt.date.fromisoformat(day)) is held


def test_occasions_are_those_of_the_united_states() -> None:
    """Georgia's Senate of 2020 came with a president; the same days elsewhere are no occasion."""
    days = dt.date(2020, 11, 3), dt.date(2021, 1, 5)
    assert occasions_of(*days, True, False).tolist() == [1, 0, 0, 0]
    assert occasions_of(*days, False, True).tolist() == [0, 0, 0, 0]


def test_levels_are_found_and_outliers_hardly_heard() -> None:
    """Four hundred districts around -0.05, one of them at -3: the level stays within 0.01, the sd within a third."""
    rng = np.random.default_rng(1)
    ratio = rng.normal(-0.05, 0.08, 400)
    ratio[7] = -3.0
    law = turnout_law(ratio, np.zeros(400, np.int64), np.zeros((400, 4)))
    assert law.level[0] == pytest.approx(-0.05, abs=0.012)
    assert 0.08 < law.sd[0] < 0.2


def test_nothing_known_is_what_is_believed_beforehand() -> None:
    """Without a race every stratum has its usual level and spread."""
    law = turnout_law(np.zeros(0), np.zeros(0, np.int64), np.zeros((0, 4)))
    assert law.level[STRATA.index("district")] == 0.0
    assert law.level[STRATA.index("us_state")] == pytest.approx(-0.5)
    assert (law.sd > 0).all()
