"""The registry of streams: what each random number is for.

A stream is 64 bits: the purpose in the upper 8, a hash of names in the lower 56.  A pool's stream hangs
on its name and not on its place in a file, so that adding a candidate, a unit or a scenario leaves every
other number as it was.  A purpose's value is never reused, even when the purpose is gone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from enum import IntEnum

import numpy as np
import numpy.typing as npt

_NAME_BITS = 56
_NAME_MASK = np.uint64((1 << _NAME_BITS) - 1)


class Purpose(IntEnum):
    """What a random number is for."""

    SHARED_TURNOUT = 1
    SHARED_PREFERENCE = 2
    BLOC_TURNOUT = 3
    BLOC_PREFERENCE = 4
    POOL_TURNOUT = 5
    POOL_PREFERENCE = 6
    REGION_TURNOUT = 7
    REGION_PREFERENCE = 8
    UNIT_TURNOUT = 9
    UNIT_PREFERENCE = 10
    COUNT_NOISE = 11
    EXACT_COUNT = 12
    LOCAL_TURNOUT = 13
    LOCAL_PREFERENCE = 14
    SLOPE_TURNOUT = 15  # of units on their first-round lean
    SLOPE_PREFERENCE = 16
    ESTIMATED = 17  # what rates of one estimate have in common
    COUNTING_EFFECT = 20  # of a first round being counted: what modes, regions and the baseline do
    COUNTING_UNIT = 21
    COUNTING_CELL = 22  # a unit's votes of one mode, and how many are out where a range was stated
    COUNTING_NOISE = 23
    COUNTING_RUNOFF = 24  # count noise of a runoff whose pools differ from trial to trial
    POLLED_SHARE = 25  # of a first round not yet held
    POLLED_TURNOUT = 26
    FIRST_ROUND_LOT = 27  # who goes first among candidates with equally many votes
    NIGHT_EFFECT = 30  # of a runoff being counted: what modes, regions and slopes do
    NIGHT_UNIT = 31  # a unit's own effects, and those of its votes by mode
    NIGHT_COUNT = 32  # count noise of what is out
    NIGHT_CLASS = 33  # a class of ballots: how many, their split, whether they count, count noise
    CHAMBER_SHOCK = 40  # what all races of one election share: winds, slopes, the lead
    CHAMBER_TURNOUT = 41
    CHAMBER_STANDS = 42  # whether a finalist of a district who may withdraw does
    TRANSFER_CELL = 50  # a cell of a matrix of transfers that is estimated from results
    SENSITIVITY_POINT = 60  # where a runoff's margin is looked at for what decides it
    SENSITIVITY_ORDER = 61  # in which its factors become known


def stream(purpose: Purpose, name: str = "", index: int = 0) -> np.uint64:
    """The stream of one purpose, name and index (which finalist, where a purpose has several).

    The name is hashed as UTF-8; callers normalise it first.
    """
    digest = hashlib.blake2b(f"{index}\0{name}".encode(), digest_size=_NAME_BITS // 8).digest()
    return np.uint64(purpose << _NAME_BITS | int.from_bytes(digest, "little"))


def streams(purpose: Purpose, names: Sequence[str], n: int) -> npt.NDArray[np.uint64]:
    """The streams of many names: uint64[len(names), n], column m for index m."""
    return np.array([[stream(purpose, name, m) for m in range(n)] for name in names], np.uint64).reshape(-1, n)


def crossed(purpose: Purpose, first: Sequence[str], second: Sequence[str], n: int) -> npt.NDArray[np.uint64]:
    """The streams of each pair of names: uint64[len(first), len(second), n].

    Pairs are mixed in arithmetic (splitmix64's finisher), as a country has more pairs of units and pools
    than anyone wants to hash.  Source: Steele, Lea and Flood (2014), doi:10.1145/2714064.2660195.
    """
    left = streams(purpose, first, 1)[:, :, None]
    right = streams(purpose, second, n)[None, :, :]
    mixed = _mixed(left * np.uint64(0x9E3779B97F4A7C15) + right)
    result: npt.NDArray[np.uint64] = (mixed & _NAME_MASK) | np.uint64(purpose << _NAME_BITS)
    return result


def within(of: npt.NDArray[np.uint64], race: str) -> npt.NDArray[np.uint64]:
    """The streams of one race among many, uint64 of any shape: the same purposes, and no number of another race."""
    digest = hashlib.blake2b(race.encode(), digest_size=8).digest()
    mixed = _mixed(of * np.uint64(0x9E3779B97F4A7C15) + np.uint64(int.from_bytes(digest, "little")))
    result: npt.NDArray[np.uint64] = (mixed & _NAME_MASK) | (of & ~_NAME_MASK)
    return result


def _mixed(words: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """splitmix64's finisher."""
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
