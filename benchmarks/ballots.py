"""Ranked ballots of a race like the problem's, for the libraries that count elections: another job than ours.

A forecast made with them draws how the eliminated field's voters rank the finalists, and counts one election
per trial.  Each first-round candidate's voters who come back rank it first and then a finalist; a finalist's
own voters stay; people who did not vote in the first round have no ballot that says so, and are left out.
"""

from __future__ import annotations

import numpy as np

from benchmarks.problem import Floats, Ints, Problem, Rates

FINALISTS = (0, 1)


def rankings(problem: Problem) -> list[tuple[int, ...]]:
    """The ballots' first choices: both finalists, then each eliminated candidate before either finalist."""
    eliminated = range(len(FINALISTS), problem.voted)
    return [FINALISTS, FINALISTS[::-1], *((j, *pair) for j in eliminated for pair in (FINALISTS, FINALISTS[::-1]))]


def weights(problem: Problem, trials: int, rng: np.random.Generator) -> Ints:
    """Whole numbers of ballots in each trial, in the order of `rankings`: int64[trials, ballots]."""
    people = problem.people.sum(axis=0)[: problem.voted]
    turnout, first = (_draw(rates, trials, rng)[:, : problem.voted] for rates in (problem.turnout, problem.preference))
    stay, back = turnout[:, :2] * people[:2], turnout[:, 2:] * people[2:]
    split = np.stack([back * first[:, 2:], back * (1 - first[:, 2:])], axis=2).reshape(trials, -1)
    ballots: Ints = np.rint(np.concatenate([stay, split], axis=1)).astype(np.int64)
    return ballots


def _draw(rates: Rates, trials: int, rng: np.random.Generator) -> Floats:
    z = rng.standard_normal((trials, rates.factors))
    log_odds: Floats = rates.location + np.einsum("jl,tjl->tj", rates.load, z[:, rates.factor])
    return 1 / (1 + np.exp(-log_odds))
