"""Which reported cells cannot be what they say: each is held against what the other units make of it.

    log(votes) or log-odds = base + x . beta + own + counting        beta ~ N(0, prior^2)

own is Student's t, for real precincts have heavy tails: its scale is a learned factor a kind times the model's, and
beta and the factors are found by weights that fall with a cell's distance (Lange, Little and Taylor 1989), so that
several odd units do not hide each other.  A unit is then left out, all its cells at once, from beta and from the
factors, and what it reports is counted in predictive standard deviations.  Counting enters by the secant of the
variance-stabilising transformation (Anscombe 1948) between what came and what was expected, so that nought votes
where two thousand were expected is as far as it is.

Nothing here knows of a night's model: whoever has cells that are near linear in something common may ask.

Sources: Lange, Little and Taylor (1989), doi:10.1080/01621459.1989.10478852;
Anscombe (1948), doi:10.1093/biomet/35.3-4.246.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from runoff.arithmetic.chances import t_both_tails
from runoff.arithmetic.functions import atan, exp, log, logistic
from runoff.arithmetic.matrices import inverse, product
from runoff.race import FloatArray, Int64Array

FALSE_ALARMS = 0.05  # false alarms that a night may expect, all its cells together
TAIL = 5.0  # degrees of freedom of cells' own departures: tails of real precincts
FEW = 4.0  # cells that the model's own spread is worth
SECOND = 1e-3  # a cell of a unit that has an odd cell is odd where it is less likely than this
_STILL = 1e-5  # change of a weight that is none
_CONVEX, _ROUNDS = 10, 40  # rounds with weights that never fall to nought, and all rounds
_PART = 0.375  # Anscombe's shift


@dataclass(frozen=True, slots=True)
class Sightings:
    """What is reported, one value a row: a cell's size or its lean.

    count, of : float64[n]: votes out of `of` (a lean), or votes where `of` is NaN (a size, per unit of exp(base)).
    base : float64[n], what is expected at beta = 0.  x : float64[n, p].
    spread : float64[n], the model's standard deviation of the cell's own departure.
    extra : float64[n], variance besides counting that nothing teaches (a cell that is partly in).
    unit, kind : int64[n]: left out together; with a factor on the spread in common.
    """

    count: FloatArray
    of: FloatArray
    base: FloatArray
    x: FloatArray
    spread: FloatArray
    extra: FloatArray
    unit: Int64Array
    kind: Int64Array


@dataclass(frozen=True, slots=True)
class Judged:
    """Each sighting beside what the other units make of it.

    expected, sd : float64[n], log votes or log-odds, and the predictive standard deviation, counting included.
    away : float64[n], what came less what was expected, in these.  taught : float64[n], degrees of freedom.
    """

    expected: FloatArray
    sd: FloatArray
    away: FloatArray
    taught: FloatArray


def judge(seen: Sightings, prior: FloatArray) -> Judged:
    """Each sighting beside its prediction by all other units; linear in rows.

    Parameters
    ----------
    prior : float64[p], standard deviations of beta.
    """
    size = np.isnan(seen.of)
    y = np.where(size, log(seen.count + 0.5), log((seen.count + 0.5) / (seen.of - seen.count + 0.5)))
    kinds = int(seen.kind.max(initial=-1)) + 1
    scale, weight = np.ones(kinds), np.ones(len(y))
    noise = _counting(seen, size, y, y)
    prior_precision = np.diag(1.0 / prior**2)
    for step in range(_ROUNDS):
        before = weight
        own = scale[seen.kind] * seen.spread**2
        total = own + noise + seen.extra
        weighted = (weight / total)[:, None] * seen.x
        covariance = inverse(prior_precision + product(weighted.T, seen.x))
        line = seen.base + product(seen.x, product(covariance, product(weighted.T, y - seen.base)))
        miss = y - line
        noise = _counting(seen, size, y, line)
        far = miss**2 / total
        weight = 1.0 / np.sqrt(np.maximum(far, 1.0)) if step < _CONVEX else (TAIL + 1.0) / (TAIL + far)
        through = (product(seen.x, covariance) * seen.x).sum(axis=1)
        part = own / total
        second = (weight * part**2 * miss**2 + part * (total - own) + part**2 * through) / seen.spread**2
        scale = (np.bincount(seen.kind, second, kinds) + FEW) / (np.bincount(seen.kind, None, kinds) + FEW)
        if step > _CONVEX and np.abs(weight - before).max(initial=0.0) < _STILL:
            break
    miss, through = _left_out(seen, miss, weight / total, covariance)
    scale, taught = _others(seen, second, kinds)
    sd = np.sqrt(scale * seen.spread**2 + noise + seen.extra + through)
    return Judged(y - miss, sd, miss / sd, taught)


def joined(parts: Sequence[tuple[Sightings, Judged]]) -> tuple[Sightings, Judged]:
    """Several regressions' sightings, judged each by itself, as one night's: `odd` counts them together."""
    rows, found = zip(*parts, strict=True)
    return Sightings(*_columns(rows)), Judged(*_columns(found))


def _columns(parts: Sequence[Sightings] | Sequence[Judged]) -> list[Any]:
    names = parts[0].__dataclass_fields__
    return [np.concatenate([getattr(part, name) for part in parts]) for name in names]


def odd(judged: Judged, unit: Int64Array) -> np.ndarray:
    """Which sightings are odd: bool[n].

    A night of n sightings names one where Student's t, with as many degrees of freedom as what taught the spread
    (at most TAIL), is less likely than FALSE_ALARMS / n; and those of the same unit that are less likely than SECOND.
    """
    n = len(judged.away)
    chance = t_both_tails(judged.away, np.minimum(judged.taught, TAIL))
    first = chance < FALSE_ALARMS / max(n, 1)
    units = int(unit.max(initial=-1)) + 1
    of_unit = np.bincount(unit[first], minlength=units)[unit] > 0
    result: np.ndarray = first | (of_unit & (chance < SECOND))
    return result


def too_many(aside: np.ndarray, seen: np.ndarray) -> bool:
    """Whether so many units are odd that it is the expectation which is wrong: half or more of those that are seen."""
    return bool(2 * int(aside.sum()) >= max(int(seen.sum()), 1) and aside.any())


def _counting(seen: Sightings, size: np.ndarray, y: FloatArray, line: FloatArray) -> FloatArray:
    """Variance of counting on the log or log-odds scale, between what came and what is expected: float64[n]."""
    line = np.where(size, np.clip(line, -3.0, 25.0), np.clip(line, -12.0, 12.0))
    line = np.where(np.abs(y - line) < 1e-3, line + 2e-3, line)
    of = np.where(size, 1.0, np.maximum(seen.of, 1.0))
    came = 2.0 * np.sqrt(seen.count + _PART)
    due = 2.0 * np.sqrt(exp(np.where(size, line, 0.0)) + _PART)
    shifted = np.clip((seen.count + _PART) / (of + 2.0 * _PART), 0.0, 1.0)
    came = np.where(size, came, 2.0 * np.sqrt(of + 0.5) * _arcsine(shifted))
    rate = logistic(line)
    due = np.where(size, due, 2.0 * np.sqrt(of + 0.5) * _arcsine((of * rate + _PART) / (of + 2.0 * _PART)))
    slope = (y - line) / np.where(came == due, 1e-9, came - due)
    return np.clip(slope**2, 1e-9, 25.0)


def _arcsine(share: FloatArray) -> FloatArray:
    """Arc sine of the root of a share: float64[n]."""
    found: FloatArray = atan(np.sqrt(share / np.maximum(1.0 - share, 1e-300)))
    return found


def _left_out(
    seen: Sightings, miss: FloatArray, weight: FloatArray, covariance: npt.NDArray[np.floating[Any]]
) -> tuple[FloatArray, FloatArray]:
    """Residuals, and the variance of the line, with each unit left out of beta: float64[n] each."""
    miss, through = miss.copy(), np.zeros_like(miss)
    order = np.argsort(seen.unit, kind="stable")
    starts = np.flatnonzero(np.diff(seen.unit[order], prepend=-1))
    sizes = np.diff(np.append(starts, len(order)))
    for n in np.unique(sizes):
        rows = order[starts[sizes == n][:, None] + np.arange(n)]
        x = seen.x[rows]
        inner = product(product(x, covariance), x.transpose(0, 2, 1))
        kept = inverse(np.eye(n) - inner * weight[rows][:, None, :])
        miss[rows] = product(kept, miss[rows][:, :, None])[:, :, 0]
        through[rows] = np.maximum((kept * inner.transpose(0, 2, 1)).sum(axis=2), 0.0)
    return miss, through


def _others(seen: Sightings, second: FloatArray, kinds: int) -> tuple[FloatArray, FloatArray]:
    """Factors on the spread by all other units, and how many cells they rest on, the prior's included: float64[n]."""
    units = int(seen.unit.max(initial=-1)) + 1
    at = seen.unit * kinds + seen.kind
    own, ours = np.bincount(at, second, units * kinds)[at], np.bincount(at, None, units * kinds)[at]
    total, number = np.bincount(seen.kind, second, kinds)[seen.kind], np.bincount(seen.kind, None, kinds)[seen.kind]
    taught = number - ours + FEW
    return (total - own + FEW) / taught, taught
