"""Draws a chamber: block by block the shocks that all share, then each district, and the seats of each trial."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from runoff.kernels.arrays import PPM, Scratch
from runoff.kernels.chamber import BIN, draw_shocks, run_district
from runoff.kernels.philox import GROUP, LANES
from runoff.model.chamber.fields import TOGETHER
from runoff.race import Int64Array
from runoff.simulate.chamber.arrays import Drawable, Shocks, empty_bins, rooms_of
from runoff.simulate.normals import normals
from runoff.simulate.threads import in_order

BLOCK = 8 * GROUP  # trials of a block
SHARE_BIN = BIN / PPM  # width of a bin of shares


@dataclass(frozen=True, slots=True)
class Chamber:
    """What is drawn: D districts, of which some are drawn and the others' winners known.

    Attributes
    ----------
    seats : int64[D, K], the group (bloc or party) that has the seat if a finalist wins; a row a district.
    parties : the same for the second kind of group.
    fixed : int64[D], the finalist who has won already, or -1.
    groups, parties_n : how many groups of either kind.
    """

    drawn: tuple[Drawable, ...]
    shocks: Shocks
    seats: Int64Array
    parties: Int64Array
    fixed: Int64Array
    groups: int
    parties_n: int

    @property
    def places(self) -> dict[int, int]:
        """Districts that are drawn, in order, and how many finalists each has, whoever of them may withdraw."""
        found: dict[int, int] = {}
        for one in self.drawn:
            found[one.place] = max(found.get(one.place, 0), int(one.finalists.max()) + 1)
        return found


@dataclass(frozen=True, slots=True)
class Tally:
    """What a chamber's trials add up to, in whole numbers; drawn districts only.

    wins, with_seats : int64[D, K], trials that a finalist won, and in those the seats of his group, summed.
    sums : int64[D, 2 + K]; bins : of each district int64[K, BINS] (`runoff.kernels.chamber.run_district`).
    seats : int16[groups, trials]; parties : int16[parties_n, trials].
    winners : int8[watched, trials], who wins the districts that were watched, by place among the finalists.
    """

    wins: Int64Array
    with_seats: Int64Array
    sums: Int64Array
    bins: tuple[Int64Array, ...]
    seats: np.ndarray
    parties: np.ndarray
    trials: int
    seconds: float
    winners: np.ndarray

    def digest(self) -> str:
        """sha256 over every number, little-endian: equal bits, equal digest."""
        found = hashlib.sha256(f"{self.trials}".encode())
        for numbers in (self.wins, self.with_seats, self.sums, *self.bins):
            found.update(np.ascontiguousarray(numbers, "<i8").tobytes())
        for seats in (self.seats, self.parties):
            found.update(np.ascontiguousarray(seats, "<i2").tobytes())
        return found.hexdigest()


class _Room(threading.local):
    """A thread's scratch and tallies."""

    scratch: dict[int, Scratch] | None = None


def draw_chamber(
    chamber: Chamber,
    last: int,
    *,
    seed: int,
    threads: int,
    progress: Callable[[int, int], None] | None = None,
    watched: Sequence[int] = (),
    first: int = 0,
) -> Tally:
    """Trials first..last-1 of the chamber, first a multiple of GROUP.

    watched : districts of which each trial's winner is kept.  progress : hears how many of the range are drawn.
    """
    begun, trials = time.perf_counter(), last - first
    total = zeros(chamber)
    seats = np.zeros((chamber.groups, trials), np.int16)
    parties = np.zeros((chamber.parties_n, trials), np.int16)
    winners_of, rows = np.zeros((len(watched), trials), np.int8), list(watched)
    room, lock = _Room(), threading.Lock()

    def work(begin: int) -> None:
        end = min(begin + BLOCK, last)
        if room.scratch is None:
            room.scratch = rooms_of(chamber.drawn)
        own = zeros(chamber)
        winners = _block(chamber, np.uint64(seed), begin, end, room.scratch, own)
        here = slice(begin - first, end - first)
        _seated(chamber.seats, winners, seats[:, here])
        _seated(chamber.parties, winners, parties[:, here])
        _won(chamber, winners, seats[:, here], own)
        winners_of[:, here] = winners[rows]
        with lock:
            for target, part in zip(total, own, strict=True):
                target += part

    done = None if progress is None else lambda n: progress(min(n * BLOCK, trials), trials)
    in_order(work, range(first, last, BLOCK), threads, done)
    wins, with_seats, sums, *bins = total
    seconds = time.perf_counter() - begun
    return Tally(wins, with_seats, sums, tuple(bins), seats, parties, trials, seconds, winners_of)


