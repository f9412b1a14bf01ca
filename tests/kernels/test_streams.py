"""The registry of streams: all different, and as first released."""

from __future__ import annotations

import numpy as np

from runoff.kernels.streams import Purpose, crossed, stream, streams


def test_streams_differ_by_purpose_name_and_index() -> None:
    """No two of a country's streams are equal: purposes, 3,000 units, 30 pools, three indices."""
    units, pools = [f"unit {i}" for i in range(3_000)], [f"pool {i}" for i in range(30)]
    parts = [streams(purpose, units, 3) for purpose in (Purpose.UNIT_TURNOUT, Purpose.UNIT_PREFERENCE)]
    parts += [streams(purpose, pools, 3) for purpose in Purpose]
    parts.append(crossed(Purpose.EXACT_COUNT, units, pools, 3))
    found = np.concatenate([part.reshape(-1) for part in parts])
    assert len(np.unique(found)) == len(found)


def test_streams_are_pinned() -> None:
    """A stream's number is part of what a seed means: it never changes."""
    assert int(stream(Purpose.POOL_TURNOUT, "Bob Gray")) == 404809669421065449
    assert int(crossed(Purpose.EXACT_COUNT, ["a"], ["b"], 2)[0, 0, 1]) == 888590693404778006


def test_purposes_are_never_reused() -> None:
    """The registry as first released; add to it, change nothing."""
    assert {purpose.name: int(purpose) for purpose in Purpose} == {
        "SHARED_TURNOUT": 1,
        "SHARED_PREFERENCE": 2,
        "BLOC_TURNOUT": 3,
        "BLOC_PREFERENCE": 4,
        "POOL_TURNOUT": 5,
        "POOL_PREFERENCE": 6,
        "REGION_TURNOUT": 7,
        "REGION_PREFERENCE": 8,
        "UNIT_TURNOUT": 9,
        "UNIT_PREFERENCE": 10,
        "COUNT_NOISE": 11,
        "EXACT_COUNT": 12,
        "LOCAL_TURNOUT": 13,
        "LOCAL_PREFERENCE": 14,
        "SLOPE_TURNOUT": 15,
        "SLOPE_PREFERENCE": 16,
        "ESTIMATED": 17,
        "COUNTING_EFFECT": 20,
        "COUNTING_UNIT": 21,
        "COUNTING_CELL": 22,
        "COUNTING_NOISE": 23,
        "COUNTING_RUNOFF": 24,
        "POLLED_SHARE": 25,
        "POLLED_TURNOUT": 26,
        "FIRST_ROUND_LOT": 27,
        "NIGHT_EFFECT": 30,
        "NIGHT_UNIT": 31,
        "NIGHT_COUNT": 32,
        "NIGHT_CLASS": 33,
        "CHAMBER_SHOCK": 40,
        "CHAMBER_TURNOUT": 41,
        "CHAMBER_STANDS": 42,
        "TRANSFER_CELL": 50,
        "SENSITIVITY_POINT": 60,
        "SENSITIVITY_ORDER": 61,
    }
