"""What the regressions expect of cells that are out, beside the distance that an order says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import special

from runoff.data.counts.baseline import Baseline
from runoff.estimate.hierarchical.cells import Forecast
from runoff.phases.first_round_open.model.arrival import _expected, _likelier
from runoff.phases.first_round_open.model.design import Known
from tests import night


def _forecast(*means: float) -> Forecast:
    """A forecast of cells with these means, in two sets of spreads."""
    mean = np.array([means, means]) + np.array([[0.1], [-0.1]])
    none = np.zeros_like(mean)
    return Forecast(mean, none[:, :, None], none, none, none[:, :1], np.zeros(0))


def test_what_is_expected_of_the_rest_is_a_mean_over_its_places() -> None:
    """Two splits, a place and three together: log-odds of each candidate's share against all others, by hand."""
    found = _expected((_forecast(0.2, -0.4), _forecast(-1.0, 0.5)), np.array([1.0, 3.0]))
    first = special.expit(np.array([0.2, -0.4]))
    second = (1.0 - first) * special.expit(np.array([-1.0, 0.5]))
    by_hand = [np.average(special.logit(share), weights=[1, 3]) for share in (first, second)]
    assert found == pytest.approx(by_hand)


def test_places_that_lean_against_somebody_are_not_his_strongholds(tmp_path: Path) -> None:
    """What is in leans to one side, and its places say whose that is: the order by the other's strongholds is out."""
    count = night.counted(night.loaded(tmp_path, [f"{unit},day,out" for unit in night.UNITS[5:]]))
    day = count.modes.index("day")
    lean = np.array([-0.5, -0.4, -0.3, -0.2, -0.1, 0.1, 0.2, 0.3, 0.4, 0.5])
    first, second = 1_000.0 / (1.0 + np.exp(-lean)), 1_000.0 / (1.0 + np.exp(lean))
    one_region = replace(count.first_round, regions=("",) * 10)
    alike = np.full(10, 2_500)
    alike[::2] += 1  # or no size would be known
    count = replace(count, first_round=one_region, registered=alike, baseline=Baseline(first, second, None, None))
    known = Known(count)
    ada = 1_000.0 / (1.0 + np.exp(-lean))
    votes = np.stack([ada, 1_000.0 - ada, np.full(10, 10.0)], axis=1)
    (top, bottom), (of_second, to_second) = _likelier(count, known, day, votes)
    assert bottom > 1.0 > top
    assert of_second > 1.0 > to_second
    turned = _likelier(count, known, day, votes[:, [1, 0, 2]])
    assert turned == pytest.approx(np.array([[of_second, to_second], [top, bottom]]), rel=0.05)
