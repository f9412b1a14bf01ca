"""Slips of people in a table that stays a table: MUTATIONS by name, each a function of a sheet and dice.

A mutation returns the changed sheet, or None where the table has nothing of the kind.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from tests.fuzz.sheet import DAYS, Sheet

Mutation = Callable[[Sheet, random.Random], Sheet | None]
NAMES = ("unit", "candidate", "region", "party", "mode", "pollster", "poll", "group", "side")
_VOTES = ("votes", "share", "registered", "first", "second", "expected")
_ACCENTS = str.maketrans({"a": "\u00e1", "e": "\u00e9", "o": "\u00f6", "u": "\u00fc", "i": "\u00ed"})


def _row(sheet: Sheet, dice: random.Random) -> int:
    return dice.randrange(len(sheet.rows))


def _where(sheet: Sheet, column: str, wanted: Callable[[str], bool], dice: random.Random) -> int | None:
    """A row whose cell is wanted."""
    found = [place for place in range(len(sheet.rows)) if wanted(sheet.cell(place, column))]
    return dice.choice(found) if found else None


def _filled(sheet: Sheet, columns: Iterable[str], dice: random.Random) -> tuple[int, str] | None:
    """A row and one of some columns, with something in the cell."""
    found = [c for c in columns if c in sheet.header and any(sheet.cell(r, c) for r in range(len(sheet.rows)))]
    if not found:
        return None
    column = dice.choice(found)
    row = _where(sheet, column, bool, dice)
    return None if row is None else (row, column)


# rows


def dropped(sheet: Sheet, dice: random.Random) -> Sheet | None:
    """A row is not there."""
    return sheet.without(_row(sheet, dice)) if len(sheet.rows) > 1 else None


def unit_dropped(sheet: Sheet, dice: random.Random) -> Sheet | None:
    """All rows of a unit, poll or candidate are not there."""
    columns = sheet.has("unit", "poll", "candidate")
    if not columns or "kind" in sheet.header:
        return None
    column = dice.choice(columns)
    name = sheet.cell(_row(sheet, dice), column)
    gone = [place for place in range(len(sheet.rows)) if sheet.cell(place, column) == name]
    return sheet.without(*gone) if len(gone) < len(sheet.rows) else None


def doubled(sheet: Sheet, dice: random.Random) -> Sheet | None:
    """A row stands there twice."""
    row = _row(sheet, dice)
    return sheet.insert(dice.randint(0, len(sheet.rows)), sheet.rows[row])


def doubled_otherwise(sheet: Sheet, dice: random.Random) -> Sheet | None:
    """A row stands there twice, with two numbers."""
    found = _filled(sheet, sheet.numbers(), dice)
    if found is None:
        return None
    row, column = found
    again = sheet.changed(sheet.rows[row], {column: _other_digit(sheet.cell(row, column), dice)})
    return sheet.insert(dice.randint(row + 1, len(sheet.rows)), again)


def truncated(sheet: Sheet, dice: random.Random) -> Sheet | None:
    """The file ends at some line."""
    return replace(sheet, rows=sheet.rows[: dice.randrange(1, len(sheet.rows))]) if len(sheet.rows) > 1 else None


# names


def _capital(name: str, _: random.Random) -> str:
    return name.upper() if name.upper() != name else name.lower()


def _accent(name: str, _: random.Random) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
    return plain if plain != name else name.translate(_ACCENTS)


def _typo(name: str, dice: random.Random) -> str:
    place = dice.randrange(len(name))
    changed = name[:place] + dice.choice("abcdeimnorst") * dice.randint(0, 1) + name[place + 1 :]
    return changed.strip() or name + "n"


def _inside(name: str, what: str) -> str:
    place = name.find(" ") if " " in name else len(name) // 2
    return name[:place] + what + name[place:]


def _turned(name: str, _: random.Random) -> str:
    words = name.split()
    return f"{words[-1]}, {' '.join(words[:-1])}" if len(words) > 1 else name


SPELLINGS: dict[str, Callable[[str, random.Random], str]] = {
    "capitals": _capital,
    "accent": _accent,
    "a letter": _typo,
    "blank behind": lambda name, _: name + " ",
    "two blanks": lambda name, _: name.replace(" ", "  ", 1),
    "zero-width": lambda name, _: _inside(name, "\u200b"),
    "no-break blank": lambda name, _: name.replace(" ", "\u00a0", 1) if " " in name else name + "\u00a0",
    "order turned": _turned,
}


def respelt(how: str, sheet: Sheet, dice: random.Random) -> Sheet | None:
    """A name is written otherwise: in one row, or in all of a unit or poll, or from some row on."""
    column = dice.choice(sheet.has(*NAMES))
    row = _where(sheet, column, lambda name: bool(name) and SPELLINGS[how](name, random.Random(0)) != name, dice)
    if row is None:
        return None
    old = sheet.cell(row, column)
    new, scope = SPELLINGS[how](old, dice), dice.choice(("row", "group", "rest"))
    group = next((name for name in ("unit", "poll", "pollster") if name in sheet.header and name != column), None)
    for place in range(len(sheet.rows)):
        same = group is not None and sheet.cell(place, group) == sheet.cell(row, group)
        hit = place == row or (scope == "group" and same) or (scope == "rest" and place > row)
        if hit and sheet.cell(place, column) == old:
            sheet = sheet.put(place, **{column: new})
    return sheet


def renamed(column: str, sheet: Sheet, dice: random.Random) -> Sheet | None:
    """A row's party, mode or region is another word, known or not."""
    if column not in sheet.header:
        return None
    row = _row(sheet, dice)
    known = {sheet.cell(place, column) for place in range(len(sheet.rows))} - {sheet.cell(row, column)}
    return sheet.put(row, **{column: dice.choice([*sorted(known), "Elsewhere"])})


