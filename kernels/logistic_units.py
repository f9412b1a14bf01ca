"""Rows of log-odds for all units, moved in each unit by an effect that its rows share: scoring steps.

p_ij = softmax(eta_j + b_i), b_i ~ N(0, width^2 G); y_i about N(sum_j x_ij p_ij, extra B_i) with B_i the multinomial
covariance; eta_j ~ N(prior_j, G / precision).  The last destination's log-odds are 0, and G = 1 + I is what effects of
one size on every destination make of that.  Each unit is taken as linear at its own mode of b.
Source: Breslow and Clayton (1993), doi:10.1080/01621459.1993.10594284, penalized quasi-likelihood.
"""

from __future__ import annotations

import numpy as np

from runoff.kernels._jit import entry, part
from runoff.kernels._types import FloatArray
from runoff.kernels.cholesky import factor, solve
from runoff.kernels.functions import exp, log
from runoff.kernels.unit_tables import fit_units

_BACK, _ON, _LEAST = 0.5, 1.3, 0.05  # of the part of a step that is taken, once it turns back, and while it does not
_RIDGE = 1e-3  # voters^2, so that a destination that nobody is expected at leaves the covariance positive


@part
def _shares(eta: FloatArray, effect: FloatArray, row: FloatArray) -> None:
    """Overwrite `row` float64[D + 1] with the shares of log-odds eta + effect float64[D], the last one's being 0."""
    d = eta.size
    top = np.float64(0.0)
    for k in range(d):
        top = max(top, eta[k] + effect[k])
    row[d] = exp(-top)
    total = row[d]
    for k in range(d):
        row[k] = exp(eta[k] + effect[k] - top)
        total += row[k]
    for k in range(d + 1):
        row[k] /= total


@part
def _moments(
    people: FloatArray, eta: FloatArray, effect: FloatArray, p: FloatArray, mean: FloatArray, b: FloatArray
) -> None:
    """A unit's expected votes `mean` [D] and their covariance by lots `b` [D, D] at its effect; p : [R, D + 1]."""
    d = effect.size
    for k in range(d):
        mean[k] = 0.0
        for m in range(d):
            b[k, m] = 0.0
        b[k, k] = _RIDGE
    for j in range(people.size):
        if people[j] > 0.0:
            row = p[j]
            _shares(eta[j], effect, row)
            for k in range(d):
                share = people[j] * row[k]
                mean[k] += share
                b[k, k] += share
                for m in range(d):
                    b[k, m] -= share * row[m]


@part
def _covariance(b: FloatArray, width2: float, extra: float, gb: FloatArray, s: FloatArray) -> None:
    """`gb` = G B and `s` = extra B + width^2 B G B, factored, all float64[D, D]."""
    d = b.shape[0]
    for m in range(d):
        total = 0.0
        for k in range(d):
            total += b[k, m]
        for k in range(d):
            gb[k, m] = b[k, m] + total
    for k in range(d):
        for m in range(d):
            total = 0.0
            for q in range(d):
                total += b[k, q] * gb[q, m]
            s[k, m] = extra * b[k, m] + width2 * total
    factor(s)


@part
def _distance(votes: FloatArray, mean: FloatArray, b: FloatArray, effect: FloatArray, out: FloatArray) -> None:
    """`out` [D] = y - mean + B b: what is left of a unit's votes where it has no effect."""
    d = effect.size
    for k in range(d):
        total = votes[k] - mean[k]
        for m in range(d):
            total += b[k, m] * effect[m]
        out[k] = total


