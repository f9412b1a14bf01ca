"""What a night's update learns from: reported cells, polls, and how many votes of a mode there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from runoff.arithmetic.functions import exp, log
from runoff.model.electorate import each_log_ratios
from runoff.model.posterior import Observation
from runoff.phases.runoff_night.model.cells import NightModel, stacked
from runoff.race import FloatArray


@dataclass(frozen=True, slots=True)
class Seen:
    """What is reported, with modes first.

    votes : float64[M, U], valid votes.  first : float64[Q, M, U], those for each finalist but the last.
    size, split : bool[M, U], whether the number of votes and their split are observed.
    extra : float64[M, U], variance of the split's log-odds besides counting (cells that are partly in).
    """

    votes: FloatArray
    first: FloatArray
    size: np.ndarray
    split: np.ndarray
    extra: FloatArray

    @property
    def finalists(self) -> FloatArray:
        """Votes of every finalist: float64[K, M, U]."""
        return np.concatenate([self.first, (self.votes - self.first.sum(axis=0))[None]])

    @property
    def mask(self) -> np.ndarray:
        """What of the cells is seen, numbers of votes and then each log-ratio: bool[(1 + Q) M, U]."""
        return np.concatenate([self.size, *[self.split] * len(self.first)])

    @property
    def start(self) -> FloatArray:
        """Where scoring starts, float64[(1 + Q) M, U]: the counts' own logarithms and log-ratios."""
        votes = log(self.votes + 0.5)
        if len(self.first) == 1:
            return np.concatenate([votes, log((self.first[0] + 0.5) / (self.votes - self.first[0] + 0.5))])
        every = self.finalists + 0.5
        return np.asarray(stacked(votes, log(every[:-1] / every[-1])))

    def of_units(self, units: np.ndarray) -> Seen:
        """The same of some units, places int64[n]."""
        return Seen(*(getattr(self, name)[..., units] for name in self.__dataclass_fields__))


@dataclass(frozen=True, slots=True)
class Size:
    """What is known of all votes of a mode: normal in their logarithm."""

    mode: int
    location: float
    scale: float


@dataclass(frozen=True, slots=True)
class Polled:
    """Observations of the race as a whole: polls and crosstabs, and how many votes of a mode there are.

    covariance : float64[n, n] of the polls' errors.
    """

    observations: tuple[Observation, ...] = ()
    covariance: FloatArray = field(default_factory=lambda: np.zeros((0, 0)))
    sizes: tuple[Size, ...] = ()

    @property
    def value(self) -> FloatArray:
        """float64[n + sizes]."""
        return np.array([*(o.value for o in self.observations), *(size.location for size in self.sizes)])

    @property
    def error(self) -> FloatArray:
        """Covariance of all errors: float64[n + sizes, n + sizes]."""
        polls, everything = len(self.observations), len(self.observations) + len(self.sizes)
        result = np.diag(np.array([1.0] * polls + [size.scale * size.scale for size in self.sizes]).reshape(everything))
        result[:polls, :polls] = self.covariance
        return result

    def expected(self, model: NightModel, x: Any, log_votes: Any) -> FloatArray:
        """What they would be without error at x float64[n, C] and cells' log votes [M, U, n]: float64[n, n + sizes]."""
        z = np.asarray(x[:, : model.pools.n_factors], np.float64)
        found = []
        if self.observations:
            groups = each_log_ratios(model.pools, np.stack([o.people for o in self.observations]), z)
            found = [of[:, o.ratio] for of, o in zip(groups, self.observations, strict=True)]
        for size in self.sizes:
            votes = log_votes[size.mode]
            top = votes.max(axis=0)
            found.append(top + log(exp(votes - top).sum(axis=0)))
        return np.array(found, np.float64).reshape(len(self.observations) + len(self.sizes), len(z)).T


def masked(noise: FloatArray, mask: np.ndarray) -> FloatArray:
    """Variances of what is seen, 1 of the rest: float64[U, N], or covariances [U, N, N] with several log-ratios."""
    if noise.ndim == 2:
        return np.where(mask, noise, 1.0).T
    both = mask[:, None] & mask[None, :]
    eye = np.eye(len(mask))[:, :, None]
    return np.ascontiguousarray(np.where(both, noise, eye).transpose(2, 0, 1))
