"""Somebody else's table read as ours: its own column names, the rows of one race, a column (or several) a candidate.

`where` leaves rows out, `columns` renames, `wide` makes a row a unit and candidate of a row a unit.  A line of the file
may become several rows; a problem with one of them still knows its line and column.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from runoff import names
from runoff.data.tables.table_csv import MOST_ROWS, Raw
from runoff.errors import InputError, Problem, shown, suggestion

_OF_CELL = ("unit", "candidate", "votes", "region", "party", "bloc", "mode", "status")
OURS = (*_OF_CELL, "registered", "ballots", "counted_at")
ROLL = ("registered", "ballots")
NUMBER = "{n}"  # in a column's name: the number of its group
_RULE = "[results] {} names columns of the table"


@dataclass(frozen=True, slots=True)
class Shape:
    """How a table is read.

    columns : our name, and the columns of theirs that make it, joined by a blank.  where : column and value that rows
    have.  wide : columns that are candidates, or one name with {n}.  name, party : with {n}, columns beside it.
    parties : the party of a column that is a candidate.  strict : every column that is named is there.
    """

    columns: tuple[tuple[str, tuple[str, ...]], ...] = ()
    where: tuple[tuple[str, str], ...] = ()
    wide: tuple[str, ...] = ()
    name: tuple[str, ...] = ()
    party: tuple[str, ...] = ()
    parties: tuple[tuple[str, str], ...] = ()
    strict: bool = True

    @property
    def numbered(self) -> bool:
        """Whether candidates stand in groups of numbered columns."""
        return len(self.wide) == 1 and NUMBER in self.wide[0]

    @property
    def said(self) -> tuple[str, ...]:
        """Names of columns that it speaks of, those with {n} with 1."""
        theirs = [column for _, parts in self.columns for column in parts]
        wide = [part.replace(NUMBER, "1") for part in (*self.wide, *self.name, *self.party)]
        return (*theirs, *(column for column, _ in self.where), *wide)

    def of_votes(self) -> Shape:
        """What of it a table of votes has: all but columns of the roll."""
        return replace(self, columns=tuple((ours, parts) for ours, parts in self.columns if ours not in ROLL))

    def of_roll(self) -> Shape:
        """What of it a table of registered voters may have."""
        columns = tuple((ours, parts) for ours, parts in self.columns if ours in ("unit", "region", *ROLL))
        return Shape(columns=columns, where=self.where, strict=False)

    def wants(self, column: str) -> bool:
        """Whether a column of a table is one that it speaks of."""
        patterns = [_pattern(part) for part in (*self.wide, *self.name, *self.party) if NUMBER in part]
        same = names.same(column)
        return same in {names.same(name) for name in self.said} or any(p.fullmatch(column.strip()) for p in patterns)

    def fitting(self, header: Sequence[str]) -> Shape:
        """What of it a table with this header needs, where it may as well be a table of ours."""
        if self.strict:
            return self
        there = {names.same(column) for column in header}
        wide = self.wide
        if not self.numbered:  # a runoff's table has columns of the finalists alone
            wide = tuple(part for part in wide if names.same(part) in there)
        have = len(wide) >= 2 or self.numbered
        have = have and all(names.same(part.replace(NUMBER, "1")) in there for part in (*wide, *self.name, *self.party))
        if not have or {"candidate", "votes"} <= there:
            wide = ()
        columns = [
            (ours, parts)
            for ours, parts in self.columns
            if ours not in there and all(names.same(part) in there for part in parts)
        ]
        where = tuple((column, value) for column, value in self.where if names.same(column) in there)
        if not wide:
            return replace(self, columns=tuple(columns), where=where, wide=(), name=(), party=(), parties=())
        parties = tuple(pair for pair in self.parties if names.same(pair[0]) in there)
        return replace(self, columns=tuple(columns), where=where, wide=wide, parties=parties)


AS_OURS = Shape()


def shaped(file: str, raw: Raw, shape: Shape) -> Raw:
    """The table as ours.

    Raises
    ------
    InputError : with every column that is not there, or when no row is left.
    """
    shape = shape.fitting(raw.header)
    problems = _missing(file, raw, shape)
    if problems:
        raise InputError(problems)
    raw = _rows_of(file, raw, shape)
    raw = _renamed(raw, shape)
    return _long(file, raw, shape) if shape.wide else raw


def _pattern(part: str) -> re.Pattern[str]:
    """A column's name with a number for {n}, whatever its capitals."""
    return re.compile("([0-9]{1,4})".join(re.escape(text) for text in part.strip().split(NUMBER, 1)), re.IGNORECASE)


