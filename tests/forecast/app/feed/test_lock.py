"""A model lock: made at first, named on the page, and refused once anything but the count is other."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from runoff.app.feed import lock
from tests.command import runoff
from tests.installed import ROOT

GA06 = ROOT / "configs" / "ga06-2017"
COUNTS = GA06 / "runoff-counted-2009.csv", GA06 / "runoff-counted-2055.csv"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The night's files, to be changed."""
    shutil.copytree(GA06, tmp_path / "night")
    return tmp_path / "night"


def _run(folder: Path, count: Path, *words: str) -> tuple[int, str, str]:
    done = runoff(
        *("run", str(folder / "runoff-night.toml"), "--results", str(count), "--lock", str(folder / "lock.json")),
        *("--trials", "1024", "--out", str(folder / "runs"), *words),
    )
    return done.returncode, done.stdout, done.stderr


def test_one_model_for_all_counts(folder: Path) -> None:
    """The first forecast makes the lock, and the next count's has the same model, on the page and in the table."""
    code, first, _ = _run(folder, COUNTS[0])
    assert code == 0
    model = json.loads((folder / "lock.json").read_text())["model"]
    code, second, _ = _run(folder, COUNTS[1])
    assert code == 0
    assert f"model {model}" in first
    assert f"model {model}" in second
    tables = list((folder / "runs").glob("*/runoff_night.parquet"))
    assert len(tables) == 2
    assert {pq.read_table(path).to_pylist()[0]["model"] for path in tables} == {model}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("run file", "run file"),
        ("table", "table runoff-polls.csv"),
        ("settings", "settings"),
        ("program", "program"),
    ],
)
def test_another_model_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch, change: str, named: str) -> None:
    """A changed run file, table, setting or program: exit 65, named; nothing is drawn; put back it goes on."""
    assert _run(folder, COUNTS[0])[0] == 0
    words: tuple[str, ...] = ()
    with monkeypatch.context() as patch:
        if change == "run file":
            path = folder / "runoff-night.toml"
            path.write_text(path.read_text() + "\n# another word\n")
        elif change == "table":
            path = folder / "runoff-polls.csv"
            path.write_text(path.read_text() + "\n")
        elif change == "settings":
            words = ("--seed", "5")
        else:
            patch.setattr(lock, "source", lambda: "0" * 64)
        code, out, err = _run(folder, COUNTS[1], *words)
    assert (code, out) == (65, "")
    assert f"other {named}" in err
    assert len(list((folder / "runs").iterdir())) == 1


def test_a_file_that_is_no_lock_is_left_alone(folder: Path) -> None:
    """Somebody's file, and a lock whose name does not follow from its parts."""
    for content in ("[]", '{"model": "0", "parts": {"program": "1"}}', "\x00"):
        (folder / "lock.json").write_text(content)
        code, _, err = _run(folder, COUNTS[0])
        assert (code, "not a model lock" in err) == (65, True)
        assert (folder / "lock.json").read_text() == content
    code, _, err = _run(folder / "..", COUNTS[0])
    assert code == 66


def test_a_lock_goes_with_results() -> None:
    """Without --results there is no night."""
    done = runoff("run", str(GA06 / "april.toml"), "--lock", "x.json")
    assert (done.returncode, "--lock go with --results" in done.stderr) == (2, True)


def test_ready_says_whether_the_model_is_the_locked_one(folder: Path) -> None:
    """Before the first forecast it will be; then it is; another run file is wrong."""

    def said() -> tuple[int, str]:
        done = runoff(
            *("ready", str(folder / "runoff-night.toml"), "--results", str(COUNTS[0]), "--lock"),
            *(str(folder / "lock.json"), "--out", str(folder / "runs"), "--json"),
        )
        checks = {check["check"]: check for check in json.loads(done.stdout)["checks"]}
        return checks["model"]["code"], checks["model"]["said"]

    assert said()[1].endswith("locked by the first forecast")
    assert _run(folder, COUNTS[0])[0] == 0
    assert said()[0] == 0
    assert "as locked, with 1024 trials" in said()[1]
    path = folder / "runoff-night.toml"
    path.write_text(path.read_text() + "\n# another word\n")
    assert said()[0] == 65
    assert "run file" in said()[1]


def test_the_sources_time_is_told(folder: Path) -> None:
    """Of a followed night the count's own time is in the table, on the page, in the list's order; not of a file that
    is read once.
    """
    counts = folder / "counts"
    when = dt.datetime(2017, 6, 21, 0, 55, tzinfo=dt.UTC)
    os.utime(shutil.copy(COUNTS[1], folder / "now.csv"), (when.timestamp(), when.timestamp()))
    code, out, _ = _run(folder, folder / "now.csv", "--counts", str(counts))
    assert code == 0
    assert "counted 2017-06-21 00:55:00 UTC" in out
    table = next((folder / "runs").glob("*/runoff_night.parquet"))
    assert pq.read_table(table).to_pylist()[0]["count_time"] == when
    listed = json.loads(runoff("list", str(folder / "runs"), "--json").stdout)
    assert listed["runs"][0]["counted"] == "2017-06-21T00:55:00+00:00"
    code, out, _ = _run(folder, COUNTS[0])
    assert "as the source says" not in out


def test_a_count_that_comes_again_is_the_latest(folder: Path) -> None:
    """A correction back to the bytes of an earlier count is a forecast of its own, and the race's latest."""
    for minute, count in ((0, COUNTS[0]), (20, COUNTS[1]), (40, COUNTS[0])):
        when = dt.datetime(2017, 6, 21, 0, minute, tzinfo=dt.UTC).timestamp()
        os.utime(shutil.copy(count, folder / "now.csv"), (when, when))
        assert _run(folder, folder / "now.csv", "--counts", str(folder / "counts"))[0] == 0
    runs = json.loads(runoff("list", str(folder / "runs"), "--json").stdout)["runs"]
    assert len(runs) == 3
    latest = next(run for run in runs if run["latest"])
    assert latest["counted"] == "2017-06-21T00:40:00+00:00"


def test_ready_tells_a_lock_and_a_history_that_have_no_folder(folder: Path) -> None:
    """Nobody makes their folders on a night: that is wrong before it."""
    done = runoff(
        *("ready", str(folder / "runoff-night.toml"), "--results", str(COUNTS[0]), "--out", str(folder / "runs")),
        *("--lock", str(folder / "none" / "x.lock"), "--history", str(folder / "none" / "h.csv"), "--json"),
    )
    checks = {check["check"]: check for check in json.loads(done.stdout)["checks"]}
    assert (checks["lock"]["code"], checks["history"]["code"], done.returncode) == (65, 65, 65)
