"""Sizes of what a night's units do besides their pools, by what the finalists are to each other, pair by pair.

Of three finalists and more each pair has the slope, and the function of its lean, of a race of the two.  It moves the
two against each other, the one with fewer votes more, so that the third's part of what both have stays: a third of
hardly any votes changes nothing for the others.  What has no lean (size, composition, regions, modes) each finalist has
of his own, with half the variance, so that any two differ by what two finalists differ by.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from runoff.model.places import Kind, kind_of
from runoff.race import FloatArray

if TYPE_CHECKING:
    from runoff.model.pools import Model
    from runoff.phases.runoff_night.model.base import Base
    from runoff.runfile.sections.observed import NightSection

OF = "\1"  # before a finalist in an effect's name
SAME_WIDER = 1.25  # times all of these but the slope, where nothing ties the second map to the first

_BY_KIND: dict[Kind, tuple[float, float, float]] = {  # mean and sd of the slope, and a unit's spread
    "different": (0.29, 0.15, 0.15),
    "same": (0.14, 0.25, 0.25),
    "unknown": (0.24, 0.20, 0.20),
}


@dataclass(frozen=True, slots=True)
class Sizes:
    """Standard deviations, but for `slope`, which is a mean.

    slope, slope_sd : of a unit's log-odds on its lean.  unit : of what a unit of USUAL votes has of its own.
    region : of a region's log-odds.  smooth : of functions of lean, per root unit.  composition : of each pool's part
    in the map.  Those of turnout and of the functions of size follow from these.
    """

    slope: float
    slope_sd: float
    unit: float
    region: float
    smooth: float
    composition: float


def sizes(of_kind: Kind, said: NightSection) -> Sizes:
    """The sizes for finalists that are this to each other; what the run file says goes before."""
    wider = SAME_WIDER if of_kind == "same" else 1.0
    slope, slope_sd, unit = _BY_KIND[of_kind]
    return Sizes(
        slope=slope if said.slope is None else said.slope,
        slope_sd=slope_sd if said.slope_sd is None else said.slope_sd,
        unit=unit if said.unit_sd is None else said.unit_sd,
        region=wider * said.region_sd,
        smooth=wider * said.smooth_sd,
        composition=said.composition_sd,
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """Two finalists: what is between them.

    name : ending of its effects' names.  at : their places.  size : of a race of the two.
    lean : float64[U], their log-odds in the first round.  moves : float64[U], votes that change hands between them.
    load : float64[Q], what one unit of log-odds between them is in log-ratios.
    part : of all that changes hands between finalists, by the first round's votes.
    """

    name: str
    at: tuple[int, int]
    size: Sizes
    lean: FloatArray
    moves: FloatArray
    load: FloatArray
    part: float


def pairs(model: Model, base: Base, said: NightSection) -> list[Pair]:
    """Each pair of finalists."""
    first, finalists, weight = model.first_round, model.finalists, base.weight
    if base.ratios == 1:
        return [Pair("", (0, 1), sizes(kind_of(first, finalists), said), base.x[0], base.moves, np.ones(1), 1.0)]
    found, lean = [], np.concatenate([base.x, np.zeros((1, base.x.shape[1]))])
    whole = sum(float(weight[i] * weight[k]) for i, k in combinations(range(len(weight)), 2))
    for i, k in combinations(range(len(finalists)), 2):
        two = finalists[i], finalists[k]
        to = np.zeros(len(finalists))
        to[i], to[k] = weight[k] / (weight[i] + weight[k]), -weight[i] / (weight[i] + weight[k])
        found.append(
            Pair(
                name=OF + OF.join(two),
                at=(i, k),
                size=sizes(kind_of(first, two), said),
                lean=lean[i] - lean[k],
                moves=base.everybody * base.share[i] * base.share[k],
                load=to[:-1] - to[-1],
                part=float(weight[i] * weight[k]) / whole,
            )
        )
    return found


def together(of: Sequence[Pair]) -> Sizes:
    """Sizes of what a finalist has of his own: means of the pairs' squares by their parts."""
    if len(of) == 1:
        return of[0].size

    def mean(name: str) -> float:
        return math.sqrt(sum(pair.part * getattr(pair.size, name) * getattr(pair.size, name) for pair in of))

    slope = sum(pair.part * pair.size.slope for pair in of)
    return Sizes(slope, *(mean(name) for name in ("slope_sd", "unit", "region", "smooth", "composition")))


def mean_lean(base: Base, of: Sequence[Pair]) -> FloatArray:
    """What the mean slopes add to units' log-ratios: float64[Q, U]; where all pairs have one slope, that times x."""
    if len(of) == 1:
        return of[0].size.slope * base.centred_lean(base.x)
    moved = np.zeros((len(base.weight), len(base.votes)))
    for pair in of:
        (i, k), push = pair.at, pair.size.slope * pair.lean
        moved[i] += base.weight[k] * push
        moved[k] -= base.weight[i] * push
    return base.centred_lean(moved[:-1] - moved[-1])


def sides(finalists: Sequence[str]) -> list[tuple[str, FloatArray]]:
    """Each finalist's own effect on log-ratios: ending of its name, and load float64[Q]; of two there is one."""
    ratios = len(finalists) - 1
    if ratios == 1:
        return [("", np.ones(1))]
    own = math.sqrt(0.5) * np.concatenate([np.eye(ratios), -np.ones((1, ratios))])
    return [(f"{OF}{name}", load) for name, load in zip(finalists, own, strict=True)]
