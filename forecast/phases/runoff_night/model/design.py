"""From a run file and what is reported to the arrays of `cells` and of `fit`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from runoff import names
from runoff.arithmetic.functions import exp, log, norm, power
from runoff.arithmetic.matrices import cholesky, product
from runoff.data.counts.runoff_count import COMPLETE, PARTIAL, FirstModes, Reported
from runoff.estimate.logistic import TAIL
from runoff.estimate.ratios.shares import logistic
from runoff.estimate.tails import MEAN_SCALE
from runoff.model.electorate import electorate
from runoff.model.evidence import Evidence, evidence_as_of
from runoff.phases.runoff_night.model.base import Base
from runoff.phases.runoff_night.model.cells import NightModel
from runoff.phases.runoff_night.model.effects import SHRINKS, UNIT_TURNOUT, USUAL, WIDER, Common, common_effects
from runoff.phases.runoff_night.model.modes.slopes import mode_slopes
from runoff.phases.runoff_night.model.seen import Polled, Seen, Size
from runoff.phases.runoff_night.sizes import mean_lean
from runoff.race import FloatArray
from runoff.simulate.inputs import contrast, to_inputs

if TYPE_CHECKING:
    from runoff.model.pools import Model
    from runoff.runfile.sections.observed import NightSection


@dataclass(frozen=True, slots=True)
class Prepared:
    """A night before it is fitted.

    factor_stream : uint64[F], random numbers of the factors, the same as an ordinary forecast's.
    tails : whether what is out has a scale of its own.
    """

    model: NightModel
    seen: Seen
    polled: Polled
    evidence: Evidence
    factor_stream: np.ndarray
    regions: tuple[str, ...]
    tails: bool


def prepare(model: Model, first: FirstModes | None, reported: Reported, settings: NightSection, seed: int) -> Prepared:
    """The arrays of a night."""
    inputs = to_inputs(model, seed)
    pools = electorate(inputs)
    names = tuple(dict.fromkeys(model.first_round.regions))
    region = np.array([names.index(name) for name in model.first_round.regions], np.int64)
    base = Base(model, pools, first, reported.modes, region)
    common = common_effects(model, base, settings, reported.modes, inputs.unit_region)
    evidence, effects = evidence_as_of(model, model.race.as_of), common.found
    turnout_effect, lean_effect = np.column_stack(effects.turnout), np.stack(effects.lean, axis=2)
    spread, own_load = _spread(model, base, common, len(reported.modes))
    come = MEAN_SCALE * (turnout_effect[:, base.factors :] ** 2).sum(axis=1) + spread[0] ** 2
    night = NightModel(
        pools=pools,
        people=base.people,
        region=region,
        names=tuple(effects.names),
        turnout_effect=turnout_effect,
        lean_effect=lean_effect,
        votes_effect=np.stack(effects.votes, axis=2),
        preference_effect=np.stack(effects.preference, axis=3),
        base_votes=base.mode_share,
        base_preference=base.lean_of_mode,
        expected_votes=-0.5 * come,  # the mean of exp(e) is exp(variance / 2)
        expected_lean=mean_lean(base, common.pairs) - 0.5 * _bend(base, lean_effect, spread, own_load),
        slopes=mode_slopes(effects, base, settings, reported.modes, WIDER, common.pairs),
        spread=spread,
        own_load=own_load,
        mode_load=contrast(base.ratios),
    )
    polled = Polled(evidence.observations, evidence.covariance, _sizes(reported, settings))
    return Prepared(night, _seen(reported, settings), polled, evidence, inputs.factor_stream, names, settings.tails)


def _bend(base: Base, lean_effect: FloatArray, spread: FloatArray, own_load: FloatArray) -> FloatArray:
    """Twice what a unit's mean shares move by with effects around nought, in log-ratios: float64[Q, U].

    A share near p moves by p (1 - p) (1 - 2 p) variance / 2; of several, that of finalist k by
    p[k] (e[k] - p)' V (e[k] - p) / 2 and what makes shares sum to 1.
    """
    loads = lean_effect[:, :, base.factors :]
    if base.ratios == 1:
        turn = MEAN_SCALE * (loads[0] ** 2).sum(axis=1) + spread[1] ** 2
        only: FloatArray = ((1.0 - 2.0 * logistic(base.lean[0])) * turn)[None]
        return only
    by_unit = loads.transpose(1, 0, 2)  # [U, Q, C]
    variance = MEAN_SCALE * product(by_unit, by_unit.transpose(0, 2, 1)) + product(
        own_load, own_load.transpose(0, 2, 1)
    )
    away = np.eye(base.ratios + 1)[:, : base.ratios, None] - base.share[: base.ratios]  # [K, Q, U]
    pushed = (away[:, :, None] * variance.transpose(1, 2, 0) * away[:, None]).sum(axis=(1, 2))
    result: FloatArray = pushed[:-1] - pushed[-1]
    return result


def _seen(reported: Reported, settings: NightSection) -> Seen:
    votes = reported.votes.sum(axis=2).T.astype(np.float64)
    state = reported.state.T
    complete = state == COMPLETE
    return Seen(
        votes=votes,
        first=reported.votes[:, :, :-1].transpose(2, 1, 0).astype(np.float64),
        size=complete,
        split=(state >= PARTIAL) & (votes > 0),
        extra=np.where(complete, 0.0, settings.partial_sd * settings.partial_sd),
    )


def _sizes(reported: Reported, settings: NightSection) -> tuple[Size, ...]:
    """Stated sizes of modes; of a mode that is complete everywhere there is nothing to state."""
    found, stated = [], names.by_same(settings.sizes)
    for m, mode in enumerate(reported.modes):
        said = stated.get(names.same(mode))
        if said is not None and not (reported.state[:, m] == COMPLETE).all():
            low, high = float(log(said.low)), float(log(said.high))
            found.append(Size(m, (low + high) / 2.0, (high - low) / (2.0 * TAIL)))
    return tuple(found)


def _spread(model: Model, base: Base, common: Common, modes: int) -> tuple[FloatArray, FloatArray]:
    """Prior standard deviations of units' own effects, float64[E, U], and the loads of those on log-ratios.

    With three finalists and more their covariance is in the loads, and their standard deviations are 1.
    """
    size, ratios = common.size, base.ratios
    smaller = power(np.clip(exp(base.votes) / USUAL, 0.01, 333.0), -SHRINKS)
    come = norm(base.come * model.turnout.unit, smaller * min(UNIT_TURNOUT, size.unit))
    if ratios == 1:
        own = [norm(base.turn[0, :, 0] * model.preference.unit, smaller * size.unit)]
        load = np.ones((len(come), 1, 1))
    else:
        own = [np.ones(len(come))] * ratios
        alike, turn = product(contrast(ratios), contrast(ratios).T), base.turn.transpose(1, 0, 2)
        square = (
            model.preference.unit * model.preference.unit * product(product(turn, alike), turn.transpose(0, 2, 1))
            + (smaller * size.unit)[:, None, None] ** 2 * alike
        )
        load = cholesky(square + 1e-14 * np.eye(ratios))
    parts = [come, *own]
    if modes > 1:
        parts += (1 + ratios) * modes * [np.full(len(base.votes), common.said.cell_sd)]
    return np.array(parts), load
