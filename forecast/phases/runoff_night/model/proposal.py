"""What a night's common effects are drawn from: for each of their scales a normal at the mode, block by block.

Log votes and log-odds bend in the factors, and in what modes do; in slopes, regions and the rest they are nearly
straight.  So the factors are drawn from their normal, then the modes' effects, then the rest, and before each draw all
that is left takes a step of Newton's at what h really is there.  A trial's weight

    log weight = log prior(x) - miss' S^-1 miss / 2 (+ polls) - log density of the proposal

then hangs on a block's bend only as far as later blocks cannot make up for it.  What all pools share comes last: a
race's votes and split are known best of all, and only these factors can hold them where the others have gone.

Scoring takes the expected curvature, sum of H' S^-1 H.  The likelihood's own has besides, with the opposite sign, the
sum of S^-1 miss times the second derivatives of h (`bend`).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from runoff.arithmetic.functions import log
from runoff.arithmetic.matrices import positive, product, solve, under
from runoff.estimate.ratios.shares import logistic
from runoff.estimate.tails import SCALES, Part, mixture
from runoff.phases.runoff_night.model.cells import NightModel, cell_gradients, cells, stacked, total_gradients
from runoff.phases.runoff_night.model.fit import Fit
from runoff.phases.runoff_night.model.linear import linearised, lines_at, lines_by, whole_race
from runoff.phases.runoff_night.model.seen import Polled
from runoff.race import FloatArray

_STEP = 1e-4  # of numerical second derivatives, log votes or log-odds
_STRIDE = 4.0  # standard deviations that a trial's step moves an effect at most: far out, h bends away from its slope
_LAST_STEPS = 2  # of Newton's before the last block: a third changes the trials' worth by nothing
_PARTS = (1.0, 0.5, 0.25, 0.0)  # of the bend that are tried, until the curvature is sound
_SOUND = 0.25  # of the prior's precision: less is left by a bend that holds at the mode alone, and sends trials far off


def parts(model: NightModel, fit: Fit, order: np.ndarray) -> list[Part]:
    """The mixture that x[order] has, as far as normals can say it; order : int64[C].

    The bend is taken in as far as each scale keeps a part of its prior's precision in all directions.
    """
    factors = model.pools.n_factors
    bent = bend_of_modes(model, fit)
    bent[:factors, :factors] += bend(model, fit)
    for share in _PARTS:
        information = fit.information - share * bent
        pull, own = fit.pull + product(information, fit.mode), np.arange(model.n_common) >= factors
        if share == 0.0 or _sound(information, own):
            break
    return mixture(information[np.ix_(order, order)], pull[order], own[order])


def _sound(information: FloatArray, own: np.ndarray) -> bool:
    """Whether the largest scale's precision is nowhere below a part of its prior's."""
    width = np.where(own, np.sqrt(SCALES[-1]), 1.0)
    return positive(width[:, None] * information * width + (1.0 - _SOUND) * np.eye(len(own)))


class Proposal:
    """Draws of x, and their densities.

    order : int64[C], the effects, those that are drawn last first.  blocks : places in it, the first drawn first.
    pulls : float32[n, C], derivatives of all that is seen at the mode times the precision of its errors, in that
    order: the cells of the units `observed` that are seen, row by row, then polls and sizes.
    """

    def __init__(self, model: NightModel, fit: Fit, polled: Polled, observed: np.ndarray) -> None:
        by_votes, by_lean = model.slopes.moves()
        rank = 1 * (np.any(model.votes_effect, axis=(0, 1)) | by_votes)
        rank += 2 * (np.any(model.preference_effect, axis=(0, 1, 2)) | by_lean)
        pools = model.pools
        shared = np.all(pools.turnout_load, axis=0) | np.all(np.any(pools.preference_load, axis=1), axis=0)
        rank[: pools.n_factors] = np.where(shared, 0, 3)
        self.order = np.argsort(rank, kind="stable")
        ends = np.searchsorted(rank[self.order], np.arange(5))
        self.blocks = [slice(int(a), int(b)) for a, b in pairwise(ends) if a < b][::-1]
        self.parts = parts(model, fit, self.order)
        self.inverse = [under(part.root, np.eye(len(part.root))) for part in self.parts]
        self.covariance = [[_squared(inverse[: b.stop, : b.stop]) for b in self.blocks] for inverse in self.inverse]
        units = model.of_units(observed)
        at, common, _ = linearised(units, fit.mode, np.zeros((len(fit.own), len(observed))))
        _, gradient, error = whole_race(units, polled, fit.mode, (at + fit.shift[:, observed])[: model.n_modes], common)
        cells = product(fit.precision[observed], np.where(fit.mask.T[observed][:, :, None], common, 0.0))
        told = solve(error, gradient)
        pulls = np.concatenate([cells.transpose(1, 0, 2)[fit.mask[:, observed]], told])[:, self.order]
        self.pulls = pulls.astype(np.float32)

    def place(
        self, xi: FloatArray, part: np.ndarray, miss: Callable[[FloatArray], Any]
    ) -> tuple[FloatArray, FloatArray]:
        """Common effects x float64[n, C] of normals xi, and log of prior over proposal, float64[n].

        part : int64[n], of the mixture.  miss : of all that is seen, at x: [rows of `pulls`, n].
        """
        xi = xi[:, self.order]
        x, back = np.stack([self.parts[k].mean for k in part]), np.argsort(self.order)
        rows = [(k, np.flatnonzero(part == k)) for k in np.unique(part)]
        for number, block in enumerate(self.blocks):
            upto, before = slice(0, block.stop), slice(0, block.start)
            for _ in range((_LAST_STEPS if block.start == 0 else 1) if number else 0):
                pulled = product(self.pulls[:, upto].T, miss(x[:, back])).T
                for k, mine in rows:
                    away = pulled[mine] - x[mine, upto] * self.parts[k].prior[upto]
                    step = product(away.astype(np.float32), self.covariance[k][number])
                    longest = np.abs(step).max(axis=1, keepdims=True)
                    x[mine, upto] += step * np.minimum(1.0, _STRIDE / np.maximum(longest, _STRIDE))
            for k, mine in rows:
                away = product(xi[mine, block], self.inverse[k][block, block])
                x[mine, block] += away
                x[mine, before] -= product(
                    product(away, self.parts[k].root[block, before]), self.inverse[k][before, before]
                )
        log_weight = 0.5 * (xi**2).sum(axis=1)
        for k, mine in rows:
            of = self.parts[k]
            constant = of.log_prior - of.log_chance - float(log(np.diag(of.root)).sum())
            log_weight[mine] += constant - 0.5 * (x[mine] ** 2 * of.prior).sum(axis=1)
        return x[:, back], log_weight


def _squared(inverse: FloatArray) -> Any:
    """Covariance of the root that this is the inverse of, as a step needs it: where it leads need not be exact."""
    return product(inverse.T, inverse).astype(np.float32)


def bend(model: NightModel, fit: Fit) -> FloatArray:
    """Second derivatives by the factors of sum over units of r' (log votes, log-ratios): float64[F, F].

    r[u] is the pull of a unit's cells at the mode on its log votes and log-ratios.
    """
    z = fit.mode[: model.pools.n_factors]
    at, lines_by_cells = _at_mode(model, fit)
    miss = np.where(fit.mask, fit.response - at, 0.0).T
    pull = product(lines_by_cells.transpose(0, 2, 1), product(fit.precision, miss[:, :, None]))[
        :, : 1 + model.n_ratios, 0
    ]
    if model.n_ratios == 1:
        return _bend_of_two(model, z, pull)

    def slope(z: FloatArray) -> FloatArray:
        votes, lean = total_gradients(model.pools, model.people, z)
        found: FloatArray = product(pull[:, 0], votes) + sum(product(pull[:, 1 + q], of) for q, of in enumerate(lean))
        return found

    steps = _STEP * np.eye(len(z))
    found = np.array([(slope(z + step) - slope(z - step)) / (2.0 * _STEP) for step in steps]).reshape(len(z), len(z))
    result: FloatArray = 0.5 * (found + found.T)
    return result


def _at_mode(model: NightModel, fit: Fit) -> tuple[FloatArray, FloatArray]:
    """Cells float64[N, U] at the mode, and their derivatives by the units' lines float64[U, N, L]."""
    line = lines_at(model, fit.mode)
    return np.asarray(stacked(*cells(*line))), cell_gradients(*line[1:])


