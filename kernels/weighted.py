"""`runoff.kernels.tally` for trials with weights: the same sums, each trial counting as often as its weight says.

Weights are whole numbers, so these sums are exact too.  Those of the race are vector loops, products in halves of
26 bits; those of pools and units plain loops over trials.
"""

from __future__ import annotations

import numpy as np

from runoff.kernels._jit import part, scalar
from runoff.kernels._types import FloatArray, Int32Array, Int64Array
from runoff.kernels.arrays import PPM, RATE_BIN, SHARE_BIN, Tallies
from runoff.kernels.philox import GROUP
from runoff.kernels.tally import MARGIN, SECOND, SHARE, TOP, VALID, share_of, to_ppm

_LOW = np.int64(0xFFFFFFFF)
_HALF_WORD, _BITS_26, _BITS_6 = np.int64(32), np.int64(26), np.int64(6)
_LOW_26, _LOW_6 = np.int64(2**26 - 1), np.int64(2**6 - 1)
_PPM, _HALF = np.float64(PPM), np.float64(0.5)


@scalar
def _add(target: Int64Array, value: np.int64, weight: np.int64) -> None:
    """Add weight * value, |value| below 2^62, to a sum kept as (low 32 bits, rest)."""
    low = weight * (value & _LOW)
    target[0] += low & _LOW
    target[1] += (low >> _HALF_WORD) + weight * (value >> _HALF_WORD)


@scalar
def _add_moments(target: Int64Array, value: np.int64, weight: np.int64) -> None:
    """Add a value and its square to `target` int64[2, 2]."""
    _add(target[0], value, weight)
    _add(target[1], value * value, weight)


@part
def _add_values(values: Int32Array, weights: Int64Array, target: Int64Array) -> None:
    """Add the weighted values of a whole group: below 2^63, as weights of a group add up to 2^32 at most."""
    total = np.int64(0)
    for i in range(GROUP):
        total += np.int64(values[i]) * np.int64(np.int32(weights[i]))
    target[0] += total & _LOW
    target[1] += total >> _HALF_WORD


@part
def _add_products(left: Int32Array, right: Int32Array, shift: int, weights: Int64Array, target: Int64Array) -> None:
    """Add weighted products of a group, each below 2^52 once both are shifted: in halves of 26 bits."""
    low, high = np.int64(0), np.int64(0)
    narrow = np.int32(shift)
    for i in range(GROUP):
        product = np.int64(left[i] >> narrow) * np.int64(right[i] >> narrow)
        weight = np.int64(np.int32(weights[i]))
        low += np.int64(np.int32(product & _LOW_26)) * weight
        high += np.int64(np.int32(product >> _BITS_26)) * weight
    # high counts 2^26: its lowest 6 bits still belong to the low 32
    target[0] += (low & _LOW) + ((high & _LOW_6) << _BITS_26)
    target[1] += (low >> _HALF_WORD) + (high >> _BITS_6)


@part
def weigh_race(
    people_total: int,
    vote_shift: int,
    recount_ppm: int,
    votes: Int32Array,
    result: Int32Array,
    weights: Int64Array,
    start: int,
    stop: int,
    tallies: Tallies,
) -> None:
    """`tally.tally_race` with weights int64[GROUP]; those of the group's other trials are overwritten with 0."""
    finalists, per_person = votes.shape[0], _PPM / np.float64(people_total)
    valid, top, second, margin, share = result[VALID], result[TOP], result[SECOND], result[MARGIN], result[SHARE]
    for i in range(start):
        weights[i] = 0
    for i in range(stop, GROUP):
        weights[i] = 0
    _add_total(weights, tallies.weight)
    ties, recounts = np.int64(0), np.int64(0)
    for i in range(GROUP):
        ties += weights[i] if top[i] == second[i] else np.int64(0)
    for i in range(GROUP):
        lead = np.int64(top[i]) - np.int64(second[i])
        recounts += weights[i] if lead * PPM <= recount_ppm * np.int64(valid[i]) else np.int64(0)
    tallies.ties[0] += ties
    tallies.recounts[0] += recounts
    for k in range(finalists):
        row, wins = votes[k], np.int64(0)
        for i in range(GROUP):
            wins += weights[i] if row[i] == top[i] and top[i] != second[i] else np.int64(0)
        tallies.wins[k] += wins
        _add_values(row, weights, tallies.votes[k])
        for m in range(k + 1):
            _add_products(row, votes[m], vote_shift, weights, tallies.vote_products[k, m])
    _add_share(margin, PPM, weights, start, stop, tallies.margin, tallies.margin_bins)
    for i in range(GROUP):
        share[i] = share_of(valid[i], per_person)
    _add_share(share, 0, weights, start, stop, tallies.turnout, tallies.turnout_bins)
    for k in range(tallies.share_bins.shape[0]):
        for i in range(GROUP):
            share[i] = to_ppm(votes[k, i], valid[i])
        _add_share(share, 0, weights, start, stop, tallies.share[k], tallies.share_bins[k])


