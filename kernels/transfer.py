"""One group of trials: from standard normals to whole votes of the finalists.

    factors -> odds of each pool -> per unit: rates, their multinomial means and covariances, count noise
    -> whole votes of the unit -> votes of the race -> tallies

`run_groups` is the trial kernel.  It is a pure function of (inputs, range of trials): it adds to
`tallies` and writes `trial_votes`, and nothing of what it holds outlives the call.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from runoff.kernels._jit import entry, part
from runoff.kernels.arrays import SMALL_POOL, SMALL_UNIT, Inputs, Scratch, Tallies
from runoff.kernels.counts import exact_votes
from runoff.kernels.evidence import WEIGHT_ONE, update_factors, weigh
from runoff.kernels.noise import add_many, add_one, add_pair, fill, scale_sums, whole_votes
from runoff.kernels.philox import GROUP
from runoff.kernels.places import centre_regions
from runoff.kernels.rates import draw_factors, odds_of_pools, pool_rates, unit_effect
from runoff.kernels.response import add_response
from runoff.kernels.smooth import add_smooth, smooth_rates
from runoff.kernels.tally import judge, tally_race, tally_rates, tally_unit
from runoff.kernels.weighted import weigh_race, weigh_rates, weigh_unit

_f = np.float32
_ZERO, _ONE = _f(0.0), _f(1.0)


@part
def _add_rows(people: float, rates: npt.NDArray[np.float32], row_votes: npt.NDArray[np.float64]) -> None:
    """Add one pool's expected votes in one unit to `row_votes` float64[K, GROUP]."""
    for k in range(row_votes.shape[0]):
        target = row_votes[k]
        for i in range(GROUP):
            target[i] += np.float64(people) * np.float64(rates[k * GROUP + i])


@part
def _detail(inputs: Inputs, people: float, pool: int, scratch: Scratch) -> None:
    """Add the rates in scratch.rates to the rows of the pool and of its bloc."""
    _add_rows(people, scratch.rates, scratch.row_votes[pool])
    if inputs.row_of_pool[pool] >= 0:
        _add_rows(people, scratch.rates, scratch.row_votes[inputs.row_of_pool[pool]])


@part
def _everybody(people: npt.NDArray[np.float32]) -> int:
    total = 0
    for j in range(people.size):
        total += int(people[j])
    return total


@part
def _add_pools_summed(inputs: Inputs, detail: bool, scratch: Scratch) -> None:
    """Add all pools, each over all units at once, to scratch.sums; without spread by the plain, faster way."""
    size = 2 * GROUP
    waiting = -1
    for j in range(inputs.people.shape[1]):
        odds, people, shape = scratch.odds[j * size : (j + 1) * size], inputs.people[0, j], inputs.smooth[j]
        plain = shape[0] == _ONE and shape[2] == _ONE
        if not plain:
            add_smooth(people, odds, shape, scratch.sums)
        elif waiting < 0:
            waiting = j
        else:
            first = scratch.odds[waiting * size : (waiting + 1) * size]
            add_pair(inputs.people[0, waiting], first, people, odds, scratch.effect, False, scratch.sums)
            waiting = -1
        if detail:
            smooth_rates(odds, shape, scratch.rates)
            _detail(inputs, people, j, scratch)
    if waiting >= 0:
        odds = scratch.odds[waiting * size : (waiting + 1) * size]
        add_one(inputs.people[0, waiting], odds, scratch.effect, False, scratch.sums)


@part
def _add_pools(
    inputs: Inputs, unit: int, group: np.uint64, affected: bool, small_unit: bool, detail: bool, scratch: Scratch
) -> None:
    """Add a unit's pools to scratch.sums, or draw them into scratch.exact where they and the unit are small."""
    finalists = inputs.count_stream.shape[1]
    size = finalists * GROUP
    waiting = -1  # the pool that waits for another, two being added at the price of one division
    for j in range(inputs.people.shape[1]):
        people = inputs.people[unit, j]
        if people <= _ZERO:
            continue
        odds = scratch.odds[j * size : (j + 1) * size]
        small = small_unit and people <= SMALL_POOL
        if small or detail or finalists > 2:
            pool_rates(odds, scratch.effect, affected, finalists, scratch.rates)
        if detail:
            _detail(inputs, people, j, scratch)
        if small:
            exact_votes(
                inputs.seed,
                inputs.exact_stream[unit, j],
                group,
                int(people),
                scratch.rates,
                scratch.words,
                scratch.draw,
                scratch.exact,
            )
        elif finalists > 2:
            add_many(people, scratch.rates, finalists, scratch.sums)
        elif waiting < 0:
            waiting = j
        else:
            first = scratch.odds[waiting * size : (waiting + 1) * size]
            add_pair(inputs.people[unit, waiting], first, people, odds, scratch.effect, affected, scratch.sums)
            waiting = -1
    if waiting >= 0:
        odds = scratch.odds[waiting * size : (waiting + 1) * size]
        add_one(inputs.people[unit, waiting], odds, scratch.effect, affected, scratch.sums)
    if affected and finalists == 2:
        scale_sums(scratch.effect, scratch.sums)


