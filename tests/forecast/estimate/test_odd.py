"""Odd cells: found by what the others make of them, named, and not learned from; few false alarms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from runoff.estimate.odd import FALSE_ALARMS, Sightings, judge, odd
from runoff.runfile.load import load
from tests import night, runoff_night
from tests.drawn import run_night

UNITS = 60


def _sizes(seed: int, units: int = UNITS) -> Sightings:
    """Votes of units around a common level, each with a departure of 0.15 of its own, and counting."""
    rng = np.random.default_rng(seed)
    usual = rng.integers(200, 3_000, units)
    votes = rng.poisson(usual * np.exp(0.1 * rng.standard_normal() + 0.15 * rng.standard_normal(units)))
    return Sightings(
        count=votes.astype(float),
        of=np.full(units, np.nan),
        base=np.log(usual),
        x=np.ones((units, 1)),
        spread=np.full(units, 0.15),
        extra=np.zeros(units),
        unit=np.arange(units),
        kind=np.zeros(units, np.int64),
    )


def _odd(seen: Sightings) -> set[int]:
    return {int(u) for u in seen.unit[odd(judge(seen, np.ones(seen.x.shape[1])), seen.unit)]}


def test_false_alarms_are_as_few_as_stated() -> None:
    """In 200 nights out of the model at most what FALSE_ALARMS a night allows, and five standard errors."""
    alarms = sum(len(_odd(_sizes(seed))) for seed in range(200))
    assert alarms <= 200 * FALSE_ALARMS + 5 * np.sqrt(200 * FALSE_ALARMS)


@pytest.mark.parametrize(("times", "least"), [(0.1, 19), (3.0, 12), (10.0, 19)])
def test_a_size_that_cannot_be_is_found(times: float, least: int) -> None:
    """A tenth and ten times the votes of one unit, and nobody else, in 19 of 20 nights; three times in most."""
    found = 0
    for seed in range(20):
        seen = _sizes(seed)
        seen.count[7] = np.round(seen.count[7] * times)
        found += _odd(seen) == {7}
    assert found >= least


def test_several_do_not_hide_each_other() -> None:
    """Six of sixty with a tenth of their votes are found, all of them."""
    seen = _sizes(3)
    wrong = [2, 11, 23, 31, 44, 58]
    seen.count[wrong] = np.round(seen.count[wrong] / 10)
    assert _odd(seen) == set(wrong)


def test_the_order_of_cells_does_not_matter() -> None:
    """The same units are odd in any order of rows."""
    seen = _sizes(5)
    seen.count[9] *= 10
    order = np.random.default_rng(1).permutation(UNITS)
    parts = {name: getattr(seen, name)[order] for name in Sightings.__dataclass_fields__}
    assert _odd(Sightings(**parts)) == _odd(seen) == {9}


def _notes(tables: dict[str, list[dict[str, object]]], head: str) -> list[str]:
    return [line for line in str(tables[head][0]["warnings"]).split("\n") if line.startswith("odd:")]


def _of_runoff(tmp_path: Path, change: float) -> tuple[list[str], float]:
    """Notes, and the width of the margin's 80 % range, with one complete unit's votes times `change`."""
    loaded = runoff_night.of_folder(tmp_path)
    votes = runoff_night.draw_truth(loaded, np.random.default_rng(8))
    votes[4] = np.round(votes[4] * change)
    complete = np.zeros(votes.shape[:2], bool)
    complete[:20] = True
    rows = runoff_night.rows_of(loaded, runoff_night.reported(votes, complete))
    table = runoff_night.results(tmp_path / "votes.csv", rows)
    tables = run_night(loaded, table, trials=2_048, seed=3)
    row = tables["runoff_night"][0]
    return _notes(tables, "runoff_night"), float(row["out_q90"]) - float(row["out_q10"])  # type: ignore[arg-type]


def test_a_runoffs_night_names_it_and_does_not_learn_from_it(tmp_path: Path) -> None:
    """A unit with a tenth of its votes is named with what was expected; votes out stay as sure as without it."""
    plain, usual = _of_runoff(tmp_path / "plain", 1.0)
    odd_one, width = _of_runoff(tmp_path / "odd", 0.1)
    assert plain == []
    assert len(odd_one) == 1
    assert "n5" in odd_one[0]
    assert "expected" in odd_one[0]
    assert width < 1.5 * usual


def test_a_first_rounds_night_names_it(tmp_path: Path) -> None:
    """A complete unit in which the leader has nobody's votes but her own is named; the others are not."""
    run = night.folder(tmp_path / "plain")
    assert _notes(run_night(load(run), trials=1_024, seed=1), "night") == []
    rows = []
    for row in night.rows():
        *parts, votes = row.split(",")
        rows.append(",".join([*parts, "0" if parts[1] == "n2" and parts[2] != "Ada" else votes]))
    found = _notes(run_night(load(night.folder(tmp_path / "odd", counted=rows)), trials=1_024, seed=1), "night")
    assert len(found) == 1
    assert "n2" in found[0]
