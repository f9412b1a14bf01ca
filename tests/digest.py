"""Prints digests of fixed runs: started by test_digest.py in processes of many kinds.

python -m tests.digest THREADS BLOCK_GROUPS [TRIALS] [spawn]
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from dataclasses import replace
from typing import Any

import numpy as np

from runoff.kernels.arrays import Inputs
from runoff.kernels.places import POWERS, TERMS
from runoff.simulate.driver import digest, draw
from runoff.simulate.inputs import to_inputs
from tests.builders import split_way, three_way, two_way

TRIALS = 20_000


def digests(threads: int, block_groups: int, trials: int = TRIALS) -> dict[str, str]:
    """Digest of each fixed model's run."""
    result = {}
    two, three = to_inputs(two_way(), 20170620), to_inputs(three_way(), 20170620)
    cases = {
        "two_way": two, "three_way": three, "weighted": weighted(two), "summed": summed(two),
        "keen": to_inputs(replace(two_way(), enthusiasm=0.5), 20170620),
        "places": placed(three), "weighted_places": weighted(placed(to_inputs(split_way(), 20170620))),
    }  # fmt: skip
    for name, inputs in cases.items():
        drawn = draw(
            inputs,
            trials,
            threads=threads,
            block_groups=block_groups,
            detail_trials=7_000,
        )
        result[name] = digest(drawn)
    return result


def weighted(inputs: Inputs) -> Inputs:
    """The arrays with evidence made of plain numbers: three directions, two observations that watch two halves."""
    n_factors, n_pools = inputs.factor_stream.size, inputs.people.shape[1]
    direction = np.outer([0.5, -0.25, 0.125], np.cos(np.arange(n_factors))).astype(np.float32)
    half = np.arange(n_pools) % 2 == 0
    arrays: dict[str, Any] = {
        "factor_mean": np.linspace(-0.5, 0.5, n_factors),
        "direction": direction,
        "pulled": 0.25 * direction.T,
        "watched_people": np.stack([np.where(half, 1_000.0, 0.0), np.where(half, 500.0, 2_000.0)]),
        "tangent": np.array([0.25, -0.125]),
        "tangent_slope": np.array([[0.5, 0.0, 0.25], [0.125, -0.5, 0.0]]),
        "pull": np.array([0.5, -0.25]),
        "pull_slope": np.array([[0.25, 0.0, 0.0], [0.0, 0.125, 0.25]]),
        "precision": np.array([[1.0, 0.25], [0.25, 2.0]]),
    }
    single: dict[str, Any] = {name: np.ascontiguousarray(value, np.float32) for name, value in arrays.items()}
    return inputs._replace(**single, watched_ratio=np.zeros(2, np.int64))


def summed(inputs: Inputs) -> Inputs:
    """The arrays with pools bent and moved by plain numbers, the first two without spread."""
    n_pools = inputs.people.shape[1]
    smooth = np.tile(np.array([1.125, 2.625, 1.0625, 2.3125], np.float32), (n_pools, 1))
    smooth[:2] = [1.0, 2.0, 1.0, 2.0]
    load = np.full((2, n_pools, 2), 0.125, np.float32)
    return inputs._replace(smooth=smooth, local_load=load, local_factor=np.array([0, 3], np.int64))


def placed(inputs: Inputs) -> Inputs:
    """The arrays with units that lean and effects that are centred, of plain numbers."""
    units, n_pools, rows = inputs.people.shape[0], inputs.people.shape[1], inputs.count_stream.shape[1]
    bend = np.zeros((n_pools, rows, POWERS, TERMS), np.float32)
    bend[:, :, 1, 0] = 1.125
    bend += np.linspace(-1.0, 1.0, bend.size, dtype=np.float32).reshape(bend.shape) * np.float32(2.0**-7)
    lean = np.linspace(-1.0, 1.0, units * rows * 2, dtype=np.float32).reshape(units, rows, 2)
    regions = np.unique(inputs.unit_region).size
    return inputs._replace(
        slope_factor=np.array([0, 2], np.int64),
        lean=lean,
        drift=np.tile(np.array([1.0, -0.125, -0.25], np.float32), (units, 1)),
        centre=np.full((2, regions if inputs.unit_region[0] >= 0 else 0), 0.5, np.float32),
        bend=bend,
        cross=np.full((n_pools, rows - 1, 2), 0.0625, np.float32),
    )


if __name__ == "__main__":
    arguments = [int(word) for word in sys.argv[1:] if word.isdigit()]
    if "spawn" in sys.argv:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            print(json.dumps(pool.apply(digests, arguments)))
    else:
        print(json.dumps(digests(*arguments)))
