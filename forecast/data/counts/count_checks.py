"""What a first round's count, once it is read, is held against: stated sizes, an earlier hour, its own units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from runoff import names
from runoff.data.votes.unlike import part_note, turnout_note
from runoff.errors import Problem, shown, suggestion

if TYPE_CHECKING:
    from runoff.data.counts.first_round_count import Count
    from runoff.data.votes.places import Places
    from runoff.data.votes.votes import Votes
    from runoff.runfile.sections.observed import ModeSize


def sizes_fit(count: Count, sizes: Mapping[str, ModeSize], path: str) -> tuple[list[Problem], list[str]]:
    """[counting.modes] speaks of modes that are there, and says what can be: problems, and notes.

    path : of the run file.
    """
    problems, notes = list[Problem](), list[str]()
    place = _by_name(count)
    for name, size in sizes.items():
        m, where = place.get(names.same(name)), f"[counting.modes.{name}]"
        if not count.rolled:
            rule, fix = "a size is a share of all registered voters", "give the roll, or expected in the status table"
            problems.append(Problem(path, 0, 0, f"no registered voters for {where}", rule, shown(name), fix))
            continue
        if m is None:
            fix = suggestion(name, count.modes) or "name a mode of the results or of the status table"
            rule = f"modes are {', '.join(shown(m) for m in count.modes if m) or 'not told: the tables have none'}"
            problems.append(Problem(path, 0, 0, f"no such mode in {where}", rule, shown(name), fix))
            continue
        problem, said = _size_fits(count, m, size)
        if problem is not None:
            what, rule, got, fix = problem
            problems.append(Problem(path, 0, 0, f"{where}: {what}", rule, got, fix))
        notes += [f"{where}{note}" for note in said]
    return problems, notes


def _by_name(count: Count) -> dict[str, int]:
    return {names.same(mode): m for m, mode in enumerate(count.modes)}


def _size_fits(count: Count, m: int, size: ModeSize) -> tuple[tuple[str, str, str, str] | None, list[str]]:
    """What is wrong with a mode's size (what, rule, got, way out), and what a reader should know of it."""
    everybody, counted = int(count.registered.sum()), int(count.votes[:, m].sum())
    least, most = size.low * everybody, size.high * everybody
    if counted > most:
        what = f"{counted:,} votes of this mode are counted, and high means {most:,.0f}"
        rule = "a size is a share of all registered voters, counted votes included"
        return (what, rule, f"{size.high:g}", "raise high, or take the size away"), []
    if counted < least and count.complete[:, m].all():
        what = f"{counted:,} votes are counted, nothing of the mode is out, and low means {least:,.0f}"
        rule = "a size is a share of all registered voters, and no more than what is counted and out"
        fix = "is something out? name it in the status table; or lower the size"
        return (what, rule, f"{size.low:g}", fix), []
    notes = []
    total = int(count.votes.sum()) - counted + most
    if count.complete[:, m].any() and any(o.mode == m and o.expected is None and o.low is None for o in count.out):
        why = "some units of this mode are complete, and the others are predicted from them"
        notes.append(f" is not used: {why}")
    elif total > everybody:
        notes.append(f": with what is counted high means {total:,.0f} votes of {everybody:,} people: is it a share?")
    if counted > least:
        notes.append(f": {counted:,} votes are counted already, low means {least:,.0f}")
    return None, notes


def turnouts(count: Count, places: Places) -> list[str]:
    """Units that are complete have a turnout like each other's; cells with a small part of it are named."""
    counted = np.where(count.complete.all(axis=1), count.votes.sum(axis=(1, 2)), 0)
    units, people = places.labels(), count.registered.astype(np.float64)
    if not count.rolled:
        return []
    notes = turnout_note(units, counted, np.maximum(count.registered, 0))
    for m, mode in enumerate(count.modes):
        at = np.flatnonzero(count.complete[:, m])
        cells = [units[u] + (f", {mode}" if mode else "") for u in at.tolist()]
        notes += part_note(cells, count.votes[at, m].sum(axis=1), people[at], "those registered")
    return notes


def below(count: Count, places: Places, previous: Votes) -> list[Problem]:
    """Counts that have gone down since an earlier hour, by mode where both hours tell modes."""
    told, mode_of = "region" in previous.table.columns, _by_name(count)
    candidate = {c.name: i for i, c in enumerate(count.first_round.candidates)}
    by_modes = set(map(names.same, previous.modes)) <= set(mode_of)
    problems = []
    for u, c in np.argwhere(np.asarray((previous.row >= 0).any(axis=1))).tolist():
        unit, name = previous.units[u], previous.candidates[c]
        place = places.find(unit.region if told else None, unit.name)
        row = previous.row_of(unit=u, candidate=c)
        if place is None or name not in candidate:
            what, rule = "not in the present results", "units and candidates stay"
            fix = "is it renamed? write one name in both tables"
            problems.append(previous.table.problem(row, "unit", what, rule, fix))
            continue
        here, then = count.votes[place, :, candidate[name]], previous.votes[u, :, c]
        pairs = [(int(then.sum()), int(here.sum()), row, "")]
        if by_modes:
            pairs = [
                (int(then[m]), int(here[mode_of[names.same(mode)]]),
                 previous.row_of(unit=u, mode=m, candidate=c), f", {mode}" if mode else "")
                for m, mode in enumerate(previous.modes)
            ]  # fmt: skip
        for before, now, row, where in pairs:
            if now < before:
                what = f"{name} had {before:,} votes in {unit.name}{where} and now has {now:,}"
                fix = "a corrected count? then take `previous` away"
                problems.append(previous.table.problem(row, "votes", what, "counts do not go down", fix))
    return problems
