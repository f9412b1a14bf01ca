"""A runoff's night of three finalists: nobody is the last one by himself, and a third without votes is none."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runoff
from runoff.output import arrow
from runoff.output.schemas.runoff_night import RUNOFF_NIGHT_TABLES
from runoff.phases.runoff_night.model.draw import Drawn, draw_night
from runoff.phases.runoff_night.model.fit import fit
from runoff.phases.runoff_night.notes import effect_said
from runoff.runfile.load import Case, load
from tests import runoff_night as night
from tests import three_finalists as three
from tests.command import runoff as command
from tests.drawn import run_night
from tests.pages import render

TRIALS = 8_192
Floats = np.ndarray


def _drawn(loaded: Case, votes: night.Ints, complete: Floats, modes: tuple[str, ...]) -> Drawn:
    shown = night.reported(votes, complete, modes)
    prepared = night.prepared(loaded, shown)
    found = fit(prepared.model, prepared.seen, prepared.polled)
    return draw_night(prepared, found, shown, loaded.first_round.units, trials=TRIALS, seed=1, threads=1)


def _shares(votes: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Mean and sd of final shares: float64[K] each."""
    share = votes / votes.sum(axis=1, keepdims=True)
    mean = np.average(share, axis=0, weights=weights)
    return mean, np.sqrt(np.average((share - mean) ** 2, axis=0, weights=weights))


def _wins(votes: Floats, weights: Floats) -> Floats:
    return np.average(votes == votes.max(axis=1, keepdims=True), axis=0, weights=weights)


@pytest.mark.parametrize("by_mode", [True, False])
def test_no_finalist_is_the_last_one_by_himself(by_mode: bool, tmp_path: Path) -> None:
    """Whoever comes last, shares have the same mean and spread and finalists the same chances: five standard errors
    (false alarm 1e-5 for the twenty comparisons), of spreads 5 %.
    """
    loaded, modes = three.of_folder(tmp_path, by_mode=by_mode), night.MODES if by_mode else ("",)
    votes = night.draw_truth(loaded, np.random.default_rng(3), modes)
    complete = np.zeros(votes.shape[:2], bool)
    complete[np.argsort(votes.sum(axis=(1, 2)), kind="stable")[:9]] = True
    found = []
    for order in ([0, 1, 2], [1, 2, 0], [2, 0, 1]):
        case = replace(loaded, finalists=tuple(loaded.finalists[k] for k in order))
        drawn = _drawn(case, votes[:, :, order], complete, modes)
        back = drawn.votes[:, np.argsort(order)]
        found.append((*_shares(back, drawn.weights), _wins(back, drawn.weights), drawn.effective))
    mean, sd, wins, effective = found[0]
    for other in found[1:]:
        per_trial = 1.0 / effective + 1.0 / other[3]
        assert (np.abs(other[0] - mean) < 5 * sd * np.sqrt(per_trial)).all()
        assert other[1] == pytest.approx(sd, rel=0.05)
        assert (np.abs(other[2] - wins) < 5 * np.sqrt(wins * (1 - wins) * per_trial) + 1e-3).all()


RATES = """
[rates.candidates.Ada]
turnout = {{ low = 0.7, high = 0.9 }}
preference = {{ means = {{ Ada = {a}, Bo = 0.08{own} }}, worth = 4000 }}

[rates.candidates.Bo]
turnout = {{ low = 0.7, high = 0.9 }}
preference = {{ means = {{ Ada = 0.08, Bo = {a}{own} }}, worth = 4000 }}

[rates.candidates.Cy]
turnout = {{ low = 0.7, high = 0.9 }}
preference = {{ means = {{ Ada = {half}, Bo = {half}{own} }}, worth = 4000 }}

[rates.candidates.Di]
turnout = {{ low = 0.6, high = 0.85 }}
preference = {{ means = {{ Ada = 0.2, Bo = {d}{own} }}, worth = 4000 }}

[new_voters]
turnout = {{ low = 0.1, high = 0.25 }}
preference = {{ means = {{ Ada = {half}, Bo = {half}{own} }}, worth = 4000 }}
"""
NOBODY = 0.0008  # share of each pool that goes to a finalist of almost no votes


