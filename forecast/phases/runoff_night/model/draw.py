"""Trials of a runoff that is being counted: what is out is drawn, what is reported is certain.

x comes from `runoff.phases.runoff_night.model.proposal`, with a weight; units' own effects are drawn from their normal
given x and the reported cells.  Votes out are drawn for regions and modes: the sum of the cells' means, with the
variance of counting.

The common scale of a night's effects is learned from where people have counted; where nobody has, it need not be the
same.  So what is out has a scale of its own besides, tau of the same law (`runoff.estimate.tails`), to the power that
its root of the share counted has: a trial's cells stray from those at the mode tau^(root / 2) times as far.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from runoff.arithmetic.chances import quantile
from runoff.arithmetic.functions import exp, logistic, power
from runoff.arithmetic.matrices import product, solve
from runoff.data.counts.runoff_count import COMPLETE, Reported
from runoff.estimate import tails
from runoff.estimate.ratios.shares import shares
from runoff.kernels.streams import Purpose, stream
from runoff.phases.runoff_night.classes.ballots import BallotClass
from runoff.phases.runoff_night.classes.drawn import ClassDraws, ClassTrials
from runoff.phases.runoff_night.counting import in_groups, whole_votes
from runoff.phases.runoff_night.model.cells import NightModel, as_float32, cells, lines, stacked
from runoff.phases.runoff_night.model.design import Prepared
from runoff.phases.runoff_night.model.fit import Fit
from runoff.phases.runoff_night.model.linear import Lines, with_own
from runoff.phases.runoff_night.model.proposal import Proposal
from runoff.race import FloatArray, Int64Array
from runoff.simulate.normals import GROUP, normals
from runoff.simulate.threads import in_order

MOST_LOG_WEIGHT = 4.0  # as in runoff.kernels.evidence: a weight is at most 55 times that of the mode

Block = tuple[FloatArray, FloatArray, Int64Array, FloatArray, ClassTrials]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Trials.

    votes : int64[n, K], final votes.  log_weight : float64[n].
    out : int64[n, G, K], what is drawn of each region and mode; groups : (region, mode), places from 0.
    unit_sums : float64[U, 2 + 2 T, 2], weighted sums and sums of squares over trials of each unit's votes out, votes
    out for T finalists, their final shares, and turnout; weight : their sum of weights.  T is 1 of two finalists, who
    is enough, else all.
    classes : ballots that stand apart: final votes have them where they count, `out` has them nowhere.
    """

    votes: Int64Array
    log_weight: FloatArray
    out: Int64Array
    groups: tuple[tuple[int, int], ...]
    unit_sums: FloatArray
    weight: float
    classes: ClassTrials

    @property
    def weights(self) -> FloatArray:
        """float64[n], mean 1."""
        weight = exp(self.log_weight)
        result: FloatArray = weight / weight.mean()
        return result

    @property
    def effective(self) -> float:
        """(sum w)^2 / sum w^2."""
        weight = exp(self.log_weight)
        return float(weight.sum() * weight.sum() / (weight**2).sum())


