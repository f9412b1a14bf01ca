"""What a fit says of a race whose election's other races are known: the law of its margin, given theirs.

Between elections few shocks can be told apart; within one, hundreds of races tell more of them.  So a chamber's
races share, besides the fit's shocks, what belongs to the camps of the two finalists: a wind, a slope of the lead, and
what the pools of each bloc do.  They are around nothing, so that they say nothing of an election that nobody has seen,
and their sizes make the margins of eight chambers most likely.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from runoff.data.archive.words import BLOCS, CAMPS
from runoff.model.prior.fitted.design import columns, lead_of, side_of, spread
from runoff.model.prior.fitted.fields import STRATA, Fields
from runoff.model.prior.fitted.fits import Fit
from runoff.model.prior.fitted.relations import camps_of
from runoff.model.prior.law import CALM, MarginLaw
from runoff.race import FloatArray

# sd in shares of margin, by pair of camps: of the wind, of the lead's slope, of a bloc's pools' slope.  Found by the
# marginal likelihood (+164), and the same to a step of the grid without any one of the eight
WIND, LEAD, POOLS = 0.03, 0.10, 0.18


def given_others(fit: Fit, fields: Fields, margin: FloatArray) -> Iterator[MarginLaw]:
    """Each race's law given all other races of its election, whose margins are float64[N]: leaving one out of a normal.

    With K the covariance of the margins and r what they are off their means, the margin of one given the others has
    variance 1 / (K^-1)[i, i] and mean y[i] - (K^-1 r)[i] / (K^-1)[i, i] (Rasmussen and Williams 2006, eq. 5.12).
    """
    x = columns(fields)
    found = spread(fields, x, np.log(fit.sizes))
    district = fields.stratum == STRATA.index("district")
    loads = found.loads * np.where(district, CALM, 1.0)[:, None]
    loads = np.concatenate([loads, by_pair(fields) * district[:, None]], axis=1)
    slopes = np.zeros((fields.races, fields.races))
    for s in np.unique(fields.stratum):  # slopes of two strata are taken as apart
        own = fields.stratum == s
        slopes[np.ix_(own, own)] = x[own] @ fit.cov[s] @ x[own].T
    inverse = np.linalg.inv(loads @ loads.T + np.diag(found.variance) + slopes)
    mean = np.einsum("nk,nk->n", x, fit.mean[fields.stratum])
    given = margin - (inverse @ (margin - mean)) / np.diag(inverse)
    sd = 1.0 / np.sqrt(np.diag(inverse))
    for i in range(fields.races):
        own, shared = float(found.variance[i]), max(float(sd[i] ** 2 - found.variance[i]), 0.0)
        parts = [np.array([value]) for value in (given[i], sd[i], shared / 2.0, shared / 2.0, own, 0.0)]
        yield MarginLaw(*parts)


def by_pair(fields: Fields) -> FloatArray:
    """Loads on what belongs to a pair of camps, signed to the finalist further left: float64[N, shocks].

    Finalists of one place on the axis have none.
    """
    camps = np.sort(camps_of(fields.finalist_bloc), axis=1)
    pair = camps[:, 0] * len(CAMPS) + camps[:, 1]
    side, lead = side_of(fields), lead_of(fields)
    share = np.where(fields.role < 0, fields.share, 0.0) / fields.back[fields.race]
    pools = np.zeros((fields.races, len(BLOCS)))
    np.add.at(pools, (fields.race, fields.bloc), share)
    loads = np.column_stack([WIND * side, LEAD * lead, POOLS * pools * side[:, None]])
    return np.concatenate([loads * (pair == one)[:, None] for one in np.unique(pair)], axis=1)
