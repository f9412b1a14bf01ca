"""`runoff archive` as people use it: what it says, what it writes, how it ends."""

from __future__ import annotations

import json
from pathlib import Path

from runoff.app.commands import _archive_page
from runoff.data.archive.archive import Archive
from tests.command import runoff
from tests.forecast.data.archive import folders


def test_check_says_what_there_is_or_every_problem(tmp_path: Path) -> None:
    """A good folder ends with 0 and its figures; a spoilt one with 65 and all problems; none with 66."""
    folder = folders.written(tmp_path / "a")
    good = runoff("archive", "check", str(folder))
    assert (good.returncode, good.stderr) == (0, "")
    assert good.stdout.startswith("nothing is wrong\n")
    assert Archive.read(folder).sha256 in good.stdout.replace("\n", "").replace(" ", "")
    document = json.loads(runoff("archive", "check", str(folder), "--json").stdout)
    assert (document["races"], document["polls"], document["outright"], document["partial"]) == (3, 2, 1, 1)
    folders.written(tmp_path / "a", candidates=folders.CANDIDATES.replace("right,400", "centrist,4oo"))
    bad = runoff("archive", "check", str(folder))
    assert (bad.returncode, bad.stdout) == (65, "")
    assert "did you mean centre?" in bad.stderr
    assert "first_round_votes is not a whole number" in bad.stderr
    assert runoff("archive", "check", str(tmp_path / "b")).returncode == 66


def test_a_column_that_nobody_reads_is_named(tmp_path: Path) -> None:
    """A column of one's own is no problem; check, its document and add name it in a note."""
    candidates = "\n".join(f"{line},x" if line else "" for line in folders.CANDIDATES.split("\n")).replace(
        ",x", ",age", 1
    )
    folder = str(folders.written(tmp_path / "a", candidates=candidates))
    note = "candidates.csv: not read: column age"
    assert note in runoff("archive", "check", folder).stdout
    assert json.loads(runoff("archive", "check", folder, "--json").stdout)["notes"] == [note]
    assert note in runoff("archive", "add", folder, "--alone", "-o", str(tmp_path / "b")).stderr


def test_the_shipped_archive_is_checked_as_anybodys() -> None:
    """Without a folder the shipped tables are read as text and checked: nothing is wrong with them."""
    answer = runoff("archive", "check")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "4,620 of 132 elections, 1965 to 2025" in answer.stdout


def test_list_counts_races_and_lists_them() -> None:
    """Countries and levels with their numbers; with --races each race; what no race has is a usage error."""
    answer = runoff("archive", "list", "--country", "france", COLUMNS="80")
    assert answer.stdout.startswith("4,351 races of 13 elections, 1965 to 2024\n")
    assert max(map(len, answer.stdout.split("\n"))) <= 80
    races = runoff("archive", "list", "--country", "Poland", "--before", "2020-07-12", "--races").stdout
    assert races.startswith("4 races of 4 elections, 1990 to 2015\n")
    assert "Lech Wałęsa" in races
    wrong = runoff("archive", "list", "--level", "us_hous", "--country", "France (Ain)")
    assert wrong.returncode == 2
    assert "did you mean us_house?" in wrong.stderr
    assert "--country: no race has 'France (Ain)'" in wrong.stderr
    assert runoff("archive", "list", "--country", "Poland", "--level", "us_house").stdout == "no such race\n"
    assert runoff("archive", "list", "--before", "1900-01-01").stdout == "no such race\n"


def test_the_rows_of_list_are_the_races() -> None:
    """Each race is in one row; years, duels and how often the leader won are counted from races."""
    archive = Archive.load().where(country="France")
    rows = _archive_page.level_rows(archive)
    assert sum(row["races"] for row in rows) == len(archive.races)
    assert sum(row["duels"] for row in rows) == sum(len(race.finalists) == 2 for race in archive.races)
    seats = next(row for row in rows if row["level"] == "national_district")
    own = [race for race in archive.races if race.level == "national_district"]
    assert seats["leader_won"] == sum(race.leader_won for race in own) / len(own)
    above = sum(race.turnout_ratio > seats["turnout_ratio"] for race in own)
    below = sum(race.turnout_ratio < seats["turnout_ratio"] for race in own)
    assert abs(above - below) <= 1
    assert (seats["first"], seats["last"], seats["elections"]) == (1988, 2024, 7)


def test_list_as_a_document_has_every_race() -> None:
    """--races --json: finalists, winner and shares of each."""
    document = json.loads(
        runoff("archive", "list", "--election", "france-national-2022-04-24", "--races", "--json").stdout
    )
    (race,) = document["races"]
    assert race["finalists"] == ["Emmanuel Macron", "Marine Le Pen"]
    assert abs(race["winner_share"] - 0.5855) < 0.0001


def test_add_writes_both_archives_together(tmp_path: Path) -> None:
    """The shipped races and three more in one folder, which is read as an archive; the folder is left alone then."""
    folder, out = folders.written(tmp_path / "a"), tmp_path / "out"
    answer = runoff("archive", "add", str(folder), "-o", str(out))
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith("4,623 races, 3 of them added; sha256 ")
    both = Archive.read(out)
    assert both.sha256 == Archive.load().joined(Archive.read(folder)).sha256
    assert runoff("archive", "add", str(folder), "-o", str(out)).returncode == 73
    alone = runoff("archive", "add", str(folder), "--alone", "--csv", "-o", str(tmp_path / "alone"))
    assert alone.returncode == 0
    assert Archive.read(tmp_path / "alone").sha256 == Archive.read(folder).sha256
    twice = runoff("archive", "add", str(folder), str(folder), "-o", str(tmp_path / "twice"))
    assert twice.returncode == 65
    assert "duel: is in both archives" in twice.stderr
    assert not (tmp_path / "twice").exists()
    assert runoff("archive", "add", "--alone", "-o", str(tmp_path / "x")).returncode == 2


def test_a_narrow_terminal_has_each_level_in_a_line() -> None:
    """In 40 columns the table of levels keeps country, level and races, and breaks no row."""
    table = _archive_page.levels(Archive.load()).page.text(40).split("\n\n")[1]
    lines = table.split("\n")
    assert lines[0].split() == ["country", "level", "races"]
    assert all(len(line) <= 40 and line[0] != " " for line in lines)
