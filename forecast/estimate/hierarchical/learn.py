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

import numpy as np

from runoff.arithmetic.chances import quantile
from runoff.arithmetic.descent import least
from runoff.arithmetic.functions import exp, log, logistic
from runoff.arithmetic.matrices import eigen, product
from runoff.estimate.hierarchical.cells import WIDTH, Cells, Effects, Forecast
from runoff.estimate.hierarchical.normal import Layout, Normal
from runoff.race import FloatArray

POINTS = 256  # sets of spreads that stand for their uncertainty; a power of two
_ROUNDS = 4  # of penalised quasi-likelihood
_SHORTEST = 1e-3  # a spread below this is none
_LONGEST = 3.0
_TOGETHER = 1 << 18  # numbers of a model's columns that are worked on together, so that a cache holds them


def learn(counts: FloatArray, of: FloatArray, family: str, seen: Cells, new: Cells, effects: Effects) -> Forecast:
    """Fit counts and say what is to be expected of new cells.

    Parameters
    ----------
    counts : float64[n]: of `of` trials (family "logit"), or of exposures `of` (family "log").
    """
    used = of > 0
    counts, of = counts[used], of[used]
    seen = Cells(seen.x[used], seen.unit[used], seen.share[used], seen.kind[used], seen.offset[used])
    layout = Layout(seen, effects)
    start = np.clip((counts + 0.5) / (of + 1.0 if family == "logit" else of), 1e-9, None)
    eta = log(start / (1.0 - start)) if family == "logit" else log(start)
    log_spread = log(effects.centre)
    y, noise = _working(counts, of, eta, family)
    y -= seen.offset
    for _ in range(_ROUNDS):
        log_spread = _mode(y, noise, layout, log_spread)
        eta = Normal(y, noise, layout, exp(log_spread)[None]).smoothed()[0] + seen.offset
        y, noise = _working(counts, of, eta, family)
        y -= seen.offset
    log_spread = _mode(y, noise, layout, log_spread)
    root = _laplace(y, noise, layout, log_spread)
    points = np.clip(log_spread + product(spread_points(len(log_spread)), root.T), log(_SHORTEST), log(_LONGEST))
    miss = np.zeros(len(used))
    miss[used] = Normal(y, noise, layout, exp(log_spread)[None]).without()[0]
    return _forecast(y, noise, layout, new, exp(points), miss)


def _forecast(
    y: FloatArray, noise: FloatArray, layout: Layout, new: Cells, points: FloatArray, miss: FloatArray
) -> Forecast:
    """New cells at each set of spreads, float64[H, G + 1 + M]."""
    columns = layout.seen.x.shape[1] + 1
    step = max(_TOGETHER // max((len(y) + len(new.unit)) * columns, 1), 1)
    parts = [Normal(y, noise, layout, points[at : at + step]).of(new) for at in range(0, len(points), step)]
    mean, load, own_unit, own_cell = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Forecast(mean + new.offset, load, own_unit, own_cell, points, miss)


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


def _penalised(
    log_spread: FloatArray, y: FloatArray, noise: FloatArray, layout: Layout
) -> tuple[FloatArray, FloatArray]:
    """Minus the log posterior density at log spreads float64[H, G + 1 + M], up to a constant, and its derivatives."""
    width = layout.effects.widths
    loose = width > 0.0
    precision = np.where(loose, 1.0 / np.where(loose, width, 1.0) ** 2, 0.0)
    away = log_spread - log(layout.effects.centre)
    model = Normal(y, noise, layout, exp(log_spread))
    slopes: FloatArray = np.where(loose, precision * away - model.slopes(), 0.0)
    return 0.5 * (precision * away * away).sum(axis=1) - model.fit, slopes


def _mode(y: FloatArray, noise: FloatArray, layout: Layout, start: FloatArray) -> FloatArray:
    free = (float(log(_SHORTEST)), float(log(_LONGEST)))
    widths = layout.effects.widths
    bounds = [free if loose else (at, at) for at, loose in zip(start.tolist(), widths > 0.0, strict=True)]
    low, high = np.array(bounds).T

    def at(log_spread: FloatArray) -> tuple[float, FloatArray]:
        value, slopes = _penalised(log_spread[None], y, noise, layout)
        return float(value[0]), slopes[0]

    return least(at, start, low, high)


def _laplace(y: FloatArray, noise: FloatArray, layout: Layout, mode: FloatArray) -> FloatArray:
    """A root of the inverse Hessian of the log spreads at the mode, by differences of slopes: float64[n, n].

    Directions of which the counts say nothing keep at most twice the prior's standard deviation; spreads that stay
    where they are have none.
    """
    step, loose = 0.1, np.flatnonzero(layout.effects.widths > 0.0)
    units = np.eye(len(mode))[loose] * step
    above, below = (_penalised(mode + way, y, noise, layout)[1][:, loose] for way in (units, -units))
    rows = (above - below) / (2 * step)
    values, vectors = eigen((rows + rows.T) / 2)
    values = np.maximum(values, 1.0 / (4.0 * WIDTH * WIDTH))
    result = np.zeros((len(mode), len(mode)))
    result[np.ix_(loose, loose)] = vectors / np.sqrt(values)
    return result
