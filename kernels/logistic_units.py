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
def sum_units(
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


score_units = entry(sum_units)  # for who steps over several blocks


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