def status_word(sheet: Sheet, dice: random.Random) -> Sheet | None:
    """A status is another word."""
    columns = sheet.has("state", "status", "kind")
    if not columns:
        return None
    words = ("complete", "partial", "out", "counted", "part", "Complete", "", "yes", "pool", "bloc", "party", "new")
    return sheet.put(_row(sheet, dice), **{columns[0]: dice.choice(words)})


# columns


def shifted(sheet: Sheet, dice: random.Random) -> Sheet | None:
    """A row's cells stand one column further from some place on."""
    row, place = _row(sheet, dice), dice.randrange(len(sheet.header))
    cells = sheet.rows[row]
    moved = (*cells[:place], "", *cells[place:-1])
    return replace(sheet, rows=(*sheet.rows[:row], moved, *sheet.rows[row + 1 :]))


def columns_swapped(sheet: Sheet, dice: random.Random) -> Sheet | None:
    """Two columns of one sort have each other's heading."""
    sorts = [sheet.numbers(), sheet.has(*DAYS), sheet.has(*NAMES)]
    sorts = [names for names in sorts if len(names) > 1]
    if not sorts:
        return None
    one, two = dice.sample(dice.choice(sorts), 2)
    other = {one: two, two: one}
    return replace(sheet, header=tuple(other.get(name, name) for name in sheet.header))


def pair_swapped(sheet: Sheet, dice: random.Random) -> Sheet | None:
    """In one row two numbers, or two days, have changed places: registered and ballots, low and high."""
    sorts = [names for names in (sheet.numbers(), sheet.has(*DAYS)) if len(names) > 1]
    if not sorts:
        return None
    row = _row(sheet, dice)
    one, two = dice.sample(dice.choice(sorts), 2)
    return sheet.put(row, **{one: sheet.cell(row, two), two: sheet.cell(row, one)})


# numbers


def _other_digit(number: str, dice: random.Random) -> str:
    place = dice.choice([n for n, c in enumerate(number) if c.isdigit()])
    return number[:place] + dice.choice([d for d in "123456789" if d != number[place]]) + number[place + 1 :]


def digit(how: str, sheet: Sheet, dice: random.Random) -> Sheet | None:
    """A digit of a number is added, left out, another, or has changed places with its neighbour."""
    found = _filled(sheet, sheet.numbers(), dice)
    if found is None:
        return None
    row, column = found
    number = sheet.cell(row, column)
    place = dice.randrange(len(number))
    if how == "added":
        new = number[:place] + dice.choice("0123456789") + number[place:]
    elif how == "left out":
        new = number[:place] + number[place + 1 :]
    elif how == "transposed":
        new = number[:place] + number[place : place + 2][::-1] + number[place + 2 :]
    else:
        new = _other_digit(number, dice)
    return sheet.put(row, **{column: new})


def tenfold(sheet: Sheet, dice: random.Random) -> Sheet | None:
    """A number is a hundred or a thousand times too large or too small: percent for a share, 1.234 for 1,234."""
    found = _filled(sheet, sheet.numbers(), dice)
    if found is None:
        return None
    row, column = found
    number = sheet.cell(row, column)
    if column in sheet.shares():
        new = dice.choice((f"{float(number) / 100:g}", number + "%", number.replace(".", ",")))
    else:
        new = dice.choice((f"{int(number):,}", f"{int(number) / 1000:.3f}", number + ".0", number + "00"))
    return sheet.put(row, **{column: new})


