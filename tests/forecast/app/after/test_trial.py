"""One trial of a kept run again: the trial of the table, by pool and unit, in every phase."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runoff
from runoff.app.after.trial import trial
from runoff.errors import InputError, UsageError
from runoff.phases.first_round_open.phase import FIRST_ROUND_OPEN
from runoff.phases.runoff_ahead.again import single
from runoff.phases.runoff_ahead.phase import RUNOFF_AHEAD
from tests import night as open_night
from tests import runoff_night as night
from tests.command import runoff as command
from tests.forecast.app.ask.race import ADA, BO, CY, POLLS, kept


def _table(run: Path) -> tuple[np.ndarray, np.ndarray]:
    """Votes [n, K] and weights [n] of a kept table of trials."""
    rows = [batch.to_pydict() for batch in runoff.read(run).trials()]
    votes = np.array([v for part in rows for v in part["votes"]]).reshape(-1, 2)
    return votes, np.array([v for part in rows for v in part["weight"]])[::2]


def _votes(found: Any) -> list[Any]:
    return [row["votes"] for row in found.tables["candidates"]]


@pytest.mark.parametrize("more", ["", POLLS])
def test_a_trial_is_the_one_of_the_table(tmp_path: Path, more: str) -> None:
    """Votes and weight are those kept; units add up to the race, pools to within the noise of counting."""
    run = kept(tmp_path, more, trials=3_000, trials_table=True)
    votes, weights = _table(run)
    for number in (0, 1_023, 1_024, 2_999):
        found = trial(run, number, units=True)
        assert _votes(found) == votes[number].tolist()
        assert found.facts["weight"] == weights[number]
        units = found.tables["units"]
        assert [sum(row["votes"] for row in units if row["candidate"] == name) for name in (ADA, BO)] == _votes(found)
        pools = [row for row in found.tables["pools"] if row["kind"] != "bloc"]
        expected = [sum(row["votes"] * row["preference"][name] for row in pools) for name in (ADA, BO)]
        assert np.abs(np.array(expected) - _votes(found)).max() < 6 * np.sqrt(sum(_votes(found)))  # six deviations
        for row in pools:
            assert row["votes"] == pytest.approx(row["turnout"] * row["people"])
            assert sum(row["preference"].values()) == pytest.approx(1.0)
        assert all(row["rate"] for row in found.tables["factors"])


def test_of_a_trial_for_totals_only_the_totals_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the detailed trials there are votes and nothing else, and a note says so; the votes are those kept."""
    run = kept(tmp_path, trials=264_000, trials_table=True)
    votes, _ = _table(run)
    number = 262_144 + 777
    found = trial(run, number, units=True)
    assert _votes(found) == votes[number].tolist()
    assert set(found.tables) == {"candidates"}
    assert "totals only" in found.notes[0]
    assert set(trial(run, 262_143, unchecked=True).tables) == {"candidates", "factors", "pools"}
    assert single.DETAIL_TRIALS == 262_144


def test_a_nights_trial(tmp_path: Path) -> None:
    """What is counted and what is out add up to the votes; the trial is the draw's, as the chance to win counts it."""
    case = night.of_folder(tmp_path / "night")
    truth = night.draw_truth(case, np.random.default_rng(3))
    complete = np.zeros(truth.shape[:2], bool)
    complete[:12] = True
    table = night.results(tmp_path / "counted.csv", night.rows_of(case, night.reported(truth, complete)))
    result = runoff.run(case, trials=1_100, threads=1, results=table)
    run = result.save(tmp_path / "runs")
    counted = np.where(complete[..., None], truth, 0).sum(axis=(0, 1))
    wins = 0.0
    for number in (0, 1_023, 1_024, 1_099):
        found = trial(run, number, units=True)
        out = [sum(row["votes"] for row in found.tables["out"] if row["candidate"] == name) for name in case.finalists]
        assert _votes(found) == (counted + out).tolist()
        units = [row for row in found.tables["units"] if row["candidate"] == case.finalists[0]]
        first = {row["unit"]: row["votes"] for row in units}
        assert first["n1"] == truth[0, :, 0].sum()
        assert sum(first.values()) == pytest.approx(_votes(found)[0], abs=6 * np.sqrt(sum(out)))
        wins += _votes(found)[0] > _votes(found)[1]
    assert 0 <= wins <= 4
    assert "wins" in found.page().headline
    assert {row["rate"] for row in found.tables["factors"]} == {"turnout", "preference", "night"}


