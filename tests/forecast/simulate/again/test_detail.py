"""Trials drawn again, group by group, and the names of their factors."""

from __future__ import annotations

import numpy as np
import pytest

from runoff.kernels.philox import GROUP
from runoff.simulate.again.detail import groups
from runoff.simulate.again.factors import Factor, named
from runoff.simulate.driver import draw
from runoff.simulate.inputs import to_inputs
from tests.builders import split_way, three_way


def test_trials_are_the_drivers_on_any_threads() -> None:
    """Any range of trials, cut in groups, has the votes that the driver's listener hears, in order."""
    inputs = to_inputs(split_way(), 3)
    heard = np.zeros((5_000, 2), np.int64)

    def hear(first: int, votes: np.ndarray, _: np.ndarray) -> None:
        heard[first : first + len(votes)] = votes

    draw(inputs, 5_000, threads=2, on_votes=hear)
    for threads, (first, last) in ((1, (0, 5_000)), (3, (700, 3_100)), (2, (1_024, 1_025))):
        found = list(groups(inputs, first, last, threads=threads))
        assert [group.first for group in found] == sorted(group.first for group in found)
        assert found[0].first == first
        assert (np.concatenate([group.votes for group in found]) == heard[first:last]).all()
        assert max(len(group.votes) for group in found) <= GROUP


def test_whoever_stops_listening_ends_the_drawing() -> None:
    """A million trials are asked for and two groups taken: the others are not drawn, and no thread stays."""
    done: list[int] = []
    found = groups(to_inputs(split_way(), 3), 0, 10**6, threads=2, on_progress=lambda n, _: done.append(n))
    assert next(found).first == 0
    assert next(found).first == GROUP
    found.close()  # type: ignore[attr-defined]  # a generator
    assert done == [GROUP]


@pytest.mark.parametrize("build", [split_way, three_way])
def test_every_factor_has_its_name(build: object) -> None:
    """No stream of a model is without one, and the last pool's own turnout is told as that."""
    assert callable(build)
    of = build()
    inputs = to_inputs(of, 1)
    found = named(of, inputs.factor_stream)
    assert len(set(found)) == len(found)
    assert all(factor.rate in ("turnout", "preference") for factor in found)
    place = int(inputs.turnout_factor[-1, 2])
    assert found[place] == Factor("turnout", "pool", of.pools[-1].name, "")
    first = int(inputs.preference_factor[0, 1])
    assert found[first] == Factor("preference", "bloc", of.pools[0].bloc, of.finalists[0])
