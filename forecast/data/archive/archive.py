"""An archive of past races: what ships with the package, and what of it may be used for a race yet to come."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from importlib import resources
from pathlib import Path

from runoff import names
from runoff.data.archive import kept as keeping
from runoff.data.archive.checks_beside import checked
from runoff.data.archive.columns import TABLES
from runoff.data.archive.kept import Kept
from runoff.data.archive.races import Nuance, OutrightRace, PastRace
from runoff.data.archive.words import election_of, nation_of
from runoff.errors import InputError, MissingFileError, Problem


@dataclass(frozen=True, slots=True)
class Left:
    """A race that is to be left out, whether the archive has it or not.

    id : its id, should it be the archive's; country, office, level : '' where not known, and then any fits.
    """

    id: str = ""
    country: str = ""
    office: str = ""
    level: str = ""
    date_first: dt.date | None = None
    date_runoff: dt.date | None = None

    @classmethod
    def of(cls, race: PastRace) -> Left:
        """A race of an archive."""
        return cls(race.id, race.country, race.office, race.level, race.date_first, race.date_runoff)

    @property
    def election(self) -> str:
        """The election that it is part of; '' where too little is known."""
        if not self.country or not self.level or self.date_runoff is None:
            return ""
        return election_of(self.country, self.level, self.date_runoff)

    def fits(self, race: PastRace) -> bool:
        """Whether a race of an archive may be this one: the same id, or both dates and what is known of the place."""
        if self.id and names.same(self.id) == names.same(race.id):
            return True
        if (race.date_first, race.date_runoff) != (self.date_first, self.date_runoff):
            return False
        said = (self.country, race.country), (self.office, race.office)
        return all(not ours or names.alike(ours) == names.alike(theirs) for ours, theirs in said)


@dataclass(frozen=True)
class Archive:
    """Past races, in order of id; frozen, and each filter makes another.

    Attributes
    ----------
    races : whose two rounds are over.
    outright : districts of the same elections that the first round decided.
    nuances : what authorities' codes stand for; filters leave them as they are.
    notes : what a reader of a folder should know of its tables.
    """

    races: tuple[PastRace, ...]
    outright: tuple[OutrightRace, ...] = ()
    nuances: tuple[Nuance, ...] = ()
    notes: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def of(cls, kept: Kept) -> Archive:
        """An archive of what was kept."""
        return cls(*kept)

    @property
    def kept(self) -> Kept:
        """What it keeps."""
        return Kept(self.races, self.outright, self.nuances)

    @classmethod
    def load(cls) -> Archive:
        """The archive that ships with the package; read once.

        Raises
        ------
        MissingFileError : its tables are gone or damaged.
        """
        return _shipped()

    @classmethod
    def read(cls, folder: Path | str) -> Archive:
        """The archive of a folder: tables in CSV or Parquet, checked.

        Raises
        ------
        InputError : with every problem of all tables.
        MissingFileError : no such folder, or one without races or candidates.
        """
        kept, notes = checked(Path(folder))
        return cls(*kept, notes)

    def joined(self, other: Archive) -> Archive:
        """The races of both archives; of their nuances those of the other where both have one.

        Raises
        ------
        InputError : races of one id, or of one place, contest and both dates, in both.
        """
        problems = [
            Problem(
                race.id, 0, 0, f"is in both archives{known}", "a race stands there once", "", "leave one of them out"
            )
            for race, known in _in_both(self, other)
        ]
        if problems:
            raise InputError(problems)
        nuances = {(n.office, n.year, n.nuance): n for n in (*self.nuances, *other.nuances)}
        both = Kept(self.races + other.races, self.outright + other.outright, tuple(nuances.values()))
        return Archive.of(keeping.sorted_kept(both))

    @cached_property
    def sha256(self) -> str:
        """Of all that the archive says, in whatever order its tables had their rows."""
        digest = hashlib.sha256()
        for name, columns in keeping.columns_of(self.kept).items():
            for column, values in columns.items():
                digest.update(f"{name}.{column}\n".encode())
                digest.update("\n".join(map(repr, values)).encode())
        return digest.hexdigest()

    @cached_property
    def elections(self) -> tuple[str, ...]:
        """Ids of all elections, in order of runoff date, then of id."""
        found = {race.election: race.date_runoff for race in self.races}
        return tuple(sorted(found, key=lambda election: (found[election], election)))

    @cached_property
    def by_id(self) -> dict[str, PastRace]:
        """Races by id."""
        return {race.id: race for race in self.races}

    def chosen(self, wanted: Callable[[PastRace], bool]) -> Archive:
        """The races that are wanted, and the outright ones of their elections."""
        races = tuple(race for race in self.races if wanted(race))
        elections = {race.election for race in races}
        return Archive(races, tuple(race for race in self.outright if race.election in elections), self.nuances)

    def election(self, election: str) -> Archive:
        """The races of one election; none where there is no such."""
        return self.chosen(lambda race: race.election == election)

    def before(self, day: dt.date) -> Archive:
        """Races whose runoff was over when the day began: what a forecast of that day may know."""
        return self.chosen(lambda race: race.date_runoff < day)

    def without(self, race: PastRace | Left) -> Archive:
        """All but a race and every race of its election.

        A race is dropped by its id, and by place and both dates under whatever id; what is not known of a place fits
        any.  The election falls with it, and falls too where the archive has other races of it only.
        """
        left = race if isinstance(race, Left) else Left.of(race)
        dropped = {past.election for past in self.races if left.fits(past)} | {left.election}
        return self.chosen(lambda past: past.election not in dropped)

    def where(self, *, country: str = "", level: str = "", contest: str = "", election: str = "") -> Archive:
        """Races of a country (a nation, or one with its part in brackets), level, contest, election; '' fits any."""

        def wanted(race: PastRace) -> bool:
            place = not country or names.alike(country) in (
                names.alike(race.country),
                names.alike(nation_of(race.country)),
            )
            said = ((level, race.level), (contest, race.contest), (election, race.election))
            return place and all(not asked or names.same(asked) == names.same(has) for asked, has in said)

        return self.chosen(wanted)


def _in_both(one: Archive, other: Archive) -> list[tuple[PastRace, str]]:
    """Races of the second that are in the first, and under which other id."""
    known: dict[object, PastRace] = {}
    for race in one.races:
        known |= {names.same(race.id): race, _place(race): race}
    found = []
    for race in other.races:
        there = known.get(names.same(race.id)) or known.get(_place(race))
        if there is not None:
            found.append((race, "" if there.id == race.id else f", in the other as {there.id}"))
    return found


def _place(race: PastRace) -> tuple[object, ...]:
    """What makes two races one, whatever their ids."""
    return names.alike(race.country), names.alike(race.office), race.contest, race.date_first, race.date_runoff


@contextmanager
def shipped_tables() -> Iterator[Path]:
    """The folder of the shipped tables."""
    with resources.as_file(resources.files("runoff.data.archive") / "tables") as folder:
        yield folder


@lru_cache(maxsize=1)
def _shipped() -> Archive:
    with shipped_tables() as folder:
        try:
            files = {path.name: path.read_bytes() for path in (folder / f"{name}.parquet" for name in TABLES)}
            return Archive.of(keeping.read_files(files))
        except (OSError, ValueError, LookupError) as cause:
            said = f"{folder}: the shipped archive cannot be read: {str(cause).splitlines()[0]}"
            raise MissingFileError(f"{said}\n  fix:  install runoff anew") from None