def _bend_of_two(model: NightModel, z: FloatArray, pull: FloatArray) -> FloatArray:
    """The bend of two finalists; pull : float64[U, 2]."""
    pools = model.pools
    turnout = logistic(pools.turnout + product(pools.turnout_load, z))
    lean = pools.preference[:, 0] + product(pools.preference_load[:, 0], z)
    first = logistic(lean)
    come, turn = pools.turnout_load, pools.preference_load[:, 0]
    votes = [turnout * first, turnout * (1.0 - first)]  # of a person
    slopes = [((1.0 - turnout), 1.0 - first), ((1.0 - turnout), -first)]
    total = [product(model.people, v) for v in votes]
    share = [t / (total[0] + total[1]) for t in total]
    result = np.zeros((len(z), len(z)))
    gradients = []
    for k, (v, (a, b)) in enumerate(zip(votes, slopes, strict=True)):
        gradients.append(product(model.people * v, a[:, None] * come + b[:, None] * turn) / total[k][:, None])
        of_unit = pull[:, 0] * share[k] + (pull[:, 1] if k == 0 else -pull[:, 1])
        weight = product(of_unit / total[k], model.people) * v
        # d^2 (t q) / t q by both log-odds: (1 - t)(1 - 2t), (1 - t) b, and of q its own
        tt, tl, ll = (1.0 - turnout) * (1.0 - 2.0 * turnout), a * b, b * (1.0 - 2.0 * first)
        cross = product(come.T, (weight * tl)[:, None] * turn)
        result += product(come.T, (weight * tt)[:, None] * come) + cross + cross.T
        result += product(turn.T, (weight * ll)[:, None] * turn)
        direct = pull[:, 1] if k == 0 else -pull[:, 1]
        result -= product(gradients[k].T, direct[:, None] * gradients[k])
    whole = share[0][:, None] * gradients[0] + share[1][:, None] * gradients[1]
    result -= product(whole.T, pull[:, :1] * whole)
    return 0.5 * (result + result.T)


