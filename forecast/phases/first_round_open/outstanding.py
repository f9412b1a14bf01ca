"""Draws what is out of a first round: how many votes, and whose, trial by trial.

Every number is a function of (seed, stream, trial); blocks have a fixed size, so that the answer does not
depend on how many threads share them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from runoff.arithmetic.functions import exp, log
from runoff.arithmetic.matrices import product
from runoff.estimate.chosen import Cases
from runoff.estimate.hierarchical.cells import Forecast
from runoff.estimate.hierarchical.learn import POINTS
from runoff.estimate.logistic import logistic
from runoff.kernels.streams import Purpose, stream
from runoff.phases.first_round_open.fit import Outstanding
from runoff.phases.first_round_open.model.arrival import BySize
from runoff.phases.first_round_open.model.design import CURVE_OF_SIZE
from runoff.race import FloatArray, Int64Array
from runoff.simulate.normals import GROUP, normals
from runoff.simulate.threads import in_order

BLOCK = max(4 * GROUP, POINTS)  # trials drawn together; part of no result
_MOST = 30.0  # of log votes per voter: beyond it only the roll counts
OnBlock = Callable[[int], object]  # hears how many trials are done
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FirstRoundTrials:
    """First rounds as they may end.

    totals : int64[n, C], final votes.  votes : int64[n, G], how many are out, by region and mode.
    expected : float64[n, G, K], how many of them the categories have by their shares, before counting
    noise; the last category is the pooled rest where there is one.
    """

    totals: Int64Array
    votes: Int64Array
    expected: FloatArray


def draw_first_round(
    out: Outstanding, seed: int, trials: int, threads: int = 1, on_block: OnBlock | None = None
) -> FirstRoundTrials:
    """Trials 0..trials-1 of the final first round; n = trials."""
    parts = in_blocks(lambda first: _block(out, seed, first), trials, threads, on_block)
    totals, votes, expected = (np.concatenate(part)[:trials] for part in zip(*parts, strict=True))
    return FirstRoundTrials(totals, votes, expected)


def in_blocks(work: Callable[[int], T], trials: int, threads: int, on_block: OnBlock | None = None) -> list[T]:
    """`work(first)` for each block of BLOCK trials that holds some of the first `trials`, in order."""

    def heard(done: int) -> None:
        if on_block is not None:
            on_block(min(done * BLOCK, trials))

    return in_order(work, range(0, trials, BLOCK), threads, heard)


def _block(out: Outstanding, seed: int, first: int) -> tuple[Int64Array, Int64Array, FloatArray]:
    votes = _sizes(out, seed, first)
    share = _shares(out, votes, seed, first)
    categories = len(out.splits) + 1
    extra = _split(votes, share, [out.category_name(k) for k in range(len(out.splits))], seed, first)
    totals = np.broadcast_to(out.counted, (BLOCK, len(out.counted))).copy()
    totals[:, list(out.categories)] += extra[:, : len(out.categories)]
    if out.rest and categories > len(out.categories):
        totals[:, list(out.rest)] += in_proportion(extra[:, -1], out.rest_share)
    if not out.groups:
        return totals, votes, np.zeros((BLOCK, 0, categories))
    expected = votes[:, :, None] * share
    if (np.diff(out.group_of) < 0).any():
        order = np.argsort(out.group_of, kind="stable")
        votes, expected = votes[:, order], expected[:, order]
    starts = np.searchsorted(np.sort(out.group_of), np.arange(len(out.groups)))
    return totals, np.add.reduceat(votes, starts, axis=1), np.add.reduceat(expected, starts, axis=1)


def _line(of: Forecast, name: str, turn: int, out: Outstanding, seed: int, first: int) -> FloatArray:
    """A regression's word on every cell: float64[BLOCK, cells]."""
    units = [stream(Purpose.COUNTING_UNIT, f"{name}\0{o.place}") for o in out.count.out]
    cells = [stream(Purpose.COUNTING_CELL, f"{name}\0{cell}") for cell in out.names]
    of_unit = normals(seed, units, first, BLOCK).astype(np.float64)
    of_cell = normals(seed, cells, first, BLOCK).astype(np.float64)
    order = _turns(first, turn)
    own = of.own_unit[:, None] * of_unit.T[order] + of.own_cell[:, None] * of_cell.T[order]
    result = _common(of, name, turn, out, seed, first)
    result[order] += own
    return result


def _common(of: Forecast, name: str, turn: int, out: Outstanding, seed: int, first: int) -> FloatArray:
    """What a regression's coefficients say of what a forecast speaks of: float64[BLOCK, n]."""
    effects = [stream(Purpose.COUNTING_EFFECT, f"{name}\0{c}") for c in out.coefficients]
    z = normals(seed, effects, first, BLOCK).astype(np.float64)
    order = _turns(first, turn)
    result = np.empty((BLOCK, of.mean.shape[1]))
    result[order] = product(z[:, order].transpose(1, 2, 0), of.load.transpose(0, 2, 1)) + of.mean[:, None]
    return result


def _moved(out: Outstanding, order: tuple[Cases, ...], name: str, seed: int, first: int) -> FloatArray:
    """How far the order in which places came moves what is out: float64[BLOCK, cells, K]."""
    modes = [out.count.modes[m] for m in range(len(order))]
    keys = [
        stream(Purpose.COUNTING_EFFECT, f"order\0{name}\0{mode}\0{part}") for mode in modes for part in ("", "size")
    ]
    z = normals(seed, keys, first, BLOCK).astype(np.float64)
    shifts = [of_mode.shift(z[2 * m], z[2 * m + 1]) for m, of_mode in enumerate(order)]
    result: FloatArray = np.stack([shifts[o.mode] for o in out.count.out], axis=1)
    return result


