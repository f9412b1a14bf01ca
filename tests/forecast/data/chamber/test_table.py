from __future__ import annotations

from pathlib import Path

import pytest

from runoff.data.chamber.counted import read_night
from runoff.data.chamber.districts import Law, elected, qualified
from runoff.data.chamber.table import read_districts
from runoff.data.tables.shape import Shape
from runoff.errors import InputError

_HEAD = "district,candidate,votes,bloc,registered,withdrew\n"
_TABLE = _HEAD + (
    "A,Ann,40,left,100,\nA,Bob,35,right,100,\nA,Cid,13,centre,100,\nA,Dan,2,other,100,\n"
    "B,Ann,60,left,100,\nB,Bob,20,right,100,\n"
    "C,Ann,30,left,100,\nC,Bob,25,right,100,\nC,Cid,20,centre,100,yes\n"
    "D,Ann,30,left,200,\nD,Bob,5,right,200,\nD,Cid,4,centre,200,\n"
)


def _read(tmp_path: Path, text: str, law: Law | None = None, gone: str | None = None):  # type: ignore[no-untyped-def]
    (tmp_path / "t.csv").write_text(text, "utf-8")
    if gone is not None:
        (tmp_path / "w.csv").write_text(gone, "utf-8")
    return read_districts(tmp_path / "t.csv", None if gone is None else tmp_path / "w.csv", law or Law(), Shape())


def test_the_law_says_who_is_elected_and_who_stands(tmp_path: Path) -> None:
    """Three stand by an eighth of the roll, one wins outright, one withdraws, and a quarter of the roll is needed."""
    a, b, c, d = _read(tmp_path, _TABLE).districts
    assert [a.candidates[k].name for k in a.finalists] == ["Ann", "Bob", "Cid"]
    assert (b.elected, b.finalists) == (0, ())
    assert ([c.candidates[k].name for k in c.finalists], c.withdrawn) == (["Ann", "Bob"], (2,))
    assert (d.elected, d.finalists) == (None, (0, 1))  # 77 % of the votes, 15 % of the roll


@pytest.mark.parametrize(
    ("votes", "roll", "law", "stand"),
    [
        ((40, 35, 13), 100, Law(), (0, 1, 2)),
        ((40, 35, 12), 100, Law(), (0, 1)),
        ((40, 5, 4), 100, Law(), (0, 1)),
        ((40, 35, 13), 100, Law(qualify=1.0), (0, 1)),
        ((40, 35, 13), 100, Law(most=2), (0, 1)),
        ((13, 13, 13, 13, 13), 100, Law(), (0, 1, 2, 3)),
        ((40, 35, 11), None, Law(), (0, 1, 2)),
        ((7,), 100, Law(), (0,)),
    ],
)
def test_who_may_stand(votes: tuple[int, ...], roll: int | None, law: Law, stand: tuple[int, ...]) -> None:
    """An eighth of the roll, two at least, at most as many as the law has."""
    assert qualified(votes, roll, law) == stand


def test_who_is_elected_outright() -> None:
    """More than half of the votes and a quarter of the roll; half is not more than half."""
    assert elected((51, 49), 150, Law()) == 0
    assert elected((50, 50), 150, Law()) is None
    assert elected((51, 49), 300, Law()) is None
    assert elected((51, 49), None, Law()) == 0


def test_withdrawals_may_stand_in_a_table_of_their_own(tmp_path: Path) -> None:
    """A row of district and candidate takes one out; who is left alone has the seat."""
    a, *_ = _read(tmp_path, _TABLE, gone="district,candidate\nA,Cid\n").districts
    assert (a.finalists, a.withdrawn) == ((0, 1), (2,))
    a, *_ = _read(tmp_path, _TABLE, gone="district,candidate\nA,Cid\nA,Bob\n").districts
    assert (a.elected, a.finalists) == (0, ())


def test_units_of_a_district_add_up(tmp_path: Path) -> None:
    """With a column unit a candidate's rows, and the units' rolls, are summed."""
    text = "district,unit,candidate,votes,bloc,registered\n"
    text += "A,u,Ann,20,left,60\nA,v,Ann,20,left,40\nA,u,Bob,30,right,60\nA,v,Bob,5,right,40\n"
    (a,) = _read(tmp_path, text).districts
    assert (a.votes, a.registered) == ((40, 35), 100)


@pytest.mark.parametrize(
    ("text", "gone", "said"),
    [
        (_TABLE + "A,Ann,4,left,100,\n", None, "a second row for Ann in A"),
        (_TABLE.replace("A,Bob,35,right,100", "A,Bob,35,right,101"), None, "two numbers of registered voters"),
        (_TABLE.replace("B,Ann,60,left,100", "B,Ann,90,left,100"), None, "110 votes and 100 registered"),
        (_TABLE.replace("A,Dan,2,other,100,", "A,Dan,2,other,100,yes"), None, "Dan withdrew in A, and might not stand"),
        (_TABLE.replace("B,Bob,20,right,100,", "B,Bob,20,right,100,yes"), None, "the first round elected there"),
        (_TABLE, "district,candidate\nZ,Cid\n", "no such district"),
        (_TABLE, "district,candidate\nA,Cidd\n", "no such candidate in A"),
        (_TABLE, "district,candidate\nA,Cid\nA,Bob\nA,Ann\n", "everybody withdrew in A"),
        (_HEAD + "A,Ann,0,left,100,\n", None, "no votes in A"),
        (_TABLE.replace(",35,", ",3x,"), None, "votes is not a whole number"),
    ],
)
def test_mistakes_are_said_with_their_place(tmp_path: Path, text: str, gone: str | None, said: str) -> None:
    """What no chamber can mean is refused, with a line of the table."""
    with pytest.raises(InputError) as caught:
        _read(tmp_path, text, gone=gone)
    assert said in str(caught.value)
    assert ".csv" in str(caught.value)


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    """Two mistakes in two rows are two problems."""
    with pytest.raises(InputError) as caught:
        _read(tmp_path, _TABLE.replace(",35,", ",-1,").replace(",60,", ",x,"))
    assert len(caught.value.problems) == 2


def test_results_are_of_those_who_stand(tmp_path: Path) -> None:
    """Complete and partial districts are read; a stranger, a district that was decided, a finalist without a row are
    refused.
    """
    of = _read(tmp_path, _TABLE).districts
    path = tmp_path / "night.csv"

    def night(text: str):  # type: ignore[no-untyped-def]
        path.write_text("district,candidate,votes,status\n" + text, "utf-8")
        return read_night(path, of)

    found = night("A,Ann,40,\nA,Bob,38,\nA,Cid,9,\nC,Bob,5,partial\nC,Ann,4,partial\n").counted
    assert (found["A"].votes, found["A"].complete) == ((40, 38, 9), True)
    assert (found["C"].votes, found["C"].complete) == ((4, 5), False)
    assert night("").counted == {}
    assert set(night("A,Ann,40,\nA,Bob,38,\nA,Cid,9,\nC,Bob,,out\nC,Ann,,out\n").counted) == {"A"}
    for text, said in (
        ("B,Ann,4,\n", "a runoff in B"),
        ("C,Cid,4,\n", "no such candidate in C"),
        ("C,Ann,4,\n", "no votes of Bob in C"),
        ("C,Ann,4,\nC,Bob,4,\nC,Bob,4,\n", "a second row for Bob"),
        ("C,Ann,4,done\nC,Bob,4,done\n", "no such status"),
    ):
        with pytest.raises(InputError, match=said):
            night(text)
