"""A finished race replayed as nights: orders, what a night may know, scores, the command and its tables."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

import runoff
from runoff.app.rehearsal import MOST_NOTES, Heard
from runoff.app.rehearse import ORDERS, order
from runoff.errors import InputError, UsageError
from runoff.output import store
from tests import runoff_night as night
from tests.command import runoff as command


def _race(path: Path, change: int | None = None) -> tuple[Path, Path]:
    """The small night's race and a result of it; in unit `change` both finalists have each other's votes."""
    file = night.folder(path, by_mode=False)
    loaded = runoff.load(file)
    votes = night.draw_truth(loaded, np.random.default_rng(1), ("",))
    if change is not None:
        votes[change] = votes[change, :, ::-1]
    rows = [f"{unit},{name},{votes[u, 0, k]}" for u, unit in enumerate(loaded.first_round.units)
            for k, name in enumerate(loaded.finalists)]  # fmt: skip
    return file, night.results(path / "result.csv", rows, "unit,candidate,votes")


def test_orders_are_what_they_are_called() -> None:
    """Small first, large first, either side's strongholds first; regions stay together; a seed gives one order."""
    rng = np.random.default_rng(2)
    lean, size = rng.normal(size=12), rng.uniform(100, 900, 12)
    places = [("nse"[u % 3], f"u{u}") for u in range(12)]
    at = {kind: order(kind, lean, size, places, 5) for kind in ORDERS}
    assert (np.diff(size[at["small"]]) > 0).all()
    assert (np.diff(size[at["large"]]) < 0).all()
    assert (np.diff(lean[at["first"]]) < 0).all()
    assert (np.diff(lean[at["second"]]) > 0).all()
    assert [len(set(part)) for part in np.array([places[u][0] for u in at["region"]]).reshape(3, 4)] == [1, 1, 1]
    assert all(sorted(found) == list(range(12)) for found in at.values())
    assert (
        list(order("random", lean, size, places, 5))
        == list(at["random"])
        != list(order("random", lean, size, places, 6))
    )


def test_a_night_knows_nothing_of_what_is_out(tmp_path: Path) -> None:
    """Swapping both finalists' votes in a unit changes a forecast only where that unit has reported."""
    nights = []
    for change in (None, 29):
        file, result = _race(tmp_path / str(change), change)
        found = runoff.rehearse(runoff.load(file), result, orders=("small", "large"), counted=(30,), trials=512)
        nights.append(found.tables["rehearsal_nights"])
    for (kind, known), before, after in zip((("small", False), ("large", True)), *nights, strict=True):
        assert before["order"] == kind
        assert before["truth"] != after["truth"]
        same = [before[key] == after[key] for key in ("margin_mean", "low80", "high80", "p_first", "swing_margin")]
        assert any(same) != known
        assert all(same) != known


def test_scores_are_those_of_the_nights(tmp_path: Path) -> None:
    """The row of all nights has their means; one night's order and share have its own."""
    file, result = _race(tmp_path)
    found = runoff.rehearse(runoff.load(file), result, counted=(10, 60), trials=512, seed=3)
    nights, scores = found.tables["rehearsal_nights"], found.tables["rehearsal_scores"]
    assert [(row["order"], row["counted"]) for row in nights] == [(kind, c) for kind in ORDERS for c in (10, 60)]
    whole = next(row for row in scores if row["order"] == "" and row["counted"] == -1)
    assert whole["nights"] == 12
    assert whole["error"] == pytest.approx(np.mean([abs(row["margin_median"] - row["truth"]) for row in nights]))
    assert whole["inside80"] == np.mean([row["low80"] <= row["truth"] <= row["high80"] for row in nights])
    assert found.tables["rehearsal_units"] == []


def test_units_are_forecast_with_the_total_given(tmp_path: Path) -> None:
    """With nothing counted the units' forecast adds up to the race's true split, and its scores are told."""
    file, result = _race(tmp_path)
    found = runoff.rehearse(runoff.load(file), result, counted=(0,), trials=2_048)
    units = found.tables["rehearsal_units"]
    votes, mean, share = (np.array([row[key] for row in units]) for key in ("votes", "share_mean", "share"))
    assert len(units) == len(night.UNITS)
    assert np.average(mean, weights=votes) == pytest.approx(np.average(share, weights=votes), abs=0.004)
    head = found.tables["rehearsal"][0]
    assert 0.0 < head["units_inside80"] <= 1.0
    assert head["units_crps"] == pytest.approx(np.mean([row["crps"] for row in units]))
    assert "units, the race's total given" in found.text()


