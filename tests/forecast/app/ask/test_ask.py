"""Questions to kept runs: held against the runs' own tables, against counts of single trials, in every phase."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runoff
from runoff.app.after.trial import trial
from runoff.app.ask.ask import Answer, ask
from runoff.errors import InputError, MissingFileError, UsageError
from runoff.output import store
from runoff.phases.runoff_ahead.phase import RUNOFF_AHEAD
from tests import night as open_night
from tests import runoff_night as night
from tests.command import runoff as command
from tests.forecast.app.ask.race import ADA, BO, CY, POLLS, folder, kept, without_table
from tests.installed import ROOT

CONFIGS = ROOT / "configs" / "ga06-2017"


def _numbers(found: Answer) -> dict[str, Any]:
    return {name: value for name, value in found.document().items() if name not in ("run_id", "source")}


@pytest.mark.parametrize("more", ["", POLLS])
def test_with_a_table_of_trials_and_without_one_the_answer_is_the_same(tmp_path: Path, more: str) -> None:
    """To the trial: events, condition, brackets, errors; with weights and without; and it is what the trials say."""
    run = kept(tmp_path, more, trials_table=True)
    bare = without_table(run, tmp_path / "bare")
    words = ("turnout > 0.45", f'winner == "{ADA}"', f'not tie and share["{BO}"] >= 52%')
    asked = [ask(path, *words, given="-0.04 <= margin < 0.1", brackets="0,2.5,5", threads=2) for path in (run, bare)]
    assert [found.source for found in asked] == ["trials table", "drawn again"]
    assert _numbers(asked[0]) == _numbers(asked[1])
    rows = [batch.to_pydict() for batch in runoff.read(run).trials()]
    votes = np.array([v for part in rows for v in part["votes"]]).reshape(-1, 2)
    weight = np.array([v for part in rows for v in part["weight"]])[::2]
    people = store.read(run)["run"][0]["people"]
    margin = (votes[:, 0] - votes[:, 1]) / votes.sum(axis=1)
    given = (margin >= -0.04) & (margin < 0.1)
    so = votes.sum(axis=1) / people > 0.45
    first = asked[0].events[0]
    assert first["trials"] == so.sum()
    assert first["trials_given"] == (so & given).sum()
    assert first["p_given"] == pytest.approx(weight[so & given].sum() / weight[given].sum(), rel=1e-12)
    assert (weight.std() > 0.0) == bool(more)


def test_the_answer_is_the_runs_own(tmp_path: Path) -> None:
    """The chance to win, to carry a unit and to tie are the tables' to the last bit, with the standard error's law."""
    run = kept(tmp_path, POLLS, trials=5_000)
    tables = store.read(run)
    names = [str(row["candidate"]) for row in tables["candidates"]]
    found = ask(run, *(f'winner == "{name}"' for name in names), "tie")
    chances = [*(row["p_win"] for row in tables["candidates"]), tables["run"][0]["p_tie"]]
    assert [row["p"] for row in found.events] == chances
    assert found.effective == pytest.approx(tables["candidates"][0]["ess"], rel=1e-12)
    for row in found.events[:2]:
        assert row["p_mcse"] == pytest.approx(math.sqrt(row["p"] * (1 - row["p"]) / found.effective), rel=0.05)
    carried = [(row["unit"], row["candidate"], row["p_carry"]) for row in tables["units"]]
    words = [f'winner in unit "{unit}" == "{name}"' for unit, name, _ in carried]
    assert [row["p"] for row in ask(run, *words).events] == [p for *_, p in carried]


def test_pools_are_the_rates_tables(tmp_path: Path) -> None:
    """A pool's turnout and preference are below their medians in half of the trials, to within a bin of 0.1 point."""
    run = kept(tmp_path, trials=8_000)
    tables = store.read(run)
    words, levels = list[str](), list[float]()
    for row in tables["rates"]:
        what = "turnout" if row["rate"] == "turnout" else f'share["{row["candidate"]}"]'
        for level, column in ((0.5, "q50"), (0.9, "q90")):
            edge = float(row[column])  # type: ignore[arg-type]  # a double by its schema
            edges = (max(edge - 0.001, 0.0), min(edge + 0.001, 0.9999))
            words += [f'{what} in pool "{row["pool"]}" < {at:.6f}' for at in edges]
            levels.append(level)
    found = ask(run, *words).events
    for low, high, level in zip(found[::2], found[1::2], levels, strict=True):
        assert low["p"] <= level <= high["p"]
    bloc, pool = ask(run, f'share["{BO}"] in bloc C > 45%', f'share["{BO}"] in pools "{CY}" > 45%').events
    assert bloc["trials"] == pool["trials"]


