"""A night from its run file to its tables."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from runoff.model.pools import build
from runoff.output import arrow
from runoff.output.schemas.first_round_open import NIGHT_TABLES
from runoff.phases.first_round_open.phase import FIRST_ROUND_OPEN
from runoff.phases.first_round_open.runoffs import NOBODY, conclude, ends
from runoff.phases.settings import Options, name_of_run, settle
from runoff.race import Tables
from runoff.runfile.load import load
from runoff.simulate.driver import draw
from runoff.simulate.inputs import to_inputs
from tests import night
from tests.data import reconstruct_ga06_night as rebuilt
from tests.drawn import run_night
from tests.installed import ROOT
from tests.pages import render

GA06 = ROOT / "configs" / "ga06-2017"
NIGHTS = ("first-round-night-2240", "first-round-night-0130", "first-round-eve")

# Refuses every file that tells how it ended.
GUARDED = """
import sys
from pathlib import Path
ends = ("first-round-by-", "runoff-result", "registered-by-")
def refuse(event, arguments):
    if event == "open" and any(word in str(arguments[0]) for word in ends):
        raise SystemExit("opened " + str(arguments[0]))
sys.addaudithook(refuse)
from tests.drawn import run_night
from runoff.runfile.load import load
print(run_night(load(Path(sys.argv[1])), trials=2000, seed=5)["night"][0]["digest"])
"""


def _plain(tables: Tables) -> Tables:
    """The tables without the one figure that is the clock's."""
    return {name: [{k: v for k, v in row.items() if k != "seconds"} for row in rows] for name, rows in tables.items()}


def test_a_final_count_is_the_official_result(tmp_path: Path) -> None:
    """With nothing out every trial has the certified votes: two advance for sure, as in an official first round."""
    loaded = night.loaded(tmp_path, ())
    tables = run_night(loaded, trials=3_000, seed=1)
    final = np.sum([night.votes(unit, mode) for unit in night.UNITS for mode in night.MODES], axis=0)
    votes = dict(zip((name for name, _ in night.CANDIDATES), final.tolist(), strict=True))
    for row in tables["first_round"]:
        assert row["votes_mean"] == votes[str(row["candidate"])]
        assert row["votes_sd"] == 0.0
    assert [(row["first"], row["second"], row["p"]) for row in tables["pairings"]] == [("Ada", "Bo", 1.0)]
    assert tables["night"][0]["out_mean"] == 0.0
    assert tables["outstanding"] == []


def test_a_final_counts_runoff_is_the_kernels(tmp_path: Path) -> None:
    """Trial by trial the runoff after a final count is that of the compiled kernel for an official first round,
    but for counting noise (7 sigmas: a false alarm once in a million runs).
    """
    loaded = night.loaded(tmp_path, ())
    first = loaded.first_round
    assert first.registered is not None
    summed = replace(
        first, units=("all",), regions=("",), votes=first.totals[None], registered=first.registered.sum()[None],
        ballots=first.totals.sum()[None],
    )  # fmt: skip
    model = build(replace(loaded, first_round=summed))
    trials = 2_048
    kernel: list[np.ndarray] = []
    draw(to_inputs(model, 1), trials, threads=1, on_votes=lambda _, votes, __: kernel.append(votes.copy()))
    totals = np.tile(first.totals, (trials, 1))
    finals = conclude(loaded, totals, np.arange(5), int(first.registered.sum()), 1, 1)
    assert (finals.pair == (0, 1)).all()
    away = finals.votes - np.concatenate(kernel)
    error = np.sqrt(2 * 0.25 * int(model.people.sum()))
    assert np.abs(away).max() < 7 * error
    assert (np.abs(away.mean(axis=0)) < 7 * error / np.sqrt(trials)).all()


def test_a_first_round_ends_by_the_threshold() -> None:
    """Exactly the threshold is no outright win, one vote more is; pairs stand in order of rank."""

    def no_lots(trials: np.ndarray) -> np.ndarray:
        return np.zeros((len(trials), 3))

    totals = np.array([[50, 30, 20], [51, 30, 19], [10, 45, 45], [20, 45, 35]])
    outright, pair = ends(totals, np.array([2, 0, 1]), 0.5, no_lots)
    assert outright.tolist() == [NOBODY, 0, NOBODY, NOBODY]
    assert pair.tolist() == [[1, 0], [NOBODY, NOBODY], [1, 2], [1, 2]]


def test_chances_add_up(tmp_path: Path) -> None:
    """Outright wins and pairings are all trials; wins and ties too; who advances meets somebody."""
    tables = run_night(night.loaded(tmp_path), trials=4_000, seed=2)
    rows = tables["first_round"]
    n = 4_000
    outright = sum(int(row["outright"]) for row in rows)  # type: ignore[call-overload]
    met = sum(int(row["trials"]) for row in tables["pairings"])  # type: ignore[call-overload]
    wins = sum(int(row["wins"]) for row in rows)  # type: ignore[call-overload]
    advances = sum(int(row["advances"]) for row in rows)  # type: ignore[call-overload]
    assert outright + met == n
    assert wins + int(tables["night"][0]["ties"]) == n  # type: ignore[call-overload]
    assert advances == 2 * met


