"""Ranges of a chamber's trials, put together: whole numbers that add up, and each trial's seats at its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from runoff.race import Int64Array
from runoff.simulate.chamber.draw import Chamber, Tally, zeros
from runoff.simulate.driver import Entries

_SUMS = ("wins", "with_seats", "sums")
_OF_TRIALS = ("seats", "parties")


def entries(tally: Tally, first: int, trials: int) -> Iterator[Entries]:
    """Every number that is not nought of a range that begins at trial `first`, of a run of so many trials."""
    bins = [(f"bins {d}", numbers) for d, numbers in enumerate(tally.bins)]
    for name, numbers in [*((name, getattr(tally, name)) for name in _SUMS), *bins]:
        flat = np.ascontiguousarray(numbers).reshape(-1)
        places = np.flatnonzero(flat)
        if places.size:
            yield name, places, flat[places]
    for name in _OF_TRIALS:
        seats = getattr(tally, name)
        for group, of_group in enumerate(seats):
            places = np.flatnonzero(of_group)
            if places.size:
                yield name, group * trials + first + places, of_group[places].astype(np.int64)


def added(chamber: Chamber, trials: int, parts: Iterable[Entries]) -> Tally:
    """The chamber's tally that the parts' entries add up to; its seconds are nought.

    Raises
    ------
    ValueError : an entry of no tally, or beyond its end.
    """
    wins, with_seats, sums, *bins = zeros(chamber)
    seats, parties = (np.zeros((n, trials), np.int64) for n in (chamber.groups, chamber.parties_n))
    total: dict[str, Int64Array] = {"wins": wins, "with_seats": with_seats, "sums": sums}
    total |= {"seats": seats, "parties": parties}
    total |= {f"bins {d}": numbers for d, numbers in enumerate(bins)}
    for name, places, values in parts:
        if name not in total:
            raise ValueError(f"no tally {name!r}")
        flat = total[name].reshape(-1)
        beyond = places[(places < 0) | (places >= flat.size)]
        if beyond.size:
            raise ValueError(f"no place {beyond[0]} in a tally {name!r}")
        np.add.at(flat, places, values)
    of_trials = seats.astype(np.int16), parties.astype(np.int16)
    return Tally(wins, with_seats, sums, tuple(bins), *of_trials, trials, 0.0, np.zeros((0, trials), np.int8))
