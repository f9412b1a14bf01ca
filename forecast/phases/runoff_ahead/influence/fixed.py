"""Break-even rates: where the first finalist would win half the time, were the rate fixed there and nothing else known.

Given all other rates the first finalist's lead over the second is a straight line in one pool's turnout, and in its
preference; so is it in a bloc's, where all of its pools have the same.  The chance at a rate is the share of points at
which that line is above nought: all other rates are as the model has them by themselves.  That is another question
than at which rate half of the run's trials are won (`break_even` of `rates`), where rates that share factors move
along.  With evidence a fixed rate would change what polls say of the others; then nothing is said here.
"""

from __future__ import annotations

import numpy as np

from runoff.model.pools import Model
from runoff.phases.runoff_ahead.influence.factors import points
from runoff.phases.runoff_ahead.influence.margin import Margin
from runoff.phases.runoff_ahead.influence.rate_totals import members
from runoff.race import FloatArray

_POINTS = 4  # times those of the indices
_HALVINGS = 40
Line = tuple[FloatArray, FloatArray]


def fixed_break_evens(model: Model, margin: Margin) -> list[tuple[float | None, float | None]]:
    """For each row of the rate tables the turnout, and the preference for the first finalist, at which it is even."""
    if len(model.finalists) > 2 or margin.gain.size:
        return [(None, None)] * len(members(model))
    half, _ = points(margin.loads.shape[1], len(model.pools), _POINTS)
    turnout, (share, _) = margin.rates(margin.log_odds(np.concatenate([half, -half])))
    voters, lead = margin.pools.people * turnout, 2.0 * share - 1.0
    all_lead = np.einsum("nj,nj->n", voters, lead)
    found = []
    for pools in members(model):
        own = np.einsum("nj,nj->n", voters[:, pools], lead[:, pools])
        come, rest = voters[:, pools].sum(axis=1), all_lead - own
        by_turnout = rest, lead[:, pools] @ margin.pools.people[pools]
        found.append((_even(by_turnout), _even((rest - come, 2.0 * come))))
    return found


def _even(line: Line) -> float | None:
    """The rate at which half the points' lines are above nought, or None where no rate does that."""
    at, slope = line

    def ahead(rate: float) -> float:
        """The share of points that the first finalist wins, less a half."""
        leads = at + rate * slope
        return float(np.sign(leads).mean()) / 2.0

    low, high = 0.0, 1.0
    sign = 1.0 if ahead(high) > ahead(low) else -1.0
    if sign * ahead(low) > 0.0 or sign * ahead(high) < 0.0:
        return None
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        low, high = (low, middle) if sign * ahead(middle) > 0.0 else (middle, high)
    return (low + high) / 2.0
