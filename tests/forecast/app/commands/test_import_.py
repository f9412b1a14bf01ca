"""`runoff import` as people use it: each format becomes tables and a run file that runs, or a table for a night."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from runoff.app.commands.import_ import FORMATS
from runoff.runfile.load import load
from tests.command import runoff
from tests.forecast.data.formats import ga06, test_france

HOUSE = ("--office", "U.S. House", "--district", "6")
RUNOFF = ("--runoff", "2017-06-20")


def _files(folder: Path, name: str) -> list[str]:
    if name == "openelections":
        paths = [ga06.written(folder, "20170418__ga__special__precinct.csv", ga06.openelections())]
    elif name == "medsl":
        paths = [ga06.written(folder, "medsl.csv", ga06.medsl())]
    elif name == "clarity":
        regions = dict.fromkeys(row["region"] for row in ga06.ROWS)
        paths = [ga06.written(folder, f"{region}.xml", ga06.clarity(region)) for region in regions]
    else:
        paths = [ga06.written(folder, "2017-04-18.csv", test_france.NEW)]
    return [str(path) for path in paths]


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_becomes_a_run_file_that_runs(tmp_path: Path, name: str) -> None:
    """The votes of the source, to the last one, in a run file that loads and is drawn."""
    district = ("--district", "01-1") if name == "france" else HOUSE if name != "medsl" else ("--office", "US HOUSE")
    out = tmp_path / "out"
    answer = runoff("import", name, *_files(tmp_path, name), "-o", str(out), *district, *RUNOFF)
    assert answer.returncode == 0, answer.stderr
    total = 680 if name == "france" else 192_569
    assert f"{total:,} votes" in answer.stdout
    case = load(out / "runoff.toml")
    assert int(case.first_round.votes.sum()) == total
    assert case.run_file.results.total_votes == total
    assert (case.first_round.registered is None) == (name == "medsl")
    drawn = runoff("run", str(out / "runoff.toml"), "--trials", "512", "--out", str(tmp_path / "runs"), "--quiet")
    assert drawn.returncode == 0, drawn.stderr


def test_it_says_what_is_left_out_and_guessed(tmp_path: Path) -> None:
    """Rows of other races are counted on stdout; a day that nobody says is a note, and a remark in the run file."""
    more = [["Cobb", "Cobb/Addison 01", "Sheriff", "", "R", "Kim", 7, 7, 0, 0, 0]]
    path = ga06.written(tmp_path, "20170418__ga.csv", ga06.openelections(more))
    answer = runoff("import", "openelections", str(path), "-o", str(tmp_path / "out"), *HOUSE)
    assert "left out: 1 rows of other races" in answer.stdout
    assert "the day of the runoff is not in the files: 2017-05-16 is written" in answer.stderr
    assert "runoff = 2017-05-16  # not in the files: mend it" in (tmp_path / "out" / "runoff.toml").read_text("utf-8")
    again = runoff("import", "openelections", str(path), "-o", str(tmp_path / "out"), *HOUSE)
    assert (again.returncode, "left alone" in again.stderr) == (73, True)


def test_a_night_that_is_not_whole_has_no_run_file(tmp_path: Path) -> None:
    """Precincts that are out: a table with their status, and how it is fed to a run file."""
    units = list(dict.fromkeys(row["unit"] for row in ga06.ROWS if row["region"] == "Cobb"))
    path = ga06.written(tmp_path, "a.xml", ga06.clarity("Cobb", dict.fromkeys(units[3:], 0)))
    out = tmp_path / "out"
    answer = runoff("import", "clarity", str(path), "-o", str(out), *HOUSE, "--json")
    assert answer.returncode == 0, answer.stderr
    assert not (out / "runoff.toml").exists()
    with (out / "results.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["unit"] for row in rows if row["status"] == "out" and row["votes"] == ""} == set(units[3:])
    assert json.loads(answer.stdout)["units"] == len(units)


def test_a_run_file_that_does_not_load_is_told(tmp_path: Path) -> None:
    """A tie for the second place: the files are written, and what the run file lacks is said with exit code 65."""
    tie = test_france.NEW.replace("Éric;MASCULIN;200;", "Éric;MASCULIN;190;").replace(";680;", ";670;")
    path = str(ga06.written(tmp_path, "2024-06-30.csv", tie))
    answer = runoff("import", "france", path, "-o", str(tmp_path / "out"), "--district", "01-1")
    assert answer.returncode == 65
    assert "a tie: Xavier BRETON and Éric PIROUX" in answer.stderr
    assert "written: " in answer.stdout


def test_a_night_is_fed(tmp_path: Path) -> None:
    """The first round of three counties, and a runoff of which every fourth precinct is out: drawn."""
    first = runoff("import", "clarity", *_files(tmp_path, "clarity"), "-o", str(tmp_path / "first"), *HOUSE, *RUNOFF)
    assert first.returncode == 0, first.stderr
    units = list(dict.fromkeys(row["unit"] for row in ga06.ROWS))
    codes = dict.fromkeys(units[::4], 0)
    regions = dict.fromkeys(row["region"] for row in ga06.ROWS)
    night = [
        str(ga06.written(tmp_path, f"n{region}.xml", ga06.clarity(region, codes, table="runoff-result-by-mode.csv")))
        for region in regions
    ]
    answer = runoff("import", "clarity", *night, "-o", str(tmp_path / "night"), *HOUSE)
    assert answer.returncode == 0, answer.stderr
    assert "a night of it: runoff run RUN.toml --results" in answer.stdout
    words = ("--results", str(tmp_path / "night" / "results.csv"), "--trials", "512", "--out", str(tmp_path / "runs"))
    drawn = runoff("run", str(tmp_path / "first" / "runoff.toml"), *words)
    assert drawn.returncode == 0, drawn.stderr
    rows = [row for row in ga06.rows_of("runoff-result-by-mode.csv") if row["unit"] not in codes]
    assert f"{sum(int(row['votes']) for row in rows):,}" in drawn.stdout


def test_days_and_words_that_do_not_fit_are_told(tmp_path: Path) -> None:
    """No day, a runoff before the first round, a value without its column: usage errors with the way out."""
    path = str(ga06.written(tmp_path, "a.csv", ga06.openelections()))
    for words, said in (
        ((), "--first-round 2017-04-18"),
        (("--first-round", "2017-04-18", "--runoff", "2017-04-18"), "is not after the first round"),
        (("--where", "stage"), "write it as in --where stage=GEN"),
    ):
        answer = runoff("import", "openelections", path, "-o", str(tmp_path / "out"), *HOUSE, *words)
        assert (answer.returncode, said in answer.stderr) == (2, True), answer.stderr
    assert not (tmp_path / "out").exists()
