"""A night on the command line: it runs, is shown again and checked like any other run."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

from runoff.errors import InputError
from runoff.output import arrow, store
from runoff.output.schemas.first_round_open import NIGHT_TABLES
from runoff.phases import pipeline
from runoff.phases.first_round_open.page import document
from runoff.runfile.load import load
from tests import documents, drawn, night
from tests.command import runoff
from tests.forecast.output.test_store import _values
from tests.pages import render

GA06 = documents.CONFIGS
EVE = GA06 / "first-round-eve.toml"
NIGHT = GA06 / "first-round-night-2240.toml"


def _finished(run: Path, out: Path, **options: Any) -> pipeline.Finished:
    return drawn.kept(load(run), out=out, **options)


def test_a_night_runs_and_is_shown_again(tmp_path: Path) -> None:
    """`run` prints the answer and the folder, `show` the same from the tables alone, `--json` one document."""
    run = night.folder(tmp_path / "files")
    words = ("run", str(run), "--trials", "2000", "--seed", "0", "--out", str(tmp_path / "runs"))
    first = runoff(*words)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith("Ada wins outright: ")
    folder = Path(first.stdout.rstrip().split("\n")[-1].removeprefix("tables: "))
    shown = runoff("show", str(folder))
    assert first.stdout.startswith(shown.stdout.rstrip("\n"))
    assert max(map(len, shown.stdout.split("\n"))) <= 80
    document = json.loads(runoff("show", str(folder / "night.parquet"), "--json").stdout)
    assert set(document) == {*NIGHT_TABLES, "tables"}
    assert (document["night"]["seed"], document["night"]["trials"]) == (0, 2_000)
    again = runoff(*words, "--totals-only", "--threads", "1")
    assert "they stood there already, with the same bits" in again.stdout
    assert "--totals-only changes nothing" in again.stderr


def test_nights_and_final_first_rounds_run_together(tmp_path: Path) -> None:
    """Several files in one call may be of both kinds; --quiet says nothing; each has its folder."""
    final = str(GA06 / "april.toml")
    answer = runoff("run", final, str(EVE), "--trials", "500", "--out", str(tmp_path), "--quiet")
    assert (answer.stdout, answer.stderr, answer.returncode) == ("", "", 0)
    assert sorted("night.parquet" in {f.name for f in run.iterdir()} for run in tmp_path.iterdir()) == [False, True]


@pytest.mark.parametrize("run", [NIGHT, EVE], ids=["counting", "polls"])
def test_the_four_readers_agree_on_a_night(run: Path, tmp_path: Path) -> None:
    """Documented columns and types; pyarrow, pandas, DuckDB and Polars see equal values; empty tables too."""
    folder = _finished(run, tmp_path, trials=500).directory
    assert {path.stem for path in folder.glob("*.parquet")} == set(NIGHT_TABLES)
    for name, table in NIGHT_TABLES.items():
        path = folder / f"{name}.parquet"
        assert pq.read_schema(path).equals(arrow.arrow_schema(table, {}), check_metadata=False)
        expected = _values(pq.read_table(path).to_pylist())
        relation = duckdb.sql(f"select * from read_parquet('{path}')")
        assert _values(pd.read_parquet(path).to_dict("records")) == expected
        assert _values([dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]) == expected
        assert _values(pl.read_parquet(path).to_dicts()) == expected


def test_a_night_is_stored_as_it_was_drawn(tmp_path: Path) -> None:
    """What is read is what was drawn, text and document too; the footer names every table with its sha256."""
    finished = _finished(NIGHT, tmp_path, trials=500)
    stored = store.read(finished.directory)
    assert stored == finished.tables
    assert render(stored) == render(finished.tables)
    assert document(stored) == document(finished.tables)
    footer = arrow.read_file(finished.directory / "pairings.parquet")[1]
    assert footer["config"] == NIGHT.read_text("utf-8")
    assert footer["digest"] == finished.tables["night"][0]["digest"]
    names = ("counted-2240.csv", "roll-by-precinct.csv", "status-2240.csv", "president-2016-by-precinct.csv")
    for name in names:
        assert f"{name} sha256:" in footer["sources"]


def test_another_status_is_another_run(tmp_path: Path) -> None:
    """The name of a run changes with each table that it rests on, though the run file stays."""
    run = night.folder(tmp_path / "files")
    first = _finished(run, tmp_path / "runs", trials=500)
    night.folder(tmp_path / "files", night.OUT[1:])
    second = _finished(run, tmp_path / "runs", trials=500)
    status = tmp_path / "files" / "status.csv"
    status.write_text(status.read_text() + "n1,day,counted\n")
    third = _finished(run, tmp_path / "runs", trials=500)
    assert len({first.directory, second.directory, third.directory}) == 3
    assert second.tables["night"][0]["digest"] == third.tables["night"][0]["digest"]


def test_as_of_asks_polls_for_an_earlier_day(tmp_path: Path) -> None:
    """--as-of leaves later polls out and is another run; the tables have the day."""
    loaded = load(EVE)
    day = dt.date(2017, 3, 31)
    opened = drawn.opened(loaded, out=tmp_path, trials=500, as_of=day)
    now = drawn.opened(loaded, trials=500)
    assert 0 < opened.data.seen.polled.used < now.data.seen.polled.used
    finished = pipeline.keep(opened)
    assert finished.tables["night"][0]["as_of"] == day
    assert finished.directory.name != now.run_id


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("run", str(NIGHT), "--as-of", "2017-04-17"), 2, "a count is as its tables have it"),
        (("run", str(EVE), "--as-of", "2017-04-18"), 2, "the day is before the first round, 2017-04-18"),
        (("run", str(NIGHT), "--trials-table"), 2, "a night's trials are not written one by one"),
        (("run", str(NIGHT), "--target-se", "0.001"), 2, "say --trials instead"),
        (("run", str(NIGHT), "--trials", "1_000_000_000"), 65, "all trials are held in memory"),
        (("run", str(EVE), "--trials", "10", "--out", "/dev/null/x"), 74, "cannot write"),
    ],
)
def test_exit_codes_of_a_night(words: tuple[str, ...], code: int, told: str) -> None:
    """What a night cannot do is refused before anything is drawn, with one message."""
    answer = runoff(*words)
    assert (answer.returncode, answer.stdout) == (code, "")
    assert told in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "told"),
    [
        ("night.toml", '"status.csv"', '"none.csv"', 66, "none.csv"),
        ("night.toml", '"roll.csv"', '"none.csv"', 66, "none.csv"),
        ("night.toml", "[rates.own]", "[counting.modes.dya]\nlow = 0.1\nhigh = 0.2\n[rates.own]", 65, "mean day?"),
        ("night.toml", "as_of = 2021-03-01", "as_of = 2021-02-27", 65, "with [first_round_polls]"),
        ("night.toml", "[simulation]", '[evidence]\npolls = "p.csv"\n[simulation]', 65, "a runoff that is not settled"),
        ("status.csv", "n4,day,out", "n4,day,uot", 65, "did you mean out?"),
        ("status.csv", "unit,mode", "unit,mood", 65, "status.csv"),
        ("counted.csv", "n,n1,Ada,L,early,", "n,n1,Ada,L,early,-", 65, "negative votes"),
    ],
)
@pytest.mark.parametrize("command", ["run", "check"])
def test_a_mistake_in_a_night_is_told(
    command: str, file: str, old: str, new: str, code: int, told: str, tmp_path: Path
) -> None:
    """Mistakes in any of a night's files: the same message and exit code from `run` and `check`, nothing written."""
    run = night.folder(tmp_path / "files")
    text = (tmp_path / "files" / file).read_text()
    assert old in text
    (tmp_path / "files" / file).write_text(text.replace(old, new, 1))
    out = ("--out", str(tmp_path / "runs")) if command == "run" else ()
    answer = runoff(command, str(run), *out)
    assert (answer.returncode, answer.stdout) == (code, ""), answer.stderr
    assert told in answer.stderr
    assert not (tmp_path / "runs").exists()


