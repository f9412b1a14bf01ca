"""A night's modes in many trials: their log-shares and leans unit by unit, and the votes that add up to a unit's.

Everything is float32, element by element and in the order of the formulas, so that the same bits come out as of whole
arrays one after the other; a block of trials of a unit stays in the nearest cache from the first step to the last.
`runoff.phases.runoff_night.model.cells` has the formulas.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from runoff.kernels import elementary
from runoff.kernels._jit import entry, part, scalar
from runoff.kernels.functions import exp32

WIDTH = 256  # trials of a block
ROWS = 4  # of a block's scratch, besides one a mode

_f = np.float32
_ONE, _MOST, _FLAT = _f(1.0), _f(80.0), _f(1e-6)  # as in `runoff.estimate.ratios.shares`


@scalar
def _logistic(x: np.float32) -> np.float32:
    """1 / (1 + exp(-x)), never 0: log-odds beyond 80 are 80."""
    return _ONE / (_ONE + exp32(-min(max(x, -_MOST), _MOST)))


@entry
def over_units(by_region: Any, region: Any, base: Any, out: Any) -> None:
    """Overwrite out float32[M, U, n] with what a unit's region has, by_region float32[M, R, n], and base[M, U]."""
    for m in range(out.shape[0]):
        for u in range(out.shape[1]):
            row, of = out[m, u], by_region[m, region[u]]
            more = base[m, u]
            for i in range(row.size):
                row[i] = of[i] + more


@entry
def add_slopes(slope: Any, at: Any, out: Any) -> None:
    """Add slope float32[M, n] times where units lie, at float32[U], to out float32[M, U, n]."""
    for m in range(out.shape[0]):
        for u in range(out.shape[1]):
            row, of, where = out[m, u], slope[m], at[u]
            for i in range(row.size):
                row[i] = row[i] + of[i] * where


@part
def _step(scratch: Any, odds: Any, start: int, n: int, steps: int) -> None:
    """Newton's steps of a block's odds, from `start` on, for one shift of all its modes."""
    modes = odds.shape[0]
    goal, away, slope = scratch[modes + 1], scratch[modes + 2], scratch[modes + 3]
    for _ in range(steps):
        for m in range(modes):
            weight, at = scratch[m], odds[m, start : start + n]
            if m == 0:
                for i in range(n):
                    rate = _logistic(at[i])
                    first = weight[i] * rate
                    away[i] = first
                    slope[i] = first * rate
            else:
                for i in range(n):
                    rate = _logistic(at[i])
                    first = weight[i] * rate
                    away[i] = away[i] + first
                    slope[i] = slope[i] + first * rate
        for i in range(n):
            off = away[i] - goal[i]
            # where modes' shares are 0 or 1 to rounding nothing is left to shift: no step, and none into nowhere
            away[i] = off / max((off + goal[i]) - slope[i], _FLAT)
        for m in range(modes):
            at = odds[m, start : start + n]
            for i in range(n):
                at[i] = at[i] - away[i]


@entry
def cells_of_two(
    votes: Any, lean: Any, share: Any, by_mode: Any, steps: int, scratch: Any, log_votes: Any, odds: Any
) -> None:
    """Overwrite log_votes and odds float32[M, N] with those of modes, of two finalists.

    votes, lean : float32[N], units' log votes and log-odds.  share, by_mode : float32[M, N], modes' log-shares and
    leans.  steps : of Newton's for what the leans are shifted by.  scratch : float32[M + ROWS, WIDTH].
    """
    modes = share.shape[0]
    whole, goal, away = scratch[modes], scratch[modes + 1], scratch[modes + 2]
    for start in range(0, votes.size, WIDTH):
        n = min(WIDTH, votes.size - start)
        for i in range(n):
            whole[i] = share[0, start + i]
        for m in range(1, modes):
            for i in range(n):
                whole[i] = max(whole[i], share[m, start + i])
        for m in range(modes):
            weight, of, into = scratch[m], share[m, start : start + n], log_votes[m, start : start + n]
            for i in range(n):
                shifted = of[i] - whole[i]
                into[i] = votes[start + i] + shifted
                weight[i] = exp32(shifted)
        for i in range(n):
            whole[i] = scratch[0, i]
        for m in range(1, modes):
            for i in range(n):
                whole[i] = whole[i] + scratch[m, i]
        for m in range(modes):
            weight, of = scratch[m], by_mode[m, start : start + n]
            for i in range(n):
                weight[i] = weight[i] / whole[i]
            if m == 0:
                for i in range(n):
                    away[i] = weight[i] * of[i]
            else:
                for i in range(n):
                    away[i] = away[i] + weight[i] * of[i]
        for i in range(n):
            whole[i] = elementary.log(whole[i])
            goal[i] = _logistic(lean[start + i])
        for m in range(modes):
            into, at, of = log_votes[m, start : start + n], odds[m, start : start + n], by_mode[m, start : start + n]
            for i in range(n):
                into[i] = into[i] - whole[i]
                at[i] = (lean[start + i] - away[i]) + of[i]
        _step(scratch, odds, start, n, steps)
