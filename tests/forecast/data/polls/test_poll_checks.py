"""Shares of a poll together: what they leave for a finalist, and columns that are lost."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from runoff.data.polls.crosstabs import against_polls, read_crosstabs
from runoff.data.polls.polls import Poll, read_polls
from runoff.errors import InputError
from runoff.model.poll_errors import finalist_shares

CANDIDATES = ("Ada Quist", "Bo Lind", "Cy Marsh", "Di Penn")
FINALISTS = ("Ada Quist", "Bo Lind")
RUNOFF = dt.date(2025, 4, 1)
HEADER = "pollster,end,sample_size,Ada Quist,Bo Lind,Cy Marsh,undecided,other"


def polls(folder: Path, row: str, header: str = HEADER) -> tuple[Poll, ...]:
    """The polls of a table with these rows."""
    path = folder / "polls.csv"
    path.write_text(f"{header}\n{row}\n", "utf-8")
    return read_polls([path], CANDIDATES, FINALISTS, ("Red", "Blue"), RUNOFF).polls


def crosstabs(folder: Path, row: str, header: str = HEADER) -> tuple[Poll, ...]:
    """The crosstabs of a table with these rows."""
    path = folder / "crosstabs.csv"
    path.write_text(f"kind,group,unit,{header}\n{row}\n", "utf-8")
    return read_crosstabs([path], CANDIDATES, FINALISTS, ("Red", "Blue"), "new ones", RUNOFF).polls


def refused(folder: Path, row: str, header: str = HEADER) -> str:
    """What a reader is told of a table of polls."""
    with pytest.raises(InputError) as caught:
        polls(folder, row, header)
    return str(caught.value)


@pytest.mark.parametrize(
    ("empty", "full"),
    [
        ("Acme,2025-03-12,600,,44,10,6,4", "Acme,2025-03-12,600,36,44,10,6,4"),
        ("Acme,2025-03-12,600,47.3,,,5.1,3.2", "Acme,2025-03-12,600,47.3,44.4,,5.1,3.2"),
        ("Acme,2025-03-12,600,,33.33,0.07,6.6,", "Acme,2025-03-12,600,60,33.33,0.07,6.6,"),
    ],
)
def test_everybody_else_comes_off_the_rest(empty: str, full: str, tmp_path: Path) -> None:
    """A finalist's empty cell is the rest of 100, to the last bit of the same number written out; in groups too."""
    for read, before in ((polls, ""), (crosstabs, "pool,Cy Marsh,,"), (crosstabs, "bloc,Red,percent,")):
        (one,), (other,) = read(tmp_path, before + empty), read(tmp_path, before + full)
        assert finalist_shares(one, FINALISTS) == finalist_shares(other, FINALISTS)


def test_people_leave_a_rest_of_the_group(tmp_path: Path) -> None:
    """In numbers of people the rest is that of the group's size; without a size nobody knows it."""
    (one,) = crosstabs(tmp_path, "pool,Cy Marsh,people,Acme,2025-03-12,70,,21,7,7,14")
    (other,) = crosstabs(tmp_path, "pool,Cy Marsh,people,Acme,2025-03-12,70.0,21,21,7,7,14")
    assert finalist_shares(one, FINALISTS) == finalist_shares(other, FINALISTS)
    assert finalist_shares(one, FINALISTS) == pytest.approx([0.3, 0.3])
    for size, words in (("", "how many people?"), ("40", "add up to 49"), ("0", "out of range")):
        with pytest.raises(InputError, match=words.replace("?", r"\?")):
            crosstabs(tmp_path, f"pool,Cy Marsh,people,Acme,2025-03-12,{size},,21,7,7,14")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("Acme,2025-03-12,600,,55,40,4,1", ("the others leave 0 % for Ada Quist", "leave the row out")),
        ("Acme,2025-03-12,600,,55,40,4,1.4", ("the others leave -0.4 % for Ada Quist",)),
        ("Acme,2025-03-12,600,,55,40,4,3", ("the shares add up to 102",)),
        ("Acme,2025-03-12,600,,,40,4,1", ("no share for Ada Quist and Bo Lind", "leave the row out")),
        ("Acme,2025-03-12,600,0.48,0.47,,5,", ("write 48 for 48 %",)),
    ],
)
def test_a_rest_that_cannot_be(row: str, words: tuple[str, ...], tmp_path: Path) -> None:
    """Nothing or less than nothing left, two finalists without a share, fractions beside a percentage: refused."""
    message = refused(tmp_path, row)
    assert all(word in message for word in words), message


