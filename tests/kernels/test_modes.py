"""A night's modes in many trials: the same bits as whole arrays, one operation after the other."""

from __future__ import annotations

import numpy as np
import pytest

from runoff.arithmetic.functions import exp, log
from runoff.estimate.ratios.shares import logistic
from runoff.kernels import modes
from runoff.phases.runoff_night.model.cells import cells

DICE = np.random.default_rng(20170620)


def _drawn(shape: tuple[int, ...], size: float = 1.0) -> np.ndarray:
    return (size * DICE.normal(size=shape)).astype(np.float32)


def _plain(votes: np.ndarray, lean: np.ndarray, share: np.ndarray, by_mode: np.ndarray, steps: int) -> list[np.ndarray]:
    """Cells of two finalists as whole arrays."""
    shifted = share - share.max(axis=0)
    weight = exp(shifted)
    everything = weight.sum(axis=0)
    weight = weight / everything
    odds = lean - (weight * by_mode).sum(axis=0) + by_mode
    for _ in range(steps):
        part = weight * logistic(odds)
        away = part.sum(axis=0) - logistic(lean)
        slope = away + logistic(lean) - (part * logistic(odds)).sum(axis=0)
        odds = odds - away / np.maximum(slope, np.float32(1e-6))
    return [votes + shifted - log(everything), odds]


@pytest.mark.parametrize("n_modes", [2, 3, 5])
@pytest.mark.parametrize("steps", [0, 1, 3])
@pytest.mark.parametrize("shape", [(1, 1), (7, 40), (3, 600)])
def test_cells_of_two_are_those_of_whole_arrays(n_modes: int, steps: int, shape: tuple[int, int]) -> None:
    """Log votes and log-odds of modes are equal to the bit, whatever the blocks, with leans beyond all shares too."""
    votes, lean = _drawn(shape) + np.float32(7.0), _drawn(shape, 30.0)
    share, by_mode = _drawn((n_modes, *shape), 20.0), _drawn((n_modes, *shape))
    share[0, 0, 0], lean[0, 0] = np.float32(-200.0), np.float32(95.0)
    log_votes, odds = cells(votes, lean[None], share, by_mode[None], steps)
    first, second = _plain(votes, lean, share, by_mode, steps)
    assert log_votes.dtype == odds.dtype == np.float32
    assert np.array_equal(log_votes, first)
    assert np.array_equal(odds[0], second)


def test_modes_add_up_to_their_unit() -> None:
    """After some steps modes' votes add up to the unit's, and their splits to its split, as float32 can hold it."""
    shape = (5, 300)
    votes, lean = _drawn(shape) + np.float32(7.0), _drawn(shape)
    log_votes, odds = cells(votes, lean[None], _drawn((4, *shape)), _drawn((4, 5, 300))[None], 8)
    mode_votes = np.exp(log_votes.astype(np.float64))
    assert np.allclose(mode_votes.sum(axis=0), np.exp(votes.astype(np.float64)), rtol=3e-6)
    first = (mode_votes / (1.0 + np.exp(-odds[0].astype(np.float64)))).sum(axis=0)
    assert np.allclose(first / mode_votes.sum(axis=0), 1.0 / (1.0 + np.exp(-lean.astype(np.float64))), atol=3e-6)


def test_units_have_what_their_region_has_and_their_slopes() -> None:
    """Rows of units are those of their regions with the base added, then slopes times where they lie, to the bit."""
    by_region, base, region = _drawn((3, 2, 50)), _drawn((3, 7)), np.array([0, 1, 1, 0, 1, 0, 0])
    slope, at, out = _drawn((3, 50)), _drawn((7,)), np.empty((3, 7, 50), np.float32)
    modes.over_units(by_region, region, base, out)
    assert np.array_equal(out, by_region[:, region] + base[..., None])
    expected = out + slope[:, None, :] * at[:, None]
    modes.add_slopes(slope, at, out)
    assert np.array_equal(out, expected)
