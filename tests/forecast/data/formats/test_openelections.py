"""OpenElections' tables: cell by cell what Georgia's 6th district had; and what is told of those that are not whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from runoff.data.formats.imported import NOT_TOLD, Asked
from runoff.data.formats.openelections import read
from runoff.errors import InputError
from tests.forecast.data.formats import ga06

HOUSE = ["U.S. House", "6"]
SHORT = "county,precinct,office,district,party,candidate,votes,election_day,provisional\n"
SMALL = SHORT + "Cobb,A1,U.S. House,6,DEM,Ann,120,100,20\nCobb,A1,U.S. House,6,REP,Bob (I),90,80,10\n"


def test_every_cell_is_read(tmp_path: Path) -> None:
    """Precincts, modes, candidates and the roll of the table that it was made from; other races and totals counted."""
    more = [
        ["Cobb", "Cobb/Addison 01", "Sheriff", "", "R", "Kim", 7, 7, 0, 0, 0],
        ["Cobb", "Cobb/Addison 01", *HOUSE, "", "Over Votes", 2, 2, 0, 0, 0],
        ["", "Total", *HOUSE, "D", "Jon Ossoff", 92673, "", "", "", ""],
    ]
    path = ga06.written(tmp_path, "20170418__ga__special__precinct.csv", ga06.openelections(more))
    found = read([path], Asked(office="u.s. house"))
    assert ga06.found_cells(found) == ga06.truth()
    assert (found.total, str(found.day)) == (192_569, "2017-04-18")
    assert found.left_out == {
        "rows of other races": 1, "Over Votes: votes that are for nobody": 1, "rows of totals": 1
    }  # fmt: skip
    registered = {(r["region"], r["unit"]): r["registered"] for r in ga06.ROLL if r["registered"]}
    assert {place: str(of[0]) for place, of in found.roll.items() if str(of[0]) != "None"} == registered
    assert found.notes == []


def test_a_total_that_differs_is_told(tmp_path: Path) -> None:
    """Rows that add up to less than the file's own total of a candidate: a note with both numbers."""
    text = SMALL + "Cobb,Total,U.S. House,6,DEM,Ann,500,,\n"
    found = read([ga06.written(tmp_path, "a.csv", text)], Asked())
    assert "the total of Ann in Cobb says 500, the rows add up to 120" in found.notes


def test_counties_are_units_where_there_are_no_precincts(tmp_path: Path) -> None:
    """A table by county, without modes; a name without its bracket."""
    text = "county,office,district,party,candidate,votes\nCobb,Mayor,,D,Ann,1\nCobb,Mayor,,R,Bob (I),2\n"
    found = read([ga06.written(tmp_path, "a.csv", text)], Asked())
    assert ga06.found_cells(found) == {("", "Cobb", "Ann", ""): 1, ("", "Cobb", "Bob", ""): 2}


def test_votes_without_a_mode_are_kept(tmp_path: Path) -> None:
    """Modes that add up to less leave a mode of their own, with a note; to more is refused."""
    found = read([ga06.written(tmp_path, "a.csv", SMALL.replace("120,100,20", "125,100,20"))], Asked())
    assert ga06.found_cells(found)["Cobb", "A1", "Ann", NOT_TOLD] == 5
    assert NOT_TOLD in " ".join(found.notes)
    with pytest.raises(InputError, match="modes add up to more than the votes"):
        read([ga06.written(tmp_path, "b.csv", SMALL.replace("120,100,20", "115,100,20"))], Asked())


@pytest.mark.parametrize(
    ("text", "asked", "words"),
    [
        (SMALL + "Cobb,A1,Sheriff,,R,Kim,7,7,0\n", Asked(), "--office and --district: U.S. House 6, Sheriff"),
        (SMALL, Asked(office="US Hous"), "did you mean U.S. House"),
        (SMALL + "Cobb,A1,U.S. House,6,DEM,Ann,120,100,20\n", Asked(), "a second row for Ann in A1"),
        (SMALL.replace("120,100", "12x,100"), Asked(), "votes is not a whole number"),
        (SMALL.replace("office", "contest"), Asked(), "no column of offices"),
        (SMALL, Asked(where=(("stage", "GEN"),)), "no column stage"),
    ],
)  # fmt: skip
def test_what_is_not_one_race_is_refused(tmp_path: Path, text: str, asked: Asked, words: str) -> None:
    """Several races, slips, rows twice, cells that are no numbers, other formats: told with the way out."""
    with pytest.raises(InputError, match=words):
        read([ga06.written(tmp_path, "a.csv", text)], asked)
