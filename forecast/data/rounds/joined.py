"""Two rounds of the same units as people by origin and by destination, with everybody in both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from runoff import names
from runoff.data.rounds.read import Round
from runoff.data.rounds.words import ABSENT, BLANK, Kind
from runoff.errors import InputError

CHANGED = 0.12  # of a unit's people, from one round to the other, above which it is left out
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Unit:
    """What became of a unit: its people in both rounds, and why it is left out ('' if it is not)."""

    name: str
    region: str
    first: int
    second: int
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class BothRounds:
    """People of each unit by origin and by destination, with equal sums; units and options in order of their names.

    units, regions : those that count.  origins, destinations : names; kinds and blocs of either.
    first : int64[n, R].  second : int64[n, C].  all_units : also those that are left out.
    empty : options that nobody chose, with their round.  notes : what a reader must know.
    """

    units: tuple[str, ...]
    regions: tuple[str, ...]
    origins: tuple[str, ...]
    destinations: tuple[str, ...]
    kinds: tuple[tuple[Kind, ...], tuple[Kind, ...]]
    blocs: tuple[tuple[str, ...], tuple[str, ...]]
    first: Counts
    second: Counts
    all_units: tuple[Unit, ...]
    empty: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Side:
    """One round's ballots by option, and the people of its units where they are known."""

    options: list[str]
    kinds: list[Kind]
    blocs: list[str]
    votes: Counts
    people: Counts | None


def joined(first: Round, second: Round) -> BothRounds:
    """Both rounds as people.

    Everybody of a unit's roll is somewhere: who is in no option did not vote.  Without a roll, a unit has as many
    people as the round with more ballots.  Where the roll changed, the first round is scaled to the second's.

    Raises
    ------
    InputError : no unit in both rounds, more ballots than people on the roll, or nobody left.
    """
    notes = [*first.notes, *second.notes]
    pairs, alone = _paired(first, second, notes)
    if not pairs:
        raise InputError.single(
            second.name,
            "no unit of the first round",
            rule="both tables name their units alike",
            got=f"{names.listed(second.units, 4)}; the first round has {names.listed(first.units, 4)}",
            fix="name the units alike",
        )
    a, b = [i for i, _ in pairs], [i for _, i in pairs]
    sides = _side(first, a, notes), _side(second, b, notes)
    _need_roll(first, sides[0], a)
    _need_roll(second, sides[1], b)
    whole = _whole(sides, notes)
    blank = ["blank" in side.kinds for side in sides]
    if blank[0] != blank[1] and any(side.people is not None for side in sides):
        lacks, has = (first, second) if blank[1] else (second, first)
        notes.append(f"{lacks.name} has no blank votes as {has.name} has: who cast one there did not vote")
    units = [second.units[i] for i in b]
    regions = [second.regions[k] or first.regions[i] for i, k in pairs]
    return _scaled(whole, sides, units, regions, alone, notes)


def _paired(first: Round, second: Round, notes: list[str]) -> tuple[list[tuple[int, int]], list[Unit]]:
    """Places of units in both rounds, by name, else by a name that is alike and nobody else's; and the others."""
    at = {name: i for i, name in enumerate(first.units)}
    pairs = {at[name]: k for k, name in enumerate(second.units) if name in at}
    rest = [k for k, name in enumerate(second.units) if name not in at]
    free: dict[str, list[int]] = {}
    for name, i in at.items():
        if i not in pairs:
            free.setdefault(names.alike(name), []).append(i)
    likes: dict[str, list[int]] = {}
    for k in rest:
        likes.setdefault(names.alike(second.units[k]), []).append(k)
    found = [(free[like][0], ks[0]) for like, ks in likes.items() if len(ks) == 1 and len(free.get(like, [])) == 1]
    pairs |= dict(found)
    if found:
        said = [f"{first.units[i]} is {second.units[k]}" for i, k in found]
        notes.append(f"units that are spelt two ways are taken as one: {names.listed(said, 3)}")
    alone = [
        Unit(name, first.regions[i], int(first.votes[i].sum()), 0, "in the first round only")
        for i, name in enumerate(first.units)
        if i not in pairs
    ]
    taken = set(pairs.values())
    alone += [
        Unit(name, second.regions[k], 0, int(second.votes[k].sum()), "in the second round only")
        for k, name in enumerate(second.units)
        if k not in taken
    ]
    return sorted(pairs.items(), key=lambda pair: second.units[pair[1]]), alone


def _side(of: Round, rows: list[int], notes: list[str]) -> _Side:
    """Options with people in them, blank ballots that follow from the ballots cast, and the roll."""
    chosen = [k for k, what in enumerate(of.kinds) if what in ("candidate", "blank")]
    chosen.sort(key=lambda k: of.options[k])  # whatever the file's order: ties of rounding go by it
    votes = of.votes[rows][:, chosen]
    options, blocs = [of.options[k] for k in chosen], [of.blocs[k] for k in chosen]
    kinds = [of.kinds[k] for k in chosen]
    ballots, roll, absent = (_column(of, what, rows) for what in ("ballots", "roll", "absent"))
    if ballots is not None and (ballots > votes.sum(axis=1)).any() and (ballots >= votes.sum(axis=1)).all():
        options, kinds, blocs = [*options, BLANK], [*kinds, "blank"], [*blocs, ""]
        votes = np.column_stack([votes, ballots - votes.sum(axis=1)])
        notes.append(f"{of.name}: ballots cast beyond all options are {BLANK}")
    people = roll if absent is None else votes.sum(axis=1) + absent
    if roll is not None and people is not None and (roll != people).any():
        notes.append(f"{of.name}: the roll is not votes and abstentions together; these are taken")
    sums = [of.options[k] for k, what in enumerate(of.kinds) if what == "sum"]
    if sums:
        notes.append(f"{of.name}: sums are left out: {names.listed(sums, 4)}")
    return _Side(options, kinds, blocs, votes, people)


