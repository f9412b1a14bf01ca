"""A made-up country: 35,000 units in 100 regions, twelve candidates with rates of their own, and those who stayed home.

Sizes are log-normal, as communes are; leanings differ by unit; every pool has rates of its own, so that none can
be put together with another.  Made from a seed, for speed only: it forecasts nothing.
"""

from __future__ import annotations

import datetime as dt

import numpy as np

from runoff.model.places import Places
from runoff.model.pools import Factors, Model
from runoff.race import Candidate, FirstRound, Pool, PoolKind, Race, Rate

UNITS, REGIONS, CANDIDATES = 35_000, 100, 12
_DAY = dt.date(2022, 4, 10)


def country(units: int = UNITS) -> Model:
    """The race; with one unit, the same people in one place."""
    rng = np.random.default_rng(35)
    size = rng.lognormal(6.0, 1.3, UNITS)
    strength = rng.dirichlet(np.linspace(4.0, 0.5, CANDIDATES))
    shares = rng.dirichlet(60.0 * strength, UNITS)
    votes = np.rint(size[:, None] * 0.7 * shares).astype(np.int64)
    people = np.column_stack([votes, np.rint(0.3 * size).astype(np.int64)])
    order = np.argsort(-votes.sum(axis=0), kind="stable")
    people = people[:, [*order, CANDIDATES]]
    regions = tuple(f"region {u % REGIONS}" for u in range(UNITS))
    if units == 1:
        people, regions = people.sum(axis=0, keepdims=True), ("",)
    names = [f"candidate {k + 1}" for k in range(CANDIDATES)]
    blocs = ["left", "right", "centre"]
    first = FirstRound(
        candidates=tuple(Candidate(name, "", blocs[k % 3]) for k, name in enumerate(names)),
        units=tuple(f"unit {u}" for u in range(len(people))),
        regions=regions,
        votes=people[:, :CANDIDATES],
        registered=people.sum(axis=1),
        ballots=people[:, :CANDIDATES].sum(axis=1),
        sources=(),
    )
    pools = []
    for k, name in enumerate([*names, "did not vote"]):
        kind: PoolKind = "finalist" if k < 2 else "eliminated" if k < CANDIDATES else "new"
        lean = 3.0 if k == 0 else -3.0 if k == 1 else float(rng.normal(0.0, 1.2))
        turnout = Rate((float(rng.normal(1.5 if k < CANDIDATES else -1.5, 0.3)),), ((0.4,),), "", "pool", "")
        preference = Rate((lean,), ((0.35,),), "", "pool", "")
        bloc = blocs[k % 3] if k < CANDIDATES else name
        pools.append(Pool(name, bloc, kind, int(people[:, k].sum()), turnout, preference))
    factors = Factors((0.3, 0.4, 0.3), 0.0, 0.0)
    places = Places("different", 0.6, 0.4, 0.1, 0.5, 0.1)
    race = Race("country", "A made-up country", _DAY, _DAY + dt.timedelta(14), _DAY, 0.5, 0.005)
    return Model(race, first, (names[0], names[1]), tuple(pools), people, factors, factors, (), (), places=places)
