"""The answer without one poll, one pollster, one group: columns of the `evidence` table.

How far the race's expected share would move, and how wide it would be, is known from the posterior
(`runoff.model.without`).  The drawn margins are shifted and stretched by it, as a whole, and counted again: no poll
costs a trial, and what one does has the trials' noise only once.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from runoff.arithmetic.functions import logistic
from runoff.estimate.tallied import mean_sd
from runoff.race import Row
from runoff.simulate.driver import PPM, SHARE_BIN, Drawn, whole

if TYPE_CHECKING:
    from runoff.model.evidence import Evidence
    from runoff.model.without import LeftOut, Without

WHAT = ("", "pollster_", "group_")  # what is left out, as columns begin
NONE: Row = {f"{what}{name}": None for what in WHAT for name in ("p_win_without", "share_without")}


def with_left_out(rows: Sequence[Row], evidence: Evidence, found: LeftOut | None, drawn: Drawn) -> list[Row]:
    """The rows of the `evidence` table with the answer without them; empty where they do not count."""
    if found is None or evidence.heard is None:
        return [{**row, **NONE} for row in rows]
    place = {poll.identity: i for i, poll in enumerate(evidence.heard.polls)}
    margins = _Margins(drawn)
    full = []
    for row, own in zip(rows, evidence.rows, strict=True):
        columns = dict(NONE)
        if own.used:
            i = place[own.poll.identity]
            for what, each in zip(WHAT, (found.poll, found.pollster, found.group), strict=True):
                columns[f"{what}p_win_without"], columns[f"{what}share_without"] = margins.answer(found, each[i])
        full.append({**row, **columns})
    return full


class _Margins:
    """The drawn margins of two finalists, to be moved as a whole."""

    def __init__(self, drawn: Drawn) -> None:
        first, second = drawn.tallies.margin
        self.mean, self.sd = mean_sd(whole(first), whole(second), drawn.total, 1.0 / PPM)
        self.p_win = int(drawn.tallies.wins[0]) / drawn.total
        bins = drawn.tallies.margin_bins.astype(np.float64)
        self.edges = -1.0 + SHARE_BIN / PPM * np.arange(len(bins) + 1)
        self.upto = np.concatenate([[0.0], np.cumsum(bins)]) / bins.sum()

    def answer(self, found: LeftOut, without: Without) -> tuple[float, float]:
        """The first finalist's chance and mean share without some evidence."""
        with_it, less = _share(found.mean), _share(found.mean + without.higher)
        slope, other = with_it * (1.0 - with_it), less * (1.0 - less)
        mean = self.mean + 2.0 * (less - with_it)
        variance = self.sd**2 + 4.0 * ((other * without.sd) ** 2 - (slope * found.sd) ** 2)
        wider = math.sqrt(max(variance, 1e-12)) / max(self.sd, 1e-6)
        even = self.mean - mean / wider  # the drawn margin that would be 0
        below, at_nought = np.interp([even, 0.0], self.edges, self.upto)
        chance = self.p_win + float(at_nought - below)
        return min(max(chance, 0.0), 1.0), min(max((1.0 + mean) / 2.0, 0.0), 1.0)


def _share(log_odds: float) -> float:
    return float(logistic(log_odds))
