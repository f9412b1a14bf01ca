"""A folder of an archive's tables, CSV or Parquet, as columns of their kinds; every problem of every cell at once.

Columns that follow from others may be missing: the camp follows from the bloc, who advanced from who has runoff
votes, valid ballots from the candidates' votes, the winner from the most of them, the election from place and date.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runoff import names
from runoff.data.archive.columns import DERIVED, TABLES, kinds
from runoff.data.archive.words import BLOCS, CAMPS, CONTESTS, LEVELS, VERIFIED, camp_of, election_of
from runoff.data.tables import cells
from runoff.data.tables.table import REMARKS, Table, read_table
from runoff.data.tables.typed import Columns
from runoff.errors import InputError, MissingFileError, Problem, suggestion, visible

NEEDED = {
    "races": ("race_id", "country", "office", "level", "contest_type", "date_first", "date_runoff"),
    "candidates": ("race_id", "candidate", "bloc", "first_round_votes", "runoff_votes"),
    "polls": ("race_id", "pollster", "poll_date", "pct_finalist_a", "pct_finalist_b"),
    "outright": ("race_id", "election", "candidate", "bloc", "first_round_votes", "elected"),
    "nuances": ("office", "year", "nuance", "bloc"),
}
ALSO_NAMED = {"nuances": ("nuance_bloc",)}
WORDS = {
    "level": tuple(LEVELS),
    "contest_type": tuple(CONTESTS),
    "bloc": BLOCS,
    "camp": CAMPS,
    "verified": VERIFIED,
    "partisan": BLOCS,
}
MOST_STRANGE = 4  # races that no table has, above which, and above so many times the others, they are one problem
_MEANT = {  # words that people write for ours
    "democrat": "D",
    "democratic": "D",
    "dem": "D",
    "republican": "R",
    "rep": "R",
    "gop": "R",
    "libertarian": "L",
    "independent": "I",
    "ind": "I",
    "center": "centre",
    "centrist": "centre",
    "middle": "centre",
    "extreme right": "far-right",
    "radical right": "far-right",
    "extreme left": "far-left",
    "radical left": "far-left",
    "none": "other",
    "others": "other",
    "divers": "other",
    "president": "national",
    "presidential": "national",
    "house": "us_house",
    "mayor": "municipal",
    "local": "municipal",
    "general": "open",
    "jungle": "open",
    "partisan": "open",
    "primary": "primary_D or primary_R",
}


@dataclass(frozen=True, slots=True)
class Folder:
    """The tables of a folder: as text, each cell's place known, and as columns of their kinds, row by row the same.

    A table that is not there has no text, and columns without rows.
    """

    texts: dict[str, Table]
    columns: dict[str, Columns]


def read_folder(folder: Path) -> Folder:
    """The tables of a folder.

    Raises
    ------
    InputError : with every cell that is wrong.
    MissingFileError : no such folder, or without races or candidates.
    """
    problems: list[Problem] = []
    texts: dict[str, Table] = {}
    paths = _paths(folder)
    for name, path in paths.items():
        others = [column for column, _, _ in TABLES[name] if column not in (*NEEDED[name], *REMARKS)]
        try:
            texts[name] = read_table(path, NEEDED[name], [*others, *DERIVED.get(name, ())], empty=True)
        except InputError as error:
            problems += error.problems
    columns = {name: _columns(name, texts.get(name), problems) for name in TABLES}
    if problems:
        raise InputError(problems)
    return Folder(texts, columns)


def _paths(folder: Path) -> dict[str, Path]:
    """The file of each table that is there."""
    if not folder.is_dir():
        what = "a file, not a folder" if folder.exists() else "no such folder"
        raise MissingFileError(
            f"{visible(str(folder))}: {what}\n  fix:  name a folder with races.csv and candidates.csv"
        )
    found, problems = {}, []
    for name in TABLES:
        stems = (name, *ALSO_NAMED.get(name, ()))
        there = [folder / f"{stem}{end}" for stem in stems for end in (".csv", ".parquet")]
        there = [path for path in there if path.exists()]
        if len(there) > 1:
            got = ", ".join(path.name for path in there)
            problems.append(
                Problem(str(folder), 0, 0, f"{name} stand there twice", "one file a table", got, "keep one")
            )
        if there:
            found[name] = there[0]
    if problems:
        raise InputError(problems)
    missing = [name for name in ("races", "candidates") if name not in found]
    if missing:
        what = f"no {' and no '.join(f'{name}.csv' for name in missing)}"
        fix = "an archive is a folder with races.csv and candidates.csv (or .parquet); polls.csv may be there"
        raise MissingFileError(f"{visible(str(folder))}: {what}\n  fix:  {fix}")
    return found


def _columns(name: str, table: Table | None, problems: list[Problem]) -> Columns:
    """The cells of a table by their kinds; columns that it lacks are empty."""
    if table is None:
        return {column: [] for column in kinds(name)}
    rows = range(len(table.lines))
    cell = {column: _reader(name, column, kind, table) for column, kind in kinds(name).items()}
    return {column: [cell[column](table, row, column, problems) for row in rows] for column in cell}


def _reader(name: str, column: str, kind: str, table: Table) -> Callable[[Table, int, str, list[Problem]], Any]:
    """How a cell of a column is read."""
    needed = column in NEEDED[name]
    if column not in table.columns:
        return lambda *_: {"text": "", "flag": False}.get(kind)
    if column in WORDS:
        return lambda t, row, c, problems: _word(t, row, c, needed, problems)
    readers: dict[str, Callable[[Table, int, str, list[Problem]], Any]] = {
        "text": cells.name if needed else _text,
        "count": cells.whole if needed and column != "runoff_votes" else cells.maybe_whole,
        "flag": cells.yes_no,
        "day": cells.needed_day,
        "share": cells.per_cent if column.startswith("pct_") else cells.ratio,
    }
    return cells.people if column == "sample_size" else readers[kind.removesuffix("?")]


def _text(table: Table, row: int, column: str, problems: list[Problem]) -> str:
    """Words, or none; without characters that nobody sees."""
    found = cells.text(table, row, column)
    wrong = names.problem(found) if found else None
    if wrong is not None:
        what, _, fix = wrong
        problems.append(table.problem(row, column, f"{what} the {column}", "texts show every character", fix))
    return found


def _word(table: Table, row: int, column: str, needed: bool, problems: list[Problem]) -> str:
    """One of a column's words, in any capitals; '' where it may be empty and is."""
    found = cells.text(table, row, column)
    if not found and not needed:
        return ""
    known = {names.same(word): word for word in WORDS[column]}
    if names.same(found) in known:
        return known[names.same(found)]
    meant = _MEANT.get(names.alike(found), "")
    near = suggestion(found, WORDS[column]) if found else ""
    fix = f"did you mean {meant}?" if meant else near or "write one of these"
    what = f"unknown {column}" if found else f"empty {column}"
    problems.append(table.problem(row, column, what, f"{column} is one of {', '.join(WORDS[column])}", fix))
    return found


