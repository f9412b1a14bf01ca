"""Damaged files of every kind get an answer or one clear refusal; slips of people are drawn by their names.

The campaign runs in a process of its own, as `python -m tests.fuzz` does: what it times is then its own.
"""

from __future__ import annotations

import io
import random
import re
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.fuzz import campaign, parquet, slips
from tests.fuzz.judge import ANSWERED, FAILED, NO_WAY_OUT, NOTED, REFUSED, Verdict, judged, new_notes
from tests.fuzz.races import TABLES, Race, ga06, small
from tests.fuzz.semantic import MUTATIONS
from tests.fuzz.sheet import Sheet
from tests.installed import ROOT


@pytest.mark.long
def test_damaged_files_get_an_answer_or_a_refusal(tmp_path: Path) -> None:
    """100 damaged files of each kind, other ones each time: no traceback, nothing over two seconds of work."""
    seed = str(random.SystemRandom().randrange(2**32))
    words = ["-m", "tests.fuzz", "all", "100", "--seed", seed, "--draw", "0.1", "--keep", str(tmp_path)]
    done = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told = dict(re.findall(r"^(\w+): (.*); slowest", done.stdout, re.MULTILINE))
    assert set(told) == set(campaign.KINDS)
    answered = 0
    for kind, outcomes in told.items():
        assert "refused" in outcomes, f"no {kind} is ever refused"
        answered += sum(int(many.replace(",", "")) for many in re.findall(r"([\d,]+) answered", outcomes))
    assert answered > 40  # some 160 of 1,200 are, of each kind 5 to 40 of 100


@pytest.mark.parametrize("race", [*small(), *ga06()], ids=lambda race: race.name)
def test_the_races_that_are_damaged_are_whole(race: Race, tmp_path: Path) -> None:
    """Each race is read as it stands, and every table that it lists is one of its files."""
    campaign.written(tmp_path / "race", {name: text.encode() for name, text in race.files.items()})
    assert judged(tmp_path / "race", race.run, draw=False, slowest=60.0).outcome in (ANSWERED, NOTED)
    assert set(race.tables) <= set(TABLES)
    assert set(race.tables.values()) <= set(race.files)


def test_every_kind_of_table_is_damaged() -> None:
    """Each kind of table stands in some small race, and in some race of GA-06."""
    for races in (small(), ga06()):
        assert {kind for race in races for kind in race.tables} == set(TABLES)


@pytest.mark.parametrize("name", MUTATIONS)
def test_a_slip_changes_the_table_and_nothing_else(name: str) -> None:
    """A mutation leaves the columns as many, changes the text or says that it cannot, and is known by its dice."""
    changed = 0
    for race in small():
        for file in race.tables.values():
            sheet = Sheet.of(race.files[file])
            found = MUTATIONS[name](sheet, random.Random(5))
            again = MUTATIONS[name](sheet, random.Random(5))
            assert found == again
            assert found is None or len(found.header) == len(sheet.header)
            assert found is None or all(len(row) == len(sheet.header) for row in found.rows)
            changed += found is not None and found != sheet
    assert changed


def test_a_sheet_is_the_table_it_was_read_from() -> None:
    """Read and written, a table of a race is the same text."""
    for race in small():
        for file in race.tables.values():
            assert Sheet.of(race.files[file]).text() == race.files[file]


def test_a_faithful_parquet_table_holds_what_the_csv_holds() -> None:
    """Where the file is said to be faithful, its cells are those of the table, in other types."""
    seen = 0
    for number in range(60):
        sheet = Sheet.of(small()[0].files["first.csv"])
        content, _, faithful = parquet.damaged(sheet, random.Random(number))
        if faithful:
            seen += 1
            votes = pq.read_table(io.BytesIO(content)).column("votes").to_pylist()
            assert [int(float(value)) for value in votes] == [int(row[-1]) for row in sheet.rows]
    assert seen > 10


def test_the_judge_tells_a_note_from_an_answer_and_a_refusal_from_a_failure(tmp_path: Path) -> None:
    """A changed count moves the digest, a repeated row is refused, and an exception of ours is a failure."""
    race = small()[1]
    files = {name: text.encode() for name, text in race.files.items()}

    def verdict(**changed: bytes) -> Verdict:
        campaign.written(tmp_path / "race", {**files, **changed})
        return judged(tmp_path / "race", race.run, slowest=60.0)

    plain = campaign.undamaged(race)
    table = race.files["first.csv"]
    lines = table.split("\n")
    other = verdict(**{"first.csv": table.replace(lines[1], lines[1] + "0").encode()})
    assert plain.outcome in (ANSWERED, NOTED)
    assert other.digest != plain.digest or other.outcome in (REFUSED, NO_WAY_OUT)
    assert verdict(**{"first.csv": "\n".join([*lines[:-1], lines[1], ""]).encode()}).outcome == REFUSED
    assert verdict(**{race.run: race.files[race.run].replace("first.csv", "gone.csv").encode()}).outcome != FAILED
    without = race.files[race.run].split("[new_voters]")[0].encode()
    assert new_notes(verdict(**{race.run: without}), plain)


def test_slips_are_told_by_kind_and_table(tmp_path: Path) -> None:
    """As many slips of each kind as asked for, each with its outcome, and their sum in the last line."""
    found = slips.slips(len(MUTATIONS), 3, tmp_path, small())
    assert [slip.mutation for slip in found] == list(MUTATIONS)
    assert f"{'all':37} {len(found):5,}" in slips.told(found)