def zeros(chamber: Chamber) -> list[Int64Array]:
    """Empty tallies: wins, with_seats, sums, and bins of each drawn district."""
    districts, most = chamber.seats.shape
    bins = [empty_bins(finalists) for finalists in chamber.places.values()]
    return [
        np.zeros((districts, most), np.int64),
        np.zeros((districts, most), np.int64),
        np.zeros((districts, 2 + most), np.int64),
        *bins,
    ]


def _block(
    chamber: Chamber, seed: np.uint64, first: int, last: int, scratch: dict[int, Scratch], own: list[Int64Array]
) -> np.ndarray:
    """Who wins each district, int8[D, n], by place among its finalists."""
    n = -(-(last - first) // GROUP) * GROUP
    drawn = drawn_shocks(chamber.shocks, int(seed), first, n)
    winners = np.repeat(chamber.fixed.astype(np.int8)[:, None], last - first, axis=1)
    number = {d: i for i, d in enumerate(chamber.places)}
    every = np.ones(last - first, np.uint8)
    for district in chamber.drawn:
        inputs, d = district.inputs, district.place
        k = inputs.count_stream.shape[1]
        keep = _stands(district, seed, first, n)[: last - first] if district.gone.size else every
        run_district(
            inputs,
            first,
            last,
            district.rows,
            district.weight,
            district.own,
            drawn,
            district.finalists,
            keep,
            scratch[k],
            winners[d],
            own[2][d],
            own[3 + number[d]],
        )
    return winners


def drawn_shocks(shocks: Shocks, seed: int, first: int, n: int) -> np.ndarray:
    """The shocks of trials from `first` on, float32[Q, n]; first and n are multiples of GROUP."""
    drawn = np.empty((shocks.streams.size, n), np.float32)
    normal = np.empty((shocks.streams.size, GROUP), np.float32)
    words = np.empty(2 * LANES, np.uint64)
    draw_shocks(np.uint64(seed), shocks.streams, first // GROUP, shocks.mean, shocks.root, words, normal, drawn)
    return drawn


def _stands(district: Drawable, seed: np.uint64, first: int, n: int) -> np.ndarray:
    """Trials that have this field of finalists: uint8[n]."""
    together, apart = (normals(seed, keys, first, n) for keys in (district.together, district.apart))
    away = np.float32(np.sqrt(TOGETHER)) * together + np.float32(np.sqrt(1.0 - TOGETHER)) * apart
    fits = (away < district.limit[:, None]) == district.gone[:, None]
    found: np.ndarray = fits.all(axis=0).astype(np.uint8)
    return found


def _seated(groups: Int64Array, winners: np.ndarray, seats: np.ndarray) -> None:
    """Add each district's seat to its winner's group: int16[G, n]."""
    for d in range(groups.shape[0]):
        for k, group in enumerate(groups[d].tolist()):
            if group >= 0:
                seats[group] += winners[d] == k


def _won(chamber: Chamber, winners: np.ndarray, seats: np.ndarray, own: list[Int64Array]) -> None:
    """Add wins of each finalist, and the seats of his group where he wins."""
    wins, with_seats = own[0], own[1]
    wide = seats.astype(np.int64)
    for d, finalists in chamber.places.items():
        for k in range(finalists):
            won = winners[d] == k
            wins[d, k] += int(won.sum())
            with_seats[d, k] += int((wide[chamber.seats[d, k]] * won).sum())
