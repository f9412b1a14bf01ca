"""What a run is stopped by."""

from __future__ import annotations

import math

import numpy as np
import pytest

from runoff.kernels.arrays import new_tallies
from runoff.simulate.driver import Drawn, largest_se
from runoff.simulate.inputs import to_inputs
from tests.builders import two_way


def test_largest_se_is_never_zero() -> None:
    """A run in which nobody has won yet is not taken for certain; weights count by what they are worth."""

    def drawn(*wins: int, weights: tuple[int, int] = (0, 0)) -> Drawn:
        tallies = new_tallies(to_inputs(two_way(), 1), units=False)
        tallies.wins[:] = wins
        tallies.weight[:, 0] = weights
        return Drawn(tallies, 100, 0, 0.0, weighted=any(weights))

    assert largest_se(drawn(0, 100)) > 0.005
    assert largest_se(drawn(50, 50)) == pytest.approx(math.sqrt(0.25 / 100))
    # 100 trials, of which half have weight 3 and half 1: worth 80
    half = drawn(100, 100, weights=(200, 500))
    assert largest_se(half) == pytest.approx(math.sqrt(0.25 / 80))
    assert np.isclose(half.effective, 80.0)
