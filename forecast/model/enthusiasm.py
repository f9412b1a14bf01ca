"""Enthusiasm: a side whose voters like it better has more of them come.

What a pool's turnout does not share with all pools goes with its preference's wind and its bloc's: with t and p the
shocks of a pool's turnout and preference, in log-odds,

    corr(t less the part that all pools share, p's wind and bloc part towards whom the pool leans to) = rho lambda

rho is the race's.  lambda is how far the pool leans: the distance of its preferences' middle from an even split, over
that of a pool of one mind; |2 p - 1| of two finalists.  A pool that splits evenly has as many of either side to come,
so its turnout says nothing.  What pools have of their own stays apart, and every rate keeps the spread that was said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runoff.race import FloatArray

if TYPE_CHECKING:
    from runoff.model.pools import Model


def towards(model: Model) -> FloatArray:
    """Correlation of each pool's turnout with each normal of its preference's factors: float64[J, K - 1].

    A row's length is rho lambda.  Nought where the model has no enthusiasm, or no preference that pools share.
    """
    ratios = len(model.finalists) - 1
    found = np.zeros((len(model.pools), ratios))
    if not model.enthusiasm or model.preference.parts[0] + model.preference.parts[1] <= 0.0:
        return found
    for j, pool in enumerate(model.pools):
        odds = np.exp(np.array([*pool.preference.location, 0.0]))
        away = odds / odds.sum() - 1.0 / (ratios + 1)  # from an even split
        along = np.array(pool.preference.scale).T @ away[:-1]  # as utilities add up to nought
        length = float(np.linalg.norm(along))
        if length > 0.0:
            lean = float(np.linalg.norm(away)) / np.sqrt(1.0 - 1.0 / (ratios + 1))
            found[j] = model.enthusiasm * lean * along / length
    return found


def own_parts(model: Model) -> tuple[FloatArray, FloatArray]:
    """Part of each pool's variance that is its own, of turnout and of preference: float64[J] each."""
    apart = 1.0 - (towards(model) ** 2).sum(axis=1)
    return model.turnout.parts[2] * apart, np.full(len(model.pools), model.preference.parts[2])
