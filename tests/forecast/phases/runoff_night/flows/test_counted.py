"""Where people of the counted units went: the estimate of both rounds' tables, over the units that are in."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from runoff.app.flows.estimate import Asked, flows
from runoff.data.counts.runoff_count import FirstModes
from runoff.estimate.ecological.transfers import Settings
from runoff.model.flows.rounds import first_round
from runoff.phases.runoff_night.flows.counted import LEAST_UNITS, OTHERS, counted, flow_rows
from runoff.phases.runoff_night.flows.told import flows_table
from runoff.race import Row
from runoff.runfile.load import Case, load
from tests import runoff_night as night
from tests.command import runoff
from tests.installed import ROOT

GA06 = ROOT / "configs" / "ga06-2017"


def _night(path: Path, units: int) -> tuple[Case, night.Ints, night.Reported]:
    """The small race with so many units in."""
    loaded = night.of_folder(path, by_mode=False)
    votes = night.draw_truth(loaded, np.random.default_rng(3), ("",))
    complete = np.zeros(votes.shape[:2], bool)
    complete[:units] = True
    return loaded, votes, night.reported(votes, complete, ("",))


def test_it_is_the_estimate_of_the_two_tables(tmp_path: Path) -> None:
    """Cell by cell what `runoff estimate` says of the first round and a table of the counted units."""
    loaded, votes, shown = _night(tmp_path, 14)
    parties = {candidate.name: candidate.bloc for candidate in loaded.first_round.candidates}
    lines = [
        f"{unit},{name},{parties[name]},{votes[u, 0, k]}"
        for u, unit in enumerate(loaded.first_round.units[:14])
        for k, name in enumerate(loaded.finalists)
    ]
    (tmp_path / "second.csv").write_text("unit,candidate,party,votes\n" + "\n".join(lines) + "\n")
    rows = flow_rows(loaded, shown, None, seed=1, threads=1)
    asked = Asked(first_round(loaded), tmp_path / "second.csv", settings=Settings(draws=1_000, seed=1))
    other = {(row["origin"], row["destination"]): row for row in flows(asked).tables["matrix"]}
    assert {(row["origin"], row["destination"]) for row in rows} == set(other)
    for row in rows:
        for column in ("votes_mean", "share_mean", "share_sd", "share_q05", "share_q95", "people"):
            assert row[column] == pytest.approx(other[row["origin"], row["destination"]][column], rel=1e-12), column
        assert row["units"] == 14


def test_few_units_say_nothing(tmp_path: Path) -> None:
    """Below LEAST_UNITS units there is no table: the answer would be what is known before."""
    loaded, _, shown = _night(tmp_path, LEAST_UNITS - 1)
    assert flow_rows(loaded, shown, None, seed=1, threads=1) == []
    assert flows_table([], {}) is None


def test_a_small_mode_may_be_out_and_a_large_one_not() -> None:
    """Units count as in where what is out had a tenth of their first-round votes at most, and something is in."""
    modes = ("day", "mail")
    first = FirstModes(modes, np.array([[[60, 31], [5, 4]], [[50, 30], [12, 8]], [[60, 31], [5, 4]], [[0, 0], [0, 0]]]))
    votes = np.full((4, 2, 2), 10)
    complete = np.array([[True, False], [True, False], [False, True], [True, True]])
    shown = night.reported(votes, complete, modes)
    assert counted(shown, first).tolist() == [0]
    assert counted(shown, None).tolist() == [3]


def _share(rows: list[Row], origin: str, destination: str) -> float:
    return next(float(str(r["share_mean"])) for r in rows if (r["origin"], r["destination"]) == (origin, destination))


def test_a_night_has_them_on_its_page_and_in_its_tables(tmp_path: Path) -> None:
    """GA-06 at 21:30: each origin's shares add up to 1, its small candidates are one origin, own voters stay, the
    other Republicans' go to Handel; the page has the table, and the digest is that of a night without.
    """
    done = runoff(
        *("run", str(GA06 / "runoff-night.toml"), "--results", str(GA06 / "runoff-counted-2130.csv")),
        *("--trials", "1024", "--out", str(tmp_path)),
    )
    assert done.returncode == 0
    assert "90 % intervals, by 98 units that are in" in done.stdout
    import pyarrow.parquet as pq

    rows = pq.read_table(next(tmp_path.glob("*/flows.parquet"))).to_pylist()
    origins = dict.fromkeys(row["origin"] for row in rows)
    assert OTHERS in origins
    for origin in origins:
        own = [row for row in rows if row["origin"] == origin]
        assert math.fsum(row["share_mean"] for row in own) == pytest.approx(1.0, abs=1e-9)
        assert math.fsum(row["votes_mean"] for row in own) == pytest.approx(own[0]["people"], abs=0.5)
    assert _share(rows, "Jon Ossoff", "Jon Ossoff") > 0.6
    assert _share(rows, "Bob Gray", "Karen Handel") > 0.8
    report = runoff("report", str(tmp_path), "-o", str(tmp_path / "night.html"))
    assert (report.returncode, "Where people went" in (tmp_path / "night.html").read_text()) == (0, True)


def test_the_case_names_its_rounds() -> None:
    """A first round of a case has its units, candidates with their parties, and the roll."""
    found = first_round(load(GA06 / "runoff-night.toml"))
    assert len(found.units) == 208
    assert found.kinds[-1] == "roll"
    assert "R" in found.blocs
