"""From the state of a count to the arrays that trials are drawn from.

Votes that are out are predicted by two kinds of hierarchical regressions (`runoff.estimate.hierarchical`), fitted to
complete cells only: how many votes a unit casts by a mode, per registered voter, and how they split.  A
split is said in sequential log-odds: the leader against all others, the second against the rest, and so
on (Aitchison 1986, The statistical analysis of compositional data, section 6.14).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from runoff import names
from runoff.arithmetic.functions import log
from runoff.arithmetic.matrices import product
from runoff.data.counts.first_round_count import Count, Out
from runoff.estimate.hierarchical.cells import Cells, Forecast
from runoff.estimate.hierarchical.learn import learn
from runoff.estimate.logistic import TAIL
from runoff.kernels.streams import Purpose, stream
from runoff.phases.first_round_open.model.arrival import NO_ORDER, BySize, Extents, Orders, and_slope, extents, orders
from runoff.phases.first_round_open.model.design import Design, Known
from runoff.phases.first_round_open.model.odd_cells import odd_in_count
from runoff.phases.odd_notes import OddCell
from runoff.phases.order import inhabited_count
from runoff.race import FloatArray, Int64Array
from runoff.runfile.sections.observed import CountingSection

_MOST = 100.0  # times the largest that is known of: beyond it a unit's votes are not drawn where there is no roll
_MOST_STATED = 2.0**31  # votes of a cell whose number somebody states


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many votes are out, cell by cell, where somebody stated it: float64[n], NaN where it is predicted.

    location and scale are of the log; scale 0 is a number known exactly.  `stream` is shared by cells of
    a mode whose size was stated for all of it.
    """

    location: FloatArray
    scale: FloatArray
    stream: tuple[np.uint64, ...]


@dataclass(frozen=True, slots=True)
class Outstanding:
    """Everything that trials need.

    counted : int64[C].  categories : candidates modelled one by one, in order; the rest is pooled.
    rest_share : float64[C - len(categories)], how the pooled rest splits.
    size, splits : forecasts over the outstanding cells; splits has one entry a category, the last category
    taking what is left.  exposure : float64[n], registered voters.  held : float64[n], votes of the cell
    that are counted.  most : float64[n], the most votes that can still be out.
    groups : region and mode; group_of : int64[n], the cells' groups.
    order : in what order places may have come.  by_size : what a cell's size says, where it is known of no cell
    that is out.
    odd : cells that nothing is learned from.
    """

    count: Count
    counted: Int64Array
    categories: tuple[int, ...]
    rest: tuple[int, ...]
    rest_share: FloatArray
    size: Forecast | None
    splits: tuple[Forecast, ...]
    sizes: Sizes
    exposure: FloatArray
    held: FloatArray
    most: FloatArray
    names: tuple[str, ...]
    coefficients: tuple[str, ...]
    groups: tuple[tuple[str, str], ...]
    group_of: Int64Array
    order: Orders = NO_ORDER
    by_size: BySize | None = None
    odd: tuple[OddCell, ...] = ()
    many_odd: int = 0

    def category_name(self, k: int) -> str:
        """The candidate of category k."""
        return self.count.first_round.candidates[self.categories[k]].name


def prepare(count: Count, settings: CountingSection) -> Outstanding:
    """Fit what is counted; say what is to be expected of the rest.  Units without voters have no part in it."""
    count = inhabited_count(count)
    known = Known(count, tuple(settings.baseline_candidates or ()))
    people, out = known.people, count.out
    votes = count.votes.sum(axis=(0, 1))
    categories, rest = _categories(votes, settings.least_share)
    grouped = count.votes[:, :, list(categories)].astype(np.float64)
    if rest:
        grouped = np.concatenate([grouped, count.votes[:, :, list(rest)].sum(axis=2, keepdims=True)], axis=2)
    design = Design(count, known)
    effects = {family: design.effects(family) for family in ("size", "split")}
    aside, found, many = odd_in_count(count, categories, grouped, design, known, effects)
    unit, mode = np.nonzero(count.complete & ~aside)
    any_unit, any_mode = np.nonzero(count.votes.any(axis=2) & ~aside)
    any_cell = any_unit, any_mode
    extent = None if known.sized else extents(count, aside)
    rows = _Rows(count, known, design, extent)
    stated, size = _sizes(count, settings, people), None
    if np.isnan(stated.location).any():
        cells = rows.cells(unit, mode, known.size)
        size = learn(grouped.sum(axis=2)[unit, mode], people[unit], "log", *cells, effects["size"])
    splits, by_size = _splits(rows, grouped, categories, any_cell) if out else ([], None)
    exposure = np.array([float(people[list(o.members)].sum()) for o in out])
    cast = np.array([float(count.votes[list(o.members)].sum()) for o in out])
    small = votes[list(rest)] + 0.5
    labels = [(count.first_round.regions[o.members[0]], count.modes[o.mode]) for o in out]
    groups = list(dict.fromkeys(labels))
    return Outstanding(
        count=count,
        counted=votes,
        categories=categories,
        rest=rest,
        rest_share=small / max(small.sum(), 0.5),
        size=size,
        splits=tuple(splits),
        sizes=stated,
        exposure=exposure,
        held=np.array([float(count.votes[list(o.members), o.mode].sum()) for o in out]),
        most=_most_out(out, exposure - cast, stated, None if known.told else float(people.max())),
        names=tuple(f"{o.place}\0{count.modes[o.mode]}" for o in out),
        coefficients=effects["split"].names,
        groups=tuple(groups),
        group_of=np.array([groups.index(label) for label in labels], np.int64),
        order=orders(count, known, grouped, splits, any_cell, None if known.sized else size, mode),
        by_size=by_size,
        odd=tuple(found),
        many_odd=many,
    )


