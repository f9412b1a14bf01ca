"""What a question sees of a runoff ahead: all trials' totals, or the detailed ones with pools and units."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runoff.phases.asked import RACE, Askable, Block, Counted, Hear, Place
from runoff.simulate.again.detail import DETAIL_TRIALS, groups

if TYPE_CHECKING:
    from runoff.model.pools import Model
    from runoff.phases.base import Asking
    from runoff.phases.runoff_ahead.fit import Arrays
    from runoff.phases.settings import Settings
    from runoff.simulate.driver import WhenDrawn

IN_DETAIL = frozenset(("units", "regions", "pools", "blocs"))
_FIX = 'draw it by unit: [results] by = "unit" with a table by unit, without --totals-only'


def askable(model: Model, found: Arrays) -> Askable:
    """The places of a race: pools and blocs always, units and regions where they were drawn."""
    first = model.first_round
    pools = tuple(pool.name for pool in model.pools)
    blocs = tuple(dict.fromkeys(pool.bloc for pool in model.pools if pool.kind == "eliminated"))
    names, absent = (
        {"pools": pools, "blocs": blocs},
        {"first round": ("the first round is over", "take `in first round` out")},
    )
    if found.detail.people.shape[0] > 1:
        names["units"] = first.units
        regions = tuple(dict.fromkeys(first.regions))
        names |= {"regions": regions} if any(regions) else {}
    elif len(first.units) > 1:
        absent |= dict.fromkeys(("units", "regions"), ("this run was drawn without its units", _FIX))
    else:
        absent |= dict.fromkeys(("units", "regions"), ("this race has one unit", _FIX))
    if "regions" not in {*names, *absent}:
        absent["regions"] = ("units have no regions here", "name units, or give the table a column region")
    note = "of pools and blocs: expected votes, before the noise of counting"
    notes = {"pools": note, "blocs": note}
    return Askable(model.finalists, names, absent, IN_DETAIL, notes=notes)


def hears_totals(people: float, hear: Hear) -> WhenDrawn:
    """What hears each block's totals, votes int32[n, K] and weights int64[n] or none."""
    return lambda first, votes, weights: hear(Block(first, weights, {RACE: Counted(votes.astype(np.int64), people)}))


def tell(model: Model, found: Arrays, settings: Settings, asking: Asking) -> None:
    """Let a question hear places of the detailed trials; memory is of a few groups."""
    places = asking.places
    inputs = found.detail
    by_units = [place for place in places if place.kind in ("units", "regions")]
    by_pools = [place for place in places if place.kind in ("pools", "blocs")]
    members = [_units(model, place) for place in by_units]
    rows = list(dict.fromkeys(j for place in by_pools for j in _pools(model, place)))
    people = {place: float(model.people[units].sum()) for place, units in zip(by_units, members, strict=True)}
    people |= {place: float(sum(inputs.row_people[j] for j in _pools(model, place))) for place in by_pools}
    last = min(DETAIL_TRIALS, settings.trials)
    progress = None if asking.all_trials else asking.progress
    for group in groups(inputs, 0, last, places=members, rows=rows, threads=settings.threads, on_progress=progress):
        found_places = {RACE: Counted(group.votes, float(model.people.sum()))}
        for place, votes in zip(by_units, group.places, strict=True):
            found_places[place] = Counted(votes, people[place])
        for place in by_pools:
            at = [rows.index(j) for j in _pools(model, place)]
            found_places[place] = Counted(group.rows[at].sum(axis=0), people[place])
        asking.hear(Block(group.first, group.weights, found_places))


def _units(model: Model, place: Place) -> list[int]:
    """The units of a place."""
    names = model.first_round.units if place.kind == "units" else model.first_round.regions
    return [u for u, name in enumerate(names) if name in place.names]


def _pools(model: Model, place: Place) -> list[int]:
    """The pools of a place; a bloc has those of its eliminated candidates."""
    if place.kind == "pools":
        return [j for j, pool in enumerate(model.pools) if pool.name in place.names]
    return [j for j, pool in enumerate(model.pools) if pool.kind == "eliminated" and pool.bloc in place.names]
