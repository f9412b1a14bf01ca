"""What a question hears of a chamber, beside the run's own tables."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from runoff.app.ask.ask import ask
from runoff.errors import UsageError
from runoff.output import store
from runoff.phases import pipeline
from runoff.phases.settings import Options
from runoff.runfile.load import load_any
from tests import chambers

TRIALS = 3_000


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A kept run of a small chamber; one of its districts is won in the first round."""
    path = tmp_path_factory.mktemp("chamber")
    of = chambers.districts()
    votes = (of[3].registered // 2, *(own // 8 for own in of[3].votes[1:]))
    file = chambers.folder(path, (*of[:3], replace(of[3], votes=votes), *of[4:]))
    return pipeline.keep(pipeline.opened(load_any(file), Options(out=path / "runs", trials=TRIALS))).directory


def _counts(run: Path, *events: str, given: str | None = None) -> list[int]:
    """In how many trials each event is so, of those of the condition."""
    key = "trials" if given is None else "trials_given"
    return [int(row[key]) for row in ask(run, *events, given=given, threads=2).events]


def _draws(run: Path) -> dict[str, np.ndarray]:
    """Seats of each bloc, int64[trials], as the run's table has them."""
    rows = store.read(run)["seat_draws"]
    return {
        str(bloc): np.array([row["seats"] for row in rows if row["bloc"] == bloc])
        for bloc in dict.fromkeys(row["bloc"] for row in rows)
    }


def test_seats_are_those_of_the_tables_trials(run: Path) -> None:
    """Events of one bloc's seats, of two together, of one against another, and given a third, are so in as many trials
    as the table of single trials has.
    """
    seats = _draws(run)
    a, b, c, *_ = sorted(seats, key=lambda bloc: -seats[bloc].mean())
    found = _counts(run, f'seats["{a}"] > 4', f'seats["{a}", "{c}"] >= 7', f'seats["{a}"] > seats["{b}"]')
    expected = [seats[a] > 4, seats[a] + seats[c] >= 7, seats[a] > seats[b]]
    assert found == [int(one.sum()) for one in expected]
    condition = seats[b] <= 4
    given = _counts(run, f'seats["{a}"] > 4', given=f'seats["{b}"] <= 4')
    assert 0 < given[0] == int((expected[0] & condition).sum()) < found[0]


def test_majority_and_most_seats_are_the_tables(run: Path) -> None:
    """For each bloc and party: P(majority) and P(most seats) of the table of seats, to the trial."""
    rows = store.read(run)["seats"]
    known = {row["name"] for row in rows if row["kind"] == "bloc"}
    for row in rows:
        if row["kind"] == "bloc" or row["name"] not in known:
            majority, leads = _counts(run, f'majority["{row["name"]}"]', f'leads["{row["name"]}"]')
            assert majority == round(float(row["p_majority"]) * TRIALS)  # type: ignore[arg-type]
            assert leads == round(float(row["p_first"]) * TRIALS)  # type: ignore[arg-type]


def test_who_wins_a_district_is_the_tables(run: Path) -> None:
    """P(win) of each finalist of each district, decided ones too, and their blocs' seats there, to the trial."""
    rows = store.read(run)["races"]
    assert {float(row["p_win"]) for row in rows if row["district"] == chambers.districts()[3].id} == {1.0}  # type: ignore[arg-type]
    for row in rows:
        place = f'in district "{row["district"]}"'
        wins, seats = _counts(run, f'wins["{row["candidate"]}"] {place}', f'seats["{row["bloc"]}"] {place} == 1')
        assert wins == round(float(row["p_win"]) * TRIALS)  # type: ignore[arg-type]
        assert seats >= wins


def test_a_region_is_its_districts(run: Path) -> None:
    """More than one seat of a region is in as many trials as more than one in its districts by name."""
    districts = chambers.districts()
    region = districts[0].region
    named = ", ".join(f'"{one.id}"' for one in districts if one.region == region)
    seats = _draws(run)
    bloc = max(seats, key=lambda one: seats[one].sum())
    by_region, by_name = _counts(
        run, f'seats["{bloc}"] in region "{region}" > 1', f'seats["{bloc}"] in districts {named} > 1'
    )
    assert by_region == by_name > 0


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("turnout > 0.5", "keep seats, and no turnout"),
        ('share["left"] > 0.5', "keep seats, and no share"),
        ("winner == left", "keep seats, and no winner"),
        ("tie", "keep seats, and no tie"),
        ("seats > 5", "seats of whom?"),
        ('seats["lefd"] > 5', "no bloc or party is called lefd"),
        ('seats["left"] > 20%', "whole numbers"),
        ('wins["left"]', "in which district?"),
        ('majority["left"] in district "d1"', "is of the chamber"),
        ('seats["left"] in units "d1" > 0', "told by district"),
        ("seats[left, right] > 5", "one name, or several?"),
    ],
)
def test_what_a_chamber_does_not_tell_is_refused(event: str, said: str, run: Path) -> None:
    """Each with what is wrong and a way out."""
    with pytest.raises(UsageError, match=said) as refused:
        ask(run, event)
    assert "fix:" in str(refused.value) or "rule:" in str(refused.value)


def test_brackets_are_of_a_race(run: Path) -> None:
    """Margins by brackets are refused of a chamber, which has seats."""
    with pytest.raises(UsageError, match="ask a chamber of seats"):
        ask(run, 'seats["left"] > 1', brackets="0,5")
