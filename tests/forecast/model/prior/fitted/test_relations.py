from __future__ import annotations

import itertools

import numpy as np
import pytest

from runoff.data.archive.words import BLOCS
from runoff.model.prior.fitted.relations import NONE, RELATIONS, relations

CASES = [
    ("R", "D", "R", "same", -1),
    ("D", "D", "R", "same", 1),
    ("far-left", "left", "right", "camp", 1),
    ("far-left", "left", "far-left", "same", -1),
    ("far-right", "left", "right", "near", -1),
    ("centre", "left", "right", None, 0),
    ("left", "centre", "right", "near", 1),
    ("left", "centre", "far-right", "barrage", 1),
    ("left", "right", "far-right", "barrage", 1),
    ("right", "left", "far-right", "near_far_right", -1),
    ("L", "D", "R", "near", -1),
    ("far-left", "centre", "right", "far", 1),
    ("other", "left", "right", None, 0),
    ("R", "R", "R", None, 0),
    ("left", "other", "other", None, 0),
]


def _one(pool: str, first: str, second: str, stood_down: bool = False) -> tuple[str | None, int]:
    codes = [np.array([BLOCS.index(word)], np.int64) for word in (pool, first, second)]
    relation, sign = relations(*codes, np.array([stood_down]))[0].tolist()
    return (None if relation == NONE else RELATIONS[relation]), sign


@pytest.mark.parametrize(("pool", "first", "second", "relation", "sign"), CASES)
def test_a_relation_is_what_people_would_say(pool: str, first: str, second: str, relation: str, sign: int) -> None:
    """A pool's relation to two finalists, and whose side it is on."""
    assert _one(pool, first, second) == (relation, sign)


def test_swapping_the_finalists_swaps_the_side() -> None:
    """For every pool and pair of blocs: the same relation, the other sign."""
    for pool, first, second in itertools.product(BLOCS, repeat=3):
        one, other = _one(pool, first, second), _one(pool, second, first)
        assert one[0] == other[0]
        assert one[1] == -other[1]


def test_who_stood_down_has_a_word_of_its_own() -> None:
    """Only where the pool is of neither finalist's bloc or camp."""
    assert _one("centre", "left", "far-right", stood_down=True) == ("stood_down", 1)
    assert _one("left", "left", "far-right", stood_down=True) == ("same", 1)
