"""From a run file and what is reported to the arrays of `cells` and of `fit`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from runoff import names
from runoff.data.counts.runoff_count import COMPLETE, PARTIAL, FirstModes, Reported
from runoff.estimate.logistic import TAIL
from runoff.estimate.tails import MEAN_SCALE
from runoff.model.electorate import electorate
from runoff.model.evidence import Evidence, evidence_as_of
from runoff.model.places import kind_of
from runoff.phases.runoff_night.model.base import Base
from runoff.phases.runoff_night.model.cells import NightModel, logistic
from runoff.phases.runoff_night.model.effects import (
    SHRINKS,
    UNIT_TURNOUT,
    USUAL,
    WIDER,
    Sizes,
    common_effects,
    sizes,
)
from runoff.phases.runoff_night.model.modes.slopes import mode_slopes
from runoff.phases.runoff_night.model.seen import Polled, Seen, Size
from runoff.race import FloatArray
from runoff.simulate.inputs import to_inputs

if TYPE_CHECKING:
    from runoff.model.pools import Model
    from runoff.runfile.sections.observed import NightSection


@dataclass(frozen=True, slots=True)
class Prepared:
    """A night before it is fitted.

    factor_stream : uint64[F], random numbers of the factors, the same as an ordinary forecast's.
    """

    model: NightModel
    seen: Seen
    polled: Polled
    evidence: Evidence
    factor_stream: np.ndarray
    regions: tuple[str, ...]


def prepare(model: Model, first: FirstModes | None, reported: Reported, settings: NightSection, seed: int) -> Prepared:
    """The arrays of a night."""
    inputs = to_inputs(model, seed)
    pools = electorate(inputs)
    names = tuple(dict.fromkeys(model.first_round.regions))
    region = np.array([names.index(name) for name in model.first_round.regions], np.int64)
    base = Base(model, pools, first, reported.modes, region)
    size = sizes(kind_of(model.first_round, model.finalists), settings)
    effects = common_effects(model, base, size, settings, reported.modes, inputs.unit_region)
    evidence = evidence_as_of(model, model.race.as_of)
    turnout_effect, lean_effect = np.column_stack(effects.turnout), np.column_stack(effects.lean)
    spread = _spread(model, base, size, settings, len(reported.modes))
    come, turn = (MEAN_SCALE * (loads[:, base.factors :] ** 2).sum(axis=1) + own**2
                  for loads, own in ((turnout_effect, spread[0]), (lean_effect, spread[1])))  # fmt: skip
    night = NightModel(
        pools=pools,
        people=base.people,
        region=region,
        names=tuple(effects.names),
        turnout_effect=turnout_effect,
        lean_effect=lean_effect,
        votes_effect=_stacked(effects.votes),
        preference_effect=_stacked(effects.preference),
        base_votes=base.share,
        base_preference=base.lean_of_mode,
        # the mean of exp(e) is exp(variance / 2); that of a share near p moves by p (1 - p) (1 - 2 p) variance / 2
        expected_votes=-0.5 * come,
        expected_lean=size.slope * base.centred_lean(base.x) - 0.5 * (1.0 - 2.0 * logistic(base.lean)) * turn,
        slopes=mode_slopes(effects, base, settings, reported.modes, WIDER),
        spread=spread,
    )
    polled = Polled(evidence.observations, evidence.covariance, _sizes(reported, settings))
    return Prepared(night, _seen(reported, settings), polled, evidence, inputs.factor_stream, names)


def _stacked(columns: list[FloatArray]) -> FloatArray:
    """Columns float64[M, R] as float64[M, R, C]."""
    result: FloatArray = np.stack(columns, axis=2)
    return result


def _seen(reported: Reported, settings: NightSection) -> Seen:
    votes = reported.votes.sum(axis=2).T.astype(np.float64)
    state = reported.state.T
    complete = state == COMPLETE
    return Seen(
        votes=votes,
        first=reported.votes[:, :, 0].T.astype(np.float64),
        size=complete,
        split=(state >= PARTIAL) & (votes > 0),
        extra=np.where(complete, 0.0, settings.partial_sd**2),
    )


def _sizes(reported: Reported, settings: NightSection) -> tuple[Size, ...]:
    """Stated sizes of modes; of a mode that is complete everywhere there is nothing to state."""
    found, stated = [], names.by_same(settings.sizes)
    for m, mode in enumerate(reported.modes):
        said = stated.get(names.same(mode))
        if said is not None and not (reported.state[:, m] == COMPLETE).all():
            low, high = math.log(said.low), math.log(said.high)
            found.append(Size(m, (low + high) / 2.0, (high - low) / (2.0 * TAIL)))
    return tuple(found)


def _spread(model: Model, base: Base, size: Sizes, settings: NightSection, modes: int) -> FloatArray:
    """Prior standard deviations of units' own effects: float64[E, U]."""
    smaller = np.clip(np.exp(base.votes) / USUAL, 0.01, 333.0) ** -SHRINKS
    parts = [
        np.hypot(base.come * model.turnout.unit, smaller * min(UNIT_TURNOUT, size.unit)),
        np.hypot(base.turn * model.preference.unit, smaller * size.unit),
    ]
    if modes > 1:
        parts += 2 * modes * [np.full(len(base.votes), settings.cell_sd)]
    return np.array(parts)
