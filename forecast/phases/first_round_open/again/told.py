"""What a question sees of an open first round's trials: the first round's votes, and the runoff's of the two in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runoff.phases.asked import FIRST_ROUND, NOBODY, RACE, Askable, Block, Counted

if TYPE_CHECKING:
    from runoff.phases.base import Asking
    from runoff.phases.first_round_open.phase import Data, Drawn

_BLOCK = 65_536  # trials told together
FLAGS = ("advances", "outright")
_FIX = "ask of the race, or `in first round`: turnout in first round > 0.4"


def askable(data: Data) -> Askable:
    """The first round, and the race, which is the runoff where one is held."""
    names = tuple(candidate.name for candidate in data.case.first_round.candidates)
    why = "the runoff of an open first round is drawn for totals alone"
    absent = dict.fromkeys(("units", "regions", "pools", "blocs"), (why, _FIX))
    return Askable(names, {"first round": ()}, absent, flags=FLAGS)


def tell(drawn: Drawn, asking: Asking) -> None:
    """Let a question hear the trials that were drawn."""
    for start in range(0, len(drawn.totals), _BLOCK):
        cut = slice(start, min(start + _BLOCK, len(drawn.totals)))
        found = {RACE: runoff(drawn, cut)}
        if FIRST_ROUND in asking.places:
            found[FIRST_ROUND] = Counted(drawn.totals[cut], float(drawn.registered))
        asking.hear(Block(start, np.empty(0), found))


def runoff(drawn: Drawn, cut: slice) -> Counted:
    """The runoffs of some trials, a column a candidate: who is not in it has no votes, and is not known there."""
    pair, votes = drawn.finals.pair[cut], drawn.finals.votes[cut]
    n, candidates = len(pair), drawn.totals.shape[1]
    every, known = np.zeros((n, candidates), np.int64), np.zeros((n, candidates), np.bool_)
    held = np.flatnonzero(pair[:, 0] != NOBODY)
    for side in range(2):
        every[held, pair[held, side]] = votes[held, side]
        known[held, pair[held, side]] = True
    outright = drawn.finals.outright[cut, None] == np.arange(candidates)
    flags = {"advances": known, "outright": outright}
    return Counted(every, float(drawn.registered), known, drawn.finals.winner[cut], flags)