def _with_nobody(path: Path, finalists: int, by_mode: bool) -> Case:
    """The small night with a third of almost no votes, who is a finalist or is not."""
    rows = [row.split(",") for row in three.first_round(by_mode)]
    for row in rows:
        if row[2] == "Cy":
            row[-1] = "1"
    file = three.folder(path, by_mode=by_mode, rows=[",".join(row) for row in rows])
    text = file.read_text("utf-8")
    least, part = (NOBODY, f", Cy = {NOBODY}") if finalists == 3 else (0.0, "")
    rates = RATES.format(a=0.92 - least, own=part, half=(1.0 - least) / 2.0, d=0.8 - least)
    text = text[: text.index("[rates.own]")] + rates + text[text.index("[factors.turnout]") :]
    if finalists == 2:
        text = text.replace("advance = 3", "advance = 2").replace('"Ada", "Bo", "Cy"', '"Ada", "Bo"')
    file.write_text(text, "utf-8")
    return load(file)


@pytest.mark.parametrize("by_mode", [True, False])
def test_a_third_of_almost_no_votes_is_none(by_mode: bool, tmp_path: Path) -> None:
    """Between the two others everything is as on the night of two: means within five standard errors and a fiftieth of
    the spread, spreads within 5 %.
    """
    modes = night.MODES if by_mode else ("",)
    two, of_three = (_with_nobody(tmp_path / str(n), n, by_mode) for n in (2, 3))
    votes = night.draw_truth(of_three, np.random.default_rng(3), modes)
    assert 0 < votes[:, :, 2].sum() < 0.002 * votes.sum()
    complete = np.zeros(votes.shape[:2], bool)
    complete[:10] = True
    found = []
    for case in (two, of_three):
        drawn = _drawn(case, votes[:, :, : len(case.finalists)], complete, modes)
        found.append((*_shares(drawn.votes[:, :2], drawn.weights), drawn.effective))
    (mean, sd, one), (other, spread, another) = found
    assert abs(other[0] - mean[0]) < 5 * sd[0] * np.sqrt(1.0 / one + 1.0 / another) + 0.02 * sd[0]
    assert spread[0] == pytest.approx(sd[0], rel=0.05)


def _counted(path: Path, part: float = 0.4) -> tuple[Case, Path]:
    """The small night of three with a part of its cells in: its case and the table."""
    loaded = three.of_folder(path)
    votes = night.draw_truth(loaded, np.random.default_rng(3))
    complete = np.random.default_rng(1).random(votes.shape[:2]) < part
    return loaded, night.results(path / "part.csv", night.rows_of(loaded, night.reported(votes, complete)))


def test_the_tables_are_the_schemas_and_add_up(tmp_path: Path) -> None:
    """Every row fits its schema; finalists' votes, chances and shares add up, of the race, of what is out, of units."""
    loaded, table = _counted(tmp_path)
    tables: dict[str, Any] = run_night(loaded, table, trials=1_024, seed=1)
    for name, rows in tables.items():
        arrow.arrow_table(RUNOFF_NIGHT_TABLES[name], rows, {})
    one, finalists = tables["runoff_night"][0], tables["runoff_finalists"]
    assert sum(row["p_win"] for row in finalists) + one["p_tie"] == pytest.approx(1.0)
    assert sum(row["share_mean"] for row in finalists) == pytest.approx(1.0)
    assert sum(row["votes_mean"] for row in finalists) == pytest.approx(one["counted_votes"] + one["out_mean"])
    assert one["margin_mean"] <= finalists[0]["share_mean"] - max(row["share_mean"] for row in finalists[1:]) + 1e-12
    whole = [row for row in tables["runoff_out_shares"] if not row["mode"]]
    assert sum(row["votes_mean"] for row in whole) == pytest.approx(one["out_mean"])
    for row in tables["runoff_units"]:
        mine = [other for other in tables["runoff_unit_shares"] if other["unit"] == row["unit"]]
        assert sum(other["share_mean"] for other in mine) == pytest.approx(1.0, abs=1e-6)
        assert sum(other["out_mean"] for other in mine) == pytest.approx(row["out_mean"], rel=1e-6)
        assert mine[0]["share_mean"] == row["share_mean"]