@part
def simulate_unit(inputs: Inputs, unit: int, group: np.uint64, detail: bool, scratch: Scratch) -> None:
    """Fill scratch.unit_votes with one unit's whole votes in each trial of a group."""
    everybody = _everybody(inputs.people[unit])
    small_unit = everybody <= SMALL_UNIT
    fill(scratch.sums, _ZERO)
    if small_unit or inputs.count_stream.shape[1] > 2:
        fill(scratch.exact, np.int32(0))
    if inputs.smooth.shape[0] > 0:
        _add_pools_summed(inputs, detail, scratch)
    else:
        affected = unit_effect(
            inputs, unit, group, scratch.factors, scratch.words, scratch.normal, scratch.drift, scratch.effect
        )
        _add_pools(inputs, unit, group, affected, small_unit, detail, scratch)
    whole_votes(
        inputs.seed,
        inputs.count_stream[unit],
        group,
        everybody,
        scratch.words,
        scratch.normal,
        scratch.sums,
        scratch.exact,
        small_unit,
        scratch.unit_votes,
    )


@part
def draw_odds(inputs: Inputs, local: bool, scratch: Scratch) -> None:
    """Fill scratch.odds by the factors in scratch.factors; `local` says whether by those of units and regions too."""
    odds_of_pools(
        inputs.turnout_location,
        inputs.turnout_load,
        inputs.turnout_factor,
        inputs.preference_location,
        inputs.preference_load,
        inputs.preference_factor,
        inputs.joint_load,
        inputs.joint_factor,
        inputs.local_load,
        inputs.local_factor,
        inputs.slope_factor,
        inputs.bend,
        inputs.cross,
        local,
        scratch.factors,
        scratch.odds,
    )


@part
def _begin_places(inputs: Inputs, scratch: Scratch) -> None:
    """Centre the regions' effects, and begin the sums of the units' own."""
    if inputs.centre.shape[1] > 0:
        ratios, first = inputs.contrast.shape[0], inputs.unit_region[0]
        centre_regions(inputs.centre, first, ratios, scratch.factors, scratch.normal[:GROUP])
    for k in range(scratch.drift.shape[0]):
        fill(scratch.drift[k], _ZERO)


@part
def begin_plain(inputs: Inputs, group: np.uint64, scratch: Scratch) -> None:
    """Draw a group's factors, and the odds that follow."""
    draw_factors(inputs.seed, inputs.factor_stream, group, scratch.words, scratch.factors)
    _begin_places(inputs, scratch)
    draw_odds(inputs, True, scratch)


@part
def begin_updated(inputs: Inputs, group: np.uint64, scratch: Scratch) -> None:
    """The same after evidence, and scratch.weight where trials have weights."""
    draw_factors(inputs.seed, inputs.factor_stream, group, scratch.words, scratch.factors)
    update_factors(inputs, scratch.factors, scratch.along)
    _begin_places(inputs, scratch)
    watched, local = inputs.watched_ratio.size > 0, inputs.local_load.shape[2] > 0 or inputs.bend.shape[0] > 0
    if watched:
        draw_odds(inputs, False, scratch)
        weigh(inputs, scratch)
    else:
        for i in range(GROUP):
            scratch.weight[i] = WEIGHT_ONE
    if local or not watched:
        draw_odds(inputs, True, scratch)


@part
def _respond(inputs: Inputs, weighted: bool, start: int, stop: int, scratch: Scratch, tallies: Tallies) -> None:
    """Add a group's trials to the cells of two rates, where two are looked at."""
    if inputs.response.shape[0] > 0:
        add_response(
            inputs.response,
            inputs.row_people,
            scratch.row_votes,
            scratch.votes,
            scratch.result,
            scratch.weight,
            weighted,
            start,
            stop,
            tallies.response,
        )


@part
def _tally_plain(inputs: Inputs, start: int, stop: int, detail_stop: int, scratch: Scratch, tallies: Tallies) -> None:
    """Add a group's trials to the tallies of the race, and of pools up to `detail_stop`."""
    votes, result = scratch.votes, scratch.result
    if detail_stop > start:
        row_people, row_votes = inputs.row_people, scratch.row_votes
        tally_rates(row_people, row_votes, scratch.rate_scale, votes, result, start, detail_stop, tallies)
        _respond(inputs, False, start, detail_stop, scratch, tallies)
    people, shift, recount = inputs.people_total, inputs.vote_shift, inputs.recount_ppm
    tally_race(people, shift, recount, votes, result, start, stop, tallies)


