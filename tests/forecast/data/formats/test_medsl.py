"""MEDSL's tables: cell by cell what Georgia's 6th district had; stages, totals beside modes, fusion tickets."""

from __future__ import annotations

from pathlib import Path

import pytest

from runoff.data.formats.imported import NOT_TOLD, Asked
from runoff.data.formats.medsl import read
from runoff.errors import InputError
from tests.forecast.data.formats import ga06

SHORT = "precinct,office,party_detailed,party_simplified,mode,votes,county_name,candidate,district,stage\n"


def _small(*rows: str) -> str:
    return SHORT + "".join(f"{row}\n" for row in rows)


def _row(name: str, votes: int, mode: str = "TOTAL", party: str = "DEMOCRAT", stage: str = "GEN") -> str:
    return f"A1,US HOUSE,{party},{party},{mode},{votes},COBB,{name},006,{stage}"


def test_every_cell_is_read(tmp_path: Path) -> None:
    """Precincts, modes and candidates of the table that it was made from, the district as 6; others counted."""
    more = [["A", "US SENATE", "", "", "TOTAL", 5, "Cobb", "X", "", "GEN", "FALSE", "FALSE", "2017-04-18"]]
    path = ga06.written(tmp_path, "a.csv", ga06.medsl(more))
    found = read([path], Asked(office="US House", district="6"))
    wanted = {(region, unit, name.upper(), mode): n for (region, unit, name, mode), n in ga06.truth().items()}
    assert ga06.found_cells(found) == wanted
    assert (str(found.day), found.left_out) == ("2017-04-18", {"rows of other races": 1})


def test_stages_are_chosen(tmp_path: Path) -> None:
    """A primary's rows beside the election's are refused, and --where takes one of them."""
    path = ga06.written(tmp_path, "a.csv", _small(_row("ANN", 9, stage="PRI"), _row("ANN", 70), _row("BOB", 60)))
    with pytest.raises(InputError, match="--where stage=PRI"):
        read([path], Asked())
    assert read([path], Asked(where=(("stage", "GEN"),))).total == 130


def test_totals_beside_modes_are_not_added(tmp_path: Path) -> None:
    """Rows of mode TOTAL beside modes are left out where they agree, refused where not; alone they are kept."""
    rows = [_row("ANN", 7, "MAIL"), _row("ANN", 3, "ELECTION DAY"), _row("ANN", 10), _row("BOB", 4)]
    found = read([ga06.written(tmp_path, "a.csv", _small(*rows))], Asked())
    cells = ga06.found_cells(found)
    assert cells["COBB", "A1", "ANN", "mail"] == 7
    assert cells["COBB", "A1", "BOB", NOT_TOLD] == 4
    assert found.total == 14
    rows[2] = _row("ANN", 11)
    with pytest.raises(InputError, match="do not add up to the total"):
        read([ga06.written(tmp_path, "b.csv", _small(*rows))], Asked())


def test_lines_of_parties_are_added_up(tmp_path: Path) -> None:
    """One candidate on two parties' lines is one, with both lines' votes and the larger party, and a note."""
    rows = [_row("ANN", 70), _row("ANN", 9, party="OTHER"), _row("BOB", 60, party="REPUBLICAN")]
    found = read([ga06.written(tmp_path, "a.csv", _small(*rows))], Asked())
    assert ga06.found_cells(found)["COBB", "A1", "ANN", ""] == 79
    assert {row.party for row in found.rows if row.candidate == "ANN"} == {"DEMOCRAT"}
    assert "party lines are added up: ANN" in found.notes


def test_states_are_units_of_a_table_of_candidates(tmp_path: Path) -> None:
    """The table by constituency has candidatevotes and no smaller place than the state."""
    text = "year,state,office,district,candidate,party,candidatevotes\n"
    text += "2018,GEORGIA,US HOUSE,6,ANN,D,7\n2018,GEORGIA,US HOUSE,6,BOB,R,5\n2018,GEORGIA,US HOUSE,7,CY,R,5\n"
    found = read([ga06.written(tmp_path, "a.csv", text)], Asked(district="006"))
    assert ga06.found_cells(found) == {("", "GEORGIA", "ANN", ""): 7, ("", "GEORGIA", "BOB", ""): 5}
