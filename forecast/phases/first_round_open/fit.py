"""From the state of a count to the arrays that trials are drawn from.

Votes that are out are predicted by two kinds of hierarchical regressions (`runoff.estimate.hierarchical`), fitted to
complete cells only: how many votes a unit casts by a mode, per registered voter, and how they split.  A
split is said in sequential log-odds: the leader against all others, the second against the rest, and so
on (Aitchison 1986, The statistical analysis of compositional data, section 6.14).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from runoff import names
from runoff.data.counts.baseline import Baseline
from runoff.data.counts.first_round_count import Count
from runoff.estimate.hierarchical import Cells, Effects, Forecast, learn
from runoff.estimate.logistic import TAIL
from runoff.kernels.streams import Purpose, stream
from runoff.phases.first_round_open.odd_cells import odd_in_count
from runoff.phases.odd_notes import OddCell
from runoff.phases.order import inhabited_count
from runoff.race import BoolArray, FloatArray, Int64Array
from runoff.runfile.sections.observed import CountingSection

# Prior medians of spreads on the log-odds scale; twice or half as large is well within the prior.  They are
# judgement, wide on purpose: between modes voters differ a great deal, between neighbouring units little.
CENTRE = {
    "mode": 0.5,
    "region": 0.3,
    "region x mode": 0.2,
    "slope x mode": 0.2,
    "slope x region": 0.2,
    "unit": 0.15,
    "cell": 0.15,
}
INTERCEPT, SLOPE, OTHER_SLOPE = 5.0, 2.0, 0.5  # prior standard deviations that are fixed, wide


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
    odd: tuple[OddCell, ...] = ()
    many_odd: int = 0

    def category_name(self, k: int) -> str:
        """The candidate of category k."""
        return self.count.first_round.candidates[self.categories[k]].name


def prepare(count: Count, settings: CountingSection) -> Outstanding:
    """Fit what is counted; say what is to be expected of the rest.  Units without voters have no part in it."""
    count = inhabited_count(count)
    votes = count.votes.sum(axis=(0, 1))
    categories, rest = _categories(votes, settings.least_share)
    grouped = count.votes[:, :, list(categories)].astype(np.float64)
    if rest:
        grouped = np.concatenate([grouped, count.votes[:, :, list(rest)].sum(axis=2, keepdims=True)], axis=2)
    design = _Design(count)
    effects = design.effects()
    turnout, lean = _covariates(count)
    aside, found, many = odd_in_count(count, categories, grouped, (turnout, lean), design.rows, effects)
    exposure = np.array([float(count.registered[list(o.members)].sum()) for o in count.out])
    held = np.array([float(count.votes[list(o.members), o.mode].sum()) for o in count.out])
    cast = np.array([float(count.votes[list(o.members)].sum()) for o in count.out])
    stated = _sizes(count, settings)
    size = None
    if np.isnan(stated.location).any():
        unit, mode = np.nonzero(count.complete & ~aside)
        cells, people = _cells(count, design, turnout, unit, mode), count.registered[unit].astype(np.float64)
        size = learn(grouped.sum(axis=2)[unit, mode], people, "log", *cells, effects)
    splits = []
    if count.out:
        unit, mode = np.nonzero(count.votes.any(axis=2) & ~aside)
        cells, left = _cells(count, design, lean, unit, mode), grouped.sum(axis=2)
        for k in range(grouped.shape[2] - 1):
            splits.append(learn(grouped[unit, mode, k], left[unit, mode], "logit", *cells, effects))
            left = left - grouped[:, :, k]
    small = votes[list(rest)] + 0.5
    labels = [(count.first_round.regions[o.members[0]], count.modes[o.mode]) for o in count.out]
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
        held=held,
        most=exposure - cast,
        names=tuple(f"{o.place}\0{count.modes[o.mode]}" for o in count.out),
        coefficients=effects.names,
        groups=tuple(groups),
        group_of=np.array([groups.index(label) for label in labels], np.int64),
        odd=tuple(found),
        many_odd=many,
    )


def _categories(votes: Int64Array, least: float) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Candidates modelled one by one (at least two), most votes first, and those modelled together."""
    order = np.argsort(-votes, kind="stable")
    large = [int(c) for i, c in enumerate(order) if i < 2 or votes[c] >= least * votes.sum()]
    rest = [int(c) for c in order if int(c) not in large]
    return tuple(large), tuple(sorted(rest))


def _cells(
    count: Count, design: _Design, covariate: FloatArray, unit: Int64Array, mode: Int64Array
) -> tuple[Cells, Cells]:
    """The cells that a regression learns from, those of these units and modes, and those that are out.

    covariate : float64[U, 3]; units that are out together have its mean by registered voters.
    """
    seen = Cells(design.rows(unit, mode, covariate[unit]), unit.astype(np.int64), np.ones(len(unit)), mode)
    people = [count.registered[list(o.members)].astype(np.float64) for o in count.out]
    weights = [registered / registered.sum() for registered in people]
    mixed = [w @ covariate[list(o.members)] for o, w in zip(count.out, weights, strict=True)]
    first, kind = (np.array(of, np.int64) for of in ([o.members[0] for o in count.out], [o.mode for o in count.out]))
    new = Cells(
        x=design.rows(first, kind, np.array(mixed).reshape(len(count.out), covariate.shape[1])),
        unit=np.array([o.members[0] if len(o.members) == 1 else -1 for o in count.out], np.int64),
        share=np.array([float(w @ w) for w in weights]),
        kind=kind,
    )
    return seen, new


