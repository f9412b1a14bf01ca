"""The margin of a runoff between two finalists as a linear model: slopes by relation, shocks that an election shares.

    margin = (lead + lead_t) (f_A - f_B) + (wind_A,t - wind_B,t) + sum over relations (slope_r + slope_r,t) x_r
             + sum over camps c (open_c,t) o_c + front + e

f : first-round shares, x_r : share of the pools in relation r to A less those to B, both as shares of the runoff's
votes; o_c : share of the pools of a camp that is as near to A as to B, signed to the finalist further left; t : the
election, whose shocks all its races share.  Finalists of one bloc have a slope on the lead and nothing
else.  Each stratum (level of the race) has slopes of its own around the common ones, and a size of its residual.
"""

from __future__ import annotations

from functools import partial

import numpy as np

from runoff.arithmetic.functions import exp, log, square
from runoff.data.archive.words import AXIS, BLOCS, CAMPS
from runoff.estimate.shared_shocks import Problem, Spread
from runoff.model.prior.fitted.fields import STRATA, Fields
from runoff.model.prior.fitted.relations import NONE, RELATIONS, camps_of
from runoff.race import FloatArray, Int64Array

SLOPES = ("lead", "lead_moving", "one_bloc", *RELATIONS, "front")
_LEAD, _LEAD_MOVING, _ONE = 0, 1, 2
_FIRST_RELATION, _FRONT = 3, len(SLOPES) - 1
# beforehand: slopes of a field that neither returns nor leans would be 0; a finalist keeps his lead
SLOPE = np.array([1.0, 0.0, 1.1, 0.45, 0.5, 0.3, 0.1, 0.4, 0.0, 0.4, 0.0])
SLOPE_SD = np.full(len(SLOPES), 0.3)

_AXIS: FloatArray = np.array([AXIS[bloc] for bloc in BLOCS])

SIZES = (
    "wind_settled",
    "wind_moving",
    "relation_settled",
    "relation_moving",
    "open",
    "lead_settled",
    "lead_moving",
    "one_bloc_lead",
    "race",
    "pool",
    "one_bloc",
    "one_bloc_us",
    "municipal",
    "national",
    "regional",
    "us_state",
    "us_legislature",
    "unknown",
    "slopes",
)
_SIZE = (0.04, 0.08, 0.17, 0.2, 0.2, 0.14, 0.19, 0.1, 0.02, 0.17, 0.15, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0, 0.2)
SIZE: FloatArray = log(np.array(_SIZE))  # beforehand, and so is this a factor of e^0.5
SIZE_SD = np.full(len(SIZES), 0.5)


def columns(fields: Fields) -> FloatArray:
    """What each slope multiplies: float64[N, len(SLOPES)], the slopes of the strata left out."""
    n, open_ = fields.races, ~fields.one_bloc
    lead = lead_of(fields)
    x = np.zeros((n, len(SLOPES)))
    x[:, _LEAD] = lead * open_
    x[:, _LEAD_MOVING] = lead * (open_ & ~fields.settled)
    x[:, _ONE] = lead * fields.one_bloc
    relation, sign = fields.relation[:, 0], fields.relation[:, 1]
    moved = fields.share * sign / fields.back[fields.race]
    for r in range(len(RELATIONS)):
        x[:, _FIRST_RELATION + r] = np.bincount(fields.race, moved * (relation == r), n)
    x[:, _FRONT] = fields.front
    return x


def by_stratum(x: FloatArray, stratum: Int64Array) -> FloatArray:
    """The columns, and again for each stratum's own slopes: float64[N, len(SLOPES) (1 + len(STRATA))]."""
    own = [x * (stratum == s)[:, None] for s in range(len(STRATA))]
    return np.concatenate([x, *own], axis=1)


def spread(fields: Fields, x: FloatArray, sizes: FloatArray) -> Spread:
    """Loads on an election's shocks (a wind by camp, a slope by relation, the lead's two) and the rest's variance."""
    size = dict(zip(SIZES, exp(sizes), strict=True))
    settled, one, camp = fields.settled, fields.one_bloc, camps_of(fields.finalist_bloc)

    def by_kind(name: str) -> FloatArray:
        value: FloatArray = np.where(settled, size[f"{name}_settled"], size[f"{name}_moving"]) * ~one
        return value

    sides = np.eye(len(CAMPS))
    wind = (sides[camp[:, 0]] - sides[camp[:, 1]]) * by_kind("wind")[:, None]
    relation = x[:, _FIRST_RELATION:_FRONT] * by_kind("relation")[:, None]
    open_ = open_pools(fields) * size["open"]
    lead, one_lead = x[:, _LEAD] * by_kind("lead"), x[:, _ONE] * size["one_bloc_lead"]
    loads = np.column_stack([wind, relation, open_, lead, one_lead])
    prior = np.zeros(len(SLOPES) * (1 + len(STRATA)))
    prior[: len(SLOPES)] = SLOPE
    sd = np.full(len(prior), size["slopes"])
    sd[: len(SLOPES)] = SLOPE_SD
    return Spread(loads, _rest(fields, size), prior, sd)


def lead_of(fields: Fields) -> FloatArray:
    """A's lead over B in the first round, over the votes that come back: float64[N]."""
    lead: FloatArray = (fields.finalist_share[:, 0] - fields.finalist_share[:, 1]) / fields.back
    return lead


def side_of(fields: Fields) -> FloatArray:
    """1 where A stands further left than B, -1 where further right, 0 where neither: float64[N]."""
    blocs = fields.finalist_bloc
    with np.errstate(invalid="ignore"):
        side: FloatArray = np.nan_to_num(np.sign(_AXIS[blocs[:, 1]] - _AXIS[blocs[:, 0]]))
    return side


def open_pools(fields: Fields) -> FloatArray:
    """Shares of the pools that are as near to one finalist as to the other, by camp, signed: float64[N, camps].

    They have no side of their own, and on a day they take one together: which, is counted from the left.
    """
    share = fields.share * ((fields.relation[:, 0] == NONE) & (fields.role < 0)) / fields.back[fields.race]
    side = side_of(fields) * ~fields.one_bloc
    camp = camps_of(fields.bloc)
    return np.stack(
        [np.bincount(fields.race, share * (camp == c), fields.races) * side for c in range(len(CAMPS))], axis=1
    )


def _rest(fields: Fields, size: dict[str, float]) -> FloatArray:
    """The variance of a race's own part of its margin."""
    stratum = np.array([1.0, *(size[name] for name in STRATA[1:])])[fields.stratum]
    eliminated = fields.role < 0
    pools = np.bincount(fields.race, fields.share**2 * eliminated, fields.races)
    two = stratum**2 * (square(size["race"]) + square(size["pool"]) * pools)
    elsewhere = np.where(fields.stratum == STRATA.index("district"), 1.0, size["one_bloc_us"])
    rest: FloatArray = np.where(fields.one_bloc, (size["one_bloc"] * elsewhere) ** 2, two)
    return rest


def problem_of(fields: Fields, margin: FloatArray, group: Int64Array) -> Problem:
    """The linear model of duels, float64[N] margins of A, in groups int64[N], in order."""
    x = columns(fields)
    return Problem(by_stratum(x, fields.stratum), margin, group, partial(spread, fields, x), SIZE, SIZE_SD)
