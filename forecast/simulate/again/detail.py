"""Trials of a run again, group by group, with what the tallies only add up: factors, pools, places' votes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from runoff.kernels.arrays import Inputs, Scratch, new_scratch
from runoff.kernels.philox import GROUP
from runoff.kernels.told import tell_group
from runoff.race import FloatArray, Int64Array
from runoff.simulate.driver import DETAIL_TRIALS
from runoff.simulate.threads import streamed

__all__ = ["DETAIL_TRIALS", "GROUP", "Group", "groups"]


@dataclass(frozen=True, slots=True)
class Group:
    """Trials first..first+n-1.

    votes : int64[n, K], of the race.  weights : int64[n], or none.  places : int64[P, n, K], whole votes of places.
    rows : float64[B, n, K], expected votes of the wanted pools and blocs, before the noise of counting.
    factors : float64[F, n], as the trials used them; after evidence no standard normals.
    """

    first: int
    votes: Int64Array
    weights: Int64Array
    places: Int64Array
    rows: FloatArray
    factors: FloatArray


def groups(
    inputs: Inputs,
    first: int,
    last: int,
    *,
    places: Sequence[Sequence[int]] = (),
    rows: Sequence[int] = (),
    factors: bool = False,
    threads: int = 1,
    on_progress: Callable[[int, int], None] | None = None,
) -> Iterator[Group]:
    """Trials first..last-1 in order, a group at most at a time: memory is of a few groups, however many trials.

    places : the units of each place; a unit may be in several.  rows : of `row_people`, pools and then blocs.
    factors : whether they are wanted.
    """
    of_unit: list[list[int]] = [[] for _ in range(len(inputs.people))]
    for place, units in enumerate(places):
        for unit in units:
            of_unit[unit].append(place)
    at = np.array([p for some in of_unit for p in some], np.int64)
    begins = np.cumsum([0, *(len(some) for some in of_unit)]).astype(np.int64)
    finalists, wanted = inputs.count_stream.shape[1], list(rows)
    room = threading.local()

    def work(start: int) -> Group:
        if not hasattr(room, "scratch"):
            room.scratch = new_scratch(inputs)
            room.places = np.empty((len(places), finalists, GROUP), np.int32)
        scratch: Scratch = room.scratch
        number = start // GROUP
        tell_group(inputs, number, at, begins, scratch, room.places)
        cut = slice(max(first - number * GROUP, 0), min(last - number * GROUP, GROUP))
        weights = scratch.weight[cut].copy() if inputs.direction.shape[0] else np.empty(0, np.int64)
        return Group(
            number * GROUP + cut.start,
            scratch.votes[:, cut].T.astype(np.int64),
            weights,
            room.places[..., cut].transpose(0, 2, 1).astype(np.int64),
            scratch.row_votes[wanted][..., cut].transpose(0, 2, 1),
            scratch.factors[:, cut].astype(np.float64) if factors else np.empty((0, 0)),
        )

    for group in streamed(work, range(first - first % GROUP, last, GROUP), threads):
        yield group
        if on_progress is not None:
            on_progress(min(group.first + len(group.votes), last) - first, last - first)
