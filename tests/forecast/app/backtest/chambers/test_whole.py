from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from runoff.app.backtest.chambers.assemblies import assemblies, crps_seats, orders
from runoff.app.backtest.chambers.whole import chamber_backtest
from runoff.data.archive.archive import Archive
from runoff.errors import UsageError
from runoff.estimate.scores import crps_sample

_ELECTION = "france-national-district-2007-06-17"


def _some() -> Archive:
    """A hundred and five districts of one Assembly that went to a runoff, with all that were decided before."""
    whole = Archive.load().election(_ELECTION)
    return Archive(whole.races[:105], whole.outright, whole.nuances)


def test_seats_are_scored_as_a_sample_is() -> None:
    """CRPS of whole seats is that of the sample."""
    seats = np.array([3, 5, 5, 9, 14, 2])
    for actual in (0, 4, 5, 20):
        assert crps_seats(seats, actual) == pytest.approx(crps_sample(seats, np.ones(6), actual))


def test_who_stands_by_the_law_is_who_stood() -> None:
    """Of every Assembly of the archive, the law and the withdrawals give the candidates who stood in each runoff."""
    archive = Archive.load()
    found = assemblies(archive)
    assert len(found) == 7
    for of in found:
        for district in of.districts:
            race = archive.by_id.get(district.id)
            stood = [] if race is None else [candidate.name for candidate in race.finalists]
            assert [candidate.name for candidate in district.standing] == stood


def test_what_came_changes_no_forecast_before_the_night() -> None:
    """With winners' and losers' votes exchanged the seats that were forecast are the same, and the scores are not."""
    races = _some()
    spoiled = Archive(tuple(_exchanged(race) for race in races.races), races.outright, races.nuances)
    one, other = (chamber_backtest(of, trials=400, threads=2) for of in (races, spoiled))
    kept = []
    for found in (one, other):
        rows = [row for row in found.tables["chambers_seats"] if row["forecaster"] == "chamber"]
        kept.append([(row["bloc"], row["seats_mean"]) for row in rows])
    common = {bloc for bloc, _ in kept[0]} & {bloc for bloc, _ in kept[1]}
    assert len(common) >= 2
    assert {pair for pair in kept[0] if pair[0] in common} == {pair for pair in kept[1] if pair[0] in common}
    assert one.tables["chambers_districts"][0]["log"] < other.tables["chambers_districts"][0]["log"]  # type: ignore[operator]
    assert len(one.tables["chambers_night"]) == 3
    assert "blocs had seats" in str(one.page())
    assert one.document()["run"]["chambers"] == 1


def _exchanged(race):  # type: ignore[no-untyped-def]
    votes = [candidate.runoff_votes for candidate in race.finalists]
    turned = dict(zip([candidate.name for candidate in race.finalists], reversed(votes), strict=True))
    candidates = tuple(replace(c, runoff_votes=turned[c.name]) if c.advanced else c for c in race.candidates)
    return replace(race, candidates=candidates)


def test_overseas_first_and_paris_last() -> None:
    """The order of the night begins overseas and ends around Paris; every runoff is in each order once."""
    (of,) = assemblies(Archive.load().election("france-national-district-2017-06-18"))
    region = {district.id: district.region for district in of.districts}
    found = orders(of)
    real = [region[name] for name in found["overseas first, Paris last"]]
    assert real[0][:1] == "Z" or len(real[0]) > 2
    assert set(real[-30:]) <= {"75", "92", "93", "94"}
    assert len({frozenset(order) for order in found.values()}) == 1


def test_an_archive_without_a_chamber_is_refused() -> None:
    """One message where no election has a hundred districts."""
    with pytest.raises(UsageError, match="no chamber"):
        chamber_backtest(Archive.load().where(level="municipal"))