def test_brackets_add_up_to_one_and_hold_their_lower_edge(tmp_path: Path) -> None:
    """Their sum is 1, also given something; a bracket is the event that says the same in words."""
    run = kept(tmp_path, POLLS, trials=6_000)
    found = ask(run, brackets="2.5,5")
    assert sum(row["p"] for row in found.brackets) == pytest.approx(1.0, abs=1e-12)
    assert sum(row["trials"] for row in found.brackets) == 6_000
    spans = [(row["candidate"], row["low"], row["high"]) for row in found.brackets]
    assert spans == [(name, *span) for name in (ADA, BO) for span in ((0, 2.5), (2.5, 5), (5, None))] + [
        ("", None, None)
    ]
    words = [f'0.025 <= margin["{name}"] < 0.05' for name in (ADA, BO)]
    same = [row["p"] for row in found.brackets if row["low"] == 2.5]
    assert [row["p"] for row in ask(run, *words).events] == same
    given = ask(run, brackets=[0, 2.5, 5], given=f'winner == "{BO}"')
    assert sum(row["p"] for row in given.brackets) == pytest.approx(1.0, abs=1e-12)
    assert {row["p"] for row in given.brackets if row["candidate"] == ADA} == {0.0}


def test_units_are_told_by_the_first_trials_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions of units see the detailed trials, and the answer says so; those of the race see all."""
    from runoff.phases.runoff_ahead.again import told
    from runoff.simulate import driver

    run = kept(tmp_path, trials=5_000)
    monkeypatch.setattr(told, "DETAIL_TRIALS", 3_000)
    found = ask(run, 'turnout in units "north", "south" > 0.4')
    assert (found.trials, found.of_trials) == (3_000, 5_000)
    assert "first 3,000 trials" in found.notes[0]
    assert driver.DETAIL_TRIALS == 2**18
    assert ask(run, "turnout > 0.4").trials == 5_000


def test_a_condition_that_never_holds_is_told(tmp_path: Path) -> None:
    """Then nothing is known given it: no number, and words for it."""
    found = ask(kept(tmp_path, trials=2_000), "turnout > 0.4", given="turnout > 0.99")
    assert found.p is None
    assert found.events[0]["p_given_mcse"] is None
    assert "unknown" in found.text()
    json.dumps(found.document(), allow_nan=False)


def test_a_night_is_asked(tmp_path: Path) -> None:
    """Winner and margin are the night's tables'; regions add up to the race; units and pools are there."""
    case = night.of_folder(tmp_path / "night")
    truth = night.draw_truth(case, np.random.default_rng(3))
    complete = np.zeros(truth.shape[:2], bool)
    complete[:12] = True
    table = night.results(tmp_path / "counted.csv", night.rows_of(case, night.reported(truth, complete)))
    result = runoff.run(case, trials=1_500, threads=1, results=table)
    run = result.save(tmp_path / "runs")
    tables = store.read(run)
    rows = tables["runoff_finalists"]
    found = ask(run, *(f'winner == "{row["candidate"]}"' for row in rows), "tie")
    assert [row["p"] for row in found.events[:2]] == pytest.approx([row["p_win"] for row in rows], abs=1e-12)
    assert found.effective == pytest.approx(tables["runoff_night"][0]["effective_trials"], rel=1e-9)
    middle = float(tables["runoff_night"][0]["margin_q50"])  # type: ignore[arg-type]
    both = ask(run, "margin > 0", f"margin <= {middle}", 'votes in regions "n", "s" == votes').events
    assert both[1]["p"] == pytest.approx(0.5, abs=0.01)
    assert both[2]["p"] == 1.0
    counted = int(truth[0].sum())
    whole = ask(run, f'votes in unit "n1" == {counted}', 'turnout in pool "Cy" > 0.01', 'winner in unit "s9" == "Ada"')
    assert [row["p"] for row in whole.events[:2]] == [1.0, 1.0]
    with pytest.raises(UsageError, match="the first round is over"):
        ask(run, 'share["Ada"] in first round > 0.5')


def test_an_open_first_round_is_asked(tmp_path: Path) -> None:
    """Who advances, wins outright or in the end is the tables'; a runoff that is not held is no answer, not a no."""
    case = open_night.loaded(tmp_path / "open")
    result = runoff.run(case, trials=3_000, threads=1)
    run = result.save(tmp_path / "runs")
    rows = store.read(run)["first_round"]
    for event, column in (
        ('advances["{}"]', "p_advance"),
        ('outright["{}"]', "p_outright"),
        ('winner == "{}"', "p_win"),
    ):
        found = ask(run, *(event.format(row["candidate"]) for row in rows))
        assert [row["p"] for row in found.events] == [row[column] for row in rows]
    first = max(rows, key=lambda row: row["p_advance"])["candidate"]  # type: ignore[operator]
    found = ask(run, f'share["{first}"] > 0.5', f'not share["{first}"] > 0.5', f'advances["{first}"]')
    assert found.events[0]["p"] + found.events[1]["p"] == pytest.approx(found.events[2]["p"], abs=1e-12)
    brackets = ask(run, brackets="0,5").brackets
    assert sum(row["p"] for row in brackets) == pytest.approx(1.0, abs=1e-12)
    with pytest.raises(UsageError, match="totals alone"):
        ask(run, f'share["{first}"] in unit "n1" > 0.5')


