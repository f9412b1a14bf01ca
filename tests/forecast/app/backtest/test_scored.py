from __future__ import annotations

import math

import numpy as np
import pytest

from runoff.app.backtest.scored import crps, log_score, pit
from runoff.estimate.scores import crps_normal
from runoff.simulate.driver import PPM, SHARE_BIN

_BIN = SHARE_BIN / PPM


def _normal(mean: float, sd: float) -> np.ndarray:
    ends = -1.0 + _BIN * np.arange(1, round(2 / _BIN) + 1)
    return np.array([0.5 * (1 + math.erf((end - mean) / sd / math.sqrt(2))) for end in ends])


@pytest.mark.parametrize(("mean", "sd", "truth"), [(0.0, 0.1, 0.05), (0.2, 0.03, -0.1), (-0.3, 0.2, -0.3)])
def test_crps_of_bins_is_the_normals_closed_form(mean: float, sd: float, truth: float) -> None:
    """Within a bin's width."""
    expected = crps_normal(np.array([mean]), np.array([sd]), np.array([truth]))[0]
    assert crps(_normal(mean, sd), truth) == pytest.approx(float(expected), abs=_BIN)


def test_pit_is_the_place_in_the_distribution() -> None:
    """The median has a half, what lies below everything nought, above everything one."""
    found = _normal(0.1, 0.05)
    assert pit(found, 0.1) == pytest.approx(0.5, abs=0.01)
    assert pit(found, -0.9) == pytest.approx(0.0, abs=1e-6)
    assert pit(found, 0.9) == pytest.approx(1.0, abs=1e-6)


def test_log_scores_have_known_answers() -> None:
    """Half is log 2 whatever comes; a tie is half of both; certainty that fails is finite."""
    assert log_score(0.5, 1.0) == pytest.approx(math.log(2))
    assert log_score(0.8, 0.5) == pytest.approx(-0.5 * (math.log(0.8) + math.log(0.2)))
    assert log_score(0.0, 1.0) == pytest.approx(-math.log(1e-6))