def bend_of_modes(model: NightModel, fit: Fit) -> FloatArray:
    """Second derivatives by x of sum over units of r' cells, through the units' lines alone: float64[C, C]."""
    result = np.zeros_like(fit.information)
    if model.n_modes == 1:
        return result
    some = np.flatnonzero(fit.mask.any(axis=0))
    model = model.of_units(some)
    at, _, _ = linearised(model, fit.mode, np.zeros((len(fit.own), len(some))))
    miss = np.where(fit.mask[:, some], fit.response[:, some] - at, 0.0).T
    pull = product(fit.precision[some], miss[:, :, None])[:, :, 0]
    line = lines_at(model, fit.mode)
    inputs = np.concatenate([line[0][None], line[1], stacked(line[2], line[3])])
    ratios, modes = model.n_ratios, model.n_modes
    ends = np.cumsum([1, ratios, modes])

    def slope(at: FloatArray) -> FloatArray:
        _, lean, share, by_mode = np.split(at, ends)
        gradients = cell_gradients(lean, share, by_mode.reshape(ratios, modes, at.shape[1]))
        found: FloatArray = product(pull[:, None, :], gradients)[:, 0]
        return found

    curved = np.empty((len(some), len(inputs), len(inputs)))
    for k in range(len(inputs)):
        step = np.zeros_like(inputs)
        step[k] = _STEP
        curved[:, k] = (slope(inputs + step) - slope(inputs - step)) / (2.0 * _STEP)
    curved = 0.5 * (curved + curved.transpose(0, 2, 1))
    common = lines_by(model, fit.mode)
    flat = common.reshape(-1, common.shape[2])
    result += product(flat.T, product(curved, common).reshape(-1, common.shape[2]))
    return result
