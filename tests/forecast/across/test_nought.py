"""Noughts that tables can bring: what has nobody has no part in anything, and no division by it reaches a reader."""

from __future__ import annotations

import csv
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runoff.app.cli import main
from runoff.data.counts.baseline import Baseline
from runoff.estimate.ratios.shares import logistic, preferences
from runoff.model.electorate import Electorate, log_ratio_gradients, log_ratios
from runoff.phases.first_round_open.model.design import of_baseline
from runoff.phases.runoff_night.model.cells import cell_gradients, cells
from runoff.runfile.load import load
from tests import night, runoff_night
from tests.drawn import run_night

Row = dict[str, str]
Edit = Callable[[Path], None]
OF_THE_RUN = {"run_id", "seconds", "config_sha256", "results_sha256", "warnings"}
NOBODY = [f"x,x9,{name},{party},{mode},0" for name, party in runoff_night.CANDIDATES for mode in runoff_night.MODES]
BASELINE = 'baseline = "base.csv"'
NO_SPREADS = "[night]\n" + "".join(
    f"{name} = 0\n"
    for name in (
        "unit_sd",
        "region_sd",
        "slope_sd",
        "mode_votes_sd",
        "mode_preference_sd",
        "region_mode_sd",
        "cell_sd",
        "smooth_sd",
        "composition_sd",
        "slope",
    )
)


def _add(path: Path, rows: list[str]) -> None:
    path.write_text(path.read_text("utf-8") + "".join(f"{row}\n" for row in rows), "utf-8")


def _edit(path: Path, change: Callable[[Row], Row | None]) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in map(change, csv.DictReader(file)) if row is not None]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _zero(table: str, **where: str) -> Edit:
    """Noughts for the votes (or the roll) of all rows with these values."""
    column = "registered" if table == "roll.csv" else "votes"
    return lambda path: _edit(
        path / table, lambda row: {**row, column: "0"} if all(row[k] == v for k, v in where.items()) else row
    )


def _only(unit: str, *tables: str) -> Edit:
    def edit(path: Path) -> None:
        for table in tables:
            _edit(path / table, lambda row: row if row["unit"] == unit else None)

    return edit


def _replace(*pairs: tuple[str, str]) -> Edit:
    def edit(path: Path) -> None:
        text = (path / "night.toml").read_text("utf-8")
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        (path / "night.toml").write_text(text, "utf-8")

    return edit


def _all(*edits: Edit) -> Edit:
    def edit(path: Path) -> None:
        for one in edits:
            one(path)

    return edit


def _reported(units: tuple[str, ...] = runoff_night.UNITS) -> list[str]:
    """Early votes of all units and the day's of some."""
    rows = []
    for place, unit in enumerate(units):
        for mode in ("early", "day")[: 1 + (place % 5 == 0)]:
            rows += [f"{unit},Ada,{mode},{150 + 3 * place}", f"{unit},Bo,{mode},{170 - place}"]
    return rows


def _runoff_tables(path: Path, edit: Edit, rows: list[str], more: str = "") -> dict[str, list[dict[str, Any]]]:
    run = runoff_night.folder(path, more=more)
    edit(path)
    tables = run_night(load(run), runoff_night.results(path / "count.csv", rows), trials=1_024, seed=3)
    return {name: [{k: v for k, v in row.items() if k not in OF_THE_RUN} for row in of] for name, of in tables.items()}


def _no_new_voters(path: Path) -> None:
    text = (path / "night.toml").read_text("utf-8")
    first, last = text.index("[new_voters]"), text.index("[factors.turnout]")
    (path / "night.toml").write_text(text[:first] + text[last:], "utf-8")


_no_roll = _replace(('registered = "roll.csv"\n', ""), ("[new_voters]\n", "[new_voters]\npeople = 5_000\n"))


@pytest.mark.parametrize(
    ("race", "roll", "rows"),
    [
        (lambda path: None, 0, []),
        (lambda path: None, 0, [f"x9,{name},{mode},0" for name in ("Ada", "Bo") for mode in ("early", "day")]),
        (_no_new_voters, 5, []),
        (_no_roll, None, []),
    ],
    ids=["nobody on the roll", "noughts reported", "no new voters", "no roll"],
)
def test_a_unit_without_people_has_no_part_in_a_night(
    race: Edit, roll: int | None, rows: list[str], tmp_path: Path
) -> None:
    """All tables, digest and counts of cells included, are those of the night without the unit."""

    def with_unit(path: Path) -> None:
        race(path)
        _add(path / "first.csv", NOBODY)
        if roll is not None:
            _add(path / "roll.csv", [f"x,x9,{roll}"])

    without = _runoff_tables(tmp_path / "a", race, _reported())
    assert _runoff_tables(tmp_path / "b", with_unit, [*_reported(), *rows]) == without