def test_the_command_prints_and_writes(tmp_path: Path) -> None:
    """Text in 80 columns, a JSON document, and tables that read back as they were made."""
    file, result = _race(tmp_path)
    words = ("rehearse", str(file), str(result), "--orders", "random,first", "--counted", "0,30", "--trials", "256")
    answer = command(*words, "--out", str(tmp_path / "kept"))
    assert answer.returncode == 0, answer.stderr
    assert max(len(line) for line in answer.stdout.split("\n") if not line.startswith("tables:")) <= 80
    assert "of 2 nights" in answer.stdout
    assert command("show", str(tmp_path / "kept")).stdout in answer.stdout
    kept = store.read(tmp_path / "kept")
    document = json.loads(command(*words, "--json").stdout)
    assert [row["margin_mean"] for row in kept["rehearsal_nights"]] == [
        row["margin_mean"] for row in document["rehearsal_nights"]
    ]
    assert kept["rehearsal"][0]["digest"] == document["rehearsal"]["digest"]


def test_what_cannot_be_rehearsed_is_told(tmp_path: Path) -> None:
    """An unknown order, a share of 100 per cent, and a result that lacks units are refused."""
    file, result = _race(tmp_path)
    case = runoff.load(file)
    with pytest.raises(UsageError, match="no order 'odd'"):
        runoff.rehearse(case, result, orders=("odd",))
    with pytest.raises(UsageError, match="below 100"):
        runoff.rehearse(case, result, counted=(100,))
    rows = result.read_text("utf-8").splitlines()
    with pytest.raises(UsageError, match="at least 100 trials"):
        runoff.rehearse(case, result, trials=1)
    with pytest.raises(UsageError, match="a seed is a whole number"):
        runoff.rehearse(case, result, seed=-1)
    with pytest.raises(InputError, match=r"no whole result of .* and \d+ more\n(.*\n)+  fix:"):
        runoff.rehearse(case, night.results(tmp_path / "part.csv", rows[1:31], rows[0]))


def test_a_finalist_without_votes_is_rehearsed(tmp_path: Path) -> None:
    """A result in which one of the two has no vote has units to score; an order said twice is one."""
    file, result = _race(tmp_path)
    rows = result.read_text("utf-8").splitlines()
    gone = [",".join([*row.split(",")[:2], "0"]) if k % 2 else row for k, row in enumerate(rows[1:])]
    whole = night.results(tmp_path / "gone.csv", gone, rows[0])
    found = runoff.rehearse(runoff.load(file), whole, orders=("small", "small"), counted=(0, 30, 30), trials=256)
    assert len(found.tables["rehearsal_nights"]) == 1
    assert found.tables["rehearsal"][0]["units_inside80"] is not None


def test_a_chance_is_never_nought_or_whole(tmp_path: Path) -> None:
    """The printed P(win) of a night that is decided says that it is more or less than what trials support."""
    file, result = _race(tmp_path)
    found = runoff.rehearse(runoff.load(file), result, orders=("random",), counted=(60,), trials=512)
    said = found.text().split("P(win)\n")[1].split("\n")[0].split()[-1]
    p = found.tables["rehearsal_nights"][0]["p_first"]
    assert said[0] in "<>" if min(p, 1.0 - p) < 0.001 else math.isclose(float(said), 100 * p, abs_tol=0.06)