def test_four_run_as_three_do(tmp_path: Path) -> None:
    """A night of four has a row of each whose chances and shares add up, and a page of at most 80 columns."""
    file = three.folder(tmp_path)
    text = file.read_text("utf-8").replace("advance = 3", "advance = 4").replace('"Cy"]', '"Cy", "Di"]')
    start, end = text.index("[rates.candidates.Di]"), text.index("[factors.turnout]")
    file.write_text(text[:start] + text[end:], "utf-8")
    loaded = load(file)
    votes = night.draw_truth(loaded, np.random.default_rng(4))
    complete = np.random.default_rng(1).random(votes.shape[:2]) < 0.4
    table = night.results(tmp_path / "part.csv", night.rows_of(loaded, night.reported(votes, complete)))
    tables: dict[str, Any] = run_night(loaded, table, trials=1_024, seed=1)
    finalists = tables["runoff_finalists"]
    assert [row["candidate"] for row in finalists] == ["Ada", "Bo", "Cy", "Di"]
    assert sum(row["share_mean"] for row in finalists) == pytest.approx(1.0)
    assert sum(row["p_win"] for row in finalists) + tables["runoff_night"][0]["p_tie"] == pytest.approx(1.0)
    assert tables["runoff_night"][0]["effective_trials"] > 60
    assert max(map(len, render(tables).split("\n"))) <= 80


def test_the_page_names_all_three(tmp_path: Path) -> None:
    """The page is at most 80 columns wide, has a column of each finalist, and says what margins are over."""
    loaded, table = _counted(tmp_path)
    said = render(run_night(loaded, table, trials=1_024, seed=1))
    assert max(map(len, said.split("\n"))) <= 80
    assert "over the best other" in said
    assert all(f"{name}, %" in said for name in loaded.finalists)


def test_everything_reported_is_the_certified_result(tmp_path: Path) -> None:
    """With nothing out every trial is the count, and its margin is the first finalist's lead over the best other."""
    loaded = three.of_folder(tmp_path)
    votes = night.draw_truth(loaded, np.random.default_rng(1))
    rows = night.rows_of(loaded, night.reported(votes, np.ones(votes.shape[:2], bool)))
    tables: dict[str, Any] = run_night(loaded, night.results(tmp_path / "all.csv", rows), trials=1_024, seed=1)
    final = votes.sum(axis=(0, 1))
    assert [row["votes_mean"] for row in tables["runoff_finalists"]] == pytest.approx(final.tolist(), rel=1e-12)
    lead = (final[0] - max(final[1:])) / final.sum()
    assert tables["runoff_night"][0]["margin_mean"] == pytest.approx(lead, abs=1e-12)
    assert tables["runoff_night"][0]["counted_margin"] == pytest.approx(lead, abs=1e-12)


