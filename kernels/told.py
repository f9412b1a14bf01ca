"""One group of trials told in detail: the same parts as `transfer`, with nothing added up over trials.

What a group was is then in `scratch`: factors, whole votes, weights, and the expected votes of pools and blocs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from runoff.kernels._jit import entry
from runoff.kernels._types import Int32Array, Int64Array
from runoff.kernels.arrays import Inputs, Scratch
from runoff.kernels.noise import fill
from runoff.kernels.philox import GROUP
from runoff.kernels.transfer import begin_plain, begin_updated, simulate_unit


def _kernel(name: str, begin: Any, seconds: int) -> Any:
    """The kernel with its part that evidence changes: what is not needed is not compiled."""

    def kernel(
        inputs: Inputs, number: int, places: Int64Array, first: Int64Array, scratch: Scratch, place_votes: Int32Array
    ) -> None:
        group = np.uint64(number)
        begin(inputs, group, scratch)
        for k in range(scratch.votes.shape[0]):
            fill(scratch.votes[k], np.int32(0))
        for row in range(scratch.row_votes.shape[0]):
            for k in range(scratch.row_votes.shape[1]):
                fill(scratch.row_votes[row, k], 0.0)
        for place in range(place_votes.shape[0]):
            for k in range(place_votes.shape[1]):
                fill(place_votes[place, k], np.int32(0))
        for unit in range(inputs.people.shape[0]):
            simulate_unit(inputs, unit, group, True, scratch)
            for k in range(scratch.votes.shape[0]):
                total, votes = scratch.votes[k], scratch.unit_votes[k]
                for i in range(GROUP):
                    total[i] += votes[i]
                for at in range(first[unit], first[unit + 1]):
                    target = place_votes[places[at], k]
                    for i in range(GROUP):
                        target[i] += votes[i]

    kernel.__qualname__ = kernel.__name__ = name
    return entry(kernel, seconds)


tell_plain = _kernel("tell_plain", begin_plain, seconds=5)
tell_updated = _kernel("tell_updated", begin_updated, seconds=7)


def tell_group(
    inputs: Inputs, number: int, places: Int64Array, first: Int64Array, scratch: Scratch, place_votes: Int32Array
) -> None:
    """Draw trials number * GROUP to (number + 1) * GROUP - 1 of a run, to the bit, into `scratch`.

    Unit u counts towards the places `places[first[u] : first[u + 1]]`, first : int64[U + 1]; their votes overwrite
    `place_votes` int32[P, K, GROUP].  `scratch` then has factors, votes, row_votes (expected votes of pools and
    blocs, summed over units) and, after evidence, weights.
    """
    tell = tell_updated if inputs.direction.shape[0] > 0 else tell_plain
    tell(inputs, number, places, first, scratch, place_votes)
