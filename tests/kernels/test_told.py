"""A group told in detail beside the kernel that tallies it: the same bits."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from runoff.kernels.arrays import Inputs, new_scratch, new_tallies
from runoff.kernels.philox import GROUP
from runoff.kernels.told import tell_group
from runoff.kernels.transfer import run_groups
from runoff.model.pools import Model
from runoff.simulate.driver import whole
from runoff.simulate.inputs import to_inputs
from tests.builders import split_way, three_way, two_way
from tests.kernels.test_evidence import observed


def _plain(of: Model) -> Inputs:
    return to_inputs(of, 5)


def _updated(of: Model) -> Inputs:
    return observed(of)[0]


@pytest.mark.parametrize("made", [_plain, _updated])
@pytest.mark.parametrize("build", [two_way, split_way, three_way])
def test_a_group_told_is_the_group_tallied(build: Callable[[], Model], made: Callable[[Model], Inputs]) -> None:
    """Votes and weights of each trial are the kernel's, units and pools add up to its tallies, of groups 0 and 3."""
    inputs = made(build())
    units, k = len(inputs.people), inputs.count_stream.shape[1]
    weighted = inputs.direction.shape[0] > 0
    each = np.arange(units, dtype=np.int64), np.arange(units + 1, dtype=np.int64)
    for number in (0, 3):
        votes, weights = np.empty((GROUP, k), np.int32), np.empty(GROUP if weighted else 0, np.int64)
        tallies, scratch = new_tallies(inputs, units=True), new_scratch(inputs)
        first = number * GROUP
        run_groups(inputs, first, first + GROUP, first + GROUP, scratch, tallies, votes, weights)
        told, places = new_scratch(inputs), np.empty((units, k, GROUP), np.int32)
        tell_group(inputs, number, *each, told, places)
        assert (votes == told.votes.T).all()
        assert (places.sum(axis=0) == told.votes).all()
        own = told.weight if weighted else np.ones(GROUP, np.int64)
        if weighted:
            assert (own == weights).all()
        for u in range(units):
            for c in range(k):
                assert whole(tallies.unit_votes[u, c, 0]) == int((own * places[u, c]).sum())
        assert (told.row_votes == scratch.row_votes).all()
        assert (told.factors == scratch.factors).all()


def test_a_unit_may_be_in_no_place_and_in_several() -> None:
    """Places are sums of the units that name them."""
    inputs = _plain(split_way())
    units, k = len(inputs.people), inputs.count_stream.shape[1]
    each = np.empty((units, k, GROUP), np.int32)
    tell_group(inputs, 1, np.arange(units), np.arange(units + 1), new_scratch(inputs), each)
    some = np.empty((2, k, GROUP), np.int32)
    tell_group(inputs, 1, np.array([0, 1, 1]), np.array([0, 1, 2, 3, 3]), new_scratch(inputs), some)
    assert (some[0] == each[0]).all()
    assert (some[1] == each[1] + each[2]).all()
