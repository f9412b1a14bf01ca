"""Effects with a common scale: together they are Student's t, a mixture of normals over a few sizes.

x ~ N(0, tau I), tau ~ inverse gamma (DF / 2, DF / 2), so that x is multivariate t with DF degrees of freedom; tau is
kept on a grid of its logarithm.  Given tau everything is normal, and how likely each tau is follows from the
quadratic form of what is seen.

Source: Andrews and Mallows (1974), Scale mixtures of normal distributions, doi:10.1111/j.2517-6161.1974.tb00989.x.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from runoff.arithmetic.chances import quantile
from runoff.arithmetic.functions import exp, log
from runoff.arithmetic.matrices import cholesky, over, product, under
from runoff.race import FloatArray

DF = 5.0
SCALES: FloatArray = exp(0.55 * np.arange(-2.0, 5.0))  # tau, 0.33 to 9
_LOG_PRIOR: FloatArray = -0.5 * DF * (log(SCALES) + 1.0 / SCALES)
LOG_CHANCE: FloatArray = _LOG_PRIOR - log(exp(_LOG_PRIOR).sum())
MEAN_SCALE = float((exp(LOG_CHANCE) * SCALES).sum())  # of tau
_UPTO = np.array([quantile(float(p)) for p in np.cumsum(exp(LOG_CHANCE))[:-1]])  # normals between two of SCALES


def places(normals: FloatArray) -> np.ndarray:
    """Places in SCALES, one for each standard normal, with the chances that they have before anything is seen."""
    return np.searchsorted(_UPTO, normals)


@dataclass(frozen=True, slots=True)
class Part:
    """One normal of the mixture, after what is seen.

    log_chance : of the part.  mean : float64[p].  root : float64[p, p], lower Cholesky factor of the precision.
    prior : float64[p], precisions before anything was seen.  log_prior : of its scale, with the constant of the
    normal density that has these precisions.
    """

    log_chance: float
    mean: FloatArray
    root: FloatArray
    prior: FloatArray
    log_prior: float


def mixture(information: FloatArray, pull: FloatArray, scaled: np.ndarray) -> list[Part]:
    """The parts of x after a likelihood exp(pull' x - x' information x / 2).

    Parameters
    ----------
    information : float64[p, p].  pull : float64[p].
    scaled : bool[p], which of x share tau; the others are standard normal.

    """
    found = []
    for tau, log_chance in zip(SCALES, LOG_CHANCE, strict=True):
        prior = np.where(scaled, 1.0 / tau, 1.0)
        precision = information + np.diag(prior)
        root = cholesky(precision)
        mean = over(root, under(root, pull))
        log_prior = float(log_chance) + 0.5 * float(log(prior).sum())
        log_mass = log_prior - float(log(np.diag(root)).sum()) + 0.5 * float(product(pull, mean))
        found.append(Part(log_mass, mean, root, prior, log_prior))
    top = max(part.log_chance for part in found)
    whole = top + float(log(sum(exp(part.log_chance - top) for part in found)))
    return [Part(p.log_chance - whole, p.mean, p.root, p.prior, p.log_prior) for p in found]


def precisions(information: FloatArray, pull: FloatArray, scaled: np.ndarray) -> FloatArray:
    """Mean of the prior's precisions over the mixture: float64[p]; at their mode x is where the mixture's is."""
    parts = mixture(information, pull, scaled)
    result: FloatArray = sum((exp(part.log_chance) * part.prior for part in parts), start=np.zeros(len(pull)))
    return result
