"""Equal votes: a lot decides who goes on, and a tie at the end is told as one."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runoff.phases.first_round_open.runoffs import NOBODY, _lots_of, ends, tied, told
from runoff.phases.runoff_night.model.draw import own_streams
from runoff.runfile.load import load
from tests import night, runoff_night
from tests.drawn import run_night
from tests.pages import render

NAMES = ("Ada", "Bo", "Cy", "Di")
SIGMAS = 5  # a false alarm once in two million


def _advance(totals: list[int], names: tuple[str, ...] = NAMES, trials: int = 40_000) -> dict[str, float]:
    """How often each candidate advances where all trials have these votes."""
    rank = np.arange(len(names))
    _, pair = ends(np.tile(np.array(totals), (trials, 1)), rank, 0.5, _lots_of(1, names))
    return {name: float((pair == c).any(axis=1).mean()) for c, name in enumerate(names)}


@pytest.mark.parametrize(
    ("votes", "right"),
    [
        ([45, 20, 20, 15], (1, 1 / 2, 1 / 2, 0)),
        ([40, 20, 20, 20], (1, 1 / 3, 1 / 3, 1 / 3)),
        ([30, 30, 30, 10], (2 / 3, 2 / 3, 2 / 3, 0)),
        ([25, 25, 25, 25], (1 / 2, 1 / 2, 1 / 2, 1 / 2)),
        ([35, 35, 20, 10], (1, 1, 0, 0)),
    ],
)
def test_a_lot_is_fair(votes: list[int], right: tuple[float, ...]) -> None:
    """Of candidates with equally many votes each goes on equally often, within five standard errors."""
    found = _advance(votes)
    assert sum(found.values()) == pytest.approx(2.0)
    for p, expected in zip(found.values(), right, strict=True):
        assert abs(p - expected) <= SIGMAS * math.sqrt(expected * max(1 - expected, 0) / 40_000)


def test_a_lot_hangs_on_names() -> None:
    """Trial by trial the same candidates go on, in whatever order they stand, and whoever else stands."""
    trials = np.arange(3_000)
    lots = _lots_of(7, NAMES)(trials)
    turned = _lots_of(7, (*NAMES[::-1], "Ed"))(trials)
    assert np.array_equal(lots, turned[:, 3::-1])
    assert np.array_equal(_lots_of(7, NAMES)(trials[1_500:]), lots[1_500:])
    assert not np.array_equal(_lots_of(8, NAMES)(trials), lots)


def test_two_past_the_threshold_with_equal_votes() -> None:
    """Where the law lets two thirds of one half win, and two have as many votes, a lot says which."""
    totals = np.tile(np.array([40, 40, 20]), (10_000, 1))
    outright, pair = ends(totals, np.arange(3), 0.35, _lots_of(1, NAMES[:3]))
    assert abs((outright == 0).mean() - 0.5) < SIGMAS * 0.005
    assert set(outright.tolist()) == {0, 1}
    assert (pair == NOBODY).all()


@pytest.mark.parametrize("threshold", [0.5, 0.55, 0.57, 0.4, 0.29, 1 / 3])
def test_the_threshold_itself_is_not_passed(threshold: float) -> None:
    """0.57 of 100 votes are 57, which floats make 56.99..: equal is not more; one vote more is."""
    whole = 3_000_000 if threshold == 1 / 3 else 100
    at = round(threshold * whole)
    rest = [(whole - at) // 3, (whole - at) // 3]
    totals = np.array([[mine, *rest, whole - mine - sum(rest)] for mine in (at, at + 1)])
    outright, _ = ends(totals, np.arange(4), threshold, _lots_of(1, NAMES))
    assert outright.tolist() == [NOBODY, 0]


def test_who_ties_is_named() -> None:
    """In all trials, in some, in too few to tell; three together; and never where somebody wins outright."""
    totals = np.array([[45, 20, 20, 15]] * 1_000 + [[40, 20, 20, 20]] * 2 + [[41, 20, 19, 20]])
    nobody = np.full(len(totals), NOBODY)
    assert tied(totals).all()
    assert told(totals[:10], nobody[:10], NAMES) == ("Bo and Cy have equally many votes: a lot says who advances",)
    some = told(totals, nobody, NAMES)
    assert [note.split(" have")[0] for note in some] == ["Bo and Cy", "Bo, Cy and Di"]
    assert "in 99.7 % of the trials" in some[0]
    assert told(totals, np.zeros(len(totals), np.int64), NAMES) == ()
    assert told(totals[:, :2], nobody, NAMES[:2]) == ()


def _chances(tables: dict[str, list[dict[str, Any]]]) -> tuple[float, float]:
    """Wins with ties, and outright wins with pairings: 1 each."""
    (one,), rows = tables["night"], tables["first_round"]
    wins = sum(row["p_win"] for row in rows) + one["ties"] / one["trials"]
    return wins, sum(row["p_outright"] for row in rows) + sum(row["p"] for row in tables["pairings"])


def test_a_tie_for_the_second_place_after_the_count(tmp_path: Path) -> None:
    """Everything counted, two with as many votes: both advance in half of the trials, and a note names them."""
    run = night.folder(tmp_path, ())
    votes = {"Ada": 480, "Bo": 210, "Cy": 210, "Di": 90, "Ed": 10}
    rows = [f"{unit[0]},{unit},{n},{p},day,{votes[n]}" for unit in night.UNITS for n, p in night.CANDIDATES]
    (tmp_path / "counted.csv").write_text("\n".join(["region,unit,candidate,party,mode,votes", *rows]) + "\n")
    tables: dict[str, list[dict[str, Any]]] = run_night(load(run), trials=10_000, seed=3)
    advance = {row["candidate"]: row["p_advance"] for row in tables["first_round"]}
    assert (advance["Ada"], advance["Di"]) == (1.0, 0.0)
    for name in ("Bo", "Cy"):
        assert abs(advance[name] - 0.5) < SIGMAS * 0.005
    assert {(row["first"], row["second"]) for row in tables["pairings"]} == {("Ada", "Bo"), ("Ada", "Cy")}
    assert _chances(tables) == (pytest.approx(1.0), pytest.approx(1.0))
    assert "note: Bo and Cy have equally many votes: a lot says who advances" in render(tables)


def test_a_village_ties_often(tmp_path: Path) -> None:
    """Forty voters ahead of the day: lots and ties are told with their share of the trials, and chances add up."""
    run = night.folder(tmp_path)
    text = run.read_text().replace("as_of = 2021-03-01", "as_of = 2021-02-27")
    section = '[first_round_polls]\ntable = "fp.csv"\nturnout = { low = 0.3, high = 0.5 }\n'
    run.write_text(text.replace('[counting]\nstatus = "status.csv"\n', section))
    shares = zip([name for name, _ in night.CANDIDATES], (45, 21, 20, 9, 5), strict=True)
    polls = [f"a,Ask,2021-02-20,500,{name},{share}" for name, share in shares]
    (tmp_path / "fp.csv").write_text("\n".join(["poll,pollster,field_end,sample_size,candidate,share", *polls]) + "\n")
    rows = [f"n,n1,{name},{party},0" for name, party in night.CANDIDATES]
    (tmp_path / "counted.csv").write_text("\n".join(["region,unit,candidate,party,votes", *rows]) + "\n")
    (tmp_path / "roll.csv").write_text("region,unit,registered\nn,n1,40\n")
    tables: dict[str, list[dict[str, Any]]] = run_night(load(run), trials=2_000, seed=3)
    assert tables["night"][0]["ties"] > 0
    assert _chances(tables) == (pytest.approx(1.0), pytest.approx(1.0))
    said = " ".join(render(tables).split())
    assert "Bo and Cy have equally many votes in " in said
    assert "the runoff is a tie in " in said


def _night_of(path: Path, votes: tuple[int, int], last: tuple[str, ...]) -> dict[str, list[dict[str, Any]]]:
    """A night on which each unit but the last gives both finalists these votes; `last` are the last unit's rows."""
    loaded = load(runoff_night.folder(path))
    rows = [
        f"{unit},{name},{mode},{count}"
        for unit in runoff_night.UNITS[:-1]
        for mode in runoff_night.MODES
        for name, count in zip(("Ada", "Bo"), votes, strict=True)
    ]
    tables: dict[str, list[dict[str, Any]]] = run_night(
        loaded, runoff_night.results(path / "count.csv", [*rows, *last]), trials=1_024, seed=1
    )
    return tables


