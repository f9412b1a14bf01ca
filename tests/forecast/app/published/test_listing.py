from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from runoff.app.published import listing
from runoff.app.published.found import shelf
from runoff.errors import UsageError
from tests.command import runoff
from tests.forecast.app.published.shelves import SCRIPT, put


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three runs of two races."""
    out = tmp_path_factory.mktemp("runs")
    put(out, "alpha", minute=3)
    put(out, "beta", as_of="2025-03-04", minute=2)
    put(out, "beta", seed=2, minute=1)
    return out


def test_runs_are_chosen_and_sorted_as_asked(folder: Path) -> None:
    """By race, phase, day and latest; in each order, without losing one."""
    found = shelf(folder)
    every = {run.run_id for run in found.runs}
    for order, key in listing.ORDERS.items():
        runs = listing.chosen(found, listing.Asked(order=order))
        assert {run.run_id for run in runs} == every
        assert [key(run) for run in runs] == sorted(key(run) for run in runs)
    assert {run.race_id for run in listing.chosen(found, listing.Asked(race="beta"))} == {"beta"}
    assert len(listing.chosen(found, listing.Asked(latest=True))) == 2
    since = listing.chosen(found, listing.Asked(since=dt.date(2025, 3, 5)))
    assert [run.as_of.day for run in since] == [5, 5]
    with pytest.raises(UsageError, match="alpha"):
        listing.chosen(found, listing.Asked(race="alhpa"))


def test_text_json_and_parquet_say_the_same(folder: Path, tmp_path: Path) -> None:
    """Row by row; markup in names is text like any other; a file that stands there is left alone."""
    out = tmp_path / "list.parquet"
    said = json.loads(runoff("list", str(folder), "--json", "--out", str(out)).stdout)["runs"]
    rows = pq.read_table(out).to_pylist()
    assert [row["run_id"] for row in rows] == [one["run_id"] for one in said]
    for row, one in zip(rows, said, strict=True):
        assert json.loads(row["p_win"]) == one["p_win"]
        assert row["as_of"].isoformat() == one["as_of"]
        assert row["leader"] in (SCRIPT, "Bo Lind")
        assert max(one["p_win"].values()) == row["p_leader"]
    text = runoff("list", str(folder)).stdout
    assert all(row["run_id"] in text for row in rows)
    assert max(len(line) for line in text.splitlines()) <= 80
    again = runoff("list", str(folder), "--out", str(out))
    assert (again.returncode, "left alone" in again.stderr) == (73, True)


def test_an_empty_folder_has_no_runs(tmp_path: Path) -> None:
    """And says so, with exit code 0."""
    answer = runoff("list", str(tmp_path))
    assert (answer.returncode, answer.stdout) == (0, "no runs\n")
