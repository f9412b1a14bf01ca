"""What a question sees of a chamber's trials: seats by bloc and party, of all districts or some, and who wins one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from runoff.phases.asked import RACE, Askable, Block, Counted, Place, Seats
from runoff.simulate.chamber.draw import draw_chamber

if TYPE_CHECKING:
    from runoff.phases.base import Asking
    from runoff.phases.chamber.fit import Fitted
    from runoff.phases.chamber.read import Data
    from runoff.phases.settings import Settings
    from runoff.race import Int64Array
    from runoff.simulate.chamber.draw import Tally

_BLOCK = 65_536  # trials told together
_FIX = 'ask of seats: seats["NAME"] > 100, or seats["NAME"] in district "..." == 1'


def askable(data: Data, ready: Fitted) -> Askable:
    """Blocs and parties in the whole chamber, in its regions and districts; and each district's candidates."""
    districts = data.case.districts
    names = {"districts": tuple(district.id for district in districts)}
    regions = tuple(dict.fromkeys(district.region for district in districts if district.region))
    absent = dict.fromkeys(("units", "pools", "blocs"), ("a chamber's trials are told by district", _FIX))
    if regions:
        names["regions"] = regions
    else:
        absent["regions"] = ("the chamber's table has no regions", _FIX)
    standing = {district.id: tuple(one.name for one in district.candidates) for district in districts}
    blocs = len(ready.blocs)
    parties = tuple(name for _, name in _parties(ready))
    return Askable((*ready.blocs, *parties), names, absent, seats=Seats(data.case.majority, blocs, standing))


def _parties(ready: Fitted) -> list[tuple[int, str]]:
    """Parties that are asked for, by place and name: without those that are a bloc of the same name.

    One that has a bloc's name and other seats is called 'NAME (party)'.
    """
    found = []
    for p, name in enumerate(ready.parties):
        own = ready.chamber.parties == p
        if name not in ready.blocs:
            found.append((p, name))
        elif not np.array_equal(own, ready.chamber.seats == ready.blocs.index(name)):
            found.append((p, f"{name} (party)"))
    return found


def tell(data: Data, ready: Fitted, settings: Settings, asking: Asking) -> Tally:
    """Draw the run's trials again, and let a question hear them."""
    where = {place: _districts(data, place) for place in asking.places if place != RACE}
    watched = sorted({d for found in where.values() for d in found})
    drawn = draw_chamber(
        ready.chamber,
        settings.trials,
        seed=settings.seed,
        threads=settings.threads,
        progress=asking.progress,
        watched=watched,
    )
    row = {d: i for i, d in enumerate(watched)}
    for start in range(0, drawn.trials, _BLOCK):
        cut = slice(start, min(start + _BLOCK, drawn.trials))
        places = {RACE: _whole(ready, drawn, cut)}
        for place, found in where.items():
            winners = drawn.winners[[row[d] for d in found], cut]
            places[place] = _part(data, ready, found, winners)
        asking.hear(Block(start, np.empty(0), places))
    return drawn


def _districts(data: Data, place: Place) -> list[int]:
    """The districts of a place."""
    key = "id" if place.kind == "districts" else "region"
    return [d for d, district in enumerate(data.case.districts) if getattr(district, key) in place.names]


def _whole(ready: Fitted, drawn: Tally, cut: slice) -> Counted:
    """Seats in the whole chamber, and who has more than every other of its kind."""
    blocs = drawn.seats[:, cut].T.astype(np.int64)
    every = drawn.parties[:, cut].T.astype(np.int64)
    own = [p for p, _ in _parties(ready)]
    leads = np.concatenate([_leads(blocs), _leads(every)[:, own]], axis=1)
    return Counted(np.concatenate([blocs, every[:, own]], axis=1), 1.0, flags={"leads": leads})


def _leads(seats: Int64Array) -> np.ndarray:
    """Who has more seats than every other: bool[n, G] of int64[n, G]."""
    best = seats == seats.max(axis=1, keepdims=True)
    found: np.ndarray = best & (best.sum(axis=1, keepdims=True) == 1)
    return found


def _part(data: Data, ready: Fitted, districts: Sequence[int], winners: np.ndarray) -> Counted:
    """Seats in some districts, winners int8[D, n]; and, of one district, which of its candidates has the seat."""
    chamber, parties = ready.chamber, _parties(ready)
    seats = np.zeros((winners.shape[1], len(ready.blocs) + len(parties)), np.int64)
    kinds = [
        (chamber.seats, list(range(len(ready.blocs))), 0),
        (chamber.parties, [p for p, _ in parties], len(ready.blocs)),
    ]
    for d, won in zip(districts, winners, strict=True):
        for groups, own, behind in kinds:
            group = groups[d][won]
            for i, g in enumerate(own):
                seats[:, behind + i] += group == g
    if len(districts) > 1:
        return Counted(seats, 1.0)
    (d,), (won,) = districts, winners
    district = data.case.districts[d]
    held = np.array([ready.winner[d]] if ready.winner[d] >= 0 else district.finalists, np.int64)[won]
    return Counted(seats, 1.0, flags={"wins": held[:, None] == np.arange(len(district.candidates))})
