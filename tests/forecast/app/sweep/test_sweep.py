from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runoff.app.sweep.journal import journal
from runoff.app.sweep.page import page, units
from runoff.app.sweep.rates import moved
from runoff.app.sweep.sweep import sweep
from runoff.app.sweep.units import unit_rows
from runoff.errors import InputError, UsageError
from runoff.model.pools import build
from runoff.model.rates import moments
from runoff.output import store
from runoff.phases import pipeline
from runoff.phases.settings import Options
from runoff.report.page import Grid, Lines
from runoff.runfile.load import Case, load, loads
from tests.command import runoff
from tests.installed import ROOT

CONFIGS = ROOT / "configs" / "ga06-2017"
FEW = Options(trials=20_000, threads=1)


def _case(name: str = "april") -> Case:
    return load(CONFIGS / f"{name}.toml")


@pytest.mark.parametrize("name", ["april", "eve"])
def test_a_scenario_is_the_run_with_that_key(tmp_path: Path, name: str) -> None:
    """A key of the run file, set: chance and margin are those of a run file that says so, within five of their errors.

    A sweep draws totals from its first trial on, a run after its detailed ones: other random numbers, the same law.
    """
    rows = sweep(_case(name), ["new_voters.turnout.low=0.05,0.1"], FEW).tables["sweep_scenarios"]
    old = '"turnout = { low = 0.07"' if name == "april" else '"turnout = { low = 0.15"'
    text = _case(name).text
    changed = text.replace(old.strip('"'), "turnout = { low = 0.1")
    assert changed != text
    folder = tmp_path / "run"
    folder.mkdir()
    for table in CONFIGS.glob("*.csv"):
        (folder / table.name).write_bytes(table.read_bytes())
    (folder / "run.toml").write_text(changed)
    options = Options(trials=20_000, threads=1, units=False)
    tables = pipeline.draw(pipeline.opened(load(folder / "run.toml"), options)).tables
    first = next(row for row in tables["candidates"] if row["candidate"] == rows[1]["first"])
    error = 1.5 * float(str(first["p_win_mcse"]))
    assert json.loads(str(rows[1]["p_win"]))[first["candidate"]] == pytest.approx(first["p_win"], abs=5 * error)
    spread = float(str(tables["run"][0]["margin_sd"])) / 20_000**0.5
    assert rows[1]["margin_mean"] == pytest.approx(tables["run"][0]["margin_mean"], abs=5 * 1.5 * spread)


def test_a_mean_is_moved_and_the_spread_kept() -> None:
    """The mean of a turnout said as an interval: more Republicans who come, fewer wins of Ossoff, one by one."""
    rows = sweep(_case(), ["rates.blocs.R.turnout.mean=0.7:0.95:0.05"], FEW).tables["sweep_scenarios"]
    chances = [float(str(row["p_first"])) for row in rows]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] - chances[-1] > 0.2
    to_handel = sweep(_case(), ["rates.blocs.R.preference.mean=0.8,0.95"], FEW).tables["sweep_scenarios"]
    assert float(str(to_handel[0]["p_first"])) > float(str(to_handel[1]["p_first"]))


def test_nothing_changed_is_no_difference_and_a_paired_error_is_small() -> None:
    """A key set to what it was: the same bits; a small change: an error far below that of two runs apart."""
    same = sweep(_case(), ["race.recount_margin=0.01"], FEW).tables["sweep_scenarios"][0]
    assert (same["p_first_less"], same["p_first_less_se"]) == (0.0, 0.0)
    near = sweep(_case(), ["rates.blocs.R.turnout.mean=0.85,0.86"], FEW).tables["sweep_scenarios"]
    between = abs(float(str(near[0]["p_first"])) - float(str(near[1]["p_first"])))
    assert 0.0 < between < 0.03
    assert float(str(near[0]["p_first_less_se"])) < 0.5 * float(str(near[0]["p_first_mcse"]))


@pytest.mark.parametrize(
    ("name", "said", "words"),
    [
        ("april", "rates.blocs.X.turnout.mean=0.8", "no pool of the race"),
        ("april", "rates.blocs.R.turnout.mean=1.2", "between 0 and 1"),
        ("first-round-night-2240", "rates.own.turnout.mean=0.8", "runoff that is ahead"),
    ],
)
def test_what_reaches_nothing_is_told(name: str, said: str, words: str) -> None:
    """A bloc that is not there, a mean that is none, a night."""
    with pytest.raises(UsageError, match=words):
        sweep(_case(name), [said], FEW)


def test_a_value_that_the_run_file_may_not_have_is_told_with_its_place() -> None:
    """The message of the run file that it would be."""
    with pytest.raises(InputError, match="unknown key"):
        sweep(_case(), ["race.treshold=0.4"], FEW)