def _turns(first: int, turn: int) -> Int64Array:
    """Which trials of a block each set of spreads speaks in: int64[POINTS, BLOCK / POINTS].

    Every POINTS trials each set has its turn; from one such round to the next, regression number `turn` moves
    on by `turn` places, so that over the rounds any two regressions' sets meet in all ways.
    """
    rounds = np.arange(BLOCK // POINTS)
    within = (np.arange(POINTS)[:, None] - turn * (first // POINTS + rounds)) % POINTS
    return within + rounds * POINTS


def _sizes(out: Outstanding, seed: int, first: int) -> Int64Array:
    """Votes out by cell, whole numbers between 0 and what the roll leaves room for."""
    stated = ~np.isnan(out.sizes.location)
    left = np.zeros((BLOCK, len(out.names)))
    if out.size is not None:
        line = _line(out.size, "size", 0, out, seed, first)
        if out.order.size:
            line += _moved(out, out.order.size, "size", seed, first)[:, :, 0]
        rate = exp(np.minimum(line, _MOST))
        expected = np.minimum(out.exposure * rate, 2.0**31)
        keys = [stream(Purpose.COUNTING_NOISE, f"size\0{cell}") for cell in out.names]
        noise = normals(seed, keys, first, BLOCK).T
        left = expected + np.sqrt(expected) * noise - out.held
    if stated.any():
        z = normals(seed, out.sizes.stream, first, BLOCK).T[:, stated]
        left[:, stated] = exp(out.sizes.location[stated] + out.sizes.scale[stated] * z)
    return np.floor(np.clip(left, 0.0, out.most) + 0.5).astype(np.int64)


def _shares(out: Outstanding, votes: Int64Array, seed: int, first: int) -> FloatArray:
    """Expected shares by cell: float64[BLOCK, cells, K], sums 1; votes int64[BLOCK, cells] are as many as are out."""
    rest = np.ones((BLOCK, len(out.names)))
    parts = []
    moved = _moved(out, out.order.splits, "split", seed, first) if out.order.splits else None
    for k, of in enumerate(out.splits):
        name = f"split\0{out.category_name(k)}"
        odds = _line(of, name, k + 1, out, seed, first)
        if moved is not None:
            odds += moved[:, :, k]
        if out.by_size is not None:
            odds += _of_size(out.by_size, k, votes, out, seed, first)
        taken = rest * (logistic(odds))
        parts.append(taken)
        rest = rest - taken
    return np.stack([*parts, rest], axis=2)


def _of_size(of: BySize, k: int, votes: Int64Array, out: Outstanding, seed: int, first: int) -> FloatArray:
    """What the votes drawn of each cell say of split k: a line, and beyond the sizes that came a Brownian motion."""
    name = f"split\0{out.category_name(k)}"
    mean, least, most, units = of.usual.T
    size = log((votes + out.held) / units + 1.0)
    keys = [stream(Purpose.COUNTING_EFFECT, f"{name}\0{end}") for end in ("smaller", "larger")]
    smaller, larger = normals(seed, keys, first, BLOCK).astype(np.float64)[:, :, None]
    line = _common(of.slopes[k], name, k + 1, out, seed, first) * (size - mean)
    beyond = smaller * np.sqrt(np.maximum(least - size, 0.0)) + larger * np.sqrt(np.maximum(size - most, 0.0))
    result: FloatArray = line + CURVE_OF_SIZE * beyond
    return result


def _split(votes: Int64Array, share: FloatArray, names: list[str], seed: int, first: int) -> Int64Array:
    """The cells' votes by category, summed over cells: int64[BLOCK, K], adding up to the votes.

    A sum of multinomials has mean sum n p and covariance sum n (diag p - p p'); a normal with just these,
    drawn category by category, is rounded to whole votes.
    """
    trials, _, categories = share.shape
    expected = votes[:, :, None] * share
    mean = expected.sum(axis=1)
    covariance = -product(expected.transpose(0, 2, 1), share)
    places = np.arange(categories)
    covariance[:, places, places] += mean
    keys = [stream(Purpose.COUNTING_NOISE, f"split\0{name}") for name in names]
    noise = normals(seed, keys, first, trials).T.astype(np.float64) if keys else np.zeros((trials, 0))
    left = votes.sum(axis=1)
    result = np.zeros((trials, categories), np.int64)
    for k in range(categories - 1):
        scale = np.sqrt(np.maximum(covariance[:, k, k], 1e-12))
        load = covariance[:, :, k] / scale[:, None]
        drawn = np.floor(mean[:, k] + scale * noise[:, k] + 0.5).astype(np.int64)
        result[:, k] = np.clip(drawn, 0, left)
        left = left - result[:, k]
        # what the draw says of the categories to come (one column of the Cholesky factor)
        mean = mean + load * noise[:, k, None]
        covariance = covariance - load[:, :, None] * load[:, None, :]
    result[:, -1] = left
    return result


def in_proportion(votes: Int64Array, share: FloatArray) -> Int64Array:
    """Whole votes int64[n] split by shares float64[C] or float64[n, C]: int64[n, C], rows add up to `votes`."""
    upto = np.floor(votes[:, None] * np.minimum(np.cumsum(share, axis=-1), 1.0) + 0.5).astype(np.int64)
    upto[:, -1] = votes
    result: Int64Array = np.diff(upto, axis=1, prepend=0)
    return result