def test_threads_change_nothing(tmp_path: Path) -> None:
    """One thread and four give the same tables to the bit."""
    loaded = night.loaded(tmp_path)
    assert _plain(run_night(loaded, trials=9_000, seed=2)) == _plain(run_night(loaded, trials=9_000, seed=2, threads=4))


def test_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    """The count's rows in any order give the same answer, to rounding of the regression's sums."""
    one = run_night(night.loaded(tmp_path / "a"), trials=2_000, seed=2)
    rows = night.rows()
    run = night.folder(tmp_path / "b", counted=sorted(rows, key=lambda row: row[::-1]))
    two = run_night(load(run), trials=2_000, seed=2)
    for left, right in zip(one["first_round"], two["first_round"], strict=True):
        assert left["candidate"] == right["candidate"]
        assert left["share_mean"] == pytest.approx(right["share_mean"], abs=2e-4)


def test_the_tables_fit_their_schema(tmp_path: Path) -> None:
    """Each table has the documented columns and no others, of the documented types, and no NaN."""
    tables = run_night(night.loaded(tmp_path), trials=2_000, seed=2)
    assert set(tables) == set(NIGHT_TABLES)
    for name, rows in tables.items():
        written = arrow.arrow_table(NIGHT_TABLES[name], rows, {})
        assert written.num_rows == len(rows) > 0


def test_the_text_fits_a_terminal(tmp_path: Path) -> None:
    """No line of 80 columns is longer, no chance is 0 or 100, and the answer stands first."""
    text = render(run_night(night.loaded(tmp_path), trials=2_000, seed=2))
    assert text.split("\n")[0].startswith("Ada wins outright: ")
    assert max(len(line) for line in text.split("\n")) <= 80
    assert " 100 " not in text
    assert "\x1b" not in text


@pytest.mark.parametrize("name", NIGHTS)
def test_no_night_opens_how_it_ended(name: str, tmp_path: Path) -> None:
    """A process that may not open certified results forecasts; without those files it says the same."""
    folder = tmp_path / "ga06"
    shutil.copytree(GA06, folder)

    def answer() -> str:
        command = [sys.executable, "-c", GUARDED, str(folder / f"{name}.toml")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    beside = answer()
    for path in folder.glob("*.csv"):
        if path.name.startswith(("first-round-by-", "runoff-result", "registered-by-")):
            path.unlink()
    assert answer() == beside


@pytest.mark.parametrize("moment", ["2240", "0130"])
def test_the_rebuilt_count_comes_near_the_published_one(moment: str) -> None:
    """At 22:40 each of six published totals is met within 20 votes; at 01:30 the shares within 0.03 points."""
    sums = rebuilt.total(rebuilt.read(GA06 / f"counted-{moment}.csv"))
    if moment == "2240":
        assert np.abs(sums - rebuilt.AT_2240).max() <= 20
    else:
        assert np.abs(sums[:2] / sums[-1] - rebuilt.SHARES_0130).max() < 0.0003
        assert abs(sums[-1] - rebuilt.COUNTED_0130) <= 50


def test_the_rebuilt_count_is_what_the_script_makes() -> None:
    """The nights' tables are the script's, from certified results; what is in at 22:40 is in at 01:30."""
    made = rebuilt.reconstruct(rebuilt.read(GA06 / "first-round-by-mode.csv"))
    for moment, (counted, missing) in made.items():
        assert counted == rebuilt.read(GA06 / f"counted-{moment}.csv")
        status = rebuilt.read(GA06 / f"status-{moment}.csv")
        assert [row["unit"] for row in status if row["mode"] == rebuilt.DAY] == missing
    assert set(made["0130"][1]) < set(made["2240"][1])
    assert len(made["2240"][1]) == 115 - rebuilt.IN_2240
    assert len(made["0130"][1]) == rebuilt.OUT_0130


def test_the_night_of_ga06_reads_what_was_published() -> None:
    """At 22:40 two counties are complete but for provisional ballots, Fulton's day votes and mail are out."""
    count = night.counted(load(GA06 / "first-round-night-2240.toml"))
    out = {(count.first_round.regions[o.members[0]], count.modes[o.mode]) for o in count.out}
    assert out == {("Fulton", "election_day"), ("Fulton", "absentee_by_mail"), ("Fulton", "provisional"),
                   ("Cobb", "provisional"), ("DeKalb", "provisional")}  # fmt: skip


def test_a_nights_name_hangs_on_the_estimates_that_its_rates_come_from(tmp_path: Path) -> None:
    """Tables of an estimate are among the sources and in the model that a night is held to; the count is not."""
    case = night.loaded(tmp_path)
    of = ("matrix.parquet", "ab" * 32)
    named = replace(case, estimates={"runs/x": SimpleNamespace(sources=(of,))})  # type: ignore[dict-item]  # its sources
    data = FIRST_ROUND_OPEN.read(named, Options())
    assert of in data.sources
    assert data.beside == data.sources  # its own table is its ballot, too
    plain = FIRST_ROUND_OPEN.read(case, Options())
    assert [source for source in data.sources if source != of] == list(plain.sources)
    names = {name_of_run(case, one.sources, settle(case, Options())) for one in (data, plain)}
    assert len(names) == 2
