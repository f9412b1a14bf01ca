"""Rows of log-odds with an effect that a unit's rows share: the hierarchical fit."""

from __future__ import annotations

import numpy as np

from runoff.estimate.ecological.blocks import Blocks, FloatArray, Votes, in_order
from runoff.estimate.ecological.tables import Fitted
from runoff.kernels import logistic_steps, logistic_units

WIDTH = 0.073  # sd of a unit's effect on log-odds
EXTRA = 2.1  # covariance of a unit's votes, over that of lots
LOOSE = 2.3  # sd of a row's log-odds around what is known before
STEPS = 100  # none of 24 elections took more than half of them
LONGEST = 3.0  # of a step in any log-odds
CLOSE = 3e-4  # of all people, moved by a step


def hierarchical(votes: Votes, before: FloatArray, sd: FloatArray, blocks: Blocks) -> tuple[Fitted, FloatArray]:
    """The fit of kernels/logistic_steps.py, and the variance of its log-odds.

    before : float64[R, C], positive shares of each row, towards which it is drawn.  sd : float64[R], how closely.
    Returns the fit and float64[R, C], variances of each cell's log-odds against its row's mean.
    """
    n, r = votes.first.shape
    c = votes.second.shape[1]
    d = c - 1
    prior = np.empty((r, d))
    logistic_units.log_odds(before, prior)
    eta, effects = prior.copy(), np.zeros((n, d))
    b = len(blocks.parts)
    work, p = np.empty((b, 4 * d + 2, d)), np.empty((b, 2 * r, c))
    information, score = np.empty((b, r * d, r * d)), np.empty((b, r * d))

    precision, pace = 1.0 / (sd * sd), np.zeros(r * d + 1)
    if b == 1:
        factor = information[0]
        done = logistic_steps.all_steps(
            *(votes.first, votes.second, eta, WIDTH, EXTRA, effects, work[0], p[0], factor, score[0]),
            *(prior, precision, LONGEST, votes.origins, pace, CLOSE, STEPS),
        )
    else:

        def sums(number: int, part: slice) -> None:
            at = votes.first[part], votes.second[part], eta, WIDTH, EXTRA, effects[part], work[number], p[number]
            logistic_units.score_units(*at, information[number], score[number])

        done, people = 0, votes.origins
        while done < STEPS:
            done += 1
            blocks.each(sums)
            factor = in_order(information)
            if logistic_steps.scored(factor, in_order(score), prior, precision, LONGEST, people, pace, eta) < CLOSE:
                break
    variance = np.empty((r, c))
    logistic_steps.spreads(factor, np.empty((d, r * d)), variance)
    of_units, totals = np.empty((n, r, c)), np.empty((b, r, c))
    blocks.each(
        lambda number, part: logistic_units.moved(
            votes.first[part], votes.second[part], eta, effects[part], of_units[part], totals[number]
        )
    )
    return Fitted(in_order(totals), of_units, done), variance
