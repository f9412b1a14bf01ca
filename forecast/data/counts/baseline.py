"""An earlier election by unit, beside a first round that is being counted: votes of two sides, and turnout."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from runoff import names
from runoff.data.tables import cells
from runoff.data.tables.strangers import Strangers, of_another_race
from runoff.data.tables.table import MOST_PROBLEMS, Table
from runoff.data.votes.checks.unlike import LEAST, rolls_note, share_note, turnout_note
from runoff.data.votes.places import Places
from runoff.data.votes.results import Results
from runoff.errors import Problem, suggestion
from runoff.race import FloatArray, Int64Array

_UNITS = 6  # in which both have votes, below which nothing can be said of a correlation
_INFORMS = 0.3  # correlation from which on an earlier election says something
NUMBERS = ("first", "second", "ballots", "registered")


@dataclass(frozen=True, slots=True)
class Baseline:
    """An earlier election by unit: votes of two sides, float64[U]; turnout where known."""

    first: FloatArray
    second: FloatArray
    ballots: FloatArray | None
    registered: FloatArray | None


def read_baseline(table: Table, results: Results) -> tuple[Baseline, list[Problem], list[str]]:
    """The earlier election in the order of the race's units, what is wrong with it, and what is odd."""
    problems, notes = list[Problem](), list[str]()
    values, strange = _values(table, results, problems)
    if not problems:
        problems += _sums(table, values)
    whole = {column: found[:, 0].astype(np.int64) for column, found in values.items()}
    if strange and not problems:
        notes.append(f"{Path(table.name).name}: not used: {names.listed(strange, 1)}, which this race has not")
    units, said = Places(results.units).labels(), list[str]()
    if not problems:
        both = np.stack([whole["first"], whole["second"]], axis=1)
        said += share_note(units, ("first", "second"), both)
        if len(units) > 2 and both.sum(axis=1).max() <= 100:
            said.append("no unit has more than 100 votes: are these percentages?")
    if {"ballots", "registered"} <= set(whole) and not problems:
        said += turnout_note(units, whole["ballots"], whole["registered"])
        if results.roll is not None:
            said += rolls_note(units, results.roll.registered, whole["registered"])
    notes += [f"{Path(table.name).name}: {note}" for note in said]
    number = {column: found[:, 0] for column, found in values.items()}
    return Baseline(number["first"], number["second"], number.get("ballots"), number.get("registered")), problems, notes


def whose_note(baseline: Baseline, votes: Int64Array, whose: Sequence[str], file: str) -> list[str]:
    """A note where the shares that two candidates had tell nothing of theirs now, or the opposite.

    Told by the upper end of the correlation's 95 % range (Fisher 1921) over units with votes for both, then and now;
    an earlier election of the same candidates has 0.8 or more where half of the places are in.

    Parameters
    ----------
    votes : int64[U, 2], counted votes of `whose`, the candidates whose votes the baseline has.

    """
    then, now = np.stack([baseline.first, baseline.second], axis=1), votes
    some = (then > 0).all(axis=1) & (now > 0).all(axis=1) & (now.sum(axis=1) >= LEAST)
    n = int(some.sum())
    if n < _UNITS:
        return []
    before, after = (np.log(part[some, 0] / part[some, 1]) for part in (then.astype(np.float64), now))
    file, pair = Path(file).name, f"{whose[0]} and {whose[1]}"
    if min(float(before.std()), float(after.std())) < 1e-6:
        return [f"{file}: {pair} had, or have, the same shares in all {n:,} units with votes: it says nothing of them"]
    r = float(np.corrcoef(before, after)[0, 1])
    most = float(np.tanh(np.arctanh(min(max(r, -0.999_999), 0.999_999)) + 1.645 / np.sqrt(n - 3)))
    said = f"{file}: in {n:,} units the shares of {pair} then and now have a correlation of {r:+.2f}"
    if most < 0.0:
        return [f"{said}: are [counting] baseline_candidates, or the columns first and second, swapped?"]
    if most < _INFORMS:
        return [f"{said}: the earlier election says nothing of them; without baseline_candidates it is believed less"]
    return []


def _values(table: Table, results: Results, problems: list[Problem]) -> tuple[dict[str, FloatArray], list[str]]:
    """float64[U, 2] of each column, the number and the row it stands in; and units that the race has not."""
    places = Places(results.units)
    values = {c: np.zeros((len(results.units), 2)) for c in NUMBERS if c in table.columns}
    seen: dict[int, int] = {}
    strange = []
    for row in range(len(table.lines)):
        unit = cells.name(table, row, "unit", problems)
        region = names.said(table.columns["region"][row]) if "region" in table.columns else None
        found = {column: cells.whole(table, row, column, problems) for column in values}
        place = places.find(region, unit)
        if place is None:
            strange.append(unit)
        elif seen.setdefault(place, row) != row:
            fix = f"the first is in {table.line(seen[place])}: remove one of them"
            problems.append(table.problem(row, "unit", f"a second row for {unit}", "one row per unit", fix))
        else:
            for column, value in found.items():
                values[column][place] = value or 0, row
    missing = [u for u in range(len(results.units)) if u not in seen]
    other = of_another_race(table.name, Strangers("units", strange, len(seen), [unit.name for unit in results.units]))
    if other is not None and len(missing) > len(seen):  # else it is of the race and of places around it
        problems[:] = [other]
        return values, strange
    for u in missing[:MOST_PROBLEMS]:
        name = results.units[u].name
        fix = suggestion(name, strange[:500])
        rule = "the baseline has a row for each unit"
        problems.append(Problem(table.name, 0, 0, f"no row for {name}", rule, name, fix or "add it"))
    return values, strange


def _sums(table: Table, values: dict[str, FloatArray]) -> list[Problem]:
    """Votes of both sides, ballots, registered: none is below the one before it; noughts say that it is not known."""
    votes = values["first"][:, 0] + values["second"][:, 0]
    steps = [("votes of both sides", votes)]
    steps += [(column, values[column][:, 0]) for column in ("ballots", "registered") if column in values]
    fix = "are two columns or digits swapped? where they are not known, write 0 in ballots and registered"
    problems = []
    nothing = np.all([found == 0 for _, found in steps[1:]], axis=0)
    for (lower, less), (upper, most) in itertools.pairwise(steps):
        for u in np.flatnonzero(np.asarray((most < less) & ~nothing)).tolist():
            row = int(values[upper][u, 1])
            what, rule = f"fewer {upper} than {lower}", f"at least {less[u]:,.0f} {upper}"
            problems.append(table.problem(row, upper, what, rule, fix))
    return problems[:MOST_PROBLEMS]
