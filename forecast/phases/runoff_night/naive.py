"""The naive forecast of a night, to stand beside the model's: the swing of what reports, applied to what is out.

Swing is against what the mean rates expect of the same cells: a factor on their votes and points on their share, of a
mode where at least two of its cells are complete, else of all cells.  Its interval is what such a calculation would
claim: the spread of swings over cells (weighted by votes) over the root of their number, and over that of the cells
to come; the factor on votes and whatever all cells share are taken as known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from runoff.data.counts.runoff_count import COMPLETE, Reported
from runoff.estimate.logistic import TAIL, logistic
from runoff.phases.runoff_night.model.cells import NightModel, cells, lines
from runoff.race import FloatArray


@dataclass(frozen=True, slots=True)
class Naive:
    """Final votes float64[2] of both finalists, and the margin with the ends of its 80 % interval."""

    votes: FloatArray
    margin: float
    low: float
    high: float


def naive_forecast(model: NightModel, reported: Reported) -> Naive | None:
    """The naive forecast, or None where fewer than two cells are complete."""
    log_votes, odds = cells(*(part[..., 0] for part in lines(model, np.zeros((1, model.n_common)))))
    expected, share = np.exp(log_votes), logistic(odds)
    held = reported.votes.transpose(2, 1, 0).astype(np.float64)
    whole = (reported.state.T == COMPLETE) & (held.sum(axis=0) > 0)
    if int(whole.sum()) < 2:
        return None
    overall = _swing(expected, share, held, whole)
    final, variance = held.sum(axis=(1, 2)), 0.0
    for m in range(model.n_modes):
        mine = np.zeros_like(whole)
        mine[m] = whole[m]
        factor, points, spread, count = _swing(expected, share, held, mine) if int(mine.sum()) > 1 else overall
        out = np.flatnonzero(reported.state.T[m] != COMPLETE)
        if not out.size:
            continue
        rate = np.clip(share[m, out] + points, 0.0, 1.0)
        left = factor * expected[m, out]
        come = np.stack([left * rate, left * (1.0 - rate)]) - held[:, m, out]
        final += np.maximum(come, 0.0).sum(axis=1)
        variance += (2.0 * spread * left.sum()) ** 2 * (1.0 / count + 1.0 / len(out))
    total = final.sum()
    margin, sd = float((final[0] - final[1]) / total), float(np.sqrt(variance) / total)
    return Naive(final, margin, margin - TAIL * sd, margin + TAIL * sd)


def _swing(
    expected: FloatArray, share: FloatArray, held: FloatArray, cells_in: np.ndarray
) -> tuple[float, float, float, int]:
    """Factor on votes, points on the share, their spread over cells, and how many cells."""
    votes = held.sum(axis=0)[cells_in]
    moved = held[0][cells_in] / votes - share[cells_in]
    points = float(np.average(moved, weights=votes))
    spread = float(np.sqrt(np.average((moved - points) ** 2, weights=votes)))
    return float(votes.sum() / expected[cells_in].sum()), points, spread, int(cells_in.sum())
