"""The shortcut to a race's totals after its evidence, where it leaves out little enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from runoff.kernels.arrays import Inputs
from runoff.model.evidence import Evidence
from runoff.model.pools import Model
from runoff.simulate.aggregate import summed_inputs
from runoff.simulate.conditioning import Updated, updated
from runoff.simulate.directions import ENOUGH
from runoff.simulate.left_out import variance_left_out


@dataclass(frozen=True, slots=True)
class Totals:
    """Arrays of the race as one unit, and what they may cost.

    after : what evidence makes of them, or None without any.
    votes : mean votes are within so many of drawing every unit and pool by itself.
    left_out : largest share that is left out of a variance (of votes, turnout, margin, or a pool's log-odds) or of the
        covariance of two pools' local effects (as a share of their standard deviations); at most `ENOUGH`.
    """

    inputs: Inputs
    after: Updated | None
    votes: float
    left_out: float


def totals(model: Model, seed: int, evidence: Evidence, groups: Sequence[Sequence[int]] | None = None) -> Totals | None:
    """The arrays, with as many directions of the local effects as it takes; None where units and pools are drawn
    one by one after all.

    groups : pools that are put together, as `summed.like_pools` finds them.

    Evidence sees what pools have of their own and not what units and regions do: after it all directions are kept
    at once, so that nothing of the local effects goes to the pools' own factors.
    """
    for whole in (True,) if evidence.observations else (False, True):
        found = summed_inputs(model, seed, groups=groups, whole=whole)
        if found is None:
            return None
        inputs, bound = found
        after = updated(evidence, inputs, groups) if evidence.observations else None
        inputs = inputs if after is None else after.inputs
        left_out = max(bound.variance, bound.covariance, variance_left_out(inputs, bound.unseen))
        if left_out <= ENOUGH:
            return Totals(inputs, after, bound.votes, left_out)
    return None
