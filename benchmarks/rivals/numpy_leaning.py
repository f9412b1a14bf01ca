"""NumPy, many units that lean: as `numpy_units`, with slopes, centred effects and log-odds that are bent back.

The slope and a unit's effects are the same for all its pools, so the products over pools stay as they are.  A normal
given that its weighted sum is nought is that normal less the sum times a column, and slopes times leans are a
column too: both are one product of a trials x 2 and a 2 x units matrix.  Polynomials in the slope's normal are a
product of its powers with the coefficients of all pools; those in log-odds go by Horner's rule.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.counts import Contest
from benchmarks.problem import Leaning, Problem
from benchmarks.rivals.numpy_units import Array, Draw, contest_of

NAME = "NumPy, many units that lean"


def prepare(
    problem: Problem,
    *,
    dtype: str = "float64",
    normals: str = "ziggurat",
    chunk: int = 256,
    part: int = 16,
    seed: int = 1,
) -> Contest:
    """One process; ValueError where units do not lean."""
    if problem.leaning is None:
        raise ValueError("units have no lean: numpy_units draws them")
    return contest_of(_Leaning(problem, problem.leaning, np.dtype(dtype), normals, chunk, part, seed), problem)


class _Leaning(Draw):
    """The same arrays, and those of slopes."""

    def __init__(self, problem: Problem, of: Leaning, dtype: np.dtype[Any], *options: Any) -> None:
        super().__init__(problem, dtype, *options)
        pools = problem.people.shape[1]
        self.unit_scale = of.unit[:, None].astype(dtype)
        self.region_scale = of.region[:, None].astype(dtype)
        self.weight, unit_less = _centring(of.weight, of.unit)
        self.region_weight, self.region_less = _centring(np.bincount(problem.region, of.weight), of.region)
        self.weight, self.region_weight, self.region_less = (
            a.astype(dtype) for a in (self.weight, self.region_weight, self.region_less)
        )
        self.of_sum_and_slope = np.stack([unit_less, -of.lean.T], axis=1).astype(dtype)  # [2, 2, U]
        self.slope = of.slope.astype(dtype)
        self.sum_and_slope = np.empty((2, self.chunk, 2), dtype)
        # [2, 7, 5 J]: all pools' coefficients of a power of d, from those of the slope's normal
        self.q = of.q.transpose(0, 3, 2, 1).reshape(2, of.q.shape[3], -1).astype(dtype)
        self.powers_of_d, self.pools, self.most = of.q.shape[2], pools, dtype.type(of.most)
        self.cross = of.cross.T.astype(dtype)
        self.z_slope = np.empty((2, self.chunk), dtype)
        self.of_normal = np.ones((2, self.chunk, of.q.shape[3]), dtype)

    def factors(self) -> None:
        """What a chunk's pools and units multiply the odds by, with the chunk's slopes."""
        self.normals.fill(self.z_slope)
        odds = self._bent(self.distances())
        self.of_pools(odds)
        effect, region = self.z_unit[:2], self.z_region
        effect *= self.unit_scale
        region *= self.region_scale
        region += (region @ self.region_weight)[:, :, None] * self.region_less[:, None]
        self.sum_and_slope[:, :, 0] = effect @ self.weight
        np.multiply(self.z_slope, self.slope[:, 1:], out=self.sum_and_slope[:, :, 1])
        self.sum_and_slope[:, :, 1] += self.slope[:, :1]
        effect += self.sum_and_slope @ self.of_sum_and_slope
        effect += region[:, :, self.region]
        self.of_units(effect)

    def _bent(self, distance: Array) -> Array:
        """Bent log-odds less their location, signs turned, of distances of the same kind: float[2, chunk, J]."""
        normal = np.clip(self.z_slope / self.most, -1, 1)
        for power in range(1, self.of_normal.shape[2]):
            np.multiply(self.of_normal[:, :, power - 1], normal, out=self.of_normal[:, :, power])
        by_power = (self.of_normal @ self.q).reshape(2, self.chunk, self.powers_of_d, self.pools)
        d = np.negative(distance, out=distance)
        bent: Array = by_power[:, :, -1] * d
        for m in range(self.powers_of_d - 2, 0, -1):
            bent += by_power[:, :, m]
            bent *= d
        bent += by_power[:, :, 0]
        both = self.z_slope[0] * np.stack([np.ones_like(normal[1]), self.z_slope[1]])  # [2, chunk]
        bent[1] += both.T @ self.cross
        bent += self.location  # which is turned, and `of_pools` adds again
        np.negative(bent, out=bent)
        return bent


def _centring(weight: Array, sd: Array) -> tuple[Array, Array]:
    """Weights [n], and what a weighted sum takes of each side's normals [2, n], so that the sum is nought."""
    moved = weight * sd**2
    whole = (moved * weight).sum(axis=1, keepdims=True)
    return weight, np.divide(-moved, whole, out=np.zeros_like(moved), where=whole > 0)
