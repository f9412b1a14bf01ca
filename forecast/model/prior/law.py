"""What a fit says of one runoff between two finalists: the margin's normal, and what its spread is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from runoff.data.archive.words import CAMPS
from runoff.model.prior.fitted.design import columns, spread
from runoff.model.prior.fitted.fields import STRATA, Fields
from runoff.model.prior.fitted.fits import Fit
from runoff.model.prior.fitted.relations import RELATIONS
from runoff.race import FloatArray

CALM = 0.8  # shocks of a chamber's election to those of the eight in the archive: left out in turn, so many were wide
_WIND = slice(0, len(CAMPS))
_LEAD_FROM = 2 * len(CAMPS) + len(RELATIONS)
_RELATION = slice(len(CAMPS), _LEAD_FROM)  # those of pools that are as near to both among them
_LEAD = slice(_LEAD_FROM, _LEAD_FROM + 2)


@dataclass(frozen=True, slots=True)
class MarginLaw:
    """A's margin in the runoff, as shares of valid votes: float64[N] each.

    mean, sd : of the normal.  wind, relation, race, known : parts of the variance that all pools share, that a
    relation's pools share, that the race has of its own, and that is the slopes' own error.
    """

    mean: FloatArray
    sd: FloatArray
    wind: FloatArray
    relation: FloatArray
    race: FloatArray
    known: FloatArray


def margin_law(fit: Fit, fields: Fields) -> MarginLaw:
    """The law of each race's margin; races that this fit has not seen, nor their election."""
    x = columns(fields)
    found = spread(fields, x, np.log(fit.sizes))
    calm = np.where(fields.stratum == STRATA.index("district"), CALM**2, 1.0)
    squares = found.loads**2 * calm[:, None]
    mean = np.einsum("nk,nk->n", x, fit.mean[fields.stratum])
    known = np.maximum(np.einsum("ni,nij,nj->n", x, fit.cov[fields.stratum], x), 0.0)
    wind = squares[:, _WIND].sum(axis=1) + squares[:, _LEAD].sum(axis=1)
    relation = squares[:, _RELATION].sum(axis=1)
    total = wind + relation + found.variance + known
    return MarginLaw(mean, np.sqrt(total), wind, relation, found.variance, known)
