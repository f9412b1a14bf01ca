"""A first round's night that is followed: GA-06's April, in the order in which its counts came, with faults put in."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pytest

from runoff.output.history import read_history
from runoff.output.schemas.first_round_open import FIRST_ROUND_HISTORY
from tests.command import runoff
from tests.installed import ROOT

GA06 = ROOT / "configs" / "ga06-2017"
SIZES = """
[counting.modes.election_day]
low = 0.2
high = 0.35

[counting.modes.absentee_by_mail]
low = 0.01
high = 0.05

"""
HOURS = {150: "23:00", 400: "23:30", 530: "23:45", 595: "23:59"}  # cells that are in, and UTC on 18 April
HEADER = ["region", "unit", "candidate", "mode", "votes", "counted_at"]


def _order() -> list[list[dict[str, str]]]:
    """The cells of 01:30 as they came: early votes, Cobb and DeKalb, Fulton last, small precincts first."""
    cells: dict[tuple[str, str, str], list[dict[str, str]]] = {}
    with (GA06 / "counted-0130.csv").open() as file:
        for row in csv.DictReader(file):
            cells.setdefault((row["region"], row["unit"], row["mode"]), []).append(row)

    def late(cell: tuple[str, str, str]) -> tuple[bool, bool, bool, int]:
        region, _, mode = cell
        size = sum(int(row["votes"]) for row in cells[cell])
        return mode != "advance_in_person", region == "Fulton", mode == "absentee_by_mail", size

    return [cells[cell] for cell in sorted(cells, key=late)]


def _count(cells: int, time: str) -> str:
    rows = [HEADER]
    for cell in _order()[:cells]:
        rows += [[row[name] for name in HEADER[:-1]] + [f"2017-04-18T{time}:00Z"] for row in cell]
    return "\n".join(",".join(row) for row in rows) + "\n"


@pytest.fixture(scope="module")
def counts() -> dict[int, str]:
    """The night's counts, by the cells that are in."""
    return {cells: _count(cells, time) for cells, time in HOURS.items()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The night's run file with no count of its own: its table is a ballot without votes, and there is no status."""
    for name in ("roll-by-precinct.csv", "president-2016-by-precinct.csv"):
        (tmp_path / name).write_bytes((GA06 / name).read_bytes())
    text = (GA06 / "first-round-night-2240.toml").read_text()
    text = text.replace('"counted-2240.csv"', '"ballot.csv"').replace('status = "status-2240.csv"\n', "")
    (tmp_path / "night.toml").write_text(text.replace("[rates.own]", SIZES + "[rates.own]", 1))
    with (GA06 / "counted-0130.csv").open() as file:
        party = {row["candidate"]: row["party"] for row in csv.DictReader(file)}
    ballot = [f"Cobb/Addison 01,{name},{of},0" for name, of in party.items()]
    (tmp_path / "ballot.csv").write_text("\n".join(["unit,candidate,party,votes", *ballot]) + "\n")
    return tmp_path


def _kept(folder: Path, text: str, time: str) -> None:
    folder.mkdir(exist_ok=True)
    sha = hashlib.sha256(text.encode()).hexdigest()[:12]
    (folder / f"20170418T{time.replace(':', '')}00Z-{sha}.csv").write_text(text)


def _curve(folder: Path, name: str) -> list[tuple[object, ...]]:
    """Plays a folder of counts; the curve without the clock's time and names of runs."""
    history = folder / f"{name}.csv"
    done = runoff(
        *("rehearse", str(folder / "night.toml"), "--counts", str(folder / name), "--speed", "100000"),
        *("--trials", "500", "--out", str(folder / f"runs-{name}"), "--history", str(history), "--quiet"),
    )
    assert done.returncode == 0, done.stderr
    rows = read_history(history, FIRST_ROUND_HISTORY)
    return [tuple(value for key, value in row.items() if key not in ("time", "run_id")) for row in rows]


def test_the_curve_with_faults_is_the_curve_without(folder: Path, counts: dict[int, str]) -> None:
    """A count twice, a half-written one and one that contradicts itself leave no trace; a correction is in and named.

    The last forecast is that of the same tables in a run file, whose status table says what is out.
    """
    for cells, text in counts.items():
        _kept(folder / "clean", text, HOURS[cells])
        _kept(folder / "faults", text, HOURS[cells])
    half = counts[400]
    _kept(folder / "faults", half[: half.rindex(",")], "23:31")
    _kept(folder / "faults", counts[150] + counts[150].split("\n")[1] + "\n", "23:10")  # a row twice
    _kept(folder / "faults", counts[400], "23:35")
    clean = _curve(folder, "clean")
    assert len(clean) == len(HOURS)
    assert _curve(folder, "faults") == clean

    lines = counts[595].split("\n")
    large = max((line for line in lines if "election_day" in line), key=lambda line: int(line.split(",")[4]))
    fewer = large.replace(f",{large.split(',')[4]},", f",{int(large.split(',')[4]) - 100},")
    lower = counts[595].replace(large, fewer).replace("T23:59", "T23:59:30").replace("30:00Z", "30Z")
    _kept(folder / "correction", counts[595], "23:58")
    _kept(folder / "correction", lower, "23:59")
    curve = _curve(folder, "correction")
    assert [row[2] for row in curve] == [185_200, 185_100]


def test_a_status_table_stands_while_the_count_moves_on(tmp_path: Path) -> None:
    """The run file of 22:40, its status table as it was, and the count of 01:30: what is out is what is out then."""
    text = (GA06 / "first-round-night-2240.toml").read_text().replace('previous = "counted-2240.csv"\n', "")
    for path in GA06.glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "night.toml").write_text(
        "\n".join(line for line in text.split("\n") if not line.startswith("previous"))
    )
    words = ("--trials", "2000", "--json", "--out", str(tmp_path / "runs"))
    moved = runoff("run", str(tmp_path / "night.toml"), "--results", str(GA06 / "counted-0130.csv"), *words)
    assert moved.returncode == 0, moved.stderr
    then = runoff("run", str(GA06 / "first-round-night-0130.toml"), *words)
    one, other = (json.loads(answer.stdout) for answer in (moved, then))
    assert one["night"]["counted_votes"] == other["night"]["counted_votes"] == 185_200
    assert one["night"]["out_mean"] == pytest.approx(other["night"]["out_mean"], rel=0.01)
    assert one["first_round"][0]["share_mean"] == pytest.approx(other["first_round"][0]["share_mean"], abs=2e-4)
    assert "71 rows are of what has votes, or a status, by now" in one["night"]["warnings"]


