"""Clarity's XML: cell by cell what Georgia's 6th district had; what is out or partial; no document type."""

from __future__ import annotations

from pathlib import Path

import pytest

from runoff.data.formats.clarity import read
from runoff.data.formats.imported import Asked
from runoff.errors import InputError
from tests.forecast.data.formats import ga06

HOUSE = Asked(office="U.S. House", district="6")
DOCTYPES = (
    '<!DOCTYPE ElectionResult [<!ENTITY a "b">]>',
    '<!DOCTYPE ElectionResult SYSTEM "file:///etc/passwd">',
    '<!DOCTYPE ElectionResult [<!ENTITY % a SYSTEM "http://localhost:1/"> %a;]>',
    "<!DOCTYPE ElectionResult>",
)


def _counties(folder: Path) -> list[Path]:
    regions = dict.fromkeys(row["region"] for row in ga06.ROWS)
    return [ga06.written(folder, f"{region}.xml", ga06.clarity(region)) for region in regions]


def test_every_cell_is_read(tmp_path: Path) -> None:
    """Three counties' files: precincts, modes and candidates, parties out of names, the roll and the day."""
    found = read(_counties(tmp_path), HOUSE)
    assert ga06.found_cells(found) == ga06.truth()
    assert (found.total, str(found.day), found.race) == (192_569, "2017-04-18", "U.S. House District 6")
    assert {row.candidate: row.party[0] for row in found.rows} == ga06.PARTY
    assert all(not row.status for row in found.rows)
    known = {(r["region"], r["unit"]): (int(r["registered"] or 0) or None, int(r["ballots"])) for r in ga06.ROLL}
    assert found.roll == known
    assert found.left_out == {"contests of other races": 3, "Undervotes: votes that are for nobody": 3}


def test_what_is_out_or_partial_is_said(tmp_path: Path) -> None:
    """A precinct that has not reported has no votes and is out; one that has in part is partial; others say nothing."""
    units = list(dict.fromkeys(row["unit"] for row in ga06.ROWS if row["region"] == "Cobb"))
    path = ga06.written(tmp_path, "a.xml", ga06.clarity("Cobb", {units[0]: 0, units[1]: 2}))
    found = read([path], HOUSE)
    of = {unit: {(row.status, row.votes is None) for row in found.rows if row.unit == unit} for unit in units}
    assert of[units[0]] == {("out", True)}
    assert of[units[1]] <= {("partial", False), ("out", True)}
    assert ("partial", False) in of[units[1]]
    assert of[units[2]] == {("", False)}
    assert f"{len(units) - 2} of {len(units)} places have reported in full" in " ".join(found.notes)
    assert "1 places do not say that they are whole" in " ".join(found.notes)


@pytest.mark.parametrize("before", DOCTYPES)
def test_document_types_are_refused(tmp_path: Path, before: str) -> None:
    """Entities of any kind need a document type, and a file with one is not read."""
    path = ga06.written(tmp_path, "a.xml", ga06.clarity("Cobb", before=before))
    with pytest.raises(InputError, match="a document type"):
        read([path], HOUSE)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<html></html>", "not results of Clarity's"),
        ("<ElectionResult><Contest", "not XML that can be read"),
        ("<ElectionResult></ElectionResult>", "no contest"),
        ("<ElectionResult>" + "<a>" * 100, "not results of Clarity's"),
        ("", "not XML that can be read"),
    ],
)
def test_other_files_are_told(tmp_path: Path, text: str, words: str) -> None:
    """Web pages, files cut off, other XML, too deep ones."""
    with pytest.raises(InputError, match=words):
        read([ga06.written(tmp_path, "a.xml", text)], HOUSE)


def test_contests_are_chosen(tmp_path: Path) -> None:
    """None or several fit: the contests that there are."""
    path = ga06.written(tmp_path, "a.xml", ga06.clarity("Cobb"))
    with pytest.raises(InputError, match="2 contests fit"):
        read([path], Asked())
    with pytest.raises(InputError, match="no contest fits"):
        read([path], Asked(office="Governor"))
    with pytest.raises(InputError, match="same places"):
        read([path, path], HOUSE)


def test_sums_that_differ_are_told(tmp_path: Path) -> None:
    """A choice's own total that is not what its places add up to: a note with both numbers."""
    text = ga06.clarity("Cobb")
    total = sum(int(r["votes"]) for r in ga06.ROWS if r["region"] == "Cobb" and r["candidate"] == "Jon Ossoff")
    assert f'totalVotes="{total}"' in text
    found = read([ga06.written(tmp_path, "a.xml", text.replace(f'totalVotes="{total}"', 'totalVotes="1"'))], HOUSE)
    assert f"the file says 1 votes of Jon Ossoff (Dem), its places add up to {total:,}" in found.notes