def test_the_command_prints_and_writes(tmp_path: Path) -> None:
    """A page with a row a scenario; --json the same; the tables where --out says."""
    words = ("sweep", str(CONFIGS / "april.toml"), "--set", "rates.own.turnout.mean=0.8,0.9", "--trials", "2000")
    said = runoff(*words, "--out", str(tmp_path))
    assert (said.returncode, said.stderr) == (0, "")
    assert "over 2 scenarios" in said.stdout
    document = json.loads(runoff(*words, "--json").stdout)
    (folder,) = tmp_path.iterdir()
    stored = store.read(folder)["sweep_scenarios"]
    assert [row["p_first"] for row in stored] == [row["p_first"] for row in document["scenarios"]]


GRID = ["rates.blocs.R.turnout.mean=0.8,0.85,0.9", "rates.blocs.R.preference.mean=0.85,0.9"]


def test_a_sweep_that_was_ended_goes_on(tmp_path: Path) -> None:
    """Scenarios on record are not drawn again, a torn line counts for nothing, and the tables are those of one go."""
    case, whole = _case(), sweep(_case(), GRID, FEW)
    first = sweep(case, GRID, FEW, out=tmp_path / "one")
    assert (first.drawn, first.tables) == (6, whole.tables)
    rows = [
        {name: row[name] for name in row if name not in ("run_id", "race_id")}
        for row in whole.tables["sweep_scenarios"]
    ]
    lines = [json.dumps([k + 1, {"row": row, "leads": []}]) + "\n" for k, row in enumerate(rows)]
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / f".{whole.run_id}.part").write_text("".join(lines[:4]) + lines[4][:40])
    second = sweep(case, GRID, FEW, out=tmp_path / "two")
    assert (second.drawn, second.tables, second.digest) == (2, whole.tables, whole.digest)
    assert [path.name for path in (tmp_path / "two").iterdir()] == [whole.run_id]
    again = sweep(case, GRID, FEW, out=tmp_path / "two")
    assert (again.drawn, again.tables) == (0, store.read(tmp_path / "two" / whole.run_id))


def test_a_killed_sweep_loses_nothing_that_stood(tmp_path: Path) -> None:
    """SIGKILL while it draws: what is on record stands, the next process draws the rest, the tables are the same."""
    words = [sys.executable, "-m", "runoff.app.cli", "sweep", str(CONFIGS / "april.toml"), "--trials", "20000"]
    words += ["--set", "rates.blocs.R.turnout.mean=0.7:0.95:0.0005", "--out", str(tmp_path), "--quiet"]
    process = subprocess.Popen(words, cwd=ROOT)
    deadline = time.monotonic() + 120.0
    lines = 0
    while lines < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
        parts = list(tmp_path.glob(".*.part"))
        lines = parts[0].read_bytes().count(b"\n") if parts else 0
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert 5 <= lines < 501
    said = ["rates.blocs.R.turnout.mean=0.7:0.95:0.0005"]
    found = sweep(_case(), said, FEW, out=tmp_path)
    assert 0 < found.drawn <= 501 - lines
    assert found.folder is not None
    numbers = [row["scenario"] for row in store.read(found.folder)["sweep_scenarios"]]
    assert numbers == list(range(1, 502))
    assert [path.name for path in tmp_path.iterdir()] == [found.run_id]


def test_two_do_not_draw_the_same(tmp_path: Path) -> None:
    """The second is told, with the way out."""
    name = sweep(_case(), GRID, FEW).run_id
    with journal(tmp_path, name), pytest.raises(UsageError, match="another process"):
        sweep(_case(), GRID, FEW, out=tmp_path)


def test_tables_that_were_read_stand_for_all_scenarios() -> None:
    """A run file that says the same of its results has the pools of one whose tables were read for it."""
    case = _case()
    text = case.text.replace("low = 0.07", "low = 0.1")
    fresh, again = loads(text, case.files, case.path), loads(text, case.files, case.path, case)
    assert build(again).pools == build(fresh).pools
    assert again.first_round.sources == fresh.first_round.sources
    assert again.results is case.results
    other = case.text.replace('by = "race"', 'by = "unit"')
    assert loads(other, case.files, case.path, case).results is not case.results


def test_pools_of_a_bloc_get_their_mean_once() -> None:
    """A moved rate has the mean that is said, to 1e-9, and its own spread."""
    case = _case()
    of = build(case)
    there = moved(of, case, {("rates", "blocs", "R", "turnout", "mean"): 0.8})
    for old, new in zip(of.pools, there.pools, strict=True):
        if old.kind == "eliminated" and old.bloc == "R":
            assert moments(new.turnout.location[0], new.turnout.scale[0][0])[0] == pytest.approx(0.8, abs=1e-9)
            assert new.turnout.scale == old.turnout.scale
        else:
            assert new == old


