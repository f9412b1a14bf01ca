"""Rates of pools where three or four stand in the runoff: between any two of them as in their duel, reconciled.

A pool's log-odds between each two finalists are those of the relation that it would have in their duel; a finalist's
utility for the pool is their mean over the others, which is least squares (the log-ratios then hold together).  Voters
leave those who cannot win: a finalist far behind the first keeps fewer of his own, and all others see who leads.  That
and the spreads were found on 345 French races with three or four finalists, of eight elections.
"""

from __future__ import annotations

import numpy as np

from runoff.model.prior.fitted.fields import RETURNS, Fields
from runoff.model.prior.fitted.fits import Fit
from runoff.model.prior.fitted.relations import RELATIONS, relations
from runoff.model.prior.law import MarginLaw
from runoff.model.prior.rates import Said, leans, rounded_parts, shared_turnout, turnouts
from runoff.race import BoolArray, FloatArray, Int64Array

_OWN, _BEHIND = 3.2, 3.0  # own voters who stay: log-odds to each other finalist, and per log of votes behind the first
_LEAST_OWN = 1.1  # so far behind has nobody stood: three in five of his voters of three stay at least
_LEADS = 1.0  # others' utility per log of a finalist's first-round share
_OWN_SD, _BEHIND_SD = 0.3, 5.0
_MOST_OWN_SD = 1.1
_OTHERS_SD, _NEW_SD = 0.4, 0.2
_TURNOUT_OWN = 0.35
_PARTS = (0.15, 0.25, 0.6)
_DECIMALS = 4


def utilities(
    fit: Fit, stratum: int, share: FloatArray, bloc: Int64Array, stood_down: BoolArray, finalists: int
) -> tuple[FloatArray, FloatArray]:
    """Utilities of K finalists for each of J pools, float64[J, K], and their spread, float64[J].

    share : float64[J], first-round shares; bloc : int64[J]; stood_down : bool[J]; the first K are the finalists' own.
    """
    pools = len(share)
    lead = np.log(share[:finalists] / share[:finalists].max())
    found = np.tile(_LEADS * lead, (pools, 1))
    for i in range(finalists):
        for k in range(finalists):
            if i != k:
                between = relations(bloc, np.full(pools, bloc[i]), np.full(pools, bloc[k]), stood_down)
                found[:, i] += leans(fit.mean[stratum], between[:, 0], between[:, 1]) / finalists
    own = np.arange(finalists)
    found[own] = 0.0
    found[own, own] = np.maximum(_OWN + _BEHIND * lead, _LEAST_OWN)
    spread = np.full(pools, _OTHERS_SD)
    spread[own] = np.minimum(_OWN_SD - _BEHIND_SD * lead, _MOST_OWN_SD)
    return found, spread


def returns_among(bloc: Int64Array, finalists: int) -> FloatArray:
    """How many of each pool return for one of a finalist's: as its nearest relation to any two of them has it."""
    best = np.zeros(len(bloc))
    for i in range(finalists):
        for k in range(i):
            sides = np.full(len(bloc), bloc[i]), np.full(len(bloc), bloc[k])
            relation = relations(bloc, *sides, np.zeros(len(bloc), np.bool_))[:, 0]
            best = np.maximum(best, np.array([RETURNS[name] for name in (*RELATIONS, "none")])[relation])
    best[:finalists] = 1.0
    return best


def said_of_several(
    fit: Fit,
    fields: Fields,
    votes: FloatArray,
    bloc: Int64Array,
    new: float,
    log_turnout: tuple[float, float],
    finalists: int,
) -> tuple[Said, FloatArray, FloatArray]:
    """Rates of the pools of a race with three or four finalists, whose own come first.

    Returns turnouts as `rates.said` does, locations float64[J, K - 1] of the log-ratios to the last finalist, and
    Cholesky factors float64[J, K - 1, K - 1] of their covariance.
    """
    found, spread = utilities(fit, int(fields.stratum[0]), fields.share, fields.bloc, fields.stood_down, finalists)
    returns = returns_among(fields.bloc, finalists)
    turnout, new_turnout = turnouts(returns, votes, new, log_turnout[0])
    people = votes
    if new > 0:
        lead = np.log(fields.share[:finalists] / fields.share[:finalists].max())
        people = np.append(votes, new)
        found, spread = np.vstack([found, _LEADS * lead]), np.append(spread, _NEW_SD)
        turnout = np.append(turnout, new_turnout)
    shared = shared_turnout(log_turnout[1], people, turnout)
    whole = shared**2 + _TURNOUT_OWN**2
    half = _TURNOUT_OWN**2 / whole / 2.0
    pools, ratios = len(people), finalists - 1
    location = found[:, :-1] - found[:, -1:]
    # independent utilities of variance sd^2 / 2: log-ratios of variance sd^2, correlated by a half
    root = np.linalg.cholesky((np.eye(ratios) + 1.0) / 2.0)
    scale = spread[:, None, None] * root
    nothing = np.zeros(1)
    law = MarginLaw(nothing, nothing, nothing, nothing, nothing, nothing)
    said = Said(
        turnout=np.asarray(np.round(np.log(turnout / (1.0 - turnout)), _DECIMALS), np.float64),
        turnout_sd=np.full(pools, round(float(np.sqrt(whole)), _DECIMALS)),
        preference=np.zeros(pools),
        preference_sd=np.zeros(pools),
        turnout_parts=rounded_parts((shared**2 / whole, half, half)),
        preference_parts=_PARTS,
        law=law,
    )
    return said, np.round(location, _DECIMALS), np.asarray(np.round(scale, _DECIMALS), np.float64)