def tenfold_column(sheet: Sheet, dice: random.Random) -> Sheet | None:
    """A whole column of shares is in fractions instead of per cent, or of votes in thousands."""
    columns = [name for name in sheet.numbers() if name != "sample_size"]
    if not columns:
        return None
    chosen = sheet.shares() if sheet.shares() else [dice.choice(columns)]
    for row in range(len(sheet.rows)):
        for column in chosen:
            if number := sheet.cell(row, column):
                factor = 100 if column in sheet.shares() else 1000
                new = f"{float(number) / factor:.4g}" if factor == 100 else str(round(float(number) / factor))
                sheet = sheet.put(row, **{column: new})
    return sheet


def signed(sheet: Sheet, dice: random.Random) -> Sheet | None:
    """A number has a minus."""
    found = _filled(sheet, sheet.numbers(), dice)
    return None if found is None else sheet.put(found[0], **{found[1]: "-" + sheet.cell(*found)})


def emptied(sheet: Sheet, dice: random.Random) -> Sheet | None:
    """A cell is empty."""
    found = _filled(sheet, sheet.header, dice)
    return None if found is None else sheet.put(found[0], **{found[1]: ""})


def nought_for_missing(sheet: Sheet, dice: random.Random) -> Sheet | None:
    """A number that nobody knows stands as 0: in an empty cell, or over the number."""
    columns = sheet.numbers()
    gaps = [(r, c) for r in range(len(sheet.rows)) for c in columns if not sheet.cell(r, c)]
    found = dice.choice(gaps) if gaps and dice.random() < 0.5 else _filled(sheet, columns, dice)
    return None if found is None else sheet.put(found[0], **{found[1]: "0"})


def votes_swapped(across: str, sheet: Sheet, dice: random.Random) -> Sheet | None:
    """Two cells have changed places: two candidates of a unit or poll, or two units of a candidate."""
    numbers = [name for name in _VOTES if name in sheet.header]
    wide = [name for name in sheet.shares() if name not in ("share", "other")]
    row = _row(sheet, dice)
    if across == "candidate" and len(wide) > 1:  # polls have a column for each
        one, two = dice.sample(wide, 2)
        return sheet.put(row, **{one: sheet.cell(row, two), two: sheet.cell(row, one)})
    column = numbers[0] if numbers else wide[0] if wide else None
    if column is None or (across == "candidate" and "candidate" not in sheet.header):
        return None
    held = [name for name in sheet.has("unit", "poll", "candidate", "mode") if name != across]
    if across == "unit" and "unit" not in sheet.header and "poll" in sheet.header:
        held = ["candidate"]
    alike = [
        p for p in range(len(sheet.rows)) if p != row and all(sheet.cell(p, c) == sheet.cell(row, c) for c in held)
    ]
    if not alike:
        return None
    other = dice.choice(alike)
    mine, theirs = sheet.cell(row, column), sheet.cell(other, column)
    return sheet.put(row, **{column: theirs}).put(other, **{column: mine})


# sums


def total(of: str, sheet: Sheet, dice: random.Random) -> Sheet | None:
    """A sum stands among what it sums up: a total of units, candidates or modes, a subtotal of a region."""
    if of not in sheet.header or not sheet.has(*_VOTES) or "kind" in sheet.header:
        return None
    label = "unit" if of == "region" else of
    if label not in sheet.header:
        return None
    word = {
        "unit": ("Total", "TOTAL", "Gesamt", "All units", "District", "Summe"),
        "candidate": ("Total", "Total votes", "Valid votes", "Sum"),
        "mode": ("total", "all", "Total", "sum"),
    }
    chosen = dice.choice(word.get(label, ("Total",)))
    region = sheet.cell(_row(sheet, dice), "region") if of == "region" else None
    sums: dict[tuple[str, ...], list[int]] = {}
    for place in range(len(sheet.rows)):
        if region is None or sheet.cell(place, "region") == region:
            sums.setdefault(_key(sheet, place, label), []).append(place)
    rows = [
        _summed(sheet, places, label, chosen if region is None else f"{region} {chosen.lower()}")
        for places in sums.values()
    ]
    if of == "unit" and dice.random() < 0.3:  # in the place of a unit
        return _in_place_of(sheet, rows, dice)
    return sheet.insert(len(sheet.rows) if dice.random() < 0.8 else 0, *rows)


def _key(sheet: Sheet, place: int, label: str) -> tuple[str, ...]:
    """What rows that are summed have in common."""
    apart = {label, *sheet.numbers(), "region" if label == "unit" else "", *(["party"] if label == "candidate" else [])}
    return tuple(cell for name, cell in zip(sheet.header, sheet.rows[place], strict=True) if name not in apart)