def test_a_count_that_ends_in_a_tie_says_so(tmp_path: Path) -> None:
    """All counted, equal votes: the headline and the line of the recount; chances of both and of the tie add up."""
    last = tuple(f"s15,{name},{mode},200" for name in ("Ada", "Bo") for mode in runoff_night.MODES)
    tables = _night_of(tmp_path, (200, 200), last)
    said = render(tables)
    assert said.startswith("the count ended in a tie\n")
    assert "tie      more than" in said
    (one,), rows = tables["runoff_night"], tables["runoff_finalists"]
    assert sum(row["p_win"] for row in rows) + one["p_tie"] == pytest.approx(1.0)
    assert one["p_tie"] == pytest.approx(1.0)


def test_a_tie_that_may_still_come_has_its_line(tmp_path: Path) -> None:
    """One small unit is out and all else is equal: no word of an end, the chance of a tie beside the recount's."""
    tables = _night_of(tmp_path, (200, 200), ())
    (one,), rows = tables["runoff_night"], tables["runoff_finalists"]
    assert 0.001 <= one["p_tie"] < max(row["p_win"] for row in rows)
    assert sum(row["p_win"] for row in rows) + one["p_tie"] == pytest.approx(1.0)
    said = render(tables)
    assert "the count ended" not in said
    assert "\ntie  " in said
    far = render(_night_of(tmp_path / "far", (260, 140), ()))
    assert "\ntie  " not in far


def test_a_units_numbers_hang_on_its_name_and_the_modes() -> None:
    """What a unit has of its own in a mode keeps its random numbers when modes come, go or stand otherwise."""
    two, three = own_streams("n1", ("day", "post")), own_streams("n1", ("day", "early", "post"))
    assert two == [three[i] for i in (0, 1, 2, 4, 5, 7)]
    assert own_streams("n1", ("",)) == three[:2]
    assert len({*three, *own_streams("n2", ("day", "early", "post"))}) == 16
