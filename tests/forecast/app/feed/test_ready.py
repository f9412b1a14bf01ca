from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.command import runoff
from tests.installed import ROOT

NIGHT = "configs/ga06-2017/runoff-night.toml"
COUNT = ROOT / "configs" / "ga06-2017" / "runoff-counted-2009.csv"


def _ready(*words: str) -> tuple[int, dict[str, tuple[int, str]]]:
    answer = runoff("ready", *words, "--json")
    document = json.loads(answer.stdout)
    assert document["code"] == answer.returncode
    return answer.returncode, {check["check"]: (check["code"], check["said"]) for check in document["checks"]}


def test_a_night_that_can_begin_is_ready(tmp_path: Path) -> None:
    """All checks are made, a forecast of the count among them; nothing is left behind."""
    words = ("--out", str(tmp_path / "runs"), "--history", str(tmp_path / "h.csv"), "--trials", "3000")
    code, checks = _ready(NIGHT, "--results", str(COUNT), *words)
    assert code == 0, checks
    assert "3,000 trials in" in checks["forecast of this count"][1]
    assert set(checks) == {
        "run file", "forecast before any count", "folder", "history", "clock", "counts", "forecast of this count"
    }  # fmt: skip
    assert list(tmp_path.iterdir()) == []


def test_what_is_missing_yet_is_not_yet_and_what_is_wrong_is_wrong(tmp_path: Path) -> None:
    """No source, one that does not answer, no file yet: 75.  A broken run file, count or folder: 65, before 75."""
    assert _ready(NIGHT, "--out", str(tmp_path))[0] == 75
    code, checks = _ready(NIGHT, "--results", "http://127.0.0.1:9/x.csv", "--out", str(tmp_path))
    assert (code, checks["counts"][0]) == (75, 75)
    assert _ready(NIGHT, "--results", str(tmp_path / "later.csv"), "--out", str(tmp_path))[0] == 75
    (tmp_path / "half.csv").write_text("unit,candidate\n")
    code, checks = _ready(NIGHT, "--results", str(tmp_path / "half.csv"), "--out", str(tmp_path))
    assert (code, checks["forecast of this count"][0]) == (65, 65)
    code, checks = _ready(str(tmp_path / "none.toml"), "--out", str(tmp_path / "half.csv"))
    assert (code, checks["run file"][0], checks["folder"][0], checks["counts"][0]) == (65, 65, 65, 75)


def test_a_folder_of_counts_is_ready_as_run_would_play_it(tmp_path: Path) -> None:
    """The first kept count is forecast; a folder without counts, or with a damaged one, is wrong and never ready."""
    counts = tmp_path / "kept counts"
    counts.mkdir()
    code, checks = _ready(NIGHT, "--results", str(counts), "--out", str(tmp_path))
    assert (code, checks["counts"][0]) == (65, 65)
    assert "no counts there" in checks["counts"][1]
    content = COUNT.read_bytes()
    kept = counts / f"20170621T000900Z-{hashlib.sha256(content).hexdigest()[:12]}.csv"
    kept.write_bytes(content)
    code, checks = _ready(NIGHT, "--results", str(counts), "--out", str(tmp_path))
    assert code == 0, checks
    assert "2017-06-21 00:09:00 UTC" in checks["counts"][1]
    kept.write_bytes(content[:99])
    assert _ready(NIGHT, "--results", str(counts), "--out", str(tmp_path))[0] == 65


def test_a_wrong_count_is_called_as_it_was_named(tmp_path: Path) -> None:
    """The message names the table that was given, not the copy that was tried."""
    path = tmp_path / "zählung 1.csv"
    path.write_text("unit,candidate\n")
    said = _ready(NIGHT, "--results", str(path), "--out", str(tmp_path))[1]["forecast of this count"][1]
    assert str(path) in said
    assert "count.csv" not in said


@pytest.mark.long
def test_counts_are_played_through_the_command(tmp_path: Path) -> None:
    """Three real counts at a thousand times their speed: a row of the curve each, in order, and a run each on disk."""
    counts = tmp_path / "counts"
    counts.mkdir()
    for name, clock in (("2009", "20170621T000900Z"), ("2055", "20170621T005500Z"), ("2130", "20170621T013000Z")):
        content = (ROOT / "configs" / "ga06-2017" / f"runoff-counted-{name}.csv").read_bytes()
        (counts / f"{clock}-{hashlib.sha256(content).hexdigest()[:12]}.csv").write_bytes(content)
    words = ("--speed", "1000", "--trials", "1024", "--history", str(tmp_path / "h.csv"), "--out", str(tmp_path / "o"))
    answer = runoff("rehearse", NIGHT, "--counts", str(counts), *words, "--quiet")
    assert answer.returncode == 0, answer.stderr
    assert "after 3 runs" in answer.stderr
    rows = [line.split(",") for line in (tmp_path / "h.csv").read_text().splitlines()]
    votes = [int(row[rows[0].index("counted_votes")]) for row in rows[1:]]
    assert votes == sorted(votes)
    assert len(set(votes)) == len(list((tmp_path / "o").iterdir())) == 3