@part
def _score_units(
    first: FloatArray,
    second: FloatArray,
    eta: FloatArray,
    width: float,
    extra: float,
    effects: FloatArray,
    work: FloatArray,
    p: FloatArray,
    information: FloatArray,
    score: FloatArray,
) -> None:
    """Sums of one scoring step over some units: `information` float64[R D, R D] (its upper triangle) and `score` [R D].

    first, second : float64[n, R], [n, D + 1].  eta : float64[R, D].  effects : float64[n, D], each unit's b, moved by
    one step first.  work : float64[4 D + 2, D] and p : float64[2 R, D + 1] are scratch.
    """
    n_units, n_rows = first.shape
    d = eta.shape[1]
    width2 = width * width
    b, gb, s, v = work[:d], work[d : 2 * d], work[2 * d : 3 * d], work[3 * d : 4 * d]
    mean, left = work[4 * d], work[4 * d + 1]
    shares, weighed = p[:n_rows], p[n_rows:]
    for q in range(n_rows * d):
        score[q] = 0.0
        for r in range(n_rows * d):
            information[q, r] = 0.0
    for i in range(n_units):
        people, votes, effect = first[i], second[i], effects[i]
        total = 0.0
        for j in range(n_rows):
            total += people[j]
        if total <= 0.0:
            continue
        _moments(people, eta, effect, shares, mean, b)
        _covariance(b, width2, extra, gb, s)
        _distance(votes, mean, b, effect, left)
        solve(s, left)
        for k in range(d):
            total = 0.0
            for m in range(d):
                total += gb[k, m] * left[m]
            effect[k] = width2 * total
        _moments(people, eta, effect, shares, mean, b)
        _covariance(b, width2, extra, gb, s)
        _distance(votes, mean, b, effect, left)
        solve(s, left)
        for k in range(d):
            for m in range(d):
                v[k, m] = 0.0
            v[k, k] = 1.0
            solve(s, v[k])
        _add(people, shares, weighed, v, left, information, score)


@entry
def score_units(
    first: FloatArray,
    second: FloatArray,
    eta: FloatArray,
    width: float,
    extra: float,
    effects: FloatArray,
    work: FloatArray,
    p: FloatArray,
    information: FloatArray,
    score: FloatArray,
) -> None:
    """As `_score_units`, for who steps over several blocks."""
    _score_units(first, second, eta, width, extra, effects, work, p, information, score)


@part
def _add(
    people: FloatArray,
    p: FloatArray,
    weighed: FloatArray,
    v: FloatArray,
    left: FloatArray,
    information: FloatArray,
    score: FloatArray,
) -> None:
    """Add a unit's J' V J and J' V r with J_j = x_j (diag(p_j) - p_j p_j'), which never stands there as a matrix."""
    d = left.size
    for j in range(people.size):
        if people[j] > 0.0:
            for k in range(d):
                total = 0.0
                for m in range(d):
                    total += v[k, m] * p[j, m]
                weighed[j, k] = total
    for j in range(people.size):
        if people[j] > 0.0:
            both = 0.0
            for k in range(d):
                both += p[j, k] * left[k]
            for k in range(d):
                score[j * d + k] += people[j] * p[j, k] * (left[k] - both)
            for q in range(j, people.size):
                if people[q] > 0.0:
                    both = 0.0
                    for k in range(d):
                        both += p[j, k] * weighed[q, k]
                    for k in range(d):
                        weight = people[j] * people[q] * p[j, k]
                        rest = both - weighed[q, k]
                        for m in range(d):
                            information[j * d + k, q * d + m] += weight * p[q, m] * (v[k, m] - weighed[j, m] + rest)


@part
def _change(eta: FloatArray, step: FloatArray) -> float:
    """About how much of a row a step in its log-odds float64[D] moves: half of sum_k p_k |step_k - mean step|."""
    d = eta.size
    top = np.float64(0.0)
    for k in range(d):
        top = max(top, eta[k])
    total, mean = exp(-top), 0.0
    for k in range(d):
        share = exp(eta[k] - top)
        total += share
        mean += share * step[k]
    mean /= total
    moved = exp(-top) * abs(mean)
    for k in range(d):
        moved += exp(eta[k] - top) * abs(step[k] - mean)
    return 0.5 * moved / total


