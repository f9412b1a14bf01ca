"""What a table of votes cannot mean: gaps that are no noughts, one name spelt two ways; sums are `sums`'s.

Each check is linear in the table and says every place; `Wanted.keep` answers those that may be meant.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from runoff import names
from runoff.data.tables.table import MOST_PROBLEMS
from runoff.data.votes.checks.sums import equal_units, sum_problems
from runoff.data.votes.votes import NO_MODE, Votes
from runoff.data.votes.words import Wanted
from runoff.errors import Problem
from runoff.race import BoolArray, FloatArray

LARGE = 0.03  # share of the votes above which a candidate's missing rows can be gaps
EXPECTED = 10.0  # votes of somebody without a row above which that is a gap
_FEW_VOTES = 20  # in a cell, whose shares tell nothing
_ALIKE = 0.8  # likeness of two names that never meet, above which they are taken for one
_MOST_ALIKE = 200  # candidates with rows in part of the units that are held against each other


def table_problems(votes: Votes, wanted: Wanted, finalists: int) -> tuple[list[Problem], list[str]]:
    """What is wrong with a table, and what a reader should know of it.

    finalists : how many advance: none of the first so many can lack a row.
    """
    problems = sum_problems(votes, wanted)
    if problems or not votes.votes.size:
        return problems, []
    alike, notes, told = _spellings(votes)
    problems += alike
    gaps, more = _gaps(votes, finalists, told)
    return (problems + gaps)[:MOST_PROBLEMS], notes + equal_units(votes) + more


def _gaps(votes: Votes, finalists: int, told: Iterable[str]) -> tuple[list[Problem], list[str]]:
    """Cells with rows in which somebody large has none; how many others lack one.

    A missing row may be a nought where a table leaves noughts out, and few votes were to be expected.  It is a gap
    where the table writes noughts elsewhere, or where more than EXPECTED votes were to be expected.  Small candidates
    (below LARGE, and not among the first) have support in some places only: theirs are counted.
    """
    present: BoolArray = np.asarray(votes.row >= 0)
    missing: BoolArray = np.asarray(present.any(axis=2, keepdims=True) & ~present)
    if not missing.any():
        return [], []
    v = votes.votes
    total, held = v.sum(axis=(0, 1)), v.sum(axis=2)
    order = sorted(range(len(total)), key=lambda c: (-int(total[c]), votes.candidates[c]))
    large = np.asarray(total >= LARGE * total.sum())
    large[order[:finalists]] = total[order[:finalists]] > 0
    expected = np.asarray(held[:, :, None] * _least_shares(votes, present, large), np.float64)
    full = bool((v[present] == 0).any())  # noughts are written
    gap = np.asarray(missing & (expected > (EXPECTED / 10 if full else EXPECTED)))
    gap &= large & ~np.isin(votes.candidates, list(told))
    problems = []
    for u, m, c in np.argwhere(gap)[:MOST_PROBLEMS].tolist():
        unit, mode, name = votes.units[u].name, votes.modes[m], votes.candidates[c]
        place = unit + (f", {mode}" if mode != NO_MODE else "")
        rule = "a candidate with votes has a row in each unit that others have: a missing one is a gap and no nought"
        got = f"{expected[u, m, c]:,.0f} votes at least to be expected beside {int(held[u, m]):,} of others"
        line = votes.table.line(votes.row_of(unit=u, mode=m))
        fix = f"add the row, with 0 if nobody chose {name} there; is a name spelt otherwise near {line}?"
        problems.append(Problem(votes.table.name, 0, 0, f"no row for {name} in {place}", rule, got, fix))
    return problems, [] if problems else _noughts(votes, missing, order[:finalists])


def _least_shares(votes: Votes, present: BoolArray, large: BoolArray) -> FloatArray:
    """Half of what each candidate has where he is weakest, of the votes of a cell: float64[M, C]; 0 for small ones."""
    held = votes.votes.sum(axis=2)
    share = np.zeros((len(votes.modes), len(votes.candidates)))
    for m in range(len(votes.modes)):
        for c in np.flatnonzero(large).tolist():
            at = present[:, m, c] & (held[:, m] >= _FEW_VOTES)
            if at.any():
                share[m, c] = 0.5 * np.quantile(votes.votes[at, m, c] / held[at, m], 0.01)
    return share


def _noughts(votes: Votes, missing: BoolArray, first: Sequence[int]) -> list[str]:
    """How many rows are not there, and whose."""
    who = np.asarray(missing.any(axis=(0, 1)))
    said = f"{votes.source[0]}: {int(missing.sum()):,} rows of {int(who.sum()):,} candidates are missing, counted as 0"
    for c in [c for c in first if who[c]]:
        at = np.argwhere(missing[:, :, c])
        unit, mode = votes.units[at[0, 0]].name, votes.modes[at[0, 1]]
        said += f"; {votes.candidates[c]} lacks {len(at):,}, as in {unit}" + (f", {mode}" if mode else "")
    return [said]


def _spellings(votes: Votes) -> tuple[list[Problem], list[str], set[str]]:
    """Candidates, units, modes, regions, parties and blocs whose names are nearly one; and those candidates."""
    problems, notes, told = _candidate_spellings(votes)
    present = np.asarray(votes.row >= 0)
    for m, n in _pairs(votes.modes):
        if not (present[:, m].any(axis=1) & present[:, n].any(axis=1)).any():
            problems.append(_two_ways(votes, "mode", votes.modes[m], votes.modes[n], votes.row_of(mode=n)))
        else:
            notes.append(f"modes {votes.modes[m]} and {votes.modes[n]}: one mode spelled two ways?")
    regions = sorted({unit.region for unit in votes.units if unit.region})
    for i, j in _pairs(regions):
        row = min(votes.row_of(unit=u) for u, unit in enumerate(votes.units) if unit.region == regions[j])
        problems.append(_two_ways(votes, "region", regions[i], regions[j], row))
    problems += _unit_spellings(votes, present, notes)
    for column, values in (("party", votes.party), ("bloc", votes.bloc)):
        known = sorted({value for value in values if value})
        notes += [f"{column} {known[i]} and {known[j]}: one {column} spelled two ways?" for i, j in _pairs(known)]
    return problems, notes, told


def _candidate_spellings(votes: Votes) -> tuple[list[Problem], list[str], set[str]]:
    """Near names that never meet in a unit are refused, others noted; so are likenesses that fill each other's gaps."""
    inside = np.asarray((votes.row >= 0).any(axis=1))  # [U, C]
    problems, notes, told, pairs = list[Problem](), list[str](), set[str](), set[tuple[int, int]]()
    for a, b in _pairs(votes.candidates, names.near):
        pairs.add((a, b))
        if not (inside[:, a] & inside[:, b]).any():
            told |= {votes.candidates[a], votes.candidates[b]}
            problems.append(
                _two_ways(votes, "candidate", votes.candidates[a], votes.candidates[b], votes.row_of(candidate=b))
            )
        else:
            notes.append(f"candidates {votes.candidates[a]} and {votes.candidates[b]}: are they two?")
    partly = [int(c) for c in np.flatnonzero(~inside.all(axis=0))][:_MOST_ALIKE]
    plain = [names.near(votes.candidates[c]) for c in partly]
    for i, a in enumerate(partly):
        matcher = difflib.SequenceMatcher(None, "", plain[i])
        for j in range(i):
            b = partly[j]
            if (b, a) in pairs or (inside[:, a] & inside[:, b]).any():
                continue
            matcher.set_seq1(plain[j])
            if matcher.real_quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE:
                row = votes.row_of(candidate=a)
                told |= {votes.candidates[a], votes.candidates[b]}
                problems.append(_two_ways(votes, "candidate", votes.candidates[b], votes.candidates[a], row))
    return problems, notes, told


