"""Units, regions and modes in one order, whatever the order of rows; and the places in which nobody lives.

A sum of floats, a Cholesky factor and a direction hang on the order of what they are made of.  Readers keep the
order of their tables; what is passed through here stands in order of its names (`key`; units by region and name), so
that any order of rows gives the same bits.  Output tables have this order too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from runoff.names import key
from runoff.race import FirstRound, Int64Array

if TYPE_CHECKING:
    from runoff.data.counts.baseline import Baseline
    from runoff.data.counts.first_round_count import Count, Out
    from runoff.data.counts.runoff_count import Reported


def of_units(first: FirstRound, places: Sequence[int] | Int64Array) -> FirstRound:
    """The first round of some units, in the order of `places`."""
    at = np.asarray(places, np.int64)
    return replace(
        first,
        units=tuple(first.units[u] for u in at),
        regions=tuple(first.regions[u] for u in at),
        votes=first.votes[at],
        registered=None if first.registered is None else first.registered[at],
        ballots=first.ballots[at],
    )


def canonical_count(count: Count) -> Count:
    """A count with units, modes and what is out in order; a unit that has a row of its own leaves its region's."""
    units, own = count.first_round.units, set[tuple[int, int]]()
    for one in count.out:
        own |= {(u, one.mode) for u in one.members if units[u] == one.place}
    out = [
        replace(o, members=tuple(u for u in o.members if units[u] == o.place or (u, o.mode) not in own))
        for o in count.out
    ]
    return _of_count(replace(count, out=tuple(out)), _by_name(count.first_round), _sorted(count.modes))


def inhabited_count(count: Count) -> Count:
    """A count without the units that have nobody on the roll: they have no votes and no part in anything."""
    some = np.flatnonzero(count.registered != 0)
    return count if len(some) == len(count.registered) else _of_count(count, some.tolist(), range(len(count.modes)))


def canonical_reported(reported: Reported) -> Reported:
    """What is reported of a runoff with its modes in order."""
    modes = _sorted(reported.modes)
    return replace(
        reported,
        modes=tuple(reported.modes[m] for m in modes),
        votes=reported.votes[:, modes],
        state=reported.state[:, modes],
    )


def _by_name(first: FirstRound) -> list[int]:
    keys = [(key(region), key(unit)) for region, unit in zip(first.regions, first.units, strict=True)]
    return sorted(range(len(keys)), key=keys.__getitem__)


def _sorted(names: Sequence[str]) -> list[int]:
    return sorted(range(len(names)), key=lambda m: key(names[m]))


def _of_count(count: Count, units: Sequence[int], modes: Sequence[int]) -> Count:
    """A count of some units and all modes, in the order of these places."""
    votes = count.votes[np.ix_(units, modes)]
    return replace(
        count,
        first_round=of_units(count.first_round, units),
        registered=count.registered[list(units)],
        modes=tuple(count.modes[m] for m in modes),
        votes=votes,
        complete=count.complete[np.ix_(units, modes)],
        out=_out(count.out, {u: i for i, u in enumerate(units)}, {m: i for i, m in enumerate(modes)}),
        baseline=None if count.baseline is None else _baseline(count.baseline, list(units)),
    )


def _out(out: Sequence[Out], units: dict[int, int], modes: dict[int, int]) -> tuple[Out, ...]:
    """What is out, with the new places of units and modes; gone where no unit of it is left."""
    moved = [
        replace(o, members=tuple(sorted(units[u] for u in o.members if u in units)), mode=modes[o.mode]) for o in out
    ]
    return tuple(sorted((o for o in moved if o.members), key=lambda o: (o.members, o.mode)))


def _baseline(base: Baseline, units: list[int]) -> Baseline:
    return replace(
        base,
        first=base.first[units],
        second=base.second[units],
        ballots=None if base.ballots is None else base.ballots[units],
        registered=None if base.registered is None else base.registered[units],
    )
