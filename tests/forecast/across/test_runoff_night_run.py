"""A runoff's night on the command line: it is kept, found and shown again like any other run."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest

from runoff.errors import InputError
from runoff.output import arrow, store
from runoff.output.schemas.runoff_night import RUNOFF_NIGHT_TABLES
from runoff.phases import pipeline
from runoff.phases.runoff_night.page import document
from runoff.runfile.load import load
from tests import drawn
from tests import runoff_night as night
from tests.command import runoff
from tests.forecast.output.test_store import _values
from tests.installed import ROOT
from tests.pages import render

GA06 = ROOT / "configs" / "ga06-2017"

OF_TWO = {name: table for name, table in RUNOFF_NIGHT_TABLES.items() if not name.endswith("_shares")}  # finalists


def _folder(path: Path, units: int = 12) -> tuple[Path, Path]:
    """The small night's run file and a table with some units complete."""
    loaded = night.of_folder(path)
    votes = night.draw_truth(loaded, np.random.default_rng(1))
    complete = np.zeros(votes.shape[:2], bool)
    complete[:units] = True
    rows = night.rows_of(loaded, night.reported(votes, complete))
    if not units:  # a table has a row at least
        out = [f"n1,{name},day,0,out" for name in loaded.finalists]
        return path / "night.toml", night.results(path / "votes.csv", out, "unit,candidate,mode,votes,status")
    return path / "night.toml", night.results(path / "votes.csv", rows)


def _finished(run: Path, results: Path, out: Path, trials: int = 1_024) -> pipeline.Finished:
    return drawn.kept(load(run), results, trials=trials, out=out)


def test_a_night_is_kept_and_shown_again(tmp_path: Path) -> None:
    """`run` prints the answer and the folder, `show` the same from the tables; an equal run finds its folder."""
    run, results = _folder(tmp_path / "files")
    words = ("run", str(run), "--results", str(results), "--trials", "1024", "--out", str(tmp_path / "runs"))
    first = runoff(*words)
    assert (first.returncode, first.stderr) == (0, "")
    folder = Path(first.stdout.rstrip().split("\n")[-1].removeprefix("tables: "))
    shown = runoff("show", str(folder))
    assert first.stdout == f"{shown.stdout}tables: {folder}\n"
    again = runoff(*words, "--threads", "1", "--totals-only")
    assert again.stdout.endswith(f"tables: {folder} (they stood there already, with the same bits)\n")
    assert "--totals-only changes nothing" in again.stderr
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [folder.name]


def test_the_document_has_every_table(tmp_path: Path) -> None:
    """`run --json` and `show --json` print one and the same document: each table, and the folder."""
    run, results = _folder(tmp_path / "files")
    words = ("run", str(run), "--results", str(results), "--trials", "1024", "--out", str(tmp_path / "runs"))
    document = json.loads(runoff(*words, "--json").stdout)
    assert set(document) == {*OF_TWO, "tables"}
    assert document["runoff_night"]["trials"] == 1_024
    assert len(document["runoff_units"]) == len(night.UNITS)
    assert json.loads(runoff("show", document["tables"], "--json").stdout) == document


def test_the_four_readers_agree_on_a_runoffs_night(tmp_path: Path) -> None:
    """Documented columns and types; pyarrow, pandas, DuckDB and Polars see equal values."""
    folder = _finished(*_folder(tmp_path / "files"), tmp_path / "runs").directory
    assert {path.stem for path in folder.glob("*.parquet")} == set(OF_TWO)
    for name, table in OF_TWO.items():
        path = folder / f"{name}.parquet"
        assert pq.read_schema(path).equals(arrow.arrow_schema(table, {}), check_metadata=False)
        expected = _values(pq.read_table(path).to_pylist())
        relation = duckdb.sql(f"select * from read_parquet('{path}')")
        assert _values(pd.read_parquet(path).to_dict("records")) == expected
        assert _values([dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]) == expected
        assert _values(pl.read_parquet(path).to_dicts()) == expected


@pytest.mark.parametrize("units", [0, 5, len(night.UNITS)], ids=["nothing in", "some in", "all in"])
def test_a_runoffs_night_is_stored_as_it_was_drawn(units: int, tmp_path: Path) -> None:
    """What is read is what was drawn, text and document too, also where nothing is in or nothing is out."""
    finished = _finished(*_folder(tmp_path / "files", units), tmp_path / "runs")
    stored = store.read(finished.directory)
    assert stored == finished.tables
    assert render(stored) == render(finished.tables)
    assert document(stored) == document(finished.tables)


def test_the_footer_names_every_table() -> None:
    """Provenance of GA-06's night: first round, roll, polls, crosstabs and the count, each with its sha256."""
    opened = drawn.opened(load(GA06 / "runoff-night.toml"))
    names = [name for name, _ in opened.data.sources]
    assert sorted(names) == sorted([
        "first-round-by-mode.csv", "registered-by-precinct.csv", "runoff-polls.csv", "crosstabs.csv",
        "runoff-counted-2130.csv",
    ])  # fmt: skip


