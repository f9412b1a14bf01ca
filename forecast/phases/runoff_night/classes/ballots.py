"""A class of ballots: which cells it is of, how many are out, how they split, and whether they will count.

    all     the class is all that is out of its cells: its size and split stand in place of the model's
    part    the class is some of it: so many of the cells' ballots are the class's, the others lean as expected
    extra   no cell expects the class: it comes on top, even where all cells are complete

A cell is a unit's votes of a mode.  No ballot is in two classes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from runoff.arithmetic.functions import log
from runoff.estimate.logistic import TAIL
from runoff.race import BoolArray

if TYPE_CHECKING:
    from runoff.runfile.sections.observed import NightClass

Kind = Literal["all", "part", "extra"]
APART = 0.25  # log-odds, sd: late or contested ballots lean otherwise than their cells, 6 points near one half
WORDS = {
    "all": "all that is out there",
    "part": "part of what is out there",
    "extra": "on top of all that is expected there",
}


@dataclass(frozen=True, slots=True)
class BallotClass:
    """A class over a night's cells.

    cells : bool[U, M].  modes : the modes that it names; none for all.
    size : location and scale of the logarithm of its ballots still out; None for what its cells are expected to hold.
    split : a finalist's place, location and scale of the log-odds of his share; None for what its cells lean.
    lean_sd : standard deviation of the class's log-odds around these.  p_counted : probability that it counts.
    """

    name: str
    kind: Kind
    cells: BoolArray
    modes: tuple[str, ...]
    size: tuple[float, float] | None
    split: tuple[int, float, float] | None
    lean_sd: float
    p_counted: float

    @property
    def units(self) -> BoolArray:
        """Units in which it has cells: bool[U]."""
        found: BoolArray = np.asarray(self.cells.any(axis=1))
        return found

    def of_units(self, units: BoolArray) -> BallotClass:
        """The same of some units bool[U]."""
        return replace(self, cells=self.cells[units])


def ballot_class(name: str, said: NightClass, cells: BoolArray, modes: tuple[str, ...], to: int) -> BallotClass:
    """The class of a section; to : place of the finalist that its split names."""
    size = split = None
    if said.low is not None and said.high is not None:
        low, high = float(log(said.low)), float(log(said.high))
        size = (low + high) / 2.0, (high - low) / (2.0 * TAIL)
    if said.split is not None:
        low, high = (float(log(share / (1.0 - share))) for share in (said.split.low, said.split.high))
        split = to, (low + high) / 2.0, (high - low) / (2.0 * TAIL)
    usual = 0.0 if said.kind == "all" else APART
    lean_sd = 0.0 if said.split else usual if said.lean_sd is None else said.lean_sd
    return BallotClass(name, said.kind, cells, modes, size, split, lean_sd, said.p_counted)
