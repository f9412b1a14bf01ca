"""The naive forecast of a night, to stand beside the model's: the swing of what reports, applied to what is out.

Swing is against what the mean rates expect of the same cells: a factor on their votes and points on their share, of a
mode where at least two of its cells are complete, else of all cells.  Its interval is what such a calculation would
claim: the spread of swings over cells (weighted by votes) over the root of their number, and over that of the cells
to come; the factor on votes and whatever all cells share are taken as known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from runoff.arithmetic.functions import exp
from runoff.data.counts.runoff_count import COMPLETE, Reported
from runoff.estimate.logistic import TAIL, logistic
from runoff.estimate.ratios.shares import shares
from runoff.phases.runoff_night.model.cells import NightModel, cells, lines
from runoff.race import FloatArray


@dataclass(frozen=True, slots=True)
class Naive:
    """Final votes float64[K] of the finalists, and the first one's margin with the ends of its 80 % interval."""

    votes: FloatArray
    margin: float
    low: float
    high: float


def naive_forecast(model: NightModel, reported: Reported) -> Naive | None:
    """The naive forecast, or None where fewer than two cells are complete."""
    log_votes, odds = cells(*(part[..., 0] for part in lines(model, np.zeros((1, model.n_common)))))
    expected = exp(log_votes)
    share = np.stack([logistic(odds[0])]) if len(odds) == 1 else shares(odds)[:-1]
    held = reported.votes.transpose(2, 1, 0).astype(np.float64)
    whole = (reported.state.T == COMPLETE) & (held.sum(axis=0) > 0)
    if int(whole.sum()) < 2:
        return None
    overall = _swing(expected, share, held, whole)
    final, parts = held.sum(axis=(1, 2)), []
    for m in range(model.n_modes):
        mine = np.zeros_like(whole)
        mine[m] = whole[m]
        swing = _swing(expected, share, held, mine) if int(mine.sum()) > 1 else overall
        out = np.flatnonzero(reported.state.T[m] != COMPLETE)
        if not out.size:
            continue
        rate = np.clip(share[:, m, out] + swing.points[:, None], 0.0, 1.0)
        last = 1.0 - rate.sum(axis=0)
        rate = rate / np.maximum(rate.sum(axis=0), 1.0) if len(rate) > 1 else rate
        left = swing.factor * expected[m, out]
        come = np.concatenate([left * rate, [left * np.maximum(last, 0.0)]]) - held[:, m, out]
        final += np.maximum(come, 0.0).sum(axis=1)
        parts.append((swing, float(left.sum()), len(out)))
    total, rival = final.sum(), 1 + int(np.argmax(final[1:]))
    variance = sum(
        _square(swing.spread(rival) * left) * (1.0 / swing.count + 1.0 / places) for swing, left, places in parts
    )
    margin, sd = float((final[0] - final[rival]) / total), float(np.sqrt(variance) / total)
    return Naive(final, margin, margin - TAIL * sd, margin + TAIL * sd)


def _square(x: float) -> float:
    return x * x


@dataclass(frozen=True, slots=True)
class _Swing:
    """A factor on votes and points float64[Q] on all shares but the last; cells' own points [Q, count], and votes."""

    factor: float
    points: FloatArray
    moved: FloatArray
    votes: FloatArray

    @property
    def count(self) -> int:
        """Cells that it is of."""
        return len(self.votes)

    def spread(self, rival: int) -> float:
        """Standard deviation over cells of the first finalist's lead over another one."""
        away = self.moved - self.points[:, None]
        if len(away) == 1:
            return 2.0 * float(np.sqrt(np.average(away[0] ** 2, weights=self.votes)))
        every = np.concatenate([away, -away.sum(axis=0, keepdims=True)])
        return float(np.sqrt(np.average((every[0] - every[rival]) ** 2, weights=self.votes)))


def _swing(expected: FloatArray, share: FloatArray, held: FloatArray, cells_in: np.ndarray) -> _Swing:
    """The swing of some cells."""
    votes = held.sum(axis=0)[cells_in]
    moved = held[:-1][:, cells_in] / votes - share[:, cells_in]
    points = np.array([np.average(of, weights=votes) for of in moved])
    return _Swing(float(votes.sum() / expected[cells_in].sum()), points, moved, votes)
