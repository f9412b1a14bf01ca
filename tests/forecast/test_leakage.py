"""Nothing from after `as_of` reaches a forecast."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GA06 = ROOT / "configs" / "ga06-2017"

# Runs a forecast in a process that refuses to open any file with "runoff-result" in its name.
GUARDED = """
import sys
def refuse(event, arguments):
    if event == "open" and "runoff-result" in str(arguments[0]):
        raise SystemExit("opened " + str(arguments[0]))
sys.addaudithook(refuse)
from forecast.cli import main
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
        command = [sys.executable, "-m", "forecast.cli", "run", str(folder / "april.toml"), "--trials", "1000"]
        out = tmp_path / "runs"
        done = subprocess.run([*command, "--json", "--out", str(out)], cwd=ROOT, capture_output=True, text=True)
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