@part
def _tally_updated(inputs: Inputs, start: int, stop: int, detail_stop: int, scratch: Scratch, tallies: Tallies) -> None:
    """The same, each trial with its weight."""
    votes, result, weight = scratch.votes, scratch.result, scratch.weight
    if detail_stop > start:
        weigh_rates(inputs.row_people, scratch.row_votes, votes, result, weight, start, detail_stop, tallies)
        _respond(inputs, True, start, detail_stop, scratch, tallies)
    people, shift, recount = inputs.people_total, inputs.vote_shift, inputs.recount_ppm
    weigh_race(people, shift, recount, votes, result, weight, start, stop, tallies)


@part
def _unit_plain(unit: int, start: int, stop: int, scratch: Scratch, tallies: Tallies) -> None:
    """Add a group's trials to the tallies of one unit."""
    judge(scratch.unit_votes, scratch.result)
    tally_unit(scratch.unit_votes, scratch.result, start, stop, unit, tallies)


@part
def _unit_updated(unit: int, start: int, stop: int, scratch: Scratch, tallies: Tallies) -> None:
    """The same, each trial with its weight."""
    judge(scratch.unit_votes, scratch.result)
    weigh_unit(scratch.unit_votes, scratch.result, scratch.weight, start, stop, unit, tallies)


def _kernel(name: str, begin: Any, tally_group: Any, tally_of_unit: Any, seconds: int) -> Any:
    """The trial kernel with its three parts that evidence changes: what a run does not need is not compiled."""

    def kernel(
        inputs: Inputs,
        first: int,
        last: int,
        detail_trials: int,
        scratch: Scratch,
        tallies: Tallies,
        trial_votes: npt.NDArray[np.int32],
        trial_weights: npt.NDArray[np.int64],
    ) -> None:
        for number in range(first // GROUP, (last + GROUP - 1) // GROUP):
            group = np.uint64(number)
            start = max(first - number * GROUP, 0)
            stop = min(last - number * GROUP, GROUP)
            detail_stop = min(max(detail_trials - number * GROUP, 0), stop)
            detail = detail_stop > start
            begin(inputs, group, scratch)
            for k in range(scratch.votes.shape[0]):
                fill(scratch.votes[k], np.int32(0))
            if detail:
                for row in range(scratch.row_votes.shape[0]):
                    for k in range(scratch.row_votes.shape[1]):
                        fill(scratch.row_votes[row, k], 0.0)
            for unit in range(inputs.people.shape[0]):
                simulate_unit(inputs, unit, group, detail, scratch)
                for k in range(scratch.votes.shape[0]):
                    total, votes = scratch.votes[k], scratch.unit_votes[k]
                    for i in range(GROUP):
                        total[i] += votes[i]
                if detail and unit < tallies.unit_wins.shape[0]:
                    tally_of_unit(unit, start, detail_stop, scratch, tallies)
            judge(scratch.votes, scratch.result)
            place = number * GROUP - first
            if trial_votes.shape[0] > 0:
                for k in range(scratch.votes.shape[0]):
                    for i in range(start, stop):
                        trial_votes[place + i, k] = scratch.votes[k, i]
            if trial_weights.size > 0:
                for i in range(start, stop):
                    trial_weights[place + i] = scratch.weight[i]
            tally_group(inputs, start, stop, detail_stop, scratch, tallies)

    kernel.__qualname__ = kernel.__name__ = name
    return entry(kernel, seconds)


run_plain = _kernel("run_plain", begin_plain, _tally_plain, _unit_plain, seconds=7)
run_updated = _kernel("run_updated", begin_updated, _tally_updated, _unit_updated, seconds=9)


def run_groups(
    inputs: Inputs,
    first: int,
    last: int,
    detail_trials: int,
    scratch: Scratch,
    tallies: Tallies,
    trial_votes: npt.NDArray[np.int32],
    trial_weights: npt.NDArray[np.int64],
) -> None:
    """Draw trials first..last-1 and add them to `tallies`.

    Trials below `detail_trials` are also tallied by pool, and by unit where `tallies` has units.
    `trial_votes` int32[last - first, K] and `trial_weights` int64[last - first] are overwritten with the votes
    and weights, unless they have no rows; without evidence there are no weights.
    """
    run = run_updated if inputs.direction.shape[0] > 0 else run_plain
    run(inputs, first, last, detail_trials, scratch, tallies, trial_votes, trial_weights)