class NightDraws:
    """Everything a block of trials needs."""

    def __init__(
        self,
        prepared: Prepared,
        fit: Fit,
        reported: Reported,
        names: tuple[str, ...],
        seed: int,
        classes: Sequence[BallotClass] = (),
    ) -> None:
        self.model: NightModel = prepared.model
        self.narrow: NightModel = as_float32(prepared.model)
        self.prepared, self.fit, self.seed = prepared, fit, np.uint64(seed)
        f4 = np.float32
        self.precision, self.answer = fit.precision.astype(f4), fit.answer.astype(f4)
        self.own_root, self.shift = fit.own_root.astype(f4), fit.shift.astype(f4)
        self.response = fit.response.astype(f4)
        everywhere = fit.mask.any(axis=0) | bool(prepared.polled.sizes)
        self.observed = np.flatnonzero(everywhere)  # where a trial's weight looks
        self.seen = fit.mask[:, self.observed]  # which of their cells
        self.seen_response = self.response[:, self.observed][self.seen]
        self.proposal = Proposal(prepared.model, fit, prepared.polled, self.observed)
        self.at_seen = self.narrow.of_units(self.observed)
        chance = np.cumsum([exp(part.log_chance) for part in self.proposal.parts])[:-1]
        self.upto = np.array([quantile(min(max(float(p), 1e-9), 1.0 - 1e-9)) for p in chance])
        self.is_out = reported.state.T != COMPLETE  # [M, U]
        self.held = reported.votes.transpose(2, 1, 0).astype(f4)  # [K, M, U]
        self.classes = ClassDraws(classes, self.model.people.sum(axis=1), self.held, self.is_out)
        self.open = np.flatnonzero(self.is_out.any(axis=0) | self.classes.units)
        self.finalists, self.steps = len(self.held), trial_steps(self.model.n_ratios)
        self.at_open = self.narrow.of_units(self.open)
        region = self.model.region
        pairs = {(int(region[u]), int(m)) for m, u in np.argwhere(self.is_out)}
        self.groups = tuple(sorted(pairs))
        self.common = np.concatenate(
            [prepared.factor_stream, [stream(Purpose.NIGHT_EFFECT, name) for name in self.model.names]]
        ).astype(np.uint64)
        self.scale = np.array([stream(Purpose.NIGHT_EFFECT, "scale\0")], np.uint64)
        ratios = self.model.n_ratios
        own = [own_streams(names[u], reported.modes, ratios) for u in self.open]
        self.own = np.array(own, np.uint64).reshape(-1)
        self.noise = np.array(
            [
                stream(Purpose.NIGHT_COUNT, f"{prepared.regions[r]}\0{reported.modes[m]}", k)
                for r, m in self.groups
                for k in range(self.finalists)
            ],
            np.uint64,
        )
        likeliest = int(np.argmax([part.log_chance for part in self.proposal.parts]))
        self.reference = self._log_weight(np.zeros((1, len(self.common))), np.array([likeliest]))[2][0]
        self.astray = np.array([stream(Purpose.NIGHT_EFFECT, "scale of what is out\0")], np.uint64)
        at_mode = _of_units(lines(self.model, fit.mode[None]), self.open)
        of_open = self.model.of_units(self.open)
        self.at_mode = tuple(of.astype(f4) for of in cells(*with_own(at_mode, fit.own[:, self.open, None], of_open)))
        self.stretches = self._stretches() if prepared.tails else np.ones(len(tails.SCALES), f4)

    def normals(self, keys: np.ndarray, group: int) -> Any:
        """float32[len(keys), GROUP]."""
        return normals(self.seed, keys, group * GROUP, GROUP)

    def _stretches(self) -> Any:
        """How many times as far what is out strays, for each scale: float32[scales]; 1 while nothing is counted."""
        counted = float(self.held.sum(dtype=np.float64))
        out = math.fsum(self._out(*self.at_mode).reshape(-1))
        return power(tails.SCALES, 0.5 * math.sqrt(counted / max(counted + out, 1.0))).astype(np.float32)

    def _miss(self, x: Any) -> Any:
        """How far all that is seen is from what it would be at x: float32[seen cells, then polls, n]."""
        h = stacked(*cells(*lines(self.at_seen, x.astype(np.float32)), steps=self.steps))
        told = self._away(x, h).T.astype(np.float32)
        return np.concatenate([self.seen_response[:, None] - h[self.seen], told])

    def _away(self, x: FloatArray, h: Any) -> FloatArray:
        """The same of polls and sizes: float64[n, polls]."""
        polled, modes = self.prepared.polled, self.model.n_modes
        return polled.value - polled.expected(self.model, x, h[:modes] + self.shift[:modes, self.observed, None])

    def _missed(self, line: Lines) -> tuple[Any, Any]:
        """The same of all cells [units, (1 + Q) M, n], nought where nothing is seen, and h [(1 + Q) M, units, n]."""
        h = stacked(*cells(*line, steps=self.steps))
        miss = np.empty((h.shape[1], h.shape[0], h.shape[2]), np.float32)
        np.subtract(self.response.T[self.observed, :, None], h.transpose(1, 0, 2), out=miss)
        miss[~self.seen.T] = 0.0
        return miss, h

    def _log_weight(self, xi: FloatArray, part: np.ndarray) -> tuple[tuple[Any, ...], Any, FloatArray]:
        """Units' lines at the trials' x, own effects' means float32[E, open units, n], and log weights."""
        model, seen = self.narrow, self.observed
        x, log_weight = self.proposal.place(xi, part, self._miss)
        line = lines(model, x.astype(np.float32))
        miss, h = self._missed(_of_units(line, seen))
        log_weight -= 0.5 * (miss * (product(self.precision[seen], miss))).sum(axis=1).sum(axis=0, dtype=np.float64)
        polled = self.prepared.polled
        if len(polled.value):
            away = self._away(x, h)
            log_weight -= 0.5 * (away * solve(polled.error, away.T).T).sum(axis=1)
        mean = np.zeros((len(model.spread), len(model.region), len(x)), np.float32)
        mean[:, seen] = product(self.answer[seen], miss).transpose(1, 0, 2)
        return line, mean[:, self.open], log_weight

    def told(self, group: int) -> tuple[FloatArray, Any, Any, ClassTrials]:
        """A group of trials: log weights [n], expected votes out float32[K, M, open, n], what classes add to units
        [K, open, n] (or 0.0), and the classes.
        """
        open_ = self.open
        part = np.searchsorted(self.upto, self.normals(self.scale, group)[0])
        line, own, log_weight = self._log_weight(self.normals(self.common, group).T.astype(np.float64), part)
        log_weight = np.minimum(log_weight - self.reference, MOST_LOG_WEIGHT)
        effects = len(own)
        normal = self.normals(self.own, group).reshape(len(open_), effects, GROUP)
        own = own + product(self.own_root[open_], normal).transpose(1, 0, 2)
        drawn = cells(*with_own(_of_units(line, open_), own, self.at_open), steps=self.steps)
        out = self._out(*self._stretched(drawn, group))
        apart, added = self.classes.take(out, open_, lambda keys: self.normals(keys, group))
        return log_weight, out, added, apart

    def _stretched(self, drawn: tuple[Any, Any], group: int) -> tuple[Any, Any]:
        """Log votes and log-ratios of a group's cells, as far from those at the mode as its trials' scales say."""
        if (self.stretches == 1.0).all():
            return drawn
        stretch = self.stretches[tails.places(self.normals(self.astray, group)[0])]
        for of, at_mode in zip(drawn, self.at_mode, strict=True):
            of -= at_mode
            of *= stretch
            of += at_mode
        return drawn

    def effects(self, group: int) -> FloatArray:
        """The common effects of a group's trials, factors first: float64[n, C]."""
        part = np.searchsorted(self.upto, self.normals(self.scale, group)[0])
        return self.proposal.place(self.normals(self.common, group).T.astype(np.float64), part, self._miss)[0]

    def block(self, group: int) -> Block:
        """A group of trials: log weights [n], final votes [n, K], votes out [n, G, K], units' sums, and classes."""
        log_weight, out, added, apart = self.told(group)
        region, people = self.model.region[self.open], self.model.people[self.open].sum(axis=1)
        means, spreads = in_groups(out, self.groups, region, people)
        whole = whole_votes(means, spreads, self.normals(self.noise, group).reshape(*means.shape[:2], GROUP))
        sums = self._unit_sums(out, added, exp(log_weight))
        votes = self.held.sum(axis=(1, 2), dtype=np.float64)[None, :] + whole.sum(axis=1)
        return log_weight, votes.astype(np.int64) + apart.votes, whole, sums, apart

    def _out(self, log_votes: Any, odds: Any) -> Any:
        """Expected votes out of each cell by finalist: float32[K, M, open units, n]; never more than are left."""
        open_ = self.open
        out = np.zeros((self.finalists, *log_votes.shape), np.float32)
        for m in np.flatnonzero(self.is_out.any(axis=1)):
            rows = np.flatnonzero(self.is_out[m, open_])
            held = self.held[:, m, open_[rows], None]
            votes = exp(np.minimum(log_votes[m, rows], 25.0))
            if len(odds) > 1:
                for k, share in enumerate(shares(odds[:, m, rows])):
                    out[k, m, rows] = np.maximum(votes * share - held[k], 0.0)
                continue
            first = votes * logistic(odds[0, m, rows])
            out[0, m, rows] = np.maximum(first - held[0], 0.0)
            out[1, m, rows] = np.maximum(votes - first - held[1], 0.0)
        left = self.narrow.people[open_].sum(axis=1) - self.held[:, :, open_].sum(axis=(0, 1))
        most = np.maximum(left, 0.0)[:, None]
        total = out.sum(axis=(0, 1))
        if (total > most).any():
            out *= np.minimum(1.0, most / np.maximum(total, 1e-9))
        return out

    def _unit_sums(self, out: Any, added: Any, weight: FloatArray) -> FloatArray:
        """Weighted sums and sums of squares: float64[open units, 2 + 2 T, 2].

        added : ballots of classes [K, open units, n].
        """
        held = self.held[:, :, self.open].sum(axis=1)[..., None].astype(np.float64)
        sums = out.sum(axis=1, dtype=np.float64) + added
        total = sums.sum(axis=0)
        final = np.maximum(total + held.sum(axis=0), 1e-9)
        told = range(told_apart(self.finalists))
        shares_of = [(sums[k] + held[k]) / final for k in told]
        values = np.stack([total, *(sums[k] for k in told), *shares_of, final], axis=1)
        weighted = values * weight
        return np.stack([weighted.sum(axis=2), (weighted * values).sum(axis=2)], axis=2)


