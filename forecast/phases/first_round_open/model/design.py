"""What is known of units before they report, and the columns of a first round's regressions made of it."""

from __future__ import annotations

import numpy as np

from runoff.arithmetic.functions import log, norm
from runoff.data.counts.baseline import Baseline
from runoff.data.counts.first_round_count import Count
from runoff.estimate.hierarchical.cells import Effects
from runoff.race import BoolArray, FloatArray, Int64Array

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
ALONE = {"size": (1.0, 0.3), "split": (0.5, 0.6)}  # of units of which nothing is known: median, sd of its log
NONE = 1e-3  # a spread that is none
INTERCEPT, SLOPE, OTHER_SLOPE, SIZE_SLOPE, OWN_SLOPE = 5.0, 0.35, 0.3, 0.12, 0.3  # prior standard deviations, fixed
CURVE_OF_LEAN, CURVE_OF_SIZE, CURVE_BESIDE = 0.2, 0.2, 0.12  # sd of a curve over one unit; of size beside a baseline
SIZE_COLUMN = 4  # of the design: the slope on size
KNOTS = 10


class Known:
    """What is known of units beforehand.

    people : float64[U], who may vote, or something near proportional to it; `told` where a roll says it.
    extent : float64[U], its log, centred; noughts where nobody knows how large a unit is.
    size, split : float64[U, 3], covariates of the numbers of votes, and of how they split.
    """

    def __init__(self, count: Count, same: tuple[str, ...] = ()) -> None:
        base, units = count.baseline, len(count.registered)
        self.told = bool((count.registered > 0).all())
        none = np.zeros(units)
        ballots = None if base is None else base.ballots
        self.sized = self.told or ballots is not None
        if self.told:
            self.people = count.registered.astype(np.float64)
        elif ballots is not None:
            some = ballots > 0
            self.people = np.where(some, ballots, ballots[some].mean() if some.any() else 1.0)
        else:
            votes = count.votes.sum(axis=(1, 2)).astype(np.float64)
            self.people = np.full(units, votes[votes > 0].mean())
        extent = log(self.people + 1.0)
        self.extent = extent - float(np.average(extent, weights=self.people + 1.0))
        turnout, lean, other = (none, none, none) if base is None else of_baseline(base)
        self.lean, self.base, self.same = lean, base, same
        self.size = np.stack([turnout, lean, none, self.extent if self.sized else none], axis=1)
        self.split = np.stack([lean, turnout, other, self.extent if self.sized else none], axis=1)

    def own(self, names: list[str], k: int) -> FloatArray | None:
        """Log-odds in the earlier election of candidate k, who stood in it, against those after: float64[U]."""
        base = self.base
        if base is None or base.ballots is None or names[k] not in self.same:
            return None
        had = {self.same[0]: base.first, self.same[1]: base.second}
        left = base.ballots - sum((had[name] for name in names[:k] if name in had), np.zeros(len(base.first)))
        odds = log((had[names[k]] + 0.5) / (np.maximum(left - had[names[k]], 0.0) + 0.5))
        return _centred(odds, base.ballots + 1.0, base.ballots > 0)


