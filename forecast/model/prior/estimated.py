"""Rates that an earlier runoff of the place says: draws of its matrix of transfers, and what separates two races."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from runoff import names
from runoff.arithmetic.functions import log
from runoff.arithmetic.matrices import cholesky, product, semidefinite, solve
from runoff.data.rounds.kept import KeptEstimate
from runoff.model.prior.standing import Whose, destinations, knows_who_stayed, origins, refused
from runoff.model.rates import as_rate
from runoff.race import FirstRound, FloatArray, Origin, Pool, Rate

if TYPE_CHECKING:
    from runoff.model.prior.of_case import Prior
    from runoff.runfile.sections.rates import RateSpec

_LEAST = 1e-4  # of a share, so that its log-odds are finite
_MOST = 48  # factors that the rates of one estimate share: with more rates those of small pools have the rest alone
_GRID = 2.0**20  # loads are rounded to it: libraries differ in their last bits


class Estimates:
    """The estimates that a run file names, and what has been taken from them; past : what past races say, if asked.

    Where a matrix gives one origin's voters more of a finalist's votes it gives others fewer, as sums are known: rates
    of one estimate go together as its draws do.  Drawn apart they would make sums uncertain that are known.
    """

    def __init__(self, kept: Mapping[str, KeptEstimate], past: Prior | None = None) -> None:
        self._kept, self._past = kept, past
        self._taken: list[tuple[Rate, str, FloatArray]] = []  # with the estimate's run, and its draws
        self._notes: dict[str, None] = {}

    def rate(self, spec: RateSpec, whose: Whose, origin: Origin, *, turnout: bool) -> Rate:
        """A turnout or preference of a pool as an estimate says it, put together with what past races say.

        Raises
        ------
        InputError : it has no such origin, or no destination for a finalist.
        """
        kept = self._kept[spec.estimate or ""]
        centred, rate, note = estimated(spec, kept, whose, origin, turnout=turnout)
        self._notes |= {note: None} if note else {}
        if self._past is not None:
            past = self._past.turnout if turnout else self._past.preference
            centred, rate = _with_past(centred, rate, past[whose.name])
        self._taken.append((rate, kept.run_id, centred))
        return rate

    def notes(self, first: FirstRound) -> tuple[str, ...]:
        """What a reader must know of how estimates were read, in a race with this first round."""
        own = {names.near(one.name) for one, votes in zip(first.candidates, first.totals, strict=True) if votes}
        used = {run for _, run, _ in self._taken}
        same = [
            f"{kept.run_id} is of a race with these very candidates: if it is of this runoff, the forecast has seen "
            "what came"
            for kept in self._kept.values()
            if kept.run_id in used and own <= {names.near(one.name) for one in kept.origins}
        ]
        return (*self._notes, *same)

    def together(self, pools: Sequence[Pool]) -> tuple[list[Pool], tuple[str, ...]]:
        """The pools with what their rates of one estimate share (`Rate.joint`), and the estimate of each such factor.

        The largest pools come first: their rates have the estimate's covariance whole.
        """
        order = sorted(pools, key=lambda pool: -pool.people)
        rates = [rate for pool in order for rate in (pool.turnout, pool.preference)]
        found: dict[int, FloatArray] = {}
        joint: list[str] = []
        for run in dict.fromkeys(run for _, run, _ in self._taken):
            of = [(rate, next((c for r, name, c in self._taken if r is rate and name == run), None)) for rate in rates]
            draws = [(rate, centred) for rate, centred in of if centred is not None]
            if len(draws) < 2:
                continue
            load = _shared(np.concatenate([centred for _, centred in draws], axis=1))
            ends = np.cumsum([centred.shape[1] for _, centred in draws])[:-1]
            for (rate, _), rows in zip(draws, np.split(load, ends), strict=True):
                found[id(rate)] = np.concatenate([np.zeros((len(rows), len(joint))), rows], axis=1)
            joint += [run] * load.shape[1]
        return [_joined(pool, found, len(joint)) for pool in pools], tuple(joint)


def _with_past(centred: FloatArray, rate: Rate, past: Rate) -> tuple[FloatArray, Rate]:
    """The draws and rate of an estimate, put together with past races' rate: two normals, each by its precision."""
    mean, scale, before = np.array(past.location), np.array(rate.scale), np.array(past.scale)
    own, covariance = product(scale, scale.T), product(before, before.T)
    gain = solve(own + covariance, covariance).T
    mean = mean + product(gain, np.array(rate.location) - mean)
    left = covariance - product(gain, covariance)
    factor = cholesky(0.5 * (left + left.T))
    return product(centred, gain.T), as_rate(mean, factor, f"{rate.said}, and past races", rate.origin, rate.source)