def test_a_certain_outright_win_and_a_final_count_are_answers(tmp_path: Path) -> None:
    """No runoff in any trial: no pairings, and the text says so; nothing out: no table of it, no range."""
    run = night.folder(tmp_path / "a")
    run.write_text(run.read_text().replace("as_of = 2021-03-01", "as_of = 2021-03-01\nthreshold = 0.1"))
    won = _finished(run, tmp_path / "runs", trials=500)
    assert store.read(won.directory)["pairings"] == []
    assert render(won.tables).startswith("Ada wins outright: more than 99.4 %")
    final = _finished(night.folder(tmp_path / "b", ()), tmp_path / "runs", trials=500)
    assert store.read(final.directory)["outstanding"] == []
    assert "still out (median" not in render(final.tables)


def test_check_says_what_was_understood_of_a_night() -> None:
    """Counted votes, what is out by region and mode and who says how much, and the likeliest runoff's rates."""
    loaded = load(NIGHT)
    text = str(pipeline.check(loaded))
    assert max(map(len, text.split("\n"))) <= 80
    said = " ".join(text.split())
    for words in (
        "143,077 votes for 18 candidates in 208 units with 439,909 registered voters",
        "Jon Ossoff (D) 71,973, 50.30 % of it",
        "13 others with less than 4 % each, modelled together",
        "Fulton, election_day: 96 of 115 units, 182,754 registered; predicted",
        "Cobb, provisional: 50 of 50 units, 127,947 registered; 0.03 to 0.3 % of registered",
        "a runoff between Jon Ossoff and Karen Handel, who lead",
        "to Karen Handel: 90.3 % (82.0 to 95.0) said: 0.82 to 0.95 (80 %) [bloc]",
    ):
        assert words in said


