"""`runoff check` of a runoff being counted, and what a night of either round has not."""

from __future__ import annotations

from pathlib import Path

import pytest

from runoff.app.watched import lost
from runoff.errors import InputError, MissingFileError, UsageError
from runoff.phases.runoff_night.check import understood
from runoff.phases.runoff_night.read import Data, read
from runoff.runfile.load import load
from tests import drawn, night, runoff_night

ROWS = ("n1,Ada,early,100,complete", "n1,Bo,early,90,complete", "n1,Ada,day,3,partial", "n1,Bo,day,4,partial")
HEADER = "unit,candidate,mode,votes,status"


def _opened(path: Path, more: str = "") -> Data:
    loaded = runoff_night.of_folder(path, more)
    return read(loaded, runoff_night.results(path / "v.csv", ROWS, HEADER))


def test_the_count_is_told(tmp_path: Path) -> None:
    """Votes, cells by state, each region and mode, and stated sizes beside what is counted."""
    said = str(understood(_opened(tmp_path, "[night.sizes.early]\nlow = 5_000\nhigh = 9_000\n")))
    assert "197 votes in v.csv (Ada 103, Bo 94)" in said
    assert "60 cells (a unit's votes of a mode): 1 complete, 1 in part, 58 out" in said
    assert "n, early: 1 complete, 14 out; 190 votes" in said
    assert "n, day: 1 in part, 14 out; 7 votes" in said
    assert "early in the whole race: 5,000 to 9,000 (80 %), 190 of them counted" in said


def test_a_missing_table_is_told(tmp_path: Path) -> None:
    """A table that [night] names and that is not there is no check without a word."""
    loaded = runoff_night.of_folder(tmp_path, '[night]\nresults = "gone.csv"\n')
    with pytest.raises(MissingFileError, match=r"gone\.csv"):
        drawn.opened(loaded)


@pytest.mark.parametrize("wanted", [{"target_se": 0.001}, {"trials_table": True}])
def test_the_command_line_is_refused_in_both_rounds(wanted: dict[str, object], tmp_path: Path) -> None:
    """A standard error to stop at, or a trials table: one message of usage, whichever round is being counted."""
    table = runoff_night.results(tmp_path / "v.csv", ROWS, HEADER)
    cases = ((night.loaded(tmp_path / "first"), None), (runoff_night.of_folder(tmp_path / "second"), table))
    said = []
    for case, results in cases:
        with pytest.raises(UsageError) as refusal:
            drawn.opened(case, results, **wanted)
        said.append(str(refusal.value))
    assert said[0] == said[1]


@pytest.mark.parametrize("line", ["target_se = 0.001", "[output]\ntrials = true"])
def test_the_run_file_is_refused_with_its_place(line: str, tmp_path: Path) -> None:
    """The same keys in a run file are problems of that file, in the line where they stand."""
    run = runoff_night.folder(tmp_path)
    run.write_text(run.read_text() + line + "\n")
    results = runoff_night.results(tmp_path / "v.csv", ROWS, HEADER)
    with pytest.raises(InputError) as refusal:
        drawn.opened(load(run), results)
    (problem,) = refusal.value.problems
    assert problem.text == line.split("\n")[-1]
    assert problem.fix


def test_what_fell_or_vanished_between_two_looks_is_said(tmp_path: Path) -> None:
    """A count that fell has both numbers, a cell that is gone its votes; what grew is nothing to say."""
    loaded = runoff_night.of_folder(tmp_path)
    tables = {
        "before": ("n1,Ada,early,100", "n1,Bo,early,90", "n2,Ada,early,50", "n2,Bo,early,40"),
        "now": ("n1,Ada,early,100", "n1,Bo,early,80", "n3,Ada,early,5", "n3,Bo,early,4"),
    }
    before, now = (
        read(loaded, runoff_night.results(tmp_path / f"{name}.csv", rows)).so_far for name, rows in tables.items()
    )
    assert lost(before, now) == [
        "n2, early has vanished: it had 90 votes",
        "n1, early: Bo had 90 votes, now 80",
    ]
    assert lost(before, before) == []
