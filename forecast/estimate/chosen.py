"""Whether places have reported in order of what they say: one side's strongholds first.

The places that are in are a sample of all places, or the top or the bottom of them.  Who sees only the top of a
distribution sees less spread and a tail on one side: of a normal with standard deviation s, the upper part p has the
standard deviation s r(p), and is G(p) of its own standard deviations above the rest (Cohen 1959).  The tail is told by
the L-skewness t(p), which hangs less on a few odd places than the third moment does, and is hardly biased by their
number (Hosking 1990).  How much places of a race differ and how skewed they are on their own account is known from
other races: that gives the chances of the three cases, and in the last two how far what is out lies from what is in.

Sources: Cohen (1959), Simplified estimators for the normal distribution when samples are singly censored or truncated,
doi:10.1080/00401706.1959.10489859; Hosking (1990), L-moments, doi:10.1111/j.2517-6161.1990.tb01775.x (section 3; the
variance of a normal sample's L-skewness is that of his test).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from runoff.arithmetic.chances import density as normal_density
from runoff.arithmetic.chances import quantile, upper
from runoff.arithmetic.functions import exp, log
from runoff.arithmetic.matrices import product
from runoff.race import FloatArray

MOST_LIKELIER = 20.0  # beyond it, other reasons for an imbalance are as likely
FEW = 4  # places in, below which their spread says nothing of their order
_LEAST_MOVED = 0.1  # of `own`, by what regressions leave: where they leave hardly anything, it says no direction
_STEPS = 400  # of the sums that are L-moments of a top


@dataclass(frozen=True, slots=True)
class Habit:
    """How places differ in races that are over.

    sd, log_sd : standard deviation between places, its median over races and the sd of its log.
    skew_sd : sd over races of the L-skewness of places, around that of a normal or of its top.
    gap, gap_sd : the distance to the rest beside that of a normal, median and sd of the log.
    prior : chance beforehand of the top, and of the bottom.
    """

    sd: float
    log_sd: float
    prior: float
    skew_sd: float = 0.11
    gap: float = 0.95
    gap_sd: float = 0.38


@dataclass(frozen=True, slots=True)
class Case:
    """That the top or the bottom is in: odds beside a sample, and how far the rest lies, exp(location + scale z).

    expected : how much lower than what is in the rest is expected anyway.
    """

    odds: float
    sign: float
    location: float
    scale: float
    expected: float = 0.0


@dataclass(frozen=True, slots=True)
class Cases:
    """In what order places of a mode may have come, and what that says of each regression.

    cases : which do not go together; what is left of the chances is a sample.
    effect : float64[cases, K], how far each regression moves where a case's own values move by one.
    """

    cases: tuple[Case, ...]
    effect: FloatArray

    @property
    def chances(self) -> FloatArray:
        """Of each case: float64[cases]."""
        odds = np.array([case.odds for case in self.cases])
        result: FloatArray = odds / (1.0 + odds.sum())
        return result

    def shift(self, which: FloatArray, size: FloatArray) -> FloatArray:
        """What is out less what is expected of it, by two standard normals a trial: float64[n, K]."""
        upto = np.cumsum(self.chances)
        result = np.zeros((len(which), self.effect.shape[1]))
        low = -np.inf
        for case, end, effect in zip(self.cases, upto.tolist(), self.effect, strict=True):
            high = quantile(end) if 0.0 < end < 1.0 else np.inf if end > 0.0 else -np.inf
            mine = (which >= low) & (which < high)
            away = exp(case.location + case.scale * size[mine]) + case.sign * case.expected
            result[mine] = (case.sign * np.maximum(away, 0.0))[:, None] * effect
            low = high
        return result


def _log(x: float) -> float:
    return float(log(x))


def _exp(x: float) -> float:
    return float(exp(x))


def truncated(p: float) -> tuple[float, float]:
    """Of a normal's upper part p: its sd over that of all (r), and its mean above the rest's in its own sds (G)."""
    at = quantile(1.0 - p)
    density = float(normal_density(at))
    ratio = math.sqrt(1.0 + at * density / p - density * density / (p * p))
    return ratio, density * (1.0 / p + 1.0 / (1.0 - p)) / ratio


@lru_cache(maxsize=4096)
def top_skewness(p: float) -> float:
    """L-skewness of a normal's upper part p: 0.28 of the uppermost twentieth, 0.20 of the upper half, 0 of all."""
    places = [(step + 0.5) / _STEPS for step in range(_STEPS)]
    values = [(at, quantile(1.0 - p + p * at)) for at in places]
    second = math.fsum((2.0 * at - 1.0) * value for at, value in values)
    return math.fsum((6.0 * at * at - 6.0 * at + 1.0) * value for at, value in values) / second


def l_skewness(values: FloatArray) -> float:
    """L-skewness of three values and more by unbiased probability-weighted moments; 0 where all are alike."""
    n, ordered = len(values), np.sort(values - values.mean()).tolist()
    first = math.fsum(rank * value for rank, value in enumerate(ordered)) / (n * (n - 1))
    second = math.fsum(rank * (rank - 1) * value for rank, value in enumerate(ordered)) / (n * (n - 1) * (n - 2))
    return (6.0 * second - 6.0 * first) / (2.0 * first) if first > 0.0 else 0.0


