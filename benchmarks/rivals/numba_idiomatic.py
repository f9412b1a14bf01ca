"""numba as its manual has it: a parallel loop over trials, fastmath, NumPy's normals, tallies per thread."""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
from numba.np.ufunc.parallel import get_thread_id

from benchmarks.counts import BINS, MARGIN_BINS, Contest, Counts
from benchmarks.problem import Floats, Ints, Problem

NAME = "numba, parallel"
_thread_id: Any = get_thread_id  # numba types it in a kernel only


def prepare(problem: Problem, *, threads: int = 1, seed: int = 1) -> Contest:
    """On so many threads, one unit or many."""
    numba.set_num_threads(threads)
    _seed(seed)
    turnout, preference = problem.turnout, problem.preference
    tables = [problem.people, problem.region, problem.unit_scale, problem.total, problem.recount_margin]
    rates = [turnout.location, turnout.load, turnout.factor, preference.location, preference.load, preference.factor]

    def contest(trials: int) -> Counts:
        wins, ties, recounts, margins, _, _, _ = _draw(
            trials, *tables, problem.regions, *rates, turnout.factors, preference.factors
        )
        return Counts(trials, int(wins), int(ties), int(recounts), margins[0], margins[1])

    return contest


def _seeded(seed: int) -> None:
    for thread in numba.prange(numba.get_num_threads()):
        np.random.seed(seed + thread)  # noqa: NPY002  each thread has a generator of its own


def _trials(
    trials: int,
    people: Floats,
    region: Ints,
    unit_scale: Floats,
    total: float,
    recount_margin: float,
    regions: int,
    turnout_location: Floats,
    turnout_load: Floats,
    turnout_factor: Ints,
    preference_location: Floats,
    preference_load: Floats,
    preference_factor: Ints,
    turnout_factors: int,
    preference_factors: int,
) -> tuple[int, int, int, tuple[float, ...], tuple[float, ...], Ints, Ints]:
    threads = numba.get_num_threads()
    margin_bins = np.zeros((threads, MARGIN_BINS), np.int64)
    turnout_bins = np.zeros((threads, BINS), np.int64)
    units, pools = people.shape
    local = unit_scale.max() > 0.0
    wins = ties = recounts = 0
    margin_sum = margin_squares = 0.0
    sum_first = sum_last = square_first = square_last = product = 0.0
    for _ in numba.prange(trials):
        z_turnout, z_preference = np.empty(turnout_factors), np.empty(preference_factors)
        z_region = np.empty((regions, 2))
        odds_turnout, odds_preference = np.empty(pools), np.empty(pools)
        for f in range(turnout_factors):
            z_turnout[f] = np.random.normal()  # noqa: NPY002
        for f in range(preference_factors):
            z_preference[f] = np.random.normal()  # noqa: NPY002
        if local:
            for r in range(regions):
                z_region[r, 0] = unit_scale[0] * np.random.normal()  # noqa: NPY002
                z_region[r, 1] = unit_scale[1] * np.random.normal()  # noqa: NPY002
        for j in range(pools):
            log_turnout, log_preference = turnout_location[j], preference_location[j]
            for level in range(3):
                log_turnout += turnout_load[j, level] * z_turnout[turnout_factor[j, level]]
                log_preference += preference_load[j, level] * z_preference[preference_factor[j, level]]
            odds_turnout[j] = math.exp(-log_turnout)
            odds_preference[j] = math.exp(-log_preference)
        votes_first = votes_last = 0.0
        for u in range(units):
            effect_turnout = effect_preference = 1.0
            if local:
                shift_turnout = z_region[region[u], 0] + unit_scale[2] * np.random.normal()  # noqa: NPY002
                shift_preference = z_region[region[u], 1] + unit_scale[3] * np.random.normal()  # noqa: NPY002
                effect_turnout, effect_preference = math.exp(-shift_turnout), math.exp(-shift_preference)
            mean_first = mean_last = var_first = var_last = cross = everybody = 0.0
            for j in range(pools):
                n = people[u, j]
                odds = effect_preference * odds_preference[j]
                first = 1.0 / ((1.0 + effect_turnout * odds_turnout[j]) * (1.0 + odds))
                last = first * odds
                everybody += n
                mean_first += n * first
                mean_last += n * last
                var_first += n * first * (1.0 - first)
                var_last += n * last * (1.0 - last)
                cross -= n * first * last
            z, other = np.random.normal(), np.random.normal()  # noqa: NPY002
            root = math.sqrt(var_first)
            slope = cross / root
            rest = math.sqrt(max(var_last - slope * slope, 0.0))
            whole = min(max(math.floor(mean_first + root * z + 0.5), 0.0), everybody)
            votes_first += whole
            votes_last += min(max(math.floor(mean_last + slope * z + rest * other + 0.5), 0.0), everybody - whole)
        difference, valid = votes_first - votes_last, votes_first + votes_last
        margin = difference / valid
        wins += difference > 0.0
        ties += difference == 0.0
        recounts += abs(margin) <= recount_margin
        margin_sum += margin
        margin_squares += margin * margin
        sum_first += votes_first
        sum_last += votes_last
        square_first += votes_first * votes_first
        square_last += votes_last * votes_last
        product += votes_first * votes_last
        thread = _thread_id()
        margin_bins[thread, int((margin + 1.0) * 1e4)] += 1
        turnout_bins[thread, int(valid * 1e4 / total)] += 1
    margins, moments = (margin_sum, margin_squares), (sum_first, sum_last, square_first, product, square_last)
    return wins, ties, recounts, margins, moments, margin_bins.sum(axis=0), turnout_bins.sum(axis=0)


_seed: Any = numba.njit(parallel=True)(_seeded)
_draw: Any = numba.njit(parallel=True, fastmath=True)(_trials)
