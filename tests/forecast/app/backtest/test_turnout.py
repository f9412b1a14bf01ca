"""Turnout in backtests: scores beside closed forms, and what may not reach it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from runoff.app.backtest.backtest import backtest
from runoff.app.backtest.scored import turnout_rows
from runoff.app.backtest.turnout import NOT_KNOWN, TurnoutForecast
from runoff.data.archive.archive import Archive
from runoff.race import Row
from runoff.simulate.driver import PPM, SHARE_BIN

_BIN = SHARE_BIN / PPM


def _normal(mean: float, sd: float, actual: float) -> Row:
    """The row of a turnout whose bins are a normal's."""
    edges = _BIN * np.arange(round(1 / _BIN) + 1)
    bins = np.round(1e9 * np.diff(norm.cdf(edges, mean, sd))).astype(np.int64)
    return TurnoutForecast(1_000, mean, sd, bins, actual).row()


@pytest.mark.parametrize(("mean", "sd", "actual"), [(0.5, 0.05, 0.55), (0.3, 0.04, 0.21), (0.62, 0.1, 0.62)])
def test_scores_of_a_normal_turnout_are_its_closed_forms(mean: float, sd: float, actual: float) -> None:
    """CRPS is the integral of (F - step)^2, PIT the normal's at what came, the 80 % range its quantiles."""
    found = _normal(mean, sd, actual)
    below, above = (quad(f, *ends)[0] for f, ends in (
        (lambda x: norm.cdf(x, mean, sd) ** 2, (mean - 9 * sd, actual)),
        (lambda x: norm.sf(x, mean, sd) ** 2, (actual, mean + 9 * sd)),
    ))  # fmt: skip
    assert found["turnout_crps"] == pytest.approx(below + above, abs=1e-5)
    assert found["turnout_pit"] == pytest.approx(norm.cdf(actual, mean, sd), abs=1e-4)
    assert found["turnout_q10"] == pytest.approx(norm.ppf(0.1, mean, sd), abs=1e-4)
    assert found["turnout_q90"] == pytest.approx(norm.ppf(0.9, mean, sd), abs=1e-4)


def test_means_go_over_races_with_a_roll() -> None:
    """Three duels of two elections and one without a roll: means of three, said and came, errors by elections."""
    group = {"level": "regional", "contest": "open", "country": "X", "pair": "left-right"}
    rows: list[Row] = [
        {**group, "election": election, **_normal(0.5, 0.05, came)}
        for election, came in (("a", 0.52), ("a", 0.58), ("b", 0.45))
    ]
    found = turnout_rows([*rows, {**group, "election": "c", **NOT_KNOWN}])
    whole = next(row for row in found if row["by"] == "all")
    assert (whole["races"], whole["elections"]) == (3, 2)
    assert whole["said"] == pytest.approx(0.5)
    assert whole["came"] == pytest.approx(1.55 / 3)
    assert whole["more"] == pytest.approx(0.05 / 3)
    assert whole["inside80"] == pytest.approx(2 / 3)  # 0.58 is 1.6 sd away
    sums = np.array([0.02 + 0.08 - 2 * 0.05 / 3, -0.05 - 0.05 / 3])
    assert whole["more_se"] == pytest.approx(np.sqrt(2.0 * (sums**2).sum()) / 3)
    single = next(row for row in found if row["by"] == "election" and row["group"] == "b")
    assert single["crps_se"] is None


def test_a_race_without_a_roll_has_no_turnout() -> None:
    """A national race with its roll has a turnout between 0 and 1; its roll taken away, empty cells and a word."""
    race = next(r for r in Archive.load().where(level="national").races if r.first.registered is not None)
    bare = replace(race, first=replace(race.first, registered=None))
    told, untold = (backtest(Archive((one,)), trials=4_000) for one in (race, bare))
    row = told.tables["backtest"][0]
    assert row["people"] == race.first.registered
    assert race.first.registered is not None
    assert row["actual_turnout"] == pytest.approx(race.runoff_votes / race.first.registered)
    quantiles = [row["turnout_q10"], row["turnout_q50"], row["turnout_q90"]]
    assert 0.0 < quantiles[0] < quantiles[1] < quantiles[2] < 1.0  # type: ignore[operator]  # numbers
    assert {untold.tables["backtest"][0][name] for name in NOT_KNOWN} == {None}
    assert "turnout is not scored" in str(untold.page())
    assert "none of these" not in str(told.page())


def test_a_races_own_turnout_cannot_reach_what_is_said_of_it() -> None:
    """Twice as many come: what was said of turnout stays, its score does not."""
    archive = Archive.load().where(level="regional")
    race = next(r for r in Archive.load().where(level="national").races if r.first.registered is not None)
    half = tuple(
        replace(c, runoff_votes=None if c.runoff_votes is None else c.runoff_votes // 2) for c in race.candidates
    )
    rows = [
        backtest(Archive((one, *archive.races)), trials=2_000).tables["backtest"][0]
        for one in (race, replace(race, candidates=half))
    ]
    said = ("turnout_mean", "turnout_sd", "turnout_q10", "turnout_q50", "turnout_q90")
    assert [rows[0][name] for name in said] == [rows[1][name] for name in said]
    assert rows[0]["turnout_crps"] != rows[1]["turnout_crps"]