def test_the_unit_is_named_and_its_votes_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A note names the unit in whose pools nobody is; votes from there end the run with one message and a way out."""

    def edit(path: Path) -> None:
        _no_new_voters(path)
        _add(path / "first.csv", NOBODY)
        _add(path / "roll.csv", ["x,x9,5"])

    run = runoff_night.folder(tmp_path)
    edit(tmp_path)
    for rows, code in (([], 0), (["x9,Ada,early,2", "x9,Bo,early,1"], 65)):
        results = runoff_night.results(tmp_path / "count.csv", [*_reported(), *rows])
        words = ("run", str(run), "--results", str(results), "--trials", "1024", "--out", str(tmp_path / "runs"))
        found, out, err = _command(words, capsys, monkeypatch)
        assert found == code
        assert ("nobody is in the pools of x9" in out) == (code == 0)
        assert ("3 votes in x9, where nobody can vote" in err) == (code == 65)


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ([], []),
        ([f"x,x9,{name},{party},{mode},0" for name, party in night.CANDIDATES for mode in night.MODES], []),
        ([], ["x9,early,out", "x9,day,out"]),
        ([], ["x,early,out", "x,day,out"]),
    ],
    ids=["on the roll alone", "noughts", "out", "its region out"],
)
def test_a_unit_without_voters_has_no_part_in_a_first_round(rows: list[str], status: list[str], tmp_path: Path) -> None:
    """All tables of a first round being counted are those without the unit, whatever is said of it."""

    def answer(path: Path, *, with_unit: bool) -> Any:
        run = night.folder(path, (*night.OUT, *(status if with_unit else ())))
        if with_unit:
            _add(path / "roll.csv", ["x,x9,0"])
            _add(path / "counted.csv", rows)
        tables = run_night(load(run), trials=512, seed=3)
        return {name: [{k: v for k, v in r.items() if k not in OF_THE_RUN} for r in of] for name, of in tables.items()}

    assert answer(tmp_path / "a", with_unit=True) == answer(tmp_path / "b", with_unit=False)


def _command(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[object, str, str]:
    """The command's exit code and output; a warning is an error here, and would end it with 70."""
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    with pytest.raises(SystemExit) as end:
        main(words)
    out, err = capsys.readouterr()
    return end.value.code, out, err


RUNOFFS: dict[str, tuple[Edit, list[str], str]] = {
    "a region without people": (
        _all(_zero("first.csv", region="s"), _zero("roll.csv", region="s")),
        _reported(runoff_night.UNITS[:15]), "",
    ),
    "a mode without first-round votes": (
        _all(_zero("first.csv", mode="day"), _replace(("as_of", "threshold = 0.9\nas_of"))), _reported(), "",
    ),
    "other modes than the first round's": (
        lambda path: None, ["n1,Ada,a,100", "n1,Bo,a,90", "n2,Ada,b,80", "n2,Bo,b,99"], '[night]\nmodes = ["a", "b"]',
    ),
    "nothing reported yet": (lambda path: None, ["n1,Ada,early,0", "n1,Bo,early,0"], ""),
    "a finalist without votes in a unit": (_zero("first.csv", unit="n1", candidate="Ada"), _reported(), ""),
    "a finalist without votes in a mode": (_zero("first.csv", mode="early", candidate="Ada"), _reported(), ""),
    "a finalist without one reported vote": (
        lambda path: None,
        [row for unit in runoff_night.UNITS for row in (f"{unit},Ada,early,0", f"{unit},Bo,early,300")], "",
    ),
    "a candidate without votes": (
        _all(_zero("first.csv", candidate="Di"), _replace(("as_of", "threshold = 0.9\nas_of"))), _reported(), "",
    ),
    "one unit": (_only("n1", "first.csv", "roll.csv"), _reported(("n1",)), ""),
    "no spreads": (lambda path: None, _reported(), NO_SPREADS),
    "rates near 0 and 1": (
        _replace(
            ("low = 0.85, high = 0.97", "mean = 0.99999, sd = 2e-6"),
            ("low = 0.7, high = 0.9", "mean = 1e-5, sd = 2e-6"),
        ),
        _reported(), "",
    ),
    "rates from 0 to 1": (_replace(("low = 0.85, high = 0.97", "low = 1e-4, high = 0.9999")), _reported(), ""),
}  # fmt: skip


