"""Mistakes in the table of a runoff's votes, and what people are told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from runoff.data.counts.runoff_count import COMPLETE, OUT, PARTIAL, first_modes, read_reported
from runoff.errors import InputError
from runoff.phases.runoff_night.read import read
from runoff.runfile.load import load
from tests import runoff_night as night
from tests.drawn import run_night

HEADER = "unit,candidate,mode,votes,status"
GOOD = ("n1,Ada,early,100,complete", "n1,Bo,early,90,complete")


def _told(path: Path, *rows: str, header: str = HEADER, previous: list[str] | None = None) -> str:
    loaded = night.of_folder(path)
    before = None if previous is None else night.results(path / "before.csv", previous, header)
    table = night.results(path / "votes.csv", rows, header)
    with pytest.raises(InputError) as caught:
        read_reported(loaded, table, first_modes(loaded), before)
    return str(caught.value)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("n99,Ada,early,5,complete", ("no such unit in the first round", "did you mean n9")),
        ("n2,Cy,early,5,complete", ("not a finalist", "finalists are Ada, Bo", "Cy")),
        ("n2,Adda,early,5,complete", ("not a finalist", "did you mean Ada")),
        ("n2,Ada,erly,5,complete", ("unknown mode", "modes are day, early", "did you mean early")),
        ("n2,Ada,early,5,settled", ("unknown status", "out, partial, complete")),
        ("n2,Ada,early,-5,complete", ("negative votes", "-5")),
        ("n2,Ada,early,1.5,complete", ("votes is not a whole number", "not a share")),
        ("n2,Ada,early,5,out", ("5 votes of what is out", "the status is partial")),
        ("n1,Ada,early,100,complete", ("a second row for Ada in n1, early", "the first is in line 2")),
        ("n2,Ada,early,5,complete", ("no row for Bo in n2, early", "0 where nobody chose one")),
        (" n2,Ada,early,5,complete", ("space around the unit",)),
    ],
)
def test_a_wrong_row_is_told(row: str, words: tuple[str, ...], tmp_path: Path) -> None:
    """Each mistake is named with its place and the rule."""
    said = _told(tmp_path, *GOOD, row)
    assert "votes.csv:4:" in said
    for word in words:
        assert word in said, said


def test_candidates_of_a_cell_have_one_status(tmp_path: Path) -> None:
    """One finalist's votes cannot be complete and the other's not."""
    said = _told(tmp_path, "n1,Ada,early,100,complete", "n1,Bo,early,90,partial")
    assert "status of a cell" in said


def test_more_votes_than_voters_are_refused(tmp_path: Path) -> None:
    """A unit's votes over all modes are at most its registered voters."""
    said = _told(tmp_path, *GOOD, "n1,Ada,day,1500,complete", "n1,Bo,day,900,complete")
    assert "2,590 votes in n1: more than registered voters" in said
    assert "at most 2,500 registered voters" in said


def test_counts_that_go_backwards_are_refused(tmp_path: Path) -> None:
    """Against an earlier hour's table, also where a row is gone."""
    said = _told(tmp_path, "n1,Ada,early,99,complete", "n1,Bo,early,90,complete",
                 previous=[*GOOD, "n2,Ada,day,4,complete", "n2,Bo,day,5,complete"])  # fmt: skip
    assert "Ada had 100 votes in n1, early, now 99" in said
    assert "Ada had 4 votes in n2, day, now 0" in said
    assert "counts do not go down" in said


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Two mistakes, two messages."""
    said = _told(tmp_path, "n99,Ada,early,5,complete", "n2,Cy,early,5,complete")
    assert "no such unit" in said
    assert "not a finalist" in said


def test_a_table_without_rows_or_columns_is_refused(tmp_path: Path) -> None:
    """An unknown column and a missing one are named."""
    said = _told(tmp_path, "n1,Ada,5", header="unit,candidat,votes")
    assert "candidat" in said
    assert "did you mean candidate" in said


def test_cells_are_complete_partial_or_out(tmp_path: Path) -> None:
    """By the status column; a cell without rows is out."""
    loaded = night.of_folder(tmp_path)
    table = night.results(tmp_path / "v.csv", [*GOOD, "n1,Ada,day,3,partial", "n1,Bo,day,4,partial"], HEADER)
    found = read_reported(loaded, table, first_modes(loaded))
    assert found.modes == ("day", "early")
    assert found.state[0].tolist() == [PARTIAL, COMPLETE]
    assert (found.state[1:] == OUT).all()
    assert found.votes[0].tolist() == [[3, 4], [100, 90]]


def test_zeros_that_a_feed_begins_with_are_no_count(tmp_path: Path) -> None:
    """Without a status, a unit and a mode without a single vote are out; a cell of 0 beside others is complete."""
    loaded = night.of_folder(tmp_path)
    header = "unit,candidate,mode,votes"
    early, day = night.MODES
    rows = [f"{u},{c},{m},{v}" for u, c, m, v in (
        ("n1", "Ada", early, 10), ("n1", "Bo", early, 9), ("n1", "Ada", day, 0), ("n1", "Bo", day, 0),
        ("n2", "Ada", early, 0), ("n2", "Bo", early, 0), ("n2", "Ada", day, 0), ("n2", "Bo", day, 0),
    )]  # fmt: skip
    found = read_reported(loaded, night.results(tmp_path / "v.csv", rows, header), first_modes(loaded))
    assert found.state[0].tolist() == [OUT, COMPLETE]
    assert (found.state[1:] == OUT).all()
    rows[4:] = [f"n2,Ada,{early},1", f"n2,Bo,{early},0", f"n2,Ada,{day},1", f"n2,Bo,{day},0"]
    found = read_reported(loaded, night.results(tmp_path / "w.csv", rows, header), first_modes(loaded))
    assert found.state[:2].tolist() == [[COMPLETE, COMPLETE], [COMPLETE, COMPLETE]]


def test_without_a_mode_column_votes_are_units(tmp_path: Path) -> None:
    """One nameless mode, whatever the first round has."""
    loaded = night.of_folder(tmp_path)
    rows = ["n1,Ada,7,complete", "n1,Bo,8,complete"]
    table = night.results(tmp_path / "v.csv", rows, "unit,candidate,votes,status")
    found = read_reported(loaded, table, first_modes(loaded))
    assert found.modes == ("",)
    assert found.votes[0].tolist() == [[7, 8]]
    tables = run_night(loaded, table, trials=1_024, seed=1)
    assert tables["runoff_night"][0]["counted_votes"] == 15


def test_a_first_round_by_mode_is_read_by_mode(tmp_path: Path) -> None:
    """Its sums over modes are the first round's votes."""
    loaded = night.of_folder(tmp_path)
    found = first_modes(loaded)
    assert found is not None
    assert found.modes == ("day", "early")
    assert (found.votes.sum(axis=1) == loaded.first_round.votes).all()
    assert first_modes(night.of_folder(tmp_path / "plain", by_mode=False)) is None


