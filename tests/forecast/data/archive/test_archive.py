"""The shipped archive as a whole, and what may be taken of it for a race yet to come."""

from __future__ import annotations

import datetime as dt
import random
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest

from runoff.data.archive import archive as module
from runoff.data.archive import kept
from runoff.data.archive.archive import Archive, Left
from runoff.data.archive.kept import Kept, columns_of, kept_of
from runoff.data.archive.words import AXIS, BLOCS, CAMPS, CONTESTS, LEVELS, VERIFIED, axis_of, camp_of
from runoff.errors import MissingFileError

SHA256 = "e9023a16fea9a3e1ba3e61c6f4c86e8187bd05a81d79c7e2e0a534fadf20555c"


@pytest.fixture(scope="module")
def archive() -> Archive:
    """The shipped archive."""
    return Archive.load()


def test_the_shipped_archive_is_what_was_collected(archive: Archive) -> None:
    """4,620 races of 132 elections, 163 polls, 459 districts decided at once; the hash tells any change of a figure."""
    assert (len(archive.races), len(archive.elections)) == (4_620, 132)
    assert sum(len(race.polls) for race in archive.races) == 163
    assert (len(archive.outright), len(archive.nuances)) == (459, 210)
    assert archive.sha256 == SHA256
    assert Archive.load() is archive


def test_its_figures_are_those_of_known_races(archive: Archive) -> None:
    """France 2002 and the special election of Georgia's sixth district in 2017, as certified."""
    chirac, le_pen = archive.by_id["fr_pres_2002"].finalists
    assert (chirac.runoff_votes, le_pen.runoff_votes) == (25_537_956, 5_525_032)
    race = archive.by_id["us_ga_hd6_20170418"]
    assert [(c.name, c.first_round_votes, c.runoff_votes) for c in race.finalists] == [
        ("Jon Ossoff", 92_673, 125_517),
        ("Karen Handel", 38_071, 134_799),
    ]
    assert (race.winner, race.nation, race.area, len(race.polls)) == ("Karen Handel", "United States", "Georgia", 10)
    assert race.turnout_ratio == pytest.approx((125_517 + 134_799) / race.first_round_votes)


def test_every_race_is_whole(archive: Archive) -> None:
    """Two to four finalists with runoff votes, nobody else with any, a winner among the most voted, known words."""
    for race in archive.races:
        assert 2 <= len(race.finalists) <= 4
        assert all(
            (c.runoff_votes is not None) == c.advanced and not (c.advanced and c.withdrew) for c in race.candidates
        )
        most = max(c.runoff_votes or 0 for c in race.finalists)
        assert race.winner in [c.name for c in race.finalists if c.runoff_votes == most]
        assert (race.level in LEVELS, race.contest in CONTESTS, race.verified in VERIFIED) == (True,) * 3
        assert all(c.bloc in BLOCS and c.camp in CAMPS and c.camp == camp_of(c.bloc) for c in race.candidates)
        assert race.date_first < race.date_runoff


def test_an_election_is_a_day_of_one_country_and_level_and_of_one_state_there(archive: Archive) -> None:
    """Districts of one Assembly are one election; Georgia's House and statewide runoffs of one day are one, too."""
    france = archive.where(country="France", level="national_district")
    assert [(e[-10:], len(france.election(e).races)) for e in france.elections] == [
        ("1988-06-12", 434), ("1993-03-28", 479), ("1997-06-01", 553), ("2002-06-16", 516), ("2007-06-17", 465),
        ("2017-06-18", 572), ("2024-07-07", 500),
    ]  # fmt: skip
    assert len(france.outright) == 459
    georgia = archive.election("united-states-georgia-2018-07-24")
    assert {race.level for race in georgia.races} == {"statewide", "us_house"}
    assert len(archive.where(country="Chile", level="regional").elections) == 1
    assert all(len({(r.nation, r.date_runoff) for r in archive.election(e).races}) == 1 for e in archive.elections)