def test_units_are_safe_leaning_or_deciding() -> None:
    """Safe where one leads in 95 % of trials of each scenario, deciding where not the same leads in all."""
    leads = [
        [[0.99, 0.01], [0.6, 0.4], [0.4, 0.6], [0.02, 0.98]],
        [[0.96, 0.04], [0.97, 0.03], [0.6, 0.4], [0.03, 0.97]],
    ]
    rows = unit_rows([(name, "") for name in "abcd"], ["Ann", "Bo"], leads)
    assert [row["class"] for row in rows] == ["safe", "leaning", "deciding", "safe"]
    assert [row["leader"] for row in rows] == ["Ann", "Ann", "Bo", "Bo"]
    assert [(row["p_lead_low"], row["p_lead_high"]) for row in rows][2] == (0.4, 0.6)


def test_where_no_unit_decides_there_is_no_table_of_them() -> None:
    """The counts and what they mean stand in lines, without columns that have no row."""
    rows = unit_rows([("a", ""), ("b", "")], ["Ann", "Bo"], [[[0.99, 0.01], [0.6, 0.4]]])
    said = units({"sweep_units": [{**row, "first": "Ann"} for row in rows]})
    assert isinstance(said, Lines)
    assert said.lines[0] == "units over all scenarios: safe 1 for Ann; leaning 1 for Ann; deciding 0"
    assert isinstance(units({"sweep_units": [{**row, "first": "Ann", "class": "deciding"} for row in rows]}), Grid)


def test_a_long_name_leaves_room_for_the_numbers() -> None:
    """At 80 columns chances and differences stand, whatever the first finalist is called; the name is whole on top."""
    name = "Maximiliana Konstantinopolitanska von und zu Bergerdorff"
    head = {"first": name, "p_first": 0.5, "p_first_mcse": 0.01, "margin_mean": 0.0, "race_name": "a race",
            "trials": 10, "seed": 1}  # fmt: skip
    row = {"p_first": 0.5, "p_first_less": 0.1, "p_first_less_se": 0.02, "margin_mean": 0.0, "margin_q10": -0.1,
           "margin_q90": 0.1, "settings": '{"rates.own.turnout.mean": 0.8, "new_voters.people": 10}'}  # fmt: skip
    said = page({"sweep": [head], "sweep_scenarios": [row]}).text(80)
    assert "+10.0 ± 2.00" in said
    assert name in " ".join(said.split())


def test_units_are_drawn_where_they_are_asked_for() -> None:
    """A row a unit; the race as it is has the chances of a run by units of as many trials, to the bit."""
    case = load(CONFIGS / "precincts.toml")
    options = Options(trials=2_000, threads=1, units=True)
    tables = sweep(case, ["rates.blocs.R.turnout.mean=0.8,0.95"], options).tables
    run = pipeline.draw(pipeline.opened(case, options)).tables["units"]
    first = [row["p_carry"] for row in run if row["candidate"] == "Jon Ossoff"]
    assert [row["p_lead"] for row in tables["sweep_units"]] == first
    assert all(row["p_lead_low"] <= row["p_lead"] <= row["p_lead_high"] for row in tables["sweep_units"])


@pytest.mark.parametrize("said", [GRID, GRID[:1], ["race.recount_margin=0.01,0.02", "rates.own.turnout.mean=0.9"]])
def test_a_page_with_pictures_has_the_scenarios(said: list[str]) -> None:
    """Two settings with numbers make a field of cells, else a row a scenario; each chance is read on the page."""
    found = sweep(_case(), said, FEW)
    page = found.report().html()
    rows = found.tables["sweep_scenarios"]
    for row in rows:
        assert f"{100 * float(str(row['p_first'])):.1f}" in page
    assert page.count("<title>") >= 2
    assert "<desc>" in page
    assert page.count('<rect class="cell') == (len(rows) + 10 if said is GRID else 0)


def test_show_and_report_know_a_sweep(tmp_path: Path) -> None:
    """What stands is printed again, and made a page of, with the bytes that the sweep itself writes."""
    words = ("sweep", str(CONFIGS / "april.toml"), "--set", GRID[0], "--set", GRID[1], "--trials", "2000")
    said = runoff(*words, "--out", str(tmp_path / "out"), "--report", str(tmp_path / "a.html"))
    assert (said.returncode, said.stderr) == (0, "")
    (folder,) = (tmp_path / "out").iterdir()
    assert runoff("show", str(folder)).stdout in said.stdout
    assert runoff("report", str(folder), "-o", str(tmp_path / "b.html")).returncode == 0
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()
    assert "stood there already" in runoff(*words, "--out", str(tmp_path / "out")).stdout
