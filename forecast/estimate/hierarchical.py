"""A hierarchical regression on the log-odds (or log) scale, fitted to the cells that have reported.

    y[i] = x[i] . beta + unit[u(i)] + cell[i] + count noise        beta ~ N(0, Lambda)

A cell is a unit's votes of one mode.  The spreads of modes, regions, units and cells are found by
maximum marginal likelihood under weak priors (empirical Bayes); their own uncertainty is kept by
fitting at several points of its Laplace approximation.  Counts enter by penalised quasi-likelihood.

Sources: Laird and Ware (1982), Random-effects models for longitudinal data, doi:10.2307/2529876;
Breslow and Clayton (1993), Approximate inference in generalized linear mixed models,
doi:10.1080/01621459.1993.10594284; Rue, Martino and Chopin (2009), doi:10.1111/j.1467-9868.2008.00700.x
(section 1.3: spreads integrated out over points).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from runoff.arithmetic.chances import quantile
from runoff.arithmetic.descent import least
from runoff.arithmetic.functions import exp, log, log1p, logistic
from runoff.arithmetic.matrices import cholesky, eigen, over, product, under
from runoff.race import FloatArray, Int64Array

POINTS = 256  # sets of spreads that stand for their uncertainty; a power of two
_ROUNDS = 4  # of penalised quasi-likelihood
_WIDTH = 1.0  # prior standard deviation of a log spread
_SHORTEST = 1e-3  # a spread below this is none
_LONGEST = 3.0


@dataclass(frozen=True, slots=True)
class Cells:
    """Cells that a regression learns from, or speaks of.

    x : float64[n, p].  unit : int64[n], or -1 for a cell of several units.
    share : float64[n], the sum of squared weights of a cell's units: 1 for a single unit.
    kind : int64[n], the cell's mode: cells of a mode have a spread of their own.
    offset : float64[n], what is expected where all coefficients are 0.
    """

    x: FloatArray
    unit: Int64Array
    share: FloatArray
    kind: Int64Array
    offset: FloatArray


@dataclass(frozen=True, slots=True)
class Effects:
    """Prior standard deviations of the regression's coefficients.

    group : int64[p], which spread a coefficient has; -1 where it is fixed.
    fixed : float64[p], the spread where fixed.
    centre : float64[G + 1 + M], prior medians of the spreads: groups', units', then cells' by mode.
    names : of coefficients, on which their random numbers hang.
    width : float64[G + 1 + M], prior standard deviations of the logs of the spreads; 0 for one that stays at its
    centre.  By default 1 for all.
    """

    group: Int64Array
    fixed: FloatArray
    centre: FloatArray
    names: tuple[str, ...]
    width: FloatArray | None = None

    @property
    def groups(self) -> int:
        """G, the number of groups of coefficients with a spread to be found."""
        return int(self.group.max(initial=-1)) + 1

    @property
    def widths(self) -> FloatArray:
        """As `width`, with its default."""
        return np.full(len(self.centre), _WIDTH) if self.width is None else self.width


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a regression says of cells, for POINTS sets of spreads H.

    value = mean[h] + load[h] . z + own_unit[h] * (z of the unit) + own_cell[h] * (z of the cell).

    mean : float64[H, n].  load : float64[H, n, p].  own_unit, own_cell : float64[H, n].
    spreads : float64[H, G + 1 + M].
    miss : float64[seen n], each seen cell less what is known of it beforehand and by its unit's other cells; 0 where it
    has no counts.
    """

    mean: FloatArray
    load: FloatArray
    own_unit: FloatArray
    own_cell: FloatArray
    spreads: FloatArray
    miss: FloatArray

    def part(self, cells: slice) -> Forecast:
        """The same of some of the cells."""
        return replace(
            self,
            mean=self.mean[:, cells],
            load=self.load[:, cells],
            own_unit=self.own_unit[:, cells],
            own_cell=self.own_cell[:, cells],
        )

    @property
    def variance(self) -> FloatArray:
        """Variance of each cell over spreads and everything else: float64[n]."""
        within: FloatArray = (self.load**2).sum(axis=2) + self.own_unit**2 + self.own_cell**2
        result: FloatArray = within.mean(axis=0) + self.mean.var(axis=0)
        return result


