"""Flows of the units that are counted: the estimate of `runoff estimate`, over these units alone.

It says where people of these units went.  Those that are out may be other people: the forecast does not rest on it.
Where a small mode, mail say, comes late everywhere, units count as in without it; who is out by it is among those who
did not vote.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from runoff.data.counts.runoff_count import COMPLETE, FirstModes, Reported
from runoff.data.rounds.joined import BothRounds, joined
from runoff.errors import InputError
from runoff.estimate.ecological.transfers import Settings, estimate
from runoff.model.flows.cells import cells
from runoff.model.flows.known import odds_of
from runoff.model.flows.rounds import counted_round, first_round
from runoff.race import Row
from runoff.runfile.load import Case

LEAST_UNITS = 10  # with fewer the answer is what is known before
LEFT = 0.1  # of a unit's first-round votes: modes with so many at most may still be out
LEAST_PART = 0.01  # of the people of a round: smaller origins are one
_MOST_UNITS = 5_000  # a night is drawn every minute: of more, the largest
_DRAWS = 1_000
OTHERS = "others"


def flow_rows(case: Case, reported: Reported, first: FirstModes | None, seed: int, threads: int) -> list[Row]:
    """Rows of `runoff.output.schemas.runoff_night.FLOWS`; none while fewer than LEAST_UNITS units are in.

    first : the first round by mode, where it is told so.
    """
    units = counted(reported, first)
    if len(units) < LEAST_UNITS:
        return []
    try:
        both = _few(joined(first_round(case), counted_round(case, reported, units)))
    except InputError:  # a roll that cannot be, or nobody left: the night has said what is odd
        return []
    if len(both.units) < LEAST_UNITS or len(both.origins) < 2:
        return []
    names = both.units, both.origins, both.destinations
    sides = both.first.astype(np.float64), both.second.astype(np.float64)
    found = estimate(*sides, names, odds_of(both), Settings(draws=_DRAWS, seed=seed, threads=threads))
    people = dict(zip(both.origins, both.first.sum(axis=0).tolist(), strict=True))
    rows = cells(both.origins, both.destinations, found.matrix, found.draws, (found.least, found.most))
    return [{**row, "people": people[str(row["origin"])], "units": len(both.units)} for row in rows]


def counted(reported: Reported, first: FirstModes | None) -> np.ndarray:
    """Places int64[n] of the units that are in: complete, but for modes that had LEFT of their first round at most."""
    complete = reported.state == COMPLETE
    if first is None:
        return np.flatnonzero(complete.all(axis=1))
    place = {mode: m for m, mode in enumerate(first.modes)}
    votes = first.votes.sum(axis=2)  # [U, modes of the first round]
    before = np.stack(
        [votes[:, place[mode]] if mode in place else np.zeros(len(votes), np.int64) for mode in reported.modes], axis=1
    )
    left = np.where(complete, 0, before).sum(axis=1)
    return np.flatnonzero(complete.any(axis=1) & (left <= LEFT * before.sum(axis=1)) & (before.sum(axis=1) > 0))


def _few(both: BothRounds) -> BothRounds:
    """The largest units, and small origins of the same kind as one."""
    if len(both.units) > _MOST_UNITS:
        largest = np.sort(np.argsort(-both.first.sum(axis=1), kind="stable")[:_MOST_UNITS])
        both = replace(
            both,
            units=tuple(both.units[u] for u in largest),
            regions=tuple(both.regions[u] for u in largest),
            first=both.first[largest],
            second=both.second[largest],
        )
    people = both.first.sum(axis=0)
    here = set(both.destinations)
    small = [
        j
        for j, name in enumerate(both.origins)
        if both.kinds[0][j] == "candidate" and name not in here and people[j] < LEAST_PART * people.sum()
    ]
    if len(small) < 2:
        return both
    kept = [j for j in range(len(both.origins)) if j not in set(small)]
    together = both.first[:, small].sum(axis=1)
    return replace(
        both,
        origins=(*(both.origins[j] for j in kept), OTHERS),
        kinds=((*(both.kinds[0][j] for j in kept), "candidate"), both.kinds[1]),
        blocs=((*(both.blocs[0][j] for j in kept), ""), both.blocs[1]),
        first=np.column_stack([both.first[:, kept], together]),
    )
