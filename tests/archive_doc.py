"""The tables of docs/archive.md, made of the shipped archive; `python -m tests.documents` writes them into it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from runoff.app.commands._archive_page import level_rows
from runoff.data.archive.archive import Archive
from runoff.data.archive.columns import TABLES
from runoff.data.archive.races import PastRace
from runoff.data.archive.words import AXIS, CONTESTS, LEVELS, camp_of
from runoff.data.tables.typed import KINDS

MANY = 20  # races of an election that has a row of its own


def levels() -> str:
    """Races by country and level."""
    rows = [
        f"| {row['country']} | {row['level']} | {row['races']:,} | {row['elections']} | {_years(row)} "
        f"| {row['duels']:,} | {100 * row['leader_won']:.0f} % | {row['turnout_ratio']:.2f} |"
        for row in level_rows(Archive.load())
    ]
    head = "| country | level | races | elections | years | duels | leader won | turnout |"
    return _table(head, [*rows, _all()])


def _all() -> str:
    races = Archive.load().races
    duels = sum(len(race.finalists) == 2 for race in races)
    won = 100 * sum(race.leader_won for race in races) / len(races)
    return f"| all | | {len(races):,} | {len(Archive.load().elections)} | | {duels:,} | {won:.0f} % | |"


def _years(row: dict[str, int]) -> str:
    return str(row["first"]) if row["first"] == row["last"] else f"{row['first']} to {row['last']}"


def contests() -> str:
    """Races by contest."""
    rows = []
    for contest, said in CONTESTS.items():
        races = Archive.load().where(contest=contest).races
        same = sum(len({c.bloc for c in race.finalists}) == 1 for race in races)
        won = 100 * sum(race.leader_won for race in races) / len(races)
        rows.append(f"| {contest} | {said} | {len(races):,} | {same:,} | {won:.0f} % |")
    return _table("| contest_type | meaning | races | finalists of one bloc | leader won |", rows)


def elections() -> str:
    """Elections of many races."""
    archive, rows = Archive.load(), []
    for election in archive.elections:
        part = archive.election(election)
        if len(part.races) >= MANY:
            three = sum(len(race.finalists) > 2 for race in part.races)
            out = sum(bool(race.withdrawn) for race in part.races)
            won = 100 * sum(race.leader_won for race in part.races) / len(part.races)
            rows.append(f"| {election} | {len(part.races)} | {three} | {out} | {len(part.outright)} | {won:.0f} % |")
    return _table("| election | races | of three or four | somebody withdrew | decided at once | leader won |", rows)


def known() -> str:
    """In how many races each figure is known."""
    facts: tuple[tuple[str, Callable[[PastRace], object]], ...] = (
        (
            "registered voters of both rounds",
            lambda r: r.first.registered is not None and r.runoff.registered is not None,
        ),
        (
            "blank and null ballots of both rounds",
            lambda r: r.first.invalid is not None and r.runoff.invalid is not None,
        ),
        ("the same, blank apart from null", lambda r: r.first.blank is not None and r.runoff.blank is not None),
        ("an authority's code for each candidate", lambda r: all(c.nuance for c in r.candidates)),
        ("polls of the runoff", lambda r: r.polls),
        ("every figure verified", lambda r: r.verified == "yes"),
        ("votes that do not sum to the source's valid ballots", _unsummed),
        ("a note", lambda r: r.note),
    )
    races = Archive.load().races
    return _table(
        "| figure | races |", [f"| {name} | {sum(bool(is_it(r)) for r in races):,} |" for name, is_it in facts]
    )


def _unsummed(race: PastRace) -> bool:
    return (race.first_round_votes, race.runoff_votes) != (race.first.valid, race.runoff.valid)


def blocs() -> str:
    """Blocs, their places, and how many candidates have them."""
    races = Archive.load().races
    everybody = Counter(c.bloc for race in races for c in race.candidates)
    finalists = Counter(c.bloc for race in races for c in race.finalists)
    rows = [
        f"| {bloc} | {'off the axis' if math.isnan(place) else f'{place:g}'} | {camp_of(bloc)} | {everybody[bloc]:,} "
        f"| {finalists[bloc]:,} |"
        for bloc, place in AXIS.items()
    ]
    return _table("| bloc | axis | camp | candidates | finalists |", rows)


def meanings() -> str:
    """Levels and what they mean."""
    return _table("| level | meaning |", [f"| {level} | {said} |" for level, said in LEVELS.items()])


def columns(table: str) -> Callable[[], str]:
    """The maker of a table's columns."""

    def made() -> str:
        rows = [f"| `{name}` | {KINDS[kind]} | {said} |" for name, kind, said in TABLES[table]]
        return _table("| column | type | meaning |", rows)

    return made


def _table(head: str, rows: Iterable[str]) -> str:
    lines: Sequence[str] = [head, "|" + "---|" * (head.count("|") - 1), *rows]
    return "\n".join(lines) + "\n"
