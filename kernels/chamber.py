"""Many races of one day: what they share is drawn once a trial, and each race's trials are drawn around it.

`draw_shocks` makes the shared normals of a range of trials, after what is known of them; `run_district` draws one
race as `transfer` draws a unit, with its shared factors made of the shocks, and says who wins each trial.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from runoff.kernels._jit import entry, part
from runoff.kernels.arrays import PPM, Inputs, Scratch
from runoff.kernels.fused import fma
from runoff.kernels.normals import normals
from runoff.kernels.philox import GROUP
from runoff.kernels.rates import draw_factors
from runoff.kernels.tally import MARGIN, VALID, judge, to_ppm
from runoff.kernels.transfer import draw_odds, simulate_unit

BIN = 5_000  # ppm: width of a bin of a candidate's share of the valid votes
BINS = PPM // BIN + 1

_f = np.float32
_ZERO = _f(0.0)
_HALF_BIN = np.int32(BIN // 2)


@entry
def draw_shocks(
    seed: np.uint64,
    streams: npt.NDArray[np.uint64],
    first_group: int,
    mean: npt.NDArray[np.float32],
    root: npt.NDArray[np.float32],
    words: npt.NDArray[np.uint64],
    normal: npt.NDArray[np.float32],
    out: npt.NDArray[np.float32],
) -> None:
    """Overwrite `out` float32[Q, n GROUP] with shocks from a group of trials on: mean + root normals.

    streams : uint64[Q].  mean : float32[Q].  root : float32[Q, Q], lower triangular.  `words` uint64[2 LANES] and
    `normal` float32[Q, GROUP] are scratch.
    """
    for g in range(out.shape[1] // GROUP):
        for q in range(streams.size):
            normals(seed, streams[q], np.uint64(first_group + g), words, normal[q])
        for q in range(streams.size):
            row = out[q, g * GROUP : (g + 1) * GROUP]
            for i in range(GROUP):
                row[i] = mean[q]
            for p in range(q + 1):
                load, source = root[q, p], normal[p]
                if load != _ZERO:
                    for i in range(GROUP):
                        row[i] = fma(load, source[i], row[i])


@part
def _share(
    weight: npt.NDArray[np.float32],
    own: np.float32,
    shocks: npt.NDArray[np.float32],
    start: int,
    row: npt.NDArray[np.float32],
) -> None:
    """Make a factor of the shocks: own times what was drawn, and weight float32[Q] on shocks float32[Q, n]."""
    for i in range(GROUP):
        row[i] = own * row[i]
    for q in range(weight.size):
        load = weight[q]
        if load != _ZERO:
            source = shocks[q, start : start + GROUP]
            for i in range(GROUP):
                row[i] = fma(load, source[i], row[i])


@part
def _best(
    votes: npt.NDArray[np.int32],
    places: npt.NDArray[np.int64],
    keep: npt.NDArray[np.uint8],
    winner: npt.NDArray[np.int8],
) -> None:
    """Who has most votes int32[K, GROUP], by his place, the first of equals, in the trials that are kept."""
    for i in range(winner.size):
        if keep[i] != 0:
            best = 0
            for k in range(1, votes.shape[0]):
                if votes[k, i] > votes[best, i]:
                    best = k
            winner[i] = np.int8(places[best])


@entry
def run_district(
    inputs: Inputs,
    first: int,
    last: int,
    shared: npt.NDArray[np.int64],
    weight: npt.NDArray[np.float32],
    own: npt.NDArray[np.float32],
    shocks: npt.NDArray[np.float32],
    places: npt.NDArray[np.int64],
    keep: npt.NDArray[np.uint8],
    scratch: Scratch,
    winner: npt.NDArray[np.int8],
    sums: npt.NDArray[np.int64],
    bins: npt.NDArray[np.int64],
) -> None:
    """Draw trials first..last-1 of one race, of one unit; `first` is a multiple of GROUP.

    shared : int64[R], rows of the factors that hang on the shocks; weight : float32[R, Q]; own : float32[R], what is
    left of what was drawn there.  shocks : float32[Q, n], of these trials.
    places : int64[K], of these finalists among the race's F.  keep : uint8[last - first], 0 for trials that another
    field of finalists has, and nothing is written of them.
    winner : int8[last - first], places, overwritten.  sums : int64[2 + F], margin of the first over the best other,
    votes, and shares in ppm, added to.  bins : int64[F, BINS], shares, added to.
    """
    finalists = inputs.count_stream.shape[1]
    for number in range(first // GROUP, (last + GROUP - 1) // GROUP):
        place = number * GROUP - first
        stop = min(last - number * GROUP, GROUP)
        draw_factors(inputs.seed, inputs.factor_stream, np.uint64(number), scratch.words, scratch.factors)
        for r in range(shared.size):
            _share(weight[r], own[r], shocks, place, scratch.factors[shared[r]])
        draw_odds(inputs, True, scratch)
        simulate_unit(inputs, 0, np.uint64(number), False, scratch)
        votes, result = scratch.unit_votes, scratch.result
        judge(votes, result)
        _best(votes, places, keep[place : place + stop], winner[place : place + stop])
        for i in range(stop):
            if keep[place + i] != 0:
                sums[0] += result[MARGIN, i]
                sums[1] += result[VALID, i]
        for k in range(finalists):
            total = np.int64(0)
            for i in range(stop):
                if keep[place + i] != 0:
                    ppm = to_ppm(votes[k, i], result[VALID, i])
                    total += ppm
                    bins[places[k], (ppm + _HALF_BIN) // np.int32(BIN)] += 1
            sums[2 + places[k]] += total
