"""Counties that count their early votes together: what half of them say of the others, on both rounds' nights."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runoff.runfile.load import load
from tests import night, runoff_night
from tests.drawn import run_night
from tests.runoff_night import Ints

COUNTIES = tuple(f"county {letter}" for letter in "abcdefghijkl")
PLACES = tuple(f"place {i}" for i in range(1, 7))
EARLY, PLAIN = "{} early voting", "{} place 9"  # names of the units that count a county's early votes
SPLIT = (0.44, 0.27, 0.17, 0.12)
SHIFT = 0.5  # log-odds by which early votes are further to the first candidate than what places say


def _units(early: str) -> Iterator[tuple[str, str, bool, Ints]]:
    """Region, unit, whether it is an early vote, and what it would have as a place: int64[candidates]."""
    names = [(county, f"{county} {place}", False) for county in COUNTIES for place in PLACES]
    leans = np.random.default_rng(3).normal(1.0, 0.06, 84)
    for u, (county, unit, is_early) in enumerate([*names, *((c, early.format(c), True) for c in COUNTIES)]):
        lean = np.array([leans[u], 1.0, 1.0, 1.0]) * SPLIT
        yield county, unit, is_early, np.round((4_000 if is_early else 900) * lean / lean.sum()).astype(np.int64)


def _table(path: Path, rows: list[str]) -> None:
    path.write_text("\n".join(rows) + "\n", "utf-8")


def _runoff(folder: Path, early: str) -> tuple[dict[str, Any], float, str]:
    """What is out on the runoff's night, the first finalist's true share of it, and the notes."""
    file = runoff_night.folder(folder, by_mode=False)
    people = file.read_text("utf-8").replace('registered = "roll.csv"', "")
    file.write_text(people.replace("[new_voters]", "[new_voters]\npeople = 9000"), "utf-8")
    first, counted, out = ["region,unit,candidate,party,votes"], ["unit,candidate,votes"], np.zeros(2, np.int64)
    for u, (county, unit, is_early, votes) in enumerate(_units(early)):
        first += [f"{county},{unit},{c},{p},{n}" for (c, p), n in zip(runoff_night.CANDIDATES, votes, strict=True)]
        odds = np.log(votes[0] / (0.8 * votes[1:].sum())) + SHIFT * is_early
        total = int((2.0 if unit == early.format(COUNTIES[0]) else 0.8) * votes.sum())  # more than voted early before
        ada = round(total / (1.0 + np.exp(-odds)))
        if is_early and u % 2:
            out += (ada, total)
        else:
            counted += [f"{unit},Ada,{ada}", f"{unit},Bo,{total - ada}"]
    _table(folder / "first.csv", first)
    _table(folder / "counted.csv", counted)
    tables = run_night(load(file), folder / "counted.csv", trials=2_000, seed=1)
    return tables["runoff_out"][0], out[0] / out[1], tables["runoff_night"][0]["warnings"]


def _first_round(folder: Path, early: str) -> tuple[dict[str, Any], float, str]:
    """What is out on the first round's night, the leader's true share of it, and the notes."""
    file = night.folder(folder)
    file.write_text(file.read_text("utf-8").replace("[new_voters]", "[new_voters]\npeople = 9000"), "utf-8")
    _table(folder / "roll.csv", ["unit,registered", *(f"{unit}," for _, unit, _, _ in _units(early))])
    counted, status, out = ["region,unit,candidate,party,votes"], ["unit,state"], np.zeros(2, np.int64)
    for u, (county, unit, is_early, votes) in enumerate(_units(early)):
        found = votes.copy()
        found[0] = round(found[0] * np.exp(SHIFT * is_early))
        if is_early and u % 2:
            out += (found[0], found.sum())
            status.append(f"{unit},out")
            continue
        counted += [f"{county},{unit},{c},{p},{n}" for (c, p), n in zip(night.CANDIDATES, found, strict=False)]
    _table(folder / "counted.csv", counted)
    _table(folder / "status.csv", status)
    tables = run_night(load(file), trials=2_000, seed=1)
    (row,) = [r for r in tables["outstanding"] if (r["region"], r["mode"], r["candidate"]) == ("", "", "Ada")]
    return row, out[0] / out[1], tables["night"][0]["warnings"]


@pytest.mark.parametrize("forecast", [_runoff, _first_round])
def test_early_votes_that_counties_count_together_speak_for_each_other(tmp_path: Path, forecast: Any) -> None:
    """Half of the counties' early votes say what the others' are like; under a place's name they do not."""
    row, truth, said = forecast(tmp_path / "named", EARLY)
    plain, same, silent = forecast(tmp_path / "plain", PLAIN)
    assert truth == same
    assert abs(row["share_mean"] - truth) < 0.04
    assert abs(plain["share_mean"] - truth) > 3.0 * abs(row["share_mean"] - truth)
    assert row["share_q10"] < truth < row["share_q90"]
    assert "early voting: they share effects of their own" in " ".join(said.split())
    assert "ways of voting" not in silent
    assert "people: voters" not in said  # whoever votes early is on the rolls of places


def test_more_votes_than_people_are_told_of_places(tmp_path: Path) -> None:
    """The same number under a place's name is one that cannot be."""
    assert "county a place 9: 8,000 votes, and" in " ".join(_runoff(tmp_path, PLAIN)[2].split())
