"""One round's table, a row a unit and a column an option, or a row an option of a unit: read as counts by unit."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from runoff import names
from runoff.data.rounds.cells import Cells
from runoff.data.rounds.words import Kind, kind
from runoff.data.rounds.words import shown as option_name
from runoff.data.tables import dialect, formats, table_csv, table_parquet
from runoff.data.tables.table import LARGEST
from runoff.data.tables.table_csv import Raw
from runoff.data.votes.words import COMPLETE, STATE_WORDS
from runoff.errors import InputError, shown
from runoff.files import read_bytes

UNIT = ("unit", "precinct", "municipality", "commune", "county", "gmina", "comuna", "departement", "canton", "place")
TIDY = ("candidate", "votes")
# columns of ours that are no option
_BESIDE = ("region", "party", "bloc", "mode", "status", "counted_at", "source", "note", "round")


@dataclass(frozen=True, slots=True)
class Round:
    """One round by unit.

    units : names, each once.  options : candidates and what else was counted, each once.  kinds : of them.
    blocs : bloc or party of each option, '' where the table has none.  votes : int64[n, options].
    regions : of units, '' where the table has none.  sha256 : of the file.  notes : on how it was read.
    """

    name: str
    units: tuple[str, ...]
    options: tuple[str, ...]
    kinds: tuple[Kind, ...]
    blocs: tuple[str, ...]
    votes: npt.NDArray[np.int64]
    regions: tuple[str, ...]
    sha256: str
    notes: tuple[str, ...]


def read_round(path: Path, only: str = "") -> Round:
    """Read a table of one round.

    only : the rows to read where the table has a column `round`, e.g. '1'.

    Raises
    ------
    MissingFileError : no such file.
    InputError : with every problem found.
    """
    content = read_bytes(path, LARGEST, "the table")
    if path.suffix.lower() == ".parquet":
        raw = table_parquet.read(path, content, lambda _: True)
    else:
        foreign = formats.foreign_bytes(content)
        if foreign:
            raise InputError.single(str(path), foreign[0], rule="a table is CSV or Parquet", fix=foreign[1])
        text, notes = dialect.text_of(content, str(path))
        raw = table_csv.read(str(path), text, ["unit", *TIDY, *_BESIDE])
        raw = replace(raw, notes=(*notes, *raw.notes))
    if not raw.lines:
        raise InputError.single(str(path), "the table has no rows", rule="a row a unit", fix="is it the right file?")
    raw = _counted(path, _one_round(path, raw, only))
    sha256 = hashlib.sha256(content).hexdigest()
    option, count = _place(raw, "candidate"), _place(raw, "votes")
    if option is None or count is None:
        return _wide(path, raw, sha256)
    return _tidy(path, raw, sha256, option, count)


def _one_round(path: Path, raw: Raw, only: str) -> Raw:
    """The rows of one round, where a column says which."""
    place = _place(raw, "round")
    if place is None:
        return raw
    cells = [names.same(cell) for cell in raw.columns[place]]
    there = sorted(set(cells))
    if len(there) > 1 and not only:
        only = "?"
    if not only or (len(there) == 1 and only not in there):
        only = there[0]
    kept = [row for row, cell in enumerate(cells) if cell == names.same(only)]
    if not kept:
        raise InputError.single(
            str(path), "no row of this round", rule="a column round says which rows are of which", got=", ".join(there)
        )
    columns = [[column[row] for row in kept] for column in raw.columns]
    return replace(raw, columns=columns, lines=[raw.lines[row] for row in kept])


def _counted(path: Path, raw: Raw) -> Raw:
    """The rows of units that are counted whole, where a column says how far a count is: the others are left out."""
    place, unit = _place(raw, "status"), _place(raw, *UNIT)
    if place is None:
        return raw
    unit = 0 if unit is None else unit
    waiting = set()
    for name, cell in zip(raw.columns[unit], raw.columns[place], strict=True):
        state = STATE_WORDS.get(names.same(cell), COMPLETE if not cell.strip() else None)
        if state is None:
            rule = "status is complete, partial or out, or empty for complete"
            raise InputError.single(str(path), "a status that says nothing", rule=rule, got=shown(cell))
        if state != COMPLETE:
            waiting.add(names.said(name))
    if not waiting:
        return raw
    kept = [row for row, name in enumerate(raw.columns[unit]) if names.said(name) not in waiting]
    if not kept:
        raise InputError.single(str(path), "no unit is counted whole", rule="an estimate rests on whole units")
    note = f"{len(waiting):,} units are not counted whole, and left out: {names.listed(sorted(waiting), 3)}"
    columns = [[column[row] for row in kept] for column in raw.columns]
    return replace(raw, columns=columns, lines=[raw.lines[row] for row in kept], notes=(*raw.notes, note))


def _place(raw: Raw, *wanted: str) -> int | None:
    """The first column of one of these names."""
    same = [names.same(name) for name in raw.header]
    return next((same.index(name) for name in wanted if name in same), None)


def _keys(path: Path, raw: Raw, cells: Cells, unit: int) -> tuple[list[str], list[str]]:
    """Units and regions of rows; a unit's region is part of its name where a name alone is not enough."""
    region = _place(raw, "region")
    unit_names, regions = [], []
    for row, cell in enumerate(raw.columns[unit]):
        wrong = names.problem(cell.strip())
        if wrong is not None:
            cells.wrong(row, unit, f"{wrong[0]} unit" if wrong[0] == "empty" else f"{wrong[0]} the unit", *wrong[1:])
        unit_names.append(names.said(cell))
        regions.append(names.said(raw.columns[region][row]) if region is not None else "")
    cells.raise_problems()
    pairs = set(zip(unit_names, regions, strict=True))
    if len(pairs) > len({name for name, _ in pairs}):
        unit_names = [f"{region} / {name}" for name, region in zip(unit_names, regions, strict=True)]
    return unit_names, regions


