from __future__ import annotations

import json
from pathlib import Path

import pytest

from runoff.app.sweep.sweep import sweep
from runoff.errors import InputError, UsageError
from runoff.output import store
from runoff.phases import pipeline
from runoff.phases.settings import Options
from runoff.runfile.load import Case, load
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
