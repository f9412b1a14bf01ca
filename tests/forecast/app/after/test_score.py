"""A kept run held against what came: known answers, and what cannot be scored is told."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import runoff
from runoff.app.after.score import score
from runoff.errors import InputError, MissingFileError
from runoff.output import store
from tests.command import runoff as command
from tests.installed import ROOT

CONFIGS = ROOT / "configs" / "ga06-2017"
BY_COUNTY = CONFIGS / "runoff-result-by-county.csv"
THREE = """
[race]
id = "three"
name = "Three meet"
first_round = 2025-03-02
runoff = 2025-03-30
as_of = 2025-03-05

[results]
table = "results.csv"

[finalists]
advance = 3
"""


def _kept(path: Path, name: str = "eve.toml", trials: int = 20_000, **words: object) -> Path:
    options = runoff.Options(trials=trials, threads=1, **words)  # type: ignore[arg-type]  # words of Options
    return runoff.run(runoff.load(CONFIGS / name), options).save(path)


def _table(path: Path, *rows: str) -> Path:
    path.write_text("unit,candidate,votes\n" + "\n".join(rows) + "\n", "utf-8")
    return path


def test_the_scores_are_those_of_the_tables(tmp_path: Path) -> None:
    """Winner, log and Brier score, CRPS by the definition's integral, PIT and intervals, from the kept histogram."""
    folder = _kept(tmp_path)
    race = score(folder, BY_COUNTY).race
    kept = store.read(folder)
    p = float(kept["candidates"][1]["p_win"]) + float(kept["run"][0]["p_tie"]) / 2.0  # type: ignore[arg-type]
    actual = (125_517 - 134_799) / 260_316
    assert (race["winner"], race["favourite"], race["right"]) == ("Karen Handel", "Jon Ossoff", 0.0)
    assert race["margin"] == pytest.approx(actual, abs=1e-15)
    assert race["p_winner"] == pytest.approx(p, abs=1e-12)
    assert race["log_score"] == pytest.approx(-math.log(p), abs=1e-12)
    assert race["brier"] == pytest.approx((1.0 - p) ** 2, abs=1e-12)
    bins = [(float(r["bin_low"]), float(r["trials"])) for r in kept["margin_histogram"]]  # type: ignore[arg-type]
    total, steps = sum(mass for _, mass in bins), 50
    below, area = 0.0, 0.0
    for low, mass in bins:  # the integral of (F - 1{x >= truth})^2, by the middles of small steps
        for step in range(steps):
            x = low + (step + 0.5) * 0.001 / steps
            upto = (below + mass * (step + 0.5) / steps) / total
            area += (upto - (x >= actual)) ** 2 * 0.001 / steps
        below += mass
    assert race["crps"] == pytest.approx(area, rel=1e-3)
    before = sum(mass for low, mass in bins if low + 0.001 <= actual) / total
    assert before <= race["pit"] <= before + max(mass for _, mass in bins) / total
    run: dict[str, Any] = kept["run"][0]
    assert race["inside80"] == (run["margin_q10"] <= actual <= run["margin_q90"])
    assert (race["inside50"], race["inside95"]) == (False, True)


def test_units_are_scored_where_both_have_them(tmp_path: Path) -> None:
    """Each unit's share beside its forecast; of a run without units, and of a result in one unit, nothing."""
    folder = _kept(tmp_path / "p", "precincts.toml", 4_000)
    units = score(folder, CONFIGS / "runoff-result-by-precinct.csv").units
    assert units is not None
    assert units["units"] == 208
    assert 0.0 < units["crps"] < units["error"]
    assert units["inside50"] <= units["inside80"] <= units["inside95"] <= 1.0
    one = _table(tmp_path / "one.csv", "all,Karen Handel,134799", "all,Jon Ossoff,125517")
    whole = score(folder, one)
    assert whole.units is None
    assert whole.race["margin"] == score(folder, CONFIGS / "runoff-result-by-precinct.csv").race["margin"]
    assert score(_kept(tmp_path / "e"), BY_COUNTY).units is None