def test_a_lock_holds_for_all_counts_and_not_for_another_ballot(folder: Path, counts: dict[int, str]) -> None:
    """One model through the night, on the page; another party on the ballot is another model, and named."""
    lock, out = folder / "lock.json", str(folder / "runs")

    def run(cells: int) -> tuple[int, str, str]:
        (folder / "now.csv").write_text(counts[cells])
        words = ("--trials", "500", "--lock", str(lock), "--out", out)
        done = runoff("run", str(folder / "night.toml"), "--results", str(folder / "now.csv"), *words)
        return done.returncode, done.stdout, done.stderr

    assert run(400)[0] == 0
    model = json.loads(lock.read_text())["model"]
    code, said, _ = run(595)
    assert code == 0
    assert f"model {model}" in said
    assert "counted 2017-04-18 23:59:00 UTC, as the source says" in said
    ballot = folder / "ballot.csv"
    ballot.write_text(ballot.read_text().replace("Bob Gray,R", "Bob Gray,I"))
    code, _, told = run(595)
    assert code == 65
    assert "table ballot.csv" in told


def test_a_kept_run_is_drawn_again_from_its_inputs(folder: Path, counts: dict[int, str]) -> None:
    """Ballot, count and roll are kept with the run: repeated from its folder it has the same digest."""
    (folder / "now.csv").write_text(counts[530])
    words = ("--trials", "500", "--json", "--out", str(folder / "runs"))
    first = runoff("run", str(folder / "night.toml"), "--results", str(folder / "now.csv"), *words)
    assert first.returncode == 0, first.stderr
    (run,) = (folder / "runs").iterdir()
    (folder / "ballot.csv").unlink()
    (folder / "now.csv").unlink()
    again = runoff("run", str(run), "--json", "--out", str(folder / "again"))
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["night"]["digest"] == json.loads(first.stdout)["night"]["digest"]


def test_before_the_first_count_a_night_is_ready_or_not_yet(folder: Path, counts: dict[int, str]) -> None:
    """A ballot without votes is a night that can begin; run alone, it says what is lacking."""
    words = ("--out", str(folder / "runs"), "--lock", str(folder / "lock.json"), "--json")
    waiting = runoff("ready", str(folder / "night.toml"), "--results", str(folder / "now.csv"), *words)
    assert waiting.returncode == 75, waiting.stdout
    (folder / "night.toml").write_text((folder / "night.toml").read_text().replace("100_000", "2_000"))
    (folder / "now.csv").write_text(counts[400])
    there = runoff("ready", str(folder / "night.toml"), "--results", str(folder / "now.csv"), *words)
    assert there.returncode == 0, there.stdout
    alone = runoff("check", str(folder / "night.toml"))
    assert alone.returncode == 65
    assert "nothing is counted yet" in alone.stderr
    assert "--results" in alone.stderr
