"""A count in the place of the run file's table: what only that table knows is still of the race."""

from __future__ import annotations

from pathlib import Path

import pytest

from runoff.data.votes.ballot import over_ballot
from runoff.data.votes.votes import NO_ROW, Votes, read_votes
from runoff.data.votes.words import Wanted

BALLOT = (
    "unit,candidate,party,mode,votes",
    *(
        f"{unit},{name},{party},{mode},0"
        for unit in ("n1", "n2")
        for mode in ("early", "day")
        for name, party in (("Ada", "L"), ("Bo", "R"), ("Cy", "R"))
    ),
)
COUNT = "unit,candidate,mode,votes", "n1,Bo,early,7", "n1,Ada,early,9"


def _votes(path: Path, rows: tuple[str, ...]) -> Votes:
    path.write_text("\n".join(rows) + "\n")
    return read_votes(path, Wanted(), empty=True)


def _over(folder: Path, count: tuple[str, ...], ballot: tuple[str, ...] = BALLOT) -> tuple[Votes, str]:
    found, problems = over_ballot(_votes(folder / "count.csv", count), _votes(folder / "ballot.csv", ballot), 2)
    return found, "\n".join(map(str, problems))


def test_what_the_count_has_not_yet_is_there_without_votes(tmp_path: Path) -> None:
    """A candidate and a mode of which nothing came have 0 votes and no row; parties are the ballot's."""
    found, problems = _over(tmp_path, COUNT)
    assert problems == ""
    assert found.candidates == ("Ada", "Bo", "Cy")
    assert found.party == ("L", "R", "R")
    assert found.modes == ("day", "early")
    assert found.votes.tolist() == [[[0, 0, 0], [9, 7, 0]]]
    assert (found.row != NO_ROW).tolist() == [[[False] * 3, [True, True, False]]]
    assert found.ballot is not None
    assert found.ballot[0] == "ballot.csv"
    assert found.source[0] == "count.csv"
    assert found.notes == ("count.csv: no row yet of Cy: 0 votes so far",)


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (("unit,candidate,mode,votes", "n1,Ada,early,9", "n1,Dee,early,1"), ("Dee is not in ballot.csv", "drop")),
        (("unit,candidate,mode,votes", "n1,ada,early,9", "n1,Bo,early,1"), ("ada is not in", "did you mean Ada?")),
        (("unit,candidate,mode,votes", "a,X,early,9", "b,Y,early,1", "c,Z,early,1"), ("another race",)),
    ],
)
def test_strangers_are_refused(count: tuple[str, ...], words: tuple[str, ...], tmp_path: Path) -> None:
    """A candidate whom the run file's table has not is told in its row; a whole other race once."""
    said = _over(tmp_path, count)[1]
    for word in words:
        assert word in said, said


def test_a_runoffs_table_is_no_count_of_the_first_round(tmp_path: Path) -> None:
    """Somebody who had votes before and has no row at all is refused: it may be the runoff's table."""
    ballot = (BALLOT[0], *(row.replace(",0", ",5") for row in BALLOT[1:]))
    said = _over(tmp_path, COUNT, ballot)[1]
    assert "no row of Cy, who had votes in ballot.csv" in said
    assert "is it the runoff's table?" in said


def test_finalists_alone_are_no_first_round(tmp_path: Path) -> None:
    """Rows of as many candidates as advance, with more votes than a few: it is the runoff's table, though nobody voted
    before; a few votes may be theirs alone.
    """
    many = tuple(row.replace(",7", ",700") for row in COUNT)
    assert "rows of Ada, Bo alone, of 3 candidates" in _over(tmp_path, many)[1]
    assert _over(tmp_path, (*many, "n1,Cy,early,0"))[1] == ""
    assert _over(tmp_path, COUNT)[1] == ""
