from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from runoff.app.backtest.backtest import backtest
from runoff.data.archive.archive import Archive
from runoff.errors import UsageError
from runoff.estimate.scores import crps_normal
from runoff.model.prior.fitted import table
from runoff.model.prior.fitted.fits import Fitter
from runoff.model.prior.law import margin_law
from runoff.output import store
from tests.command import runoff


def _few() -> Archive:
    return Archive.load().where(level="national")


def test_the_driver_draws_the_law_that_was_learned() -> None:
    """Over national races the margins drawn have the law's mean and sd: within a point, and 6 % (20,000 trials)."""
    archive = _few()
    rows = backtest(archive, trials=20_000).tables["backtest"]
    fitter = Fitter.of(archive)
    names = [archive.races[place].id for place in fitter.duels]
    for i, name in enumerate(names):
        row = next(row for row in rows if row["race_id"] == name)
        law = margin_law(table.shipped().leaving_out(str(row["election"])), fitter.fields.chosen(np.array([i])))
        assert row["margin_mean"] == pytest.approx(law.mean[0], abs=0.015)
        assert row["margin_sd"] == pytest.approx(law.sd[0], rel=0.1)


def test_a_backtest_has_the_same_bits_twice_and_over_threads() -> None:
    """One digest with one thread and with three; another seed has another."""
    archive = Archive.load().where(level="regional")
    digests = [
        backtest(archive, trials=3_000, threads=threads, seed=seed).digest for threads, seed in ((1, 0), (3, 0), (1, 1))
    ]
    assert digests[0] == digests[1] != digests[2]


def test_a_races_own_result_cannot_reach_its_forecast() -> None:
    """The runoff's votes of a race exchanged: its forecast stays, its scores do not."""
    archive = Archive.load().where(level="regional")
    race = archive.races[0]
    a, b = race.finalists
    swapped = {a.name: b.runoff_votes, b.name: a.runoff_votes}
    people = tuple(replace(c, runoff_votes=swapped.get(c.name, c.runoff_votes)) for c in race.candidates)
    spoiled = Archive((replace(race, candidates=people), *archive.races[1:]))
    first, second = (backtest(one, trials=3_000).tables["backtest"][0] for one in (archive, spoiled))
    said = ("p_a", "margin_mean", "margin_sd", "q10", "q90")
    assert [first[name] for name in said] == [second[name] for name in said]
    assert first["actual_margin"] == pytest.approx(-float(str(second["actual_margin"])))
    assert first["crps"] != second["crps"]


def test_tables_hold_what_the_readme_says(tmp_path: Path) -> None:
    """On disk: a row a duel and a row a candidate of three; scores are means of rows; CRPS near its normal's."""
    archive = Archive.load()
    chosen = archive.chosen(lambda race: race.election == "france-national-district-1988-06-12").chosen(
        lambda race: len(race.finalists) == 3 or race.id.endswith("1")
    )
    found = backtest(chosen, trials=4_000)
    tables = store.read(found.save(tmp_path))
    duels, candidates = tables["backtest"], tables["backtest_candidates"]
    assert len(duels) == sum(len(race.finalists) == 2 for race in chosen.races)
    assert len(candidates) == 3 * sum(len(race.finalists) == 3 for race in chosen.races) > 0
    everything = next(row for row in tables["backtest_scores"] if row["by"] == "all" and row["forecaster"] == "archive")
    assert everything["crps"] == pytest.approx(np.mean([row["crps"] for row in duels]))
    columns = [
        np.array([row[name] for row in duels], np.float64) for name in ("margin_mean", "margin_sd", "actual_margin")
    ]
    assert float(np.mean(crps_normal(*columns))) == pytest.approx(everything["crps"], rel=0.05)
    by_race: dict[object, float] = {}
    for row in candidates:
        by_race[row["race_id"]] = by_race.get(row["race_id"], 0.0) + float(str(row["p_win"]))
    assert all(total == pytest.approx(1.0, abs=0.01) for total in by_race.values())


def test_nothing_to_forecast_is_told() -> None:
    """An empty archive is refused in words."""
    with pytest.raises(UsageError, match="no race to forecast"):
        backtest(Archive(()))


def test_the_command_prints_json_or_a_page(tmp_path: Path) -> None:
    """`runoff backtest`: a page with rivals, or one document; tables where --out says; a level nobody has is told."""
    words = ("backtest", "--level", "national", "--trials", "2000")
    said = runoff(*words, "--out", str(tmp_path))
    assert (said.returncode, said.stderr) == (0, "")
    assert "base rate" in said.stdout
    document = json.loads(runoff(*words, "--json").stdout)
    assert document["run"]["duels"] == len(document["backtest"]) == 27
    assert len(list(tmp_path.glob("*/backtest.parquet"))) == 1
    assert runoff("backtest", "--level", "moon").returncode == 2


def test_a_share_of_all_has_no_error_of_nought() -> None:
    """All or none of the races tell no error; a small error has the digits to be seen."""
    from runoff.app.backtest.page import _with_error

    assert _with_error(1.0, 0.0, 0) == "100"
    assert _with_error(0.8, 0.04, 0) == "80 ± 4"
    assert _with_error(0.5, 0.002, 0) == "50.0 ± 0.2"
    assert _with_error(0.8, None, 1) == "80.0"
