"""The normal model of cells, at many sets of spreads at once.

    y[i] = x[i] . beta + unit[u(i)] + cell[i] + noise[i]        beta ~ N(0, Lambda)

Units' effects are integrated out by hand, so that the work is linear in cells; only the coefficients' matrix is solved.

Source: Laird and Ware (1982), Random-effects models for longitudinal data, doi:10.2307/2529876.
"""

from __future__ import annotations

import numpy as np

from runoff.arithmetic.functions import log, log1p
from runoff.arithmetic.matrices import cholesky, over, product, under
from runoff.estimate.hierarchical.cells import Cells, Effects
from runoff.race import FloatArray, Int64Array


class Layout:
    """Which unit each cell is of, and what else hangs on no number that is estimated.

    units : U.  place : int64[n], the cell's unit, U for a cell of several units.
    """

    def __init__(self, seen: Cells, effects: Effects) -> None:
        self.seen, self.effects = seen, effects
        self.units = int(seen.unit.max(initial=-1)) + 1
        self.place = np.where(seen.unit >= 0, seen.unit, self.units)
        alone = np.flatnonzero(seen.unit >= 0)
        order = alone[np.argsort(self.place[alone], kind="stable")]
        of = self.place[order]
        rank = np.arange(len(of)) - np.searchsorted(of, of)  # of a cell among its unit's
        self._ranks = [(of[rank == k], order[rank == k]) for k in range(int(rank.max(initial=-1)) + 1)]

    def by_unit(self, values: FloatArray) -> FloatArray:
        """Sums of a unit's cells, one after another; 0 for cells of several units.

        values : float64[H, n, ...].  Returns float64[H, U + 1, ...].
        """
        sums = np.zeros((len(values), self.units + 1, *values.shape[2:]))
        for units, cells in self._ranks:  # as many as a unit has cells: its modes
            sums[:, units] += values[:, cells]
        return sums

    def prior(self, spreads: FloatArray) -> FloatArray:
        """Prior standard deviations of the coefficients: float64[H, p] of float64[H, G + 1 + M]."""
        group = self.effects.group
        result: FloatArray = np.where(group >= 0, spreads[:, np.maximum(group, 0)], self.effects.fixed)
        return result


