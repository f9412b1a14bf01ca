"""Slopes of modes on lean: where a unit leaned in the first round, a mode may differ from the rest by more or by less.

    log-share of mode += s[m] * (x[u] - mean)        lean of mode += t[m] * (x[u] - mean)

s and t are effects of the whole race, drawn around nought.  Means are over votes for s, and over the votes that change
hands with log-odds for t, so that a mode's share and lean in the race stay what its own effects say.  Slopes move votes
between the modes of a unit: its votes and log-odds are not theirs to change.  Loads are one column of units for all
modes, as a column for each unit and mode would be most of the night's memory.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from runoff.arithmetic.matrices import product
from runoff.race import FloatArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from runoff.phases.runoff_night.model.base import Base
    from runoff.phases.runoff_night.model.effects import Effects
    from runoff.phases.runoff_night.sizes import Pair
    from runoff.runfile.sections.observed import NightSection

_OF_VOTES, _OF_LEAN = "slope of mode votes\0", "slope of mode lean\0"


@dataclass(frozen=True, slots=True)
class ModeSlopes:
    """Loads of x on modes, times a unit's centred lean.

    votes, lean : float64[P, M, C], on log-shares and leans of modes, for each pair of finalists.
    votes_at : float64[P, U], the pair's log-odds; lean_at : float64[P, Q, U], what these are in log-ratios.
    """

    votes: FloatArray
    lean: FloatArray
    votes_at: FloatArray
    lean_at: FloatArray

    @classmethod
    def none(cls, modes: int, units: int, common: int) -> ModeSlopes:
        """Modes that do not move with lean, of two finalists."""
        loads = np.zeros((1, modes, common))
        return cls(loads, loads.copy(), np.zeros((1, units)), np.zeros((1, 1, units)))

    def of_units(self, units: np.ndarray) -> ModeSlopes:
        """The same of some units, places int64[n]."""
        return ModeSlopes(self.votes, self.lean, self.votes_at[:, units], self.lean_at[:, :, units])

    def loads(self) -> tuple[FloatArray, ...]:
        """On log-shares and on each log-ratio of modes, unit by unit: float64[U, M, C] each."""
        pairs = range(len(self.votes))
        votes = [self.votes_at[p][:, None, None] * self.votes[p] for p in pairs]
        leans = [
            [self.lean_at[p, q][:, None, None] * self.lean[p] for p in pairs] for q in range(self.lean_at.shape[1])
        ]
        return tuple(sum(of[1:], start=of[0]) for of in (votes, *leans))

    def moves(self) -> tuple[np.ndarray, np.ndarray]:
        """Whether an effect moves modes' shares, and whether it moves their leans: bool[C] each."""
        return np.any(self.votes, axis=(0, 1)), np.any(self.lean, axis=(0, 1))

    def add(self, share: Any, by_mode: Any, x: Any) -> None:
        """Add what slopes do at x [n, C] to modes' log-shares [M, U, n] and leans [Q, M, U, n], in place."""
        if not self.votes.any() and not self.lean.any():
            return
        for p, (votes, lean) in enumerate(zip(self.votes, self.lean, strict=True)):
            _add(product(votes, x.T), self.votes_at[p], share)
            moved = product(lean, x.T)
            for q, column in enumerate(self.lean_at[p]):
                _add(moved, column, by_mode[q])


def _add(slope: Any, at: Any, into: Any) -> None:
    """Add slope [M, n] times where units lie, at [U], to [M, U, n]."""
    if into.dtype == np.float32:
        from runoff.kernels import modes

        modes.add_slopes(slope, np.ascontiguousarray(at), into)
    else:
        into += slope[:, None, :] * at[:, None]


def add_slopes(found: Effects, said: NightSection, modes: Sequence[str], pairs: Sequence[Pair]) -> None:
    """Two effects a mode and pair of finalists, named and without loads of their own; `mode_slopes` gives these."""
    if said.mode_slope_sd > 0.0:
        for mode in modes:
            for pair in pairs:
                found.add(f"{_OF_VOTES}{mode}{pair.name}")
                found.add(f"{_OF_LEAN}{mode}{pair.name}")


def mode_slopes(
    found: Effects, base: Base, said: NightSection, modes: Sequence[str], wider: float, pairs: Sequence[Pair]
) -> ModeSlopes:
    """The loads of the effects that `add_slopes` named; wider : times the sd of a mode that the first round lacks."""
    common = len(found.turnout)
    at = {name: common - len(found.names) + i for i, name in enumerate(found.names)}
    votes, lean = np.zeros((2, len(pairs), len(modes), common))
    for p, pair in enumerate(pairs):
        for m, mode in enumerate(modes):
            size = said.mode_slope_sd * (1.0 if base.known[m] else wider)
            part = 1.0 if len(pairs) == 1 else math.sqrt(pair.part)
            for name, load, of in ((_OF_VOTES, votes, part * size), (_OF_LEAN, lean, size)):
                if f"{name}{mode}{pair.name}" in at:
                    load[p, m, at[f"{name}{mode}{pair.name}"]] = of
    votes_at = np.stack([base.centred(pair.lean) for pair in pairs])
    lean_at = np.stack([base.centred_lean(pair.load[:, None] * pair.lean) for pair in pairs])
    return ModeSlopes(votes, lean, votes_at, lean_at)
