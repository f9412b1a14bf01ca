"""`runoff export`: a kept run as CSV for others."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

import runoff as package
from runoff.app.commands._exported import HEADERS, exported
from runoff.errors import UsageError
from tests import night, runoff_night
from tests.command import APRIL, runoff


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A kept run of a race whose runoff is ahead."""
    return package.run(package.load(APRIL), trials=2000).save(tmp_path_factory.mktemp("runs"))


def test_toplines_are_the_run_s_numbers(run: Path) -> None:
    """A row a finalist, likeliest first: chances add up to 1 with ties, shares in per cent to 100."""
    rows = list(csv.DictReader(io.StringIO(exported("toplines", package.read(run).tables))))
    read = package.read(run)
    assert [row["candidate"] for row in rows] == sorted(read.p_win, key=lambda name: -read.p_win[name])
    assert {row["candidate"]: float(row["win_probability"]) for row in rows} == read.p_win
    assert sum(float(row["voteshare"]) for row in rows) == pytest.approx(100.0, abs=0.01)
    for row in rows:
        assert row["round"] == "runoff"
        assert float(row["p10_voteshare"]) < float(row["voteshare"]) < float(row["p90_voteshare"])


def test_sankey_has_everybody_once(run: Path) -> None:
    """Values add up to all people of the pools; no name is both a source and a target."""
    tables = package.read(run).tables
    rows = list(csv.DictReader(io.StringIO(exported("sankey", tables))))
    assert sum(float(row["value"]) for row in rows) == pytest.approx(tables["run"][0]["people"], rel=1e-6)
    assert not {row["source"] for row in rows} & {row["target"] for row in rows}
    assert {row["target"] for row in rows} == {"Jon Ossoff (runoff)", "Karen Handel (runoff)", "did not vote (runoff)"}


def test_nights_have_toplines_and_no_flow(tmp_path: Path) -> None:
    """A first round being counted and a runoff's night have toplines of their own; a flow is refused with a reason."""
    first = package.run(package.load(night.folder(tmp_path / "first")), trials=512).tables
    file = runoff_night.folder(tmp_path / "second")
    reported = [f"n1,{name},early,{votes}" for name, votes in (("Ada", 90), ("Bo", 80))]
    results = runoff_night.results(tmp_path / "second" / "counted.csv", reported)
    second = package.run(package.load(file), trials=512, results=results).tables
    for tables, told in ((first, "first"), (second, "runoff")):
        rows = list(csv.DictReader(io.StringIO(exported("toplines", tables))))
        assert {row["round"] for row in rows} == {told}
        assert sum(float(row["win_probability"]) for row in rows) == pytest.approx(1.0, abs=0.01)
        with pytest.raises(UsageError, match="runoff is ahead"):
            exported("sankey", tables)


def test_only_a_table_of_the_same_kind_is_replaced(run: Path, tmp_path: Path) -> None:
    """A file is written, written again, and not put in the place of another; stdout has the same text."""
    target = tmp_path / "out.csv"
    printed = runoff("export", str(run), "--as", "toplines")
    for _ in range(2):
        assert runoff("export", str(run), "--as", "toplines", "-o", str(target)).returncode == 0
        assert target.read_text("utf-8") == printed.stdout
    refused = runoff("export", str(run), "--as", "sankey", "-o", str(target))
    assert (refused.returncode, "left alone" in refused.stderr) == (74, True)
    assert target.read_text("utf-8").startswith(",".join(HEADERS["toplines"]))


def test_what_is_no_run_is_refused() -> None:
    """Tables of something else: one message with a way out."""
    with pytest.raises(UsageError, match="not a run"):
        exported("toplines", {"sweep": [{}]})
