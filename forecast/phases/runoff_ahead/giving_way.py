"""Where polls are far from what past races say, past races give way: their errors have heavy tails.

A normal prior far from the polls pulls them as hard as one that is near.  What past races say of a race's log-odds is
therefore Student's t with FREEDOM degrees: a normal whose variance is unknown.  Seen from r standard deviations away
(of prior and polls together) that variance is (FREEDOM + r^2) / (FREEDOM + 1) times what it was, the mean of its
inverse's posterior; below one it stays.  Spreads of the preferences that past races said are multiplied by its root,
those that somebody said are not; turnouts stay, as polls of the runoff ask for preferences.

Source: Lange, Little and Taylor (1989), doi:10.1080/01621459.1989.10478852 (weights of the t distribution).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from runoff.model.electorate import electorate, log_ratio_gradients, log_ratios
from runoff.model.evidence import Evidence
from runoff.model.pools import Model
from runoff.race import Rate
from runoff.simulate.inputs import to_inputs

FREEDOM = 4.0
_WORTH_A_WORD = 1.5  # times as wide


def given_way(model: Model, evidence: Evidence, seed: int) -> tuple[Model, str]:
    """The model with rates of past races as wide as the polls ask for, and a note, '' where nobody need know."""
    whole = [i for i, o in enumerate(evidence.observations) if np.count_nonzero(o.people) > 1]
    if not whole or not any("archive" in (pool.turnout.origin, pool.preference.origin) for pool in model.pools):
        return model, ""
    pools = electorate(to_inputs(model, seed))
    origin = np.zeros(pools.n_factors)
    away = 0.0
    for i in whole:
        observed = evidence.observations[i]
        expected = float(log_ratios(pools, observed.people, origin[None, :])[0, observed.ratio])
        spread = log_ratio_gradients(pools, observed.people, origin)[observed.ratio]
        variance = float((spread * spread).sum()) + float(evidence.covariance[i, i])
        away = max(away, (observed.value - expected) ** 2 / variance)
    wider = math.sqrt(max((FREEDOM + away) / (FREEDOM + 1.0), 1.0))
    if wider == 1.0:
        return model, ""
    widened = [replace(pool, preference=_widened(pool.preference, wider)) for pool in model.pools]
    note = f"polls are {math.sqrt(away):.1f} standard deviations from what past races say, which gives way: "
    note += f"its preferences are {wider:.2g} times as wide"
    return replace(model, pools=tuple(widened)), note if wider >= _WORTH_A_WORD else ""


def _widened(rate: Rate, wider: float) -> Rate:
    """A rate of past races with its spread so many times as wide, rounded as those are; others as they are."""
    if rate.origin != "archive":
        return rate
    scale = tuple(tuple(round(value * wider, 4) for value in row) for row in rate.scale)
    return replace(rate, scale=scale)
