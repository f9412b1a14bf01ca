"""What float32 costs: every trial beside the float64 twin's, fed with the same random words.

The twin is that of the tests (`tests/naive.py`), NumPy in float64 with nothing of the kernels but their arrays.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from runoff.kernels.arrays import new_scratch, new_tallies
from runoff.kernels.philox import GROUP
from runoff.kernels.transfer import run_groups
from runoff.model.pools import build
from runoff.runfile.load import load
from runoff.simulate.inputs import to_inputs
from tests import naive

_GROUPS = 100  # at a time


@dataclass(frozen=True)
class Difference:
    """Over `trials`: the largest difference of a total in votes, and that of the win probabilities."""

    trials: int
    votes: int
    probability: float


def difference(path: Path, trials: int) -> Difference:
    """Draw at least so many trials both ways; each part of a hundred groups with a seed of its own."""
    inputs = to_inputs(build(load(path)), 0)
    size = _GROUPS * GROUP
    parts, worst, more = -(-trials // size), 0, 0
    votes, none = np.empty((size, 2), np.int32), np.empty(0, np.int64)
    for part in range(parts):
        mine = inputs._replace(seed=np.uint64(part))
        run_groups(mine, 0, size, 0, new_scratch(mine), new_tallies(mine, units=False), votes, none)
        exact = naive.votes(mine, _GROUPS).sum(axis=1)
        worst = max(worst, int(np.abs(votes - exact).max()))
        more += int((votes[:, 0] > votes[:, 1]).sum()) - int((exact[:, 0] > exact[:, 1]).sum())
    return Difference(parts * size, worst, abs(more) / (parts * size))
