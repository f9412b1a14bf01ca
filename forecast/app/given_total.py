"""Units of a race before its runoff, by `[places]`, where the race's total is given: only the map is forecast."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from runoff.arithmetic.functions import log
from runoff.estimate.tallied import mean_sd
from runoff.model.evidence import evidence_as_of
from runoff.model.posterior import Observation
from runoff.simulate.conditioning import updated
from runoff.simulate.driver import PPM, draw, whole
from runoff.simulate.inputs import to_inputs
from runoff.simulate.places.arrays import with_places

if TYPE_CHECKING:
    from runoff.model.evidence import Evidence
    from runoff.model.pools import Model
    from runoff.race import FloatArray, Int64Array

KNOWN = 0.02  # log-odds, how near the trials' split is to the one given: a narrower one leaves too few trials
_NAME = "the race's total"
_LEAST = 100  # effective trials, below which ranges are chance


@dataclass(frozen=True, slots=True)
class Drawn:
    """The first finalist's share in each unit, with the noise of counting: mean and sd, float64[U] each."""

    mean: FloatArray
    sd: FloatArray
    notes: tuple[str, ...]


def units_given_total(model: Model, total: Int64Array, *, trials: int, seed: int, threads: int) -> Drawn:
    """Units of a race whose finalists have `total` votes in all, int64[K], drawn as `runoff run` draws them.

    Raises
    ------
    ValueError : the race is too large for the kernel.
    """
    evidence = _with_total(evidence_as_of(model, model.race.as_of), model, total)
    after = updated(evidence, with_places(to_inputs(model, seed), model))
    drawn = draw(after.inputs, trials, threads=threads, units=True)
    sums, n = drawn.tallies.unit_share[:, 0], drawn.detail_total
    mean, sd = np.array([mean_sd(whole(its[0]), whole(its[1]), n, 1.0 / PPM) for its in sums]).T
    notes = [note for note in after.notes if f"because of {_NAME}" not in note]  # how many they are is known here
    if drawn.detail_effective < _LEAST:
        worth = f"{drawn.detail_trials:,} trials are worth {drawn.detail_effective:,.0f}"
        notes.append(f"{_NAME} is far from the rates: {worth}; units' ranges are rough, take more trials")
    return Drawn(mean, sd, tuple(notes))


def _with_total(evidence: Evidence, model: Model, total: Int64Array) -> Evidence:
    """The evidence, and the split of the whole race known to KNOWN log-odds."""
    people, last = model.people.sum(axis=0).astype(np.float64), float(total[-1]) + 0.5
    ratios = tuple(
        Observation(_NAME, float(log((float(votes) + 0.5) / last)), people, q) for q, votes in enumerate(total[:-1])
    )
    polls, more = len(evidence.covariance), len(ratios)
    covariance = np.pad(evidence.covariance, ((0, more), (0, more)))
    covariance[polls:, polls:] = KNOWN * KNOWN * (1.0 if more == 1 else 0.5 * (np.eye(more) + 1.0))
    return replace(evidence, observations=(*evidence.observations, *ratios), covariance=covariance)
