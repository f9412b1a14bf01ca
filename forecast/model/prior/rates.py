"""Rates of a duel's pools from past races: the archive's law of the margin, said in pools.

A pool begins where the law's slope for its relation puts it, returns as its relation does, and is then moved and spread
with all others until their margin is the law's (`matched`).  Everything is rounded to four decimals of log-odds: every
machine starts from equal bits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from runoff.model.prior.fitted.design import SLOPES
from runoff.model.prior.fitted.fields import RETURNS, Fields
from runoff.model.prior.fitted.fits import Fit
from runoff.model.prior.fitted.relations import NONE, RELATIONS
from runoff.model.prior.law import MarginLaw, margin_law
from runoff.model.prior.matched import Pools, matched
from runoff.race import FloatArray, Int64Array

_OWN, _OWN_SD = 3.2, 0.45  # own voters who stay, in log-odds: 96 %; their spread, to that of others
_OTHERS_SD = 1.0
_LEAN = (0.1, 0.9)  # where a pool may begin
_TURNOUT_OWN = 0.35  # sd of a pool's turnout in log-odds, besides what all share
_MOST_SHARED = 2.0
_LEAST_PART = 0.05
_MOST_TURNOUT = 0.97
_NEW_LEAST = 0.005  # share of those who did not vote before
_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Known:
    """What past races may say of a race: a fit, and who says so; law : of the margin, where more is known."""

    fit: Fit
    source: str
    law: MarginLaw | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What the archive says of J pools: log-odds of turnout and of a vote for A, with their sds, float64[J] each.

    turnout_parts, preference_parts : of their variance, what all share, a bloc shares, and the pool has of its own.
    law : of A's margin, one race's.
    """

    turnout: FloatArray
    turnout_sd: FloatArray
    preference: FloatArray
    preference_sd: FloatArray
    turnout_parts: tuple[float, float, float]
    preference_parts: tuple[float, float, float]
    law: MarginLaw


def said(
    known: Known,
    fields: Fields,
    votes: FloatArray,
    bloc: Int64Array,
    new: float,
    log_turnout: tuple[float, float],
    enthusiasm: float = 0.0,
) -> Said:
    """Rates of the pools of one duel.

    Parameters
    ----------
    fields : of this race alone, pools in order.  votes : float64[J], its pools' people; bloc : int64[J], whatever says
        which pools share a part.
    new : people who did not vote in the first round and may now, 0 for none; they come last in what is returned.
    log_turnout : mean and sd of the log of runoff votes over first-round votes.
    enthusiasm : of the race (docs/model.md), which is a part of the margin that is matched.
    """
    law = margin_law(known.fit, fields) if known.law is None else known.law
    slope = known.fit.mean[int(fields.stratum[0])]
    relation, sign = fields.relation[:, 0], fields.relation[:, 1]
    lean = leans(slope, relation, sign)
    preference = np.where(fields.role == 0, _OWN, np.where(fields.role == 1, -_OWN, lean))
    spread = np.where(fields.role >= 0, _OWN_SD, _OTHERS_SD)
    turnout, new_turnout = turnouts(fields.returns, votes, new, log_turnout[0])
    people = votes
    if new > 0:
        people, bloc = np.append(votes, new), np.append(bloc, bloc.max() + 1)
        preference, spread = np.append(preference, 0.0), np.append(spread, _OWN_SD)
        turnout = np.append(turnout, new_turnout)
    shared = shared_turnout(log_turnout[1], people, turnout)
    begun = Pools(
        people=people,
        bloc=bloc,
        turnout=np.log(turnout / (1.0 - turnout)),
        turnout_shared=np.full(len(people), shared),
        turnout_own=np.full(len(people), _TURNOUT_OWN),
        preference=preference,
        preference_sd=spread,
        parts=_parts(law),
        enthusiasm=enthusiasm,
    )
    found = matched(begun, float(law.mean[0]), float(law.sd[0]))
    own = float(found.turnout_own[0]) ** 2
    whole = shared**2 + own
    return Said(
        turnout=np.round(found.turnout, _DECIMALS),
        turnout_sd=np.full(len(people), round(float(np.sqrt(whole)), _DECIMALS)),
        preference=np.round(found.preference, _DECIMALS),
        preference_sd=np.round(found.preference_sd, _DECIMALS),
        turnout_parts=rounded_parts((shared**2 / whole, own / whole / 2.0, own / whole / 2.0)),
        preference_parts=rounded_parts(begun.parts),
        law=law,
    )


def leans(slope: FloatArray, relation: Int64Array, sign: Int64Array) -> FloatArray:
    """Log-odds of a vote for A where each eliminated pool begins: what a slope means once returns are taken out."""
    by_relation = dict(zip(SLOPES, slope.tolist(), strict=True))
    share = np.array([0.5 + by_relation[name] / (2.0 * RETURNS[name]) for name in RELATIONS] + [0.5])
    share = np.clip(share, *_LEAN)
    odds = np.log(share / (1.0 - share))
    found: FloatArray = np.where(relation == NONE, 0.0, odds[relation] * sign)
    return found


def turnouts(returns: FloatArray, votes: FloatArray, new: float, log_turnout: float) -> tuple[FloatArray, float]:
    """Turnout of each pool float64[J] and of the new, so that the total is what is expected; returns : float64[J]."""
    ratio = float(np.exp(log_turnout))
    total = float(votes.sum())
    coming = 0.0
    if new > 0:
        again = 0.95 * ratio / (1.0 + ratio**6.25) ** 0.16
        coming = min(max((ratio - again) * total, _NEW_LEAST * new), 0.5 * new)
    own = (ratio * total - coming) / float(votes @ returns)
    turnout: FloatArray = np.clip(own * returns, 0.01, _MOST_TURNOUT)
    return turnout, (coming / new if new > 0 else 0.0)


def shared_turnout(sd: float, people: FloatArray, turnout: FloatArray) -> float:
    """The sd in log-odds that all pools share, for a race's log turnout to have this sd, bounded."""
    votes = people * turnout
    gained = float(votes @ (1.0 - turnout) / votes.sum())  # by the log of all votes where all log-odds gain one
    return min(sd / max(gained, 0.02), _MOST_SHARED)


def _parts(law: MarginLaw) -> tuple[float, float, float]:
    """What of a preference's variance all pools share, a bloc shares, and a pool has of its own."""
    wind = float(law.wind[0] + law.known[0])
    parts = np.maximum(
        np.array([wind, float(law.relation[0]), float(law.race[0])]) / float(law.sd[0]) ** 2, _LEAST_PART
    )
    shared, bloc, pool = (parts / parts.sum()).tolist()
    return shared, bloc, pool


def rounded_parts(parts: tuple[float, float, float]) -> tuple[float, float, float]:
    """Parts with four decimals that add up to 1."""
    shared, bloc = round(parts[0], _DECIMALS), round(parts[1], _DECIMALS)
    return shared, bloc, round(1.0 - shared - bloc, _DECIMALS)