def _covariates(count: Count) -> tuple[FloatArray, FloatArray]:
    """What is known of units beforehand, centred: float64[U, 3] for numbers of votes, and for splits.

    Log turnout and two-way log-odds of the baseline (zeros where there is none), the one that matters most
    first, and the log of registered voters: large units report late, and are not quite like small ones.
    """
    none = np.zeros(len(count.registered))
    extent = np.log(count.registered + 1.0)
    extent = extent - float(np.average(extent, weights=count.registered + 1.0))
    turnout, lean = (none, none) if count.baseline is None else _of_baseline(count.baseline)
    return np.stack([turnout, lean, extent], axis=1), np.stack([lean, turnout, extent], axis=1)


def _of_baseline(base: Baseline) -> tuple[FloatArray, FloatArray]:
    """Log turnout (zeros where it is not given) and two-way log-odds, centred: float64[U] each."""
    both = base.first + base.second
    lean = _centred(np.log((base.first + 0.5) / (base.second + 0.5)), both + 1.0, both > 0)
    if base.ballots is None or base.registered is None:
        return np.zeros_like(lean), lean
    turnout = np.log((base.ballots + 0.5) / (base.registered + 1.0))
    return _centred(turnout, base.registered + 1.0, (base.ballots > 0) & (base.registered > 0)), lean


def _centred(values: FloatArray, weights: FloatArray, known: BoolArray) -> FloatArray:
    """Values less their mean; 0, which is the mean, for units where the earlier election had nobody."""
    if not known.any():
        return np.zeros_like(values)
    return np.where(known, values - float(np.average(values[known], weights=weights[known])), 0.0)


class _Design:
    """Columns of the regressions: intercept, slope, modes, regions, and what they do together."""

    def __init__(self, count: Count) -> None:
        self.modes = len(count.modes)
        regions = list(dict.fromkeys(count.first_round.regions))
        self.region = np.array([regions.index(r) for r in count.first_round.regions])
        self.regions = len(regions)
        m, r = list(count.modes), regions
        groups = [
            ("mode", [f"mode {a}" for a in m] if len(m) > 1 else []),
            ("region", [f"region {b}" for b in r] if len(r) > 1 else []),
            ("region x mode", [f"{b} x {a}" for b in r for a in m] if len(r) > 1 and len(m) > 1 else []),
            ("slope x mode", [f"slope x mode {a}" for a in m] if len(m) > 1 and count.baseline else []),
            ("slope x region", [f"slope x region {b}" for b in r] if len(r) > 1 and count.baseline else []),
        ]
        self.groups = [(name, columns) for name, columns in groups if columns]

    def effects(self) -> Effects:
        """Prior of the coefficients."""
        group, names = [-1, -1, -1, -1], ["intercept", "slope", "other slope", "slope of registered"]
        fixed = [INTERCEPT, SLOPE, OTHER_SLOPE, OTHER_SLOPE]
        for g, (_, columns) in enumerate(self.groups):
            group += [g] * len(columns)
            fixed += [1.0] * len(columns)
            names += columns
        centre = [CENTRE[name] for name, _ in self.groups] + [CENTRE["unit"]] + self.modes * [CENTRE["cell"]]
        return Effects(np.array(group), np.array(fixed), np.array(centre), tuple(names))

    def rows(self, unit: Int64Array, mode: Int64Array, covariate: FloatArray) -> FloatArray:
        """The rows of some cells, covariate float64[n, 3]: float64[n, p]."""
        n = len(unit)
        by_mode = np.eye(self.modes)[mode].reshape(n, self.modes)
        by_region = np.eye(self.regions)[self.region[unit]].reshape(n, self.regions)
        both = (by_region[:, :, None] * by_mode[:, None, :]).reshape(n, self.regions * self.modes)
        columns = {
            "mode": by_mode,
            "region": by_region,
            "region x mode": both,
            "slope x mode": by_mode * covariate[:, :1],
            "slope x region": by_region * covariate[:, :1],
        }
        parts = [np.ones((n, 1)), covariate, *(columns[name] for name, _ in self.groups)]
        return np.concatenate(parts, axis=1)


def _sizes(count: Count, settings: CountingSection) -> Sizes:
    """Stated sizes of what is out."""
    location, scale, keys = [], [], []
    by_mode = names.by_same(settings.modes)
    for out in count.out:
        mode = count.modes[out.mode]
        registered = float(count.registered[list(out.members)].sum())
        own = stream(Purpose.COUNTING_CELL, f"size\0{out.place}\0{mode}")
        ratio = by_mode.get(names.same(mode))
        if out.expected is not None:
            low = high = math.log(out.expected) if out.expected else -math.inf
        elif out.low is not None and out.high is not None:
            low, high = math.log(max(out.low, 0.5)), math.log(out.high)
        elif ratio is not None and not count.complete[:, out.mode].any():
            low, high = math.log(ratio.low * registered), math.log(ratio.high * registered)
            own = stream(Purpose.COUNTING_CELL, f"size\0\0{mode}")
        else:
            low = high = math.nan
        location.append((low + high) / 2.0)
        scale.append((high - low) / (2.0 * TAIL) if high > low else 0.0)
        keys.append(own)
    return Sizes(np.array(location), np.array(scale), tuple(keys))
