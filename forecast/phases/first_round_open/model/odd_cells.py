"""Odd cells of a first round that is being counted: its regressions' rows as `runoff.estimate.odd` takes them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from runoff.arithmetic.functions import log, norm
from runoff.data.counts.first_round_count import Count
from runoff.estimate.hierarchical.cells import Effects
from runoff.estimate.odd import Judged, Sightings, joined, judge, odd, too_many
from runoff.phases.first_round_open.model.design import Design, Known
from runoff.phases.odd_notes import OddCell, share_between, votes_between
from runoff.race import BoolArray, FloatArray, Int64Array


def odd_in_count(
    count: Count,
    categories: tuple[int, ...],
    grouped: FloatArray,
    design: Design,
    known: Known,
    effects: dict[str, Effects],
) -> tuple[np.ndarray, list[OddCell], int]:
    """Cells that nothing is to be learned from, and what is said of them.

    Parameters
    ----------
    categories : candidates modelled one by one.  grouped : float64[U, M, K], votes of these and of the rest.
    design, known : rows of the regressions and their covariates.  effects : of the two families of regressions.

    Returns
    -------
    bool[U, M]; the cells in order of units and modes; and how many units are odd, where these are so many that none is
    set aside.
    """
    people = (known.people > 0)[:, None]
    left = grouped.sum(axis=2)
    asked: list[tuple[FloatArray, BoolArray, int | None]] = [(left, np.asarray(count.complete & people), None)]
    for split in range(min(grouped.shape[2] - 1, len(categories))):
        asked.append((left, np.asarray(count.votes.any(axis=2) & people & (left > 0)), split))
        left = left - grouped[:, :, split]
    parts, modes = [], len(count.modes)
    for q, (of, seen, k) in enumerate(asked):
        unit, mode = (place.astype(np.int64) for place in np.nonzero(seen))
        covariate, of_kind = (known.size, effects["size"]) if k is None else (known.split, effects["split"])
        x = design.rows(unit, mode, covariate[unit], known.lean[unit])
        total = of[unit, mode]
        if k is None:
            part = _rows(total, known.people[unit], True, x, unit, mode, of_kind)
        else:
            part = _rows(grouped[unit, mode, k], total, False, x, unit, mode, of_kind)
        found = judge(part, _prior(of_kind))
        parts.append((replace(part, kind=mode + q * modes, x=part.x[:, :0]), found))
    everything, found = joined(parts)
    is_odd = odd(found, everything.unit)
    aside = np.zeros(count.complete.shape, bool)
    aside[everything.unit[is_odd], everything.kind[is_odd] % modes] = True
    if too_many(np.asarray(aside.any(axis=1)), np.asarray(count.votes.any(axis=(1, 2)))):
        return np.zeros_like(aside), [], int(aside.any(axis=1).sum())
    return aside, _cells(count, categories, aside, everything, found, is_odd), 0


def _rows(
    votes: FloatArray, of: FloatArray, size: bool, x: FloatArray, unit: Int64Array, mode: Int64Array, effects: Effects
) -> Sightings:
    """Cells of one regression; a cell's own departure is its unit's and its own."""
    n = len(votes)
    return Sightings(
        count=votes,
        of=np.full(n, np.nan) if size else of,
        base=log(of) if size else np.zeros(n),
        x=x,
        spread=norm(effects.centre[effects.groups], effects.centre[effects.groups + 1 + mode]),
        extra=np.zeros(n),
        unit=unit,
        kind=mode,
    )


def _prior(effects: Effects) -> FloatArray:
    """Standard deviations of the coefficients, spreads at their prior medians."""
    groups = np.maximum(effects.group, 0)
    return np.where(effects.group >= 0, effects.centre[groups], effects.fixed)


def _cells(
    count: Count, categories: tuple[int, ...], aside: np.ndarray, rows: Sightings, found: Judged, is_odd: np.ndarray
) -> list[OddCell]:
    """What is said of each cell: its size, and the split that is furthest off."""
    modes = len(count.modes)
    size: dict[tuple[int, int], int] = {}
    lean: dict[tuple[int, int], int] = {}
    for i in np.flatnonzero(is_odd).tolist():
        u, m, q = int(rows.unit[i]), int(rows.kind[i]) % modes, int(rows.kind[i]) // modes
        if q == 0:
            size[u, m] = i
        elif (u, m) not in lean or abs(found.away[i]) > abs(found.away[lean[u, m]]):
            lean[u, m] = i
    cells = []
    for u, m in np.argwhere(aside).tolist():
        s, a = size.get((u, m)), lean.get((u, m))
        said = None
        if a is not None:
            q = int(rows.kind[a]) // modes - 1
            name = count.first_round.candidates[categories[q]].name
            before = "" if q == 0 else f" of what {count.first_round.candidates[categories[q - 1]].name} leaves"
            low, high = share_between(found.expected[a], found.sd[a])
            said = (name + before, float(rows.count[a] / rows.of[a]), low, high)
        expected = None if s is None else votes_between(found.expected[s], found.sd[s])
        cells.append(OddCell(count.first_round.units[u], count.modes[m], int(count.votes[u, m].sum()), expected, said))
    return cells
