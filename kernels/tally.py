"""What trials add up to: wins, ties, recounts, moments and histograms, all in whole numbers.

Whole numbers add up to the same in any order, so threads, blocks and batches cannot show.  Shares are
tallied in parts per million; a sum that would outgrow 64 bits is kept in two parts (`_add_wide`).
"""

from __future__ import annotations

import numpy as np

from runoff.kernels._jit import part, scalar
from runoff.kernels._types import FloatArray, Int32Array, Int64Array
from runoff.kernels.arrays import PPM, RATE_BIN, SHARE_BIN, Tallies
from runoff.kernels.philox import GROUP

_PPM = np.float64(PPM)
_HALF = np.float64(0.5)
_LOW = np.int64(0xFFFFFFFF)
# Rows of `result` int32[RESULT_ROWS, GROUP]; SHARE and PLACE are scratch.
VALID, TOP, SECOND, MARGIN, SHARE, PLACE, WON = 0, 1, 2, 3, 4, 5, 6


@scalar
def _add_wide(target: Int64Array, value: np.int64) -> None:
    """Add to a sum kept as (low 32 bits, rest): value = rest * 2^32 + low, also for negative values."""
    target[0] += value & _LOW
    target[1] += value >> np.int64(32)


@scalar
def to_ppm(numerator: np.int32, denominator: np.int32) -> np.int32:
    """Numerator / denominator in whole ppm, rounded half up; |numerator| <= denominator, 0 / 0 = 0."""
    ratio = np.float64(numerator) / np.float64(max(denominator, np.int32(1)))
    return np.int32(np.int32(ratio * _PPM + (_PPM + _HALF)) - np.int32(PPM))


@scalar
def share_of(votes: np.int32, per_person: np.float64) -> np.int32:
    """Votes times `per_person` (ppm a vote), rounded: a share of people whose number is the same in every trial."""
    return np.int32(np.float64(votes) * per_person + _HALF)


@part
def judge(votes: Int32Array, result: Int32Array) -> None:
    """Overwrite rows VALID, TOP, SECOND and MARGIN of `result` from `votes` int32[K, GROUP].

    Valid votes, the most votes, the second most, and the first finalist's margin over the best other in
    ppm of valid votes.
    """
    valid, top, second, margin = result[VALID], result[TOP], result[SECOND], result[MARGIN]
    for i in range(GROUP):
        valid[i] = votes[0, i]
        top[i] = votes[0, i]
        second[i] = -1
    for k in range(1, votes.shape[0]):
        row = votes[k]
        for i in range(GROUP):
            valid[i] += row[i]
            second[i] = max(second[i], min(top[i], row[i]))
            top[i] = max(top[i], row[i])
    row = votes[0]
    for i in range(GROUP):
        # whoever leads, the first finalist's best other is the second if the first leads, else the top
        other = second[i] if row[i] == top[i] else top[i]
        margin[i] = to_ppm(np.int32(row[i] - other), valid[i])


@part
def _erase(votes: Int32Array, result: Int32Array, first: int, last: int) -> None:
    """Make trials first..last-1 of a group count for nothing: no votes, a tie, a margin of 0."""
    for i in range(first, last):
        for k in range(votes.shape[0]):
            votes[k, i] = 0
        for row in range(result.shape[0]):
            result[row, i] = 0


@part
def _add_moments(values: Int32Array, target: Int64Array) -> None:
    """Add sum and sum of squares of int32[GROUP], below 2^21 in size, to `target` int64[2, 2]."""
    first = np.int64(0)
    second = np.int64(0)
    for i in range(GROUP):
        value = np.int64(values[i])
        first += value
        second += value * value
    _add_wide(target[0], first)
    _add_wide(target[1], second)


