"""pref_voting's plurality with runoff on ranked ballots of a race like the problem's: another job than ours.

Its profiles rank every candidate, so the others follow the finalists in order; they are never counted.
"""

from __future__ import annotations

import numpy as np
from pref_voting.iterative_methods import plurality_with_runoff_put
from pref_voting.profiles import Profile

from benchmarks.ballots import rankings, weights
from benchmarks.counts import Contest, Counts
from benchmarks.problem import Problem

NAME = "pref_voting, plurality with runoff"


def prepare(problem: Problem, *, seed: int = 1) -> Contest:
    """One process, as the library has it."""
    rng = np.random.default_rng(seed)
    everybody = range(problem.voted)
    complete = [[*ranking, *(j for j in everybody if j not in ranking)] for ranking in rankings(problem)]

    def contest(trials: int) -> Counts:
        wins = ties = 0
        for numbers in weights(problem, trials, rng):
            winners = plurality_with_runoff_put(Profile(complete, rcounts=numbers.tolist()))
            wins += winners == [0]
            ties += len(winners) > 1
        return Counts(trials, wins, ties, -1, float("nan"), float("nan"))

    return contest
