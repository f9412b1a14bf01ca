"""What a chamber's races share: shocks of their election by name, each race's loads on them, and what results say.

    margin of a pair = mean + loads . z + own        z : standard normals of the election, own : the race's

The shocks are those of the archive's law (a wind by camp, a slope by relation, open pools by camp, the lead's two),
with what is not known of the slopes themselves, which all races of a kind have in common.  Given margins that are in,
all is normal and in closed form.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from runoff.data.archive.words import CAMPS
from runoff.model.prior.fitted.design import SLOPES, columns, spread
from runoff.model.prior.fitted.fields import STRATA, Fields
from runoff.model.prior.fitted.fits import Fit
from runoff.model.prior.fitted.relations import RELATIONS
from runoff.model.prior.law import CALM
from runoff.race import FloatArray

_DECIMALS = 5  # so that every machine draws equal bits
NAMES = (
    *(f"wind {camp}" for camp in CAMPS),
    *(f"slope {relation}" for relation in RELATIONS),
    *(f"open {camp}" for camp in CAMPS),
    "lead",
    "lead one bloc",
    *(f"known {slope}" for slope in SLOPES),
)


@dataclass(frozen=True, slots=True)
class Shared:
    """P margins of A over B, shares of the two's votes.

    mean : float64[P].  loads : float64[P, Q] on the shocks NAMES, standard normals.  own : float64[P], variance of what
    each race has by itself.
    """

    mean: FloatArray
    loads: FloatArray
    own: FloatArray

    def and_(self, other: Shared) -> Shared:
        """Margins of both."""
        both = (np.concatenate([getattr(of, name) for of in (self, other)]) for name in ("mean", "loads", "own"))
        return Shared(*both)

    @property
    def common(self) -> FloatArray:
        """Variance that the shocks make: float64[P]."""
        found: FloatArray = (self.loads**2).sum(axis=1)
        return found

    @property
    def sd(self) -> FloatArray:
        """Standard deviation of each margin: float64[P]."""
        found: FloatArray = np.sqrt(self.common + self.own)
        return found


def shared_law(fit: Fit, fields: Fields) -> Shared:
    """The law of pairs of one stratum, with its shocks apart."""
    x = columns(fields)
    found = spread(fields, x, np.log(fit.sizes))
    calm = np.where(fields.stratum == STRATA.index("district"), CALM, 1.0)
    stratum = int(fields.stratum[0]) if fields.races else 0
    values, vectors = np.linalg.eigh(fit.cov[stratum])
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T  # the symmetric one: unique, whatever the machine
    loads = np.column_stack([found.loads * calm[:, None], x @ root])
    return Shared(x @ fit.mean[stratum], loads, found.variance)


@dataclass(frozen=True, slots=True)
class Learned:
    """The shocks after some results: mean float64[Q], and root float64[Q, Q], lower, of their covariance.

    loglik : log of the density of the results, but for a constant.
    """

    mean: FloatArray
    root: FloatArray
    loglik: float = 0.0

    @classmethod
    def nothing(cls) -> Learned:
        """Before any result."""
        return cls(np.zeros(len(NAMES)), np.eye(len(NAMES)))


def learned(law: Shared, margin: FloatArray, noise: FloatArray) -> Learned:
    """The shocks given margins float64[P] that are in; noise : float64[P], variance of each besides its own, inf where
    it is not in.

    A normal's update by the precision: C = (I + L' D^-1 L)^-1, m = C L' D^-1 (y - mean).
    """
    weight = 1.0 / (law.own + noise)
    precision = np.eye(law.loads.shape[1]) + law.loads.T @ (law.loads * weight[:, None])
    away = np.where(weight > 0.0, margin - law.mean, 0.0)
    cov = np.linalg.inv(precision)
    pull = law.loads.T @ (weight * away)
    mean = cov @ pull
    size = float(np.linalg.slogdet(precision)[1] - np.log(weight[weight > 0.0]).sum())
    loglik = -0.5 * (size + float(weight @ away**2 - pull @ mean))
    root: FloatArray = np.linalg.cholesky((cov + cov.T) / 2.0).astype(np.float64)
    return rounded(mean, root, loglik)


def rounded(mean: FloatArray, root: FloatArray, loglik: float) -> Learned:
    """Shocks with numbers that every machine has."""
    return Learned(np.round(mean, _DECIMALS), np.round(root, _DECIMALS), loglik)
