"""docs/runoff-night.md says what its run file says at the three moments."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest

from runoff.phases.runoff_night.phase import TRIALS
from runoff.runfile.load import load
from tests.drawn import run_night
from tests.installed import ROOT

GA06 = ROOT / "configs" / "ga06-2017"
PAGE = (ROOT / "docs" / "runoff-night.md").read_text("utf-8")
MOMENTS = ("2009", "2055", "2130")
ROUNDING = 0.051  # points, and what another processor's exponentials may move


@cache
def _night(moment: str) -> tuple[dict[str, Any], dict[str, Any]]:
    loaded = load(GA06 / "runoff-night.toml")
    table = GA06 / f"runoff-counted-{moment}.csv"
    tables = run_night(loaded, table, trials=TRIALS, seed=loaded.run_file.simulation.seed, threads=2)
    return tables["runoff_night"][0], tables["runoff_finalists"][1]


def _said(label: str, column: int, nth: int = 0) -> list[float]:
    """Numbers of a row of the page's table of moments; `nth` of the rows of this label."""
    row = [line for line in PAGE.split("\n") if line.startswith(f"| {label} |")][nth]
    return [float(number) for number in re.findall(r"-?[\d.]+", row.split("|")[column + 2].replace(",", ""))]


@pytest.mark.parametrize("column", range(3))
def test_the_pages_figures_are_the_runs(column: int) -> None:
    """The table of GA-06's night, within rounding."""
    night, handel = _night(MOMENTS[column])
    assert _said("counted", column) == [night["counted_votes"]]
    assert _said("margin of the count", column) == pytest.approx([100 * night["counted_margin"]], abs=ROUNDING)
    assert _said("final margin, median", column) == pytest.approx([100 * night["margin_q50"]], abs=ROUNDING)
    ends = [100 * night["margin_q10"], 100 * night["margin_q90"]]
    assert _said("its range", column, 0) == pytest.approx(ends, abs=ROUNDING)
    assert _said("votes out, median", column) == pytest.approx([night["out_q50"]], rel=0.001)
    assert _said("naive margin", column) == pytest.approx([100 * night["naive_margin"]], abs=ROUNDING)
    naive = [100 * night["naive_q10"], 100 * night["naive_q90"]]
    assert _said("its range", column, 1) == pytest.approx(naive, abs=ROUNDING)
    p = 100 * handel["p_win"]
    if column == 0:
        assert _said("P(Handel wins), per cent", column) == pytest.approx([p], abs=0.5)
    else:
        assert p > 99.8


def test_the_effective_trials_are_those_told() -> None:
    """The share of the trials drawn that the page tells, to a point."""
    told = re.search(r"On GA-06's three moments it is (\d+), (\d+) and (\d+) %", PAGE)
    assert told is not None
    found = [100 * _night(moment)[0]["effective_trials"] / TRIALS for moment in MOMENTS]
    assert found == pytest.approx([float(number) for number in told.groups()], abs=1.0)