def fill(columns: dict[str, Columns], texts: dict[str, Table]) -> None:
    """Put in what follows from the rest, where a folder does not say it; to be done before races are checked."""
    r, c = columns["races"], columns["candidates"]
    if "candidates" in texts and "advanced" not in texts["candidates"].columns:
        c["advanced"] = [votes is not None for votes in c["runoff_votes"]]
    for table in ("candidates", "outright", "nuances"):
        of = columns[table]
        of["camp"] = [camp or camp_of(bloc) for camp, bloc in zip(of["camp"], of["bloc"], strict=True)]
    placed = zip(r["election"], r["country"], r["level"], r["date_runoff"], strict=True)
    r["election"] = [said or election_of(country, level, day) for said, country, level, day in placed]
    r["verified"] = [said or "no" for said in r["verified"]]
    sums: dict[str, list[int]] = {}
    most: dict[str, tuple[int, str]] = {}
    for race, name, first, second in zip(*(c[k] for k in _COUNTED), strict=True):
        both = sums.setdefault(race, [0, 0])
        both[0] += first
        both[1] += second or 0
        most[race] = max(most.get(race, (-1, "")), (-1 if second is None else second, name))
    for n, valid in enumerate(("first_round_valid", "runoff_valid")):
        said = zip(r["race_id"], r[valid], strict=True)
        r[valid] = [sums.get(race, [0, 0])[n] if found is None else found for race, found in said]
    r["winner"] = [won or most.get(race, (0, ""))[1] for race, won in zip(r["race_id"], r["winner"], strict=True)]
    _elections_of_outright(columns)
    o = columns["outright"]
    votes: dict[str, int] = {}
    for race, first in zip(o["race_id"], o["first_round_votes"], strict=True):
        votes[race] = votes.get(race, 0) + first
    told = zip(o["race_id"], o["first_round_valid"], strict=True)
    o["first_round_valid"] = [votes[race] if valid is None else valid for race, valid in told]


_COUNTED = ("race_id", "candidate", "first_round_votes", "runoff_votes")


def _elections_of_outright(columns: dict[str, Columns]) -> None:
    """Elections of outright districts by their id, where they are said by what ids of their races begin with."""
    races, outright = columns["races"], columns["outright"]
    known = set(races["election"])
    begun: dict[str, str] = {}
    for said in set(outright["election"]) - known:
        found = {e for race, e in zip(races["race_id"], races["election"], strict=True) if race.startswith(f"{said}_")}
        begun[said] = found.pop() if len(found) == 1 else said
    outright["election"] = [begun.get(said, said) for said in outright["election"]]


def strangers(table: Table, ids: Sequence[str], known: Collection[str], whose: str) -> Iterator[Problem]:
    """Rows of races that are not in races: each, or one problem where hardly any is of a race that is."""
    strange = [row for row, race in enumerate(ids) if race not in known]
    there = {ids[row] for row in strange}
    rule, fix = f"{whose} race stands in races", "add the race to races, or remove the row"
    if len(there) > MOST_STRANGE and len(there) > MOST_STRANGE * len(set(ids) - there):
        what = f"{len(there):,} of its {len(set(ids)):,} races are not in races"
        few = f"races are {names.listed(sorted(known), 3)}"
        yield table.problem(strange[0], "race_id", what, f"{rule}; {few}", "give races one race_id in all tables")
        return
    for row in strange:
        near = suggestion(ids[row], known)
        yield table.problem(row, "race_id", f"no race {ids[row]}", rule, near or fix)
