"""OpenElections' CSV: county, precinct, office, district, party, candidate, votes, and a column for each vote mode."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from runoff.data.formats import long
from runoff.data.formats.imported import (
    NOT_TOLD,
    Asked,
    Imported,
    Row,
    against,
    is_total,
    merged,
    name_and_party,
    nobody,
    one_party,
    one_race,
)

NEEDED = {"offices": ("office",), "candidates": ("candidate",), "votes": ("votes", "total votes", "total")}
MODES = (
    "election day", "early voting", "early vote", "early votes", "early", "advance", "advance voting",
    "advance in person", "absentee", "absentee by mail", "absentee mail", "mail", "mail in", "by mail", "vote by mail",
    "provisional", "provisional votes", "polls", "polling place", "machine", "machine votes", "paper", "paper ballots",
    "one stop", "transfer", "affidavit", "emergency", "federal", "military", "overseas", "uocava", "in person",
    "in person absentee", "absentee early", "limited", "presidential", "election day votes", "absentee votes",
    "mail votes", "hand count", "special", "curbside", "drop box", "walk in", "inactive", "late",
)  # fmt: skip
_KNOWN = ("county", "precinct", "office", "district", "party", "candidate", "votes", *MODES)


def read(paths: Sequence[Path], asked: Asked) -> Imported:
    """The race of one or several files, by precinct or by county.

    Raises
    ------
    MissingFileError : a file is not there.
    InputError : with every problem.
    """
    found = Imported(day=long.day_of([path.name for path in paths]))
    sheets = [long.sheet(path, NEEDED, _KNOWN, found) for path in paths]
    kept = long.rows_asked(sheets, asked, found)
    races = []
    for each, rows in zip(sheets, kept, strict=True):
        office, district, candidate = each.column("office"), each.column("district"), each.column("candidate")
        races += [(office[r], district[r]) for r in rows if not long.roll_kind(office[r], candidate[r])]
    race = one_race(races, asked, sheets[0].file)
    found.race = " ".join(part for part in race if part)
    precincts = any("precinct" in each.columns for each in sheets)
    stated: dict[tuple[str, str], int] = {}
    for each, rows in zip(sheets, kept, strict=True):
        _rows(each, rows, race, precincts, found, stated)
    against(found, stated, "the total")
    merged(found, sheets[0].file)
    one_party(found)
    return found.checked()


def _rows(
    each: long.Sheet,
    rows: Sequence[int],
    race: tuple[str, str],
    precincts: bool,
    found: Imported,
    stated: dict[tuple[str, str], int],
) -> None:
    """A sheet's rows of the race, and of its roll."""
    office, district, party = each.column("office"), each.column("district"), each.column("party")
    county, precinct, candidate = each.column("county"), each.column("precinct"), each.column("candidate")
    votes = each.column("votes", "total votes", "total")
    modes = [(name.replace(" ", "_"), each.column(name)) for name in MODES if name in each.columns]
    for row in rows:
        line = each.lines[row]
        region, unit = (county[row], precinct[row]) if precincts else ("", county[row])
        kind = long.roll_kind(office[row], candidate[row])
        if kind:
            if unit and not is_total(unit):
                number = found.whole(votes[row].replace(",", ""), each.file, line, "votes")
                before = found.roll.get((region, unit), (None, None))
                found.roll[region, unit] = (number, before[1]) if kind == "registered" else (before[0], number)
            continue
        if (office[row], district[row]) != race:
            found.leave("rows of other races")
            continue
        meaning = nobody(candidate[row]) if candidate[row] else "rows without a candidate"
        if meaning:
            found.leave(f"{candidate[row]}: {meaning}" if candidate[row] else meaning)
            continue
        name, side = name_and_party(candidate[row], party[row])
        cell = votes[row]
        if "," in cell and cell.replace(",", "").isdigit() and all(len(p) == 3 for p in cell.split(",")[1:]):
            cell = cell.replace(",", "")
        total = found.whole(cell, each.file, line, "votes")
        if not unit or is_total(unit) or (precincts and is_total(region)):
            found.leave("rows of totals")
            scope = "" if not region or is_total(region) or (not precincts) else region
            stated[scope, name] = stated.get((scope, name), 0) + total
            continue
        for mode, number in _by_mode(modes, row, total, found, each.file, line):
            found.rows.append(Row(region, unit, name, side, mode, number, line=line))


def _by_mode(
    modes: Sequence[tuple[str, Sequence[str]]], row: int, total: int, found: Imported, file: str, line: int
) -> list[tuple[str, int]]:
    """Votes of a row by mode; what its modes do not say of its votes is a mode of its own."""
    told = [(name, found.whole(cells[row], file, line, name)) for name, cells in modes if cells[row]]
    rest = total - sum(number for _, number in told)
    if rest < 0:
        rule, fix = "votes are at least the sum of the modes", "mend the row; is a column of modes a total?"
        got = " + ".join(f"{number} {name}" for name, number in told) + f" against {total}"
        found.say(file, line, "modes add up to more than the votes", rule, got, fix)
    if not modes:
        return [("", total)]
    if rest > 0:
        note = f"votes that no column of a mode has are the mode {NOT_TOLD}"
        if note not in found.notes:
            found.notes.append(note)
        told.append((NOT_TOLD, rest))
    return told or [(modes[0][0], 0)]