def test_another_poll_is_another_run(tmp_path: Path) -> None:
    """A run's name hangs on its tables of polls too, before the count as in it."""
    folder = tmp_path / "ga06"
    shutil.copytree(GA06, folder)
    names = []
    for _ in range(2):
        names += [drawn.opened(load(folder / f"{name}.toml")).run_id for name in ("eve", "runoff-night")]
        polls = folder / "runoff-polls.csv"
        polls.write_text("\n".join(polls.read_text("utf-8").rstrip("\n").split("\n")[:-1]) + "\n", "utf-8")
    assert len(set(names)) == 4


def test_another_count_is_another_run(tmp_path: Path) -> None:
    """The run's name changes with the count and with the seed, and the footer has the digest."""
    run, results = _folder(tmp_path / "files")
    first = _finished(run, results, tmp_path / "runs")
    footer = arrow.read_file(first.directory / "runoff_out.parquet")[1]
    assert footer["digest"] == first.tables["runoff_night"][0]["digest"]
    assert "votes.csv sha256:" in footer["sources"]
    second = _finished(run, _folder(tmp_path / "files", 6)[1], tmp_path / "runs")
    third = _finished(run, results, tmp_path / "runs", trials=2_048)
    assert len({first.directory, second.directory, third.directory}) == 3


def test_a_run_of_this_name_with_other_numbers_is_left_alone(tmp_path: Path) -> None:
    """A folder of the run's name that holds something else: exit 73, and it stays as it was."""
    run, results = _folder(tmp_path / "files")
    folder = _finished(run, results, tmp_path / "runs").directory
    (folder / "runoff_night.parquet").write_bytes(b"x")
    words = ("run", str(run), "--results", str(results), "--trials", "1024", "--out", str(tmp_path / "runs"))
    answer = runoff(*words)
    assert (answer.returncode, answer.stdout) == (73, "")
    assert (folder / "runoff_night.parquet").read_bytes() == b"x"


def heed_interrupts() -> None:
    """A process started from a shell's background ignores SIGINT; this one is to heed it, as on a terminal."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.parametrize("keep", [False, True], ids=["watch", "watch --out"])
def test_watching_leaves_folders_only_where_told(keep: bool, tmp_path: Path) -> None:
    """--watch writes the curve and no folder; with --out a folder for each count."""
    run, results = _folder(tmp_path / "files")
    history, here = tmp_path / "h.csv", tmp_path / "here"
    here.mkdir()
    out = ["--out", str(tmp_path / "kept")] if keep else []
    command = [sys.executable, "-m", "runoff.app.cli", "run", str(run), "--results", str(results), "--watch"]
    command += ["--history", str(history), "--trials", "1024", *out]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        command, cwd=here, env=environment, stdout=subprocess.PIPE, text=True, preexec_fn=heed_interrupts
    )
    try:
        for rows in (2, 3):
            end = time.monotonic() + 60
            while not history.exists() or len(history.read_text().splitlines()) < rows:
                assert time.monotonic() < end
                time.sleep(0.1)
            _folder(tmp_path / "files", 20)
    finally:
        os.kill(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    assert said.count("votes counted") >= 2
    assert not list(here.iterdir())
    assert said.count("tables: ") == (said.count("votes counted") if keep else 0)
    assert (tmp_path / "kept").exists() == keep
    assert not keep or len(list((tmp_path / "kept").iterdir())) == 2


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--target-se", "0.001"), 2, "say --trials instead"),
        (("--trials-table",), 2, "not written one by one"),
        (("--as-of", "2021-04-01"), 2, "from the first round"),
        (("--out", "/dev/null/x"), 74, "cannot write"),
    ],
)
def test_exit_codes_of_a_runoffs_night(words: tuple[str, ...], code: int, told: str, tmp_path: Path) -> None:
    """What such a night cannot do is refused with one message."""
    run, results = _folder(tmp_path)
    answer = runoff("run", str(run), "--results", str(results), "--trials", "1024", *words)
    assert (answer.returncode, answer.stdout) == (code, "")
    assert told in answer.stderr
    assert "Traceback" not in answer.stderr


def test_as_of_asks_for_an_earlier_day(tmp_path: Path) -> None:
    """--as-of stands in the tables, leaves later polls out, and is another run."""
    run, results = GA06 / "runoff-night.toml", GA06 / "runoff-counted-2055.csv"
    words = ("run", str(run), "--results", str(results), "--trials", "1024", "--out", str(tmp_path), "--json")
    late, early = (json.loads(runoff(*words, *more).stdout) for more in ((), ("--as-of", "2017-05-15")))
    assert early["runoff_night"]["as_of"] == "2017-05-15"
    assert early["tables"] != late["tables"]
    assert early["runoff_night"]["digest"] != late["runoff_night"]["digest"]


def test_too_many_trials_of_a_runoffs_night(tmp_path: Path) -> None:
    """The refusal says how many fit; a run file's millions are drawn as the night's own number."""
    run, results = _folder(tmp_path)
    with pytest.raises(InputError, match=r"here [\d,]+ trials"):
        drawn.opened(load(run), results, trials=10**9)
    run.write_text(run.read_text().replace("trials = 2000", "trials = 5_000_000"))
    assert drawn.opened(load(run), results).settings.trials == 8_192
