"""A night's cells, polls and sizes at a point, with their derivatives by common and by own effects."""

from __future__ import annotations

from typing import Any

import numpy as np

from runoff.model.electorate import log_ratio_gradients
from runoff.phases.runoff_night.model.cells import NightModel, cell_gradients, cells, lines, total_gradients
from runoff.phases.runoff_night.model.seen import Polled
from runoff.race import FloatArray

Lines = tuple[Any, Any, Any, Any]  # of `runoff.phases.runoff_night.model.cells.lines`


def lines_at(model: NightModel, x: FloatArray) -> Lines:
    """Lines at one point: float64[U] and float64[M, U]."""
    votes, lean, share, by_mode = (part[..., 0] for part in lines(model, x[None, :]))
    return votes, lean, share, by_mode


def with_own(at: Lines, own: Any) -> Lines:
    """The lines of units with their own effects [E, ...] added."""
    votes, lean, share, by_mode = at
    modes = len(share)
    if modes > 1:
        share, by_mode = share + own[2 : 2 + modes], by_mode + own[2 + modes :]
    return votes + own[0], lean + own[1], share, by_mode


def linearised(model: NightModel, x: FloatArray, own: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Cells float64[2 M, U] at a point, their derivatives by x float64[U, 2 M, C] and by own effects [U, 2 M, E]."""
    votes, lean, share, by_mode = with_own(lines_at(model, x), own)
    local = cell_gradients(lean, share, by_mode)
    common = lines_by(model, x)
    common = common if len(share) == 1 else local @ common
    return np.concatenate(cells(votes, lean, share, by_mode)), common, local


def lines_by(model: NightModel, x: FloatArray) -> FloatArray:
    """Derivatives by x of units' lines (log votes, log-odds, modes' log-shares and leans): [U, 2 or 2 + 2 M, C]."""
    modes, factors = model.n_modes, model.pools.n_factors
    by_unit = [model.turnout_effect.copy(), model.lean_effect.copy()]
    for part, slope in zip(by_unit, total_gradients(model.pools, model.people, x[:factors]), strict=True):
        part[:, :factors] += slope
    inner = [part[:, None, :] for part in by_unit]
    if modes > 1:
        inner += [
            effect[:, model.region].transpose(1, 0, 2) + slope
            for effect, slope in zip((model.votes_effect, model.preference_effect), model.slopes.loads(), strict=True)
        ]
    return np.concatenate(inner, axis=1)


def whole_race(
    model: NightModel, polled: Polled, x: FloatArray, log_votes: FloatArray, common: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:  # fmt: skip
    """Polls and sizes as linear observations of x at a point: values, gradients, covariance.

    common : float64[U, 2 M, C], derivatives of the cells.  Units' own effects average out over a mode.
    """
    z, zeros = x[: model.pools.n_factors], model.n_common - model.pools.n_factors
    slopes = [np.pad(log_ratio_gradients(model.pools, o.people, z)[o.ratio], (0, zeros)) for o in polled.observations]
    for size in polled.sizes:
        votes = log_votes[size.mode]
        share = np.exp(votes - votes.max())
        slopes.append((share / share.sum()) @ common[:, size.mode])
    gradient = np.array(slopes).reshape(len(slopes), model.n_common)
    value = polled.value - polled.expected(model, x[None, :], log_votes[:, :, None])[0] + gradient @ x
    return value, gradient, polled.error
