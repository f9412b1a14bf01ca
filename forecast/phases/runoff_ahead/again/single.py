"""One trial of a runoff ahead: factors, pools with their rates and votes, units; or its totals alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runoff.phases.asked import Single
from runoff.race import FloatArray, Int64Array, Row
from runoff.simulate.again.detail import DETAIL_TRIALS, Group, groups
from runoff.simulate.again.factors import named

if TYPE_CHECKING:
    from runoff.kernels.arrays import Inputs
    from runoff.model.pools import Model
    from runoff.phases.runoff_ahead.fit import Arrays

_WEIGHT_ONE = 65_536.0


def single(model: Model, found: Arrays, trial: int, units: bool) -> Single:
    """The trial; units : whether by unit too."""
    whole = trial < DETAIL_TRIALS or found.rest is None
    inputs = found.detail if whole or found.rest is None else found.rest
    by_unit = units and whole and inputs.people.shape[0] > 1
    places = [[u] for u in range(inputs.people.shape[0])] if by_unit else []
    rows = list(range(len(inputs.row_people))) if whole else []
    group = next(iter(groups(inputs, trial, trial + 1, places=places, rows=rows, factors=whole)))
    votes, people = group.votes[0], int(model.people.sum())
    facts = {
        "detail": whole,
        "weight": float(group.weights[0]) / _WEIGHT_ONE if len(group.weights) else 1.0,
        "people": people,
        "valid_votes": int(votes.sum()),
        "turnout": int(votes.sum()) / people if people else None,
    }
    tables = {"candidates": totals(model.finalists, votes)}
    notes = []
    if whole:
        tables["factors"] = _factors(model, inputs, group.factors[:, 0])
        tables["pools"] = _pools(model, inputs, group.rows[:, 0])
        notes.append("votes of pools are expected votes, before the noise of counting")
    else:
        notes.append(f"drawn for totals only: trials from {DETAIL_TRIALS:,} on have no pools and no units")
    if by_unit:
        tables["units"] = _units(model, group)
    elif units and whole:
        notes.append("this run was drawn without its units")
    return Single(facts, tables, tuple(notes))


def totals(names: tuple[str, ...], votes: Int64Array | FloatArray) -> list[Row]:
    """A row a candidate: votes, and share of all."""
    total = votes.sum()
    return [
        {"candidate": name, "votes": own.item(), "share": float(own / total) if total else None}
        for name, own in zip(names, votes, strict=True)
    ]


def _factors(model: Model, inputs: Inputs, values: FloatArray) -> list[Row]:
    named_factors = named(model, inputs.factor_stream, inputs.local_load.shape[2])
    return [
        {
            "rate": factor.rate,
            "level": factor.level,
            "name": factor.name,
            "candidate": factor.candidate,
            "value": float(value),
        }
        for factor, value in zip(named_factors, values, strict=True)
    ]


def _pools(model: Model, inputs: Inputs, rows: FloatArray) -> list[Row]:
    """A row a pool, then a bloc; rows float64[B, K]."""
    names = [(pool.name, pool.kind) for pool in model.pools] + [(bloc, "bloc") for bloc in model.bloc_rows]
    found = []
    for (name, kind), people, votes in zip(names, inputs.row_people, rows, strict=True):
        voters = float(votes.sum())
        row: Row = {
            "pool": name,
            "kind": kind,
            "people": int(people),
            "turnout": voters / float(people) if people else None,
            "votes": voters,
        }
        row["preference"] = {
            who: float(own) / voters if voters else None for who, own in zip(model.finalists, votes, strict=True)
        }
        found.append(row)
    return found


def _units(model: Model, group: Group) -> list[Row]:
    """A row a unit and finalist."""
    first, people = model.first_round, model.people.sum(axis=1)
    return [
        {"unit": unit, "region": first.regions[u], "people": int(people[u]), **row}
        for u, unit in enumerate(first.units)
        for row in totals(model.finalists, np.asarray(group.places[u, 0]))
    ]
