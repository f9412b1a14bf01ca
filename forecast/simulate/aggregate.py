"""Totals of a race without its units, and without telling like pools apart, at a fraction of the price.

What units have of their own (their region's effect and the unit's) moves a pool's votes in two ways.  Its mean
over the pool's people, a normal of known covariance between pools, moves the pool as a whole: a few more
factors.  Its spread around that mean bends the pool's rate: the mean of a logistic over a normal
(`runoff.kernels.smooth`).  With n[u, j] people, N their sums over units, n[r, j] those over a region, s the sd of an
effect:

    D[j, l] = (s_unit^2 sum_u n[u, j] n[u, l] + s_region^2 sum_r n[r, j] n[r, l]) / (N[j] N[l])
    spread of pool j, squared = s_unit^2 + s_region^2 - D[j, j]

Pools of one bloc with the same rates differ only by their own factors, and are put together in the same way: of the
variance s^2 of their own terms a part c = sum N[i]^2 / (sum N[i])^2 moves the sum, and (1 - c) s^2 is spread.

`Bound` says what this may cost against the kernel that draws unit by unit and pool by pool, and
`runoff.simulate.left_out` what of the variances of votes and margin.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from runoff.arithmetic.functions import exp, norm, square
from runoff.arithmetic.matrices import product
from runoff.kernels.arrays import Inputs
from runoff.kernels.streams import Purpose, stream
from runoff.model.places import FLAT
from runoff.model.pools import Factors, Model, own_parts
from runoff.model.rates import apart
from runoff.race import FloatArray, Int64Array
from runoff.simulate.directions import ENOUGH, Directions, directions, mean_effect
from runoff.simulate.inputs import to_inputs
from runoff.simulate.left_out import Unseen
from runoff.simulate.places.arrays import less_own
from runoff.simulate.places.bends import bending_error
from runoff.simulate.places.effects import mean_effects

_LEVELS = 3  # factors of a rate: shared, bloc, pool; a turnout may have others, the last of them its bloc's
_SIXTH = 0.4084  # the most that |f^(6)| of the logistic f comes to; its test finds it again
_HELD = 8.4e-7  # rates are held this far from 0 and 1
# Beyond these units and pools are drawn one by one after all: error of mean votes as a share of the people, and the
# share of a pool's variance that may be missing.
_MOST_ERROR, _MOST_MISSING = 1e-4, ENOUGH


@dataclass(frozen=True, slots=True)
class Bound:
    """What the shortcut may cost.

    votes : the mean of either finalist's votes, given the shared factors, is off by at most this many.
    variance : share of a pool's variance that may be missing: what is spread bends each rate by itself, and the sum
        over units and pools bends only by its mean.  To second order, with f'' at most f' of the logistic f, that
        is spread^2 / 2 of the variance of the mean effect, which is itself a part of the pool's.
    covariance : share of the local effects' covariance between pools that was left out, of all pools together or of
        two pools' standard deviations, whichever is larger.
    unseen : the covariances behind these, for `left_out.variance_left_out`.
    """

    votes: float
    variance: float
    covariance: float
    unseen: Unseen


@dataclass(frozen=True, slots=True)
class _Side:
    """Own effects of one kind, turnout or preference, in log-odds.

    effect : float64[J, J], D; own, common : float64[J], variances of the pool's own terms and of the shared ones;
    part : float64[J], c of the module's docstring; local : float64[J], variance of a person's local effects;
    most : the largest of any unit.
    """

    effect: FloatArray
    own: FloatArray
    common: FloatArray
    part: FloatArray
    local: FloatArray
    most: float

    @property
    def spread(self) -> FloatArray:
        """Standard deviation around the pools' mean effects: float64[J]."""
        variance = self.local - np.diag(self.effect) + (1.0 - self.part) * self.own
        return np.sqrt(np.maximum(variance, 0.0))

    @property
    def own_spread(self) -> FloatArray:
        """The same of the pools' own terms alone: float64[J]."""
        return np.sqrt((1.0 - self.part) * self.own)

    @property
    def missing(self) -> float:
        """Largest share of a pool's variance that may be missing."""
        moved = np.diag(self.effect) + self.part * self.own
        return float((self.spread**2 / 2.0 * moved / np.maximum(self.common + moved, 1e-300)).max())

    @property
    def moved(self) -> FloatArray:
        """Covariance of the means of all own effects: float64[J, J]."""
        return self.effect + np.diag(self.part * self.own)

    @property
    def bounds(self) -> FloatArray:
        """The most that the effects of two people of two pools have in common: float64[J, J]."""
        return np.full(self.effect.shape, self.most) + np.diag(self.own)