def _most_out(out: Sequence[Out], on_roll: FloatArray, stated: Sizes, largest: float | None) -> FloatArray:
    """The most votes that can still be out, float64[n]: what the roll leaves; else what is stated, or of many units."""
    if largest is None:
        return on_roll
    of_all = np.array([_MOST * largest * len(o.members) for o in out])
    return np.where(np.isnan(stated.location), of_all, _MOST_STATED)


@dataclass(frozen=True, slots=True)
class _Rows:
    """What the rows of the regressions are made of; `extent` is what sizes of cells say where no unit's is known."""

    count: Count
    known: Known
    design: Design
    extent: Extents | None

    def cells(
        self, unit: Int64Array, mode: Int64Array, covariate: FloatArray, offset: FloatArray | None = None
    ) -> tuple[Cells, Cells]:
        """Cells that a regression learns from, those of these units and modes, and those that are out.

        covariate : float64[U, n]; units that are out together have its mean by people.  offset : float64[U].
        """
        known, out, design = self.known, self.count.out, self.design
        offset = np.zeros(len(known.people)) if offset is None else offset
        columns = np.column_stack([covariate, known.lean, offset])
        weights = [known.people[list(o.members)] / known.people[list(o.members)].sum() for o in out]
        mixed = [product(w, columns[list(o.members)]) for o, w in zip(out, weights, strict=True)]
        every = np.array(mixed).reshape(len(out), columns.shape[1])
        of_cell = covariate[unit]
        if self.extent is not None and covariate is known.split:
            of_cell = np.column_stack([of_cell[:, :-1], self.extent.seen[unit, mode]])
        seen = Cells(
            x=design.rows(unit, mode, of_cell, known.lean[unit]),
            unit=unit.astype(np.int64),
            share=np.ones(len(unit)),
            kind=mode,
            offset=offset[unit],
        )
        first, of_mode = np.array([o.members[0] for o in out], int), np.array([o.mode for o in out], np.int64)
        new = Cells(
            x=design.rows(first, of_mode, every[:, :-2], every[:, -2]),
            unit=np.array([o.members[0] if len(o.members) == 1 else -1 for o in out], np.int64),
            share=np.array([float((w * w).sum()) for w in weights]),
            kind=of_mode,
            offset=every[:, -1],
        )
        return seen, new


def _splits(
    rows: _Rows, grouped: FloatArray, categories: tuple[int, ...], cell: tuple[Int64Array, Int64Array]
) -> tuple[list[Forecast], BySize | None]:
    """How votes split, category by category, from the units and modes `cell`; and what a cell's size says of it."""
    count, known, extent, (unit, mode) = rows.count, rows.known, rows.extent, cell
    splits, left = list[Forecast](), grouped.sum(axis=2)
    names_of = [count.first_round.candidates[c].name for c in categories]
    for k in range(grouped.shape[2] - 1):
        own = known.own(names_of, k)
        seen, new = rows.cells(unit, mode, known.split, own)
        new, effects = new if extent is None else and_slope(new), rows.design.effects("split", own is not None)
        splits.append(learn(grouped[unit, mode, k], left[unit, mode], "logit", seen, new, effects))
        left = left - grouped[:, :, k]
    if extent is None:
        return splits, None
    by_size = BySize(tuple(split.part(slice(-1, None)) for split in splits), extent.usual(count.out))
    return [split.part(slice(None, -1)) for split in splits], by_size


def _categories(votes: Int64Array, least: float) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Candidates modelled one by one (at least two), most votes first, and those modelled together."""
    order = np.argsort(-votes, kind="stable")
    large = [int(c) for i, c in enumerate(order) if i < 2 or votes[c] >= least * votes.sum()]
    rest = [int(c) for c in order if int(c) not in large]
    return tuple(large), tuple(sorted(rest))


def _sizes(count: Count, settings: CountingSection, people: FloatArray) -> Sizes:
    """Stated sizes of what is out."""
    location, scale, keys = [], [], []
    by_mode = names.by_same(settings.modes)
    for out in count.out:
        mode = count.modes[out.mode]
        registered = float(people[list(out.members)].sum())
        own = stream(Purpose.COUNTING_CELL, f"size\0{out.place}\0{mode}")
        ratio = by_mode.get(names.same(mode))
        if out.expected is not None:
            low = high = float(log(out.expected)) if out.expected else -math.inf
        elif out.low is not None and out.high is not None:
            low, high = float(log(max(out.low, 0.5))), float(log(out.high))
        elif ratio is not None and not count.complete[:, out.mode].any():
            low, high = float(log(ratio.low * registered)), float(log(ratio.high * registered))
            own = stream(Purpose.COUNTING_CELL, f"size\0\0{mode}")
        else:
            low = high = math.nan
        location.append((low + high) / 2.0)
        scale.append((high - low) / (2.0 * TAIL) if high > low else 0.0)
        keys.append(own)
    return Sizes(np.array(location), np.array(scale), tuple(keys))