@part
def _add_total(weights: Int64Array, target: Int64Array) -> None:
    """Add a group's weights and their squares to `target` int64[2, 2]."""
    first, second = np.int64(0), np.int64(0)
    for i in range(GROUP):
        weight = np.int64(np.int32(weights[i]))
        first += weight
        second += weight * weight
    target[0, 0] += first & _LOW
    target[0, 1] += first >> _HALF_WORD
    target[1, 0] += second & _LOW
    target[1, 1] += second >> _HALF_WORD


@part
def _add_share(
    ppm: Int32Array, offset: int, weights: Int64Array, start: int, stop: int, moments: Int64Array, bins: Int64Array
) -> None:
    """Add a share's weighted moments, and its weights in bins of SHARE_BIN ppm from -offset on."""
    _add_values(ppm, weights, moments[0])
    _add_products(ppm, ppm, 0, weights, moments[1])
    for i in range(start, stop):
        bins[np.uint32(np.uint32(np.int32(ppm[i] + np.int32(offset))) // np.uint32(SHARE_BIN))] += weights[i]


@part
def weigh_unit(
    votes: Int32Array, result: Int32Array, weights: Int64Array, start: int, stop: int, unit: int, tallies: Tallies
) -> None:
    """`tally.tally_unit` with weights int64[GROUP]."""
    for k in range(votes.shape[0]):
        counts, shares, bins = tallies.unit_votes[unit, k], tallies.unit_share[unit, k], tallies.unit_bins[unit, k]
        for i in range(start, stop):
            mine, weight = votes[k, i], weights[i]
            won = mine == result[TOP, i] and result[TOP, i] != result[SECOND, i]
            tallies.unit_wins[unit, k] += weight if won else np.int64(0)
            _add_moments(counts, np.int64(mine), weight)
            share = np.int64(to_ppm(mine, result[VALID, i]))
            _add_moments(shares, share, weight)
            bins[share // RATE_BIN] += weight


@scalar
def _weigh_rate(
    rate: np.int64, margin: np.int64, won: np.int64, weight: np.int64, moments: Int64Array, cell: Int64Array
) -> None:
    _add(moments[0], rate, weight)
    _add(moments[1], rate * rate, weight)
    _add(moments[2], rate * margin, weight)
    cell[0] += weight
    cell[1] += won * weight
    cell[2] += margin * weight


@part
def weigh_rates(
    row_people: FloatArray,
    row_votes: FloatArray,
    votes: Int32Array,
    result: Int32Array,
    weights: Int64Array,
    start: int,
    stop: int,
    tallies: Tallies,
) -> None:
    """`tally.tally_rates` with weights int64[GROUP]."""
    finalists = votes.shape[0]
    for i in range(start, stop):
        _add_moments(tallies.detail_margin, np.int64(result[MARGIN, i]), weights[i])
        _add_moments(tallies.detail_weight, weights[i], np.int64(1))
    for row in range(row_votes.shape[0]):
        per_person = _PPM / max(row_people[row], 1.0)
        moments, bins = tallies.rate_moments[row], tallies.rate_bins[row]
        for i in range(start, stop):
            weight, margin = weights[i], np.int64(result[MARGIN, i])
            won = np.int64(1) if votes[0, i] == result[TOP, i] and result[TOP, i] != result[SECOND, i] else np.int64(0)
            voters = np.float64(0.0)
            for k in range(finalists):
                voters += row_votes[row, k, i]
            per_voter = _PPM / max(voters, 1e-300)
            rate = np.int64(voters * per_person + _HALF)
            _weigh_rate(rate, margin, won, weight, moments[0], bins[0, rate // RATE_BIN])
            for k in range(finalists):
                rate = np.int64(row_votes[row, k, i] * per_voter + _HALF)
                _weigh_rate(rate, margin, won, weight, moments[1 + k], bins[1 + k, rate // RATE_BIN])
                rate, where = np.int64(row_votes[row, k, i] * per_person + _HALF), 1 + finalists + k
                _weigh_rate(rate, margin, won, weight, moments[where], bins[where, rate // RATE_BIN])
