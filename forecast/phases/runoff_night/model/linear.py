"""A night's cells, polls and sizes at a point, with their derivatives by common and by own effects."""

from __future__ import annotations

from typing import Any

import numpy as np

from runoff.arithmetic.functions import exp
from runoff.arithmetic.matrices import product
from runoff.model.electorate import each_log_ratio_gradients
from runoff.phases.runoff_night.model.cells import NightModel, cell_gradients, cells, lines, stacked, total_gradients
from runoff.phases.runoff_night.model.seen import Polled
from runoff.race import FloatArray

Lines = tuple[Any, Any, Any, Any]  # of `runoff.phases.runoff_night.model.cells.lines`


def lines_at(model: NightModel, x: FloatArray) -> Lines:
    """Lines at one point: float64[U], [Q, U], [M, U] and [Q, M, U]."""
    votes, lean, share, by_mode = (part[..., 0] for part in lines(model, x[None, :]))
    return votes, lean, share, by_mode


def with_own(at: Lines, own: Any, model: NightModel) -> Lines:
    """The lines of the model's units with their own effects [E, ...] added."""
    votes, lean, share, by_mode = at
    ratios, modes = len(lean), len(share)
    ends = 1 + ratios, 1 + ratios + modes
    of_lean = own[1 : ends[0]]
    if ratios > 1:
        loads = model.own_load.transpose(1, 2, 0)  # [Q, Q, U]
        of_lean = _loaded(loads.reshape(*loads.shape, *[1] * (own.ndim - 2)), of_lean)
    if modes > 1:
        of_modes = own[ends[1] :].reshape(ratios, modes, *own.shape[1:])
        of_modes = of_modes if ratios == 1 else _loaded(model.mode_load, of_modes)
        share, by_mode = share + own[ends[0] : ends[1]], by_mode + of_modes
    return votes + own[0], lean + of_lean, share, by_mode


def _loaded(loads: Any, effects: Any) -> Any:
    """Lower triangular loads [Q, Q, ...] times effects [Q, ...]."""
    rows = [[loads[q, r] * effects[r] for r in range(q + 1)] for q in range(len(effects))]
    return np.stack([sum(row[1:], start=row[0]) for row in rows])


def linearised(model: NightModel, x: FloatArray, own: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Cells float64[N, U] at a point, their derivatives by x float64[U, N, C] and by own effects [U, N, E].

    N = (1 + Q) M rows: log votes of the modes, then their log-ratios.
    """
    votes, lean, share, by_mode = with_own(lines_at(model, x), own, model)
    local = cell_gradients(lean, share, by_mode)
    common = lines_by(model, x)
    common = common if len(share) == 1 else product(local, common)
    at = stacked(*cells(votes, lean, share, by_mode))
    return at, common, local if len(lean) == 1 else product(local, own_by(model))


def own_by(model: NightModel) -> FloatArray:
    """Derivatives of units' lines by own effects: float64[U, 1 + Q + (1 + Q) M, E]; lower triangular."""
    units, effects, ratios, modes = len(model.people), len(model.spread), model.n_ratios, model.n_modes
    result = np.zeros((units, effects, effects))
    places = np.arange(effects)
    result[:, places, places] = 1.0
    result[:, 1 : 1 + ratios, 1 : 1 + ratios] = model.own_load
    for q in range(ratios if modes > 1 else 0):
        for r in range(ratios):
            rows = 1 + ratios + modes + np.arange(modes)
            result[:, rows + q * modes, rows + r * modes] = model.mode_load[q, r]
    return result


def lines_by(model: NightModel, x: FloatArray) -> FloatArray:
    """Derivatives by x of units' lines (log votes, log-ratios, modes' log-shares and leans).

    float64[U, 1 + Q or (1 + Q) (1 + M), C].
    """
    modes, factors = model.n_modes, model.pools.n_factors
    votes, leans = model.turnout_effect.copy(), model.lean_effect.copy()
    by_votes, by_lean = total_gradients(model.pools, model.people, x[:factors])
    votes[:, :factors] += by_votes
    leans[:, :, :factors] += by_lean
    inner = [votes[:, None, :], *(lean[:, None, :] for lean in leans)]
    if modes > 1:
        inner += [
            effect[:, model.region].transpose(1, 0, 2) + slope
            for effect, slope in zip((model.votes_effect, *model.preference_effect), model.slopes.loads(), strict=True)
        ]
    return np.concatenate(inner, axis=1)


def whole_race(
    model: NightModel, polled: Polled, x: FloatArray, log_votes: FloatArray, common: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Polls and sizes as linear observations of x at a point: values, gradients, covariance.

    common : float64[U, N, C], derivatives of the cells.  Units' own effects average out over a mode.
    """
    z, zeros = x[: model.pools.n_factors], model.n_common - model.pools.n_factors
    slopes = []
    if polled.observations:
        groups = each_log_ratio_gradients(model.pools, np.stack([o.people for o in polled.observations]), z)
        slopes = [np.pad(of[o.ratio], (0, zeros)) for of, o in zip(groups, polled.observations, strict=True)]
    for size in polled.sizes:
        votes = log_votes[size.mode]
        share = exp(votes - votes.max())
        slopes.append(product(share / share.sum(), common[:, size.mode]))
    gradient = np.array(slopes).reshape(len(slopes), model.n_common)
    value = polled.value - polled.expected(model, x[None, :], log_votes[:, :, None])[0] + product(gradient, x)
    return value, gradient, polled.error
