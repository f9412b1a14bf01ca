"""docs/first-round-night.md says what its run files say."""

from __future__ import annotations

import re
from typing import Any

import pytest

from runoff.runfile.load import load
from tests.drawn import run_night
from tests.installed import ROOT

PAGE = (ROOT / "docs" / "first-round-night.md").read_text("utf-8")
TRIALS = 100_000


def _said(label: str, column: int) -> list[float]:
    """Numbers of a row of the page's first table."""
    row = next(line for line in PAGE.split("\n") if line.startswith(f"| {label} |"))
    return [float(number) for number in re.findall(r"[\d.]+", row.split("|")[column + 2].replace(",", ""))]


@pytest.mark.parametrize(("column", "moment"), [(0, "2240"), (1, "0130")])
def test_the_pages_figures_are_the_runs(column: int, moment: str) -> None:
    """The table of GA-06's night, within rounding and five Monte Carlo standard errors."""
    loaded = load(ROOT / "configs" / "ga06-2017" / f"first-round-night-{moment}.toml")
    tables = run_night(loaded, trials=TRIALS, seed=loaded.run_file.simulation.seed, threads=2)
    ossoff: dict[str, Any] = tables["first_round"][0]
    out: dict[str, Any] = tables["outstanding"][0]
    assert ossoff["candidate"] == out["candidate"] == "Jon Ossoff"
    assert _said("counted", column) == [tables["night"][0]["counted_votes"]]
    chances = (
        ("P(Ossoff wins outright), per cent", "p_outright", 0.005),
        ("P(Ossoff wins in the end), per cent", "p_win", 0.05),
    )
    for label, name, rounding in chances:
        bound = 100 * 5 * ossoff[f"{name}_mcse"] + rounding
        assert _said(label, column) == pytest.approx([100 * ossoff[name]], abs=bound)
    share = [100 * ossoff[f"share_q{q}"] for q in (10, 50, 90)]
    assert _said("Ossoff's final share, median", column) == pytest.approx(share[1:2], abs=0.02)
    assert _said("its range", column) == pytest.approx(share[::2], abs=0.02)
    assert _said("votes out, median", column) == pytest.approx([out["votes_q50"]], rel=0.005)
    assert _said("their range", column) == pytest.approx([out["votes_q10"], out["votes_q90"]], rel=0.005)
    assert _said("Ossoff's share of them, median", column) == pytest.approx([100 * out["share_q50"]], abs=0.15)
    ends = [100 * out["share_q10"], 100 * out["share_q90"]]
    assert _said("its range, per cent", column) == pytest.approx(ends, abs=0.15)