def _unit_spellings(votes: Votes, present: BoolArray, notes: list[str]) -> list[Problem]:
    """Units of one region with near names: one unit where they share no candidate and mode; else they are counted."""
    problems, pairs = [], []
    by_region: dict[str, list[int]] = {}
    for u, unit in enumerate(votes.units):
        by_region.setdefault(unit.region, []).append(u)
    for inside in by_region.values():
        for i, j in _pairs([votes.units[u].name for u in inside]):
            u, v = inside[i], inside[j]
            if not (present[u] & present[v]).any():
                problems.append(
                    _two_ways(votes, "unit", votes.units[u].name, votes.units[v].name, votes.row_of(unit=v))
                )
            else:
                pairs.append((votes.units[u].name, votes.units[v].name))
    if pairs:
        more = f", and {len(pairs) - 1:,} more pairs" if len(pairs) > 1 else ""
        notes.append(f"units {pairs[0][0]} and {pairs[0][1]}: one unit spelled two ways?{more}")
    return problems


def _pairs(known: Sequence[str], form: Callable[[str], str] = names.alike) -> list[tuple[int, int]]:
    """Pairs of names that have one form: each with the first of its kind."""
    first: dict[str, int] = {}
    pairs = []
    for i, name in enumerate(known):
        at = first.setdefault(form(name), i)
        if at != i:
            pairs.append((at, i))
    return pairs


def _two_ways(votes: Votes, column: str, one: str, other: str, row: int) -> Problem:
    rule = f"a {column} has one name: near ones that never stand in the same unit are one"
    fix = f"write {one} or {other} in all rows"
    if column == "candidate":
        fix += ", or add rows with 0 votes where one of two people had none"
    return votes.table.problem(row, column, f"{one} and {other}: one {column} spelled two ways", rule, fix)
