"""A page is a value: no text of it hangs on a width, and its renderers lose nothing but what the width takes."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

import runoff
from runoff.app import cli, commands
from runoff.phases.registry import phase_named
from runoff.report.page import Bar, Bars, Caption, Column, Facts, Grid, Lines, Outline, Page
from tests.forecast import example
from tests.forecast.report import test_layout

GA06 = Path(__file__).parents[3] / "configs" / "ga06-2017"
TABLES = {
    "runoff_ahead": example.tables(strange=True),
    "first_round_open": test_layout.night(["Ada Quist", "Bo Lind", "Cy Holm", "Di Marsh"], 1),
    "runoff_night": test_layout.runoff_night(["Ada Quist", "Bo Lind"], 1),
}
EVERY_KIND = Page(
    "Ada <b>wins</b>",
    (
        Lines(("a race", "a day")),
        Facts((("margin", "Ada +1.0"), ("turnout", "53 %"))),
        Grid(
            (
                Column("name", ("Ada Quist", "Bo Lind"), left=True, words=True, least=4),
                Column("votes", ("1,000", "990"), leaves=1, note="mean votes"),
            ),
            above=Caption("names", "names (", ")"),
            more=("9 more",),
            below="a line below",
        ),
        Bars("margins", ("Ada", "Bo"), (Bar("Bo", "0-2", 1, "25.0"), Bar("Ada", "0-2", 3, "75.0", "median"))),
    ),
    ("a note", "another"),
)


def test_every_kind_of_part_as_text() -> None:
    """Parts with a blank line between them, in the order of the value; notes last; too narrow, a column leaves."""
    assert str(EVERY_KIND) == (
        "Ada <b>wins</b>\n\na race\na day\n\nmargin   Ada +1.0\nturnout  53 %\n\n"
        "names (mean votes)\nname       votes\nAda Quist  1,000\nBo Lind      990\n9 more\na line below\n\n"
        f"margins\nBo        0-2  25.0 {'█' * 16}\nAda       0-2  75.0 {'█' * 49} median\n\n"
        "note: a note\nnote: another"
    )
    narrow = dataclasses.replace(EVERY_KIND, parts=EVERY_KIND.parts[2:3]).text(20)
    assert "names (mean votes)" in narrow
    long = Column("name", ("A" * 19,), left=True)
    gone = Page(
        "", (dataclasses.replace(EVERY_KIND.parts[2], columns=(long, Column("v", ("1",), leaves=1, note="n"))),)
    )
    assert gone.text(20).strip() == f"names\nname\n{'A' * 19}\n9 more\na line below"


def test_an_outline_is_hung_and_stands_close() -> None:
    """Lines are two blanks further in for each step, broken ones two more; its notes follow without a blank line."""
    page = Page("A race", (Outline(((0, "pools"), (1, "Ada"), (2, "x" * 10 + " " + "y" * 10)), ("odd",)),), ("last",))
    assert page.text(20) == "A race\npools\n  Ada\n    xxxxxxxxxx\n      yyyyyyyyyy\nnote: odd\nnote: last"
    (part,) = page.document()["parts"]
    ada = {"text": "Ada", "items": [{"text": "x" * 10 + " " + "y" * 10, "items": []}]}
    assert part == {"kind": "outline", "items": [{"text": "pools", "items": [ada]}], "notes": ["odd"]}


def _plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _plain(item) for key, item in value.items())
    return all(map(_plain, value)) if isinstance(value, list) else isinstance(value, str)


@pytest.mark.parametrize("phase", TABLES)
def test_a_phases_page_is_a_value(phase: str) -> None:
    """Equal tables make equal pages, frozen; the document has dicts, lists and texts alone, and all columns' cells."""
    page = phase_named(phase).page(TABLES[phase])
    assert page == phase_named(phase).page(TABLES[phase])
    with pytest.raises(dataclasses.FrozenInstanceError):
        page.headline = ""  # type: ignore[misc]
    document = page.document()
    assert _plain(document)
    assert json.loads(json.dumps(document)) == document
    assert page.text(200).startswith(page.headline)
    wide = page.text(200)
    grids = [part for part in document["parts"] if part["kind"] == "grid"]
    assert len(grids) >= 2
    for grid in grids:
        assert len({len(column["cells"]) for column in grid["columns"]}) == 1
        assert all(number in wide for column in grid["columns"][1:] for number in column["cells"] if number.isdigit())


def test_a_notebook_shows_the_text_escaped() -> None:
    """No name brings markup along."""
    assert EVERY_KIND._repr_html_().startswith("<pre>Ada &lt;b&gt;wins&lt;/b&gt;\n\na race")


def test_check_prints_its_page_as_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    """`runoff check --json`: the page of `runoff.check`, pools with rates below them; two files are a list."""
    file = str(GA06 / "runoff-night.toml")
    for files in ([file], [file, str(GA06 / "april.toml")]):
        assert commands.execute(cli.parser().parse_args(["check", *files, "--json"])) == 0
        pages = [runoff.check(runoff.load(name)).document() for name in files]
        assert json.loads(capsys.readouterr().out) == (pages if len(pages) > 1 else pages[0])
    april = pages[1]
    assert april["headline"] == "Georgia's 6th district, special election 2017"
    pools = april["parts"][1]["items"][0]
    assert pools["text"].startswith("pools (rates")
    gray = next(item for item in april["parts"][1]["items"] + pools["items"] if item["text"].startswith("Bob Gray"))
    assert [item["text"].split(":")[0] for item in gray["items"]] == ["turnout", "to Karen Handel"]


def test_a_nights_check_says_each_note_once_in_its_place() -> None:
    """Notes on the race stand before the count, those on the count after it."""
    page = runoff.check(runoff.load(GA06 / "runoff-night.toml"))
    assert [part.notes for part in page.parts if isinstance(part, Outline)][-1] == ()
    said = str(page)
    count = said.index("\n\nthe runoff is being counted: ")
    for part in page.parts:
        assert isinstance(part, Outline)
        assert all(said.index(f"note: {note[:30]}") < count for note in part.notes)
