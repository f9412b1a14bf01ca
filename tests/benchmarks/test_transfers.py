"""How intervals of estimates are judged."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.transfers import held

RNG = np.random.default_rng(4)


@pytest.mark.parametrize("level", [0.5, 0.9])
@pytest.mark.parametrize("mean", [0.3, 2.0, 400.0])
def test_truths_of_the_draws_law_are_held_as_often_as_said(level: float, mean: float) -> None:
    """Each draw taken for the truth in turn: exactly the level, however few people there are and however many ties."""
    draws = RNG.poisson(mean, 2_000).astype(float)
    found = np.array([held(draws[:, None], np.array([truth]), level)[0] for truth in draws])
    assert found.mean() == pytest.approx(level, abs=1e-12)


def test_what_is_outside_is_not_held() -> None:
    """Beyond all draws nothing is held; between two draws in the middle all is."""
    draws = np.arange(100.0)[:, None]
    assert held(draws, np.array([1000.0]), 0.9)[0] == 0.0
    assert held(draws, np.array([-1.0]), 0.9)[0] == 0.0
    assert held(draws, np.array([49.5]), 0.5)[0] == 1.0
