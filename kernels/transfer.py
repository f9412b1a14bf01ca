"""One group of trials: from standard normals to whole votes of the finalists.

    factors -> odds of each pool -> per unit: rates, their multinomial means and covariances, count noise
    -> whole votes of the unit -> votes of the race -> tallies

`run_groups` is the trial kernel.  It is a pure function of (inputs, range of trials): it adds to
`tallies` and writes `trial_votes`, and nothing of what it holds outlives the call.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kernels._jit import entry, part
from kernels.arrays import SMALL_POOL, Inputs, Scratch, Tallies
from kernels.counts import exact_votes
from kernels.normals import normals
from kernels.philox import GROUP
from kernels.rates import draw_factors, odds_of_pools, pool_rates, unit_effect
from kernels.tally import judge, tally_race, tally_rates, tally_unit

_f = np.float32
_ZERO = _f(0.0)
_HALF = _f(0.5)
_ONE = _f(1.0)


@part
def _add_two(
    people: float,
    odds: npt.NDArray[np.float32],
    effect: npt.NDArray[np.float32],
    sums: npt.NDArray[np.float32],
) -> None:
    """`pool_rates` and `_add_many` in one pass for two finalists: the loop that a run spends itself in."""
    for i in range(GROUP):
        turnout_odds = odds[i] * effect[i]
        odds_first = odds[GROUP + i] * effect[GROUP + i]
        turnout = turnout_odds / (_ONE + turnout_odds)
        last = turnout / (_ONE + odds_first)
        first = last * odds_first
        votes_first = people * first
        votes_last = people * last
        sums[i] += votes_first
        sums[GROUP + i] += votes_last
        sums[2 * GROUP + i] += votes_first - votes_first * first
        sums[4 * GROUP + i] -= votes_first * last
        sums[5 * GROUP + i] += votes_last - votes_last * last


@part
def _add_many(people: float, rates: npt.NDArray[np.float32], finalists: int, sums: npt.NDArray[np.float32]) -> None:
    """Add a pool's means (rows 0..K-1) and covariances (rows K + k K + l, l <= k) to `sums`."""
    for k in range(finalists):
        for i in range(GROUP):
            sums[k * GROUP + i] += people * rates[k * GROUP + i]
        for m in range(k + 1):
            row = (finalists + k * finalists + m) * GROUP
            own = _ONE if m == k else _ZERO
            for i in range(GROUP):
                rate = rates[k * GROUP + i]
                sums[row + i] += people * rate * (own - rates[m * GROUP + i])


@part
def _factorise(finalists: int, sums: npt.NDArray[np.float32]) -> None:
    """Cholesky's factor of each trial's covariance, in place; a row without variance becomes zero."""
    for k in range(finalists):
        for m in range(k + 1):
            row = (finalists + k * finalists + m) * GROUP
            for n in range(m):
                left = (finalists + k * finalists + n) * GROUP
                right = (finalists + m * finalists + n) * GROUP
                for i in range(GROUP):
                    sums[row + i] -= sums[left + i] * sums[right + i]
            if m == k:
                for i in range(GROUP):
                    sums[row + i] = np.sqrt(max(sums[row + i], _ZERO))
            else:
                pivot = (finalists + m * finalists + m) * GROUP
                for i in range(GROUP):
                    # without variance the covariance is zero too, and 0 / 1 says so
                    root = sums[pivot + i]
                    sums[row + i] = sums[row + i] / (root if root > _ZERO else _ONE)


@part
def _whole_votes(
    seed: np.uint64,
    count_stream: npt.NDArray[np.uint64],
    group: np.uint64,
    people: int,
    words: npt.NDArray[np.uint32],
    normal: npt.NDArray[np.float32],
    sums: npt.NDArray[np.float32],
    exact: npt.NDArray[np.int32],
    votes: npt.NDArray[np.int32],
) -> None:
    """Overwrite `votes` int32[K, GROUP]: means, count noise and exact draws, rounded, within 0..people.

    `sums` holds the means and Cholesky's factor, `exact` the draws of small pools; its last row, `words`
    and `normal` are scratch.
    """
    finalists = count_stream.size
    for m in range(finalists):
        normals(seed, count_stream[m], group, words, normal)
        for k in range(m, finalists):
            row = (finalists + k * finalists + m) * GROUP
            for i in range(GROUP):
                sums[k * GROUP + i] += sums[row + i] * normal[i]
    left = exact[finalists * GROUP : (finalists + 1) * GROUP]
    left[:] = people
    for k in range(finalists):
        row = k * GROUP
        whole = votes[k]
        for i in range(GROUP):
            whole[i] = min(np.int32(np.int32(max(sums[row + i], _ZERO) + _HALF) + exact[row + i]), left[i])
        for i in range(GROUP):
            left[i] -= whole[i]