def test_a_polled_first_round_is_asked(tmp_path: Path) -> None:
    """Of a first round ahead, polls stand in: chances are the tables', and the first round's turnout is asked too."""
    run = runoff.run(runoff.load(CONFIGS / "first-round-eve.toml"), trials=2_000, threads=1).save(tmp_path)
    rows = store.read(run)["first_round"][:3]
    words = [f'winner == "{row["candidate"]}"' for row in rows]
    assert [row["p"] for row in ask(run, *words).events] == [row["p_win"] for row in rows]
    assert ask(run, "turnout in first round > 0.05").p == 1.0


def test_a_result_is_asked_as_its_folder(tmp_path: Path) -> None:
    """A result in memory, saved, and read again give one answer; a mistake in a name is told of each."""
    case = runoff.load(folder(tmp_path))
    result = runoff.run(case, trials=1_500, threads=1)
    words = {"given": "margin > 0", "brackets": [0, 1.5]}
    first = ask(result, "turnout > 0.45", 'winner in unit "north" == winner', **words)  # type: ignore[arg-type]
    saved = result.save(tmp_path / "runs")
    for run in (saved, runoff.read(saved)):
        assert ask(run, *(row["event"] for row in first.events), **words).document() == first.document()  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="no candidate"):
        ask(result, 'winner == "Eve"')


def test_other_trials_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that draws otherwise says so; --unchecked answers of the first trials, and says that."""
    run = kept(tmp_path, trials=2_000)
    other = replace(RUNOFF_AHEAD, digest=lambda _: "0" * 64)
    monkeypatch.setattr("runoff.phases.pipeline.phase_of", lambda *_: other)
    with pytest.raises(InputError, match="the present program draws other trials") as told:
        ask(run, "turnout > 0.4")
    assert "runoff run" in str(told.value)
    found = ask(run, 'turnout in unit "north" > 0.4', unchecked=True)
    assert not found.checked
    assert "not held against" in found.notes[-1]


@pytest.mark.parametrize(("phase", "way"), [("sweep", "runoff show"), ("shard", "runoff merge"), ("estimate", "show")])
def test_what_is_no_forecast_is_told_as_what_it_is(tmp_path: Path, phase: str, way: str) -> None:
    """Asked, or for a trial: what stands there, where, and what tells it."""
    folder = kept(tmp_path, trials=1_000)
    manifest = json.loads((folder / "manifest.json").read_bytes())
    (folder / "manifest.json").write_text(json.dumps({**manifest, "phase": phase}))
    for question in (lambda: ask(folder, "tie"), lambda: trial(folder, 1)):
        with pytest.raises(InputError, match=f"no forecast, but a {phase}") as problem:
            question()
        assert str(folder) in str(problem.value)
        assert way in str(problem.value)


def test_runs_that_cannot_answer_are_told(tmp_path: Path) -> None:
    """No inputs and no table of trials; a table of trials that was altered; one without units; nothing asked."""
    bare = kept(tmp_path / "bare", trials=1_000, inputs=False)
    with pytest.raises(MissingFileError, match="does not carry"):
        ask(bare, "turnout > 0.4")
    own = kept(tmp_path / "table", trials=1_000, inputs=False, trials_table=True)
    assert ask(own, "turnout > 0.4").trials == 1_000
    path = own / "trials.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match="not what the run wrote"):
        ask(own, "turnout > 0.4")
    with pytest.raises(UsageError, match="without its units"):
        ask(kept(tmp_path / "totals", trials=1_000, units=False), 'turnout in unit "north" > 0.4')
    with pytest.raises(UsageError, match="nothing is asked"):
        ask(own)
    with pytest.raises(UsageError) as several:
        ask(kept(tmp_path / "two", trials=1_000), 'turnout in unit "nroth" > 1', given='winner == "Bob"')
    assert str(several.value).count("question:1:") == 3


def test_the_command_prints_text_and_json(tmp_path: Path) -> None:
    """Text in 80 columns with every name as text; a document with the same numbers; a mistake with its place."""
    run = str(kept(tmp_path, trials=2_000))
    words = [
        "ask",
        run,
        f'winner == "{ADA}"',
        "--given",
        f'share["{BO}"] > 45 %',
        "--brackets",
        "0,5",
        "--threads",
        "1",
    ]
    answer = command(*words, "--json")
    assert answer.returncode == 0, answer.stderr
    again = ask(run, words[2], given=words[4], brackets="0,5")
    assert json.loads(answer.stdout) == json.loads(json.dumps(again.document()))
    assert ADA in again.text()
    assert BO in again.text()
    assert max(map(len, again.text().splitlines())) <= 80
    failed = command("ask", run, "turnuot > 0.5")
    assert failed.returncode == 2
    assert "did you mean turnout?" in failed.stderr
    assert repr(again).startswith(f"<{Path(run).name}: winner ==")
