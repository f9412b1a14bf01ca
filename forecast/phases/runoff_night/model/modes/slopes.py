"""Slopes of modes on lean: where a unit leaned in the first round, a mode may differ from the rest by more or by less.

    log-share of mode += s[m] * (x[u] - mean)        lean of mode += t[m] * (x[u] - mean)

s and t are effects of the whole race, drawn around nought.  Means are over votes for s, and over the votes that change
hands with log-odds for t, so that a mode's share and lean in the race stay what its own effects say.  Slopes move votes
between the modes of a unit: its votes and log-odds are not theirs to change.  Loads are one column of units for all
modes, as a column for each unit and mode would be most of the night's memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from runoff.race import FloatArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runoff.phases.runoff_night.model.base import Base
    from runoff.phases.runoff_night.model.effects import Effects
    from runoff.runfile.sections.observed import NightSection

_OF_VOTES, _OF_LEAN = "slope of mode votes\0", "slope of mode lean\0"


@dataclass(frozen=True, slots=True)
class ModeSlopes:
    """Loads of x on modes, times a unit's centred lean.

    votes, lean : float64[M, C], on log-shares and leans of modes.  votes_at, lean_at : float64[U], log-odds.
    """

    votes: FloatArray
    lean: FloatArray
    votes_at: FloatArray
    lean_at: FloatArray

    @classmethod
    def none(cls, modes: int, units: int, common: int) -> ModeSlopes:
        """Modes that do not move with lean."""
        return cls(np.zeros((modes, common)), np.zeros((modes, common)), np.zeros(units), np.zeros(units))

    def of_units(self, units: np.ndarray) -> ModeSlopes:
        """The same of some units, places int64[n]."""
        return ModeSlopes(self.votes, self.lean, self.votes_at[units], self.lean_at[units])

    def loads(self) -> tuple[FloatArray, FloatArray]:
        """On log-shares and on leans, unit by unit: float64[U, M, C] each."""
        return self.votes_at[:, None, None] * self.votes, self.lean_at[:, None, None] * self.lean

    def moves(self) -> tuple[np.ndarray, np.ndarray]:
        """Whether an effect moves modes' shares, and whether it moves their leans: bool[C] each."""
        return np.any(self.votes, axis=0), np.any(self.lean, axis=0)

    def add(self, share: Any, by_mode: Any, x: Any) -> None:
        """Add what slopes do at x [n, C] to modes' log-shares and leans [M, U, n], in place."""
        if not self.votes.any() and not self.lean.any():
            return
        share += (self.votes @ x.T)[:, None, :] * self.votes_at[:, None]
        by_mode += (self.lean @ x.T)[:, None, :] * self.lean_at[:, None]


def add_slopes(found: Effects, said: NightSection, modes: Sequence[str]) -> None:
    """Two effects a mode, named and without loads of their own; `mode_slopes` gives these."""
    if said.mode_slope_sd > 0.0:
        for mode in modes:
            found.add(f"{_OF_VOTES}{mode}")
            found.add(f"{_OF_LEAN}{mode}")


def mode_slopes(found: Effects, base: Base, said: NightSection, modes: Sequence[str], wider: float) -> ModeSlopes:
    """The loads of the effects that `add_slopes` named; wider : times the sd of a mode that the first round lacks."""
    common = len(found.turnout)
    at = {name: common - len(found.names) + i for i, name in enumerate(found.names)}
    slopes = ModeSlopes.none(len(modes), len(base.votes), common)
    for m, mode in enumerate(modes):
        size = said.mode_slope_sd * (1.0 if base.known[m] else wider)
        for name, load in ((_OF_VOTES, slopes.votes), (_OF_LEAN, slopes.lean)):
            if f"{name}{mode}" in at:
                load[m, at[f"{name}{mode}"]] = size
    return ModeSlopes(slopes.votes, slopes.lean, base.centred(base.x), base.centred_lean(base.x))
