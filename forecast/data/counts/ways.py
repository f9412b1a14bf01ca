"""Units that are no places but a way of voting: a county's early vote, its mail, its provisional ballots.

Where a county counts such votes together, tables have them as a unit among its precincts: 'Acadia | Early voting'.
They share what voters of that way do, which no precinct tells.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from runoff import names
from runoff.data.counts.count import Count, Out
from runoff.data.votes.votes import NO_MODE
from runoff.race import Int64Array

PLACES = "places"  # the mode of all other units, where ways are modes
LEAST = 3  # units of one way: a place may be called Advance, and a county is called Early
_WAYS = """
absentee absentees early advance mail mailed postal provisional provisionals failsafe emergency affidavit overseas
military uocava curbside briefwahl briefwahlbezirk briefwahlvorstand correspondance correo anticipado anticipados
"""
_FILLERS = """
vote votes voter voters voting voto votos ballot ballots in by per par por la of the and person walk paper central count
site center centre location board precinct ward no
"""
_WAY_WORDS = frozenset(_WAYS.split())
_WORDS = _WAY_WORDS | frozenset(_FILLERS.split())
_PARTS = re.compile(r"[|/:;\u2013\u2014]|\s-\s")


@dataclass(frozen=True, slots=True)
class Way:
    """Units that are one way of voting: its words, and the units' places in the table."""

    name: str
    units: tuple[int, ...]


def ways_of(units: Sequence[str], regions: Sequence[str]) -> tuple[Way, ...]:
    """The ways of voting among a table's units, of at least LEAST units each, by name.

    units, regions : str[U]; a unit's name may have a region's in it: 'Acadia | Early voting', 'Acadia early vote 2'.
    """
    areas = frozenset(names.alike(region) for region in regions if region)
    found = [_way(unit, areas) for unit in units]
    known = sorted(way for way, n in Counter(found).items() if way and n >= LEAST)
    return tuple(Way(way, tuple(u for u, of in enumerate(found) if of == way)) for way in known)


def ways_note(ways: Sequence[Way], units: Sequence[str]) -> list[str]:
    """What a reader must know where units are taken for ways of voting."""
    if not ways:
        return []
    said = names.listed([f"{len(way.units):,} like {units[way.units[0]]}" for way in ways], 3)
    what = "they share effects of their own, as the votes of one mode do; rename those that are places"
    return [f"units that are ways of voting, by their names: {said}: {what}"]


def with_modes(count: Count) -> Count:
    """A count without modes whose ways of voting are modes, each of its own units, with a note; any other as it is."""
    first = count.first_round
    ways = ways_of(first.units, first.regions)
    if count.modes != (NO_MODE,) or not ways:
        return count
    mode = np.zeros(len(first.units), np.int64)
    for m, way in enumerate(ways, start=1):
        mode[list(way.units)] = m
    own = mode[:, None] == np.arange(len(ways) + 1)
    return replace(
        count,
        modes=(PLACES, *(way.name for way in ways)),
        votes=count.votes * own[:, :, None],
        complete=count.complete & own,
        out=tuple(part for out in count.out for part in _by_mode(out, mode)),
        notes=(*count.notes, *ways_note(ways, first.units)),
    )


def _by_mode(out: Out, mode: Int64Array) -> Iterator[Out]:
    """What is out, mode by mode; what is stated of units of several modes together is of the mode of most of them."""
    found = mode[list(out.members)]
    stated = out.expected is not None or out.low is not None
    for m in [int(np.bincount(found).argmax())] if stated else np.unique(found).tolist():
        members = out.members if stated else tuple(u for u in out.members if mode[u] == m)
        yield replace(out, members=members, mode=m)


def _way(unit: str, areas: frozenset[str]) -> str:
    """The way that a unit's name says besides a region's: 'early', 'absentee mail'; '' for a place."""
    parts = [part for part in map(names.alike, _PARTS.split(unit)) if part not in areas]
    words = parts[-1].split() if parts else []
    for n in range(len(words) - 1, 0, -1):
        if " ".join(words[:n]) in areas:
            words = words[n:]
            break
        if " ".join(words[-n:]) in areas:
            words = words[:-n]
            break
    said = [word for word in words if not word.isdigit()]
    return " ".join(sorted(_WAY_WORDS.intersection(said))) if all(word in _WORDS for word in said) else ""
