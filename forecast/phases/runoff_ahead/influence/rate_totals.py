"""What a rate does to the margin while all other rates stay as they are: its total index, rates being dependent.

Log-odds x of all rates are normal, so that those g of a pool, given the others, are so too: with Q the inverse of
their covariance, of variance Q[g, g]^-1 around x[g] - Q[g, g]^-1 (Q (x - mean))[g].  The index is the mean variance
of the margin over them (Kucherenko, Tarantola and Annoni 2012, doi:10.1016/j.cpc.2011.12.020), taken of points of
which these alone are drawn anew, and of what a straight line leaves of the margin there, as in `estimate.indices`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from runoff.model.pools import Model
from runoff.phases.runoff_ahead.influence.factors import points
from runoff.phases.runoff_ahead.influence.margin import Margin, margins
from runoff.race import FloatArray

_TIED = 1e-9  # of a variance: keeps the covariance of rates that hang together wholly invertible


def members(model: Model) -> list[list[int]]:
    """Pools behind each row of the rate tables, in their order: each alone, then a bloc's eliminated ones."""
    of_bloc = [
        [j for j, pool in enumerate(model.pools) if pool.kind == "eliminated" and pool.bloc == bloc]
        for bloc in model.bloc_rows
    ]
    return [*([j] for j in range(len(model.pools))), *of_bloc]


def rate_totals(model: Model, margin: Margin) -> FloatArray:
    """Mean variance of the margin over a rate while the others stay: float64[B, 2], of turnout and of preference."""
    loads, many = margin.spread, len(model.pools)
    covariance = loads @ loads.T
    inverse = np.linalg.inv(covariance + np.diag(_TIED * np.diag(covariance) + 1e-15))
    half, other = points(loads.shape[1], many)
    xi = np.concatenate([half, -half])
    fresh = np.concatenate([other, -other])
    odds = margin.log_odds(xi)
    line = margin.slopes_of_odds(odds).mean(axis=0)
    pulls = (odds - margin.center) @ inverse
    votes = margin.votes(odds)
    sums = [part.sum(axis=1) for part in votes]
    at = margins(sums)
    ratios = margin.pools.n_ratios
    found = np.zeros((many + len(model.bloc_rows), 2))
    for row, pools in enumerate(members(model)):
        rest = [whole - part[:, pools].sum(axis=1) for whole, part in zip(sums, votes, strict=True)]
        for kind, places in enumerate((pools, _ratios(pools, many, ratios))):
            spread = np.linalg.inv(inverse[np.ix_(places, places)])
            before = odds[:, places].copy()
            drawn = before - pulls[:, places] @ spread + fresh[:, : len(places)] @ np.linalg.cholesky(spread).T
            odds[:, places] = drawn
            there = [part.sum(axis=1) for part in margin.votes(odds, pools)]
            moved = margins([a + b for a, b in zip(rest, there, strict=True)]) - at
            odds[:, places] = before
            straight = (drawn - before) @ line[places]
            known = float(line[places] @ spread @ line[places])
            found[row, kind] = max(known + float((moved**2 - straight**2).mean()) / 2.0, 0.0)
    return found


def _ratios(pools: Sequence[int], many: int, ratios: int) -> list[int]:
    """Places of these pools' log-ratios."""
    return [many + j * ratios + m for j in pools for m in range(ratios)]
