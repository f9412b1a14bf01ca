"""Ranges of a chamber's trials, put together: whole numbers that add up, and each trial's seats at its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from runoff.race import Int64Array
from runoff.simulate.chamber.draw import Chamber, Tally, zeros
from runoff.simulate.driver import Entries, add_entries, sparse


def entries(tally: Tally, first: int, trials: int) -> Iterator[Entries]:
    """Every number that is not nought of a range that begins at trial `first`, of a run of so many trials."""
    for name, numbers in _sums(tally.wins, tally.with_seats, tally.sums, tally.bins).items():
        yield from sparse(name, numbers)
    for name, seats in (("seats", tally.seats), ("parties", tally.parties)):
        for group, of_group in enumerate(seats):
            yield from sparse(name, of_group, group * trials + first)


def added(chamber: Chamber, trials: int, parts: Iterable[Entries]) -> Tally:
    """The chamber's tally that the parts' entries add up to; its seconds are nought.

    Raises
    ------
    ValueError : an entry of no tally, or beyond its end.
    """
    wins, with_seats, sums, *bins = zeros(chamber)
    seats, parties = (np.zeros((n, trials), np.int64) for n in (chamber.groups, chamber.parties_n))
    add_entries(_sums(wins, with_seats, sums, bins) | {"seats": seats, "parties": parties}, parts)
    of_trials = seats.astype(np.int16), parties.astype(np.int16)
    return Tally(wins, with_seats, sums, tuple(bins), *of_trials, trials, 0.0, np.zeros((0, trials), np.int8))


def _sums(
    wins: Int64Array, with_seats: Int64Array, sums: Int64Array, bins: Sequence[Int64Array]
) -> dict[str, Int64Array]:
    """The tallies that are sums over trials, by name."""
    return {"wins": wins, "with_seats": with_seats, "sums": sums} | {f"bins {d}": one for d, one in enumerate(bins)}
