"""Archives on disk: what was written reads as the same archive, and the same races are the same bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from runoff.data.archive import kept
from runoff.data.archive.archive import Archive
from runoff.data.archive.write import write_folder
from runoff.data.tables import typed
from runoff.errors import InputError, OutputError, RunExistsError
from tests import archive_tables
from tests.forecast.data.archive import folders


@pytest.mark.long
def test_the_shipped_tables_come_again_from_csv_in_the_same_bytes(tmp_path: Path) -> None:
    """The shipped archive as CSV, read and checked as anybody's, and written: the shipped bytes.

    Another version of the writer may pack the same values otherwise; then the hash of the content is what is held.
    """
    write_folder(Archive.load(), tmp_path / "csv", as_csv=True)
    again = Archive.read(tmp_path / "csv")
    assert again.sha256 == Archive.load().sha256
    for name, content in kept.files_of(again.kept).items():
        shipped = (archive_tables.TABLES / name).read_bytes()
        if typed.writer(content) == typed.writer(shipped):
            assert content == shipped


@pytest.mark.parametrize("as_csv", [False, True])
def test_what_was_written_is_read_again(as_csv: bool, tmp_path: Path) -> None:
    """Both formats: every value comes back, names with commas, quotes and other letters among them."""
    candidates = folders.CANDIDATES.replace("Gil Thorn", '"Þórn, ""Gil"" Ålund"')
    archive = Archive.read(folders.written(tmp_path / "a", candidates=candidates))
    paths = write_folder(archive, tmp_path / "b", as_csv=as_csv)
    assert {path.suffix for path in paths} == {".csv" if as_csv else ".parquet"}
    again = Archive.read(tmp_path / "b")
    assert again == archive
    assert 'Þórn, "Gil" Ålund' in [c.name for c in again.by_id["three"].candidates]


def test_rows_in_any_order_make_the_same_bytes(tmp_path: Path) -> None:
    """Every table upside down: the same files."""

    def turned(text: str) -> str:
        header, *rows = text.strip().split("\n")
        return "\n".join([header, *reversed(rows)]) + "\n"

    upside_down = {name: turned(text) for name, text in folders.TABLES.items()}
    one = Archive.read(folders.written(tmp_path / "a"))
    other = Archive.read(folders.written(tmp_path / "b", **upside_down))
    assert kept.files_of(one.kept) == kept.files_of(other.kept)
    assert one.sha256 == other.sha256


def test_what_stands_there_is_left_alone(tmp_path: Path) -> None:
    """A folder with a table of an archive is not written into; a place that is a file cannot be."""
    archive = Archive.read(folders.written(tmp_path / "a"))
    before = (tmp_path / "a" / "races.csv").read_bytes()
    with pytest.raises(RunExistsError, match=r"races\.csv: stands there"):
        write_folder(archive, tmp_path / "a")
    assert (tmp_path / "a" / "races.csv").read_bytes() == before
    assert len(list((tmp_path / "a").iterdir())) == 5
    with pytest.raises(OutputError, match="cannot write"):
        write_folder(archive, tmp_path / "a" / "races.csv")


def test_two_archives_are_joined_unless_they_share_a_race(tmp_path: Path) -> None:
    """The shipped races and three more; a race of both is refused, by its id and by its place and days."""
    theirs = Archive.read(folders.written(tmp_path / "a"))
    both = Archive.load().joined(theirs)
    assert len(both.races) == 4_623
    assert both.by_id["duel"] == theirs.by_id["duel"]
    assert both.without(theirs.by_id["duel"]).joined(theirs.election(theirs.elections[0])).sha256 == both.sha256
    with pytest.raises(InputError, match="duel: is in both archives"):
        both.joined(theirs)
    named = {name: folders.TABLES[name].replace("duel,", "other,") for name in ("races", "candidates", "polls")}
    other = Archive.read(folders.written(tmp_path / "b", **named)).election("elbonia-national-2020-01-19")
    with pytest.raises(InputError, match="other: is in both archives, in the other as duel"):
        theirs.joined(other)


def test_letters_taken_apart_are_mended() -> None:
    """UTF-8 read as Latin-1 becomes letters again, in the case that its first byte has; other letters stay."""
    assert (
        archive_tables.mended("BENO\u00c3\u008eT, Beno\u00e3\u008et, FRAN\u00c3\u0087AIS") == "BENOÎT, Benoît, FRANÇAIS"
    )
    assert archive_tables.mended("ECOLO\u00c2\u00adGISTES") == "ECOLOGISTES"
    assert archive_tables.mended("São Luís, Ãngela, Âme, Wałęsa") == "São Luís, Ãngela, Âme, Wałęsa"
