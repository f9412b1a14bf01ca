"""Two rounds' tables as people by origin and destination: shapes of tables, rolls, units, and what is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from runoff.data.rounds.joined import BothRounds, joined
from runoff.data.rounds.read import read_round
from runoff.data.rounds.words import kind
from runoff.errors import InputError

FIRST = "unit,Ann,Bob,Cy,blank,registered\nNorth,40,30,20,2,120\nSouth,10,50,30,1,100\n"
SECOND = "unit,Ann,Bob,blank,registered\nNorth,60,35,5,120\nSouth,30,60,2,100\n"


def both(tmp_path: Path, first: str = FIRST, second: str = SECOND) -> BothRounds:
    """Both tables written, read and joined."""
    for name, text in (("a.csv", first), ("b.csv", second)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return joined(read_round(tmp_path / "a.csv", "1"), read_round(tmp_path / "b.csv", "2"))


def test_everybody_of_the_roll_is_somewhere(tmp_path: Path) -> None:
    """Who is in no column did not vote, in both rounds; rows of both add up to the roll."""
    found = both(tmp_path)
    assert found.origins == ("Ann", "Bob", "Cy", "blank", "did not vote")
    assert found.destinations == ("Ann", "Bob", "blank", "did not vote")
    assert found.first.tolist() == [[40, 30, 20, 2, 28], [10, 50, 30, 1, 9]]
    assert found.second.tolist() == [[60, 35, 5, 20], [30, 60, 2, 8]]


def test_tidy_and_wide_tables_mean_the_same(tmp_path: Path) -> None:
    """A row an option of a unit reads as a column an option; the roll may be a row, and modes are added up."""
    tidy = "unit,candidate,votes,mode\n"
    for unit, votes in (("North", (40, 30, 20, 2, 120)), ("South", (10, 50, 30, 1, 100))):
        for name, count in zip(("Ann", "Bob", "Cy", "_blank", "_registered"), votes, strict=True):
            tidy += f"{unit},{name},{count - 1},day\n{unit},{name},1,mail\n"
    found, wide = both(tmp_path, tidy), both(tmp_path)
    assert found.origins == wide.origins
    assert np.array_equal(found.first, wide.first)


def test_what_does_not_fit_together_is_said(tmp_path: Path) -> None:
    """A roll beside abstentions that are not the rest of it, and blank votes in one round only, have a note each."""
    found = both(tmp_path, FIRST.replace("blank", "Abstention"), SECOND)
    assert any("abstentions together" in note for note in found.notes)
    assert any("no blank votes" in note for note in found.notes)
    assert found.first.sum() > 0
    assert not any("no blank votes" in note for note in both(tmp_path).notes)


def test_without_a_roll_the_larger_round_is_everybody(tmp_path: Path) -> None:
    """People are the ballots of the round with more, and a note says what that leaves out."""
    found = both(
        tmp_path, "unit,Ann,Bob,Cy\nNorth,40,30,20\nSouth,30,50,30\n", "unit,Ann,Bob\nNorth,60,35\nSouth,30,60\n"
    )
    assert found.first.sum(axis=1).tolist() == [95, 110]
    assert found.second[:, -1].tolist() == [0, 20]
    assert any("no roll" in note for note in found.notes)


def test_a_roll_that_changed_a_little_is_scaled_and_one_that_changed_much_left_out(tmp_path: Path) -> None:
    """5 % more people: the first round is scaled to them, whole; 20 % more: the unit is left out, and both are said."""
    found = both(tmp_path, second=SECOND.replace("120", "126"))
    assert found.first.sum(axis=1).tolist() == [126, 100]
    assert any("scaled" in note and "6 people" in note for note in found.notes)
    found = both(tmp_path, second=SECOND.replace("120", "150"))
    assert found.units == ("South",)
    assert any("North" in note and "12%" in note for note in found.notes)


def test_units_in_one_round_only_are_said_and_spelling_is_forgiven(tmp_path: Path) -> None:
    """A unit of one round is left out by name; one that only accents and capitals tell apart is the same unit."""
    found = both(tmp_path, FIRST + "West,5,5,5,0,20\nÎle,5,6,7,1,30\n", SECOND + "East,5,5,0,20\nile,9,9,1,30\n")
    assert found.units == ("North", "South", "ile")
    assert {unit.name: unit.left_out for unit in found.all_units if unit.left_out} == {
        "West": "in the first round only", "East": "in the second round only",
    }  # fmt: skip
    assert any("West" in note for note in found.notes)
    assert any("Île is ile" in note for note in found.notes)


def test_units_that_are_not_counted_whole_are_left_out(tmp_path: Path) -> None:
    """On the night a unit whose status is partial or out has no part, which a note says; a strange one is refused."""
    second = (
        "unit,candidate,votes,status\nNorth,Ann,6,complete\nNorth,Bob,3,complete\nSouth,Ann,,out\nSouth,Bob,1,partial\n"
    )
    first = "unit,Ann,Bob\nNorth,5,4\nSouth,3,3\n"
    found = both(tmp_path, first, second)
    assert found.units == ("North",)
    assert any("South" in note and "not counted whole" in note for note in found.notes)
    with pytest.raises(InputError, match="a status that says nothing"):
        both(tmp_path, first, second.replace("partial", "perhaps"))


def test_options_that_nobody_chose_are_left_out_and_said(tmp_path: Path) -> None:
    """A column of noughts is no origin."""
    found = both(tmp_path, "unit,Ann,Bob,Cy,Dee\nN,4,3,2,0\nS,1,5,3,0\n", "unit,Ann,Bob\nN,6,3\nS,3,6\n")
    assert "Dee" not in found.origins
    assert any("Dee (round 1)" in note for note in found.notes)


def test_ballots_beyond_the_options_are_blank(tmp_path: Path) -> None:
    """Where ballots cast are told and blank ones are not, the difference is an option; valid sums are no option."""
    found = both(
        tmp_path, "unit,Ann,Bob,ballots_cast,valid votes\nN,4,3,9,7\nS,1,5,7,6\n", "unit,Ann,Bob\nN,6,3\nS,3,4\n"
    )
    assert found.origins[:3] == ("Ann", "Bob", "blank or null")
    assert found.first[:, 2].tolist() == [2, 1]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Abstention", "absent"), ("_abstention", "absent"), ("Nichtwähler", "absent"), ("_registered", "roll"),
        ("inscrits", "roll"), ("Votants", "ballots"), ("_ballots_cast", "ballots"), ("BLANK_NULL", "blank"),
        ("Votos en blanco", "blank"), ("exprimés", "sum"), ("code_insee", "label"), ("Marie Blank", "candidate"),
        ("Cast, John", "candidate"), ("ABSTENTION2", "absent"), ("BLANK_NULL2", "blank"), ("MACRON2", "candidate"),
    ],
)  # fmt: skip
def test_what_options_are(name: str, expected: str) -> None:
    """Words of several languages say who did not vote, blank ballots, rolls and sums; names of people say nothing."""
    assert kind(name) == expected


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (FIRST, "unit,Ann,Bob\nEast,60,35\n", "no unit of the first round"),
        (FIRST.replace("120", "60"), SECOND, "more ballots than people on the roll"),
        (FIRST + "North,1,1,1,1,9\n", SECOND, "the unit stands there twice"),
        (FIRST.replace("40", "4o"), SECOND, "not a count of people"),
        (FIRST.replace("40", "-4"), SECOND, "not a count of people"),
        (FIRST.replace("40", "0.4"), SECOND, "not a count of people"),
        ("unit,note\nNorth,7\n", SECOND, "no options"),
        ("unit,Ann,ann\nNorth,7,8\n", SECOND, "an option stands there twice"),
        ("unit,Ann\n", SECOND, "no rows"),
        ("unit,candidate,votes\nNorth,Ann,4\nNorth,Ann,5\n", SECOND, "the option stands there twice"),
        ("unit,candidate,votes\n,Ann,4\n", SECOND, "empty unit"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, first: str, second: str, said: str) -> None:
    """Each mistake of a table is refused with words of its own."""
    with pytest.raises(InputError, match=said):
        both(tmp_path, first, second)