def _shared(centred: FloatArray) -> FloatArray:
    """Loads float64[R, M] whose product is the covariance of draws float64[N, R] around their mean."""
    load = semidefinite(product(centred.T, centred) / len(centred), _MOST)
    found: FloatArray = np.round(load[:, load.any(axis=0)] * _GRID) / _GRID
    return found


def _joined(pool: Pool, loads: Mapping[int, FloatArray], many: int) -> Pool:
    """The pool with the loads of its rates, filled up to so many factors."""

    def joined(rate: Rate) -> Rate:
        load = loads.get(id(rate))
        if load is None:
            return rate
        whole = np.pad(load, ((0, 0), (0, many - load.shape[1])))
        return replace(rate, joint=tuple(tuple(row) for row in whole.tolist()))

    return replace(pool, turnout=joined(pool.turnout), preference=joined(pool.preference))


def estimated(
    spec: RateSpec, kept: KeptEstimate, whose: Whose, origin: Origin, *, turnout: bool
) -> tuple[FloatArray, Rate, str]:
    """Draws of a pool's log-odds float64[N, K - 1 or 1] (`_linear`), the rate made of them, and a note or ''."""
    ends, note = destinations(kept, whose, spec)
    rows = origins(kept, whose, ends, spec)
    if turnout and not knows_who_stayed(kept):
        raise refused(
            spec,
            "turnouts of an estimate without a roll",
            "who came neither time is not in it, so that nearly all others come",
            kept.run_id,
            "estimate again with registered voters, or say the turnout otherwise; its preferences may be taken",
        )
    people = kept.draws[:, rows].sum(axis=1)
    chosen = people[:, [k for k, option in enumerate(kept.destinations) if option.kind == "candidate"]]
    if turnout:
        share = np.clip(chosen.sum(axis=1) / np.maximum(people.sum(axis=1), 1e-9), _LEAST, 1.0 - _LEAST)
        shares = np.stack([share, 1.0 - share], axis=1)
    else:
        shares = np.clip(people[:, ends] / np.maximum(people[:, ends].sum(axis=1, keepdims=True), 1e-9), _LEAST, None)
    ratios = log(shares[:, :-1] / shares[:, -1:])
    n, k = ratios.shape
    mean, centred = ratios.sum(axis=0) / n, _linear(ratios, shares)
    covariance = product(centred.T, centred) / n + 0.5 * spec.widen * spec.widen * (np.eye(k) + 1.0)
    of = names.listed([kept.origins[j].name for j in rows], 2)
    said = f"as {of} went in {kept.run_id}, sd widened by {spec.widen:g} in log-odds"
    return centred, as_rate(mean, semidefinite(covariance), said, origin, spec.source or ""), note


def _linear(ratios: FloatArray, shares: FloatArray) -> FloatArray:
    """What is linear in shares float64[N, K] and has the variances of log-ratios float64[N, K - 1], around nought.

    Sums of votes are linear in shares: what draws have in common is kept best where rates go together as shares do,
    not as their log-odds, which run far out where nearly all or nearly none come.
    """
    n = len(shares)
    part = shares / (shares.sum(axis=0) / n)
    away = part[:, :-1] - part[:, -1:]
    away = away - away.sum(axis=0) / n
    sd = [np.sqrt(((of - of.sum(axis=0) / n) ** 2).sum(axis=0)) for of in (ratios, away)]
    found: FloatArray = away * (sd[0] / np.maximum(sd[1], 1e-300))
    return found