@part
def _add_bins(ppm: Int32Array, offset: int, start: int, stop: int, place: Int32Array, bins: Int64Array) -> None:
    """Count trials start..stop-1 in bins of SHARE_BIN ppm from -offset on; `place` int32[GROUP] is scratch.

    Places are found for the whole group first: that is a vector loop, and counting is not.
    """
    shift, width = np.int32(offset), np.uint32(SHARE_BIN)
    for i in range(GROUP):
        place[i] = np.int32(np.uint32(np.uint32(np.int32(ppm[i] + shift)) // width))
    for i in range(start, stop):
        bins[np.uint32(place[i])] += 1  # unsigned: nothing to check for counting from the end


@part
def _add_votes(votes: Int32Array, result: Int32Array, shift: int, tallies: Tallies) -> None:
    """Add wins, votes and their products of all trials of a group; `shift` keeps products below 2^52."""
    top, second = result[TOP], result[SECOND]
    narrow = np.int32(shift)
    for k in range(votes.shape[0]):
        row = votes[k]
        wins = np.int32(0)
        total = np.int64(0)
        for i in range(GROUP):
            wins += np.int32(1) if row[i] == top[i] and top[i] != second[i] else np.int32(0)
            total += np.int64(row[i])
        tallies.wins[k] += wins
        _add_wide(tallies.votes[k], total)
        for m in range(k + 1):
            other = votes[m]
            product = np.int64(0)
            for i in range(GROUP):
                product += np.int64(row[i] >> narrow) * np.int64(other[i] >> narrow)
            _add_wide(tallies.vote_products[k, m], product)


@part
def tally_race(
    people_total: int,
    vote_shift: int,
    recount_ppm: int,
    votes: Int32Array,
    result: Int32Array,
    start: int,
    stop: int,
    tallies: Tallies,
) -> None:
    """Add trials start..stop-1 of a group to the race's tallies; the group's other trials are erased.

    Loops over the whole group are of constant length, which makes them twice as fast; erased trials add
    nothing but a tie and a recount, and these are taken off.
    """
    erased = start + GROUP - stop
    _erase(votes, result, 0, start)
    _erase(votes, result, stop, GROUP)
    valid, top, second, margin = result[VALID], result[TOP], result[SECOND], result[MARGIN]
    ties = np.int32(0)
    recounts = np.int32(0)
    for i in range(GROUP):
        ties += np.int32(1) if top[i] == second[i] else np.int32(0)
    share_ppm = np.float64(recount_ppm)
    for i in range(GROUP):
        # whole numbers below 2^53, so exact, and a vector of float64 is multiplied in one step
        lead = np.float64(top[i]) - np.float64(second[i])
        recounts += np.int32(1) if lead * _PPM <= share_ppm * np.float64(valid[i]) else np.int32(0)
    tallies.ties[0] += ties - erased
    tallies.recounts[0] += recounts - erased
    _add_votes(votes, result, vote_shift, tallies)
    _add_moments(margin, tallies.margin)
    place = result[PLACE]
    _add_bins(margin, PPM, start, stop, place, tallies.margin_bins)
    share = result[SHARE]
    per_person = _PPM / np.float64(people_total)
    for i in range(GROUP):
        share[i] = share_of(valid[i], per_person)
    _add_moments(share, tallies.turnout)
    _add_bins(share, 0, start, stop, place, tallies.turnout_bins)
    for k in range(tallies.share_bins.shape[0]):
        row = votes[k]
        for i in range(GROUP):
            share[i] = to_ppm(row[i], valid[i])
        _add_moments(share, tallies.share[k])
        _add_bins(share, 0, start, stop, place, tallies.share_bins[k])


@part
def tally_unit(votes: Int32Array, result: Int32Array, start: int, stop: int, unit: int, tallies: Tallies) -> None:
    """Add trials start..stop-1 of a group to one unit's tallies."""
    valid, top, second = result[VALID], result[TOP], result[SECOND]
    for k in range(votes.shape[0]):
        row = votes[k]
        wins = 0
        for i in range(start, stop):
            wins += 1 if row[i] == top[i] and top[i] != second[i] else 0
        tallies.unit_wins[unit, k] += wins
        counts, shares, bins = (tallies.unit_votes[unit, k], tallies.unit_share[unit, k], tallies.unit_bins[unit, k])
        total = np.int64(0)
        for i in range(start, stop):
            total += np.int64(row[i])
            _add_wide(counts[1], np.int64(row[i]) * np.int64(row[i]))
        _add_wide(counts[0], total)
        for i in range(start, stop):
            share = np.int64(to_ppm(row[i], valid[i]))
            _add_wide(shares[0], share)
            _add_wide(shares[1], share * share)
            bins[share // RATE_BIN] += 1


@part
def _tally_rate(
    votes: FloatArray,
    scale: FloatArray,
    result: Int32Array,
    start: int,
    stop: int,
    moments: Int64Array,
    bins: Int64Array,
) -> None:
    """Add the rates votes * scale (in ppm) of trials start..stop-1, with margins and the first finalist's wins.

    Rows SHARE and PLACE of `result` are scratch; its row WON says who won.
    """
    rate, place, margin, won = result[SHARE], result[PLACE], result[MARGIN], result[WON]
    first, second, product = np.int64(0), np.int64(0), np.int64(0)
    for i in range(start, stop):
        rate[i] = np.int32(votes[i] * scale[i] + _HALF)
        place[i] = np.int32(np.uint32(rate[i]) // np.uint32(RATE_BIN))
    for i in range(start, stop):
        value = np.int64(rate[i])
        first += value
        second += value * value
        product += value * np.int64(margin[i])
    _add_wide(moments[0], first)
    _add_wide(moments[1], second)
    _add_wide(moments[2], product)
    for i in range(start, stop):
        cell = bins[np.uint32(place[i])]
        cell[0] += 1
        cell[1] += won[i]
        cell[2] += margin[i]


@part
def _find_winners(votes: Int32Array, result: Int32Array) -> None:
    """Overwrite row WON of `result`: 1 where the first finalist won, by votes (a margin may round to 0)."""
    first, top, second, won = votes[0], result[TOP], result[SECOND], result[WON]
    for i in range(GROUP):
        won[i] = np.int32(1) if first[i] == top[i] and top[i] != second[i] else np.int32(0)


@part
def tally_rates(
    row_people: FloatArray,
    row_votes: FloatArray,
    rate_scale: FloatArray,
    votes: Int32Array,
    result: Int32Array,
    start: int,
    stop: int,
    tallies: Tallies,
) -> None:
    """Add trials start..stop-1 of a group to the rate tables: turnout, preferences, transfers of each row.

    `rate_scale` float64[3, GROUP] is scratch: what makes votes rates of the people and of the voters, and voters.
    """
    finalists = votes.shape[0]
    of_people, of_voters, voters = rate_scale[0], rate_scale[1], rate_scale[2]
    _find_winners(votes, result)
    first, second = np.int64(0), np.int64(0)
    for i in range(start, stop):
        margin = np.int64(result[MARGIN, i])
        first += margin
        second += margin * margin
    _add_wide(tallies.detail_margin[0], first)
    _add_wide(tallies.detail_margin[1], second)
    for row in range(row_votes.shape[0]):
        per_person = _PPM / max(row_people[row], 1.0)
        for i in range(GROUP):
            of_people[i] = per_person
            voters[i] = row_votes[row, 0, i]
        for k in range(1, finalists):
            for i in range(GROUP):
                voters[i] += row_votes[row, k, i]
        for i in range(GROUP):
            of_voters[i] = _PPM / max(voters[i], 1e-300)
        moments, bins = tallies.rate_moments[row], tallies.rate_bins[row]
        _tally_rate(voters, of_people, result, start, stop, moments[0], bins[0])
        for k in range(finalists):
            of_row, where = row_votes[row, k], 1 + k
            _tally_rate(of_row, of_voters, result, start, stop, moments[where], bins[where])
            where += finalists
            _tally_rate(of_row, of_people, result, start, stop, moments[where], bins[where])