@part
def _scored(
    information: FloatArray,
    score: FloatArray,
    prior: FloatArray,
    precision: FloatArray,
    longest: float,
    people: FloatArray,
    pace: FloatArray,
    eta: FloatArray,
) -> float:
    """Move `eta` float64[R, D] by one step; `information` becomes its factor.  Returns the part of all people in it.

    prior : float64[R, D].  precision : float64[R], of each row's prior.  longest : of the step in any log-odds.
    people : float64[R], of each row.
    pace : float64[R D + 1], the step before and the part of it that was taken; zeros at first.  Whole steps can swing
    to and fro for ever: where one turns back half as much of it is taken as of the last, else up to 1.3 times as much.
    """
    n_rows, d = eta.shape
    for j in range(n_rows):
        for k in range(d):
            for m in range(d):
                weight = precision[j] * ((1.0 if k == m else 0.0) - 1.0 / (d + 1))
                information[j * d + k, j * d + m] += weight
                score[j * d + k] += weight * (prior[j, m] - eta[j, m])
    factor(information)
    solve(information, score)
    largest = 0.0
    for q in range(score.size):
        largest = max(largest, abs(score[q]))
    scale, along, last = min(1.0, longest / largest) if largest > 0.0 else 1.0, 0.0, score.size
    for q in range(score.size):
        step = scale * score[q]
        along += step * pace[q]
        pace[q] = step
    part_of = pace[last]
    pace[last] = 1.0 if part_of == 0.0 else max(_BACK * part_of, _LEAST) if along < 0.0 else min(_ON * part_of, 1.0)
    moved, everybody = 0.0, 0.0
    for j in range(n_rows):
        moved += people[j] * _change(eta[j], pace[j * d : (j + 1) * d])
        everybody += people[j]
        for k in range(d):
            eta[j, k] += pace[last] * pace[j * d + k]
    return moved / everybody if everybody > 0.0 else 0.0


@entry
def scored(
    information: FloatArray,
    score: FloatArray,
    prior: FloatArray,
    precision: FloatArray,
    longest: float,
    people: FloatArray,
    pace: FloatArray,
    eta: FloatArray,
) -> float:
    """As `_scored`, for who steps over several blocks."""
    return _scored(information, score, prior, precision, longest, people, pace, eta)


@entry
def all_steps(
    first: FloatArray,
    second: FloatArray,
    eta: FloatArray,
    width: float,
    extra: float,
    effects: FloatArray,
    work: FloatArray,
    p: FloatArray,
    information: FloatArray,
    score: FloatArray,
    prior: FloatArray,
    precision: FloatArray,
    longest: float,
    people: FloatArray,
    pace: FloatArray,
    close: float,
    steps: int,
) -> int:
    """Steps over units of one block until less than `close` of all people is in one, `steps` at most; returns how many.

    The bits of `score_units` and `scored` by turns.
    """
    for step in range(steps):
        _score_units(first, second, eta, width, extra, effects, work, p, information, score)
        if _scored(information, score, prior, precision, longest, people, pace, eta) < close:
            return step + 1
    return steps


@entry
def spreads(factored: FloatArray, column: FloatArray, out: FloatArray) -> None:
    """Overwrite `out` float64[R, D + 1] with the variance of each cell's log-odds against its row's mean log-odds.

    factored : float64[R D, R D], the factor of the information.  column : float64[D, R D], scratch.
    """
    n_rows, c = out.shape
    d = c - 1
    for j in range(n_rows):
        # the covariance of row j's log-odds, a column at a time; only what lies behind row j's first entry is needed
        for k in range(d):
            x = column[k]
            for q in range(x.size):
                x[q] = 0.0
            x[j * d + k] = 1.0
            solve(factored, x)
        every, total = 0.0, 0.0
        for k in range(d):
            for m in range(d):
                every += column[k, j * d + m]
        for k in range(d):
            total = 0.0
            for m in range(d):
                total += column[k, j * d + m]
            out[j, k] = column[k, j * d + k] - 2.0 * total / c + every / (c * c)
        out[j, d] = every / (c * c)


@entry
def moved(
    first: FloatArray, second: FloatArray, eta: FloatArray, effects: FloatArray, tables: FloatArray, out: FloatArray
) -> None:
    """Overwrite `tables` float64[n, R, D + 1] with units' tables of both margins, `out` [R, D + 1] with their sum."""
    for i in range(first.shape[0]):
        for j in range(first.shape[1]):
            _shares(eta[j], effects[i], tables[i, j])
            for k in range(second.shape[1]):
                tables[i, j, k] *= first[i, j]
    fit_units(first, second, tables, out)


@entry
def log_odds(shares: FloatArray, out: FloatArray) -> None:
    """Overwrite `out` float64[R, D] with the log-odds of positive `shares` float64[R, D + 1] against the last."""
    for j in range(out.shape[0]):
        for k in range(out.shape[1]):
            out[j, k] = log(shares[j, k] / shares[j, out.shape[1]])
