"""docs/recipes.md: each recipe whose program is here is run on two kept runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import runoff
from tests.command import APRIL
from tests.installed import ROOT

PAGE = (ROOT / "docs" / "recipes.md").read_text("utf-8")


def _blocks(heading: str, language: str) -> list[str]:
    (section,) = re.findall(rf"^## {heading}\n(.*?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL)
    return re.findall(rf"```{language}\n(.*?)```", section, re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two kept runs of one race."""
    place = tmp_path_factory.mktemp("recipes")
    case = runoff.load(APRIL)
    for seed in (1, 2):
        runoff.run(case, trials=2000, seed=seed).save(place / "runs")
    return place


def test_duckdb(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every statement answers: two finalists a run, three pools a run, and the chance as the histogram has it."""
    duckdb = pytest.importorskip("duckdb")
    monkeypatch.chdir(folder)
    found = [duckdb.sql(statement).fetchall() for statement in _blocks("DuckDB", "sql")]
    assert [len(rows) for rows in found] == [4, 6, 2]
    assert found[0][0][2] == max(row[2] for row in found[0])
    for run_id, chance in found[2]:
        rows = runoff.read(folder / "runs" / run_id).tables["margin_histogram"]
        above = sum(row["trials"] for row in rows if row["bin_low"] >= 0.03)  # type: ignore[misc]
        assert chance == above / sum(row["trials"] for row in rows)  # type: ignore[misc]


@pytest.mark.parametrize(("heading", "module"), [("Polars", "polars"), ("pandas", "pandas")])
def test_frames(
    heading: str, module: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page's lines, run as they stand, print both runs."""
    pytest.importorskip(module)
    monkeypatch.chdir(folder)
    for block in _blocks(heading, "python"):
        exec(block, {})
    told = capsys.readouterr().out
    runs = [path.name for path in (folder / "runs").iterdir()]
    assert len(runs) == 2
    assert all(run[:12] in told for run in runs)