def test_check_says_what_was_understood_of_the_day_before() -> None:
    """Polls used, turnout, what they say together, and their remarks."""
    answer = runoff("check", str(EVE))
    assert answer.returncode == 0, answer.stderr
    said = " ".join(answer.stdout.split())
    for words in (
        "ahead: 12 polls of 18 candidates, 439,909 registered voters",
        "turnout 28 to 45 % of them (80 %)",
        "Jon Ossoff (D) 42.1 %",
        "note: poll Opinion Savvy 2017-03-24 tells no sample size: 500 is assumed",
    ):
        assert words in said


def test_status_words_are_repeated_by_check(tmp_path: Path) -> None:
    """Numbers of the status table stand in `check`: a number, a range, and units that are in part."""
    header = "unit,mode,state,expected,low,high"
    rows = ["n4,day,out,500,,", "n5,day,out,,,", "s,post,out,,20,60", "n,post,out,,10,30", "s1,day,part,40,,"]
    run = night.folder(tmp_path, ("n4,day,out", "n5,day,out"), status=rows, status_header=header)
    loaded = load(run)
    text = " ".join(str(pipeline.check(loaded)).split())
    assert "n, day: 2 of 5 units, 5,350 registered; predicted, but for 1 that the status table has" in text
    assert "s, post: 5 of 5 units, 14,250 registered; 20 to 60 votes (status table)" in text
    assert "s, day: 1 of 5 units, 1 of them in part, 2,750 registered; 40 votes (status table)" in text


def test_too_many_trials_name_how_many_fit() -> None:
    """The refusal says how many trials fit into memory, and that many are accepted."""
    case = load(NIGHT)
    with pytest.raises(InputError, match=r"here [\d,]+ trials") as caught:
        drawn.opened(case, trials=10**9)
    most = int(str(caught.value).split("here ")[1].split(" trials")[0].replace(",", ""))
    assert drawn.opened(case, trials=most).settings.trials == most