class _Normal:
    """The normal model at one set of spreads."""

    def __init__(self, y: FloatArray, noise: FloatArray, seen: Cells, effects: Effects, spreads: FloatArray) -> None:
        groups = effects.groups
        squares = spreads * spreads
        of_unit, self.of_cell = squares[groups], squares[groups + 1 :]
        prior = np.where(effects.group >= 0, spreads[np.maximum(effects.group, 0)], effects.fixed)
        self.weight = 1.0 / (self.of_cell[seen.kind] * seen.share + noise)
        self.units = int(seen.unit.max(initial=-1)) + 1
        self.place = place = np.where(seen.unit >= 0, seen.unit, self.units)
        self.y = y
        self.of_unit = of_unit
        self.total = total = np.bincount(place, self.weight, self.units + 1)
        self.shrink = of_unit / (1.0 + of_unit * total)
        self.shrink[self.units] = 0.0  # cells of several units have none
        columns = np.column_stack([seen.x, y])
        weighted = columns * self.weight[:, None]
        sums = np.zeros((self.units + 1, columns.shape[1]))
        order = np.argsort(place, kind="stable")
        ordered = place[order]
        starts = np.flatnonzero(np.diff(ordered, prepend=-1))
        if starts.size:
            sums[ordered[starts]] = np.add.reduceat(weighted[order], starts, axis=0)
        cross = product(weighted.T, columns) - product((sums * self.shrink[:, None]).T, sums)
        self.sums = sums
        precision = cross[:-1, :-1] + np.diag(1.0 / prior**2)
        self.root = cholesky(precision)
        half = under(self.root, cross[:-1, -1])
        self.beta = over(self.root, half)
        self.fit = float(
            -0.5 * (cross[-1, -1] - product(half, half))
            + 0.5 * log(self.weight).sum()
            - 0.5 * log1p(of_unit * total[: self.units]).sum()
            - log(prior).sum()
            - log(np.diag(self.root)).sum()
        )

    def slopes(self, seen: Cells, effects: Effects, spreads: FloatArray) -> FloatArray:
        """Derivatives of `fit` by the log spreads: float64[G + 1 + M].

        fit = log N(y; 0, V), V a sum of spreads^2 times Q Q': the derivative by a log spread is spread^2 times
        |Q' a|^2 - tr(Q' V^-1 Q), with a = V^-1 y.
        """
        groups = effects.groups
        inverse = under(self.root, np.eye(len(self.root)))
        result = np.zeros(groups + 1 + len(self.of_cell))
        drawn = effects.group >= 0
        of_group = spreads[np.maximum(effects.group, 0)] ** 2
        each = (self.beta**2 + (inverse**2).sum(axis=0)) / of_group - 1.0
        result[:groups] = np.bincount(effects.group[drawn], each[drawn], groups)
        left = 1.0 - self.shrink * self.total  # of a unit's sums, once its own effect is taken out
        rest = self.sums[:, -1] - product(self.sums[:, :-1], self.beta)
        score = left * rest
        within = product(left[:, None] * self.sums[:, :-1], inverse.T)
        trace = left * self.total - (within**2).sum(axis=1)
        result[groups] = self.of_unit * float((score**2 - trace)[: self.units].sum())
        shrink = self.shrink[self.place]
        away = seen.x - shrink[:, None] * self.sums[self.place, :-1]
        alone = self.weight * (self.y - product(seen.x, self.beta) - shrink * rest[self.place])
        through = product(self.weight[:, None] * away, inverse.T)
        own = self.weight - self.weight**2 * shrink - (through**2).sum(axis=1)
        cells = seen.share * (alone**2 - own)
        result[groups + 1 :] = self.of_cell * np.bincount(seen.kind, cells, len(self.of_cell))
        return result

    def without(self, seen: Cells, effects: Effects) -> FloatArray:
        """Each seen cell less the line's fixed part and what its unit's other cells say of the unit: float64[n]."""
        miss = self.y - product(np.where(effects.group < 0, seen.x, 0.0), self.beta)
        others = np.bincount(self.place, self.weight * miss, self.units + 1)[self.place] - self.weight * miss
        known = self.total[self.place] - self.weight
        of_unit = np.where(self.place < self.units, self.of_unit, 0.0)
        result: FloatArray = miss - of_unit / (1.0 + of_unit * np.maximum(known, 0.0)) * others
        return result

    def of(self, new: Cells) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Mean, load, own_unit and own_cell of new cells."""
        known = (new.unit >= 0) & (new.unit < self.units)
        place = np.where(known, new.unit, self.units)
        shrink = self.shrink[place]
        x = new.x - shrink[:, None] * self.sums[place, :-1]
        mean = product(x, self.beta) + shrink * self.sums[place, -1]
        load = under(self.root, x.T).T
        alone = np.where(new.unit >= 0, np.where(known, shrink, self.of_unit), self.of_unit * new.share)
        return mean, load, np.sqrt(alone), np.sqrt(self.of_cell[new.kind] * new.share)


def learn(counts: FloatArray, of: FloatArray, family: str, seen: Cells, new: Cells, effects: Effects) -> Forecast:
    """Fit counts and say what is to be expected of new cells.

    Parameters
    ----------
    counts : float64[n]: of `of` trials (family "logit"), or of exposures `of` (family "log").
    """
    used = of > 0
    counts, of = counts[used], of[used]
    seen = Cells(seen.x[used], seen.unit[used], seen.share[used], seen.kind[used], seen.offset[used])
    start = np.clip((counts + 0.5) / (of + 1.0 if family == "logit" else of), 1e-9, None)
    eta = log(start / (1.0 - start)) if family == "logit" else log(start)
    log_spread = log(effects.centre)
    y, noise = _working(counts, of, eta, family)
    y -= seen.offset
    for _ in range(_ROUNDS):
        log_spread = _mode(y, noise, seen, effects, log_spread)
        eta = _smoothed(_Normal(y, noise, seen, effects, exp(log_spread)), seen, y) + seen.offset
        y, noise = _working(counts, of, eta, family)
        y -= seen.offset
    log_spread = _mode(y, noise, seen, effects, log_spread)
    root = _laplace(y, noise, seen, effects, log_spread)
    points = np.clip(log_spread + product(spread_points(len(log_spread)), root.T), log(_SHORTEST), log(_LONGEST))
    parts = []
    for point in exp(points):
        parts.append(_Normal(y, noise, seen, effects, point).of(new))
    mean, load, own_unit, own_cell = (np.stack(part) for part in zip(*parts, strict=True))
    mean += new.offset
    miss = np.zeros(len(used))
    miss[used] = _Normal(y, noise, seen, effects, exp(log_spread)).without(seen, effects)
    return Forecast(mean, load, own_unit, own_cell, exp(points), miss)


def spread_points(dimensions: int, points: int = POINTS) -> FloatArray:
    """Evenly spread standard normals, float64[points, dimensions]: Sobol's points, the same in every run.

    points : a power of two.

    Source: Sobol (1967), doi:10.1016/0041-5553(67)90144-9.
    """
    from scipy.stats import qmc  # here: it takes as long to load as a small night to draw

    normal = np.array([quantile((k + 0.5) / points) for k in range(points)])  # all places that a point can have
    place = np.rint(qmc.Sobol(dimensions, scramble=False).random(points) * points).astype(np.int64)
    result: FloatArray = normal[place]
    return result


def _working(counts: FloatArray, of: FloatArray, eta: FloatArray, family: str) -> tuple[FloatArray, FloatArray]:
    """Working response and its variance at eta (Breslow and Clayton, section 2).

    The twin in `runoff.phases.runoff_night.model.fit` stands apart: its eta is of votes, not of votes per voter, and
    may be 30, a partly counted cell's split is less certain there, and log-odds go through tanh: one function for both
    would move the last digits of one kind of night.  A test holds the two to each other.
    """
    eta = np.clip(eta, -12.0, 12.0)
    if family == "log":
        mean = np.maximum(of * exp(eta), 0.1)
        return eta + (counts - mean) / mean, 1.0 / mean
    p = logistic(eta)
    weight = np.maximum(of * p * (1.0 - p), 0.02)
    return eta + (counts - of * p) / weight, 1.0 / weight


def _smoothed(model: _Normal, seen: Cells, y: FloatArray) -> FloatArray:
    """Posterior mean of the seen cells: their line, their unit's part and their own."""
    place = np.where(seen.unit >= 0, seen.unit, model.units)
    rest = model.sums[:, -1] - product(model.sums[:, :-1], model.beta)
    line = product(seen.x, model.beta) + (model.shrink * rest)[place]
    result: FloatArray = line + model.of_cell[seen.kind] * seen.share * model.weight * (y - line)
    return result