@part
def _add_rows(people: float, rates: npt.NDArray[np.float32], row_votes: npt.NDArray[np.float64]) -> None:
    """Add one pool's expected votes in one unit to `row_votes` float64[K, GROUP]."""
    for k in range(row_votes.shape[0]):
        target = row_votes[k]
        for i in range(GROUP):
            target[i] += np.float64(people) * np.float64(rates[k * GROUP + i])


@part
def _simulate_unit(inputs: Inputs, unit: int, group: np.uint64, detail: bool, scratch: Scratch) -> None:
    """Fill scratch.unit_votes with one unit's whole votes in each trial of a group."""
    finalists = inputs.count_stream.shape[1]
    size = finalists * GROUP
    affected = unit_effect(
        inputs.seed, inputs.unit_region[unit], inputs.unit_stream[unit], inputs.unit_scale, inputs.contrast,
        group, scratch.factors, scratch.words, scratch.normal, scratch.effect,
    )  # fmt: skip
    scratch.sums[:] = _ZERO
    scratch.exact[:] = 0
    everybody = 0
    for j in range(inputs.people.shape[1]):
        people = inputs.people[unit, j]
        if people <= _ZERO:
            continue
        everybody += int(people)
        odds = scratch.odds[j * size : (j + 1) * size]
        small = people <= SMALL_POOL
        if small or detail or finalists > 2:
            pool_rates(odds, scratch.effect, affected, finalists, scratch.rates)
        if small:
            streams = inputs.exact_stream[unit, j]
            exact_votes(
                inputs.seed, streams, group, int(people),
                scratch.rates, scratch.words, scratch.draw, scratch.exact,
            )  # fmt: skip
        elif finalists == 2:
            _add_two(people, odds, scratch.effect, scratch.sums)
        else:
            _add_many(people, scratch.rates, finalists, scratch.sums)
        if detail:
            _add_rows(people, scratch.rates, scratch.row_votes[j])
            if inputs.row_of_pool[j] >= 0:
                _add_rows(people, scratch.rates, scratch.row_votes[inputs.row_of_pool[j]])
    _factorise(finalists, scratch.sums)
    _whole_votes(
        inputs.seed, inputs.count_stream[unit], group, everybody,
        scratch.words, scratch.normal, scratch.sums, scratch.exact, scratch.unit_votes,
    )  # fmt: skip


@entry
def run_groups(
    inputs: Inputs,
    first: int,
    last: int,
    detail_trials: int,
    scratch: Scratch,
    tallies: Tallies,
    trial_votes: npt.NDArray[np.int32],
) -> None:
    """Draw trials first..last-1 and add them to `tallies`.

    Trials below `detail_trials` are also tallied by pool, and by unit where `tallies` has units.
    `trial_votes` int32[last - first, K] is overwritten with the votes, unless it has no rows.
    """
    for number in range(first // GROUP, (last + GROUP - 1) // GROUP):
        group = np.uint64(number)
        start = max(first - number * GROUP, 0)
        stop = min(last - number * GROUP, GROUP)
        detail_stop = min(max(detail_trials - number * GROUP, 0), stop)
        detail = detail_stop > start
        draw_factors(inputs.seed, inputs.factor_stream, group, scratch.words, scratch.factors)
        odds_of_pools(
            inputs.turnout_location, inputs.turnout_load, inputs.turnout_factor,
            inputs.preference_location, inputs.preference_load, inputs.preference_factor,
            scratch.factors, scratch.odds,
        )  # fmt: skip
        scratch.votes[:] = 0
        if detail:
            scratch.row_votes[:] = 0.0
        for unit in range(inputs.people.shape[0]):
            _simulate_unit(inputs, unit, group, detail, scratch)
            for k in range(scratch.votes.shape[0]):
                total, votes = scratch.votes[k], scratch.unit_votes[k]
                for i in range(GROUP):
                    total[i] += votes[i]
            if detail and unit < tallies.unit_wins.shape[0]:
                judge(scratch.unit_votes, scratch.result)
                tally_unit(scratch.unit_votes, scratch.result, start, detail_stop, unit, tallies)
        judge(scratch.votes, scratch.result)
        tally_race(
            inputs.people_total,
            inputs.vote_shift,
            inputs.recount_ppm,
            scratch.votes,
            scratch.result,
            start,
            stop,
            tallies,
        )
        if detail:
            tally_rates(
                inputs.row_people,
                scratch.row_votes,
                scratch.votes,
                scratch.result,
                start,
                detail_stop,
                tallies,
            )
        if trial_votes.shape[0] > 0:
            for k in range(scratch.votes.shape[0]):
                for i in range(start, stop):
                    trial_votes[number * GROUP + i - first, k] = scratch.votes[k, i]