def chosen(values: FloatArray, noise: float, out: int, habit: Habit) -> tuple[Case, ...]:
    """What places' values say of the order in which they came: the case of the top, and that of the bottom.

    Parameters
    ----------
    values : float64[n], of the places that are in, what is known beforehand taken out.
    noise : variance of counting in them.
    out : how many places are out.

    """
    n = len(values)
    if not out or not n:
        return ()
    ratio, gap = truncated(n / (n + out))
    top_log, own = float(log(habit.sd * ratio)), habit.log_sd * habit.log_sd
    rest = _log(gap * habit.gap) + top_log
    if n < FEW:
        odds, scale = habit.prior / (1.0 - 2.0 * habit.prior), math.sqrt(own + habit.gap_sd * habit.gap_sd)
        return tuple(Case(odds, sign, rest, scale) for sign in (-1.0, 1.0))
    centred = values - values.mean()
    second = float((centred**2).mean())
    skew, tail = l_skewness(values), top_skewness(n / (n + out))
    sampled = (0.1866 + 0.8 / n + 2.5 / (n * n)) / n  # the last term by simulation, for few places
    of_skew = habit.skew_sd * habit.skew_sd + sampled
    log_sd = 0.5 * _log(max(second * n / (n - 1) - noise, 0.1 * second, 1e-8))
    error = 0.5 / (n - 1)

    def away(skewed: float, log_mean: float) -> float:
        far, wide = skew - skewed, log_sd - log_mean
        return far * far / of_skew + wide * wide / (own + error)

    sample = away(0.0, _log(habit.sd))
    beforehand = habit.prior / (1.0 - 2.0 * habit.prior)
    kept = own / (own + error)
    rest += kept * (log_sd - top_log)
    scale = math.sqrt(kept * error + habit.gap_sd * habit.gap_sd)
    return tuple(
        Case(beforehand * _exp(min(0.5 * (sample - away(-sign * tail, top_log)), 300.0)), sign, rest, scale)
        for sign in (-1.0, 1.0)
    )


def apart(known: FloatArray, reported: np.ndarray) -> float:
    """What is in less what is out, by what is known of all places beforehand, in standard deviations of these; 0 where
    all are alike, or all are in.

    Parameters
    ----------
    known : float64[U].  reported : bool[U], in.

    """
    spread = float(known.std())
    if spread <= 0.0 or reported.all() or not reported.any():
        return 0.0
    return float(known[reported].mean() - known[~reported].mean()) / spread


def leaning(known: FloatArray, reported: np.ndarray, usual: float) -> float:
    """How much likelier what is known beforehand of the places that are in is where they came in some order.

    A ratio of densities of `apart`: its variance is that of a sample, and in an order that plus `usual` squared.  Where
    all places are alike it is 1.
    """
    return leaning_to(known, reported, usual)[0]


def leaning_to(known: FloatArray, reported: np.ndarray, usual: float) -> tuple[float, float]:
    """The same, and the chance that it is what has more of it that came first; 1/2 where nothing tells."""
    if known.std() <= 0.0:
        return 1.0, 0.5
    into = int(reported.sum())
    places = into * (len(known) - into) / max(len(known), 1)
    further, between = usual * usual * places, apart(known, reported)
    away = places * between * between * further / (1.0 + further)
    likelier = min(_exp(min(0.5 * away, 50.0)) / math.sqrt(1.0 + further), MOST_LIKELIER)
    return likelier, float(upper(-math.copysign(math.sqrt(away), between)))


def cases(
    own: FloatArray,
    miss: FloatArray,
    to_own: FloatArray,
    noise: FloatArray,
    out: int,
    habit: Habit,
    likelier: FloatArray | float = 1.0,
    expected: FloatArray | None = None,
) -> Cases:
    """The orders in which places of a mode may have come: by one of some values, from the top or from the bottom.

    Parameters
    ----------
    own : float64[n, C], values that an order may go by.  miss : float64[n, K], what each regression leaves.
    to_own : float64[K, C], how much `own` moves with each regression; where few places tell, an order moves one alone.
    noise : float64[C], variance of counting in `own`.  out : how many places are out.
    likelier : how much likelier than a sample an order is by what is known of places beforehand: of each value the
        top and the bottom, float64[C, 2], or one number.
    expected : float64[C], how much lower `own` is expected to be in what is out; by default not at all.

    """
    lower = np.zeros(own.shape[1]) if expected is None else expected
    times = np.broadcast_to(likelier, (own.shape[1], 2))
    found: list[Case] = []
    effects: list[FloatArray] = []
    centred = own - own.mean(axis=0) if len(own) else own
    for c in range(own.shape[1]):
        told = chosen(own[:, c], float(noise[c]), out, habit)
        both = zip(told, times[c].tolist(), strict=False)
        two = [replace(case, odds=by * case.odds, expected=float(lower[c])) for case, by in both]
        square = float((centred[:, c] ** 2).sum())
        known = FEW * (square / max(len(own), 1))
        slope = product(centred[:, c], miss)
        slope[c] += known / to_own[c, c]
        slope /= max(square + known, 1e-12)
        found += two
        effects += [slope / max(float(product(slope, to_own[:, c])), _LEAST_MOVED)] * len(two)
    return Cases(tuple(found), np.array(effects).reshape(len(found), miss.shape[1]))