def test_a_race_that_is_no_night_is_told(tmp_path: Path) -> None:
    """What a night cannot be drawn of is said, with the way out."""
    path = night.folder(tmp_path)
    text = path.read_text("utf-8").replace('table = "first.csv"', 'table = "first.csv"\nby = "race"')
    path.write_text(text, "utf-8")
    loaded = load(path)
    table = night.results(tmp_path / "v.csv", GOOD, HEADER)
    with pytest.raises(InputError) as caught:
        run_night(loaded, table, trials=1_024)
    for word in ("units are put together", 'by = "race"'):
        assert word in str(caught.value)


def test_no_table_is_told(tmp_path: Path) -> None:
    """Neither [night] results nor --results: the message says where to name it."""
    with pytest.raises(InputError, match="no table of reported votes"):
        read(night.of_folder(tmp_path))


def test_a_size_narrows_what_is_out(tmp_path: Path) -> None:
    """A stated size of a mode that is out moves the number of votes out to its range, and narrows it."""
    rows = []
    loaded = night.of_folder(tmp_path)
    votes = night.draw_truth(loaded, np.random.default_rng(8))
    only = np.zeros(votes.shape[:2], bool)
    only[:, 0] = True
    rows = night.rows_of(loaded, night.reported(votes, only))
    table = night.results(tmp_path / "v.csv", rows)
    plain = run_night(loaded, table, trials=4_096, seed=1)["runoff_night"][0]
    stated = night.of_folder(tmp_path / "b", "[night.sizes.day]\nlow = 20_000\nhigh = 21_000")
    told = run_night(stated, table, trials=4_096, seed=1)["runoff_night"][0]

    def width(row: dict[str, object]) -> float:
        return float(row["out_q90"]) - float(row["out_q10"])  # type: ignore[arg-type]

    assert width(told) < 0.4 * width(plain)
    assert 19_000 < float(told["out_q50"]) < 22_000  # type: ignore[arg-type]


def test_a_size_of_a_mode_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A misspelt mode is told with the one that was meant; other capitals are the same mode, in sizes and in modes."""
    table = night.results(tmp_path / "v.csv", ["n1,Ada,early,100", "n1,Bo,early,90"], "unit,candidate,mode,votes")
    found = {}
    for mode in ("early", "EARLY", "erly"):
        path = night.folder(tmp_path / mode, more=f"[night.sizes.{mode}]\nlow = 9_000\nhigh = 9_100")
        loaded = load(path)
        try:
            found[mode] = run_night(loaded, table, trials=1_024, seed=1)["runoff_night"][0]["digest"]
        except InputError as told:
            found[mode] = str(told)
    assert found["early"] == found["EARLY"]
    assert "no such mode in [night.sizes.erly]" in found["erly"]
    assert "did you mean early?" in found["erly"]


def test_modes_that_are_nearly_those_of_the_first_round_are_noted(tmp_path: Path) -> None:
    """[night] modes may name modes of their own; nearly those of the first round are asked about, capitals are not."""
    for modes, mode, notes in (
        ('["EARLY", "Day"]', "early", 0),
        ('["erly", "days"]', "erly", 2),
        ('["box"]', "box", 0),
    ):
        rows = [f"n1,Ada,{mode},100", f"n1,Bo,{mode},90"]
        table = night.results(tmp_path / "v.csv", rows, "unit,candidate,mode,votes")
        loaded = load(night.folder(tmp_path / mode, more=f"[night]\nmodes = {modes}"))
        said = read_reported(loaded, table, first_modes(loaded))
        assert len([note for note in said.notes if "no mode of the first round" in note]) == notes
        assert said.modes[0] == mode
