"""The kernel's arrays after evidence, and what a reader must know of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from runoff.arithmetic.functions import logistic
from runoff.arithmetic.matrices import product
from runoff.kernels.arrays import Inputs
from runoff.model.electorate import electorate, log_ratio_gradients, log_ratios
from runoff.model.evidence import Evidence, compared, far_from_prior
from runoff.model.posterior import FAR, Posterior, bent, update
from runoff.model.without import LeftOut, left_out
from runoff.race import FloatArray
from runoff.simulate.normals import GROUP, normals

_WATCHED = 4 * GROUP  # trials by which weights are judged
_MOST_LATE = 3  # notes on polls that came too late, one by one


@dataclass(frozen=True, slots=True)
class Moved:
    """What evidence does to the first finalist's expected two-way share against the last, given nothing else.

    Median and standard deviation on the log-odds scale, before and after; regions, units and counting left out.
    """

    before: float
    before_sd: float
    after: float
    after_sd: float

    def columns(self) -> dict[str, float]:
        """The same as shares, for the `run` table; a standard deviation is that of log-odds times the slope."""
        found = {}
        for name, at, sd in (("before", self.before, self.before_sd), ("after", self.after, self.after_sd)):
            share = float(logistic(at))
            found[f"share_{name}"], found[f"share_{name}_sd"] = share, sd * share * (1.0 - share)
        return found


@dataclass(frozen=True, slots=True)
class Updated:
    """Arrays that draw from the posterior; the evidence behind them; notes; the race without parts of the evidence."""

    inputs: Inputs
    evidence: Evidence
    moved: Moved
    notes: tuple[str, ...]
    left_out: LeftOut | None = None


def observed_alone(evidence: Evidence) -> frozenset[int]:
    """Places of the pools that a crosstab tells apart from others."""
    seen = [np.flatnonzero(observation.people) for observation in evidence.observations]
    return frozenset(int(places[0]) for places in seen if places.size == 1)


def updated(evidence: Evidence, inputs: Inputs, groups: Sequence[Sequence[int]] | None = None) -> Updated:
    """The arrays after evidence that counts (`evidence.observations` is not empty).

    groups : the model's pools that each pool of the arrays stands for; by default each for itself.
    """
    observations = evidence.observations
    if groups is not None:
        summed = [np.array([o.people[list(group)].sum() for group in groups]) for o in observations]
        observations = tuple(replace(o, people=people) for o, people in zip(observations, summed, strict=True))
    pools = electorate(inputs)
    posterior = update(pools, observations, evidence.covariance)
    shown = compared(evidence, pools, posterior) if groups is None else evidence
    far = far_from_prior(evidence, pools) if groups is None else ()
    notes = [*shortened(evidence.notes, evidence), *(far or posterior.warnings), *_apart(shown)]
    watched = bent(pools, posterior, _normals(inputs.factor_stream))
    notes += [f"because of {name} few trials carry most of the weight" for name in watched]
    people = pools.people
    at = [np.zeros(pools.n_factors), posterior.mean]
    median = [float(log_ratios(pools, people, z[None, :])[0, 0]) for z in at]
    slope = [log_ratio_gradients(pools, people, z)[0] for z in at]
    narrowed = slope[1] - product(product(slope[1], posterior.basis) * posterior.gain, posterior.basis.T)
    moved = Moved(median[0], math.sqrt(float((slope[0] ** 2).sum())), median[1], math.sqrt(float((narrowed**2).sum())))
    heard = evidence.heard if groups is None else None
    rest = None if heard is None else left_out(heard, pools, posterior.mean)
    return Updated(with_posterior(inputs, posterior), shown, moved, tuple(dict.fromkeys(notes)), rest)


def _normals(streams: np.ndarray) -> FloatArray:
    """The factors of _WATCHED trials of seed 0, float64[n, F]: equal evidence, equal notes, whatever the seed."""
    return normals(0, streams, 0, _WATCHED).T.astype(np.float64)


def shortened(notes: Sequence[str], evidence: Evidence) -> list[str]:
    """The notes, those on what came too late in one line where they are many: each has a row that says why."""
    late = [note for note in notes if ": left out, " in note]
    if len(late) <= _MOST_LATE:
        return list(notes)
    used = sum(row.used for row in evidence.rows)
    text = f"{len(late)} polls and crosstabs are left out by {evidence.as_of}, {used or 'no'} rows count"
    return [f"{text}; the evidence table and `runoff check` have the reasons", *(n for n in notes if n not in late)]


def _apart(evidence: Evidence) -> list[str]:
    """Polls that are far from what all evidence and the rates say together."""
    return [
        f"{row.poll.name} is {abs(row.residual):.1f} standard deviations from what all evidence says together"
        for row in evidence.rows
        if row.residual is not None and abs(row.residual) > FAR
    ]


def with_posterior(inputs: Inputs, posterior: Posterior) -> Inputs:
    """The arrays with a posterior's (`runoff.kernels.arrays.Inputs` documents each)."""
    watched = [posterior.observations[i] for i in posterior.curved]
    people = [observation.people for observation in watched]
    single = {
        "factor_mean": posterior.mean,
        "direction": posterior.basis.T,
        "pulled": posterior.basis * posterior.gain,
        "watched_people": np.array(people).reshape(len(watched), inputs.people.shape[1]),
        "tangent": posterior.tangent,
        "tangent_slope": posterior.tangent_slope,
        "pull": posterior.pull,
        "pull_slope": posterior.pull_slope,
        "precision": posterior.precision,
    }
    arrays: dict[str, Any] = {name: np.ascontiguousarray(value, np.float32) for name, value in single.items()}
    ratio = np.array([observation.ratio for observation in watched], np.int64)
    return inputs._replace(**arrays, watched_ratio=ratio)
