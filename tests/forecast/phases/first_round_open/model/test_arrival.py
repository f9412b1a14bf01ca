"""What the regressions expect of cells that are out, beside the distance that an order says."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from runoff.estimate.hierarchical.cells import Forecast
from runoff.phases.first_round_open.model.arrival import _expected


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