def test_before_a_day_a_runoff_of_that_day_is_not_over(archive: Archive) -> None:
    """Races whose runoff was the day before are there; those of the day itself are not."""
    day = dt.date(2017, 6, 18)
    there = archive.before(day)
    assert max(race.date_runoff for race in there.races) < day
    assert {race.id for race in archive.races} - {race.id for race in there.races} == {
        race.id for race in archive.races if race.date_runoff >= day
    }
    assert len(archive.before(day + dt.timedelta(1)).races) == len(there.races) + 572
    assert {race.election for race in there.outright} <= set(there.elections)


def test_a_race_is_left_out_with_its_election_however_it_is_named(archive: Archive) -> None:
    """By its id; by place and dates under another id; by dates alone where no place is known."""
    race = archive.by_id["us_ga_hd6_20170418"]
    gone = {past.id for past in archive.election(race.election).races}
    dates = {"date_first": race.date_first, "date_runoff": race.date_runoff}
    left = [
        Left.of(race),
        Left(id="US_GA_hd6_20170418"),
        Left(id="ga06-2017", country="united states (GEORGIA)", office=race.office, **dates),
        Left(id="ga06-2017", **dates),
    ]
    for out in left:
        assert {past.id for past in archive.races} - {past.id for past in archive.without(out).races} == gone
    other = Left(country="United States (Texas)", office=race.office, **dates)
    assert len(archive.without(other).races) == len(archive.races)


def test_a_race_that_is_not_there_takes_its_election_with_it(archive: Archive) -> None:
    """A canton of 2015 that the archive lacks: all cantons of that day are left out."""
    day = dt.date(2015, 3, 29)
    left = Left("x", "France", "Departmental council, 99 canton 1", "departmental", dt.date(2015, 3, 22), day)
    assert len(archive.races) - len(archive.without(left).races) == 827


def test_the_hash_hangs_on_what_is_said_and_not_on_the_order(archive: Archive) -> None:
    """Rows of every table shuffled: the same hash; one vote more: another."""
    some = archive.where(country="France", level="national")
    mixed = [list(race.candidates) for race in some.races]
    for candidates in mixed:
        random.Random(5).shuffle(candidates)
    races = [replace(race, candidates=tuple(c)) for race, c in zip(some.races, mixed, strict=True)]
    assert Archive(tuple(reversed(races))).sha256 == Archive(some.races).sha256
    first = races[0].candidates[0]
    more = replace(first, first_round_votes=first.first_round_votes + 1)
    races[0] = replace(races[0], candidates=(more, *races[0].candidates[1:]))
    assert Archive(tuple(races)).sha256 != Archive(some.races).sha256


def test_tables_that_are_gone_or_damaged_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shipped table that is not there, cut off, or without its columns: a message with the way out, and no bug."""
    monkeypatch.setattr(module, "shipped_tables", lambda: nullcontext(tmp_path))
    with pytest.raises(MissingFileError, match="install runoff anew"):
        module._shipped.__wrapped__()
    some = kept.files_of(Archive.load().where(country="Poland").kept)
    for name, content in some.items():
        (tmp_path / name).write_bytes(content)
    assert len(module._shipped.__wrapped__().races) == 6
    for content in (some["polls.parquet"], some["races.parquet"][:-100]):
        (tmp_path / "races.parquet").write_bytes(content)
        with pytest.raises(MissingFileError, match="install runoff anew"):
            module._shipped.__wrapped__()


def test_columns_and_races_say_the_same(archive: Archive) -> None:
    """Races to columns and back are the same races."""
    some = archive.where(country="Poland")
    assert kept_of(columns_of(some.kept)) == Kept(some.races, (), some.nuances)


def test_the_axis_runs_from_far_left_to_far_right() -> None:
    """The places of blocs, and no place for those that have none."""
    assert [axis_of(bloc) for bloc in ("far-left", "left", "D", "centre", "L", "right", "R", "far-right")] == [
        -2.0, -1.0, -1.0, 0.0, 0.6, 1.0, 1.0, 2.0,
    ]  # fmt: skip
    assert all(axis_of(bloc) != axis_of(bloc) for bloc in ("other", "I"))
    assert set(AXIS) == set(BLOCS)
