"""The night's curve: rows that are appended whole, and a file that is watched."""

from __future__ import annotations

import csv
import datetime as dt
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from runoff.errors import InputError, OutputError
from runoff.output.history import append_history, history_row
from runoff.output.schemas.runoff_night import HISTORY
from tests import runoff_night as night
from tests.drawn import run_night
from tests.installed import ROOT

NOW = dt.datetime(2021, 4, 1, 20, 30, tzinfo=dt.UTC)


def _tables(path: Path, units: int) -> dict[str, list[dict[str, object]]]:
    loaded = night.of_folder(path)
    votes = night.draw_truth(loaded, np.random.default_rng(1))
    complete = np.zeros(votes.shape[:2], bool)
    complete[:units] = True
    table = night.results(path / "votes.csv", night.rows_of(loaded, night.reported(votes, complete)))
    return run_night(loaded, table, trials=1_024, seed=1)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_row_for_each_run(suffix: str, tmp_path: Path) -> None:
    """Two runs, two rows in order of time, with the columns of the schema; nothing else stays in the folder."""
    path = tmp_path / "curve" / f"history.{suffix}"
    path.parent.mkdir()
    rows = []
    for hour, units in ((0, 5), (1, 20)):
        rows.append(history_row(_tables(tmp_path, units), NOW + dt.timedelta(hours=hour)))
        append_history(path, rows[-1])
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    if suffix == "csv":
        with path.open(newline="", encoding="utf-8") as file:
            found = list(csv.DictReader(file))
    else:
        found = pq.read_table(path).to_pylist()
    assert list(found[0]) == [column.name for column in HISTORY.columns]
    assert [row["time"] for row in found] == ["2021-04-01T20:30:00+00:00", "2021-04-01T21:30:00+00:00"]
    assert [float(row["p_first"]) for row in found] == [row["p_first"] for row in rows]
    assert int(found[0]["counted_votes"]) < int(found[1]["counted_votes"])


def test_another_table_is_left_alone(tmp_path: Path) -> None:
    """A file that is no history is refused and stays as it was."""
    row = history_row(_tables(tmp_path, 5), NOW)
    for name, content in (("h.csv", b"a,b\n1,2\n"), ("h.parquet", b"PAR1 not")):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(InputError, match="not a history table"):
            append_history(path, row)
        assert path.read_bytes() == content


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    """What cannot be written is one message."""
    with pytest.raises(OutputError, match="cannot write the history"):
        append_history(tmp_path / "no" / "h.csv", history_row(_tables(tmp_path, 5), NOW))


def test_the_command_watches_and_stops(tmp_path: Path) -> None:
    """`run --results --watch --history`: a row at the start and one after a change, none for a broken table; exit 0."""
    _tables(tmp_path, 5)
    history = tmp_path / "h.csv"
    table, options = str(tmp_path / "votes.csv"), ["--history", str(history), "--trials", "1024", "--quiet"]
    command = [sys.executable, "-m", "runoff.app.cli", "run", str(tmp_path / "night.toml"), "--results", table]
    command += ["--watch", *options]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    try:
        _wait(lambda: history.exists())
        (tmp_path / "votes.csv").write_text("unit,candidate\n")
        time.sleep(3.5)
        _tables(tmp_path, 20)
        _wait(lambda: len(history.read_text().splitlines()) == 3)
    finally:
        os.kill(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 0
    assert "no column votes" in said
    assert "stopped watching" in said


def _wait(done: object) -> None:
    end = time.monotonic() + 60
    while not done():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.2)


def test_watching_needs_a_table() -> None:
    """--watch, --history and the like without --results are a usage error that says so."""
    command = [sys.executable, "-m", "runoff.app.cli", "run", "configs/ga06-2017/eve.toml", "--watch"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--watch, --history, --counts and --lock go with --results" in done.stderr
