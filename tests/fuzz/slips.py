"""Slips of people, many of each kind: which part is answered without a word, and how far that moves the answer."""

from __future__ import annotations

import difflib
import random
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from tests.fuzz.campaign import undamaged, written
from tests.fuzz.judge import FAILED, NO_WAY_OUT, REFUSED, Verdict, judged, new_notes
from tests.fuzz.races import TABLES, Race, ga06, small
from tests.fuzz.semantic import MUTATIONS
from tests.fuzz.sheet import Sheet

HARMLESS, WITH_NOTE, SILENT = "harmless", "noted", "silent"
_HEAVY = ("ga06 first-round-night-0130", "ga06 runoff-night")  # seconds each: drawn seldom
_MOVES = 0.01  # a change of a win probability that matters


@dataclass(frozen=True)
class Slip:
    """One slip and what became of it; `moved` is the largest change of a win probability."""

    mutation: str
    race: str
    table: str
    outcome: str
    moved: float
    said: str


def slips(count: int, seed: int, keep: Path, races: Sequence[Race] = ()) -> list[Slip]:
    """`count` slips, as many of each kind, in tables of all races drawn by chance."""
    chosen = races or (*small(), *ga06())
    names = list(MUTATIONS)
    folder = Path(mkdtemp(prefix="case-", dir=keep))
    found = [
        slip(names[number % len(names)], random.Random(f"{seed}/{number}"), folder, chosen) for number in range(count)
    ]
    shutil.rmtree(folder)
    return found


def slip(mutation: str, dice: random.Random, folder: Path, races: Sequence[Race]) -> Slip:
    """One slip of a kind in some table that can have it."""
    places = [(race, table) for race in races for table in race.tables]
    weights = [1 if race.name in _HEAVY else 4 for race, _ in places]
    while True:
        race, table = dice.choices(places, weights)[0]
        text = race.files[race.tables[table]]
        changed = MUTATIONS[mutation](Sheet.of(text), dice)
        if changed is not None and (now := changed.text()) != Sheet.of(text).text():
            break
    written(folder, {name: (now if name == race.tables[table] else old).encode() for name, old in race.files.items()})
    plain, verdict = undamaged(race), judged(folder, race.run, slowest=600.0)
    lines = list(difflib.unified_diff(text.split("\n"), now.split("\n"), n=0, lineterm=""))[2:10]
    said = "\n".join([*(line for line in lines if not line.startswith("@@")), *_end(verdict, plain)])
    return Slip(mutation, race.name, table, _outcome(verdict, plain), _moved(verdict, plain), said)


def _outcome(verdict: Verdict, plain: Verdict) -> str:
    if verdict.outcome in (REFUSED, NO_WAY_OUT, FAILED):
        return verdict.outcome
    if new_notes(verdict, plain):
        return WITH_NOTE
    same = (verdict.digest, [name for name, _ in verdict.wins]) == (plain.digest, [name for name, _ in plain.wins])
    return HARMLESS if same else SILENT


def _moved(verdict: Verdict, plain: Verdict) -> float:
    before, after = dict(plain.wins), dict(verdict.wins)
    return max((abs(before.get(name, 0.0) - after.get(name, 0.0)) for name in {*before, *after}), default=0.0)


def _end(verdict: Verdict, plain: Verdict) -> list[str]:
    """What was said: the refusal's first line, or the new notes."""
    if verdict.outcome in (REFUSED, NO_WAY_OUT):
        return ["= " + verdict.message.split("\n", 1)[0]]
    if verdict.outcome == FAILED:
        return ["= " + verdict.message[-1_500:]]
    return [f"= note: {note}" for note in sorted(new_notes(verdict, plain))]


def told(found: Sequence[Slip]) -> str:
    """Tables by kind of slip, by table, and of both."""
    kinds = [name for name in MUTATIONS if any(s.mutation == name for s in found)]
    tables = [name for name in TABLES if any(s.table == name for s in found)]
    parts = [_table("slip", kinds, found, lambda s: s.mutation), _table("table", tables, found, lambda s: s.table)]
    return "\n\n".join([*parts, _both(kinds, tables, found)])


def _table(title: str, names: Sequence[str], found: Sequence[Slip], of: Callable[[Slip], str]) -> str:
    """A line each: how many were refused, noted, harmless, silent, and which part of the silent moves the answer."""
    lines = [f"{title:37} {'N':>5} refused noted harmless failed silent  silent %  moves"]
    for name in [*names, "all"]:
        mine = [s for s in found if name in (of(s), "all")]
        n = Counter(s.outcome for s in mine)
        moves = sum(s.outcome == SILENT and s.moved >= _MOVES for s in mine)
        lines.append(
            f"{name:37} {len(mine):5,} {n[REFUSED] + n[NO_WAY_OUT]:7,} {n[WITH_NOTE]:5,} {n[HARMLESS]:8,} "
            f"{n[FAILED]:6,} {n[SILENT]:6,} {100 * n[SILENT] / len(mine):8.1f}  {moves:5,}"
        )
    return "\n".join([*lines, f"(moves: silent, and a win probability changes by {100 * _MOVES:g} point or more)"])


def _both(kinds: Sequence[str], tables: Sequence[str], found: Sequence[Slip]) -> str:
    """Silent of all, by slip and table."""
    lines = [f"{'silent / all':37} " + " ".join(f"{table[:9]:>9}" for table in tables)]
    for kind in kinds:
        cells = []
        for table in tables:
            mine = [s.outcome for s in found if (s.mutation, s.table) == (kind, table)]
            cells.append(f"{mine.count(SILENT)}/{len(mine)}" if mine else "")
        lines.append(f"{kind:37} " + " ".join(f"{cell:>9}" for cell in cells))
    return "\n".join(lines)


def listed(found: Sequence[Slip], outcomes: Sequence[str]) -> str:
    """Every slip of some outcomes, with the changed lines."""
    return "\n\n".join(
        f"## {s.outcome}: {s.mutation}; {s.race}, {s.table}; moved {100 * s.moved:.1f} points\n{s.said}"
        for s in found
        if s.outcome in outcomes
    )
