"""What a first round's count, once it is read, is held against: stated sizes, an earlier hour, its own units."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from runoff import names
from runoff.data.tables.strangers import Strangers, of_another_race
from runoff.data.votes.checks.unlike import part_note, turnout_note
from runoff.errors import Problem, shown, suggestion

if TYPE_CHECKING:
    from runoff.data.counts.count import Count
    from runoff.data.votes.places import Places, Unit
    from runoff.data.votes.votes import Votes
    from runoff.race import BoolArray, Int64Array
    from runoff.runfile.sections.observed import ModeSize


Size = TypeVar("Size")
SizeJudged = tuple[tuple[str, str, str, str] | None, list[str]]  # what, rule, got, way out; notes


def stated_sizes(
    section: str,
    modes: Sequence[str],
    sizes: Mapping[str, Size],
    judged: Callable[[int, Size], SizeJudged],
    fix: str,
    path: str,
) -> tuple[list[Problem], list[str]]:
    """Sizes speak of modes that are there, and say what can be: problems, and notes.

    judged : of a mode's place and size.  fix : for a mode that is not there.  path : of the run file.
    """
    problems, notes = list[Problem](), list[str]()
    place = {names.same(mode): m for m, mode in enumerate(modes)}
    for name, size in sizes.items():
        m, where = place.get(names.same(name)), f"[{section}.{name}]"
        if m is None:
            known = [mode for mode in modes if mode]
            rule = f"modes are {', '.join(map(shown, known)) or 'not told: the tables have none'}"
            way_out = suggestion(name, known) or fix
            problems.append(Problem(path, 0, 0, f"no such mode in {where}", rule, shown(name), way_out))
            continue
        wrong, said = judged(m, size)
        if wrong is not None:
            what, rule, got, way_out = wrong
            problems.append(Problem(path, 0, 0, f"{where}: {what}", rule, got, way_out))
        notes += [f"{where}{note}" for note in said]
    return problems, notes


def sizes_fit(count: Count, sizes: Mapping[str, ModeSize], path: str) -> tuple[list[Problem], list[str]]:
    """[counting.modes] are shares of all registered voters, counted votes included: problems, and notes."""
    everybody = int(count.registered.sum())

    def judged(m: int, size: ModeSize) -> SizeJudged:
        if not count.rolled:
            rule, fix = "a size is a share of all registered voters", "give the roll, or expected in the status table"
            return ("nobody told how many are registered", rule, "", fix), []
        counted, notes = int(count.votes[:, m].sum()), list[str]()
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
        total = int(count.votes.sum()) - counted + most
        if count.complete[:, m].any() and any(o.mode == m and o.expected is None and o.low is None for o in count.out):
            notes.append(" is not used: some units of this mode are complete, and the others are predicted from them")
        elif total > everybody:
            said = f"with what is counted high means {total:,.0f} votes of {everybody:,} people"
            notes.append(f": {said}: is it a share?")
        if counted > least:
            notes.append(f": {counted:,} votes are counted already, low means {least:,.0f}")
        return None, notes

    fix = "name a mode of the results or of the status table"
    return stated_sizes("counting.modes", count.modes, sizes, judged, fix, path)


def units_known(
    units: Sequence[Unit],
    votes: Int64Array,
    complete: BoolArray,
    registered: Int64Array,
    told: Set[tuple[int | str, int]],
    file: str,
) -> list[Problem]:
    """A unit without any vote is said to be out; told : units or regions, and modes, of which a status row speaks."""
    silent = np.asarray(~votes.any(axis=(1, 2)) & complete.all(axis=1) & (registered != 0))
    rule = "a unit without votes is named in the status table: out, or complete if nobody voted"
    fix, known = "add a row to the status table", {place for place, _ in told}
    return [
        Problem(file, 0, 0, f"no word of {units[u].name}", rule, units[u].name, fix)
        for u in np.flatnonzero(silent).tolist()
        if u not in known
    ]


def modes_known(
    inside: Mapping[str, Sequence[int]],
    modes: Sequence[str],
    votes: Int64Array,
    registered: Int64Array,
    told: Set[tuple[int | str, int]],
    file: str,
) -> list[Problem]:
    """A mode of which a region has no vote is said to be out there, or complete; inside : units of each region."""
    problems, fix = [], "add a row to the status table"
    rule = "a mode without votes is named in the status table: out, or complete if nobody used it"
    for region, units in inside.items():
        voted = votes[units].any(axis=(0, 2))
        for m in np.flatnonzero(~voted).tolist() if registered[units].any() else []:
            if not any((place, m) in told for place in (region, *units)):
                where = f"{modes[m]}{f' in {region}' if region else ''}"
                problems.append(
                    Problem(file, 0, 0, f"no word of {where}", rule, f"no votes and no row for {where}", fix)
                )
    return problems


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
    told, mode_of = "region" in previous.table.columns, {names.same(mode): m for m, mode in enumerate(count.modes)}
    candidate = {c.name: i for i, c in enumerate(count.first_round.candidates)}
    by_modes = set(map(names.same, previous.modes)) <= set(mode_of)
    found = [places.find(unit.region if told else None, unit.name) for unit in previous.units]
    strange = [unit.name for unit, place in zip(previous.units, found, strict=True) if place is None]
    others = [name for name in previous.candidates if name not in candidate]
    other = of_another_race(
        previous.table.name,
        Strangers("units", strange, len(found) - len(strange), [unit.name for unit in places.units]),
        Strangers("candidates", others, len(previous.candidates) - len(others), list(candidate)),
    )
    if other is not None:
        return [other]
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
            at = [(previous.row_of(unit=u, mode=m, candidate=c), mode) for m, mode in enumerate(previous.modes)]
            pairs = [
                (int(then[m]), int(here[mode_of[names.same(mode)]]), row, f", {mode}" if mode else "")
                for m, (row, mode) in enumerate(at)
            ]
        for before, now, row, where in pairs:
            if now < before:
                what = f"{name} had {before:,} votes in {unit.name}{where} and now has {now:,}"
                fix = "a corrected count? then take `previous` away"
                problems.append(previous.table.problem(row, "votes", what, "counts do not go down", fix))
    return problems
