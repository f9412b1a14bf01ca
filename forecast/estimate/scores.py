"""How good forecasts were: coverage, CRPS, Brier's score, reliability, with errors that heed races.

Nights of one race share its surprises: a standard error here is that of a mean over clusters, each night counted once
(Liang and Zeger 1986).

Sources: Gneiting and Raftery (2007), doi:10.1198/016214506000001437 (CRPS, eq. 20 and 21); Gneiting, Raftery, Westveld
and Goldman (2005), doi:10.1175/MWR2904.1 (its closed form for a normal, eq. 5); Liang and Zeger (1986),
doi:10.1093/biomet/73.1.13.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.special import ndtr

from runoff.race import FloatArray


@dataclass(frozen=True, slots=True)
class Mean:
    """A mean over forecasts with its standard error by clusters; nan where there is but one cluster."""

    value: float
    se: float

    def columns(self, name: str) -> dict[str, float | None]:
        """The mean and its error as two columns of a row, `name` and `name`_se; no error is None."""
        return {name: self.value, f"{name}_se": None if math.isnan(self.se) else self.se}


@dataclass(frozen=True, slots=True)
class Bin:
    """Forecasts whose probability lies in [low, high): how many, what was said on average, what came."""

    low: float
    high: float
    count: int
    said: float
    came: Mean


def clustered(values: Any, clusters: Sequence[object]) -> Mean:
    """The mean of float[n], with the standard error of a sample of clusters (n labels)."""
    found = np.asarray(values, np.float64)
    if not len(found):
        return Mean(math.nan, math.nan)
    _, place = np.unique(np.array([str(label) for label in clusters]), return_inverse=True)
    mean = float(found.mean())
    sums = np.bincount(place, weights=found - mean)
    many = len(sums)
    se = math.sqrt(float((sums**2).sum()) * many / (many - 1)) / len(found) if many > 1 else math.nan
    return Mean(mean, se)


def interval(values: Any, weights: Any, probability: float) -> tuple[float, float]:
    """The ends of the central interval of a weighted sample float[n]."""
    order = np.argsort(values, kind="stable")
    upto = np.cumsum(np.asarray(weights, np.float64)[order])
    tail = 0.5 - 0.5 * probability
    places = np.searchsorted(upto, np.array([tail, 1.0 - tail]) * upto[-1])
    low, high = np.asarray(values)[order][np.minimum(places, len(order) - 1)]
    return float(low), float(high)


def crps_sample(values: Any, weights: Any, truth: float) -> float:
    """Continuous ranked probability score of a weighted sample float[n]: E|X - truth| - E|X - X'| / 2."""
    x, w = np.asarray(values, np.float64), np.asarray(weights, np.float64)
    order = np.argsort(x, kind="stable")
    x, w = x[order], w[order] / w.sum()
    upto = np.cumsum(w)
    # E|X - X'| = 2 sum of F (1 - F) over the gaps between neighbours
    apart = float((upto[:-1] * (1.0 - upto[:-1]) * np.diff(x)).sum())
    return float(w @ np.abs(x - truth)) - apart


def crps_binned(edges: Any, mass: Any, truth: float) -> float:
    """The same of a histogram: float[n + 1] edges, float[n] mass, each bin's spread evenly over it; exact."""
    x, upto = np.asarray(edges, np.float64), _upto(mass)
    at = binned_at(x, mass, truth)
    lower, upper = np.minimum(x, truth), np.maximum(x, truth)
    # F is linear between the edges, and truth cuts one bin in two: below it F^2 counts, above it (1 - F)^2
    below, above = np.minimum(upto, at), 1.0 - np.maximum(upto, at)
    score = float((np.diff(lower) * _mean_square(below)).sum() + (np.diff(upper) * _mean_square(above)).sum())
    return score + max(float(x[0]) - truth, 0.0) + max(truth - float(x[-1]), 0.0)


def binned_at(edges: Any, mass: Any, truth: float) -> float:
    """Where a truth lies in such a histogram's distribution, 0 to 1: its probability integral transform."""
    return float(np.interp(truth, np.asarray(edges, np.float64), _upto(mass)))


def _upto(mass: Any) -> FloatArray:
    parts = np.asarray(mass, np.float64)
    result: FloatArray = np.concatenate([[0.0], np.cumsum(parts)]) / parts.sum()
    return result


def _mean_square(ends: FloatArray) -> FloatArray:
    """Mean of the square of what is linear between neighbours."""
    a, b = ends[:-1], ends[1:]
    return (a * a + a * b + b * b) / 3.0


def crps_normal(mean: FloatArray, sd: FloatArray, truth: FloatArray) -> FloatArray:
    """The same of normals, float64[n] each, in closed form; a normal without spread is a point."""
    wide = np.maximum(sd, 1e-12)
    z = (truth - mean) / wide
    density = np.exp(-0.5 * z * z) / math.sqrt(2.0 * math.pi)
    result: FloatArray = wide * (z * (2.0 * ndtr(z) - 1.0) + 2.0 * density - 1.0 / math.sqrt(math.pi))
    return result


def normal_at(mean: Any, sd: Any, truth: Any) -> FloatArray:
    """Where truths lie in normals' distributions, 0 to 1: float[n] each."""
    z = (np.asarray(truth, np.float64) - np.asarray(mean)) / np.maximum(np.asarray(sd), 1e-12)
    return np.asarray(ndtr(z), np.float64)


def rms_z(mean: Any, sd: Any, truth: Any) -> float:
    """Root of the mean square of errors in standard deviations; 1 where spreads are what they claim."""
    z = (np.asarray(truth) - np.asarray(mean)) / np.maximum(np.asarray(sd), 1e-12)
    return float(np.sqrt((z * z).mean()))


def brier(said: Any, came: Any) -> float:
    """Mean square of a probability's distance from what came, 0 or 1."""
    away = np.asarray(said, np.float64) - np.asarray(came, np.float64)
    return float((away * away).mean())


def reliability(said: Any, came: Any, clusters: Sequence[object], edges: Sequence[float]) -> list[Bin]:
    """What came of what was said, by bins of probability from the edges; empty bins are left out."""
    p, right = np.asarray(said, np.float64), np.asarray(came, np.float64)
    names = np.array([str(label) for label in clusters])
    bins = []
    for low, high in pairwise(edges):
        inside = (p >= low) & ((p < high) | (high == edges[-1]))
        if inside.any():
            came_there = clustered(right[inside], names[inside].tolist())
            bins.append(Bin(low, high, int(inside.sum()), float(p[inside].mean()), came_there))
    return bins
