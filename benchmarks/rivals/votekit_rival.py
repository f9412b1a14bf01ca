"""VoteKit's TopTwo on ranked ballots of a race like the problem's: another job than ours, an election a trial."""

from __future__ import annotations

import numpy as np
from votekit.ballot import RankBallot
from votekit.elections import TopTwo
from votekit.pref_profile import RankProfile

from benchmarks.ballots import rankings, weights
from benchmarks.counts import Contest, Counts
from benchmarks.problem import Problem

NAME = "VoteKit, TopTwo"


def prepare(problem: Problem, *, seed: int = 1) -> Contest:
    """One process, as the library has it."""
    rng = np.random.default_rng(seed)
    candidates = [f"candidate {j}" for j in range(problem.voted)]
    ranked = [[{candidates[j]} for j in ranking] for ranking in rankings(problem)]

    def contest(trials: int) -> Counts:
        wins = 0
        for numbers in weights(problem, trials, rng):
            ballots = [
                RankBallot(ranking=ranking, weight=float(number))
                for ranking, number in zip(ranked, numbers, strict=True)
                if number > 0
            ]
            election = TopTwo(RankProfile(ballots=ballots, candidates=candidates), tiebreak="random")
            wins += candidates[0] in election.get_elected()[0]
        return Counts(trials, wins, 0, -1, float("nan"), float("nan"))

    return contest
