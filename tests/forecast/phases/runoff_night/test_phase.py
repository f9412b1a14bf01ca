"""A runoff that is being counted, from its tables to the forecast."""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from runoff.model.pools import build
from runoff.output import arrow
from runoff.output.schemas.runoff_night import RUNOFF_NIGHT_TABLES
from runoff.phases.runoff_night.model.draw import draw_night
from runoff.phases.runoff_night.model.fit import fit
from runoff.phases.runoff_night.summary import margins, weighted_quantiles
from runoff.runfile.load import load
from runoff.simulate.driver import draw
from runoff.simulate.inputs import to_inputs
from tests import runoff_night as night
from tests import three_finalists as three
from tests.data import reconstruct_ga06_runoff_night as rebuilt
from tests.drawn import run_night
from tests.installed import ROOT
from tests.pages import render

GA06 = ROOT / "configs" / "ga06-2017"
ALL = np.ones((len(night.UNITS), len(night.MODES)), bool)

GUARDED = """
import sys
from pathlib import Path
def refuse(event, arguments):
    if event == "open" and "runoff-result" in str(arguments[0]):
        raise SystemExit("opened " + str(arguments[0]))
sys.addaudithook(refuse)
from runoff.runfile.load import load
from tests.drawn import run_night
print(run_night(load(Path(sys.argv[1])), trials=1024, seed=5)["runoff_night"][0]["digest"])
"""


def _plain(tables: dict[str, list[dict[str, object]]]) -> dict[str, list[dict[str, object]]]:
    """The tables without the one figure that is the clock's."""
    return {name: [{k: v for k, v in row.items() if k != "seconds"} for row in rows] for name, rows in tables.items()}


def _weighted(votes: np.ndarray, weights: np.ndarray) -> tuple[float, float]:
    margin = (votes[:, 0] - votes[:, 1]) / votes.sum(axis=1)
    mean = float(np.average(margin, weights=weights))
    return mean, math.sqrt(float(np.average((margin - mean) ** 2, weights=weights)))


def test_everything_reported_is_the_certified_result(tmp_path: Path) -> None:
    """With nothing out every trial is the count, and the certain winner's probability is told as a bound."""
    loaded = night.of_folder(tmp_path)
    votes = night.draw_truth(loaded, np.random.default_rng(1))
    rows = night.rows_of(loaded, night.reported(votes, ALL))
    tables = run_night(loaded, night.results(tmp_path / "all.csv", rows), trials=2_000, seed=1)
    final = votes.sum(axis=(0, 1))
    one: dict[str, Any] = tables["runoff_night"][0]
    assert [row["votes_mean"] for row in tables["runoff_finalists"]] == pytest.approx(final.tolist(), rel=1e-12)
    assert one["margin_mean"] == pytest.approx((final[0] - final[1]) / final.sum(), abs=1e-12)
    assert one["out_mean"] == 0.0
    assert one["units_complete"] == len(night.UNITS)
    assert tables["runoff_out"] == []
    said = render(tables)
    assert "wins: more than 99." in said
    assert "100 %" not in said.split("\n")[0]


@pytest.mark.parametrize("of", [night, three], ids=["two", "three"])
@pytest.mark.parametrize("by_mode", [True, False])
def test_nothing_reported_is_the_ordinary_forecast(by_mode: bool, of: Any, tmp_path: Path) -> None:
    """Mean and sd of the margin and of turnout equal the compiled kernel's with the same units, regions and seed.

    Units' departures beyond the model are set to nothing.  Factors are the same normals, so that only units' own noise
    differs: 5 of its standard errors (a false alarm once in a million), and 0.0005 for the units' effects, which the
    kernel has on each pool's rates and the night on their sum.
    """
    more = "[night]\nunit_sd = 0.0\nslope_sd = 0.0\nregion_sd = 0.0"
    loaded = of.of_folder(tmp_path, more, by_mode)
    modes = night.MODES if by_mode else ("",)
    shown = night.nothing(loaded, modes)
    trials = 8_192
    prepared = night.prepared(loaded, shown)
    drawn = draw_night(prepared, fit(prepared.model, prepared.seen, prepared.polled), shown, night.UNITS, trials=trials,
                       seed=3, threads=2)  # fmt: skip
    assert drawn.effective == pytest.approx(trials)
    kernel: list[np.ndarray] = []
    inputs = to_inputs(build(loaded), 3)
    draw(inputs, trials, threads=1, units=False, on_votes=lambda _, votes, __: kernel.append(votes.copy()))
    other = np.concatenate(kernel)
    mine, theirs = margins(drawn.votes), margins(other)
    away = mine - theirs
    assert away.std() < 0.25 * theirs.std()
    assert abs(away.mean()) < 5 * away.std() / math.sqrt(trials) + 0.0005
    assert mine.std() == pytest.approx(theirs.std(), rel=0.02)
    ratio = drawn.votes.sum(axis=1) / other.sum(axis=1) - 1.0
    assert abs(ratio.mean()) < 5 * ratio.std() / math.sqrt(trials) + 0.002


