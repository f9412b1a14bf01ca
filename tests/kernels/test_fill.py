"""Normals of many streams beside the slow twin, and the questions that every kernel is asked."""

from __future__ import annotations

import numpy as np

from runoff.kernels.fill import fill_normals
from runoff.kernels.philox import GROUP, LANES
from runoff.kernels.streams import Purpose, stream
from tests import naive

KEYS = np.array([stream(Purpose.COUNTING_CELL, name) for name in ("a", "b", "c")], np.uint64)


def _filled(first: int, groups: int) -> np.ndarray:
    out = np.full((len(KEYS), groups * GROUP), np.nan, np.float32)
    fill_normals(np.uint64(9), KEYS, first, np.empty(2 * LANES, np.uint64), out)
    return out


def test_normals_are_the_twins() -> None:
    """Each stream's normals are those of the twin in float64, to float32's precision."""
    expected = np.stack([naive.normals(9, int(key), 3) for key in KEYS])
    assert np.abs(_filled(0, 3) - expected).max() < 2e-5


def test_groups_may_come_in_pieces() -> None:
    """Groups 0 to 3 at once, or 0 and 1 to 3: the same bits."""
    whole = _filled(0, 4)
    assert (np.concatenate([_filled(0, 1), _filled(1, 3)], axis=1) == whole).all()


def test_compiled_is_plain() -> None:
    """The compiled entry and the same code as plain Python give the same bits."""
    compiled = _filled(2, 1)
    plain = np.empty_like(compiled)
    getattr(fill_normals, "py_func", fill_normals)(np.uint64(9), KEYS, 2, np.empty(2 * LANES, np.uint64), plain)
    assert (plain == compiled).all()


def test_it_is_compiled_once() -> None:
    """A second call with the same types compiles nothing."""
    _filled(0, 1)
    before = len(getattr(fill_normals, "signatures", ()))
    _filled(5, 2)
    assert len(getattr(fill_normals, "signatures", ())) == before
