"""From whole-number tallies to means, quantiles, correlations: one small function per statistic.

Histograms have equal bins from `start` on; a quantile is interpolated within its bin, so its error is
below a bin's width.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from runoff.arithmetic.chances import density
from runoff.arithmetic.chances import quantile as normal_quantile
from runoff.arithmetic.functions import log, log1p, logistic, square
from runoff.race import FloatArray, Int64Array

_MERGED = 40  # bins of about equally many trials, for what is conditional on a rate
_EDGE = 1e-6  # keeps log-odds finite
_AROUND = 0.025  # to either side of a quantile, as a share of the trials


def mean_sd(first: int, second: int, n: int, unit: float = 1.0) -> tuple[float, float]:
    """Mean and standard deviation from exact sums of x and x^2, times `unit`."""
    variance = n * second - first * first  # exact, as Python's whole numbers are
    return unit * first / n, unit * math.sqrt(max(variance, 0)) / n


def quantile(bins: Int64Array, probability: float, start: float, width: float) -> float:
    """The quantile of a histogram, linear within the bin that holds it."""
    cumulated = np.cumsum(bins)
    target = probability * int(cumulated[-1])
    place = int(np.searchsorted(cumulated, target, side="left"))
    while bins[place] == 0:  # target 0 falls before the first bin that holds anything
        place += 1
    before = int(cumulated[place]) - int(bins[place])
    return start + width * (place + (target - before) / int(bins[place]))


@dataclass(frozen=True, slots=True)
class Conditional:
    """What a rate says of the margin: arrays over bins of about equally many trials, empty bins left out.

    count : trials; rate : their mean rate (bin centres); wins : the first finalist's; margin : mean.
    """

    count: FloatArray
    rate: FloatArray
    wins: FloatArray
    margin: FloatArray


def conditional(bins: Int64Array, width: float, unit: float, scale: float = 1.0) -> Conditional:
    """Merge bins int64[3, n] (trials, wins, sums of margins in `unit`) into about _MERGED of equal weight.

    `scale` turns what is counted into effective trials, where trials have weights.
    """
    counted = bins.astype(float) * scale
    count = counted[0]
    centre = (np.arange(count.size) + 0.5) * width
    below = np.cumsum(count) - 0.5 * count
    label = np.minimum((below * (_MERGED / max(count.sum(), 1.0))).astype(int), _MERGED - 1)

    def merged(values: FloatArray) -> FloatArray:
        return np.bincount(label, values, minlength=_MERGED).astype(np.float64)

    total = merged(count)
    kept = total > 0
    total = total[kept]
    return Conditional(
        total,
        merged(count * centre)[kept] / total,
        merged(counted[1])[kept],
        merged(counted[2])[kept] * unit / total,
    )


def explained(of: Conditional, margin_sd: float) -> float:
    """First-order Sobol index: variance of the mean margin given the rate / variance of the margin.

    What chance alone puts between bins, (bins - 1) / n of the variance, is taken off.
    Source: Saltelli et al. (2008), Global sensitivity analysis: the primer, section 1.2.
    """
    n = of.count.sum()
    mean = float((of.count * of.margin).sum()) / n
    between = float((of.count * (of.margin - mean) ** 2).sum()) / n / square(margin_sd)
    return float(min(max(between - (of.count.size - 1) / n, 0.0), 1.0))


def break_even(of: Conditional, low: float, high: float) -> float | None:
    """The rate at which the first finalist wins half the time, if it lies between `low` and `high`.

    A rate is normal in log-odds and the margin nearly so given the rate, hence the probit of the win
    probability is nearly linear in the log-odds: a weighted line through the bins, and its root.
    """
    p = (of.wins + 0.5) / (of.count + 1.0)
    usable = (of.wins > 0) & (of.wins < of.count)
    if usable.sum() < 3:
        return None
    p, count = p[usable], of.count[usable]
    rate = np.clip(of.rate[usable], _EDGE, 1.0 - _EDGE)
    x = log(rate) - log1p(-rate)
    y = np.array([normal_quantile(float(value)) for value in p])
    weight = count * density(y) ** 2 / (p * (1.0 - p))
    x_mean, y_mean = float((weight * x).sum() / weight.sum()), float((weight * y).sum() / weight.sum())
    spread = float((weight * (x - x_mean) ** 2).sum())
    if spread <= 0.0:
        return None
    slope = float((weight * (x - x_mean) * (y - y_mean)).sum()) / spread
    if abs(slope) * math.sqrt(spread) < 5.0:  # five standard errors: else the line is noise
        return None
    root = float(logistic(x_mean - y_mean / slope))
    return root if low <= root <= high else None


def correlation(x: int, xx: int, y: int, yy: int, xy: int, n: int) -> float | None:
    """Correlation from exact sums; None where either does not vary."""
    of_x, of_y = n * xx - x * x, n * yy - y * y
    if of_x <= 0 or of_y <= 0:
        return None
    return (n * xy - x * y) / math.sqrt(of_x) / math.sqrt(of_y)


@dataclass(frozen=True, slots=True)
class Near:
    """A probability where a quantity is near one of its quantiles: `p`, and the equally weighted trials behind it."""

    p: float
    trials: float


def near_quantile(bins: Int64Array, level: float, scale: float = 1.0) -> Near:
    """How often something happened in the trials around a quantile: bins int64[2 or more, n] of trials and cases.

    The trials are those between the quantiles level - 0.025 and level + 0.025, a twentieth of all; a bin that lies in
    there in part counts in that part, as if its cases were spread evenly.  `scale` turns what is counted into
    effective trials, where trials have weights.
    """
    count, cases = bins[0].astype(np.float64), bins[1].astype(np.float64)
    upto = np.cumsum(count)
    low, high = (level + side * _AROUND for side in (-1, 1))
    inside = np.minimum(upto, high * upto[-1]) - np.maximum(upto - count, low * upto[-1])
    part = np.divide(np.maximum(inside, 0.0), count, out=np.zeros_like(count), where=count > 0)
    weight = float((part * count).sum())
    return Near(float((part * cases).sum()) / weight, scale * square(weight) / float((part**2 * count).sum()))
