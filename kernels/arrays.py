"""The arrays a trial kernel reads, works in and adds to: three named tuples.

What is read is made by `runoff.simulate.inputs`, the rest by `runoff.simulate.driver`.

Axis order is trial, unit, pool, finalist; the trials of a group are always the last axis, contiguous.
J pools, U units, K finalists, F factors, B rows of the rate tables (pools, then blocs together).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from runoff.kernels.counts import DRAW_ROWS
from runoff.kernels.philox import GROUP, LANES

PPM = 1_000_000  # shares are tallied in whole parts per million, so that sums are exact
SHARE_BIN = 100  # ppm: width of a bin of share, margin and turnout of the race
RATE_BIN = 1_000  # ppm: width of a bin of a pool's or a unit's rates
SHARE_BINS = PPM // SHARE_BIN + 1
MARGIN_BINS = 2 * PPM // SHARE_BIN + 1
RATE_BINS = PPM // RATE_BIN + 1
RESPONSE_BINS = 20  # of each of two rates that are looked at together
RESULT_ROWS = 7
MOMENTS = 3  # of a rate row: rate, rate^2, rate * margin
WIDE = 2  # low 32 bits and the rest of a sum that outgrows 64 bits

# A pool of at most SMALL_POOL people in a unit of at most SMALL_UNIT is drawn exactly; in a larger unit it is a
# small part of a sum that is normal to within what rounding to whole votes hides.
SMALL_POOL, SMALL_UNIT = 32, 50


class Inputs(NamedTuple):
    """What the model says; never written to.

    people : float32 or float64[U, J], whole numbers; float32 where no unit has over 2^19.
    people_total : int64, people in all units and pools, below 2^31.
    vote_shift : int64, second moments of votes are taken of votes >> vote_shift.
    recount_ppm : int64, largest lead in ppm of valid votes that calls for a recount.
    factor_stream : uint64[F], one standard normal per trial each.
    turnout_location : float32[J]; turnout_load : float32[J, L] on the factors turnout_factor : int64[J, L]
        (shared, bloc, pool, and any others): logit turnout = location + sum of load * factor.
    preference_location : float32[J, K-1]; preference_load : float32[J, 3, K-1, K-1], lower triangular,
        on the K-1 factors from row preference_factor : int64[J, 3] on.
    joint_load : float32[J, K, M], what rates of one estimate have in common: loads of logit turnout, then of each
        log-ratio, on the M factors from row joint_factor : int64 on; M = 0 where no rate is of an estimate.
    local_load : float32[2, J, L], loads of the mean effect of a pool's units, on turnout on the L factors
        from row local_factor[0] on, on the first finalist's odds on those from row local_factor[1] on; L = 0
        where units are drawn one by one.  smooth : float32[J, 4], what averages over units (`smooth`), or
        no rows; watched_smooth : the same without what regions and units do, which evidence does not see.
    factor_mean : float32[F], direction : float32[R, F], pulled : float32[F, R] (direction times gain, by factor):
        what evidence makes of the factors (`evidence`); R = 0 and a mean without entries where there is none.
    watched_people : float32[N, J], watched_ratio : int64[N], tangent : float32[N], tangent_slope : float32[N, R],
        pull : float32[N], pull_slope : float32[N, R], precision : float32[N, N]: the observations that give
        trials their weights; N = 0 where all trials count alike.
    unit_region : int64[U], first factor row of the unit's region (turnout, then K-1 preferences), or -1.
    unit_stream : uint64[U, K]: turnout, then K-1 preferences.  unit_scale : float32[U, 4]: sd of region
        turnout, region preference, unit turnout, unit preference.
    contrast : float32[K-1, K-1], Cholesky factor of the log-ratios' correlation (1 for two finalists).
    slope_factor : int64[2], factor rows of the slopes of turnout and of preference on units' lean.  lean :
        float32[U, K, 2], what that adds to log-odds of turnout and to each log-ratio, at the mean slope and by its
        normal; no rows where units have no lean.  drift : float32[U, 3], the unit's weight in the sum of effects
        that ends at nothing, and what the sum so far takes from its turnout and its preference; nought where effects
        are independent.  centre : float32[2, R], weights by which regions' effects are centred, no columns where not.
        bend : float32[J, K, POWERS, TERMS] and cross : float32[J, K - 1, 2], what keeps the pools' rates over the
        race; no rows where nothing would move them (`places`).
    count_stream : uint64[U, K], count noise.  exact_stream : uint64[U, J, K], draws of small pools.
    row_of_pool : int64[J], row of the pool's bloc in the rate tables, or -1.
    row_people : float64[B], people in each row.
    response : int64[2, 4], the two rates that are looked at together (`response`), or no rows.
    """

    seed: np.uint64
    people: npt.NDArray[np.float32]
    people_total: int
    vote_shift: int
    recount_ppm: int
    factor_stream: npt.NDArray[np.uint64]
    turnout_location: npt.NDArray[np.float32]
    turnout_load: npt.NDArray[np.float32]
    turnout_factor: npt.NDArray[np.int64]
    preference_location: npt.NDArray[np.float32]
    preference_load: npt.NDArray[np.float32]
    preference_factor: npt.NDArray[np.int64]
    joint_load: npt.NDArray[np.float32]
    joint_factor: int
    local_load: npt.NDArray[np.float32]
    local_factor: npt.NDArray[np.int64]
    smooth: npt.NDArray[np.float32]
    watched_smooth: npt.NDArray[np.float32]
    factor_mean: npt.NDArray[np.float32]
    direction: npt.NDArray[np.float32]
    pulled: npt.NDArray[np.float32]
    watched_people: npt.NDArray[np.float32]
    watched_ratio: npt.NDArray[np.int64]
    tangent: npt.NDArray[np.float32]
    tangent_slope: npt.NDArray[np.float32]
    pull: npt.NDArray[np.float32]
    pull_slope: npt.NDArray[np.float32]
    precision: npt.NDArray[np.float32]
    unit_region: npt.NDArray[np.int64]
    unit_stream: npt.NDArray[np.uint64]
    unit_scale: npt.NDArray[np.float32]
    contrast: npt.NDArray[np.float32]
    slope_factor: npt.NDArray[np.int64]
    lean: npt.NDArray[np.float32]
    drift: npt.NDArray[np.float32]
    centre: npt.NDArray[np.float32]
    bend: npt.NDArray[np.float32]
    cross: npt.NDArray[np.float32]
    count_stream: npt.NDArray[np.uint64]
    exact_stream: npt.NDArray[np.uint64]
    row_of_pool: npt.NDArray[np.int64]
    row_people: npt.NDArray[np.float64]
    response: npt.NDArray[np.int64]


class Scratch(NamedTuple):
    """Room for one group of trials, one per thread; what it holds between groups means nothing.

    Flat arrays hold rows of GROUP trials at constant offsets: the compiler then sees that rows do not
    overlap, and makes vector loops of them.
    """

    words: npt.NDArray[np.uint64]  # [2 * LANES], two 32-bit words in each
    factors: npt.NDArray[np.float32]  # [F, GROUP]
    odds: npt.NDArray[np.float32]  # [J * K * GROUP]: odds of turnout, then of each preference
    normal: npt.NDArray[np.float32]  # [K * GROUP]
    effect: npt.NDArray[np.float32]  # [K * GROUP]: the unit's factors of the odds
    drift: npt.NDArray[np.float32]  # [K, GROUP]: weighted sum of the effects of the units so far
    rates: npt.NDArray[np.float32]  # [(K + 2) * GROUP]: one pool's rates in one unit
    sums: npt.NDArray[np.float32]  # [(K + K * K) * GROUP]: means, then covariances; like people
    draw: npt.NDArray[np.float32]  # [DRAW_ROWS * GROUP]: a group's binomials
    exact: npt.NDArray[np.int32]  # [(K + 1) * GROUP]: draws of small pools
    unit_votes: npt.NDArray[np.int32]  # [K, GROUP]
    votes: npt.NDArray[np.int32]  # [K, GROUP]
    result: npt.NDArray[np.int32]  # [RESULT_ROWS, GROUP]: rows as in runoff.kernels.tally
    row_votes: npt.NDArray[np.float64]  # [B, K, GROUP]: expected votes of pools and blocs
    rate_scale: npt.NDArray[np.float64]  # [3, GROUP]
    along: npt.NDArray[np.float32]  # [R, GROUP]: a trial's normals along evidence's directions
    bend: npt.NDArray[np.float32]  # [N, GROUP]: what observations lack in straightness
    expected: npt.NDArray[np.float32]  # [3, GROUP]
    weight: npt.NDArray[np.int64]  # [GROUP]


class Tallies(NamedTuple):
    """What a run adds up: whole numbers only, so the order of adding is nobody's business.

    Sums end in an axis of two (WIDE): low 32 bits and the rest.  Where trials have weights, everything is
    counted in weights of 2^-16; `weight` and `detail_weight` are then their sums and sums of squares.
    """

    weight: npt.NDArray[np.int64]  # [2, 2]
    detail_weight: npt.NDArray[np.int64]  # [2, 2]
    wins: npt.NDArray[np.int64]  # [K]
    ties: npt.NDArray[np.int64]  # [1]
    recounts: npt.NDArray[np.int64]  # [1]
    votes: npt.NDArray[np.int64]  # [K, 2]
    vote_products: npt.NDArray[np.int64]  # [K, K, 2], lower triangle, of votes >> vote_shift
    share: npt.NDArray[np.int64]  # [K, 2, 2]: ppm, ppm^2
    margin: npt.NDArray[np.int64]  # [2, 2]
    turnout: npt.NDArray[np.int64]  # [2, 2]
    share_bins: npt.NDArray[np.int64]  # [K, SHARE_BINS]; empty for two finalists: the margin tells
    margin_bins: npt.NDArray[np.int64]  # [MARGIN_BINS]
    turnout_bins: npt.NDArray[np.int64]  # [SHARE_BINS]
    detail_margin: npt.NDArray[np.int64]  # [2, 2]: the margin's moments over the detail trials
    rate_moments: npt.NDArray[np.int64]  # [B, 1 + 2K, MOMENTS, 2]
    rate_bins: npt.NDArray[np.int64]  # [B, 1 + 2K, RATE_BINS, 3]: trials, first finalist's wins, margins
    unit_wins: npt.NDArray[np.int64]  # [U, K]
    unit_votes: npt.NDArray[np.int64]  # [U, K, 2, 2]: votes, votes^2
    unit_share: npt.NDArray[np.int64]  # [U, K, 2, 2]: ppm, ppm^2
    unit_bins: npt.NDArray[np.signedinteger]  # [U, K, RATE_BINS]; 64 bits where trials have weights
    response: npt.NDArray[np.int64]  # [RESPONSE_BINS, RESPONSE_BINS, 3]: trials, first finalist's wins, margins


def new_scratch(inputs: Inputs) -> Scratch:
    """Scratch for these inputs."""
    n_pools, k = inputs.turnout_location.size, inputs.preference_location.shape[1] + 1
    f4, i4 = np.float32, np.int32
    return Scratch(
        words=np.empty(2 * LANES, np.uint64),
        factors=np.empty((inputs.factor_stream.size, GROUP), f4),
        odds=np.empty(n_pools * k * GROUP, f4),
        normal=np.empty(k * GROUP, f4),
        effect=np.ones(k * GROUP, f4),
        drift=np.zeros((k, GROUP), f4),
        rates=np.empty((k + 2) * GROUP, f4),
        sums=np.empty((k + k * k) * GROUP, inputs.people.dtype),
        draw=np.empty(DRAW_ROWS * GROUP, f4),
        exact=np.empty((k + 1) * GROUP, i4),
        unit_votes=np.empty((k, GROUP), i4),
        votes=np.empty((k, GROUP), i4),
        result=np.empty((RESULT_ROWS, GROUP), i4),
        row_votes=np.empty((inputs.row_people.size, k, GROUP), np.float64),
        rate_scale=np.empty((3, GROUP), np.float64),
        along=np.empty((inputs.direction.shape[0], GROUP), f4),
        bend=np.empty((inputs.watched_ratio.size, GROUP), f4),
        expected=np.empty((3, GROUP), f4),
        weight=np.empty(GROUP, np.int64),
    )


def new_tallies(inputs: Inputs, *, units: bool) -> Tallies:
    """Empty tallies for these inputs; `units` says whether units are tallied one by one.

    Histograms of units are most of a large race's memory: without weights they count trials, in 32 bits.
    """
    k = inputs.preference_location.shape[1] + 1
    rows, n_units = inputs.row_people.size, inputs.people.shape[0] if units else 0

    def zeros(*shape: int) -> npt.NDArray[np.int64]:
        return np.zeros(shape, np.int64)

    return Tallies(
        weight=zeros(2, WIDE),
        detail_weight=zeros(2, WIDE),
        wins=zeros(k),
        ties=zeros(1),
        recounts=zeros(1),
        votes=zeros(k, WIDE),
        vote_products=zeros(k, k, WIDE),
        share=zeros(k, 2, WIDE),
        margin=zeros(2, WIDE),
        turnout=zeros(2, WIDE),
        share_bins=zeros(k if k > 2 else 0, SHARE_BINS),
        margin_bins=zeros(MARGIN_BINS),
        turnout_bins=zeros(SHARE_BINS),
        detail_margin=zeros(2, WIDE),
        rate_moments=zeros(rows, 1 + 2 * k, MOMENTS, WIDE),
        rate_bins=zeros(rows, 1 + 2 * k, RATE_BINS, 3),
        unit_wins=zeros(n_units, k),
        unit_votes=zeros(n_units, k, 2, WIDE),
        unit_share=zeros(n_units, k, 2, WIDE),
        unit_bins=zeros(n_units, k, RATE_BINS)
        if inputs.direction.shape[0]
        else np.zeros((n_units, k, RATE_BINS), np.int32),
        response=zeros(*2 * (RESPONSE_BINS if inputs.response.shape[0] else 0,), 3),
    )