def summed_inputs(
    model: Model, seed: int, *, groups: Sequence[Sequence[int]] | None = None, whole: bool = False
) -> tuple[Inputs, Bound] | None:
    """The arrays of the race as one unit, and what that may cost; None where it does not serve.

    groups : pools that are put together too, as `like_pools` finds them; the arrays then have a pool for each group,
        and serve for totals only.
    whole : the local effects' covariance is kept whole, where leading directions were found not to be enough.

    It does not serve with more than two finalists, where effects are so wide that mean votes could be off by one in
    10,000 people or a pool's variance by one per cent, and where there is nothing to put together.
    """
    alike = groups is not None
    groups = groups or [[j] for j in range(len(model.pools))]
    if len(model.finalists) != 2 or (model.people.shape[0] == 1 and len(groups) == len(model.pools)):
        return None
    part = np.array([_concentration(model.people[:, group].sum(axis=0)) for group in groups])
    model = _together(model, groups)
    people = model.people.sum(axis=0).astype(np.float64)
    turnout, preference = _sides(model, part)
    error = [
        _SIXTH * square(side.spread) * square(side.spread) * square(side.spread) / 120.0
        for side in (turnout, preference)
    ]
    votes = float((people * (error[0] + error[1] + error[0] * error[1] + bending_error(model) + _HELD)).sum())
    missing = max(turnout.missing, preference.missing)
    if votes > _MOST_ERROR * people.sum() or missing > _MOST_MISSING:
        return None
    found = directions((turnout.effect, preference.effect), people, whole=whole)
    inputs = less_own(_with_own(to_inputs(_as_one(model), seed), np.sqrt(part)), model)
    inputs = _with_local(_fewer_factors(inputs) if alike else inputs, (turnout, preference), found)
    unseen = Unseen(
        kept=found.kept,
        lost=found.lost,
        moved=(turnout.moved, preference.moved),
        most=(turnout.bounds, preference.bounds),
    )
    return inputs, Bound(votes, missing, max(found.pairs, found.votes), unseen)


def like_pools(model: Model, alone: Collection[int] = ()) -> list[list[int]]:
    """Places of pools that differ in nothing but size and name, group by group; those `alone` stay by themselves."""
    groups: dict[object, list[int]] = {}
    for place, pool in enumerate(model.pools):
        rates = [(rate.location, rate.scale, rate.joint) for rate in (pool.turnout, pool.preference)]
        key = place if place in alone else (pool.bloc, pool.kind, *rates)
        groups.setdefault(key, []).append(place)
    return list(groups.values())


def _concentration(people: Int64Array) -> float:
    """Sum of squared shares: 1 for one pool, 1/n for n equal ones."""
    total = max(int(people.sum()), 1)
    return 1.0 if people.size == 1 else float(((people / total) ** 2).sum())


def _together(model: Model, groups: Sequence[Sequence[int]]) -> Model:
    """The model with a pool for each group."""
    pools = []
    for group in groups:
        first, others = model.pools[group[0]], len(group) - 1
        name = f"{first.name} and {others} alike" if others else first.name
        pools.append(replace(first, name=name, people=sum(model.pools[j].people for j in group)))
    people = np.stack([model.people[:, group].sum(axis=1) for group in groups], axis=1)
    whole = len(groups) == len(model.pools)  # the arrays then serve for the rates by pool and bloc too
    return replace(model, pools=tuple(pools), people=people, bloc_rows=model.bloc_rows if whole else ())


def _sides(model: Model, part: FloatArray) -> tuple[_Side, _Side]:
    """Own effects of turnout and of preference."""
    kinds, sides = (model.turnout, model.preference), []
    for factors, (scale, joint), alone, centred in zip(
        kinds, _scales(model), own_parts(model), mean_effects(model), strict=True
    ):
        variance, own = _local_variance(model, factors), alone * scale**2
        people = model.people / np.maximum(model.people.sum(axis=0), 1)
        local = product(variance, people) if model.first_round.averaged is not None else np.full(own.size, variance[0])
        local = local + np.diag(centred)
        common = (1.0 - alone) * scale**2 + joint
        most = float(variance.max() + np.diag(centred).max())
        sides.append(_Side(mean_effect(model, factors) + centred, own, common, part, local, most))
    return sides[0], sides[1]


def _local_variance(model: Model, factors: Factors) -> FloatArray:
    """Variance of the local effects of each unit: float64[U]."""
    left = model.first_round.averaged
    if left is None:
        return np.full(model.people.shape[0], square(factors.unit) + square(factors.region))
    variance: FloatArray = product(left, np.array([square(factors.unit), square(factors.region)]))
    return variance


def _scales(model: Model) -> list[tuple[FloatArray, FloatArray]]:
    """Of turnout and of preference: sds of the pools' log-odds, and the variance that estimates share on top."""
    kinds = [pool.turnout for pool in model.pools], [pool.preference for pool in model.pools]
    scales = [np.array([apart(rate)[0, 0] for rate in rates]) for rates in kinds]
    whole = [np.array([rate.scale[0][0] for rate in rates]) for rates in kinds]
    return [(scale, np.maximum(of**2 - scale**2, 0.0)) for scale, of in zip(scales, whole, strict=True)]


