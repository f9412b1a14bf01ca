"""What is out as a first round's count itself says it, by its column status or by the rows that it has not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from runoff.data.counts.count import Count
from runoff.errors import InputError
from runoff.phases import pipeline
from runoff.phases.settings import Options
from runoff.runfile.load import load
from tests import night

SIZED = "\n[counting.modes.day]\nlow = 0.2\nhigh = 0.4\n"
HEADER = "region,unit,candidate,party,mode,status,votes"


def _without_table(path: Path, counted: list[str] | None = None, header: str = "", more: str = "") -> Count:
    """The night's count with no status table."""
    run = night.folder(path, counted=counted, more=more)
    run.write_text(run.read_text().replace('status = "status.csv"\n', ""))
    if header:
        table = path / "counted.csv"
        table.write_text("\n".join([header, *table.read_text().splitlines()[1:]]) + "\n")
    return night.counted(load(run))


def _cells(count: Count) -> set[tuple[str, str, bool]]:
    units = count.first_round.units
    return {(units[u], count.modes[out.mode], out.part) for out in count.out for u in out.members}


def test_cells_without_rows_are_out_as_the_table_would_say(tmp_path: Path) -> None:
    """Without a status table a cell without rows is out: the same count as with a table that names these cells."""
    table, bare = night.counted(night.loaded(tmp_path / "a")), _without_table(tmp_path / "b")
    assert _cells(bare) == _cells(table) == {(*row.split(",")[:2], False) for row in night.OUT}
    assert np.array_equal(bare.complete, table.complete)
    assert np.array_equal(bare.votes, table.votes)


def test_noughts_of_a_unit_or_a_mode_wait_for_their_count(tmp_path: Path) -> None:
    """A unit filled with zeros beforehand is out, and so is a mode; the mode then needs a size."""
    zeros = [row.rsplit(",", 1)[0] + ",0" if row.split(",")[1] == "n1" else row for row in night.rows()]
    found = _cells(_without_table(tmp_path / "unit", zeros))
    assert {("n1", "early", False), ("n1", "day", False)} < found
    zeros = [row.rsplit(",", 1)[0] + ",0" if row.split(",")[4] == "day" else row for row in night.rows(())]
    with pytest.raises(InputError) as refusal:
        _without_table(tmp_path / "mode", zeros)
    assert str(refusal.value).count("how many votes? nothing of day is complete yet") == 1
    size = "[counting.modes.day]\nlow = 0.2\nhigh = 0.4"
    assert {cell[1] for cell in _cells(_without_table(tmp_path / "sized", zeros, more=size))} == {"day"}


def test_a_mode_of_which_a_size_is_said_is_expected(tmp_path: Path) -> None:
    """[counting.modes] names what no row has yet: it is out everywhere."""
    count = _without_table(tmp_path, more="[counting.modes.post]\nlow = 0.01\nhigh = 0.03")
    assert {cell[0] for cell in _cells(count) if cell[1] == "post"} == set(night.UNITS)


def test_the_column_status_says_what_is_out_in_part(tmp_path: Path) -> None:
    """Partial and out as the column says; without a word rows are complete; a status table's own rows go before."""

    def rows(of: dict[tuple[str, str], str]) -> list[str]:
        found = []
        for row in night.rows():
            region, unit, name, party, mode, votes = row.split(",")
            found.append(f"{region},{unit},{name},{party},{mode},{of.get((unit, mode), '')},{votes}")
        return found

    stated = rows({("n1", "day"): "partial", ("s1", "early"): "complete"})
    count = _without_table(tmp_path / "a", stated, HEADER)
    assert _cells(count) == {(*row.split(",")[:2], False) for row in night.OUT} | {("n1", "day", True)}
    run = night.folder(tmp_path / "b", counted=stated)
    table = tmp_path / "b" / "counted.csv"
    table.write_text("\n".join([HEADER, *table.read_text().splitlines()[1:]]) + "\n")
    assert _cells(night.counted(load(run))) == _cells(count)
    with pytest.raises(InputError, match="its status is out"):
        _without_table(tmp_path / "c", rows({("n1", "day"): "out"}), HEADER)


