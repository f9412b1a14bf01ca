"""Draws what is out of a first round: how many votes, and whose, trial by trial.

Every number is a function of (seed, stream, trial); blocks have a fixed size, so that the answer does not
depend on how many threads share them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from runoff.estimate.hierarchical import POINTS, Forecast
from runoff.estimate.logistic import logistic
from runoff.kernels.streams import Purpose, stream
from runoff.phases.first_round_open.fit import Outstanding
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
    share = _shares(out, seed, first)
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
    effects = [stream(Purpose.COUNTING_EFFECT, f"{name}\0{c}") for c in out.coefficients]
    units = [stream(Purpose.COUNTING_UNIT, f"{name}\0{o.place}") for o in out.count.out]
    cells = [stream(Purpose.COUNTING_CELL, f"{name}\0{cell}") for cell in out.names]
    z = normals(seed, effects, first, BLOCK).astype(np.float64)
    of_unit = normals(seed, units, first, BLOCK).astype(np.float64)
    of_cell = normals(seed, cells, first, BLOCK).astype(np.float64)
    order = _turns(first, turn)
    # a small product for each set of spreads: too small for a library to share among threads
    z = np.matmul(z[:, order].transpose(1, 2, 0), of.load.transpose(0, 2, 1))
    z += of.mean[:, None] + of.own_unit[:, None] * of_unit.T[order] + of.own_cell[:, None] * of_cell.T[order]
    result = np.empty((BLOCK, of.mean.shape[1]))
    result[order] = z
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
        rate = np.exp(np.minimum(_line(out.size, "size", 0, out, seed, first), _MOST))
        expected = np.minimum(out.exposure * rate, 2.0**31)
        keys = [stream(Purpose.COUNTING_NOISE, f"size\0{cell}") for cell in out.names]
        noise = normals(seed, keys, first, BLOCK).T
        left = expected + np.sqrt(expected) * noise - out.held
    if stated.any():
        z = normals(seed, out.sizes.stream, first, BLOCK).T[:, stated]
        left[:, stated] = np.exp(out.sizes.location[stated] + out.sizes.scale[stated] * z)
    return np.floor(np.clip(left, 0.0, out.most) + 0.5).astype(np.int64)


def _shares(out: Outstanding, seed: int, first: int) -> FloatArray:
    """Expected shares by cell: float64[BLOCK, cells, K], sums 1."""
    rest = np.ones((BLOCK, len(out.names)))
    parts = []
    for k, of in enumerate(out.splits):
        odds = _line(of, f"split\0{out.category_name(k)}", k + 1, out, seed, first)
        taken = rest * logistic(odds)
        parts.append(taken)
        rest = rest - taken
    return np.stack([*parts, rest], axis=2)


def _split(votes: Int64Array, share: FloatArray, names: list[str], seed: int, first: int) -> Int64Array:
    """The cells' votes by category, summed over cells: int64[BLOCK, K], adding up to the votes.

    A sum of multinomials has mean sum n p and covariance sum n (diag p - p p'); a normal with just these,
    drawn category by category, is rounded to whole votes.
    """
    trials, _, categories = share.shape
    expected = votes[:, :, None] * share
    mean = expected.sum(axis=1)
    covariance = -np.matmul(expected.transpose(0, 2, 1), share)
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
