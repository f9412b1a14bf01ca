"""What a pool of first-round voters is to two finalists: of one bloc with a finalist, of a camp, nearer, or neither.

Blocs stand on an axis from far-left to far-right (`runoff.data.archive.words`).  A pool is "same" where one finalist is
of its bloc, "camp" where one is of its camp (far-left and left), else it goes by distance: nearer to one of them by a
step ("near") or more ("far"); against a far-right finalist that is a "barrage", and towards one "near_far_right".  The
voters of a candidate who might have stood and stood down have a word of their own.
"""

from __future__ import annotations

import numpy as np

from runoff.data.archive.words import AXIS, BLOCS, CAMPS, camp_of
from runoff.race import BoolArray, FloatArray, Int64Array

RELATIONS = ("same", "camp", "near", "far", "barrage", "near_far_right", "stood_down")
NONE = -1  # neither finalist is nearer
_SAME, _CAMP, _NEAR, _FAR, _BARRAGE, _TO_FAR_RIGHT, _STOOD_DOWN = range(len(RELATIONS))
_AXIS: FloatArray = np.array([AXIS[bloc] for bloc in BLOCS])
_CAMP_OF: Int64Array = np.array([CAMPS.index(camp_of(bloc)) for bloc in BLOCS], np.int64)
_FAR_RIGHT = BLOCS.index("far-right")
_NOWHERE = tuple(BLOCS.index(bloc) for bloc in ("other", "I"))
_STEP = 1.0  # on the axis


def camps_of(blocs: Int64Array) -> Int64Array:
    """Camps of blocs, codes in and out."""
    found: Int64Array = _CAMP_OF[blocs]
    return found


def relations(pool: Int64Array, first: Int64Array, second: Int64Array, stood_down: BoolArray) -> Int64Array:
    """Each pool's relation to two finalists, by their blocs' codes int64[n]: int64[n, 2].

    The first column is a place in RELATIONS, or NONE; the second +1 towards the first finalist, -1 towards the second,
    0 for NONE.
    """
    found = np.full((len(pool), 2), (NONE, 0), np.int64)
    open_ = first != second
    _put(found, open_ & (pool == first), _SAME, 1)
    _put(found, open_ & (pool == second), _SAME, -1)
    camp, camp_first, camp_second = camps_of(pool), camps_of(first), camps_of(second)
    on_axis = ~np.isin(pool, _NOWHERE) & open_
    _put(found, on_axis & (camp == camp_first) & (camp != camp_second), _CAMP, 1)
    _put(found, on_axis & (camp == camp_second) & (camp != camp_first), _CAMP, -1)
    with np.errstate(invalid="ignore"):
        away = np.abs(_AXIS[pool] - _AXIS[first]), np.abs(_AXIS[pool] - _AXIS[second])
        closer = np.sign(np.nan_to_num(away[1] - away[0])).astype(np.int64)
    sided = on_axis & (closer != 0)
    step = np.minimum(np.nan_to_num(away[0], nan=9.0), np.nan_to_num(away[1], nan=9.0)) <= _STEP
    nearest, other = np.where(closer > 0, first, second), np.where(closer > 0, second, first)
    by_distance = np.where(step, _NEAR, _FAR)
    by_distance = np.where(other == _FAR_RIGHT, _BARRAGE, by_distance)
    by_distance = np.where(nearest == _FAR_RIGHT, _TO_FAR_RIGHT, by_distance)
    _put(found, sided, np.where(stood_down, _STOOD_DOWN, by_distance), closer)
    return found


def _put(found: Int64Array, where: BoolArray, relation: Int64Array | int, sign: Int64Array | int) -> None:
    """Write a relation where it holds and none is yet."""
    free = where & (found[:, 0] == NONE)
    found[free, 0] = np.broadcast_to(relation, len(found))[free]
    found[free, 1] = np.broadcast_to(sign, len(found))[free]
