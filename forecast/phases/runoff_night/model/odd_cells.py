"""Odd cells of a runoff's night: as `runoff.estimate.odd` takes them, and the night fitted without them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from runoff.arithmetic.functions import log
from runoff.arithmetic.matrices import product
from runoff.estimate.odd import Judged, Sightings, joined, judge, odd, too_many
from runoff.estimate.ratios.shares import shares
from runoff.phases.odd_notes import OddCell, share_between, votes_between
from runoff.phases.runoff_night.model.cells import NightModel
from runoff.phases.runoff_night.model.fit import Fit, fit
from runoff.phases.runoff_night.model.linear import linearised
from runoff.phases.runoff_night.model.seen import Polled, Seen
from runoff.race import FloatArray

ROUNDS = 3  # fits at most: what is odd is looked for around a fit without what was odd before


@dataclass(frozen=True, slots=True)
class Fitted:
    """A night's fit, and what it was not taught by.

    fit : of the cells that are not aside.  aside : bool[M, U].  rows, judged : all that is seen, beside the others.
    odd : bool[n], which of them are odd.  many : units that are far from the others, so many that none is aside.
    """

    fit: Fit
    aside: np.ndarray
    rows: Sightings
    judged: Judged
    odd: np.ndarray
    many: int = 0


def fit_without_odd(model: NightModel, seen: Seen, polled: Polled) -> Fitted:
    """The night fitted to all cells but the odd ones, which keep their votes."""
    aside, many = np.zeros(seen.size.shape, bool), 0
    for left in reversed(range(ROUNDS)):
        fitted = fit(model, replace(seen, size=seen.size & ~aside, split=seen.split & ~aside), polled)
        parts = sightings(model, seen, fitted.mode)
        found = [(rows, judge(rows, np.ones(model.n_common))) for rows in parts]
        rows, judged = found[0] if len(found) == 1 else joined(found)
        if left == 0 or not len(rows.count):
            break
        is_odd = odd(judged, rows.unit)
        now = np.zeros_like(aside)
        now[rows.kind[is_odd] % model.n_modes, rows.unit[is_odd]] = True
        if too_many(np.asarray(now.any(axis=0)), np.asarray((seen.size | seen.split).any(axis=0))):
            many = int(now.any(axis=0).sum())
            break
        if (now == aside).all():
            break
        aside = now
    named = aside[rows.kind % model.n_modes, rows.unit] & odd(judged, rows.unit)
    return Fitted(fitted, aside, rows, judged, named, many)


def sightings(model: NightModel, seen: Seen, x: FloatArray) -> list[Sightings]:
    """The night's cells around common effects x: sizes and leans that are seen, in regressions of their own.

    Of two finalists sizes and leans are judged together.  Of more, sizes are judged by themselves, and each finalist's
    votes against all others' by themselves, so that no finalist is the last one; kinds are sizes by mode, then each
    finalist's leans.
    """
    at, common, local = linearised(model, x, np.zeros_like(model.spread))
    if model.n_ratios == 1:
        return [_rows(model, (at, common, local), x, np.concatenate([seen.size, seen.split]), seen, seen.first[0])]
    modes = model.n_modes
    none = np.zeros_like(seen.split)
    size = np.concatenate([seen.size, none])
    found = [_rows(model, (at[: 2 * modes], common[:, : 2 * modes], local[:, : 2 * modes]), x, size, seen, seen.votes)]
    share = shares(at[modes:].reshape(model.n_ratios, modes, -1))
    for k, votes in enumerate(seen.finalists):
        by = _against_others(share, k).transpose(2, 1, 0)  # [U, M, Q]
        lean = log(share[k] / np.delete(share, k, axis=0).sum(axis=0))
        slopes = []
        for of in (common, local):
            ratios = of[:, modes:].reshape(len(of), model.n_ratios, modes, -1)
            slopes.append(
                np.concatenate([of[:, :modes], (by[:, :, :, None] * ratios.transpose(0, 2, 1, 3)).sum(axis=2)], axis=1)
            )
        line = (np.concatenate([at[:modes], lean]), slopes[0], slopes[1])
        rows = _rows(model, line, x, np.concatenate([none, seen.split]), seen, votes)
        found.append(replace(rows, kind=rows.kind + k * modes))
    return [rows for rows in found if len(rows.count)] or found[:1]


def _against_others(share: FloatArray, k: int) -> FloatArray:
    """Derivatives float64[Q, ...] of a finalist's log-odds against all others by log-ratios, at shares [K, ...]."""
    result: FloatArray = -share[:-1] / (1.0 - share[k])
    if k < len(share) - 1:
        result[k] = 1.0
    return result


def _rows(
    model: NightModel,
    line: tuple[FloatArray, FloatArray, FloatArray],
    x: FloatArray,
    mask: np.ndarray,
    seen: Seen,
    ours: FloatArray,
) -> Sightings:
    """Sightings of cells' log votes and log-odds where mask bool[2 M, U]; `ours` float64[M, U] of their votes."""
    at, common, local = line
    base = at - product(common, x).T  # [2 M, U]
    spread = np.sqrt(((local * model.spread.T[:, None, :]) ** 2).sum(axis=2)).T
    kind, unit = np.nonzero(mask)
    mode, leans = kind % model.n_modes, kind >= model.n_modes
    votes = seen.votes[mode, unit]
    return Sightings(
        count=np.where(leans, ours[mode, unit], votes),
        of=np.where(leans, votes, np.nan),
        base=base[kind, unit],
        x=common[unit, kind],
        spread=np.maximum(spread[kind, unit], 1e-3),
        extra=np.where(leans, seen.extra[mode, unit], 0.0),
        unit=unit.astype(np.int64),
        kind=kind.astype(np.int64),
    )


def odd_cells(
    night: Fitted, seen: Seen, units: Sequence[str], modes: Sequence[str], finalists: Sequence[str]
) -> list[OddCell]:
    """The cells that are set aside, unit by unit in the table's order.

    Of two finalists the first one's share is told; of more, that of the one who is farthest from what was expected.
    """
    at = {(int(k), int(u)): i for i, (k, u) in enumerate(zip(night.rows.kind, night.rows.unit, strict=True))}
    told = finalists if len(finalists) > 2 else finalists[:1]
    found, judged, every = [], night.judged, seen.finalists
    for u, m in np.argwhere(night.aside.T):
        size, votes = at.get((int(m), int(u))), float(seen.votes[m, u])
        places = [(k, at.get((int(m) + (1 + k) * len(modes), int(u)))) for k in range(len(told))]
        leans = [(k, i) for k, i in places if i is not None and night.odd[i]]
        k, lean = max(leans, key=lambda one: abs(float(judged.away[one[1]])), default=(0, None))
        found.append(
            OddCell(
                units[u],
                modes[m],
                int(votes),
                votes_between(judged.expected[size], judged.sd[size]) if size is not None and night.odd[size] else None,
                (told[k], float(every[k, m, u]) / votes, *share_between(judged.expected[lean], judged.sd[lean]))
                if lean is not None
                else None,
            )
        )
    return found
