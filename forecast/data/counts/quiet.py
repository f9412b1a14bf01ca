"""Cells (a unit's votes of one mode) of whose state nobody says anything: their rows and their votes tell it.

A cell with rows is complete, and one without is out.  So is all of a unit, and of a mode, that has not one vote, and a
cell of noughts where votes are to be expected: feeds are often filled with zeros beforehand.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runoff.data.votes.words import COMPLETE, OUT
from runoff.names import listed
from runoff.race import BoolArray, FloatArray, Int64Array

WAITING = 20  # votes to be expected above which a cell of noughts waits for its count


def quiet_states(counted: Int64Array, reported: BoolArray, people: FloatArray) -> tuple[Int64Array, BoolArray]:
    """The state of each cell, int64[U, M], OUT or COMPLETE, and which are noughts that wait: bool[U, M].

    Parameters
    ----------
    counted : int64[U, M], votes.  reported : bool[U, M], cells with rows.
    people : float64[U], something that votes go with: of a cell are expected a unit's people by what the mode's other
        cells have of theirs.
    """
    units, modes = np.asarray(counted.any(axis=1)), np.asarray(counted.any(axis=0))
    having = counted > 0
    share = counted.sum(axis=0) / np.maximum((people[:, None] * having).sum(axis=0), 1)
    noughts = reported & ~having & units[:, None] & modes[None, :] & (people[:, None] * share > WAITING)
    state = np.where(reported & units[:, None] & modes[None, :] & ~noughts, COMPLETE, OUT)
    return np.asarray(state, np.int64), np.asarray(noughts)


def noughts_note(noughts: BoolArray, units: Sequence[str], modes: Sequence[str]) -> list[str]:
    """A note on cells of noughts that wait; none where there are none."""
    cells = [", ".join(filter(None, (units[u], modes[m]))) for u, m in np.argwhere(noughts).tolist()]
    said = "0 votes, taken as out (status complete says that nobody voted)"
    return [f"{listed(cells, 1)}: {said}"] if cells else []
