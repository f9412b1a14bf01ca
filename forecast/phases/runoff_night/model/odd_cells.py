"""Odd cells of a runoff's night: as `runoff.estimate.odd` takes them, and the night fitted without them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from runoff.estimate.odd import Judged, Sightings, judge, odd, too_many
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
        rows = sightings(model, seen, fitted.mode)
        found = judge(rows, np.ones(model.n_common))
        if left == 0 or not len(rows.count):
            break
        is_odd = odd(found, rows.unit)
        now = np.zeros_like(aside)
        now[rows.kind[is_odd] % model.n_modes, rows.unit[is_odd]] = True
        if too_many(np.asarray(now.any(axis=0)), np.asarray((seen.size | seen.split).any(axis=0))):
            many = int(now.any(axis=0).sum())
            break
        if (now == aside).all():
            break
        aside = now
    named = aside[rows.kind % model.n_modes, rows.unit] & odd(found, rows.unit)
    return Fitted(fitted, aside, rows, found, named, many)


def sightings(model: NightModel, seen: Seen, x: FloatArray) -> Sightings:
    """The night's cells around common effects x: sizes and leans that are seen."""
    at, common, local = linearised(model, x, np.zeros_like(model.spread))
    base = at - (common @ x).T  # [2 M, U]
    spread = np.sqrt(((local * model.spread.T[:, None, :]) ** 2).sum(axis=2)).T
    kind, unit = np.nonzero(np.concatenate([seen.size, seen.split]))
    mode, leans = kind % model.n_modes, kind >= model.n_modes
    votes = seen.votes[mode, unit]
    return Sightings(
        count=np.where(leans, seen.first[mode, unit], votes),
        of=np.where(leans, votes, np.nan),
        base=base[kind, unit],
        x=common[unit, kind],
        spread=np.maximum(spread[kind, unit], 1e-3),
        extra=np.where(leans, seen.extra[mode, unit], 0.0),
        unit=unit.astype(np.int64),
        kind=kind.astype(np.int64),
    )


def odd_cells(night: Fitted, seen: Seen, units: Sequence[str], modes: Sequence[str], first: str) -> list[OddCell]:
    """The cells that are set aside, unit by unit in the table's order; `first` is the finalist whose share is told."""
    at = {(int(k), int(u)): i for i, (k, u) in enumerate(zip(night.rows.kind, night.rows.unit, strict=True))}
    found = []
    for u, m in np.argwhere(night.aside.T):
        size, lean = at.get((int(m), int(u))), at.get((int(m) + len(modes), int(u)))
        judged, votes = night.judged, float(seen.votes[m, u])
        found.append(
            OddCell(
                units[u], modes[m], int(votes),
                votes_between(judged.expected[size], judged.sd[size]) if size is not None and night.odd[size] else None,
                (first, float(seen.first[m, u]) / votes, *share_between(judged.expected[lean], judged.sd[lean]))
                if lean is not None and night.odd[lean] else None,
            )
        )  # fmt: skip
    return found
