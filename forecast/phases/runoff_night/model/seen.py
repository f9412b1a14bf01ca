"""What a night's update learns from: reported cells, polls, and how many votes of a mode there are."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from runoff.model.electorate import log_ratios
from runoff.model.posterior import Observation
from runoff.phases.runoff_night.model.cells import NightModel
from runoff.race import FloatArray

EXACT = 0.005  # log-odds, an eighth of a point of share: what a known total may be off


@dataclass(frozen=True, slots=True)
class Seen:
    """What is reported, with modes first.

    votes, first : float64[M, U], valid votes, and those for the first finalist.
    size, split : bool[M, U], whether the number of votes and their split are observed.
    extra : float64[M, U], variance of the split's log-odds besides counting (cells that are partly in).
    """

    votes: FloatArray
    first: FloatArray
    size: np.ndarray
    split: np.ndarray
    extra: FloatArray

    def of_units(self, units: np.ndarray) -> Seen:
        """The same of some units, places int64[n]."""
        return Seen(*(getattr(self, name)[:, units] for name in self.__dataclass_fields__))


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
        result = np.diag(np.array([1.0] * polls + [size.scale**2 for size in self.sizes]).reshape(everything))
        result[:polls, :polls] = self.covariance
        return result

    def expected(self, model: NightModel, x: Any, log_votes: Any) -> FloatArray:
        """What they would be without error at x float64[n, C] and cells' log votes [M, U, n]: float64[n, n + sizes]."""
        z = np.asarray(x[:, : model.pools.n_factors], np.float64)
        found = [log_ratios(model.pools, o.people, z)[:, o.ratio] for o in self.observations]
        for size in self.sizes:
            votes = log_votes[size.mode]
            top = votes.max(axis=0)
            found.append(top + np.log(np.exp(votes - top).sum(axis=0)))
        return np.array(found, np.float64).reshape(len(self.observations) + len(self.sizes), len(z)).T


def with_total(polled: Polled, people: FloatArray, total: tuple[int, int]) -> Polled:
    """The same, with the split of the whole race known to EXACT; people : float64[J], those of all units."""
    known = Observation("the race's total", math.log((total[0] + 0.5) / (total[1] + 0.5)), people, 0)
    covariance = np.pad(polled.covariance, ((0, 1), (0, 1)))
    covariance[-1, -1] = EXACT**2
    return replace(polled, observations=(*polled.observations, known), covariance=covariance)
