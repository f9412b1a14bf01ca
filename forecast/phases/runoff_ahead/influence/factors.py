"""The rows of `factors`: what of the margin's variance each factor decides, in shares that add up to 1.

The run's own law is taken, as a smooth function (`margin`), so that a factor's indices know nothing of Monte Carlo
error but that of a few thousand points, the same whatever the seed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from runoff.estimate.indices.shapley import shapley_effects
from runoff.estimate.indices.sobol import Indices, indices
from runoff.estimate.tallied import mean_sd
from runoff.kernels.streams import Purpose, stream
from runoff.model.pools import Model
from runoff.phases.runoff_ahead.influence.margin import Margin
from runoff.race import FloatArray, Int64Array, Row
from runoff.simulate.driver import PPM, Drawn, whole
from runoff.simulate.normals import GROUP, normals

_CELLS = 20_000  # points times pools, about
_FEWEST = 256  # points, their mirror images left out
_WORK = 2_000  # orders times factors, about


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor that rates hang on: which rate ('' where both) and level, of whom, and its places among the normals."""

    rate: str
    level: str
    name: str
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """What the factors do: one by one, their indices or their directions', and Shapley effects of the factors."""

    factors: tuple[Factor, ...]
    observed: bool
    indices: Indices
    shapley: FloatArray


def factors(model: Model) -> tuple[Factor, ...]:
    """The model's factors in the order of the kernel's arrays, those of regions and units left out.

    A pool alone in its bloc has the bloc's factor and its own as one.
    """
    blocs, names = list(dict.fromkeys(pool.bloc for pool in model.pools)), [pool.name for pool in model.pools]
    in_bloc = Counter(pool.bloc for pool in model.pools)
    alone = {pool.bloc: pool.name for pool in model.pools if in_bloc[pool.bloc] == 1}
    found: dict[tuple[str, str, str], tuple[int, ...]] = {}
    first = 0
    for rate, each in (("turnout", 1), ("preference", len(model.finalists) - 1)):
        members = [("shared", ""), *(("bloc", bloc) for bloc in blocs), *(("pool", name) for name in names)]
        for level, name in members:
            key = (rate, "pool", alone[name]) if level == "bloc" and name in alone else (rate, level, name)
            found[key] = (*found.get(key, ()), *range(first, first + each))
            first += each
    for place, run in enumerate(model.joint, first):
        found["", "estimate", run] = (*found.get(("", "estimate", run), ()), place)
    return tuple(Factor(*key, places) for key, places in found.items())


def points(n_factors: int, n_pools: int, more: int = 1) -> tuple[FloatArray, FloatArray]:
    """Two sets of standard normals float64[n, F], fewer where there are more pools; the same for all seeds."""
    n = max(min(_CELLS * more // n_pools, GROUP * more), _FEWEST)
    keys = np.array([stream(Purpose.SENSITIVITY_POINT, "", k) for k in range(2 * n_factors)], np.uint64)
    both = normals(0, keys, 0, -(-n // GROUP) * GROUP)[:, :n].T.astype(np.float64)
    return both[:, :n_factors], both[:, n_factors:]


def found(model: Model, margin: Margin) -> Found:
    """What each factor decides of the expected margin."""
    known = factors(model)
    width = margin.loads.shape[1]
    groups = [factor.places for factor in known]
    indexed = indices(margin.at, margin.slopes, groups, points(width, len(model.pools)))
    if not margin.gain.size:
        return Found(known, False, indexed, indexed.shares)
    # over the factors themselves: the best line of xi is that of z times the root of its covariance
    slope: FloatArray = np.linalg.solve(margin.whitened(np.eye(width)), indexed.slopes).astype(np.float64)
    effects = shapley_effects(slope, margin.learnt, groups, _orders(len(groups)))
    return Found(known, True, indexed, effects)


def _orders(many: int) -> Int64Array:
    """Orders of so many factors, int64[P, many]: of normals' ranks."""
    n = max(min(_WORK // many, GROUP), 8)
    keys = np.array([stream(Purpose.SENSITIVITY_ORDER, "", k) for k in range(many)], np.uint64)
    return np.argsort(normals(0, keys, 0, GROUP)[:, :n].T, axis=1).astype(np.int64)


def factor_rows(model: Model, margin: Margin, drawn: Drawn) -> list[Row]:
    """A row a factor, and one of what regions, units and counting do; both columns of shares add up to 1."""
    of = found(model, margin)
    of_factors = min(of.indices.variance / variance(drawn), 1.0) if variance(drawn) > 0.0 else 0.0
    if of.indices.variance <= 0.0:
        return []
    numbers: Sequence[FloatArray] = (of.indices.first, of.indices.total, of.indices.shares, of.shapley)
    rows: list[Row] = []
    for i, factor in enumerate(of.factors):
        first, total, share, effect = (float(of_factors * number[i]) for number in numbers)
        rows.append(_row(factor, of.observed, first, total, share, effect))
    rest = 1.0 - of_factors
    return [*rows, _row(Factor("", "rest", "", ()), of.observed, rest, rest, rest, rest)]


def _row(factor: Factor, observed: bool, first: float, total: float, share: float, shapley: float) -> Row:
    row: Row = {
        "rate": factor.rate,
        "level": factor.level,
        "name": factor.name,
        "basis": "directions" if observed else "factors",
        "first_order": first,
        "total": total,
        "share": share,
        "shapley": shapley,
    }
    return row


def variance(drawn: Drawn) -> float:
    """Of the margin, over all trials."""
    first, second = (whole(sums) for sums in drawn.tallies.margin)
    return mean_sd(first, second, drawn.total, 1.0 / PPM)[1] ** 2