def _place(raw: Raw, column: str) -> int | None:
    """Where a column stands; as it is spelt, or apart from capitals and blanks."""
    if column in raw.header:
        return raw.header.index(column)
    return next((i for i, name in enumerate(raw.header) if names.same(name) == names.same(column)), None)


def _missing(file: str, raw: Raw, shape: Shape) -> list[Problem]:
    """Columns that the run file names and the table lacks."""
    keys = [("columns", part) for _, parts in shape.columns for part in parts]
    keys += [("where", column) for column, _ in shape.where]
    keys += [("wide", column) for column in shape.wide if NUMBER not in column]
    problems = []
    for key, column in keys:
        there = sum(names.same(name) == names.same(column) for name in raw.header)
        if there != 1:
            what = f"{there} columns {shown(column)}" if there else f"no column {shown(column)}"
            problems.append(_problem(file, raw, what, _RULE.format(key), "" if there else column))
    if shape.numbered and not _groups(raw, shape.wide[0]):
        rule = "[results] wide with {n}: columns of votes that are numbered, the number where {n} stands"
        problems.append(_problem(file, raw, f"no columns {shape.wide[0]}", rule, shape.wide[0].replace(NUMBER, "1")))
    for n in _groups(raw, shape.wide[0]) if shape.numbered else ():
        for key, part in [("name", part) for part in shape.name] + [("party", part) for part in shape.party]:
            if _place(raw, part.replace(NUMBER, n)) is None:
                column = part.replace(NUMBER, n)
                problems.append(_problem(file, raw, f"no column {shown(column)}", _RULE.format(key), column))
    return problems


def _problem(file: str, raw: Raw, what: str, rule: str, column: str) -> Problem:
    have = names.listed([shown(name) for name in raw.header if name], 12)
    fix = "" if column else "rename all but one of them"
    fix = fix or suggestion(column, raw.header) or "write the column's name as the table's first line has it"
    text = raw.text[raw.first_line - 1] if raw.text else ""
    return Problem(file, raw.first_line if text else 0, 1 if text else 0, what, rule, have, fix, text)


def _rows_of(file: str, raw: Raw, shape: Shape) -> Raw:
    """The rows that `where` keeps, with a note on how many."""
    if not shape.where or not raw.lines:
        return raw
    kept = list(range(len(raw.lines)))
    for column, value in shape.where:
        cells = raw.columns[_place(raw, column) or 0]
        have = [row for row in kept if names.said(cells[row]) == names.said(value)]
        if not have:
            seen = list(dict.fromkeys(names.said(cells[row]) for row in kept))
            rule = "[results] where keeps the rows that have a column's value, to the letter"
            fix = suggestion(value, seen) or f"it has {names.listed([shown(cell) for cell in seen], 6)}"
            raise InputError.single(file, f"no row has {column} = {shown(value)}", rule=rule, got=value, fix=fix)
        kept = have
    said = ", ".join(f"{column} = {value}" for column, value in shape.where)
    note = f"{len(kept):,} of {len(raw.lines):,} rows are read: {said}"
    columns = [[column[row] for row in kept] for column in raw.columns]
    used = (*raw.used, *(raw.header[_place(raw, column) or 0] for column, _ in shape.where))
    return replace(
        raw,
        columns=columns,
        lines=[raw.lines[row] for row in kept],
        notes=(*raw.notes, note),
        used=used,
    )


def _renamed(raw: Raw, shape: Shape) -> Raw:
    """The table with our names for its columns; one of its own that has such a name keeps it with a word before it."""
    header, columns, spots = list(raw.header), list(raw.columns), dict(raw.spots)
    used = list(raw.used)
    for ours, parts in shape.columns:
        places = [_place(raw, part) or 0 for part in parts]
        header = [
            f"their own {name}" if names.same(name) == ours and i not in places else name
            for i, name in enumerate(header)
        ]
        if len(places) == 1 and header[places[0]] == raw.header[places[0]]:
            header[places[0]] = ours
        else:
            header.append(ours)
            rows = zip(*(raw.columns[place] for place in places), strict=True)
            columns.append([" ".join(cell.strip() for cell in cells if cell.strip()) for cells in rows])
            used += [raw.header[place] for place in places]
        spots[ours] = (places[0],)
    said = [f"{ours} is {' and '.join(parts)}" for ours, parts in shape.columns if parts != (ours,)]
    notes = (*raw.notes, *([f"columns: {', '.join(said)}"] if said else ()))
    return replace(raw, header=tuple(header), columns=columns, spots=spots, notes=notes, used=tuple(used))


