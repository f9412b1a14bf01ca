"""The common effects of a night, and their sizes: what lean, size, composition, region and modes do to units' votes.

A common effect is a standard normal x[c] with a load for each unit, on log votes and on log-ratios, or for each mode
and region.  Loads are centred so that the race's total stays what its pools say.  Sizes are log votes or log-odds,
fitted to forty races whose two rounds are known by unit, whole races left out (docs/runoff-night.md); they go by what
the finalists are to each other.  A unit's lean is its log-odds in the first round (`Base.x`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from runoff.arithmetic.functions import exp
from runoff.arithmetic.matrices import product
from runoff.data.counts.ways import Way, ways_of
from runoff.phases.runoff_night.model.modes.slopes import add_slopes
from runoff.phases.runoff_night.sizes import pairs, sides, together
from runoff.race import FloatArray
from runoff.simulate.inputs import contrast

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
SMOOTH_SIZE = 0.4  # of `smooth`, per root log vote
SMOOTH_TURNOUT = (0.5, 0.35)  # of `smooth`: functions of x and of log votes
KNOTS = 10
LEAST_UNITS = 3  # of a region, on average: smaller ones have nothing that their units have not

WIDER = 2.0  # times the spread of a mode of which the first round says nothing


@dataclass(slots=True)
class Effects:
    """Loads in the making, effect by effect: turnout float64[U], lean [Q, U]; votes [M, R], preference [Q, M, R]."""

    shape: tuple[int, int, int, int]  # ratios, units, modes, regions
    names: list[str] = field(default_factory=list)
    turnout: list[FloatArray] = field(default_factory=list)
    lean: list[FloatArray] = field(default_factory=list)
    votes: list[FloatArray] = field(default_factory=list)
    preference: list[FloatArray] = field(default_factory=list)

    def add(
        self,
        name: str | None = None,
        *,
        turnout: FloatArray | None = None,
        lean: FloatArray | None = None,
        votes: FloatArray | None = None,
        preference: FloatArray | None = None,
    ) -> None:
        """One more; what is not given is nought.  A name makes it the night's own, and its random numbers' key."""
        if name is not None:
            self.names.append(name)
        ratios, units, modes, regions = self.shape
        self.turnout.append(np.zeros(units) if turnout is None else turnout)
        self.lean.append(np.zeros((ratios, units)) if lean is None else lean)
        self.votes.append(np.zeros((modes, regions)) if votes is None else votes)
        self.preference.append(np.zeros((ratios, modes, regions)) if preference is None else preference)


class Common:
    """The common effects of a night in the making: `found` has them, the factors first, then the night's own."""

    def __init__(self, model: Model, base: Base, said: NightSection, modes: Sequence[str]) -> None:
        self.base, self.said, self.modes = base, said, modes
        self.regions = tuple(dict.fromkeys(model.first_round.regions))
        self.pairs, self.sides = pairs(model, base, said), sides(model.finalists)
        self.size = together(self.pairs)
        self.found = Effects((base.ratios, len(base.votes), len(modes), len(self.regions)))

    def _side(self, name: str, size: float, column: FloatArray) -> None:
        """What each finalist has of his own along a column float64[U]."""
        for suffix, load in self.sides:
            self.found.add(f"{name}{suffix}", lean=size * self.base.centred_lean(load[:, None] * column))

    def slopes(self) -> None:
        """Slopes on the first round's lean."""
        for pair in self.pairs:
            lean = pair.size.slope_sd * self.base.centred_lean(pair.load[:, None] * pair.lean)
            self.found.add(f"slope of lean\0lean{pair.name}", lean=lean)
            part = TURNOUT_SLOPE * math.sqrt(pair.part)
            self.found.add(f"slope of turnout\0lean{pair.name}", turnout=part * self.base.centred(pair.lean))

    def smooth(self) -> None:
        """Functions of x and of log votes that walk at random between knots: what is far from all counts is unknown."""
        base, votes = self.base, exp(self.base.votes)
        for pair in self.pairs:
            size, of_turnout = pair.size.smooth, SMOOTH_TURNOUT[0] * pair.size.smooth * math.sqrt(pair.part)
            for number, column in enumerate(walk(pair.lean, votes, KNOTS)):
                lean = size * base.centred_lean(pair.load[:, None] * column)
                self.found.add(f"lean by lean\0{number}{pair.name}", lean=lean)
                self.found.add(f"turnout by lean\0{number}{pair.name}", turnout=of_turnout * base.centred(column))
        for number, column in enumerate(walk(base.votes, votes, KNOTS)):
            self._side(f"lean by size\0{number}", SMOOTH_SIZE * self.size.smooth, column)
            turnout = SMOOTH_TURNOUT[1] * self.size.smooth * base.centred(column)
            self.found.add(f"turnout by size\0{number}", turnout=turnout)

    def composition(self, pools: Sequence[str]) -> None:
        """Each pool's part in the map."""
        shrunk = self.size.composition * (1.0 if self.base.ratios == 1 else math.sqrt(0.5))
        for j, pool in enumerate(pools):
            for k, (suffix, _) in enumerate(self.sides):
                lean = shrunk * self.base.centred_lean(self.base.part[:, :, j, k])
                self.found.add(f"part\0{pool}{suffix}", lean=lean)

    def of_regions(self) -> None:
        """What regions do besides, and their slopes."""
        base, size = self.base, self.size.region
        for r, name in enumerate(self.regions):
            mine = (base.region == r).astype(np.float64)
            self.found.add(f"region turnout\0{name}", turnout=REGION_TURNOUT * size * base.centred(mine))
            self._side(f"region lean\0{name}", size, mine)
            for pair in self.pairs:
                inside = mine * (pair.lean - float(np.average(pair.lean, weights=pair.moves * mine + 1e-9)))
                lean = base.centred_lean(pair.load[:, None] * inside)
                part = REGION_LEAN * pair.size.region * 0.5
                self.found.add(f"region slope\0{name}{pair.name}", lean=part * lean)

    def of_ways(self, ways: Sequence[Way]) -> None:
        """What units do that are no places but a way of voting: as much as a mode."""
        for way in ways:
            mine = np.zeros(len(self.base.votes))
            mine[list(way.units)] = 1.0
            turnout = self.said.mode_votes_sd * self.base.centred(mine)
            self.found.add(f"way votes\0{way.name}", turnout=turnout)
            self._side(f"way lean\0{way.name}", self.said.mode_preference_sd, mine)

    def of_modes(self) -> None:
        """What modes do, and regions' modes."""
        for m, mode in enumerate(self.modes):
            wider = 1.0 if self.base.known[m] else WIDER
            column = np.zeros((len(self.modes), len(self.regions)))
            column[m] = wider
            said = self.said
            self._mode(f"\0{mode}", said.mode_votes_sd * column, said.mode_preference_sd * column)
            for r, name in enumerate(self.regions if len(self.regions) > 1 else ()):
                cell = np.zeros_like(column)
                cell[m, r] = wider * said.region_mode_sd
                self._mode(f"\0{mode}\0{name}", cell, cell)

    def _mode(self, name: str, votes: FloatArray, preference: FloatArray) -> None:
        self.found.add(f"mode votes{name}", votes=votes)
        for suffix, load in self.sides:
            self.found.add(f"mode lean{name}{suffix}", preference=load[:, None, None] * preference)


def common_effects(
    model: Model, base: Base, said: NightSection, modes: Sequence[str], unit_region: np.ndarray
) -> Common:
    """Loads of x, column by column: the factors first (regions' are the run file's), then the night's own."""
    common = Common(model, base, said, modes)
    found = common.found
    turns = model.preference.region * product(base.turn, contrast(base.ratios)).transpose(2, 0, 1)  # [M, Q, U]
    for f in range(base.factors):  # a region's factors: turnout's, then each of preference
        lean = [np.where(unit_region + 1 + m == f, turn, 0.0) for m, turn in enumerate(turns)]
        found.add(
            turnout=np.where(unit_region == f, base.come * model.turnout.region, 0.0),
            lean=sum(lean[1:], start=lean[0]) if model.preference.region > 0.0 else None,
        )
    common.slopes()
    common.smooth()
    common.composition([pool.name for pool in model.pools])
    if 1 < len(common.regions) <= len(base.votes) / LEAST_UNITS:
        common.of_regions()
    common.of_ways(ways_of(model.first_round.units, model.first_round.regions))
    if len(modes) > 1:
        common.of_modes()
        add_slopes(found, said, modes, common.pairs)
    return common


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