def _wide(path: Path, raw: Raw, sha256: str) -> Round:
    """A row a unit, a column an option: every column of whole numbers that is no name of a place."""
    unit = _place(raw, *UNIT)
    unit = 0 if unit is None else unit
    cells = Cells(path, raw)
    unit_names, regions = _keys(path, raw, cells, unit)
    columns, left = [], []
    for place, heading in enumerate(raw.header):
        if place == unit or names.same(heading) in _BESIDE:
            continue
        of_numbers = any(cell.strip()[:1].isdigit() for cell in raw.columns[place])
        if not heading.strip() or kind(heading) == "label" or not of_numbers:
            left.append(heading)
        else:
            columns.append(place)
    seen: dict[str, int] = {}
    for row, name in enumerate(unit_names):
        if seen.setdefault(name, row) != row:
            cells.wrong(row, unit, "the unit stands there twice", "a row a unit", "sum its rows, or name them apart")
    votes = np.array([[cells.count(row, place) for place in columns] for row in range(len(unit_names))], np.int64)
    options = [option_name(raw.header[place]) for place in columns]
    _check(path, options, raw.header)
    cells.raise_problems()
    left_out = (
        [f"{path.name}: not read: {names.listed([name or 'one without a name' for name in left], 5)}"] if left else []
    )
    notes = (*(f"{path.name}: {note}" for note in raw.notes), *left_out, *cells.notes())
    kinds = tuple(kind(raw.header[place]) for place in columns)
    return Round(
        str(path),
        tuple(unit_names),
        tuple(options),
        kinds,
        ("",) * len(options),
        votes.reshape(len(unit_names), len(options)),
        tuple(regions),
        sha256,
        notes,
    )


def _tidy(path: Path, raw: Raw, sha256: str, option: int, count: int) -> Round:
    """A row an option of a unit; rows of several modes of voting are added up."""
    unit = _place(raw, *UNIT)
    if unit is None:
        rule = "columns unit, candidate and votes"
        raise InputError.single(str(path), "no column unit", rule=rule, got=names.listed(raw.header, 12))
    mode, bloc = _place(raw, "mode"), _place(raw, "bloc", "party")
    cells = Cells(path, raw)
    unit_names, regions = _keys(path, raw, cells, unit)
    rows_of, blocs = dict.fromkeys(unit_names), dict[str, str]()
    unit_at = {name: i for i, name in enumerate(rows_of)}
    region_of = dict(zip(unit_names, regions, strict=True))
    original: dict[str, str] = {}
    spelt = [original.setdefault(names.said(cell), cell) for cell in raw.columns[option]]
    option_at = {name: k for k, name in enumerate(dict.fromkeys(names.said(cell) for cell in spelt))}
    votes = np.zeros((len(unit_at), len(option_at)), np.int64)
    seen: set[tuple[str, str, str]] = set()
    for row, name in enumerate(unit_names):
        chosen = names.said(raw.columns[option][row])
        key = (name, chosen, names.same(raw.columns[mode][row]) if mode is not None else "")
        if not chosen:
            cells.wrong(row, option, "empty candidate", "a row names an option", "give the name")
        elif key in seen:
            cells.wrong(row, option, "the option stands there twice", "a row an option of a unit", "sum its rows")
        seen.add(key)
        votes[unit_at[name], option_at[chosen]] += cells.count(row, count)
        if bloc is not None:
            blocs.setdefault(chosen, names.said(raw.columns[bloc][row]))
    options = [option_name(name) for name in option_at]
    _check(path, options, raw.header)
    cells.raise_problems()
    notes = (*(f"{path.name}: {note}" for note in raw.notes), *cells.notes())
    return Round(
        str(path),
        tuple(unit_at),
        tuple(options),
        tuple(kind(name) for name in option_at),
        tuple(blocs.get(name, "") for name in option_at),
        votes,
        tuple(region_of[name] for name in unit_at),
        sha256,
        notes,
    )


def _check(path: Path, options: Sequence[str], header: Sequence[str]) -> None:
    """Refuse a table without options, or with one twice."""
    if not any(kind(option) == "candidate" for option in options):
        rule = "a column an option with whole numbers of people, or columns unit, candidate and votes"
        raise InputError.single(str(path), "no options", rule=rule, got=names.listed(header, 12))
    same = [names.same(option) for option in options]
    twice = sorted({option for option in options if same.count(names.same(option)) > 1})
    if twice:
        raise InputError.single(
            str(path),
            "an option stands there twice",
            rule="each option once",
            got=names.listed(twice, 6),
            fix="remove one, or name them apart",
        )