def test_the_rest_needs_the_undecided(tmp_path: Path) -> None:
    """With `other` but without `undecided` the rest is not known: the poll is read and has no shares."""
    (poll,) = polls(tmp_path, "Acme,2025-03-12,600,,44,10,,4")
    assert finalist_shares(poll, FINALISTS) is None


@pytest.mark.parametrize("column", ["Penn", "Di", "DI PENN", "Penn Di", "Di Pen", "D\u00ed Penn"])
def test_a_column_that_is_nearly_a_candidate(column: str, tmp_path: Path) -> None:
    """A surname, another order of names or a slip: refused or read, never lost."""
    row = "Acme,2025-03-12,600,,44,10,6,4,15"
    if column == "DI PENN":
        (poll,) = polls(tmp_path, row, f"{HEADER},{column}")
        assert finalist_shares(poll, FINALISTS) == pytest.approx([0.21, 0.44])
    else:
        assert "did you mean Di Penn?" in refused(tmp_path, row, f"{HEADER},{column}")


@pytest.mark.parametrize(("column", "lost"), [("Don't know", True), ("refused", True), ("moe", False), ("url", False)])
def test_a_column_that_belongs_to_the_100(column: str, lost: bool, tmp_path: Path) -> None:
    """Answers in a column that is not read: refused where a finalist is the rest; other columns do no harm."""
    header = f"{HEADER},{column}"
    assert len(polls(tmp_path, "Acme,2025-03-12,600,36,44,10,6,4,3", header)) == 1
    row = "Acme,2025-03-12,600,,44,10,6,4,3"
    if lost:
        assert "put its numbers into the column other" in refused(tmp_path, row, header)
    else:
        assert len(polls(tmp_path, row, header)) == 1


def test_words_are_compared_without_capitals(tmp_path: Path) -> None:
    """Kind, group, unit and side in other capitals are those of the results; a pollster too: a poll is there twice."""
    (group,) = crosstabs(tmp_path, "Bloc, RED ,Percent,Acme,2025-03-12,90,50,44,,6,")
    assert (group.kind, group.group) == ("bloc", "Red")
    (poll,) = polls(tmp_path, "Acme,2025-03-12,600,50,44,,6,,red", f"{HEADER},side")
    assert poll.side == "Red"
    row = "Acme,2025-03-12,600,50,44,,6,"
    assert "stands there twice" in refused(tmp_path, f"{row}\n{row.replace('Acme', 'ACME')}")
    with pytest.raises(InputError, match=r"did you mean Cy Marsh\?"):
        crosstabs(tmp_path, "pool,Marsh,,Acme,2025-03-12,90,50,44,,6,")


def test_groups_are_a_part_of_their_poll(tmp_path: Path) -> None:
    """A group larger than its poll, the poll under a group's name, and groups that are too many: a note each."""
    whole = polls(tmp_path, "Acme,2025-03-12,600,50,44,,6,")
    rows = "\n".join(
        [
            "bloc,Red,,ACME,2025-03-12,700,60,34,,6,",
            "party,Red,,Acme,2025-03-12,600,50,44,,6,",
            "pool,Cy Marsh,,Acme,2025-03-12,400,60,34,,6,",
            "pool,Di Penn,,Acme,2025-03-12,300,61,34,,5,",
            "pool,Ada Quist,,Other,2025-03-12,9000,61,34,,5,",
        ]
    )
    notes = against_polls(crosstabs(tmp_path, rows), whole)
    assert [
        any(words in note for note in notes) for words in ("700 people", "whole poll;", "more people together")
    ] == [True] * 3
    assert len(notes) == 3