def test_notes_of_nights_are_told_once_with_the_nights_that_had_them(tmp_path: Path) -> None:
    """A unit that is odd on some nights is noted with their number, which is that of the nights replayed alone."""
    file, result = _race(tmp_path)
    rows = [row for row in result.read_text("utf-8").splitlines() if f"{night.UNITS[29]}," not in row]
    odd = [f"{night.UNITS[29]},Ada,1600", f"{night.UNITS[29]},Bo,9"]
    result = night.results(tmp_path / "odd.csv", [*rows[1:], *odd], rows[0])
    case, plan = runoff.load(file), [(kind, share) for kind in ("small", "large", "random") for share in (30, 60)]
    alone = 0
    for kind, share in plan:
        one = runoff.rehearse(case, result, orders=(kind,), counted=(share,), trials=128)
        notes = one.tables["rehearsal"][0]["warnings"].split("\n")
        alone += any(note.startswith(f"odd: {night.UNITS[29]}: ") and "on the one night" in note for note in notes)
    assert 0 < alone < len(plan)
    found = runoff.rehearse(case, result, orders=("small", "large", "random"), counted=(30, 60), trials=128)
    said = [note for note in found.page().notes if note.startswith(f"odd: {night.UNITS[29]}: ")]
    assert len(said) == 1
    assert f"(on {alone} of 6 nights" in said[0]


def test_notes_that_differ_in_numbers_only_are_one() -> None:
    """Numbers make no other note, a unit's name does; notes on tables come first; more than MOST_NOTES are counted."""
    heard = Heard(("of the table",), ("n1", "n2", "30"))
    for votes in (10, 20):
        heard.hear(["of the table", f"n1: {votes} votes", f"n2: {votes} votes", f"worth {votes}.5 trials"], night=True)
    heard.hear(["n1: 10 votes", "30 is odd"], night=False)
    assert heard.told(4) == [
        "of the table",
        "n1: 10 votes (on 2 of 4 nights; units, the race's total given; numbers of the first)",
        "n2: 10 votes (on 2 of 4 nights; numbers of the first)",
        "worth 10.5 trials (on 2 of 4 nights; numbers of the first)",
        "30 is odd (units, the race's total given)",
    ]
    many = Heard((), (f"u{u}" for u in range(99)))
    many.hear([f"u{u} is odd" for u in range(MOST_NOTES + 2)], night=True)
    assert many.told(1)[MOST_NOTES:] == ["2 more notes, each on as many nights or fewer"]


def test_notes_on_the_tables_are_told(tmp_path: Path) -> None:
    """A column of the result that nobody reads is noted, on the page, in the document, and when the run is shown."""
    file, result = _race(tmp_path)
    rows = result.read_text("utf-8").splitlines()
    more = night.results(tmp_path / "more.csv", [row + ",x" for row in rows[1:]], rows[0] + ",remark")
    found = runoff.rehearse(runoff.load(file), more, orders=("random",), counted=(60,), trials=128)
    assert "remark" in found.page().notes[0]
    assert found.document()["rehearsal"]["warnings"].split("\n")[0] == found.page().notes[0]
    found.save(tmp_path / "kept")
    assert f"note: {found.page().notes[0][:30]}" in command("show", str(tmp_path / "kept")).stdout


def test_the_result_of_another_race_is_one_problem(tmp_path: Path) -> None:
    """Thirty units and two candidates that the race has not are one message with a few of each and of the race's."""
    file, result = _race(tmp_path)
    text = result.read_text("utf-8").replace("Ada", "Kim").replace("Bo", "Lee")
    other = tmp_path / "other.csv"
    other.write_text(
        text.replace("n", "Ward ")
        .replace("s", "Block ")
        .replace("uWard it,caWard didate,voteBlock ", "unit,candidate,votes"),
        "utf-8",
    )
    with pytest.raises(InputError) as told:
        runoff.rehearse(runoff.load(file), other)
    assert len(told.value.problems) == 1
    said = str(told.value)
    assert "none of its 30 units and none of its 2 candidates are of this race" in said
    assert "units are n1, n2, n3 and 27 more; candidates are Ada, Bo" in said
    assert "Kim, Lee" in said
    assert "the table of another race?" in said


def test_classes_of_ballots_are_refused(tmp_path: Path) -> None:
    """A result has every ballot in it: ballots on top of it would be in no truth."""
    file, result = _race(tmp_path)
    more = '[night.classes.late]\nkind = "extra"\nlow = 100\nhigh = 200\n'
    file.write_text(file.read_text("utf-8") + more, "utf-8")
    with pytest.raises(InputError, match="no classes of ballots") as refusal:
        runoff.rehearse(runoff.load(file), result, counted=(30,), trials=512)
    assert "take [night.classes] away" in str(refusal.value)