def _with_own(inputs: Inputs, part: FloatArray) -> Inputs:
    """The arrays with each pool's own loads times `part` float64[J]."""
    turnout, preference = inputs.turnout_load.copy(), inputs.preference_load.copy()
    turnout[:, 2] *= part.astype(np.float32)
    preference[:, 2] *= part.astype(np.float32)[:, None, None]
    return inputs._replace(turnout_load=turnout, preference_load=preference)


def _as_one(model: Model) -> Model:
    """The race with its units put together and nothing of their own."""
    first = model.first_round
    together = replace(
        first,
        units=(model.race.id,),
        regions=("",),
        votes=first.votes.sum(axis=0, keepdims=True),
        registered=None if first.registered is None else first.registered.sum(keepdims=True),
        averaged=None,
        ballots=first.ballots.sum(keepdims=True),
    )
    turnout, preference = (replace(factors, region=0.0, unit=0.0) for factors in (model.turnout, model.preference))
    people = model.people.sum(axis=0, keepdims=True)
    return replace(model, first_round=together, people=people, turnout=turnout, preference=preference, places=FLAT)


def _fewer_factors(inputs: Inputs) -> Inputs:
    """The arrays without the factor of a bloc that has one pool: its own factor takes it in, their squares added.

    A turnout that goes with the bloc's preference goes with what took it in, and what is left of it is the turnout's.
    """
    turnout, preference = inputs.turnout_load.copy(), inputs.preference_load.copy()
    rows = [inputs.turnout_factor.copy(), inputs.preference_factor.copy()]
    alone = (rows[1][:, 1][:, None] == rows[1][:, 1]).sum(axis=1) == 1
    if turnout.shape[1] > _LEVELS:
        of_bloc, own = preference[alone, 1, 0, 0], preference[alone, 2, 0, 0]
        both = np.maximum(norm(of_bloc.astype(np.float64), own), 1e-30).astype(np.float32)
        turnout[alone, 2] = norm(turnout[alone, 2].astype(np.float64), turnout[alone, -1] * own / both)
        turnout[alone, -1] *= of_bloc / both
        rows[0][alone, -1] = rows[1][alone, 2]
    for load, row in zip((turnout, preference[:, :, 0, 0]), rows, strict=True):
        load[alone, 2] = norm(load[alone, 1].astype(np.float64), load[alone, 2])
        load[alone, 1] = 0.0
        row[alone, 1] = row[alone, 2]
    joint = inputs.joint_factor + np.arange(inputs.joint_load.shape[2])
    used = np.unique(np.concatenate([*(row.ravel() for row in rows), joint]))
    return inputs._replace(
        factor_stream=inputs.factor_stream[used],
        turnout_load=turnout,
        preference_load=preference,
        turnout_factor=np.searchsorted(used, rows[0]),
        preference_factor=np.searchsorted(used, rows[1]),
        joint_factor=int(np.searchsorted(used, inputs.joint_factor)),
    )


def _with_local(inputs: Inputs, sides: tuple[_Side, _Side], found: Directions) -> Inputs:
    """The arrays with the local effects' factors; what these leave of a pool's variance goes to its own factor."""
    first, n_factors = inputs.factor_stream.size, found.loads[0].shape[1]
    own = [
        np.maximum(np.diag(side.effect) - (load**2).sum(axis=1), 0.0)
        for side, load in zip(sides, found.loads, strict=True)
    ]
    turnout, preference = inputs.turnout_load.copy(), inputs.preference_load.copy()
    turnout[:, 2] = np.sqrt(turnout[:, 2].astype(np.float64) ** 2 + own[0])
    preference[:, 2, 0, 0] = np.sqrt(preference[:, 2, 0, 0].astype(np.float64) ** 2 + own[1])
    kinds = (Purpose.LOCAL_TURNOUT, Purpose.LOCAL_PREFERENCE)
    local = [np.array([stream(kind, "", m) for m in range(n_factors)], np.uint64) for kind in kinds]
    return inputs._replace(
        factor_stream=np.concatenate([inputs.factor_stream, *local]),
        turnout_load=turnout,
        preference_load=preference,
        local_load=np.stack(found.loads).astype(np.float32),
        local_factor=np.array([first, first + n_factors], np.int64),
        smooth=np.concatenate([_shape(side.spread) for side in sides], axis=1).astype(np.float32),
        watched_smooth=np.concatenate([_shape(side.own_spread) for side in sides], axis=1).astype(np.float32),
    )


def _shape(spread: FloatArray) -> FloatArray:
    """The two constants float64[J, 2] of a mean logistic over this spread (`runoff.kernels.smooth`)."""
    twice = exp(math.sqrt(3.0) * spread) + exp(-math.sqrt(3.0) * spread)
    return np.stack([2.0 / 3.0 + twice / 6.0, 1.0 / 3.0 + 5.0 * twice / 6.0], axis=1)
