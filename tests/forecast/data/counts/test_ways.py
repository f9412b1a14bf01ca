"""Units that are a way of voting: told by name, and from places that are called so."""

from __future__ import annotations

import pytest

from runoff.data.counts.ways import Way, ways_note, ways_of

PARISHES = ("Acadia", "Allen", "Winn")


@pytest.mark.parametrize(
    ("form", "way"),
    [
        ("{}|EARLY VOTING", "early"),
        ("{} Early Vote 2", "early"),
        ("Absentee ({})", "absentee"),
        ("Absentee by Mail", "absentee mail"),
        ("{} - Mail-in ballots", "mail"),
        ("{}: failsafe/provisional", "provisional"),
        ("Briefwahlbezirk 901", "briefwahlbezirk"),
    ],
)
def test_a_way_of_voting_is_told_by_its_name(form: str, way: str) -> None:
    """A region's name, a number and small words around it change nothing."""
    units = [form.format(parish) for parish in PARISHES] + ["01 01", "01 02"]
    assert ways_of(units, [*PARISHES, "Acadia", "Acadia"]) == (Way(way, (0, 1, 2)),)


def test_places_that_are_called_so_are_places() -> None:
    """Early is a county and Advance a town: two of a name, a county's own precincts and Early Grove are no way."""
    units = ["Early|Arlington", "Early|Blakely", "Early|Damascus", "Early", "Advance", "Mail Road", "2 Early Grove"]
    assert ways_of(units, ["Early", "Early", "Early", "", "Harrison", "", "Marshall"]) == ()
    assert ways_of(units[:3], ["", "", ""]) == ()
    assert ways_of(["a|early", "b|early"], ["a", "b"]) == ()


def test_several_ways_are_told_apart_and_named_in_one_note() -> None:
    """Each way has its own units; the note names how many and one of each."""
    units = [f"{parish}|{way}" for parish in PARISHES for way in ("ABSENTEE", "FAILSAFE PROVISIONAL", "01")]
    ways = ways_of(units, [parish for parish in PARISHES for _ in range(3)])
    assert [(way.name, way.units) for way in ways] == [("absentee", (0, 3, 6)), ("failsafe provisional", (1, 4, 7))]
    (note,) = ways_note(ways, units)
    assert "3 like Acadia|ABSENTEE, 3 like Acadia|FAILSAFE PROVISIONAL" in note
    assert ways_note((), units) == []
