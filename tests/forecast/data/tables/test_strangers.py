"""Tables of another race: one message from each reader, and none where most names fit."""

from __future__ import annotations

from pathlib import Path

import pytest

from runoff.data.counts.runoff_count import first_modes, read_reported
from runoff.data.tables.strangers import Strangers, of_another_race
from runoff.errors import InputError
from runoff.runfile.load import load
from tests import night, runoff_night

OTHERS = [f"Ward {i}" for i in range(1, 21)]


@pytest.mark.parametrize(
    ("strange", "fitting", "known", "foreign"),
    [(3, 0, 30, True), (2, 0, 30, False), (2, 0, 2, True), (1, 0, 2, False), (27, 3, 30, True), (26, 3, 30, False)],
)
def test_a_table_is_of_another_race_where_hardly_any_name_fits(
    strange: int, fitting: int, known: int, foreign: bool
) -> None:
    """Three names (two where the race has two), and nine for each that fits; fewer are slips, told one by one."""
    found = of_another_race("t", Strangers("units", OTHERS[:1] * strange, fitting, ["n"] * known))
    assert (found is not None) == foreign


def _single(told: pytest.ExceptionInfo[InputError]) -> str:
    assert len(told.value.problems) == 1, str(told.value)
    said = str(told.value)
    assert "of another race? then name this race's" in said
    return said


def test_a_result_and_an_earlier_hours_table_are_read_so(tmp_path: Path) -> None:
    """Votes of a night, and those of an hour before: with other units, and with other candidates alone."""
    loaded = load(runoff_night.folder(tmp_path))
    header, first = "unit,candidate,mode,votes", first_modes(loaded)
    good = runoff_night.results(tmp_path / "g.csv", ["n1,Ada,early,5", "n1,Bo,early,6"], header)
    units = runoff_night.results(
        tmp_path / "u.csv", [f"{u},{c},early,5" for u in OTHERS for c in ("Ada", "Bo")], header
    )
    people = runoff_night.results(tmp_path / "p.csv", ["n1,Kim,early,5", "n1,Lee,early,6"], header)
    with pytest.raises(InputError) as told:
        read_reported(loaded, units, first)
    assert "none of its 20 units are of this race" in _single(told)
    with pytest.raises(InputError) as told:
        read_reported(loaded, people, first)
    assert "none of its 2 candidates are of this race" in _single(told)
    with pytest.raises(InputError) as told:
        read_reported(loaded, good, first, units)
    assert "u.csv: none of its 20 units" in _single(told)


def test_tables_beside_a_first_round_are_read_so(tmp_path: Path) -> None:
    """A status table, a baseline and an earlier hour's results with other units."""
    run = night.folder(tmp_path / "a", status=[f"{unit},day,out" for unit in OTHERS])
    with pytest.raises(InputError) as told:
        night.counted(load(run))
    assert "status.csv: none of its 20 units" in str(told.value)
    assert "Ward 2" in str(told.value)
    assert "no such unit" not in str(told.value)
    run = night.folder(tmp_path / "b", more='baseline = "base.csv"')
    rows = "\n".join(f"{unit},300,200" for unit in OTHERS)
    run.with_name("base.csv").write_text(f"unit,first,second\n{rows}\n", "utf-8")
    with pytest.raises(InputError) as told:
        night.counted(load(run))
    assert "base.csv: none of its 20 units" in _single(told)
    run = night.folder(tmp_path / "c", more='previous = "previous.csv"')
    rows = "\n".join(f"{unit},{name},{party},day,3" for unit in OTHERS for name, party in night.CANDIDATES)
    run.with_name("previous.csv").write_text(f"unit,candidate,party,mode,votes\n{rows}\n", "utf-8")
    with pytest.raises(InputError) as told:
        night.counted(load(run))
    assert "previous.csv: none of its 20 units" in _single(told)


def test_a_baseline_of_more_places_is_of_the_race(tmp_path: Path) -> None:
    """A state's table beside a district's count: every unit is there, and the others are a note."""
    run = night.folder(tmp_path, more='baseline = "base.csv"')
    around = [f"Ward {i}" for i in range(20 * len(night.UNITS))]
    rows = "\n".join(f"{unit},{300 + i % 7},{200 + i % 5}" for i, unit in enumerate((*around, *night.UNITS)))
    run.with_name("base.csv").write_text(f"unit,first,second\n{rows}\n", "utf-8")
    assert "base.csv: not used: Ward 0 and 199 more, which this race has not" in night.counted(load(run)).notes


def test_a_roll_is_read_so(tmp_path: Path) -> None:
    """Registered voters of other units: one message, which says that either table may be the other race's."""
    run = runoff_night.folder(tmp_path)
    rows = "\n".join(f"n,{unit},2000" for unit in OTHERS)
    run.with_name("roll.csv").write_text(f"region,unit,registered\n{rows}\n", "utf-8")
    with pytest.raises(InputError) as told:
        load(run)
    assert len(told.value.problems) == 1
    assert "first.csv: none of its 30 units are of this race" in str(told.value)
    assert "is it, or roll.csv, the table of another race?" in str(told.value)


def test_polls_of_a_first_round_are_read_so(tmp_path: Path) -> None:
    """Three candidates whom the results do not name: one message."""
    run = night.folder(tmp_path, ())
    text = run.read_text("utf-8").replace("as_of = 2021-03-01", "as_of = 2021-02-25")
    section = '[first_round_polls]\ntable = "polls.csv"\nturnout = { low = 0.3, high = 0.4 }\n'
    run.write_text(text.replace('[counting]\nstatus = "status.csv"\n', section), "utf-8")
    lines = "\n".join(f"n,n1,{name},{party},,0" for name, party in night.CANDIDATES)
    run.with_name("counted.csv").write_text(f"region,unit,candidate,party,mode,votes\n{lines}\n", "utf-8")
    rows = "\n".join(f"p1,Alpha,2021-02-12,{name},{share}" for name, share in (("Kim", 40), ("Lee", 35), ("Moe", 10)))
    run.with_name("polls.csv").write_text(f"poll,pollster,field_end,candidate,share\n{rows}\n", "utf-8")
    with pytest.raises(InputError) as told:
        night.polled(load(run))
    assert "none of its 3 candidates are of this race" in _single(told)
