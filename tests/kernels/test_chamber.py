from __future__ import annotations

from dataclasses import replace

import numpy as np

from runoff.kernels.arrays import new_scratch, new_tallies
from runoff.kernels.chamber import BINS, draw_shocks, run_district
from runoff.kernels.fill import fill_normals
from runoff.kernels.philox import GROUP, LANES
from runoff.kernels.streams import Purpose, stream, streams, within
from runoff.kernels.transfer import run_groups
from runoff.model.chamber.fields import fields_of
from runoff.simulate.chamber.arrays import drawable
from tests import chambers
from tests.builders import NO_WEIGHTS


def _normals(keys: np.ndarray, groups: int) -> np.ndarray:
    out = np.empty((len(keys), groups * GROUP), np.float32)
    fill_normals(np.uint64(3), keys, 0, np.empty(2 * LANES, np.uint64), out)
    return out


def test_streams_of_a_race_keep_their_purpose_and_are_no_other_race_s() -> None:
    """Streams within a race have the purposes' upper bits, differ from race to race, and from those outside."""
    keys = streams(Purpose.POOL_PREFERENCE, ["Ada", "Bo"], 2)
    one, other = within(keys, "01-01"), within(keys, "01-02")
    assert (one >> np.uint64(56) == np.uint64(Purpose.POOL_PREFERENCE)).all()
    assert len({*keys.ravel().tolist(), *one.ravel().tolist(), *other.ravel().tolist()}) == 12


def test_shocks_are_a_mean_and_a_root_times_normals() -> None:
    """Each shock is its mean plus the lower root's row times the streams' normals, to a float32's rounding."""
    keys = np.array([stream(Purpose.CHAMBER_SHOCK, name) for name in "abc"], np.uint64)
    root = np.array([[0.5, 0.0, 0.0], [0.2, 0.9, 0.0], [-0.3, 0.1, 0.7]], np.float32)
    mean = np.array([0.1, -1.0, 2.0], np.float32)
    out = np.empty((3, 2 * GROUP), np.float32)
    draw_shocks(
        np.uint64(3), keys, 0, mean, root, np.empty(2 * LANES, np.uint64), np.empty((3, GROUP), np.float32), out
    )
    expected = mean[:, None] + root.astype(np.float64) @ _normals(keys, 2)
    np.testing.assert_allclose(out, expected, atol=2e-6)


def test_a_district_whose_shocks_weigh_nothing_is_the_race_that_the_trial_kernel_draws() -> None:
    """With weights of nought and its own normals kept, votes are those of `run_groups`, trial by trial."""
    of = chambers.districts()
    ready = chambers.ready(of)
    for one in ready.chamber.drawn[:4]:
        inputs = one.inputs
        k, n = inputs.count_stream.shape[1], GROUP + 300
        votes = np.empty((n, k), np.int32)
        run_groups(inputs, 0, n, 0, new_scratch(inputs), new_tallies(inputs, units=False), votes, NO_WEIGHTS)
        winner, sums, bins = np.empty(n, np.int8), np.zeros(2 + k, np.int64), np.zeros((k, BINS), np.int64)
        run_district(
            inputs, 0, n, one.rows, np.zeros_like(one.weight), np.ones_like(one.own),
            np.zeros((one.weight.shape[1], 2 * GROUP), np.float32), np.arange(k), np.ones(n, np.uint8),
            new_scratch(inputs), winner, sums, bins,
        )  # fmt: skip
        assert (winner == votes.argmax(axis=1)).all()
        assert sums[1] == votes.sum()
        assert bins.sum(axis=1).tolist() == [n] * k


def test_a_shared_factor_is_its_weights_times_the_shocks() -> None:
    """A shock that favours the first finalist of a duel lifts his share in each trial, as its weight says."""
    of = chambers.districts()
    ready = chambers.ready(of)
    one = next(d for d in ready.chamber.drawn if d.inputs.count_stream.shape[1] == 2)
    inputs, shares = one.inputs, []
    for shift in (-1.0, 0.0, 1.0):
        shocks = np.zeros((one.weight.shape[1], GROUP), np.float32)
        weight = np.zeros_like(one.weight)
        weight[1, 0], shocks[0] = 1.0, shift
        sums = np.zeros(4, np.int64)
        run_district(
            inputs, 0, GROUP, one.rows, weight, np.zeros_like(one.own), shocks, np.arange(2),
            np.ones(GROUP, np.uint8), new_scratch(inputs),
            np.empty(GROUP, np.int8), sums, np.zeros((2, BINS), np.int64),
        )  # fmt: skip
        shares.append(sums[2] / GROUP)
    assert shares[0] < shares[1] - 1_000
    assert shares[1] < shares[2] - 1_000


def test_drawable_names_decide_the_streams() -> None:
    """Two districts with equal rates and names of candidates, under two ids, have no stream in common."""
    of = chambers.districts()
    ready = chambers.ready(of)
    rates = next(rates for rates in ready.rates if rates is not None)
    fields = [replace(fields_of(of, ())[0], as_is=replace(of[0], id=name)) for name in ("a", "b")]
    one, other = (drawable(field, rates, 0, "small").inputs for field in fields)
    assert not set(one.factor_stream.tolist()) & set(other.factor_stream.tolist())
    assert not set(one.count_stream.ravel().tolist()) & set(other.count_stream.ravel().tolist())
