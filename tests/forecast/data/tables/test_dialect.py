"""Encodings, separators and decimal marks: read where they mean one thing, with a note; else refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from runoff.data.tables import cells
from runoff.data.tables.dialect import SEPARATORS
from runoff.data.tables.table import Table, read_table
from runoff.data.votes.votes import Votes, read_votes
from runoff.data.votes.words import Wanted
from runoff.errors import InputError, Problem

ROWS = "unit,candidate,party,votes\nÉvry,Zoë Müller,Grün,1200\nÉvry,Bo,Noir,900\n"


def _votes(path: Path, content: bytes) -> Votes:
    path.write_bytes(content)
    return read_votes(path, Wanted())


@pytest.mark.parametrize("sign", SEPARATORS)
def test_separators_are_found_and_named(tmp_path: Path, sign: str) -> None:
    """One table with each separator is one table; any but the comma is named in a note."""
    found = _votes(tmp_path / "t.csv", ROWS.replace(",", sign).encode())
    assert found.votes[0, 0].tolist() == [900, 1200]
    assert ("separated by" in " ".join(found.notes)) == (sign != ",")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252"])
def test_western_encodings_are_found_and_named(tmp_path: Path, encoding: str) -> None:
    """The same names whatever the encoding; what is not UTF-8 is named, with words that show it."""
    found = _votes(tmp_path / "t.csv", ROWS.encode(encoding))
    assert (found.units[0].name, found.candidates[1]) == ("Évry", "Zoë Müller")
    said = " ".join(found.notes)
    assert ("as in Évry" in said and "Windows-1252" in said) == (not encoding.startswith("utf"))


@pytest.mark.parametrize(
    "content",
    [
        ROWS.encode().replace("ü".encode(), b"\xfc", 1),  # one letter in Latin-1 among others in UTF-8
        "unit,candidate,party,votes\nПсков,Анна Белова,Яблоко,1200\nПсков,Пётр Иванов,Рост,900\n".encode("cp1251"),  # noqa: RUF001
        ROWS.encode("mac-roman"),
        ROWS.encode("cp437"),
        "unit,candidate,party,votes\nŁódź,Władysław Żak,Źródło,1200\nŁódź,Bo,Noir,900\n".encode("cp1250"),
    ],
    ids=["two encodings", "Cyrillic", "Mac", "DOS", "Polish"],
)
def test_other_encodings_are_refused(tmp_path: Path, content: bytes) -> None:
    """What would be misspelt as Western text is refused with the way out."""
    with pytest.raises(InputError, match="save the file as UTF-8"):
        _votes(tmp_path / "t.csv", content)


def test_a_line_of_a_spreadsheet_is_no_header(tmp_path: Path) -> None:
    """`sep=;` above the header is told as any line above it."""
    with pytest.raises(InputError, match="the header stands in line 2"):
        _votes(tmp_path / "t.csv", ("sep=;\n" + ROWS.replace(",", ";")).encode())


def test_a_row_of_another_separator_is_refused(tmp_path: Path) -> None:
    """A line with commas in a table of semicolons lacks its fields."""
    text = ROWS.replace(",", ";") + "Orly,Bo,Noir,5\n"
    with pytest.raises(InputError, match="wrong number of fields"):
        _votes(tmp_path / "t.csv", text.encode())


def _shares(path: Path, text: str) -> tuple[Table, list[Problem], list[float | None]]:
    path.write_text(text, "utf-8")
    table = read_table(path, ("pollster", "share"), ("note",))
    problems: list[Problem] = []
    return table, problems, [cells.per_cent(table, row, "share", problems) for row in range(len(table.lines))]


def test_decimal_commas_are_read_where_no_comma_separates(tmp_path: Path) -> None:
    """48,5 among semicolons is 48.5, with a note; with a point elsewhere in the table it is refused."""
    table, problems, found = _shares(tmp_path / "a.csv", "pollster;share\nIfop;48,5\nBVA;51\n")
    assert (found, problems) == ([48.5, 51.0], [])
    assert "decimal commas" in " ".join(table.notes)
    table, problems, found = _shares(tmp_path / "b.csv", "pollster;share\nIfop;48,5\nBVA;51.5\n")
    assert found == [None, 51.5]
    assert "with a point" in str(problems[0])


@pytest.mark.parametrize("number", ["1.200", "1,200", "1 200", "12,5"])
def test_grouped_votes_are_asked_about(tmp_path: Path, number: str) -> None:
    """Votes with a separator of thousands, or a fraction, are refused among semicolons as among commas."""
    with pytest.raises(InputError, match="votes is not a whole number"):
        _votes(tmp_path / "t.csv", ROWS.replace(",", ";").replace("1200", number).encode())
