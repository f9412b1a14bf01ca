"""Sobol indices of a smooth function of independent standard normals, by points that differ in one of them.

With A and B two sets of points and A_i the points of A with the normals i of B,

    total index:  E[(f(A) - f(A_i))^2] / 2 / Var f
    first order:  E[f(B) (f(A_i) - f(A))] / Var f

(Jansen 1999, doi:10.1016/S0010-4655(98)00154-4; Saltelli et al. 2010, doi:10.1016/j.cpc.2009.09.018).  Both are
taken of what the best straight line of f leaves, as the line's part is known; its slopes are the mean gradient of f
(Stein's identity).  Points come with their mirror images, so that what bends does not disturb what is straight.

No normal's total index is above the mean square of f's slope along it over Var f (Poincare's inequality; Sobol' and
Kucherenko 2009, doi:10.1016/j.matcom.2009.01.023): where that is below `LEAST` the line's part is all that is said.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from runoff.race import FloatArray

LEAST = 2e-3  # of the variance: what a group of normals may do at most without being looked at


@dataclass(frozen=True, slots=True)
class Indices:
    """What groups of normals do to a function of all of them.

    variance : of the function.  slopes : float64[F], its best straight line.
    first, total : float64[G], shares of the variance: of a group alone, and of it with all that it acts together with.
    """

    variance: float
    slopes: FloatArray
    first: FloatArray
    total: FloatArray

    @property
    def shares(self) -> FloatArray:
        """Shares that add up to 1: float64[G], halfway between both indices.

        Shapley effects where no three groups act together (Owen 2014, doi:10.1137/130936233): what two do together
        is halved between them; what three and more do is the reason for the scaling.
        """
        middle = 0.5 * (self.first + self.total)
        return middle / middle.sum() if middle.sum() > 0.0 else middle


def indices(
    of: Callable[[FloatArray], FloatArray],
    gradient: Callable[[FloatArray], FloatArray],
    groups: Sequence[Sequence[int]],
    points: tuple[FloatArray, FloatArray],
) -> Indices:
    """First-order and total indices of groups of normals.

    Parameters
    ----------
    of, gradient : the function at points float64[n, F]: float64[n] and float64[n, F].
    groups : places of the normals of each group; a normal is in at most one.
    points : two sets of standard normals float64[n, F]; their mirror images are added.
    """
    a, b = (np.concatenate([side, -side]) for side in points)
    slope = gradient(a)
    line, steep = slope.mean(axis=0), (slope**2).mean(axis=0)
    at_a, at_b = of(a), of(b)
    middle = 0.5 * (at_a.mean() + at_b.mean())
    left = np.concatenate([at_a - a @ line, at_b - b @ line]) - middle
    variance = float(line @ line + left @ left / left.size)
    first, total = np.zeros(len(groups)), np.zeros(len(groups))
    straight_b = b @ line
    for g, group in enumerate(groups):
        members = list(group)
        first[g] = total[g] = line[members] @ line[members]
        if steep[members].sum() <= LEAST * variance:
            continue
        mixed = a.copy()
        mixed[:, members] = b[:, members]
        moved, straight = of(mixed) - at_a, (b[:, members] - a[:, members]) @ line[members]
        total[g] += float((moved**2 - straight**2).mean()) / 2.0
        first[g] += float(((at_b - middle) * moved - straight_b * straight).mean())
    if variance <= 0.0:
        return Indices(0.0, line, np.zeros(len(groups)), np.zeros(len(groups)))
    total = np.clip(total / variance, 0.0, 1.0)
    return Indices(variance, line, np.minimum(np.maximum(first / variance, 0.0), total), total)
