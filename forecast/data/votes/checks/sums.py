"""Sums among the parts of a table of votes: a candidate, mode or unit that is others together.

Each check is linear in the table; `Wanted.keep` answers those that may be meant.
"""

from __future__ import annotations

import numpy as np

from runoff.data.votes.votes import Votes
from runoff.data.votes.words import Wanted
from runoff.errors import Problem
from runoff.race import BoolArray, Int64Array

PARTS = 3  # a sum has so many parts at least: two equal units, or one of two that is the other's double, are none
_CELLS = 6  # cells, of so many votes in two parts each, in which a sum of two agrees: no chance either
_SURE = 8.0  # decimal digits that have to agree by chance before a run of rows is called a sum
_MULTIPLIER = 6_364_136_223_846_793_005  # Knuth's, of 64-bit random numbers; its powers are a hash's weights


def sum_problems(votes: Votes, wanted: Wanted) -> list[Problem]:
    """A candidate, mode or unit that is the sum of others."""
    v = votes.votes
    if not v.size:
        return []  # a feed before the first result
    found = [
        _sum_problem(votes, "candidate", votes.candidates[c], votes.row_of(candidate=c), "all other candidates")
        for c in whole_sums(np.moveaxis(v, 2, 0).reshape(v.shape[2], -1))
        if not wanted.kept(votes.candidates[c])
    ]
    found += [
        _sum_problem(votes, "mode", votes.modes[m], votes.row_of(mode=m), "all other modes")
        for m in whole_sums(np.moveaxis(v, 1, 0).reshape(v.shape[1], -1))
        if not wanted.kept(votes.modes[m])
    ]
    for u, of in sorted(unit_sums(votes).items()):
        if not wanted.kept(votes.units[u].name):
            found.append(_sum_problem(votes, "unit", votes.units[u].name, votes.row_of(unit=u), of))
    return found


def _sum_problem(votes: Votes, column: str, name: str, row: int, of: str) -> Problem:
    rule = f"a {column} is counted once: sums stay out of the table"
    fix = f'[results] drop = ["{name}"] leaves its rows out; keep = ["{name}"] if it is no sum'
    return votes.table.problem(row, column, f"{name} has as many votes as {of} together", rule, fix)


def whole_sums(parts: Int64Array) -> list[int]:
    """Rows of int64[n, k] that are the sum of all others, of which at least PARTS are not nought."""
    held: BoolArray = np.asarray(parts.any(axis=1))
    n = int(held.sum())
    whole: BoolArray = np.asarray(held & (2 * parts == parts.sum(axis=0)).all(axis=1))
    found: list[int] = np.flatnonzero(whole).tolist() if n >= PARTS else []
    return [i for i in found if n > PARTS or _no_chance(np.delete(parts[held], int(held[:i].sum()), axis=0))]


def _no_chance(two: Int64Array) -> bool:
    """Whether two parts, int64[2, k], share so many cells that somebody else's votes are not their sum by chance."""
    return bool((two > 0).all(axis=0).sum() >= _CELLS)


def unit_sums(votes: Votes) -> dict[int, str]:
    """Units that are the sum of all others, of the others in their region, or of units that stand before or behind."""
    parts = votes.votes.reshape(len(votes.units), -1)
    regions: dict[str, list[int]] = {}
    for u, unit in enumerate(votes.units):
        regions.setdefault(unit.region, []).append(u)
    found: dict[int, str] = {}
    for region, inside in regions.items() if len(regions) > 1 else ():
        found.update({inside[i]: f"the other units of {region or 'no region'}" for i in whole_sums(parts[inside])})
    rest = np.array([u for u in range(len(parts)) if u not in found], np.int64)
    found.update({int(rest[i]): "all other units" for i in whole_sums(parts[rest])})
    in_file = np.array([votes.row_of(unit=u) for u in range(len(parts))])
    order = np.argsort(in_file, kind="stable")
    for u, n in running_sums(parts[order]).items():
        found.setdefault(int(order[u]), f"the {n:,} units beside it in the file")
    return found


def running_sums(parts: Int64Array) -> dict[int, int]:
    """Rows of int64[n, k] that are the sum of at least PARTS rows right before or right behind, and of how many.

    Sums of rows up to each place are looked up by a hash that adds up, so that this is linear; matches are verified,
    and count where they have more than _SURE decimal digits in common, which no two unrelated sums have.
    """
    digits = np.log10(1.0 + parts).sum(axis=1)
    weights = np.cumprod(np.full(parts.shape[1], _MULTIPLIER))
    found: dict[int, int] = {}
    for forwards in (True, False):
        rows = parts if forwards else parts[::-1]
        before = np.concatenate([np.zeros((1, rows.shape[1]), np.int64), np.cumsum(rows, axis=0)])
        key = before @ weights
        start_key = key[:-1] - rows @ weights  # 64-bit arithmetic wraps around, as it may
        place = {int(value): i for i, value in enumerate(key)}
        for i in np.flatnonzero((digits if forwards else digits[::-1]) >= _SURE).tolist():
            start = place.get(int(start_key[i]))
            if start is None or not np.array_equal(before[i] - before[start], rows[i]):
                continue
            some = rows[start:i][rows[start:i].any(axis=1)]
            if len(some) >= PARTS or (len(some) == PARTS - 1 and _no_chance(some)):
                found.setdefault(i if forwards else len(rows) - 1 - i, i - start)
    return found


def equal_units(votes: Votes) -> list[str]:
    """A note where two units have the very same votes, in so many digits that it is no chance."""
    parts = votes.votes.reshape(len(votes.units), -1)
    known = np.flatnonzero(np.log10(1.0 + parts).sum(axis=1) >= _SURE)
    first: dict[bytes, int] = {}
    pairs = [(first.setdefault(parts[u].tobytes(), u), u) for u in known.tolist()]
    pairs = [(a, b) for a, b in pairs if a != b]
    if not pairs:
        return []
    more = f", and {len(pairs) - 1:,} more pairs" if len(pairs) > 1 else ""
    one, other = (votes.units[u].name for u in pairs[0])
    return [f"units {one} and {other} have the same votes for everybody: one unit twice?{more}"]
