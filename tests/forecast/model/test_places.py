"""What is said of places, and what stands where nothing is."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runoff
from runoff.model.places import kind_of, leans, places_of, size_factors
from runoff.race import Candidate, FirstRound


def _first(votes: list[list[int]]) -> FirstRound:
    table = np.array(votes, np.int64)
    units = tuple(f"u{u}" for u in range(len(table)))
    candidates = tuple(Candidate(name, "P", "P") for name in ("Ada", "Bo", "Cy")[: table.shape[1]])
    return FirstRound(candidates, units, ("",) * len(units), table, None, table.sum(axis=1), ())


def test_blocs_that_are_not_told_are_unknown() -> None:
    """Two blocs, one, and somebody with neither party nor bloc, who is a bloc by his own name."""
    told = {"Ada": ("P", "P"), "Bo": ("Q", "Q"), "Cy": ("", "P"), "Di": ("", "Di"), "Ed": ("Ed", "Ed")}
    candidates = tuple(Candidate(name, *words) for name, words in told.items())
    first = replace(_first([[1, 1]]), candidates=candidates)
    pairs = ("Ada", "Bo"), ("Ada", "Cy"), ("Ada", "Di"), ("Di", "Di"), ("Bo", "Ed")
    assert [kind_of(first, pair) for pair in pairs] == ["different", "same", "unknown", "unknown", "different"]


def test_leans_are_log_odds_less_the_races() -> None:
    """Large units: log-odds of the two finalists less those of the race; a unit without their votes has the race's."""
    first = _first([[60_000, 40_000, 5], [20_000, 80_000, 5], [0, 0, 900]])
    expected = np.log([60_000 / 40_000, 20_000 / 80_000]) - np.log(80_000 / 120_000)
    got = leans(first, ("Ada", "Bo"))[:, 0]
    assert np.allclose(got[:2], expected, atol=2e-3)
    assert got[2] == pytest.approx(0.0, abs=1e-12)


def test_leans_of_three_are_to_the_last() -> None:
    """Three finalists: a log-ratio for each but the last, and a small unit is drawn towards the race."""
    first = _first([[30_000, 20_000, 10_000], [10_000, 20_000, 30_000], [2, 0, 0]])
    got = leans(first, ("Ada", "Bo", "Cy"))
    assert np.allclose(got[0], np.log([3.0, 2.0]) - np.log([1.0, 1.0]), atol=2e-3)
    assert 0.0 < got[2, 0] < np.log(22 / 20) + 0.2


def test_no_unit_leans_where_a_finalist_had_no_votes() -> None:
    """Where a finalist had no first-round vote no unit leans, whatever its size."""
    assert not leans(_first([[0, 10], [0, 500]]), ("Ada", "Bo")).any()


def test_larger_units_spread_less() -> None:
    """A unit of 3,000 votes has the spread that is said, one of 300,000 that times 100^-0.1."""
    first = _first([[2_000, 1_000], [200_000, 100_000], [1, 0]])
    assert np.allclose(size_factors(first), [1.0, 100**-0.1, 0.01**-0.1])


RUN: dict[str, Any] = {
    "race": {
        "id": "r",
        "name": "R",
        "first_round": dt.date(2020, 1, 1),
        "runoff": dt.date(2020, 2, 1),
        "as_of": dt.date(2020, 1, 10),
    },
    "results": {"table": "r.csv"},
}


def _case(folder: Path, party: str, **sections: Any) -> runoff.Case:
    rows = [f"u{u},{name},{of},{100 + 7 * u + c}" for u in range(3)
            for c, (name, of) in enumerate((("Ada", "P"), ("Bo", party), ("Cy", "Q")))]  # fmt: skip
    (folder / "r.csv").write_text("\n".join(["unit,candidate,party,votes", *rows]))
    return runoff.loads({**RUN, "finalists": {"advance": 2, "names": ["Ada", "Bo"]}, **sections}, folder)


def test_the_slope_is_by_the_finalists_blocs(tmp_path: Path) -> None:
    """Different blocs lean as they did; one bloc less so; a slope that is said goes before."""
    assert places_of(_case(tmp_path, "Q")).kind == "different"
    same = places_of(_case(tmp_path, "P"))
    assert same.kind == "same"
    assert same.slope < places_of(_case(tmp_path, "Q")).slope
    said = places_of(_case(tmp_path, "Q", places={"slope": 0.9, "slope_sd": 0.0}))
    assert (said.slope, said.slope_sd) == (0.9, 0.0)


def test_factors_that_say_how_units_differ_stand_instead(tmp_path: Path) -> None:
    """[factors.preference] unit takes the place of the default spread, and of nothing else."""
    case = _case(tmp_path, "Q", factors={"preference": {"unit": 0.2}})
    assert places_of(case) == replace(places_of(_case(tmp_path, "Q")), spread=None)


def test_flat_places_are_none(tmp_path: Path) -> None:
    """`flat = true` leaves pools alone in every unit."""
    assert places_of(_case(tmp_path, "Q", places={"flat": True})).flat


def test_places_of_one_unit_have_a_note(tmp_path: Path) -> None:
    """[places] in a race that is drawn as one unit is said to have no part."""
    case = _case(tmp_path, "Q", places={"slope": 0.9})
    assert not any("[places]" in note for note in case.warnings)
    (tmp_path / "r.csv").write_text("unit,candidate,party,votes\nu,Ada,P,60\nu,Bo,Q,50\nu,Cy,R,40\n")
    one = runoff.loads({**RUN, "finalists": {"advance": 2}, "places": {"slope": 0.9}}, tmp_path)
    assert any("[places] has no part" in note for note in one.warnings)
