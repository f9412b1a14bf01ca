"""`runoff estimate`: tables, page, picture, words, and the same bits again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from runoff.app.flows.estimate import Asked, Flows, flows
from runoff.app.flows.said import part
from runoff.estimate.ecological.transfers import Settings
from runoff.output import store
from tests.command import runoff

UNITS = 30
MOVES = ([0.94, 0.02, 0.04], [0.03, 0.92, 0.05], [0.7, 0.1, 0.2], [0.05, 0.05, 0.9])  # of Ann, Bob, Cy and stayers


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Both rounds of an election whose moves are plain: Ann and Bob keep theirs, Cy's go to Ann, stayers stay."""
    folder = tmp_path_factory.mktemp("rounds")
    rng = np.random.default_rng(5)
    first, second = ["unit,region,Ann,Bob,Cy,registered"], ["unit,region,Ann,Bob,registered"]
    for n in range(UNITS):
        ann, bob, cy, stay = (int(x) for x in rng.multinomial(1000, rng.dirichlet([6, 6, 4, 5])))
        moved = [rng.multinomial(people, p) for people, p in zip((ann, bob, cy, stay), MOVES, strict=True)]
        to = np.sum(moved, axis=0)
        region = "East" if n % 2 else "West"
        first.append(f"u{n},{region},{ann},{bob},{cy},1000")
        second.append(f"u{n},{region},{to[0]},{to[1]},1000")
    for name, lines in (("first.csv", first), ("second.csv", second)):
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "first.csv", folder / "second.csv"


@pytest.fixture(scope="module")
def found(tables: tuple[Path, Path]) -> Flows:
    """The estimate."""
    return flows(Asked(*tables, settings=Settings(draws=200), units=True))


def test_moves_are_found(found: Flows) -> None:
    """Shares are within 0.06 of the truth, their intervals hold it, and both margins of the matrix are the data's."""
    shares = {(row["origin"], row["destination"]): row for row in found.tables["matrix"]}
    for cell, truth in ((("Ann", "Ann"), 0.94), (("Cy", "Ann"), 0.7), (("did not vote", "did not vote"), 0.9)):
        row = shares[cell]
        assert abs(row["share_mean"] - truth) < 0.06  # type: ignore[operator]
        assert row["share_q05"] <= truth <= row["share_q95"]  # type: ignore[operator]
        assert row["bound_low"] <= row["share_mean"] <= row["bound_high"]  # type: ignore[operator]
    total = sum(row["votes_mean"] for row in found.tables["matrix"])  # type: ignore[misc]
    assert abs(total - UNITS * 1000) < 0.5


def test_own_voters_and_stayers_are_known_before(found: Flows) -> None:
    """The same name in both rounds and those who did not vote have odds of 20; with no weight nothing is added."""
    known = json.loads(str(found.tables["estimate"][0]["known"]))
    assert sorted(known) == [["Ann", "Ann", 20.0], ["Bob", "Bob", 20.0], ["did not vote", "did not vote", 20.0]]


def test_every_table_has_its_rows(found: Flows) -> None:
    """Draws, units, regions and unit tables are there, each cell once; a draw's votes add up to everybody."""
    cells = 4 * 3
    assert len(found.tables["matrix"]) == cells
    assert len(found.tables["matrix_draws"]) == 200 * cells
    assert len(found.tables["matrix_regions"]) == 2 * cells
    assert len(found.tables["unit_flows"]) == UNITS * cells
    assert len(found.tables["estimate_units"]) == UNITS
    one = sum(row["votes"] for row in found.tables["matrix_draws"] if row["draw"] == 7)  # type: ignore[misc]
    assert abs(one - UNITS * 1000) < 0.5


def test_it_is_kept_and_read_again(found: Flows, tmp_path: Path) -> None:
    """A kept estimate reads as it was made, with its digest; a second one of the same data has the same name."""
    folder = found.save(tmp_path)
    kept = store.found(folder)
    assert kept.phase == "estimate"
    assert kept.tables["matrix"] == found.tables["matrix"]
    assert kept.tables["estimate"][0]["digest"] == found.digest


def test_threads_do_not_change_name_or_digest(tables: tuple[Path, Path], found: Flows) -> None:
    """More threads give the same run under the same name."""
    again = flows(Asked(*tables, settings=Settings(draws=200, threads=3), units=True))
    assert again.digest == found.digest
    assert again.run_id == found.run_id


def test_the_page_says_it_in_words(found: Flows) -> None:
    """Sentences name large moves with their interval, in 40 columns as in 100; the picture's page has each origin."""
    text = " ".join(found.page().text(100).split())
    assert (
        "people of Cy about two thirds went to Ann" in text or "people of Cy about three quarters went to Ann" in text
    )
    assert "did not vote again" in text
    assert all(len(line) <= 40 for line in found.page().text(40).splitlines())
    html = found.report().html()
    assert "<svg" in html
    assert "Where people went" in html


def test_the_command_prints_and_writes(tables: tuple[Path, Path], tmp_path: Path) -> None:
    """The command prints the page and writes tables and report; --json prints the matrix."""
    words = ["estimate", "--first", str(tables[0]), "--second", str(tables[1]), "--draws", "50"]
    answer = runoff(*words, "--out", str(tmp_path / "runs"), "--report", str(tmp_path / "r.html"))
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "per cent of each origin's people" in " ".join(answer.stdout.split())
    assert len(list((tmp_path / "runs").glob("transfers-*/matrix.parquet"))) == 1
    assert (tmp_path / "r.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    run = next((tmp_path / "runs").iterdir())
    shown, page = runoff("show", str(run)), runoff("report", str(run), "-o", "-")
    assert shown.stdout == answer.stdout[: answer.stdout.index("tables: ")]
    assert page.stdout == (tmp_path / "r.html").read_text(encoding="utf-8")
    answer = runoff(*words, "--json")
    assert answer.returncode == 0
    assert len(json.loads(answer.stdout)["matrix"]) == 12


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "hardly anybody"),
        (0.1, "about one in ten"),
        (0.33, "about a third"),
        (0.5, "about half"),
        (1.0, "nearly all"),
    ],
)
def test_shares_in_words(share: float, words: str) -> None:
    """Every share from 0 to 1 has a word."""
    assert part(share) == words
