"""Nothing from after `as_of` reaches a forecast."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import runoff
from tests.installed import ROOT

GA06 = ROOT / "configs" / "ga06-2017"

# Runs a forecast in a process that refuses to open any file with "runoff-result" in its name.
GUARDED = """
import sys
def refuse(event, arguments):
    if event == "open" and "runoff-result" in str(arguments[0]):
        raise SystemExit("opened " + str(arguments[0]))
sys.addaudithook(refuse)
from runoff.app.cli import main
raise SystemExit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("name", ["april", "eve", "by-day", "precincts"])
def test_no_run_opens_the_result(name: str, tmp_path: Path) -> None:
    """A process that may not open the result's tables forecasts as ever, beside them."""
    command = [sys.executable, "-c", GUARDED, "run", str(GA06 / f"{name}.toml")]
    answer = subprocess.run(
        [*command, "--trials", "1000", "--out", str(tmp_path)], cwd=ROOT, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_the_result_changes_nothing(tmp_path: Path) -> None:
    """With the result's tables gone, or with other numbers in them, a run prints the same answer."""
    folder = tmp_path / "ga06"
    shutil.copytree(GA06, folder)

    def answer() -> str:
        out = tmp_path / "runs"
        done = runoff("run", str(folder / "april.toml"), "--trials", "1000", "--json", "--out", str(out))
        assert done.returncode == 0, done.stderr
        shutil.rmtree(out)
        return re.sub(r'"seconds": .*', "", done.stdout)  # the one figure that is not the forecast's

    before = answer()
    for table in folder.glob("runoff-result-*.csv"):
        table.write_text(table.read_text("utf-8").replace(",Karen Handel,R,", ",Karen Handel,R,9"), "utf-8")
    changed = answer()
    for table in folder.glob("runoff-result-*.csv"):
        table.unlink()
    assert before == changed == answer()


def _spoil(folder: Path, named: set[str]) -> int:
    """Change every number of every table that the run does not name; how many tables that were."""
    spoiled = 0
    for table in folder.glob("*.csv"):
        if table.name not in named:
            header, *rows = table.read_text("utf-8").splitlines(keepends=True)
            table.write_text(header + "".join(re.sub(r"\d+(?=[,\n])", "7", row) for row in rows), "utf-8")
            spoiled += 1
    return spoiled


def _spoil_later_polls(table: Path, day: str) -> int:
    """Give every poll that ended after a day another answer; how many there were."""
    header, *rows = table.read_text("utf-8").splitlines(keepends=True)
    first, end = header.split(",").index("Jon Ossoff"), header.split(",").index("end")
    changed = 0
    for i, row in enumerate(rows):
        cells = row.split(",")
        if cells[end] > day:
            cells[first], changed = "11", changed + 1
            rows[i] = ",".join(cells)
    table.write_text(header + "".join(rows), "utf-8")
    return changed


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("april", []),
        ("by-day", ["--as-of", "2017-05-11"]),
        ("first-round-eve", []),
        ("first-round-night-2240", []),
        ("runoff-night", ["--results", "runoff-counted-2009.csv"]),
    ],
)
def test_nothing_later_changes_anything(name: str, words: list[str], tmp_path: Path) -> None:
    """With later polls answered otherwise, and every number of each table that the run does not name spoiled
    (results, later counts, certified first rounds of a night), a run prints the same answer.
    """
    folder = tmp_path / "ga06"
    shutil.copytree(GA06, folder)
    words = [str(folder / word) if word.endswith(".csv") else word for word in words]

    def answer() -> str:
        out = tmp_path / "runs"
        done = runoff("run", str(folder / f"{name}.toml"), "--trials", "2000", *words, "--out", str(out))
        assert done.returncode == 0, done.stderr
        shutil.rmtree(out, ignore_errors=True)
        return re.sub(r"tables: .*", "", done.stdout)  # the folder's name hangs on the tables as they are

    before = answer()
    text = (folder / f"{name}.toml").read_text("utf-8") + " ".join(words)
    named = set(re.findall(r"[\w.-]+\.csv", text))
    assert _spoil(folder, named) > 3
    if "--as-of" in words:
        assert _spoil_later_polls(folder / "runoff-polls.csv", words[1]) == 11
    assert answer() == before
