"""A race of many units as one: its totals without its units, at nearly the price of a single unit.

What units have of their own (their region's effect and the unit's) moves a pool's votes in two ways.  Its mean
over the pool's people, a normal of known covariance between pools, moves the pool as a whole: a few more
factors.  Its spread around that mean bends the pool's rate: the mean of a logistic over a normal
(`kernels.smooth`).  With n[u, j] people, N their sums over units, n[r, j] those over a region, s the sd of an effect:

    D[j, l] = (s_unit^2 sum_u n[u, j] n[u, l] + s_region^2 sum_r n[r, j] n[r, l]) / (N[j] N[l])
    spread of pool j, squared = s_unit^2 + s_region^2 - D[j, j]

`Bound` says what this may cost against the direct kernel, which draws unit by unit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from forecast.inputs import to_inputs
from forecast.model import Factors, Model
from forecast.race import FloatArray
from kernels.arrays import Inputs
from kernels.streams import Purpose, streams

MOST_FACTORS = 4  # of the local effects' means; more are added while they matter
_ENOUGH = 0.01  # share of the local effects' covariance that may be left out
_SIXTH = 0.4084  # the most that |f^(6)| of the logistic f comes to; tests/forecast/test_summed.py finds it again
_HELD = 8.4e-7  # rates are held this far from 0 and 1
_MOST_ERROR = 1e-4  # of the people: beyond it units are drawn one by one after all


@dataclass(frozen=True, slots=True)
class Bound:
    """What the shortcut may cost.

    votes : the mean of either finalist's votes, given the shared factors, is off by at most this many.
    variance : share of the variance that local effects bring (a small part of the whole) that may be missing.
        f(e) of a normal e with sd s has a variance between s^2 (E f')^2 and s^2 E f'^2 (Chernoff 1981,
        doi:10.1214/aop/1176994428; Cacoullos 1982, doi:10.1214/aop/1176993788), and f'' is at most f'.
    covariance : share of the local effects' covariance between pools that was left out.
    """

    votes: float
    variance: float
    covariance: float


def summed_inputs(model: Model, seed: int) -> tuple[Inputs, Bound] | None:
    """The arrays of the race as one unit, and what that may cost; None where units must be drawn one by one.

    That is so with more than two finalists, and where effects are so wide that the bound on votes exceeds
    one in 10,000 people.  A race of one unit needs no shortcut either.
    """
    if model.people.shape[0] == 1 or len(model.finalists) != 2:
        return None
    people = model.people.sum(axis=0).astype(np.float64)
    kinds = (model.turnout, model.preference)
    effects = [_mean_effect(model, factors) for factors in kinds]
    spreads = [_spread(factors, effect) for factors, effect in zip(kinds, effects, strict=True)]
    error = [_SIXTH * spread**6 / 120.0 for spread in spreads]
    votes = float(people @ (error[0] + error[1] + error[0] * error[1]) + people.sum() * _HELD)
    if votes > _MOST_ERROR * people.sum():
        return None
    loads, left_out = _loads(effects, people)
    widest = max(factors.unit**2 + factors.region**2 for factors in kinds)
    inputs = _with_local(to_inputs(_as_one(model), seed), effects, loads, spreads)
    return inputs, Bound(votes, widest, left_out)


def _as_one(model: Model) -> Model:
    """The race with its units put together and nothing of their own."""
    first = model.first_round
    together = replace(
        first,
        units=(model.race.id,),
        regions=("",),
        votes=first.votes.sum(axis=0, keepdims=True),
        registered=None if first.registered is None else first.registered.sum(keepdims=True),
        ballots=first.ballots.sum(keepdims=True),
    )
    turnout, preference = (replace(factors, region=0.0, unit=0.0) for factors in (model.turnout, model.preference))
    people = model.people.sum(axis=0, keepdims=True)
    return replace(model, first_round=together, people=people, turnout=turnout, preference=preference)


def _mean_effect(model: Model, factors: Factors) -> FloatArray:
    """D: covariance float64[J, J] of the units' effects averaged over each pool's people."""
    people = model.people.astype(np.float64)
    names = list(dict.fromkeys(model.first_round.regions))
    place = np.array([names.index(region) for region in model.first_round.regions])
    of_region = np.zeros((len(names), people.shape[1]))
    np.add.at(of_region, place, people)
    total = np.maximum(people.sum(axis=0), 1.0)
    gram = factors.unit**2 * (people.T @ people) + factors.region**2 * (of_region.T @ of_region)
    effect: FloatArray = gram / np.outer(total, total)
    return effect


def _spread(factors: Factors, effect: FloatArray) -> FloatArray:
    """Standard deviation float64[J] of the units' effects around their mean over the pool's people."""
    spread: FloatArray = np.sqrt(np.maximum(factors.unit**2 + factors.region**2 - np.diag(effect), 0.0))
    return spread


def _loads(effects: list[FloatArray], people: FloatArray) -> tuple[list[FloatArray], float]:
    """Loads float64[J, L] of both kinds of effect on L factors, and the share of covariance they leave out."""
    for n_factors in range(1, MOST_FACTORS + 1):
        loads = [_leading(effect, people, n_factors) for effect in effects]
        left_out = max(_left_out(effect, load, people) for effect, load in zip(effects, loads, strict=True))
        if left_out <= _ENOUGH:
            break
    return loads, left_out


def _leading(effect: FloatArray, people: FloatArray, n_factors: int) -> FloatArray:
    """The loads that keep most of the covariance of votes: eigenvectors of D weighted by people."""
    weight = np.maximum(people, 1.0) / people.sum()
    values, vectors = np.linalg.eigh(effect * np.outer(weight, weight))
    vectors = vectors[:, ::-1][:, :n_factors]
    vectors = vectors * np.where(vectors.sum(axis=0) < 0.0, -1.0, 1.0)  # a sign that no library chooses for us
    values = np.maximum(values[::-1][:n_factors], 0.0)
    load: FloatArray = vectors * np.sqrt(values) / weight[:, None]
    return load


def _left_out(effect: FloatArray, load: FloatArray, people: FloatArray) -> float:
    """Share of the covariance between pools' votes that neither the factors nor the pools' own terms keep."""
    weight = np.outer(people, people)
    rest = np.abs(effect - load @ load.T) * weight
    whole = float((effect * weight).sum())
    return float(rest.sum() - np.trace(rest)) / whole if whole > 0.0 else 0.0


def _with_local(
    inputs: Inputs, effects: list[FloatArray], loads: list[FloatArray], spreads: list[FloatArray]
) -> Inputs:
    """The arrays with the local effects' factors; what these leave of a pool's variance goes to its own factor."""
    first, n_factors = inputs.factor_stream.size, loads[0].shape[1]
    own = [
        np.maximum(np.diag(effect) - (load**2).sum(axis=1), 0.0) for effect, load in zip(effects, loads, strict=True)
    ]
    turnout, preference = inputs.turnout_load.copy(), inputs.preference_load.copy()
    turnout[:, 2] = np.sqrt(turnout[:, 2].astype(np.float64) ** 2 + own[0])
    preference[:, 2, 0, 0] = np.sqrt(preference[:, 2, 0, 0].astype(np.float64) ** 2 + own[1])
    local = [streams(purpose, [""], n_factors)[0] for purpose in (Purpose.LOCAL_TURNOUT, Purpose.LOCAL_PREFERENCE)]
    return inputs._replace(
        factor_stream=np.concatenate([inputs.factor_stream, *local]),
        turnout_load=turnout,
        preference_load=preference,
        local_load=np.stack(loads).astype(np.float32),
        local_factor=np.array([first, first + n_factors], np.int64),
        smooth=np.concatenate([_shape(spread) for spread in spreads], axis=1).astype(np.float32),
    )


def _shape(spread: FloatArray) -> FloatArray:
    """The two constants float64[J, 2] of a mean logistic over this spread (`kernels.smooth`)."""
    twice = 2.0 * np.cosh(np.sqrt(3.0) * spread)
    shape: FloatArray = np.stack([2.0 / 3.0 + twice / 6.0, 1.0 / 3.0 + 5.0 * twice / 6.0], axis=1)
    return shape