def test_threads_change_nothing(tmp_path: Path) -> None:
    """One thread and four give the same tables to the bit."""
    loaded = night.of_folder(tmp_path)
    votes = night.draw_truth(loaded, np.random.default_rng(2))
    complete = ALL.copy()
    complete[5:, 1] = False
    table = night.results(tmp_path / "part.csv", night.rows_of(loaded, night.reported(votes, complete)))
    one = run_night(loaded, table, trials=5_000, seed=4)
    assert _plain(one) == _plain(run_night(loaded, table, trials=5_000, seed=4, threads=4))
    other = run_night(loaded, table, trials=5_000, seed=5)
    assert one["runoff_night"][0]["digest"] != other["runoff_night"][0]["digest"]


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    """Reported rows in any order give the same trials."""
    loaded = night.of_folder(tmp_path)
    votes = night.draw_truth(loaded, np.random.default_rng(2))
    complete = ALL.copy()
    complete[::3] = False
    rows = night.rows_of(loaded, night.reported(votes, complete))
    one = run_night(loaded, night.results(tmp_path / "a.csv", rows), trials=1_024, seed=4)
    two = run_night(loaded, night.results(tmp_path / "b.csv", rows[::-1]), trials=1_024, seed=4)
    assert one["runoff_night"][0]["digest"] == two["runoff_night"][0]["digest"]


def test_reported_votes_are_certain(tmp_path: Path) -> None:
    """No trial has fewer votes than are reported, a partly counted cell included, and none more than voters."""
    loaded = night.of_folder(tmp_path)
    votes = night.draw_truth(loaded, np.random.default_rng(3))
    complete = ALL.copy()
    complete[10:, 1] = False
    rows = [f"{row},complete" for row in night.rows_of(loaded, night.reported(votes, complete))]
    half = votes[12, 1] // 2
    rows += [f"{night.UNITS[12]},{name},day,{n},partial" for name, n in zip(loaded.finalists, half, strict=True)]
    table = night.results(tmp_path / "part.csv", rows, "unit,candidate,mode,votes,status")
    tables = run_night(loaded, table, trials=2_048, seed=1)
    one: dict[str, Any] = tables["runoff_night"][0]
    held = int(votes[complete].sum() + half.sum())
    assert one["counted_votes"] == held
    assert one["cells_partial"] == 1
    assert one["out_q05"] > 0
    registered = loaded.first_round.registered
    assert registered is not None
    assert all(row["votes_mean"] <= limit for row, limit in zip(tables["runoff_units"], registered, strict=True))  # type: ignore[operator]
    unit = tables["runoff_units"][12]
    assert unit["counted_votes"] == int(votes[12, 0].sum() + half.sum())
    assert float(unit["out_mean"]) > 0  # type: ignore[arg-type]


def test_early_votes_alone_do_not_decide(tmp_path: Path) -> None:
    """Early votes that lean as in the first round leave the median within its sd of the forecast before the count;
    naively, mode by mode, they carry no news either.
    """
    loaded = night.of_folder(tmp_path)
    prepared = night.prepared(loaded, night.nothing(loaded))
    from runoff.phases.runoff_night.model.cells import cells, lines

    log_votes, odds = cells(*(part[..., 0] for part in lines(prepared.model, np.zeros((1, prepared.model.n_common)))))
    size = np.round(np.exp(log_votes)).astype(np.int64)
    first = np.round(size / (1.0 + np.exp(-odds[0]))).astype(np.int64)
    votes = np.stack([first, size - first], axis=2).transpose(1, 0, 2)
    only = ALL.copy()
    only[:, 1] = False
    before = run_night(loaded, night.results(tmp_path / "none.csv", [
        f"{unit},{name},{mode},0,out" for unit in night.UNITS for mode in night.MODES for name in loaded.finalists
    ], "unit,candidate,mode,votes,status"), trials=4_096, seed=1)  # fmt: skip
    after = run_night(loaded, night.results(tmp_path / "early.csv",
                             night.rows_of(loaded, night.reported(votes, only))), trials=4_096, seed=1)  # fmt: skip
    old: dict[str, Any] = before["runoff_night"][0]
    new: dict[str, Any] = after["runoff_night"][0]
    assert new["counted_margin"] > old["margin_q50"] + 0.03  # early votes lean to one side
    assert abs(new["margin_q50"] - old["margin_q50"]) < old["margin_sd"] / 2
    assert new["margin_sd"] < old["margin_sd"]