def of_baseline(base: Baseline) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Log turnout, two-way log-odds and log-odds of all others (noughts where not known), centred: float64[U] each."""
    both = base.first + base.second
    lean = _centred(log((base.first + 0.5) / (base.second + 0.5)), both + 1.0, both > 0)
    turnout = other = np.zeros_like(lean)
    if base.ballots is not None:
        left = np.maximum(base.ballots - both, 0.0)
        other = _centred(log((left + 0.5) / (both + 0.5)), both + 1.0, (both > 0) & (left > 0))
        if base.registered is not None:
            turnout = log((base.ballots + 0.5) / (base.registered + 1.0))
            turnout = _centred(turnout, base.registered + 1.0, (base.ballots > 0) & (base.registered > 0))
    return turnout, lean, other


def _centred(values: FloatArray, weights: FloatArray, known: BoolArray) -> FloatArray:
    """Values less their mean; 0, which is the mean, for units where the earlier election had nobody."""
    if not known.any():
        return np.zeros_like(values)
    return np.where(known, values - float(np.average(values[known], weights=weights[known])), 0.0)


class Design:
    """Columns of the regressions: intercept, slopes, curves, modes, regions, and what they do together."""

    def __init__(self, count: Count, known: Known) -> None:
        self.modes = len(count.modes)
        regions = list(dict.fromkeys(count.first_round.regions))
        self.region = np.array([regions.index(r) for r in count.first_round.regions])
        self.regions, self.known, self.baseline = len(regions), known, count.baseline is not None
        self.lean, self.extent = knots(known.lean), knots(known.extent if known.sized else known.extent * 0.0)
        m, r = list(count.modes), regions
        groups = [
            ("mode", [f"mode {a}" for a in m] if len(m) > 1 else []),
            ("region", [f"region {b}" for b in r] if len(r) > 1 else []),
            ("region x mode", [f"{b} x {a}" for b in r for a in m] if len(r) > 1 and len(m) > 1 else []),
            ("slope x mode", [f"slope x mode {a}" for a in m] if len(m) > 1 and count.baseline else []),
            ("slope x region", [f"slope x region {b}" for b in r] if len(r) > 1 and count.baseline else []),
        ]
        self.groups = [(name, columns) for name, columns in groups if columns]

    def effects(self, family: str, own: bool = False) -> Effects:
        """Prior of the coefficients of one regression: of family "size" or "split"."""
        names = ["intercept", "slope", "other slope", "slope of others", "slope of registered"]
        curves = [("lean", k) for k in range(1, len(self.lean))] + [("size", k) for k in range(1, len(self.extent))]
        names += [f"curve of {what} {k}" for what, k in curves]
        group = len(names) * [-1]
        slope = OWN_SLOPE if own else SLOPE
        fixed = [INTERCEPT, slope, OTHER_SLOPE, min(slope, OTHER_SLOPE), SIZE_SLOPE]
        of_size = CURVE_BESIDE if self.baseline or family == "size" else CURVE_OF_SIZE
        fixed += [CURVE_OF_LEAN if what == "lean" else of_size for what, _ in curves]
        for g, (_, columns) in enumerate(self.groups):
            group += [g] * len(columns)
            fixed += [1.0] * len(columns)
            names += columns
        centre = [CENTRE[name] for name, _ in self.groups] + [CENTRE["unit"]] + self.modes * [CENTRE["cell"]]
        width = np.ones(len(centre))
        alone = not (self.known.sized if family == "size" else self.baseline)
        at = len(self.groups)
        if alone:
            centre[at], width[at] = ALONE[family]
        if self.modes == 1:  # a unit's only cell is the unit: one spread for both
            centre[at], centre[at + 1] = NONE, centre[at] if alone else float(norm(centre[at], centre[at + 1]))
            width[at], width[at + 1] = 0.0, width[at]
        return Effects(np.array(group), np.array(fixed), np.array(centre), tuple(names), width)

    def rows(self, unit: Int64Array, mode: Int64Array, covariate: FloatArray, lean: FloatArray) -> FloatArray:
        """The rows of some cells, covariate float64[n, 4], of which the last is the extent: float64[n, p]."""
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
        curves = [curve(lean, self.lean), curve(covariate[:, 3], self.extent)]
        parts = [np.ones((n, 1)), covariate, *curves, *(columns[name] for name, _ in self.groups)]
        result: FloatArray = np.concatenate(parts, axis=1)
        return result


def knots(values: FloatArray) -> FloatArray:
    """Quantiles between which a curve runs; none where all values are alike."""
    found: FloatArray = np.unique(np.quantile(values, np.linspace(0.0, 1.0, KNOTS)))
    return found if len(found) > 1 else found[:0]


def curve(values: FloatArray, knots: FloatArray) -> FloatArray:
    """Columns whose sum, with independent coefficients of sd s, is Brownian motion of s^2 a unit: float64[n, K - 1].

    It runs from knot to knot in straight lines: two places differ by s^2 times the distance between them, whatever
    lies there, so that what is far from all that has reported is known less well.
    """
    if len(knots) < 2:
        return np.zeros((len(values), 0))
    steps = np.diff(knots)
    result: FloatArray = np.clip(values[:, None] - knots[:-1], 0.0, steps) / np.sqrt(steps)
    return result