def _penalised(
    log_spread: FloatArray, y: FloatArray, noise: FloatArray, seen: Cells, effects: Effects
) -> tuple[float, FloatArray]:
    """Minus the log posterior density of the log spreads, up to a constant, and its derivatives."""
    width, spreads = effects.widths, exp(log_spread)
    loose = width > 0.0
    precision = np.where(loose, 1.0 / np.where(loose, width, 1.0) ** 2, 0.0)
    away = log_spread - log(effects.centre)
    model = _Normal(y, noise, seen, effects, spreads)
    slopes: FloatArray = np.where(loose, precision * away - model.slopes(seen, effects, spreads), 0.0)
    return 0.5 * float((precision * away * away).sum()) - model.fit, slopes


def _mode(y: FloatArray, noise: FloatArray, seen: Cells, effects: Effects, start: FloatArray) -> FloatArray:
    free = (float(log(_SHORTEST)), float(log(_LONGEST)))
    bounds = [free if loose else (at, at) for at, loose in zip(start.tolist(), effects.widths > 0.0, strict=True)]
    low, high = np.array(bounds).T
    return least(lambda at: _penalised(at, y, noise, seen, effects), start, low, high)


def _laplace(y: FloatArray, noise: FloatArray, seen: Cells, effects: Effects, mode: FloatArray) -> FloatArray:
    """A root of the inverse Hessian of the log spreads at the mode, by differences of slopes: float64[n, n].

    Directions of which the counts say nothing keep at most twice the prior's standard deviation; spreads that stay
    where they are have none.
    """
    step, loose = 0.1, np.flatnonzero(effects.widths > 0.0)

    def slopes(at: FloatArray) -> FloatArray:
        return _penalised(at, y, noise, seen, effects)[1][loose]

    units = np.eye(len(mode))[loose] * step
    rows = [(slopes(mode + unit) - slopes(mode - unit)) / (2 * step) for unit in units]
    hessian = (np.array(rows) + np.array(rows).T) / 2
    values, vectors = eigen(hessian)
    values = np.maximum(values, 1.0 / (4.0 * _WIDTH * _WIDTH))
    result = np.zeros((len(mode), len(mode)))
    result[np.ix_(loose, loose)] = vectors / np.sqrt(values)
    return result