def test_calibration_on_nights_drawn_from_the_model(tmp_path: Path) -> None:
    """The final margin of 120 nights drawn from the model is inside the 80 % interval in as many as a binomial allows,
    and its rank is uniform (both at 1e-4); what is in differs from night to night.
    """
    loaded = night.of_folder(tmp_path)
    rng, ranks, nights = np.random.default_rng(20), [], 120
    for number in range(nights):
        votes = night.draw_truth(loaded, rng)
        complete = rng.uniform(size=ALL.shape) < rng.uniform(0.1, 0.7)
        complete[rng.integers(len(complete)), :] = True
        shown = night.reported(votes, complete)
        prepared = night.prepared(loaded, shown)
        drawn = draw_night(prepared, fit(prepared.model, prepared.seen, prepared.polled), shown, night.UNITS,
                           trials=1_024, seed=number, threads=1)  # fmt: skip
        final = votes.sum(axis=(0, 1))
        margin = (drawn.votes[:, 0] - drawn.votes[:, 1]) / drawn.votes.sum(axis=1)
        ranks.append(float(np.average(margin < (final[0] - final[1]) / final.sum(), weights=drawn.weights)))
    inside = sum(0.1 <= rank <= 0.9 for rank in ranks)
    low, high = stats.binom.ppf([5e-5, 1 - 5e-5], nights, 0.8)
    assert low <= inside <= high, inside
    assert stats.kstest(ranks, "uniform").pvalue > 1e-4


def test_weighted_quantiles_are_numpys_where_weights_are_equal() -> None:
    """The least value up to which a level of the weight lies: numpy's inverted distribution function."""
    values = np.random.default_rng(1).normal(size=999)
    levels = (0.05, 0.1, 0.5, 0.9)
    assert weighted_quantiles(values, np.ones(999), levels) == pytest.approx(
        np.quantile(values, levels, method="inverted_cdf")
    )
    twice = weighted_quantiles(values, 1.0 + (values > 0), levels)
    assert twice == pytest.approx(
        np.quantile(np.concatenate([values, values[values > 0]]), levels, method="inverted_cdf")
    )


def test_the_tables_are_the_schemas(tmp_path: Path) -> None:
    """Every row fits its schema, and the report is at most 80 columns wide."""
    tables = run_night(load(GA06 / "runoff-night.toml"), GA06 / "runoff-counted-2009.csv", trials=1_024, seed=1)
    for name, rows in tables.items():
        arrow.arrow_table(RUNOFF_NIGHT_TABLES[name], rows, {})
    assert max(len(line) for line in render(tables).split("\n")) <= 80


def test_no_result_reaches_the_night(tmp_path: Path) -> None:
    """A process that may not open the runoff's result forecasts; without those files it says the same."""
    folder = tmp_path / "ga06"
    shutil.copytree(GA06, folder)

    def answer() -> str:
        command = [sys.executable, "-c", GUARDED, str(folder / "runoff-night.toml")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    beside = answer()
    for path in folder.glob("runoff-result*"):
        path.unlink()
    assert answer() == beside


def test_what_is_out_stays_out_of_the_forecast(tmp_path: Path) -> None:
    """Counts behind a status of out are refused, and a night's numbers hang on reported cells alone."""
    loaded = night.of_folder(tmp_path)
    votes = night.draw_truth(loaded, np.random.default_rng(4))
    other = votes.copy()
    other[8:] = other[8:] * 2
    complete = ALL.copy()
    complete[8:] = False
    one, two = night.reported(votes, complete), night.reported(other, complete)
    assert (one.votes == two.votes).all()
    prepared = [night.prepared(loaded, replace(shown)) for shown in (one, two)]
    modes = [fit(p.model, p.seen, p.polled).mode for p in prepared]
    assert (modes[0] == modes[1]).all()


def test_the_rebuilt_night_is_what_the_script_makes() -> None:
    """The night's tables are the script's, from the certified table; what is in grows; 20:09 is what was published."""
    rows = rebuilt.read(GA06 / "runoff-result-by-mode.csv")
    held: list[set[tuple[str, str, str]]] = []
    for moment in rebuilt.IN:
        table = rebuilt.counted(rows, moment)
        assert table == rebuilt.read(GA06 / f"runoff-counted-{moment}.csv")
        held.append({(row["unit"], row["candidate"], row["mode"]) for row in table})
    assert held[0] < held[1] < held[2]
    shares = []
    for moment in rebuilt.IN:
        table = rebuilt.read(GA06 / f"runoff-counted-{moment}.csv")
        total = sum(int(row["votes"]) for row in table)
        shares.append(sum(int(row["votes"]) for row in table if row["candidate"] == "Jon Ossoff") / total)
        if moment == "2009":
            assert abs(total - 115_000) < 500
    assert shares == pytest.approx([0.507, 0.49, 0.47], abs=0.005)
