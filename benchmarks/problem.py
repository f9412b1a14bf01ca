"""What every contestant is handed: the model of a run file in plain float64 arrays, for two finalists.

Made from `runoff.model.pools.Model` alone, so that no rival sees the arrays that our kernels were shaped by.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from runoff.kernels.places import MOST_NORMAL
from runoff.model.places import FLAT
from runoff.model.pools import Factors, Model, build
from runoff.race import Rate
from runoff.runfile.load import load
from runoff.simulate.places.bends import bends
from runoff.simulate.places.effects import effects, leans_by_row, mean_effects, slopes

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Rates:
    """Turnout, or preference as the log-ratio to the last finalist, of J pools on the log-odds scale.

    location : float64[J].
    load : float64[J, 3] on the pool's shared, bloc and own factor; its squares add up to the rate's variance.
    factor : int64[J, 3], which of the `factors` standard normals each load is on.
    """

    location: Floats
    load: Floats
    factor: Ints
    factors: int

    @property
    def common(self) -> Floats:
        """Loads float64[J, F - J] on the factors that pools share; they come first, the pools' own last."""
        dense = np.zeros((self.location.size, self.factors - self.location.size))
        for level in range(2):
            dense[np.arange(self.location.size), self.factor[:, level]] = self.load[:, level]
        return dense


@dataclass(frozen=True, slots=True)
class Leaning:
    """What units have of their own where they lean (docs/places.md): turnout first, then preference.

    slope : float64[2, 2], mean and sd of each side's slope, one normal a trial each.  lean : float64[U, 2].
    unit : float64[2, U] and region : float64[2, R], sd of normals that are centred: given that they add up to nothing
        by `weight`, float64[U], the unit's part of the people, and so by region.
    q : float64[2, J, 5, 7], a pool's log-odds bent back: sum over m and n of q[m, n] d^m v^n, with d its distance from
        its location and v the slope's normal over `most`, held to one either way.
    cross : float64[J, 2], added to the log-ratio times the normal of turnout's slope: by itself, and by preference's.
    """

    slope: Floats
    lean: Floats
    unit: Floats
    region: Floats
    weight: Floats
    q: Floats
    cross: Floats
    most: float


@dataclass(frozen=True, slots=True)
class Problem:
    """The model of a race between two finalists.

    people : float64[U, J], whole numbers; the finalists' own voters first.
    voted : the first so many pools voted in the first round.
    recount_margin : largest lead, as a share of valid votes, that calls for a recount.
    unit_scale : float64[4], sd in log-odds of region turnout, region preference, unit turnout, unit preference.
    region : int64[U], the unit's region, of `regions`.
    leaning : what units have of their own where they lean; `unit_scale` is nought then.
    """

    people: Floats
    voted: int
    recount_margin: float
    turnout: Rates
    preference: Rates
    unit_scale: Floats
    region: Ints
    regions: int
    leaning: Leaning | None = None

    @property
    def total(self) -> float:
        """People in all units and pools."""
        return float(self.people.sum())


def model_of(path: Path) -> Model:
    """The model of a run file; its units differ by normals of equal size, as the rivals draw them."""
    model = build(load(path))
    if len(model.people) == 1:
        return model
    turnout, preference = (replace(factors, region=0.05, unit=0.10) for factors in (model.turnout, model.preference))
    return replace(model, turnout=turnout, preference=preference, places=FLAT)


def problem(path: Path) -> Problem:
    """The problem of a run file; ValueError where it has more than two finalists."""
    return from_model(model_of(path))


def leaning_problem(path: Path) -> Problem:
    """The same with units that lean and their effects, as a run draws them, where a rival draws those."""
    return from_model(build(load(path)))


def from_model(model: Model) -> Problem:
    """The problem of a model; ValueError where it has more than two finalists."""
    if len(model.finalists) != 2:
        raise ValueError(f"the rivals are written for two finalists, got {len(model.finalists)}")
    blocs = list(dict.fromkeys(pool.bloc for pool in model.pools))
    of_bloc = [blocs.index(pool.bloc) for pool in model.pools]
    regions = list(dict.fromkeys(model.first_round.regions))
    turnout, preference = model.turnout, model.preference
    sides = [
        _rates([getattr(pool, side) for pool in model.pools], factors, of_bloc, len(blocs))
        for side, factors in (("turnout", turnout), ("preference", preference))
    ]
    leaning = None if len(model.people) == 1 or model.places.flat else _leaning(model)
    if leaning is not None:
        sides = [_less(rates, np.diag(moved)) for rates, moved in zip(sides, mean_effects(model), strict=True)]
    return Problem(
        people=model.people.astype(np.float64),
        voted=sum(pool.kind != "new" for pool in model.pools),
        recount_margin=model.race.recount_margin,
        turnout=sides[0],
        preference=sides[1],
        unit_scale=np.array([turnout.region, preference.region, turnout.unit, preference.unit]),
        region=np.array([regions.index(region) for region in model.first_round.regions], np.int64),
        regions=len(regions),
        leaning=leaning,
    )


def _less(rates: Rates, moved: Floats) -> Rates:
    """The rates with the pools' own variance less what their places add, float64[J]."""
    load = rates.load.copy()
    load[:, 2] = np.sqrt(np.maximum(load[:, 2] ** 2 - moved, 0.0))
    return replace(rates, load=load)


def _leaning(model: Model) -> Leaning:
    """What units that lean have of their own; ValueError where [factors] says a part of it."""
    if model.turnout.region or model.preference.region or model.turnout.unit or model.preference.unit:
        raise ValueError("the rivals draw units that lean with the effects of [places] alone")
    sides, found = effects(model), bends(model)
    return Leaning(
        slope=slopes(model),
        lean=leans_by_row(model),
        unit=np.stack([side.unit for side in sides]),
        region=np.stack([side.region for side in sides]),
        weight=sides[0].weight,
        q=found.q.transpose(1, 0, 2, 3),
        cross=found.cross[:, 0],
        most=MOST_NORMAL,
    )


def _rates(said: list[Rate], factors: Factors, of_bloc: list[int], blocs: int) -> Rates:
    scale = np.array([rate.scale[0][0] for rate in said])
    return Rates(
        location=np.array([rate.location[0] for rate in said]),
        load=scale[:, None] * np.sqrt(np.array(factors.parts)),
        factor=np.array([[0, 1 + bloc, 1 + blocs + j] for j, bloc in enumerate(of_bloc)], np.int64),
        factors=1 + blocs + len(said),
    )
