"""Every run file in configs/, and those of past races: they read, run, and see nothing of how it ended."""

from __future__ import annotations

import csv
import datetime as dt
import shutil
from pathlib import Path

import pytest

import runoff
from runoff.model.prior.fitted.fronts import camp_votes
from tests import races
from tests.data.tables_of_past_races import CHAMBERS, RACES, chamber, tables
from tests.installed import ROOT

CONFIGS = ROOT / "configs"
RUN_FILES = sorted(
    path.relative_to(CONFIGS).as_posix() for path in CONFIGS.glob("*/*.toml") if path.parent.name not in CHAMBERS
)
COUNTED = {"ga06-2017/runoff-night.toml": CONFIGS / "ga06-2017" / "runoff-counted-2055.csv"}


@pytest.mark.parametrize("name", RUN_FILES)
def test_every_run_file_checks_and_runs(name: str) -> None:
    """What was understood is told, and chances of the finalists and of a tie sum to 1."""
    case = runoff.load(CONFIGS / name)
    assert case.run_file.race.name in runoff.check(case).text()
    result = runoff.run(case, trials=500, results=COUNTED.get(name))
    assert sum(result.p_win.values()) == pytest.approx(1, abs=0.02)


def test_every_race_has_its_row() -> None:
    """The table of docs/races.md has a row for each run file of a past race."""
    assert {f"{folder}/{name}.toml" for folder, name in races.RUNS} == {
        name for name in RUN_FILES if not name.startswith("ga06-2017/")
    }


@pytest.mark.parametrize("folder", RACES)
def test_tables_are_the_archives(folder: str) -> None:
    """Each table of a past race's folder is what the archive says; there is no other table."""
    found = {path.name: path.read_text("utf-8") for path in (CONFIGS / folder).glob("*.csv")}
    assert found == tables(folder)


@pytest.mark.parametrize("folder", CHAMBERS)
def test_a_chamber_s_tables_are_the_archives(folder: str) -> None:
    """Each table is what the archive says; its run file reads, with a district less than the chamber has."""
    files = {path.name: path.read_text("utf-8") for path in (CONFIGS / folder).glob("*.csv")}
    assert files == chamber(folder)
    case = runoff.load_chamber(CONFIGS / folder / "chamber.toml")
    assert case.seats == 576
    assert case.run_file.race.as_of < case.run_file.race.runoff
    assert case.run_file.race.name in runoff.check(case).text()


def test_a_chamber_s_result_reaches_no_forecast(tmp_path: Path) -> None:
    """A run without result.csv has the same bits; one with it as results knows every seat."""
    folder = "fr-assembly-2024"
    copy = tmp_path / folder
    shutil.copytree(CONFIGS / folder, copy)
    (copy / "result.csv").unlink()
    case, other = (runoff.load_chamber(place / folder / "chamber.toml") for place in (CONFIGS, tmp_path))
    assert runoff.run(case, trials=500).digest == runoff.run(other, trials=500).digest
    night = runoff.run(case, trials=500, results=CONFIGS / folder / "result.csv")
    assert {row["p_win"] for row in night.tables["races"]} == {0.0, 1.0}
    assert sorted(night.p_win.values())[-1] == 1.0
    with pytest.raises(runoff.InputError, match="a run file of one race"):
        runoff.load_chamber(CONFIGS / "ga06-2017" / "april.toml")


@pytest.mark.parametrize(("folder", "name"), races.RUNS)
def test_no_result_reaches_a_past_race(folder: str, name: str, tmp_path: Path) -> None:
    """Without the folder's result.csv a run has the same bits; the race is not among those it learned from."""
    copy = tmp_path / folder
    shutil.copytree(CONFIGS / folder, copy)
    (copy / "result.csv").unlink()
    case = runoff.load(CONFIGS / folder / f"{name}.toml")
    assert runoff.run(runoff.load(copy / f"{name}.toml"), trials=1000).digest == runoff.run(case, trials=1000).digest
    race = runoff.Archive.load().by_id[RACES[folder]]
    assert case.run_file.race.runoff == race.date_runoff > case.run_file.race.as_of
    assert f"before {case.run_file.race.as_of}" in " ".join(runoff.check(case).text().split())


@pytest.mark.parametrize("folder", [folder for folder, name in races.RUNS if name == "polls"])
def test_without_its_polls_the_eve_is_the_morning_after(folder: str) -> None:
    """As of the first round no poll counts, and the file with polls says what the other says; on the eve all do."""
    with_polls, without = (CONFIGS / folder / f"{name}.toml" for name in ("polls", "prior"))
    case = runoff.load(with_polls)
    day = case.run_file.race.first_round
    early, prior = (runoff.run(runoff.load(path), trials=20_000, as_of=day) for path in (with_polls, without))
    assert early.p_win == prior.p_win
    with (CONFIGS / folder / "polls.csv").open(encoding="utf-8") as rows:
        ends = [dt.date.fromisoformat(row["end"]) for row in csv.DictReader(rows)]
    assert day <= min(ends) <= max(ends) < case.run_file.race.as_of
    assert f"{len(ends)} of {len(ends)} rows count" in runoff.check(case).text()
    assert runoff.run(case, trials=20_000).p_win != prior.p_win


def test_people_and_camps_are_the_archives() -> None:
    """New voters are the roll less the valid votes; a district's camps are the whole chamber's first round."""
    archive = runoff.Archive.load()
    for folder, name in races.RUNS:
        run_file, race = runoff.load(CONFIGS / folder / f"{name}.toml").run_file, archive.by_id[RACES[folder]]
        roll, new = race.first.registered, run_file.new_voters
        assert (new.people if new else None) == (roll - race.first.valid if roll else None)
        if run_file.prior.camps:
            votes = camp_votes(archive)[race.election]
            total = sum(votes.values())
            for camp, share in run_file.prior.camps.items():
                assert share == pytest.approx(votes[camp] / total, abs=5e-5)
        assert run_file.prior.stood_down == [candidate.name for candidate in race.withdrawn]
