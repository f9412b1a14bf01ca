"""`kernels.tally` for trials with weights: the same sums, each trial counting as often as its weight says.

Weights are whole numbers, so these sums are exact too; a plain loop over trials, as weights of 22 bits leave no
room for adding up a group in 64.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kernels._jit import part, scalar
from kernels.arrays import PPM, RATE_BIN, SHARE_BIN, Tallies
from kernels.tally import MARGIN, SECOND, TOP, VALID, share_of, to_ppm

_LOW = np.int64(0xFFFFFFFF)
_HALF_WORD = np.int64(32)
_PPM, _HALF = np.float64(PPM), np.float64(0.5)


@scalar
def _add(target: npt.NDArray[np.int64], value: np.int64, weight: np.int64) -> None:
    """Add weight * value, |value| below 2^62, to a sum kept as (low 32 bits, rest)."""
    low = weight * (value & _LOW)
    target[0] += low & _LOW
    target[1] += (low >> _HALF_WORD) + weight * (value >> _HALF_WORD)


@scalar
def _add_moments(target: npt.NDArray[np.int64], value: np.int64, weight: np.int64) -> None:
    """Add a value and its square to `target` int64[2, 2]."""
    _add(target[0], value, weight)
    _add(target[1], value * value, weight)


@part
def weigh_race(
    people_total: int,
    vote_shift: int,
    recount_ppm: int,
    votes: npt.NDArray[np.int32],
    result: npt.NDArray[np.int32],
    weights: npt.NDArray[np.int64],
    start: int,
    stop: int,
    tallies: Tallies,
) -> None:
    """`tally.tally_race` with weights int64[GROUP]."""
    finalists, per_person = votes.shape[0], _PPM / np.float64(people_total)
    for i in range(start, stop):
        weight, valid, top = weights[i], result[VALID, i], np.int64(result[TOP, i])
        lead = top - np.int64(result[SECOND, i])
        _add_moments(tallies.weight, weight, np.int64(1))
        tallies.ties[0] += weight if lead == 0 else np.int64(0)
        tallies.recounts[0] += weight if lead * PPM <= recount_ppm * np.int64(valid) else np.int64(0)
        for k in range(finalists):
            mine = np.int64(votes[k, i])
            tallies.wins[k] += weight if mine == top and lead > 0 else np.int64(0)
            _add(tallies.votes[k], mine, weight)
            for m in range(k + 1):
                product = (mine >> vote_shift) * (np.int64(votes[m, i]) >> vote_shift)
                _add(tallies.vote_products[k, m], product, weight)
        margin = np.int64(result[MARGIN, i])
        _add_moments(tallies.margin, margin, weight)
        tallies.margin_bins[(margin + PPM) // SHARE_BIN] += weight
        turnout = np.int64(share_of(valid, per_person))
        _add_moments(tallies.turnout, turnout, weight)
        tallies.turnout_bins[turnout // SHARE_BIN] += weight
        for k in range(tallies.share_bins.shape[0]):
            share = np.int64(to_ppm(votes[k, i], valid))
            _add_moments(tallies.share[k], share, weight)
            tallies.share_bins[k, share // SHARE_BIN] += weight


@part
def weigh_unit(
    votes: npt.NDArray[np.int32],
    result: npt.NDArray[np.int32],
    weights: npt.NDArray[np.int64],
    start: int,
    stop: int,
    unit: int,
    tallies: Tallies,
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
    rate: np.int64,
    margin: np.int64,
    won: np.int64,
    weight: np.int64,
    moments: npt.NDArray[np.int64],
    cell: npt.NDArray[np.int64],
) -> None:
    _add(moments[0], rate, weight)
    _add(moments[1], rate * rate, weight)
    _add(moments[2], rate * margin, weight)
    cell[0] += weight
    cell[1] += won * weight
    cell[2] += margin * weight


@part
def weigh_rates(
    row_people: npt.NDArray[np.float64],
    row_votes: npt.NDArray[np.float64],
    votes: npt.NDArray[np.int32],
    result: npt.NDArray[np.int32],
    weights: npt.NDArray[np.int64],
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