@pytest.mark.parametrize("case", RUNOFFS)
def test_a_runoffs_night_of_noughts_is_drawn(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command answers, and no warning of a division, a logarithm or a matrix reaches the reader."""
    edit, rows, more = RUNOFFS[case]
    run = runoff_night.folder(tmp_path, more=more)
    edit(tmp_path)
    results = runoff_night.results(tmp_path / "count.csv", rows)
    words = ("run", str(run), "--results", str(results), "--trials", "1024", "--out", str(tmp_path / "runs"))
    code, out, err = _command(words, capsys, monkeypatch)
    assert (code, err) == (0, "")
    assert " wins: " in out
    assert not {"nan", "inf"} & set(out.replace(",", " ").split())


def _baseline(**noughts: str | tuple[str, ...]) -> Edit:
    """A baseline with noughts in some columns of one unit, or of all of them."""

    def edit(path: Path) -> None:
        rows = []
        for i, unit in enumerate(night.UNITS):
            row = {"unit": unit, "first": 300 + 31 * i, "second": 420 - 17 * i, "ballots": 800 + 13 * i}
            row["registered"] = 2_400
            for column, where in noughts.items():
                row[column] = 0 if where in ("everywhere", unit) else row[column]
            rows.append(",".join(map(str, row.values())))
        (path / "base.csv").write_text("\n".join(["unit,first,second,ballots,registered", *rows]) + "\n", "utf-8")

    return edit


EVERYWHERE = dict.fromkeys(("first", "second", "ballots", "registered"), "everywhere")
FIRST_ROUNDS: dict[str, tuple[Edit, str]] = {
    "a baseline of 0 to 0 in a unit": (_baseline(first="n1", second="n1"), BASELINE),
    "nobody registered in the baseline": (_baseline(registered="n1", ballots="n1"), BASELINE),
    "a baseline of noughts": (_baseline(**EVERYWHERE), BASELINE),
    "a candidate without votes": (_zero("counted.csv", candidate="Ed"), ""),
    "a candidate without votes in a mode": (_zero("counted.csv", candidate="Ada", mode="day"), ""),
    "one candidate alone": (_all(*(_zero("counted.csv", candidate=name) for name in ("Bo", "Cy", "Di", "Ed"))), ""),
}


@pytest.mark.parametrize("case", FIRST_ROUNDS)
def test_a_first_round_of_noughts_is_drawn(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same of a first round being counted."""
    edit, more = FIRST_ROUNDS[case]
    run = night.folder(tmp_path, more=more)
    edit(tmp_path)
    code, out, err = _command(
        ("run", str(run), "--trials", "512", "--out", str(tmp_path / "runs")), capsys, monkeypatch
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert " wins outright: " in out


def test_a_unit_without_a_baseline_is_like_the_mean() -> None:
    """0 to 0 is no 50 : 50: the unit stands at the mean of the others, and moves it nowhere."""
    first, second = np.array([30.0, 0.0, 70.0]), np.array([60.0, 0.0, 20.0])
    ballots, registered = np.array([100.0, 0.0, 95.0]), np.array([200.0, 0.0, 300.0])
    turnout, lean, others = of_baseline(Baseline(first, second, ballots, registered))
    known = [0, 2]
    without = of_baseline(Baseline(first[known], second[known], ballots[known], registered[known]))
    assert (turnout[1], lean[1], others[1]) == (0.0, 0.0, 0.0)
    assert [found[known].tolist() for found in (turnout, lean, others)] == [found.tolist() for found in without]


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_shares_are_never_nought(kind: Any) -> None:
    """At any log-odds a logistic and its complement are above 0, and modes of a unit stay finite numbers."""
    odds = np.array([-1e9, -400.0, -20.0, 0.0, 20.0, 400.0, 1e9], kind)
    found = logistic(odds)
    assert found.dtype == kind
    assert (found > 0.0).all()
    assert (logistic(-odds) > 0.0).all()
    by_mode = np.array([[3.0], [-2.0]], kind) * np.ones(7, kind)
    for ratios in (odds[None], np.stack([odds, -odds]), np.stack([odds, odds])):  # of two finalists, and of three
        leans = np.stack([by_mode, -by_mode])[: len(ratios)]
        assert (preferences(ratios) > 0.0).all()
        log_votes, of_modes = cells(np.zeros(7, kind), ratios, np.zeros((2, 7), kind), leans)
        assert np.isfinite(log_votes).all()
        assert np.isfinite(of_modes).all()
        assert np.isfinite(cell_gradients(*(a.astype(np.float64) for a in (ratios, np.zeros((2, 7)), leans)))).all()


def test_expected_votes_are_never_nought() -> None:
    """Where no pool comes, as far as floats can tell, the ratio of the finalists' votes is still a number."""
    pools = Electorate(
        np.array([10.0, 20.0]), np.array([-250.0, -90.0]), np.ones((2, 1)), np.array([[40.0], [-40.0]]),
        np.ones((2, 1, 1)),
    )  # fmt: skip
    z = np.array([[0.0], [-8.0], [8.0]])
    assert np.isfinite(log_ratios(pools, pools.people, z)).all()
    assert np.isfinite(log_ratio_gradients(pools, pools.people, z[1])).all()
