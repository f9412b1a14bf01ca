"""Between two readings of a table that is watched: counts that fell, cells that vanished."""

from __future__ import annotations

import numpy as np

from runoff.data.counts.count import SoFar
from runoff.data.votes.words import OUT

_MOST = 5  # units named one by one


def lost(earlier: SoFar, later: SoFar) -> list[str]:
    """What was there and is no more, a line a unit: whole cells first, then votes; [] where nothing was lost."""
    before, now, units, finalists = earlier.reported, later.reported, later.units, later.candidates
    if earlier.units != units or earlier.candidates != finalists:
        return ["other units or candidates than in the count before"]
    if before.modes != now.modes:
        then, this = (reported.votes.sum(axis=1, keepdims=True) for reported in (before, now))
        gone = np.zeros(then.shape[:2], bool)
        modes: tuple[str, ...] = ("",)
    else:
        then, this, modes = before.votes, now.votes, now.modes
        gone = (before.state != OUT) & (now.state == OUT)
    said = []
    for u, m in np.argwhere(gone).tolist():
        said.append(f"{_place(units[u], modes[m])} has vanished: it had {int(then[u, m].sum()):,} votes")
    for u, m, k in np.argwhere((this < then) & ~gone[:, :, None]).tolist():
        place = _place(units[u], modes[m])
        said.append(f"{place}: {finalists[k]} had {int(then[u, m, k]):,} votes, now {int(this[u, m, k]):,}")
    more = len(said) - _MOST
    return said[:_MOST] + ([f"{more:,} more counts fell or vanished"] if more > 0 else [])


def _place(unit: str, mode: str) -> str:
    return f"{unit}, {mode}" if mode else unit
