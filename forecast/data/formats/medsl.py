"""Tables of the MIT Election Data + Science Lab: a row a precinct (county, state), candidate and mode."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from runoff import names
from runoff.data.formats import long
from runoff.data.formats.imported import (
    NOT_TOLD,
    Asked,
    Imported,
    Row,
    against,
    is_total,
    merged,
    mode_of,
    name_and_party,
    nobody,
    one_party,
    one_race,
)

NEEDED = {"offices": ("office",), "candidates": ("candidate",), "votes": ("votes", "candidatevotes")}
_KNOWN = (
    "year", "date", "state", "state po", "county name", "jurisdiction name", "precinct", "office", "district", "stage",
    "special", "candidate", "party", "party detailed", "party simplified", "mode", "votes", "candidatevotes",
    "totalvotes", "writein", "magnitude", "dataverse", "readme check", "version",
)  # fmt: skip
_SINGLE = ("year", "date", "state", "stage", "special", "runoff", "magnitude")


def read(paths: Sequence[Path], asked: Asked) -> Imported:
    """The race of one or several files; units are precincts with their county, or counties, or states.

    Raises
    ------
    MissingFileError : a file is not there.
    InputError : with every problem.
    """
    found = Imported()
    sheets = [long.sheet(path, NEEDED, _KNOWN, found) for path in paths]
    kept = long.rows_asked(sheets, asked, found)
    races = []
    for each, rows in zip(sheets, kept, strict=True):
        office, district, candidate = each.column("office"), each.column("district"), each.column("candidate")
        races += [(office[r], district[r]) for r in rows if not long.roll_kind(office[r], candidate[r])]
    race = one_race(races, asked, sheets[0].file)
    found.race = " ".join(part for part in race if part)
    mine, level = [], _level(sheets)
    for each, rows in zip(sheets, kept, strict=True):
        office, district, candidate = each.column("office"), each.column("district"), each.column("candidate")
        roll = [r for r in rows if long.roll_kind(office[r], candidate[r])]
        mine.append([r for r in rows if (office[r], district[r]) == race])
        _roll(each, roll, level, found)
        others = len(rows) - len(mine[-1]) - len(roll)
        if others:
            found.leave("rows of other races", others)
    long.one_value(sheets, mine, _SINGLE, found)
    dates = [each.column("date") for each in sheets]
    found.day = long.day_of([dates[i][r] for i, rows in enumerate(mine) for r in rows])
    stated: dict[tuple[str, str], int] = {}
    for each, rows in zip(sheets, mine, strict=True):
        _rows(each, rows, level, found, stated)
    against(found, stated, "the total")
    merged(found, sheets[0].file)
    _without_totals(found)
    one_party(found)
    return found.checked()


def _level(sheets: Sequence[long.Sheet]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Columns of the region and of the unit: those of the smallest places that all files have."""
    county = ("county name", "county", "jurisdiction name", "jurisdiction")
    if all("precinct" in each.columns for each in sheets):
        return county, ("precinct",)
    if all(any(name in each.columns for name in county) for each in sheets):
        return (), county
    return (), ("state", "state po")


def _place(each: long.Sheet, level: tuple[tuple[str, ...], tuple[str, ...]]) -> tuple[Sequence[str], Sequence[str]]:
    regions, units = level
    return each.column(*regions) if regions else [""] * len(each.lines), each.column(*units)


def _roll(
    each: long.Sheet, rows: Sequence[int], level: tuple[tuple[str, ...], tuple[str, ...]], found: Imported
) -> None:
    """Registered voters and ballots of rows that count them."""
    region, unit = _place(each, level)
    office, candidate = each.column("office"), each.column("candidate")
    votes, mode = each.column("votes", "candidatevotes"), each.column("mode")
    for row in rows:
        if not unit[row] or is_total(unit[row]):
            continue
        number = found.whole(votes[row], each.file, each.lines[row], "votes")
        before = found.roll.get((region[row], unit[row]), (None, None))
        if long.roll_kind(office[row], candidate[row]) == "registered":
            found.roll[region[row], unit[row]] = (number, before[1])
        elif names.alike(mode[row]) in ("", "total"):
            found.roll[region[row], unit[row]] = (before[0], number)


def _rows(
    each: long.Sheet,
    rows: Sequence[int],
    level: tuple[tuple[str, ...], tuple[str, ...]],
    found: Imported,
    stated: dict[tuple[str, str], int],
) -> None:
    """A sheet's rows of the race."""
    region, unit = _place(each, level)
    candidate, mode = each.column("candidate"), each.column("mode")
    party = each.column("party simplified", "party detailed", "party")
    votes, written = each.column("votes", "candidatevotes"), each.column("writein")
    for row in rows:
        line = each.lines[row]
        said = candidate[row] or ("Write-in" if names.alike(written[row]) == "true" else "")
        meaning = nobody(said) if said else "rows without a candidate"
        if meaning:
            found.leave(f"{said}: {meaning}" if said else meaning)
            continue
        name, side = name_and_party(said, party[row])
        number = found.whole(votes[row], each.file, line, "votes")
        if not unit[row] or is_total(unit[row]):
            found.leave("rows of totals")
            stated[region[row], name] = stated.get((region[row], name), 0) + number
            continue
        how = mode_of(mode[row])
        found.rows.append(Row(region[row], unit[row], name, side, "" if how == "total" else how, number, line=line))


def _without_totals(found: Imported) -> None:
    """Rows of mode TOTAL beside rows of modes: left out where they are the sum; the only rows of a unit are kept."""
    if not any(row.mode for row in found.rows):
        return
    split: dict[tuple[str, str, str], int] = {}
    for row in found.rows:
        if row.mode:
            key = (row.region, row.unit, row.candidate)
            split[key] = split.get(key, 0) + (row.votes or 0)
    rows, alone = [], 0
    for row in found.rows:
        key = (row.region, row.unit, row.candidate)
        if row.mode:
            rows.append(row)
        elif key in split:
            found.leave("rows of mode TOTAL beside modes")
            if split[key] != (row.votes or 0):
                what = f"the modes of {row.candidate} in {row.unit} do not add up to the total"
                fix = "mend the rows, or choose with --where mode=TOTAL"
                found.say("the files", 0, what, "modes add up", f"{split[key]} against {row.votes}", fix)
        else:
            alone += 1
            rows.append(Row(row.region, row.unit, row.candidate, row.party, NOT_TOLD, row.votes, "", row.line))
    found.rows = rows
    if alone:
        found.notes.append(f"{alone:,} rows without a mode beside rows with one are the mode {NOT_TOLD}")
