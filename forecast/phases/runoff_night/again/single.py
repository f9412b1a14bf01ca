"""One trial of a night: its effects, pools' rates, what was out of each region and mode, units, totals."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from runoff.phases.asked import Single
from runoff.phases.runoff_night.again.told import POOLS, UNITS, draws, pool_votes
from runoff.phases.runoff_night.again.told import units as unit_votes
from runoff.race import Row
from runoff.simulate.again.factors import named
from runoff.simulate.normals import GROUP

if TYPE_CHECKING:
    from runoff.model.pools import Model
    from runoff.phases.runoff_night.phase import Fit
    from runoff.phases.settings import Settings


def single(model: Model, fit: Fit, settings: Settings, trial: int, units: bool) -> Single:
    """The trial; units : whether by unit too."""
    night, case = draws(fit, settings), fit.data.case
    group, at = divmod(trial, GROUP)
    log_weight, votes, out, _, classes = night.block(group)
    effects = night.effects(group)[at]
    people = float(model.people.sum())
    total = votes[at]
    names = case.finalists
    facts = {
        "detail": True,
        "weight": math.exp(float(log_weight[at])),
        "people": int(people),
        "valid_votes": int(total.sum()),
        "turnout": float(total.sum() / people) if people else None,
    }
    tables: dict[str, list[Row]] = {"candidates": rows(names, total)}
    factors = named(model, fit.prepared.factor_stream)
    told = [(f.rate, f.level, f.name, f.candidate) for f in factors]
    told += [("night", "effect", name, "") for name in fit.prepared.model.names]
    tables["factors"] = [
        dict(zip(("rate", "level", "name", "candidate"), one, strict=True)) | {"value": float(value)}
        for one, value in zip(told, effects, strict=True)
    ]
    tables["pools"] = _pools(model, names, pool_votes(model, fit, effects[None])[0])
    tables["out"] = [
        {"region": fit.prepared.regions[r], "mode": fit.data.reported.modes[m], **row}
        for g, (r, m) in enumerate(night.groups)
        for row in rows(names, out[at, g])
    ]
    for c, one in enumerate(fit.data.classes):
        counted = bool(classes.counted[at, c])
        tables["out"] += [
            {"region": "", "mode": one.name, "counts": counted, **row} for row in rows(names, classes.would[at, c])
        ]
    if units:
        first, of_unit = case.first_round, model.people.sum(axis=1)
        _, expected, added, _ = night.told(group)
        finals = unit_votes(night, expected, added, np.arange(len(first.units)))
        tables["units"] = [
            {"unit": unit, "region": first.regions[u], "people": int(of_unit[u]), **row}
            for u, unit in enumerate(first.units)
            for row in rows(names, finals[:, u, at])
        ]
    return Single(facts, tables, (POOLS, UNITS) if units else (POOLS,))


def rows(names: tuple[str, ...], votes: np.ndarray) -> list[Row]:
    """A row a candidate: votes, and share of all."""
    total = votes.sum()
    return [
        {"candidate": name, "votes": own.item(), "share": float(own / total) if total else None}
        for name, own in zip(names, votes, strict=True)
    ]


def _pools(model: Model, names: tuple[str, ...], votes: np.ndarray) -> list[Row]:
    """A row a pool: its rates by the trial's factors; votes float64[J, K]."""
    people = model.people.sum(axis=0)
    found: list[Row] = []
    for pool, everybody, own in zip(model.pools, people, votes, strict=True):
        voters = float(own.sum())
        preference = {who: float(some) / voters if voters else None for who, some in zip(names, own, strict=True)}
        turnout = voters / float(everybody) if everybody else None
        found.append(
            {
                "pool": pool.name,
                "kind": pool.kind,
                "people": int(everybody),
                "turnout": turnout,
                "preference": preference,
            }
        )
    return found
