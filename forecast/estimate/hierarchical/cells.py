"""What a hierarchical regression speaks of: cells, the spreads of its effects, and forecasts of cells."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from runoff.race import FloatArray, Int64Array

WIDTH = 1.0  # prior standard deviation of a log spread


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
        return np.full(len(self.centre), WIDTH) if self.width is None else self.width


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
