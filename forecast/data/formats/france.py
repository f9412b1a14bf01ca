"""Tables of the French interior ministry: a row a place, its candidates in groups of columns side by side.

Two styles of header: names of one group only, with rows that go on (2017, 2022); and numbered groups (2024).  Places
are polling places, communes, constituencies, departments or the country.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from runoff import names
from runoff.data.formats.imported import Asked, Imported, Row, merged, one_party
from runoff.data.formats.long import day_of, plain
from runoff.data.tables import dialect
from runoff.data.tables.table import LARGEST
from runoff.errors import InputError, shown
from runoff.files import read_bytes

_PLACES = {
    "department": ("code departement", "code du departement"),
    "department name": ("libelle departement", "libelle du departement"),
    "constituency": (
        "code circonscription legislative",
        "code de la circonscription",
        "code circonscription",
        "code circo legislative",
    ),
    "commune": ("code commune", "code de la commune"),
    "commune name": ("libelle commune", "libelle de la commune"),
    "office": ("code bv", "code du b vote", "code du bvote", "code b vote", "code bureau de vote", "bureau de vote"),
    "inscrits": ("inscrits",),
    "votants": ("votants",),
    "exprimes": ("exprimes",),
    "blancs": ("blancs",),
    "nuls": ("nuls",),
    "blancs et nuls": ("blancs et nuls",),
}
_GROUP = {
    "votes": ("voix",),
    "name": ("nom candidat", "nom", "nom tete de liste"),
    "given": ("prenom candidat", "prenom"),
    "party": ("nuance candidat", "nuance", "code nuance", "code nuance candidat"),
}
_NUMBERED = re.compile(r"(.*\S)\s+([0-9]{1,3})")


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A file's rows, places by name, and for each group of columns where votes, name, given name and party stand."""

    file: str
    rows: list[list[str]]
    lines: list[int]
    places: dict[str, int]
    groups: list[dict[str, int]]

    def cell(self, row: int, place: str) -> str:
        """A cell of the place; '' where the file lacks the column or the row."""
        at = self.places.get(place, -1)
        return names.said(self.rows[row][at]) if 0 <= at < len(self.rows[row]) else ""


def read(paths: Sequence[Path], asked: Asked) -> Imported:
    """The race of one or several files.

    Raises
    ------
    MissingFileError : a file is not there.
    InputError : with every problem.
    """
    found = Imported(day=day_of([path.name for path in paths]))
    for sheet in [_sheet(path, found) for path in paths]:
        _rows(sheet, _asked(sheet, asked, found), found)
    merged(found, str(paths[0]), "candidates' lines")
    one_party(found)
    return found.checked()