def test_neither_mode_nor_status_is_refused(tmp_path: Path) -> None:
    """A count that says nothing of how far it is would be taken for the whole of each unit."""
    people = (("Ada", "L"), ("Bo", "R"), ("Di", "R"))
    totals = [f"n,{unit},{name},{party},{10 + u}" for u, unit in enumerate(("n1", "n2")) for name, party in people]
    with pytest.raises(InputError, match="neither mode nor status"):
        _without_table(tmp_path, totals, "region,unit,candidate,party,votes")


def test_the_modes_of_a_count_that_moves_on_are_asked_for(tmp_path: Path) -> None:
    """Early votes alone, and nobody says that a day follows: refused; told by the ballot, the day is out."""
    run = night.folder(tmp_path)
    run.write_text(run.read_text().replace('status = "status.csv"\n', "") + SIZED)
    early = [row for row in night.rows(()) if row.split(",")[4] == "early"]
    now = tmp_path / "now.csv"
    now.write_text("\n".join(["region,unit,candidate,party,mode,votes", *early]) + "\n")
    ballot = tmp_path / "counted.csv"
    plain = [f"n,n1,{name},{party},0" for name, party in night.CANDIDATES]
    ballot.write_text("\n".join(["region,unit,candidate,party,votes", *plain]) + "\n")
    bare = tmp_path / "bare.toml"
    bare.write_text(run.read_text().replace(SIZED, ""))
    with pytest.raises(InputError, match="is early the only mode\\?"):
        pipeline.opened(load(bare), Options(results=now))
    sized = pipeline.opened(load(run), Options(results=now)).data.seen.count
    assert {cell[1] for cell in _cells(sized)} == {"day"}
    told = [f"n,n1,{name},{party},{mode},0" for name, party in night.CANDIDATES for mode in night.MODES]
    ballot.write_text("\n".join(["region,unit,candidate,party,mode,votes", *told]) + "\n")
    with pytest.raises(InputError, match="how many votes\\? nothing of day is complete yet"):
        pipeline.opened(load(bare), Options(results=now))


def test_noughts_of_a_cell_wait_where_votes_are_expected(tmp_path: Path) -> None:
    """A cell filled with zeros beforehand is out and named, as on a runoff's night; status complete says otherwise."""
    zeros = [row.rsplit(",", 1)[0] + ",0" if row.split(",")[1::3] == ["n1", "day"] else row for row in night.rows()]
    count = _without_table(tmp_path / "a", zeros)
    assert ("n1", "day", False) in _cells(count)
    assert any("n1, day: 0 votes, taken as out" in note for note in count.notes)
    parts = [row.rsplit(",", 1) for row in zeros]
    stated = [f"{head},{'complete' if head.split(',')[1::3] == ['n1', 'day'] else ''},{n}" for head, n in parts]
    assert ("n1", "day", False) not in _cells(_without_table(tmp_path / "b", stated, HEADER))


def test_a_status_table_does_not_make_complete_what_a_moved_count_has_not(tmp_path: Path) -> None:
    """What a table does not name is complete in its own count; in another count what has no row is out all the same,
    and the count's own column goes before the table's rows.
    """
    run = night.folder(tmp_path, night.OUT)
    early = tuple(f"{unit},day,out" for unit in night.UNITS[2:])
    now = tmp_path / "now.csv"
    now.write_text("\n".join(["region,unit,candidate,party,mode,votes", *night.rows(early)]) + "\n")
    count = pipeline.opened(load(run), Options(results=now)).data.seen.count
    assert _cells(count) == {(*row.split(",")[:2], False) for row in early}
    whole = [row.rsplit(",", 1) for row in night.rows(())]
    stated = [f"{head},{'partial' if head.split(',')[1::3] == ['n4', 'day'] else ''},{votes}" for head, votes in whole]
    now.write_text("\n".join([HEADER, *stated]) + "\n")
    count = pipeline.opened(load(run), Options(results=now)).data.seen.count
    assert _cells(count) == {("n4", "day", True)}
    assert any("status.csv: 4 rows are of what has votes, or a status, by now" in note for note in count.notes)
