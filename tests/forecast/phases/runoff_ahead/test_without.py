"""What polls do to the answer, as the evidence table has it, held against runs without them."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import runoff
from runoff.phases.runoff_ahead.without import NONE
from tests.installed import ROOT

CONFIGS = ROOT / "configs" / "ga06-2017"
TRIALS = 200_000


def _answer(result: runoff.Result) -> tuple[float, float]:
    row: dict[str, Any] = result.tables["candidates"][0]
    return row["p_win"], row["share_mean"]


@cache
def _eve() -> runoff.Result:
    return runoff.run(runoff.load(CONFIGS / "eve.toml"), trials=TRIALS)


def _without(folder: Path, gone: str, begins: str) -> tuple[float, float]:
    """The answer of a run whose table lacks the rows that begin so."""
    shutil.copytree(CONFIGS, folder)
    lines = (folder / gone).read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith(begins)]
    assert len(kept) < len(lines)
    (folder / gone).write_text("".join(kept), "utf-8")
    return _answer(runoff.run(runoff.load(folder / "eve.toml"), trials=TRIALS))


@pytest.mark.parametrize(
    ("table", "begins", "chosen", "column", "close"),
    [
        ("runoff-polls.csv", "Abt Associates", ("Abt Associates", ""), "", 0.002),
        ("runoff-polls.csv", "SurveyUSA,WXIA-TV (11 Alive),,2017-05", ("SurveyUSA", ""), "", 0.002),
        ("runoff-polls.csv", "Landmark", ("Landmark Communications", ""), "pollster_", 0.002),
        ("crosstabs.csv", "Gravis Marketing,2017-05-08,2017-05-10,new", ("Gravis Marketing", "did not"), "", 0.008),
        (
            "crosstabs.csv",
            "Gravis Marketing,2017-05-08,2017-05-10,pool,Karen",
            ("Gravis Marketing", "Karen"),
            "group_",
            0.008,
        ),
    ],
)
def test_the_answer_without_it_is_that_of_a_run_without_it(
    tmp_path: Path, table: str, begins: str, chosen: tuple[str, str], column: str, close: float
) -> None:
    """Polls within 0.2 points of a chance, crosstabs, which bend more, within 0.8; shares within 0.05 and 0.1.

    Common random numbers: the difference of two runs of 200,000 has a standard error below 0.05 points.
    """
    rows: list[dict[str, Any]] = _eve().tables["evidence"]
    of_race = [row for row in rows if (row["kind"] == "race") == (table == "runoff-polls.csv")]
    row = next(row for row in of_race if row["pollster"] == chosen[0] and row["group"].startswith(chosen[1]))
    p, share = _without(tmp_path / "without", table, begins)
    now, _ = _answer(_eve())
    assert row[f"{column}p_win_without"] == pytest.approx(p, abs=close)
    assert row[f"{column}share_without"] == pytest.approx(share, abs=0.0005 if close < 0.005 else 0.001)
    assert abs(p - now) > close / 2  # it does something, so that a column that never moves would fail


def test_what_does_not_count_has_no_part() -> None:
    """Rows left out by their day are empty in all six columns, and others are not."""
    rows: list[dict[str, Any]] = runoff.run(
        runoff.load(CONFIGS / "by-day.toml"), trials=2_000, as_of="2017-05-20"
    ).tables["evidence"]
    for row in rows:
        assert all((row[name] is None) != row["used"] for name in NONE)
    assert {row["used"] for row in rows} == {True, False}


def test_the_page_names_the_three_that_move_it_most() -> None:
    """Furthest first, and no more than three, below the chance with everything."""
    page = _eve().text()
    part = page[page.index("what moves it most") :].split("\n\n")[0].splitlines()
    assert len(part) == 5
    now = _answer(_eve())[0]
    away = [abs(float(line.rsplit(None, 2)[1]) / 100.0 - now) for line in part[2:]]
    assert away == sorted(away, reverse=True)