def _sheet(path: Path, found: Imported) -> _Sheet:
    """A file as a sheet.

    Raises
    ------
    InputError : not a table of the ministry's.
    """
    text, notes = dialect.text_of(read_bytes(path, LARGEST, "the file"), str(path))
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(";,\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    header, rows, lines = list[str](), list[list[str]](), list[int]()
    try:
        for fields in reader:
            if not any(cell.strip() for cell in fields):
                continue
            if not header:
                header = [plain(cell) for cell in fields]
            else:
                rows.append(fields)
                lines.append(reader.line_num)
    except csv.Error as cause:
        what, fix = "the file cannot be read as a table", "save it as CSV again"
        raise InputError.single(str(path), what, rule="CSV", got=shown(str(cause)), fix=fix) from None
    found.notes += [f"{path.name}: {note}" for note in notes]
    places = {
        name: next(header.index(way) for way in ways if way in header)
        for name, ways in _PLACES.items()
        if any(way in header for way in ways)
    }
    groups = _groups(header, max(map(len, rows), default=0))
    if not groups or "inscrits" not in places:
        rule = "a table of the ministry has Inscrits, Voix and Nom, once or numbered"
        fix = "a table of any other shape is read with [results] columns and wide: docs/run-file.md"
        raise InputError.single(str(path), "not a table of the ministry's", rule=rule, got=shown(first), fix=fix)
    return _Sheet(str(path), rows, lines, places, groups)


def _groups(header: Sequence[str], longest: int) -> list[dict[str, int]]:
    """Where each candidate's columns stand: numbered ones, or a group that is named once (or each time) and goes on."""
    numbered: dict[int, dict[str, int]] = {}
    for place, name in enumerate(header):
        match = _NUMBERED.fullmatch(name)
        kind = next((kind for kind, ways in _GROUP.items() if match and match.group(1) in ways), "")
        if match and kind:
            numbered.setdefault(int(match.group(2)), {}).setdefault(kind, place)
    if numbered:
        return [of for _, of in sorted(numbered.items()) if {"votes", "name"} <= of.keys()]
    one: dict[str, int] = {}
    for kind, ways in _GROUP.items():
        places = [place for place, name in enumerate(header) if name in ways]
        if places:
            one[kind] = places[0]
    if not {"votes", "name"} <= one.keys():
        return []
    starts = [place for place, name in enumerate(header) if name == "voix"]
    begin = next(
        (p for p, name in enumerate(header) if name in ("n panneau", "no panneau", "numero de panneau")),
        min(one.values()),
    )
    width = starts[1] - starts[0] if len(starts) > 1 else len(header) - begin
    count = max((longest - begin) // width, 1)
    return [{kind: place + k * width for kind, place in one.items()} for k in range(count)]


def _seat(sheet: _Sheet, row: int) -> str:
    """A constituency as department-number: 01-1, whichever way the file spells it; '' where it does not say."""
    department, code = sheet.cell(row, "department"), sheet.cell(row, "constituency")
    if not code:
        return ""
    return _spelt(department, code)


def _spelt(department: str, code: str) -> str:
    department = department.zfill(2).upper()
    if len(code) > len(department) and code.upper().startswith(department):
        code = code[len(department) :]
    return f"{department}-{code.lstrip('0') or '0'}"


def _asked(sheet: _Sheet, asked: Asked, found: Imported) -> list[int]:
    """Rows of the race: of the constituency that is asked for, or all where all have the same candidates.

    Raises
    ------
    InputError : there are several races, or not the one that is asked for.
    """
    rows = list(range(len(sheet.rows)))
    for column, value in asked.where:
        name = next((name for name, ways in _PLACES.items() if plain(column) in (name, *ways)), "")
        if name not in sheet.places:
            have = ", ".join(name for name in sheet.places)
            raise InputError.single(
                sheet.file,
                f"no column {shown(column)}",
                rule="--where names a column of places",
                got=column,
                fix=f"one of {have}",
            )
        before = len(rows)
        rows = [row for row in rows if sheet.cell(row, name) == names.said(value)]
        found.leave(f"rows without {column} = {value}", before - len(rows))
    seats = {row: _seat(sheet, row) for row in rows}
    known = list(dict.fromkeys(seats.values()))
    if asked.district:
        parts = asked.district.upper().split("-")
        said = _spelt(parts[0], parts[1]) if len(parts) == 2 else asked.district.upper()
        kept = [row for row in rows if seats[row] and said in (seats[row], seats[row].replace("-", ""))]
        kept = kept or [
            r for r in rows if said == (sheet.cell(r, "department") + sheet.cell(r, "constituency")).upper()
        ]
        kept = kept or [r for r in rows if said == sheet.cell(r, "constituency").upper() != ""]
        if not kept or len({seats[row] for row in kept}) > 1:
            fix = (
                f"--district as in {names.listed([seat for seat in known if seat], 6) or 'a file with constituencies'}"
            )
            raise InputError.single(sheet.file, "no such constituency", rule="department-number", got=said, fix=fix)
        found.leave("rows of other constituencies", len(rows) - len(kept))
        found.race = f"circonscription {seats[kept[0]]}"
        return kept
    sides = {tuple(sorted(_names(sheet, row))) for row in rows}
    if len(known) > 1 and len(sides) > 1:
        fix = f"--district as in {names.listed([seat for seat in known if seat], 6)}"
        raise InputError.single(sheet.file, f"{len(known):,} constituencies", rule="one race is imported", fix=fix)
    if len(sides) > 1:
        fix = 'take the ministry\'s file by constituency, or choose with --where "code commune=..."'
        what = f"places have different candidates: {len(sides):,} races, it seems"
        raise InputError.single(sheet.file, what, rule="one race is imported", fix=fix)
    return rows


def _names(sheet: _Sheet, row: int) -> list[str]:
    cells = sheet.rows[row]
    return [names.alike(_joined(cells, of)) for of in sheet.groups if _joined(cells, of)]


def _joined(cells: Sequence[str], of: dict[str, int]) -> str:
    parts = (cells[of[kind]] for kind in ("given", "name") if kind in of and of[kind] < len(cells))
    return names.said(" ".join(part for part in parts if part.strip()))


def _rows(sheet: _Sheet, rows: Sequence[int], found: Imported) -> None:
    """Rows of the race: votes of each candidate, and the roll; valid votes are held against their sum."""
    for row in rows:
        cells, line = sheet.rows[row], sheet.lines[row]
        region, unit = _unit(sheet, row)
        total = 0
        for of in sheet.groups:
            name = _joined(cells, of)
            votes = cells[of["votes"]].strip() if of["votes"] < len(cells) else ""
            if not name and not votes:
                continue
            if not name:
                fix = "is the row cut off, or a column missing?"
                found.say(sheet.file, line, "votes without a name", "a group of columns has Nom and Voix", votes, fix)
                continue
            number = found.whole(votes, sheet.file, line, f"Voix of {name}")
            party = names.said(cells[of["party"]]) if of.get("party", len(cells)) < len(cells) else ""
            found.rows.append(Row(region, unit, name, party, "", number, line=line))
            total += number
        valid = sheet.cell(row, "exprimes")
        if valid and found.whole(valid, sheet.file, line, "Exprimés") != total:
            rule, fix = "Exprimés is the sum of Voix", "is the row cut off, or are columns shifted?"
            found.say(sheet.file, line, f"votes of {unit} add up to {total:,}", rule, valid, fix)
        for kind in ("blancs", "nuls", "blancs et nuls"):
            if sheet.cell(row, kind).isdigit():
                found.leave(f"{kind} (ballots)", int(sheet.cell(row, kind)))
        counted = [
            found.whole(sheet.cell(row, kind), sheet.file, line, kind)
            for kind in ("inscrits", "votants")
            if sheet.cell(row, kind)
        ]
        if counted:
            found.roll[region, unit] = (counted[0], counted[1] if len(counted) > 1 else None)


def _unit(sheet: _Sheet, row: int) -> tuple[str, str]:
    """A place's region and name: the department, and what is smallest in it, with codes where names may be two."""
    region = sheet.cell(row, "department name") or sheet.cell(row, "department")
    commune = " ".join(part for part in (sheet.cell(row, "commune"), sheet.cell(row, "commune name")) if part)
    if commune:
        office = sheet.cell(row, "office")
        return region, f"{commune}, {office}" if office else commune
    seat = _seat(sheet, row)
    if seat:
        return region, seat
    return ("", region) if region else ("", "France")
