"""Scoring steps of rows of log-odds, whose sums over units `logistic_units` makes: solved, and taken in part.

Whole steps can swing to and fro for ever, as each unit is taken as linear at its own mode: `scored` says how far to go.
"""

from __future__ import annotations

import numpy as np

from runoff.kernels._jit import entry, part
from runoff.kernels._types import FloatArray
from runoff.kernels.cholesky import factor, solve
from runoff.kernels.functions import exp
from runoff.kernels.logistic_units import sum_units

_BACK, _ON, _LEAST = 0.5, 1.3, 0.05  # of the part of a step that is taken, once it turns back, and while it does not


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


scored = entry(_scored)  # for who steps over several blocks


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
        sum_units(first, second, eta, width, extra, effects, work, p, information, score)
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
