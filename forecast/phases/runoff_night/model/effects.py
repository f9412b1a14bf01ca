"""The common effects of a night, and their sizes: what lean, size, composition, region and modes do to units' votes.

A common effect is a standard normal x[c] with a load for each unit, on log votes and on log-odds, or for each mode
and region.  Loads are centred so that the race's total stays what its pools say.  Sizes are log votes or log-odds,
fitted to forty races whose two rounds are known by unit, whole races left out (docs/runoff-night.md); they go by what
the finalists are to each other.  A unit's lean is its log-odds in the first round (`Base.x`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from runoff.model.places import Kind
from runoff.phases.runoff_night.model.modes.slopes import add_slopes
from runoff.race import FloatArray

if TYPE_CHECKING:
    from runoff.model.pools import Model
    from runoff.phases.runoff_night.model.base import Base
    from runoff.runfile.sections.observed import NightSection

USUAL = 3_000.0  # votes of the unit that `unit` is said of
SHRINKS = 0.1  # a unit's own spread goes with votes to the power of minus this
UNIT_TURNOUT = 0.10
TURNOUT_SLOPE = 0.05
REGION_TURNOUT = 0.6  # of `region`
REGION_LEAN = 1.2  # of `region`, on x / 2
SMOOTH_SIZE = 0.7  # of `smooth`, per root log vote
SMOOTH_TURNOUT = (0.5, 0.6)  # of `smooth`: functions of x and of log votes
SAME_WIDER = 1.25  # times all of these but the slope, where nothing ties the second map to the first
KNOTS = 10
LEAST_UNITS = 3  # of a region, on average: smaller ones have nothing that their units have not

_BY_KIND: dict[Kind, tuple[float, float, float]] = {  # mean and sd of the slope, and a unit's spread
    "different": (0.29, 0.15, 0.15),
    "same": (0.14, 0.25, 0.25),
    "unknown": (0.24, 0.20, 0.20),
}
WIDER = 2.0  # times the spread of a mode of which the first round says nothing


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


@dataclass(slots=True)
class Effects:
    """Loads in the making, effect by effect: turnout, lean float64[U]; votes, preference float64[M, R]."""

    shape: tuple[int, int, int]  # units, modes, regions
    names: list[str] = field(default_factory=list)
    turnout: list[FloatArray] = field(default_factory=list)
    lean: list[FloatArray] = field(default_factory=list)
    votes: list[FloatArray] = field(default_factory=list)
    preference: list[FloatArray] = field(default_factory=list)

    def add(
        self, name: str | None = None, *, turnout: FloatArray | None = None, lean: FloatArray | None = None,
        votes: FloatArray | None = None, preference: FloatArray | None = None,
    ) -> None:  # fmt: skip
        """One more; what is not given is nought.  A name makes it the night's own, and its random numbers' key."""
        if name is not None:
            self.names.append(name)
        units, modes, regions = self.shape
        unit, mode = np.zeros(units), np.zeros((modes, regions))
        self.turnout.append(unit if turnout is None else turnout)
        self.lean.append(unit if lean is None else lean)
        self.votes.append(mode if votes is None else votes)
        self.preference.append(mode if preference is None else preference)


def common_effects(
    model: Model, base: Base, size: Sizes, said: NightSection, modes: Sequence[str], unit_region: np.ndarray
) -> Effects:
    """Loads of x, column by column: the factors first (regions' are the run file's), then the night's own."""
    regions = tuple(dict.fromkeys(model.first_round.regions))
    found = Effects((len(base.votes), len(modes), len(regions)))
    for f in range(base.factors):  # a region's factors: turnout's, then preference's
        found.add(
            turnout=np.where(unit_region == f, base.come * model.turnout.region, 0.0),
            lean=np.where(unit_region + 1 == f, base.turn * model.preference.region, 0.0)
            if model.preference.region > 0.0 else None,
        )  # fmt: skip
    _slopes(found, base, size)
    _smooth(found, base, size)
    for pool, column in zip(model.pools, base.part.T, strict=True):
        found.add(f"part\0{pool.name}", lean=size.composition * base.centred_lean(column))
    if 1 < len(regions) <= len(base.votes) / LEAST_UNITS:
        _regions(found, base, size, regions)
    if len(modes) > 1:
        _by_mode(found, base, said, modes, regions)
        add_slopes(found, said, modes)
    return found


def _slopes(found: Effects, base: Base, size: Sizes) -> None:
    found.add("slope of lean\0lean", lean=size.slope_sd * base.centred_lean(base.x))
    found.add("slope of turnout\0lean", turnout=TURNOUT_SLOPE * base.centred(base.x))


def _smooth(found: Effects, base: Base, size: Sizes) -> None:
    """Functions of x and of log votes that walk at random between knots: what is far from all counts is unknown."""
    walks = (("lean", base.x, 1.0), ("size", base.votes, SMOOTH_SIZE))
    for (name, at, scale), of_turnout in zip(walks, SMOOTH_TURNOUT, strict=True):
        for number, column in enumerate(walk(at, np.exp(base.votes), KNOTS)):
            found.add(f"lean by {name}\0{number}", lean=scale * size.smooth * base.centred_lean(column))
            found.add(f"turnout by {name}\0{number}", turnout=of_turnout * size.smooth * base.centred(column))


def walk(at: FloatArray, votes: FloatArray, knots: int) -> Iterator[FloatArray]:
    """Loads float64[U] of a Brownian motion's increments between quantiles of `at` by votes, straight between these.

    Votes decide: a stretch without a knot, on which what is in speaks for what is out, has at most a part of them.
    """
    order = np.argsort(at, kind="stable")
    upto = np.cumsum(votes[order]) / votes.sum()
    inner = np.minimum(np.searchsorted(upto, np.linspace(0.0, 1.0, knots)[1:-1]), len(at) - 1)
    places = np.unique(at[order][np.concatenate([[0], inner, [-1]])])
    for low, high in pairwise(places):
        yield np.sqrt(high - low) * np.clip((at - low) / (high - low), 0.0, 1.0)


def _regions(found: Effects, base: Base, size: Sizes, regions: Sequence[str]) -> None:
    for r, name in enumerate(regions):
        mine = (base.region == r).astype(np.float64)
        inside = mine * (base.x - float(np.average(base.x, weights=base.moves * mine + 1e-9)))
        found.add(f"region turnout\0{name}", turnout=REGION_TURNOUT * size.region * base.centred(mine))
        found.add(f"region lean\0{name}", lean=size.region * base.centred_lean(mine))
        found.add(f"region slope\0{name}", lean=REGION_LEAN * size.region * 0.5 * base.centred_lean(inside))


def _by_mode(
    found: Effects, base: Base, said: NightSection, modes: Sequence[str], regions: Sequence[str]
) -> None:  # fmt: skip
    for m, mode in enumerate(modes):
        wider = 1.0 if base.known[m] else WIDER
        column = np.zeros((len(modes), len(regions)))
        column[m] = wider
        found.add(f"mode votes\0{mode}", votes=said.mode_votes_sd * column)
        found.add(f"mode lean\0{mode}", preference=said.mode_preference_sd * column)
        for r, name in enumerate(regions if len(regions) > 1 else ()):
            cell = np.zeros_like(column)
            cell[m, r] = wider * said.region_mode_sd
            found.add(f"mode votes\0{mode}\0{name}", votes=cell)
            found.add(f"mode lean\0{mode}\0{name}", preference=cell)