def test_last_digits_of_a_night_are_no_other_trials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A night's digest may differ on another machine: equal chances and shares are taken, and told; others refused."""
    case = open_night.loaded(tmp_path / "open")
    run = runoff.run(case, trials=300, threads=1).save(tmp_path / "runs")
    monkeypatch.setattr(
        "runoff.phases.pipeline.phase_of", lambda *_: replace(FIRST_ROUND_OPEN, digest=lambda _: "0" * 64)
    )
    assert "all but the last digits" in trial(run, 7).notes[-1]
    changed = replace(FIRST_ROUND_OPEN, digest=lambda _: "0" * 64, trials=lambda _: 299)
    monkeypatch.setattr("runoff.phases.pipeline.phase_of", lambda *_: changed)
    with pytest.raises(InputError, match="draws other trials"):
        trial(run, 7)

    def other(*words: Any) -> Any:
        tables = FIRST_ROUND_OPEN.summarize(*words)
        rows = [{**row, "share_mean": row["share_mean"] + 1e-5} for row in tables["first_round"]]  # type: ignore[operator]
        return {**tables, "first_round": rows}

    changed = replace(FIRST_ROUND_OPEN, digest=lambda _: "0" * 64, summarize=other)
    monkeypatch.setattr("runoff.phases.pipeline.phase_of", lambda *_: changed)
    with pytest.raises(InputError, match="draws other trials"):
        trial(run, 7)


def test_a_trial_of_an_open_first_round(tmp_path: Path) -> None:
    """First-round votes and those of the runoff; chances over all trials are those of the table."""
    case = open_night.loaded(tmp_path / "open")
    result = runoff.run(case, trials=300, threads=1)
    run = result.save(tmp_path / "runs")
    winners: list[str] = []
    for number in range(0, 300, 150):
        found = trial(run, number)
        rows = found.tables["candidates"]
        assert sum(row["first_votes"] for row in rows) == found.facts["first_votes"]
        held = [row for row in rows if row["votes"] is not None]
        if found.facts["outright"] is None:
            assert len(held) == 2
            top = max(held, key=lambda row: row["votes"])
            assert found.facts["winner"] == top["candidate"] or held[0]["votes"] == held[1]["votes"]
        else:
            assert not held
            assert "outright" in found.page().headline
        winners.append(str(found.facts["winner"]))
        assert found.tables["out"]
    possible = {row["candidate"] for row in result.tables["first_round"] if row["p_win"]}
    assert set(winners) <= possible | {"None"}


def test_other_trials_and_other_numbers_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A number beyond the run's; a program that draws otherwise, unless it is not to be held against the digest."""
    run = kept(tmp_path, trials=1_000)
    with pytest.raises(UsageError, match="numbered from 0 to 999"):
        trial(run, 1_000)
    with pytest.raises(UsageError, match="has 1,000 trials"):
        trial(run, -1)
    monkeypatch.setattr("runoff.phases.pipeline.phase_of", lambda *_: replace(RUNOFF_AHEAD, digest=lambda _: "0" * 64))
    with pytest.raises(InputError, match="draws other trials"):
        trial(run, 5)
    assert "not held against" in trial(run, 5, unchecked=True).notes[-1]


def test_the_command_prints_text_and_json(tmp_path: Path) -> None:
    """Text in 80 columns, names as text; a document with the same numbers."""
    run = str(kept(tmp_path, POLLS, trials=1_000))
    found = trial(run, 12, units=True)
    text = found.text()
    assert text.startswith("trial 12: ")
    assert all(name in text for name in (ADA, BO, CY, "south"))
    assert max(map(len, text.splitlines())) <= 80
    answer = command("trial", run, "12", "--units", "--json", "--threads", "1")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == json.loads(json.dumps(found.document()))