def _column(of: Round, what: Kind, rows: list[int]) -> Counts | None:
    """The sum of a round's columns of one kind, for some units; None where it has none."""
    places = [k for k, found in enumerate(of.kinds) if found == what]
    counts: Counts = of.votes[rows][:, places].sum(axis=1)
    return counts if places else None


def _need_roll(of: Round, side: _Side, rows: list[int]) -> None:
    """Refuse more ballots than people on the roll."""
    if side.people is None:
        return
    over = np.flatnonzero(side.votes.sum(axis=1) > side.people)
    if over.size:
        said = [f"{of.units[rows[i]]}: {side.votes[i].sum():,} ballots of {side.people[i]:,}" for i in over]
        raise InputError.single(
            of.name,
            "more ballots than people on the roll",
            rule="who voted is on the roll",
            got=names.listed(said, 4, " units"),
            fix="is the roll of these units complete? leave its column out if not",
        )


def _whole(sides: tuple[_Side, _Side], notes: list[str]) -> tuple[Counts, Counts]:
    """The people of each unit in either round."""
    ballots = [side.votes.sum(axis=1) for side in sides]
    most = np.maximum(ballots[0], ballots[1])
    before, after = sides[0].people, sides[1].people
    if before is not None and after is not None:
        return before, after
    one = after if before is None else before
    if one is None:
        notes.append(
            "no roll: a unit has as many people as the round with more ballots, and the other's difference did not "
            "vote; who came neither time, or came and was replaced by another, is not seen"
        )
        return most, most
    people = np.maximum(one, most)
    notes.append("the roll is known in one round and taken for both")
    return people, people


def _scaled(
    whole: tuple[Counts, Counts],
    sides: tuple[_Side, _Side],
    units: list[str],
    regions: list[str],
    alone: list[Unit],
    notes: list[str],
) -> BothRounds:
    """The first round scaled to the second's people; units whose people changed much, or that have none, left out."""
    before, after = whole
    full = [
        np.column_stack([side.votes, people - side.votes.sum(axis=1)])
        for side, people in zip(sides, whole, strict=True)
    ]
    told = []
    for i, name in enumerate(units):
        why = ""
        if not after[i] or not before[i]:
            why = "nobody there"
        elif abs(after[i] / before[i] - 1.0) > CHANGED:
            why = f"its people changed by more than {CHANGED:.0%}"
        told.append(Unit(name, regions[i], int(before[i]), int(after[i]), why))
    kept = [i for i, unit in enumerate(told) if not unit.left_out]
    if not kept:
        raise InputError.single(
            "both rounds",
            "no unit is left",
            rule="a unit has people in both rounds, and about as many",
            got=names.listed([f"{u.name}: {u.first:,} and {u.second:,}" for u in told], 4),
            fix="are both of one race?",
        )
    first = np.array([_to_sum(full[0][i], int(after[i])) for i in kept], np.int64)
    second = full[1][kept]
    _tell(told, alone, kept, whole, notes)
    there = first.sum(axis=0) > 0, second.sum(axis=0) > 0
    options = [[*side.options, ABSENT] for side in sides]
    kinds: list[list[Kind]] = [[*side.kinds, "absent"] for side in sides]
    blocs = [[*side.blocs, ""] for side in sides]
    empty = [
        (option, n + 1)
        for n in (0, 1)
        for option, some in zip(options[n], there[n], strict=True)
        if not some and option != ABSENT
    ]
    if empty:
        notes.append(f"nobody chose {names.listed([f'{option} (round {n})' for option, n in empty], 5)}")

    def those(parts: list[list[str]], n: int) -> tuple[str, ...]:
        return tuple(part for part, some in zip(parts[n], there[n], strict=True) if some)

    kept_kinds = [tuple(k for k, some in zip(kinds[n], there[n], strict=True) if some) for n in (0, 1)]
    return BothRounds(
        tuple(units[i] for i in kept),
        tuple(regions[i] for i in kept),
        those(options, 0),
        those(options, 1),
        (kept_kinds[0], kept_kinds[1]),
        (those(blocs, 0), those(blocs, 1)),
        np.ascontiguousarray(first[:, there[0]]),
        np.ascontiguousarray(second[:, there[1]]),
        (*told, *alone),
        tuple(empty),
        tuple(notes),
    )


def _to_sum(counts: Counts, total: int) -> Counts:
    """Counts scaled to another sum, whole, the largest remainders rounded up; equal ones in order."""
    own = int(counts.sum())
    if own == total:
        return counts
    exact = counts * total
    parts: Counts = exact // own
    order = np.argsort(-(exact % own), kind="stable")
    parts[order[: total - int(parts.sum())]] += 1
    return parts


def _tell(told: list[Unit], alone: list[Unit], kept: list[int], whole: tuple[Counts, Counts], notes: list[str]) -> None:
    """Note what is left out and what was scaled."""
    for why in dict.fromkeys(unit.left_out for unit in (*told, *alone) if unit.left_out):
        of = [unit for unit in (*told, *alone) if unit.left_out == why]
        people = sum(max(unit.first, unit.second) for unit in of)
        said = names.listed([unit.name for unit in of], 3)
        notes.append(f"{len(of):,} units with {people:,} people are left out, {why}: {said}")
    moved = int(np.abs(whole[0][kept] - whole[1][kept]).sum())
    if moved:
        notes.append(f"the first round is scaled to the second's people, unit by unit: {moved:,} people came or left")