def _groups(raw: Raw, part: str) -> list[str]:
    """Numbers that stand for {n} in the table's names, in order of size."""
    pattern = _pattern(part)
    found = [match.group(1) for match in (pattern.fullmatch(name.strip()) for name in raw.header) if match]
    return sorted(found, key=lambda n: (int(n), n))


def _long(file: str, raw: Raw, shape: Shape) -> Raw:
    """A row for each unit and candidate, of a row for each unit; who has no cell in a line has no row."""
    parties = names.by_same(dict(shape.parties))
    if shape.numbered:
        groups = _groups(raw, shape.wide[0])
        votes = [_place(raw, shape.wide[0].replace(NUMBER, n)) or 0 for n in groups]
        named = [[_place(raw, part.replace(NUMBER, n)) or 0 for part in shape.name] for n in groups]
        sided = [[_place(raw, part.replace(NUMBER, n)) or 0 for part in shape.party] for n in groups]
    else:
        groups = list(shape.wide)
        votes = [_place(raw, column) or 0 for column in groups]
        named, sided = [[] for _ in groups], [[] for _ in groups]
    taken = {*votes, *(place for places in (*named, *sided) for place in places)}
    kept = [place for place in range(len(raw.header)) if place not in taken]
    row, group, cells = list[int](), list[int](), (list[str](), list[str](), list[str]())
    for line in range(len(raw.lines)):
        counted = [raw.columns[place][line] for place in votes]
        bare = not any(cell.strip() for cell in counted)
        for k, cell in enumerate(counted):
            name = _joined(raw, named[k], line) if named[k] else "" if shape.numbered else groups[k]
            if not cell.strip() and not (name if shape.numbered else bare):
                continue
            party = _joined(raw, sided[k], line) if sided[k] else parties.get(names.same(name), "")
            row.append(line)
            group.append(k)
            for column, text in zip(cells, (name, cell, party), strict=True):
                column.append(text)
        if len(row) > MOST_ROWS:
            raise InputError.single(file, "too many rows", rule=f"at most {MOST_ROWS:,} rows", fix="sum small units")
    met = {names.same(name) for name in set(cells[0])}
    for name, _ in shape.parties:
        if names.same(name) not in met:
            rule, fix = "[results] party says the party of a candidate of the table", suggestion(name, set(cells[0]))
            raise InputError.single(file, f"nobody is called {shown(name)}", rule=rule, fix=fix or "take it out")
    header = (*(raw.header[place] for place in kept), "candidate", "votes", "party")
    columns = [[raw.columns[place][line] for line in row] for place in kept]
    spots = {**raw.spots, **{raw.header[place]: (place,) for place in kept if raw.header[place] not in raw.spots}}
    spots |= {"votes": tuple(votes), "candidate": tuple(p[0] if p else v for p, v in zip(named, votes, strict=True))}
    spots["party"] = tuple(p[0] if p else v for p, v in zip(sided, votes, strict=True))
    note = f"{len(groups):,} columns of votes are read as rows: {names.listed([raw.header[v] for v in votes], 4)}"
    return replace(
        raw,
        header=header,
        columns=[*columns, *cells],
        lines=[raw.lines[line] for line in row],
        spots=spots,
        group=group,
        notes=(*raw.notes, note),
    )


def _joined(raw: Raw, places: Sequence[int], line: int) -> str:
    return " ".join(cell for cell in (raw.columns[place][line].strip() for place in places) if cell)


def said_by(results: Mapping[str, object]) -> Shape:
    """The shape that the keys of [results] say; keys of a wrong type say nothing, and are told elsewhere."""

    def texts(value: object) -> tuple[str, ...]:
        if isinstance(value, str):
            return (value,) if value else ()
        return tuple(part for part in value if isinstance(part, str) and part) if isinstance(value, list) else ()

    def pairs(value: object) -> list[tuple[str, object]]:
        return [(key, item) for key, item in value.items() if key] if isinstance(value, Mapping) else []

    party = results.get("party")
    return Shape(
        columns=tuple((key, texts(item)) for key, item in pairs(results.get("columns")) if key in OURS and texts(item)),
        where=tuple((key, item) for key, item in pairs(results.get("where")) if isinstance(item, str)),
        wide=texts(results.get("wide")),
        name=texts(results.get("name")),
        party=() if isinstance(party, Mapping) else texts(party),
        parties=tuple((key, item) for key, item in pairs(party) if isinstance(item, str)),
    )
