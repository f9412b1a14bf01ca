"""One checker of cells for every table: what is taken, what is refused, and the way out."""

from __future__ import annotations

import datetime as dt

import pytest

from runoff.data.tables import cells
from runoff.data.tables.table import Table
from runoff.errors import Problem


def table(cell: str) -> Table:
    """A table of one cell in the column `x`."""
    return Table("t.csv", {"x": [cell]}, ("x",), [2], ["x", cell], "")


@pytest.mark.parametrize("cell", ["2025-03-08", " 2025-03-08 ", "2025-03-08 00:00:00", "2025-03-08T00:00:00.000000"])
def test_a_day(cell: str) -> None:
    """A day, and midnight of it, are the day."""
    problems: list[Problem] = []
    assert cells.day(table(cell), 0, "x", problems) == dt.date(2025, 3, 8)
    assert not problems


@pytest.mark.parametrize(
    ("cell", "way_out"),
    [
        ("2025-W10-6", "year, month and day"),
        ("20250308", "did you mean 2025-03-08?"),
        ("2025-3-8", "did you mean 2025-03-08?"),
        ("2025/03/08", "did you mean 2025-03-08?"),
        ("08.03.2025", "year, month and day"),
        ("2025-02-30", "2025-02 has 28 days"),
        ("2025-13-01", "are month and day swapped?"),
        ("2025-03-08T14:30:00", "no time of day and no zone: write 2025-03-08"),
        ("2025-03-08 00:00:00+00:00", "write 2025-03-08"),
        ("\uff12\uff10\uff12\uff15-03-08", "year, month and day"),
        ("0000-01-01", "swapped"),
        ("next week", "year, month and day"),
    ],
)
def test_no_day(cell: str, way_out: str) -> None:
    """Everything else that Python, spreadsheets or people call a day is refused, with what to write."""
    problems: list[Problem] = []
    assert cells.day(table(cell), 0, "x", problems) is None
    (problem,) = problems
    assert problem.what == "x is not a day"
    assert way_out in problem.fix


@pytest.mark.parametrize(
    ("cell", "value"),
    [("0", 0), ("31204", 31204), ("31204.0", 31204), ("31204.000", 31204), (" 7 ", 7), ("2147483647", 2**31 - 1)],
)
def test_a_count(cell: str, value: int) -> None:
    """Whole numbers are read, with the .0 that data frames write."""
    problems: list[Problem] = []
    assert cells.whole(table(cell), 0, "x", problems) == value
    assert not problems


@pytest.mark.parametrize(
    ("cell", "what", "way_out"),
    [
        ("", "not a whole number", "write 0 for none"),
        ("31.204", "not a whole number", "is it 31,204? then write 31204"),
        ("1.000", "not a whole number", "is it 1,000? then write 1000"),
        ("1.234.567", "not a whole number", "is it 1,234,567?"),
        ("31,204", "not a whole number", "without separators"),
        ("31 204", "not a whole number", "without separators"),
        ("31\u00a0204", "not a whole number", "without separators"),
        ("31\u2019204", "not a whole number", "without separators"),
        ("1_000", "not a whole number", "without separators"),
        ("12.5", "not a whole number", "not a share"),
        ("0.481", "not a whole number", "not a share"),
        ("1e3", "not a whole number", "plain digits"),
        ("NaN", "not a whole number", "plain digits"),
        ("\uff11\uff12", "not a whole number", "plain digits, 0 to 9"),
        ("\u0663\u0661", "not a whole number", "plain digits, 0 to 9"),
        ("-3", "negative x", ""),
        ("3000000000", "too many x", ""),
        ("9" * 300, "too many x", ""),
    ],
)
def test_no_count(cell: str, what: str, way_out: str) -> None:
    """What is no count is refused, with what was probably meant."""
    problems: list[Problem] = []
    assert cells.whole(table(cell), 0, "x", problems) is None
    (problem,) = problems
    assert what in problem.what
    assert way_out in problem.fix


def test_people_may_be_unknown() -> None:
    """An empty number of people is None without a problem; nobody at all is a problem unless allowed."""
    for cell, least, value, wrong in (("", 1, None, 0), ("0", 1, None, 1), ("0", 0, 0, 0), ("20000000", 1, None, 1)):
        problems: list[Problem] = []
        assert cells.people(table(cell), 0, "x", problems, least) == value
        assert len(problems) == wrong


@pytest.mark.parametrize(
    ("cell", "value"), [("38", 0.38), ("38.0", 0.38), ("47.599999999999994", 0.476), (".5", 0.005), ("7.1e-15", 0)]
)
def test_a_percentage(cell: str, value: float) -> None:
    """Percentages are plain decimals, with as many places as a double has."""
    problems: list[Problem] = []
    assert cells.percent(table(cell), 0, "x", problems) == pytest.approx(value, abs=1e-12)
    assert not problems


@pytest.mark.parametrize(
    ("cell", "way_out"),
    [
        ("38 %", "without %"),
        ("38,5", "write 38.5"),
        ("1e1", "plain"),
        ("inf", "plain"),
        ("\uff13\uff18", "plain"),
        ("-", "plain"),
    ],
)
def test_no_percentage(cell: str, way_out: str) -> None:
    """Signs, exponents, commas and other digits are refused."""
    problems: list[Problem] = []
    assert cells.percent(table(cell), 0, "x", problems) is None
    assert way_out in problems[0].fix


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        ("", "empty x"),
        (" Ada", "space around the x"),
        ("A\u200bda", "invisible"),
        ("A\x07da", "control character in the x"),
    ],
)
def test_no_name(cell: str, what: str) -> None:
    """A name has no blanks around it, no control characters and none that nobody sees."""
    problems: list[Problem] = []
    cells.name(table(cell), 0, "x", problems)
    assert what in problems[0].what


def test_a_name_has_one_form() -> None:
    """Two blanks are one, letters and their accents one character."""
    problems: list[Problem] = []
    assert cells.name(table("Zoe\u0301  Quist"), 0, "x", problems) == "Zo\u00e9 Quist"
    assert not problems


@pytest.mark.parametrize("cell", ["", "False", "no", "0", "0.0", "N", "none", "f", "Nein", "NON", "n\u00e3o", "NaN"])
def test_no(cell: str) -> None:
    """A word for no, in any capitals, is no."""
    problems: list[Problem] = []
    assert not cells.yes_no(table(cell), 0, "x", problems, ("Red", "Ada"))
    assert not problems


@pytest.mark.parametrize("cell", ["True", "yes", "1", "1.0", "Y", "Ada", "RED", "ja"])
def test_yes(cell: str) -> None:
    """A word for yes, and the name of a side, are yes."""
    problems: list[Problem] = []
    assert cells.yes_no(table(cell), 0, "x", problems, ("Red", "Ada"))
    assert not problems


@pytest.mark.parametrize(
    ("cell", "way_out"),
    [
        ("2", "name the side"),
        ("maybe", "name the side"),
        ("Rad", "name the side"),
        ("n", "true or false"),
    ],
)
def test_neither_yes_nor_no(cell: str, way_out: str) -> None:
    """A number, an unknown word, a party that is called like a word for no: refused, nothing is guessed."""
    problems: list[Problem] = []
    assert not cells.yes_no(table(cell), 0, "x", problems, ("Red", "N"))
    assert way_out in problems[0].fix
