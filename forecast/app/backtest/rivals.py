"""What a forecaster of the archive is measured against: simpler laws of the margin, each without the race's election.

base      the first-round leader wins as often as leaders did; the margin is their mean and spread
lead      the margin is a multiple of the two-way lead
gain      the same and the eliminated votes of either finalist's camp
pairs     the same by pair of camps, where there are enough of the pair
split     eliminated votes go by the finalists' own: the two-way lead itself
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from runoff.model.prior.fitted.fields import Fields
from runoff.model.prior.fitted.relations import camps_of
from runoff.race import BoolArray, FloatArray, Int64Array

NAMES = ("base", "lead", "gain", "pairs", "split")
_RIDGE = 1e-3
_ENOUGH = 30  # races of a pair of camps
_USUAL_SD = 0.2  # where nothing is left to learn from


@dataclass(frozen=True, slots=True)
class Laws:
    """Normals of N margins by rival: float64[N] each."""

    mean: dict[str, FloatArray]
    sd: dict[str, FloatArray]


def rivals(fields: Fields, margin: FloatArray, group: Int64Array, wanted: BoolArray) -> Laws:
    """Each rival's law of the races that are wanted, bool[N], learned from all whose group is another.

    fields, margin, group : races, the first finalist's margin, the election: N of each.
    """
    columns = _columns(fields)
    pair = _pairs(fields)
    mean = {name: np.zeros(fields.races) for name in NAMES}
    sd = {name: np.full(fields.races, _USUAL_SD) for name in NAMES}
    for g in np.unique(group[wanted]):
        rows, others = np.flatnonzero((group == g) & wanted), group != g
        for name, x in columns.items():
            mean[name][rows], sd[name][rows] = _regressed(x, margin, others, rows)
        mean["split"][rows], sd["split"][rows] = (
            columns["lead"][rows, 0],
            _spread(margin - columns["lead"][:, 0], others),
        )
        mean["pairs"][rows], sd["pairs"][rows] = mean["gain"][rows], sd["gain"][rows]
        for p in np.unique(pair[rows]):
            like = others & (pair == p)
            if like.sum() >= _ENOUGH:
                mine = rows[pair[rows] == p]
                x = np.column_stack([columns["gain"], np.ones(fields.races)])
                mean["pairs"][mine], sd["pairs"][mine] = _regressed(x, margin, like, mine)
    return Laws(mean, sd)


def _columns(fields: Fields) -> dict[str, FloatArray]:
    a, b = fields.finalist_share[:, 0], fields.finalist_share[:, 1]
    two_way = (a - b) / (a + b)
    camp, finalist = camps_of(fields.bloc), camps_of(fields.finalist_bloc)
    eliminated = fields.share * (fields.role < 0)
    sides = [np.bincount(fields.race, eliminated * (camp == finalist[fields.race, k]), fields.races) for k in (0, 1)]
    gain = (sides[0] - sides[1]) * (finalist[:, 0] != finalist[:, 1])
    return {"base": np.ones((fields.races, 1)), "lead": two_way[:, None], "gain": np.column_stack([two_way, gain])}


def _pairs(fields: Fields) -> Int64Array:
    """A number for each ordered pair of the finalists' camps: int64[N]."""
    camps = camps_of(fields.finalist_bloc)
    found: Int64Array = camps[:, 0] * 100 + camps[:, 1]
    return found


def _regressed(x: FloatArray, y: FloatArray, from_: BoolArray, rows: Int64Array) -> tuple[FloatArray, float]:
    """Predictions of rows by least squares over others, and the spread of what it leaves."""
    if from_.sum() <= x.shape[1]:
        return np.zeros(len(rows)), _USUAL_SD
    own = x[from_]
    slope = np.linalg.solve(own.T @ own + _RIDGE * np.eye(x.shape[1]), own.T @ y[from_])
    return x[rows] @ slope, _spread(y - x @ slope, from_)


def _spread(left: FloatArray, from_: BoolArray) -> float:
    return float(np.sqrt((left[from_] ** 2).mean())) if from_.any() else _USUAL_SD