def draw_night(
    prepared: Prepared,
    fit: Fit,
    reported: Reported,
    names: tuple[str, ...],
    *,
    trials: int,
    seed: int,
    threads: int,
    classes: Sequence[BallotClass] = (),
) -> Drawn:
    """Trials of what is out; equal inputs give equal bits on any number of threads.

    names : of the units.  classes : ballots that stand apart.  Trials are drawn in groups of GROUP, and the last one
    is cut.
    """
    night = NightDraws(prepared, fit, reported, names, seed, classes)
    groups = (trials + GROUP - 1) // GROUP
    parts = _in_order(night.block, groups, threads)
    log_weight = np.concatenate([part[0] for part in parts])[:trials]
    votes = np.concatenate([part[1] for part in parts])[:trials]
    out = np.concatenate([part[2] for part in parts])[:trials]
    sums = np.zeros((len(names), 2 + 2 * told_apart(night.finalists), 2))
    for part in parts:
        sums[night.open] += part[3]
    weight = float(exp(np.concatenate([part[0] for part in parts])).sum())
    apart = ClassTrials.joined([part[4] for part in parts], trials)
    return Drawn(votes, log_weight, out, night.groups, sums, weight, apart)


def trial_steps(ratios: int) -> int:
    """Newton's steps for units' shifts in a trial: of two finalists within 0.0002 of the root on real cells."""
    return 1 if ratios == 1 else 2


def told_apart(finalists: int) -> int:
    """Finalists whose votes in units are told: of two the first is enough."""
    return 1 if finalists == 2 else finalists


def own_streams(unit: str, modes: tuple[str, ...], ratios: int = 1) -> list[np.uint64]:
    """The streams of a unit's own effects a, b, g and d, which hang on its name and the modes' (`NightModel`)."""
    kinds = range(1 + ratios)
    of_modes = [stream(Purpose.NIGHT_UNIT, f"{unit}\0{mode}", k) for k in kinds for mode in modes]
    return [stream(Purpose.NIGHT_UNIT, unit, k) for k in kinds] + (of_modes if len(modes) > 1 else [])


def _of_units(line: Lines, units: np.ndarray) -> Lines:
    votes, lean, share, by_mode = (part[..., units, :] for part in line)
    return votes, lean, share, by_mode


def _in_order(block: Callable[[int], Block], groups: int, threads: int) -> list[Block]:
    """Blocks in order, whoever draws them."""
    if threads <= 1 or groups <= 1:
        return [block(group) for group in range(groups)]
    return in_order(block, range(groups), threads)
