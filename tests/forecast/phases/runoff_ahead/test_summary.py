"""What the output's numbers mean: sums, edges, recounts."""

from __future__ import annotations

import copy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from runoff.phases.runoff_ahead.influence.response import with_response
from runoff.phases.runoff_ahead.summary import Beside, Provenance, summarize
from runoff.simulate.driver import draw
from runoff.simulate.inputs import to_inputs
from tests.builders import Group, model, two_way
from tests.forecast import example
from tests.forecast.report import test_layout
from tests.pages import render

Tables = dict[str, list[dict[str, Any]]]
PROVENANCE = Provenance("0" * 64, 1)


def drawn(of: Any, trials: int = 2_000) -> Tables:
    """The tables of a model after a few trials."""
    inputs = with_response(to_inputs(of, 1), of)
    return summarize(of, draw(inputs, trials, threads=1), PROVENANCE, [0.5], Beside(inputs=inputs))


def test_plain_sums_count_once() -> None:
    """The people and votes of `transfers` add up to those of the race; a bloc's rows are sums of its pools'."""
    tables = drawn(two_way())
    transfers, run = tables["transfers"], tables["run"][0]
    assert {row["kind"] for row in transfers + tables["rates"]} == {"finalist", "eliminated", "new"}
    assert sum(row["votes_mean"] for row in transfers) == pytest.approx(run["people"])
    blocs = tables["transfers_blocs"]
    assert {row["bloc"] for row in blocs} == {row["bloc"] for row in tables["rates_blocs"]} == {"R"}
    for row in blocs:
        parts = [
            r for r in transfers if (r["bloc"], r["kind"], r["destination"]) == ("R", "eliminated", row["destination"])
        ]
        assert len(parts) == 2
        assert row["people"] == sum(part["people"] for part in parts)
        assert row["votes_mean"] == pytest.approx(sum(part["votes_mean"] for part in parts), rel=1e-3)


def test_a_race_without_blocs_has_the_tables_all_the_same() -> None:
    """The tables of blocs are there and empty where no bloc has two eliminated pools."""
    of = model([Group("Ada", [900], (1.0, 0.3), (2.0, 0.3)), Group("Bo", [800], (1.0, 0.3), (-2.0, 0.3))])
    tables = drawn(of)
    assert tables["rates_blocs"] == tables["transfers_blocs"] == []
    assert "decisive: " in render(tables)


def test_edges_are_the_decimals() -> None:
    """Each bin's ends are the doubles nearest to a whole number of per mille, and bins meet."""
    rows = example.tables()["margin_histogram"]
    ends = [float(str(row["bin_low"])) for row in rows]
    assert all(end == float(Decimal(round(end * 1_000)) / 1_000) for end in ends)
    assert [row["bin_high"] for row in rows[:-1]] == ends[1:]
    assert min(ends) < -0.02 < max(ends)
    assert -0.02 in ends


def test_a_recount_has_a_line_where_there_is_one(tmp_path: Path) -> None:
    """A run file without recount_margin has no recount in its text, neither in a night's; the columns stay."""
    tables: Tables = copy.deepcopy(example.tables())
    assert "\nrecount  " in render(tables)
    tables["run"][0]["recount_margin"] = 0.0
    assert "recount" not in render(tables)
    tables["run"][0]["p_tie"] = 0.0012
    assert "\ntie      0.12" in render(tables)
    night = test_layout.runoff_night(["Ada Quist", "Bo Lind"], 1)
    for margin, lines in ((0.01, 1), (0.0, 0), (None, 1)):  # None: a run before 0.3
        night["runoff_night"][0]["recount_margin"] = margin
        assert render(night).count("\nrecount  ") == lines
    of = model([Group("Ada", [900], (1.0, 0.3), (2.0, 0.3)), Group("Bo", [800], (1.0, 0.3), (-2.0, 0.3))], recount=0.0)
    run = drawn(of)["run"][0]
    assert (run["recount_margin"], run["p_recount"]) == (0.0, run["p_tie"])