class Normal:
    """The model at sets of spreads, float64[H, G + 1 + M].

    fit : float64[H], log density of y, up to a constant.  beta : float64[H, p], posterior means.
    root : float64[H, p, p], of the coefficients' posterior precision.
    weight : float64[H, n].  total, shrink : float64[H, U + 1], weight of a unit's cells, and how much of their sum is
    the unit's effect.  sums : float64[H, U + 1, p + 1], weighted x and y.  of_unit : float64[H], of_cell :
    float64[H, M], variances.
    """

    def __init__(self, y: FloatArray, noise: FloatArray, layout: Layout, spreads: FloatArray) -> None:
        self.y, self.layout, self.spreads = y, layout, spreads
        seen, groups = layout.seen, layout.effects.groups
        squares = spreads * spreads
        self.of_unit, self.of_cell = squares[:, groups], squares[:, groups + 1 :]
        self.weight = 1.0 / (self.of_cell[:, seen.kind] * seen.share + noise)
        self.total = layout.by_unit(self.weight)
        self.shrink = self.of_unit[:, None] / (1.0 + self.of_unit[:, None] * self.total)
        self.shrink[:, layout.units] = 0.0  # cells of several units have none
        columns = np.column_stack([seen.x, y])
        weighted = columns * self.weight[:, :, None]
        self.sums = layout.by_unit(weighted)
        shrunk = self.sums * self.shrink[:, :, None]
        cross = product(weighted.swapaxes(1, 2), columns) - product(shrunk.swapaxes(1, 2), self.sums)
        self._solve(cross, layout.prior(spreads))

    def _solve(self, cross: FloatArray, prior: FloatArray) -> None:
        """From products of the columns, units taken out, float64[H, p + 1, p + 1], to coefficients and density."""
        precision = cross[:, :-1, :-1].copy()
        diagonal = np.arange(prior.shape[1])
        precision[:, diagonal, diagonal] += 1.0 / prior**2
        self.root = cholesky(precision)
        half = under(self.root, cross[:, :-1, -1:])
        self.beta = over(self.root, half)[:, :, 0]
        explained = product(half.swapaxes(1, 2), half)[:, 0, 0]
        self.fit = (
            -0.5 * (cross[:, -1, -1] - explained)
            + 0.5 * log(self.weight).sum(axis=1)
            - 0.5 * log1p(self.of_unit[:, None] * self.total[:, :-1]).sum(axis=1)
            - log(prior).sum(axis=1)
            - log(self.root[:, diagonal, diagonal]).sum(axis=1)
        )

    def slopes(self) -> FloatArray:
        """Derivatives of `fit` by the log spreads: float64[H, G + 1 + M].

        fit = log N(y; 0, V), V a sum of spreads^2 times Q Q': the derivative by a log spread is spread^2 times
        |Q' a|^2 - tr(Q' V^-1 Q), with a = V^-1 y.
        """
        layout, seen, effects = self.layout, self.layout.seen, self.layout.effects
        groups, place = effects.groups, layout.place
        inverse = under(self.root, np.eye(self.root.shape[-1]))
        result = np.zeros(self.spreads.shape)
        drawn = effects.group >= 0
        of_group = self.spreads[:, np.maximum(effects.group, 0)] ** 2
        each = (self.beta**2 + (inverse**2).sum(axis=1)) / of_group - 1.0
        result[:, :groups] = [np.bincount(effects.group[drawn], row, groups) for row in each[:, drawn]]
        left = 1.0 - self.shrink * self.total  # of a unit's sums, once its own effect is taken out
        rest = self._rest()
        score = left * rest
        within = product(left[:, :, None] * self.sums[:, :, :-1], inverse.swapaxes(1, 2))
        trace = left * self.total - (within**2).sum(axis=2)
        result[:, groups] = self.of_unit * (score**2 - trace)[:, :-1].sum(axis=1)
        shrink = self.shrink[:, place]
        away = seen.x - shrink[:, :, None] * self.sums[:, place, :-1]
        alone = self.weight * (self.y - self._line(seen.x) - shrink * rest[:, place])
        through = product(self.weight[:, :, None] * away, inverse.swapaxes(1, 2))
        own = self.weight - self.weight**2 * shrink - (through**2).sum(axis=2)
        cells = seen.share * (alone**2 - own)
        kinds = self.of_cell.shape[1]
        result[:, groups + 1 :] = self.of_cell * np.stack([np.bincount(seen.kind, row, kinds) for row in cells])
        return result

    def smoothed(self) -> FloatArray:
        """Posterior means of the seen cells, their line, their unit's part and their own: float64[H, n]."""
        seen, place = self.layout.seen, self.layout.place
        line = self._line(seen.x) + (self.shrink * self._rest())[:, place]
        result: FloatArray = line + self.of_cell[:, seen.kind] * seen.share * self.weight * (self.y - line)
        return result

    def without(self) -> FloatArray:
        """Each seen cell less the line's fixed part and what its unit's other cells say of the unit: float64[H, n]."""
        layout, place = self.layout, self.layout.place
        miss = self.y - self._line(np.where(layout.effects.group < 0, layout.seen.x, 0.0))
        others = layout.by_unit(self.weight * miss)[:, place] - self.weight * miss
        known = self.total[:, place] - self.weight
        of_unit = np.where(place < layout.units, self.of_unit[:, None], 0.0)
        result: FloatArray = miss - of_unit / (1.0 + of_unit * np.maximum(known, 0.0)) * others
        return result

    def of(self, new: Cells) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Mean, load, own_unit and own_cell of new cells: float64[H, m], float64[H, m, p], float64[H, m] twice."""
        units = self.layout.units
        known = (new.unit >= 0) & (new.unit < units)
        place: Int64Array = np.where(known, new.unit, units)
        shrink, of_unit = self.shrink[:, place], self.of_unit[:, None]
        x = new.x - shrink[:, :, None] * self.sums[:, place, :-1]
        mean = product(x, self.beta[:, :, None])[:, :, 0] + shrink * self.sums[:, place, -1]
        load = under(self.root, x.swapaxes(1, 2)).swapaxes(1, 2)
        alone = np.where(new.unit >= 0, np.where(known, shrink, of_unit), of_unit * new.share)
        return mean, load, np.sqrt(alone), np.sqrt(self.of_cell[:, new.kind] * new.share)

    def _rest(self) -> FloatArray:
        """A unit's weighted sum of y, its line taken out: float64[H, U + 1]."""
        line = product(self.sums[:, :, :-1], self.beta[:, :, None])[:, :, 0]
        result: FloatArray = self.sums[:, :, -1] - line
        return result

    def _line(self, x: FloatArray) -> FloatArray:
        """What the coefficients say of cells: float64[H, n]."""
        result: FloatArray = product(x, self.beta[:, :, None])[:, :, 0]
        return result
