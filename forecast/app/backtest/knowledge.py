"""What past races may say of each race of a backtest: never the race itself, nor (unless asked for) its election.

usual             every race of the archive but those of the race's own election
chronological     those whose runoff was over when the race's first round was held
same_day          besides the usual, the other races of its election, by the shocks that they share with it
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from runoff.data.archive.archive import Archive
from runoff.data.archive.races import PastRace
from runoff.data.archive.words import nation_of
from runoff.errors import UsageError
from runoff.model.prior.fitted import table
from runoff.model.prior.fitted.fits import Fitter
from runoff.model.prior.given import given_others
from runoff.model.prior.law import MarginLaw
from runoff.model.prior.rates import Known

_WEEK = 7  # days that a runoff's date may be off
Way = Literal["usual", "chronological", "same_day"]


@dataclass(frozen=True)
class Knowledge:
    """Fits by election or day, of the archive that is learned from."""

    way: Way
    fits: table.Fits
    laws: dict[str, MarginLaw]
    left_out: dict[str, str]

    def among(self, races: Sequence[PastRace]) -> Knowledge:
        """The same for some races alone."""
        laws = {race.id: self.laws[race.id] for race in races if race.id in self.laws}
        left_out = {race.id: self.left_out[race.id] for race in races if race.id in self.left_out}
        return replace(self, laws=laws, left_out=left_out)

    def of(self, race: PastRace) -> Known:
        """What may be said of a race."""
        if self.way == "chronological":
            return Known(self.fits.before(race.date_first), "archive")
        return Known(
            self.fits.leaving_out(self.left_out.get(race.id, race.election)), "archive", self.laws.get(race.id)
        )


def knowledge(races: Archive, past: Archive, way: Way) -> Knowledge:
    """What an archive `past` says of the races of another, or of the same one."""
    shipped = past.sha256 == Archive.load().sha256
    fits = table.shipped() if shipped else table.made(past)
    left_out = elections_of(races, past)
    laws = same_day_laws(races, past, fits, left_out) if way == "same_day" else {}
    return Knowledge(way, fits, laws, left_out)


def elections_of(races: Archive, past: Archive) -> dict[str, str]:
    """The election of `past` that each race is a part of, whatever its own archive calls it: by id of race.

    It has the same id, or the same country and kind of office within a week, or a race with the same first round.

    Raises
    ------
    UsageError : two elections of `past` may be a race's own.
    """
    by_day = defaultdict(set)
    by_votes = defaultdict(set)
    for old in past.races:
        by_day[nation_of(old.country), old.level].add((old.date_runoff, old.election))
        by_votes[_votes(old)].add(old.election)
    ids, found = set(past.elections), {}
    for race in races.races:
        own = {race.election} if race.election in ids else set()
        if not own:
            near = by_day[nation_of(race.country), race.level]
            own = {election for day, election in near if abs((day - race.date_runoff).days) <= _WEEK}
        own |= by_votes[_votes(race)]
        if len(own) > 1:
            raise UsageError(
                f"{race.id}: its election is {' or '.join(sorted(own))} of those that are learned from\n"
                "  fix:  give it the country, level and days that it has there"
            )
        found[race.id] = next(iter(own), race.election)
    return found


def _votes(race: PastRace) -> tuple[int, ...]:
    """What tells a race from every other: its candidates' votes in the first round, sorted."""
    return tuple(candidate.first_round_votes for candidate in race.candidates)


def same_day_laws(races: Archive, past: Archive, fits: table.Fits, left_out: dict[str, str]) -> dict[str, MarginLaw]:
    """Laws of duels whose election has other races, in either archive: given those, each race itself left out."""
    known = {race.id for race in races.races}
    twins = {_votes(race) for race in races.races}
    named = Archive(tuple(replace(race, election=left_out[race.id]) for race in races.races), races.outright)
    both = named.joined(past.chosen(lambda race: race.id not in known and _votes(race) not in twins))
    fitter = Fitter.of(both)
    names = [both.races[place].id for place in fitter.duels]
    found: dict[str, MarginLaw] = {}
    for g, election in enumerate(fitter.arrays.elections):
        rows = np.flatnonzero(fitter.problem.group == g)
        if len(rows) > 1 and any(names[row] in known for row in rows):
            law = given_others(fits.leaving_out(election), fitter.fields.chosen(rows), fitter.margin[rows])
            found |= {names[row]: one for row, one in zip(rows, law, strict=True) if names[row] in known}
    return found