def _summed(sheet: Sheet, places: list[int], label: str, word: str) -> tuple[str, ...]:
    """One row for several."""
    changed = {label: word}
    for column in sheet.numbers():
        held = [float(sheet.cell(place, column)) for place in places if sheet.cell(place, column)]
        changed[column] = f"{sum(held):g}" if column in sheet.shares() else str(round(sum(held))) if held else ""
    if label == "candidate":
        changed["party"] = ""
    if label == "unit":
        changed["region"] = ""
    return sheet.changed(sheet.rows[places[0]], changed)


def _in_place_of(sheet: Sheet, rows: list[tuple[str, ...]], dice: random.Random) -> Sheet:
    """The sums instead of one unit's rows."""
    unit = sheet.cell(_row(sheet, dice), "unit")
    kept = sheet.without(*(place for place in range(len(sheet.rows)) if sheet.cell(place, "unit") == unit))
    return kept.insert(len(kept.rows), *rows)


def no_candidate(sheet: Sheet, dice: random.Random) -> Sheet | None:
    """Rows of what is no candidate: blank, null, over- and undervotes, abstentions."""
    if "candidate" not in sheet.header or "votes" not in sheet.header:
        return None
    words = ("Blank", "Blancs", "Null votes", "Nuls", "Undervotes", "Over Votes", "Write-in", "Abstentions", "Spoiled",
             "Rejected ballots", "Registered", "_registered", "None of the above", "Invalid", "Ung\u00fcltige")  # fmt: skip
    word, part = dice.choice(words), dice.uniform(0.005, 0.2)
    groups: dict[tuple[str, ...], list[int]] = {}
    for place in range(len(sheet.rows)):
        groups.setdefault(_key(sheet, place, "candidate"), []).append(place)
    rows = []
    for places in groups.values():
        row = _summed(sheet, places, "candidate", word)
        rows.append(sheet.changed(row, {"votes": str(round(part * int(row[sheet.header.index("votes")])))}))
    return sheet.insert(len(sheet.rows), *rows)


# days


def year_off(sheet: Sheet, dice: random.Random) -> Sheet | None:
    """A day, or all of a row, is in another year."""
    found = _filled(sheet, DAYS, dice)
    if found is None:
        return None
    row, column = found
    columns = sheet.has(*DAYS) if dice.random() < 0.5 else [column]
    step = dice.choice((-1, 1))
    days = {name: sheet.cell(row, name) for name in columns}
    return sheet.put(row, **{n: f"{int(day[:4]) + step}{day[4:]}" for n, day in days.items() if day})


def month_for_day(sheet: Sheet, dice: random.Random) -> Sheet | None:
    """Month and day have changed places, in a cell or a row."""
    found = _filled(sheet, DAYS, dice)
    if found is None:
        return None
    row, column = found
    columns = sheet.has(*DAYS) if dice.random() < 0.5 else [column]
    days = {name: sheet.cell(row, name).split("-") for name in columns}
    return sheet.put(row, **{n: f"{day[0]}-{day[2]}-{day[1]}" for n, day in days.items() if len(day) == 3})


def month_off(sheet: Sheet, dice: random.Random) -> Sheet | None:
    """A day is in the month before or after."""
    found = _filled(sheet, DAYS, dice)
    if found is None:
        return None
    year, month, day = sheet.cell(*found).split("-")
    return sheet.put(found[0], **{found[1]: f"{year}-{min(12, max(1, int(month) + dice.choice((-1, 1)))):02}-{day}"})


MUTATIONS: dict[str, Mutation] = {
    "row dropped": dropped,
    "unit, poll or candidate dropped": unit_dropped,
    "row doubled": doubled,
    "row doubled, other number": doubled_otherwise,
    "cut off at a line": truncated,
    **{f"name respelt: {how}": partial(respelt, how) for how in SPELLINGS},
    **{f"another {column} in a row": partial(renamed, column) for column in ("party", "mode", "region")},
    "another status word": status_word,
    "row shifted by a column": shifted,
    "two columns' headings swapped": columns_swapped,
    "two numbers or days of a row swapped": pair_swapped,
    **{f"digit {how}": partial(digit, how) for how in ("added", "left out", "transposed", "changed")},
    "decimal, percent or thousands": tenfold,
    "column in fractions or thousands": tenfold_column,
    "minus": signed,
    "cell emptied": emptied,
    "0 for missing": nought_for_missing,
    "two candidates' cells swapped": partial(votes_swapped, "candidate"),
    "two units' cells swapped": partial(votes_swapped, "unit"),
    **{f"total of {of}s added": partial(total, of) for of in ("unit", "candidate", "mode", "region")},
    "blank, null or undervotes added": no_candidate,
    "year off": year_off,
    "month and day swapped": month_for_day,
    "month off": month_off,
}