def test_a_cell_with_two_finalists_swapped_is_odd(tmp_path: Path) -> None:
    """A unit whose votes of two finalists are exchanged, ten times over, is named, with the one who is farthest off."""
    loaded = three.of_folder(tmp_path, by_mode=False)
    votes = night.draw_truth(loaded, np.random.default_rng(5), ("",))
    votes[4, 0] = [votes[4, 0].sum() - 4, 2, 2]
    complete = np.ones(votes.shape[:2], bool)
    complete[20:] = False
    rows = night.rows_of(loaded, night.reported(votes, complete, ("",)))
    rows = [",".join(part for i, part in enumerate(row.split(",")) if i != 2) for row in rows]
    tables: dict[str, Any] = run_night(
        loaded, night.results(tmp_path / "odd.csv", rows, "unit,candidate,votes"), trials=1_024, seed=1
    )
    assert [row["unit"] for row in tables["runoff_units"] if row["odd"]] == [night.UNITS[4]]
    assert f"odd: {night.UNITS[4]}" in tables["runoff_night"][0]["warnings"]


def test_a_triangle_is_rehearsed(tmp_path: Path) -> None:
    """Biased orders and the units' map: a row each, the truth is the lead over the best other, and swing answers."""
    loaded = three.of_folder(tmp_path, by_mode=False)
    votes = night.draw_truth(loaded, np.random.default_rng(2), ("",))
    rows = night.rows_of(loaded, night.reported(votes, np.ones(votes.shape[:2], bool), ("",)))
    rows = [",".join(part for i, part in enumerate(row.split(",")) if i != 2) for row in rows]
    result = night.results(tmp_path / "all.csv", rows, "unit,candidate,votes")
    found = runoff.rehearse(loaded, result, orders=("small", "first", "second"), counted=(0, 30), trials=512)
    final = votes.sum(axis=(0, 1))
    nights: list[Any] = found.tables["rehearsal_nights"]
    assert [row["order"] for row in nights] == ["small", "first", "second"]
    assert all(row["truth"] == pytest.approx((final[0] - max(final[1:])) / final.sum()) for row in nights)
    assert all(abs(row["swing_margin"] - row["truth"]) < 0.2 for row in nights)
    assert len(found.tables["rehearsal_units"]) == len(night.UNITS)
    share: dict[str, float] = {row["unit"]: row["share"] for row in found.tables["rehearsal_units"]}  # type: ignore[misc]
    assert share[night.UNITS[0]] == pytest.approx(votes[0, 0, 0] / votes[0].sum())
    assert "and 1 more" in found.text()


def test_history_has_the_third(tmp_path: Path) -> None:
    """A row ends with the third and his chance, the run has tables by finalist; a history of two is refused."""
    _, table = _counted(tmp_path)
    history = tmp_path / "curve.csv"
    words = ("run", str(tmp_path / "night.toml"), "--results", str(table), "--trials", "512", "--history")
    assert command(*words, str(history), "--out", str(tmp_path / "runs")).returncode == 0
    kept = {path.stem for path in (tmp_path / "runs").glob("*/*.parquet")}
    assert {"runoff_out_shares", "runoff_unit_shares"} < kept
    head, row = (line.split(",") for line in history.read_text("utf-8").splitlines())
    assert head[-2:] == ["third", "p_third"]
    chances = dict(zip(head, row, strict=True))
    assert chances["third"] == "Cy"
    assert sum(float(chances[name]) for name in ("p_first", "p_second", "p_third")) == pytest.approx(1.0, abs=0.01)
    other = tmp_path / "two.csv"
    other.write_text(",".join(head[:-2]) + "\n", "utf-8")
    refused = command(*words, str(other), "--out", str(tmp_path / "more"))
    assert refused.returncode != 0
    assert "p_third" in refused.stderr


def test_effects_of_finalists_are_said_in_words(tmp_path: Path) -> None:
    """Each effect has words of its own, with the finalist that it is of, or the two that it is between."""
    loaded = three.of_folder(tmp_path)
    names = night.prepared(loaded, night.nothing(loaded)).model.names
    said = [effect_said(name) for name in names]
    assert len(set(said)) == len(said)
    assert "the slope of units' lean on their first-round lean, Ada against Bo" in said
    assert "the lean of mode early in n, Cy" in said
    assert not any(ord(letter) < 32 for words in said for letter in words)
