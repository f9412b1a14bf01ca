"""What a chamber's trials are drawn from: past races' law of its pairs, after results, as arrays."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from runoff.data.chamber.counted import Counted
from runoff.data.chamber.districts import District
from runoff.model.chamber.fields import fields_of
from runoff.model.chamber.night import after
from runoff.model.chamber.pairs import camp_votes, pairs_of
from runoff.model.chamber.polls import heard
from runoff.model.chamber.polls import notes as told_of_polls
from runoff.model.chamber.rates import Belief, Rates, rates_of
from runoff.model.chamber.said import said_rates
from runoff.model.chamber.seats import Tried, listened, said_of
from runoff.model.chamber.shared import Learned, shared_law
from runoff.model.prior.fitted import table
from runoff.model.prior.fitted.fits import Fit
from runoff.phases.chamber.read import Data
from runoff.race import FloatArray, Int64Array
from runoff.runfile.sections.chamber import ChamberSection, DistrictRates, SeatPoll, StandsDown, TransferPoll
from runoff.simulate.chamber.arrays import drawable, shocks_of
from runoff.simulate.chamber.draw import Chamber, Tally, draw_chamber, drawn_shocks

LEVEL = "national_district"  # of the archive, where nobody says another
_SEEN_ERROR = 0.09  # seats_error_sd below which a reader is told what polls of seats were off by (docs/chamber.md)
_TRIED, _TRIED_SEED = 4_096, 2_027  # trials in which seats are held against shocks, and what they are drawn from


@dataclass(frozen=True, slots=True)
class Fitted:
    """A chamber ready to be drawn.

    blocs, parties : names of the groups whose seats are counted.  rates : of each district, None where it is decided.
    winner : of each district, the place among its candidates of who has won already, or -1.
    """

    chamber: Chamber
    blocs: tuple[str, ...]
    parties: tuple[str, ...]
    rates: tuple[Rates | None, ...]
    winner: tuple[int, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """Polls asked between the rounds: of transfers and of seats, and what those of one question, or bloc, share."""

    transfers: Sequence[TransferPoll] = ()
    transfers_error: float = 0.1
    seats: Sequence[SeatPoll] = ()
    seats_error: float = 0.0

    @classmethod
    def of(cls, section: ChamberSection, as_of: dt.date) -> Between:
        """Those of a run file that were over on the day."""
        return cls(
            [poll for poll in section.polls if poll.field_end <= as_of],
            section.poll_error_sd,
            [poll for poll in section.seat_polls if poll.field_end <= as_of],
            section.seats_error_sd or 0.0,
        )


def fit(data: Data, seed: int) -> Fitted:
    """The chamber of a case, with the shipped fit for its day."""
    section, race = data.case.run_file.prior, data.case.run_file.race
    before = race.as_of if section.before is None else min(section.before, race.as_of)
    found = table.shipped().before(before)
    notes = []
    if not found.races:
        notes.append("no past race was over before this day: what is believed beforehand stands alone")
    return fitted(
        data.case.districts,
        data.case.blocs,
        found,
        data.counted,
        election=race.id,
        seed=seed,
        level=section.level or LEVEL,
        said=data.case.run_file.chamber.rates,
        stands_down=data.case.run_file.chamber.stands_down,
        polls=Between.of(data.case.run_file.chamber, race.as_of),
        notes=[*notes, *_later(data)],
    )


def _later(data: Data) -> list[str]:
    """Polls that nobody had seen on the day of the forecast."""
    as_of, section = data.case.run_file.race.as_of, data.case.run_file.chamber
    asked = [("transfers", poll.field_end) for poll in section.polls]
    asked += [("seats", poll.field_end) for poll in section.seat_polls]
    later = Counter(of for of, end in asked if end > as_of)
    return [f"{n} of the polls of {of} asked until after {as_of}: not used" for of, n in later.items()]


def fitted(
    districts: Sequence[District],
    blocs: Mapping[str, str],
    found: Fit,
    counted: Mapping[str, Counted],
    *,
    election: str,
    seed: int,
    level: str = LEVEL,
    said: Sequence[DistrictRates] = (),
    stands_down: Sequence[StandsDown] = (),
    polls: Between = Between(),
    notes: Sequence[str] = (),
) -> Fitted:
    """The same of districts by themselves; election : the name on which the shared shocks hang."""
    fields = fields_of(districts, stands_down)
    standing = [one.as_is for one in fields]
    camps = camp_votes(districts, blocs)
    pairs = pairs_of(standing, blocs, level, camps)
    law = shared_law(found, pairs.fields)
    turnout = float(np.exp(found.turnout.level[int(pairs.fields.stratum[0])])) if len(pairs.district) else 1.0
    asked = None
    if polls.transfers:
        asked = heard(polls.transfers, found, blocs, camps, level=level, error_sd=polls.transfers_error)
    known = after(standing, pairs, law, counted, turnout, asked)
    notes = (*notes, *([] if asked is None else told_of_polls(asked, known.shocks)))
    winner = tuple(_winner(district, known.winners.get(district.id)) for district in districts)
    decided = {place for place, one in enumerate(fields) if winner[one.district] >= 0}
    rates, remarks = said_rates(standing, rates_of(standing, Belief(found, pairs, known.law, blocs), decided), said)
    drawn = tuple(
        drawable(one, own, seed, election)
        for one, own in zip(fields, rates, strict=True)
        if own is not None and winner[one.district] < 0
    )
    whole: list[Rates | None] = [None] * len(districts)
    for one, own in zip(fields, rates, strict=True):
        whole[one.district] = whole[one.district] or own
    names = [list(dict.fromkeys(_words(districts, kind))) for kind in ("bloc", "party")]
    groups = [_groups(districts, winner, kind, own) for kind, own in zip(("bloc", "party"), names, strict=True)]
    fixed = np.array([0 if place >= 0 else -1 for place in winner], np.int64)
    chamber = Chamber(drawn, shocks_of(election, known.shocks), groups[0], groups[1], fixed, *map(len, names))
    chamber, told = _told_of_seats(chamber, known.shocks, polls, election, names)
    notes = (*notes, *told, *known.notes, *remarks)
    return Fitted(chamber, tuple(names[0]), tuple(names[1]), tuple(whole), winner, notes)


def _told_of_seats(
    chamber: Chamber, shocks: Learned, polls: Between, election: str, names: Sequence[Sequence[str]]
) -> tuple[Chamber, list[str]]:
    """The chamber after polls of seats, and what a reader must know of them."""
    if not polls.seats:
        return chamber, []
    said = said_of(polls.seats, polls.seats_error, len(chamber.seats))
    found, told = listened(shocks, said, _tried(chamber, election, names, said.names))
    if polls.seats_error < _SEEN_ERROR:
        told.insert(0, f"seats_error_sd is {polls.seats_error:g}: polls of seats of five Assemblies were off by 0.107")
    return replace(chamber, shocks=shocks_of(election, found)), told


def _tried(chamber: Chamber, election: str, names: Sequence[Sequence[str]], asked: Sequence[str]) -> Tried:
    """Draws some trials of the chamber with shocks as they are believed: the shocks, and seats of who was asked of.

    They are the same whatever the run's seed, and not the run's own.
    """

    def tried(believed: Learned) -> tuple[FloatArray, FloatArray]:
        one = replace(chamber, shocks=shocks_of(election, believed))
        drawn = draw_chamber(one, _TRIED, seed=_TRIED_SEED, threads=1)
        rows = [_seats(drawn, names, of) for of in asked]
        z = drawn_shocks(one.shocks, _TRIED_SEED, 0, _TRIED)[:-1]  # the last is turnout
        return z.T.astype(np.float64), np.array(rows, np.float64).T

    return tried


def _seats(drawn: Tally, names: Sequence[Sequence[str]], of: str) -> np.ndarray:
    """Seats of a bloc in each trial, else of the party of that name, else of somebody who stands nowhere: none."""
    for kind, seats in zip(names, (drawn.seats, drawn.parties), strict=True):
        if of in kind:
            found: np.ndarray = seats[kind.index(of)]
            return found
    return np.zeros(drawn.trials, np.int16)


def _winner(district: District, counted: int | None) -> int:
    """The candidate who has won already, or -1."""
    if district.elected is not None:
        return district.elected
    return -1 if counted is None else district.finalists[counted]


def _words(districts: Sequence[District], kind: str) -> list[str]:
    """Blocs or parties of those who may win, or have won."""
    able = [c for d in districts for c in (d.standing or (d.candidates[d.elected or 0],))]
    return [getattr(candidate, kind) for candidate in able]


def _groups(districts: Sequence[District], winner: Sequence[int], kind: str, names: Sequence[str]) -> Int64Array:
    """The group of each finalist, int64[D, K], -1 where there is none; a decided district has its winner's first."""
    place = {name: i for i, name in enumerate(names)}
    most = max([len(district.finalists) for district in districts] + [1])
    found = np.full((len(districts), most), -1, np.int64)
    for d, district in enumerate(districts):
        standing = [winner[d]] if winner[d] >= 0 else district.finalists
        for k, c in enumerate(standing):
            found[d, k] = place[getattr(district.candidates[c], kind)]
    return found


def without_shared(ready: Fitted) -> Fitted:
    """The same with shocks of each district's own: what a forecast race by race would say of the seats."""
    drawn = tuple(
        replace(one, weight=np.zeros_like(one.weight), own=np.ones_like(one.own)) for one in ready.chamber.drawn
    )
    return replace(ready, chamber=replace(ready.chamber, drawn=drawn))
