"""Small models for tests, said in few words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from runoff.model.pools import Factors, Model
from runoff.race import Candidate, FirstRound, Pool, Race, Rate

DAY = dt.date(2021, 3, 1)
NO_WEIGHTS = np.empty(0, np.int64)  # for `run_groups`: nobody wants the trials' weights


@dataclass(frozen=True)
class Group:
    """One pool: people by unit, then location and scale of turnout and of preference (log-odds)."""

    name: str
    people: Sequence[int]
    turnout: tuple[float, float]
    preference: tuple[float, float] | tuple[tuple[float, ...], tuple[tuple[float, ...], ...]]
    bloc: str = ""
    kind: str = "eliminated"


def rate(location: float | tuple[float, ...], scale: float | tuple[tuple[float, ...], ...]) -> Rate:
    """A rate from its parameters."""
    places = location if isinstance(location, tuple) else (location,)
    factor = scale if isinstance(scale, tuple) else ((scale,),)
    return Rate(places, factor, "said so", "pool", "")


def model(
    groups: Sequence[Group],
    *,
    finalists: Sequence[str] = ("Ada", "Bo"),
    parts: tuple[float, float, float] = (0.0, 0.0, 1.0),
    region: float = 0.0,
    unit: float = 0.0,
    regions: Sequence[str] = (),
    recount: float = 0.005,
) -> Model:
    """A model of these pools; factors of turnout and preference have the same sizes."""
    people = np.array([group.people for group in groups], np.int64).T
    units = tuple(f"unit {u}" for u in range(people.shape[0]))
    names = [*finalists, *(g.name for g in groups if g.name not in finalists)]
    first = FirstRound(
        tuple(Candidate(name, "P", "P") for name in names),
        units,
        tuple(regions) or ("",) * len(units),
        np.ones((len(units), len(names)), np.int64),
        None,
        np.full(len(units), len(names), np.int64),
        (),
    )
    pools = tuple(
        Pool(
            g.name,
            g.bloc or g.name,
            g.kind,
            int(sum(g.people)),
            rate(*g.turnout),
            rate(*g.preference),  # type: ignore[arg-type]  # both forms of a preference
        )
        for g in groups
    )
    factors = Factors(parts, region, unit)
    eliminated = [pool.bloc for pool in pools if pool.kind == "eliminated"]
    blocs = tuple(dict.fromkeys(bloc for bloc in eliminated if eliminated.count(bloc) > 1))
    race = Race("test", "A race", DAY, DAY + dt.timedelta(30), DAY, 0.5, recount)
    return Model(race, first, tuple(finalists), pools, people, factors, factors, blocs, ())


def joined(of: Model, part: float = 0.7, factors: int = 4) -> Model:
    """The model with a part of every rate's covariance that all rates have in common, as those of estimates have.

    The factors are of two estimates; no pool's variance changes.
    """
    rng = np.random.default_rng(9)

    def with_loads(said: Rate) -> Rate:
        scale = np.array(said.scale)
        turn = np.linalg.qr(rng.normal(size=(factors, factors)))[0][: len(scale)]
        return replace(said, joint=tuple(tuple(row) for row in (np.sqrt(part) * scale @ turn).tolist()))

    pools = [replace(p, turnout=with_loads(p.turnout), preference=with_loads(p.preference)) for p in of.pools]
    return replace(of, pools=tuple(pools), joint=("one",) + ("other",) * (factors - 1))


def two_way() -> Model:
    """Two finalists, two eliminated pools of one bloc, one small pool, new voters: one unit."""
    return model(
        [
            Group("Ada", [92_673], (2.4, 0.4), (3.6, 0.5), "D", "finalist"),
            Group("Bo", [38_071], (2.4, 0.4), (-3.6, 0.5), "R", "finalist"),
            Group("Cy", [37_000], (1.8, 0.5), (-2.1, 0.5), "R"),
            Group("Di", [23_900], (1.8, 0.5), (-2.1, 0.5), "R"),
            Group("Ed", [17], (1.5, 0.7), (0.0, 0.7), "I"),
            Group("new", [247_153], (-1.8, 0.5), (-0.3, 0.3), "new", "new"),
        ],
        parts=(0.3, 0.4, 0.3),
    )


def split_way() -> Model:
    """Two finalists in four units of two regions."""
    return model(
        [
            Group("Ada", [9_000, 4_000, 2_000, 500], (2.4, 0.4), (3.2, 0.5), "D", "finalist"),
            Group("Bo", [1_000, 3_000, 6_000, 900], (2.2, 0.4), (-3.0, 0.5), "R", "finalist"),
            Group("Cy", [2_000, 2_500, 1_500, 30], (1.6, 0.5), (-0.8, 0.6), "R"),
            Group("new", [8_000, 7_000, 9_000, 1_000], (-1.5, 0.5), (0.2, 0.4), "new", "new"),
        ],
        parts=(0.3, 0.4, 0.3),
        unit=0.2,
        regions=("n", "n", "s", "s"),
    )


def three_way() -> Model:
    """Three finalists in five units of two regions, with region and unit factors and small pools."""
    wide = ((0.5, 0.0), (0.25, 0.45))
    spread = [900, 1_200, 20, 5_000, 0]
    return model(
        [
            Group("Ada", spread, (2.0, 0.4), ((2.5, 0.1), wide), "L", "finalist"),
            Group("Bo", spread[::-1], (2.0, 0.4), ((0.1, 2.5), wide), "R", "finalist"),
            Group("Cleo", [800, 700, 600, 500, 400], (2.0, 0.4), ((-2.0, -2.0), wide), "C", "finalist"),
            Group("Di", [300, 31, 3, 33, 90], (1.0, 0.6), ((0.5, -0.5), wide), "L"),
            Group("Ed", [100, 32, 0, 1, 64], (1.0, 0.6), ((-0.5, 0.5), wide), "L"),
        ],
        finalists=("Ada", "Bo", "Cleo"),
        parts=(0.2, 0.3, 0.5),
        region=0.1,
        unit=0.15,
        regions=("n", "n", "s", "s", "s"),
    )