def test_a_tie_is_half_a_win_for_each(tmp_path: Path) -> None:
    """Of equally many votes nobody is the winner, and both scores are between those of either's win."""
    folder = _kept(tmp_path)
    found = score(folder, _table(tmp_path / "tie.csv", "x,Karen Handel,100000", "x,Jon Ossoff,100000"))
    p = found.race["p_winner"]
    assert found.race["winner"] == ""
    assert p == pytest.approx(0.5, abs=1e-12)
    chance = found.candidates[0]["p_win"]
    assert found.race["brier"] == pytest.approx((chance - 0.5) ** 2, abs=1e-4)
    assert "a tie" in found.text()


def test_a_night_is_scored_by_its_histogram_or_its_moments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A night's histogram is used; an older night keeps none: its margin counts as normal, and the answer says so."""
    folder = _kept(tmp_path, "runoff-night.toml", 1_024)
    kept = store.found(folder)
    drawn = score(folder, CONFIGS / "runoff-result-by-precinct.csv").race
    assert drawn["law"] == "histogram"
    tables = {name: rows for name, rows in kept.tables.items() if name != "runoff_margins"}
    monkeypatch.setattr(store, "found", lambda _: replace(kept, tables=tables))
    found = score(folder, CONFIGS / "runoff-result-by-precinct.csv")
    assert found.race["law"] == "normal"
    assert found.race["crps"] == pytest.approx(drawn["crps"], rel=0.1)
    assert found.race["right"] == 1.0
    assert found.units is not None
    assert "of a normal" in found.text()


def test_three_finalists_are_scored_by_shares(tmp_path: Path) -> None:
    """Of three the log score is the winner's, Brier half the sum of squares, and each has a row."""
    rows = [f"{unit},{name},{votes},{name}" for unit in ("n", "s")
            for name, votes in (("Ada", 900), ("Bo", 800), ("Cy", 700), ("Di", 90))]  # fmt: skip
    (tmp_path / "results.csv").write_text("unit,candidate,votes,party\n" + "\n".join(rows) + "\n", "utf-8")
    (tmp_path / "race.toml").write_text(THREE, "utf-8")
    folder = runoff.run(runoff.load(tmp_path / "race.toml"), trials=4_000, threads=1).save(tmp_path / "runs")
    came = _table(tmp_path / "came.csv", "all,Ada,900", "all,Bo,1100", "all,Cy,400")
    found = score(folder, came)
    said = [row["p_win"] for row in found.candidates]
    assert found.race["winner"] == "Bo"
    assert found.race["log_score"] == pytest.approx(-math.log(said[1]))
    assert found.race["brier"] == pytest.approx(0.5 * (said[0] ** 2 + (1 - said[1]) ** 2 + said[2] ** 2))
    assert [row["share"] for row in found.candidates] == pytest.approx([900 / 2400, 1100 / 2400, 400 / 2400])
    assert found.race["margin"] == pytest.approx(-200 / 2400)


def test_what_cannot_be_scored_is_told(tmp_path: Path) -> None:
    """Another race's result, units without one, a run without inputs, and a first round that is open."""
    folder = _kept(tmp_path)
    with pytest.raises(InputError, match="another race"):
        score(folder, _table(tmp_path / "other.csv", "x,Ann Other,5", "x,Ben Else,7"))
    lines = [line for line in BY_COUNTY.read_text("utf-8").splitlines() if not line.startswith("Cobb")]
    lacking = tmp_path / "lacking.csv"
    lacking.write_text("\n".join(lines) + "\n", "utf-8")
    with pytest.raises(InputError, match="no whole result of Cobb"):
        score(folder, lacking)
    case = runoff.load(CONFIGS / "first-round-night-2240.toml")
    opened = runoff.run(case, trials=500, threads=1).save(tmp_path / "open")
    with pytest.raises(InputError, match="no margin to score"):
        score(opened, BY_COUNTY)
    bare = _kept(tmp_path / "bare", inputs=False)
    with pytest.raises(MissingFileError, match="does not carry"):
        score(bare, BY_COUNTY)


def test_the_command_prints_text_and_json(tmp_path: Path) -> None:
    """Text in 80 columns that starts with the answer; a document with the same numbers."""
    folder = _kept(tmp_path)
    answer = command("score", str(folder), str(BY_COUNTY))
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith("wrong: Handel won")
    assert max(map(len, answer.stdout.splitlines())) <= 80
    document = json.loads(command("score", str(folder), str(BY_COUNTY), "--json").stdout)
    assert document == json.loads(json.dumps(score(folder, BY_COUNTY).document()))
