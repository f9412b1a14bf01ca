"""What evidence does to the race: the posterior without one poll, one pollster, or one group of crosstabs.

Around a mode m observations are linear in the factors z.  With C the covariance of all errors, r the polls' log-ratios
less what is expected of them at m, X which group each of them is of, and M = C^-1 with the rows and columns S that are
left out swept off,

    M = P - P[:, S] P[S, S]^-1 P[S, :],   P = C^-1,   A = X' M X,   b = X' M r,

the posterior without S has precision I + D' A D, and its mode is (I + D' A D)^-1 (D' b - m) from m, with D the
gradients of the groups' log-ratios; so on from there, until it stays.  All is solved in as many dimensions as there
are groups, so that it is linear in the number of polls once C is inverted.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from runoff import names
from runoff.arithmetic.matrices import inverse, product, solve
from runoff.model.electorate import (
    Electorate,
    each_log_ratio_gradients,
    each_log_ratios,
    log_ratio_gradients,
    log_ratios,
)
from runoff.model.poll_errors import Heard
from runoff.race import FloatArray

_STEPS = 8  # of Gauss and Newton
_CLOSE = 1e-3  # of a factor's standard deviation: a step that ends the search


@dataclass(frozen=True, slots=True)
class Without:
    """The race's log-ratio of expected votes without some evidence: by how much its mean is higher, and its sd."""

    higher: float
    sd: float


@dataclass(frozen=True, slots=True)
class LeftOut:
    """The race's log-ratio with all evidence, and what it would be without some; of two finalists.

    mean, sd : with all of it, regions, units and counting left out.
    poll, pollster, group : for each poll and crosstab in the order of `Heard.polls`: without it, without all that its
        pollster found, without all polls of the race, or all crosstabs of its group.
    """

    mean: float
    sd: float
    poll: tuple[Without, ...]
    pollster: tuple[Without, ...]
    group: tuple[Without, ...]


def left_out(heard: Heard, pools: Electorate, mode: FloatArray) -> LeftOut | None:
    """What the race would look like without each part of the evidence; None of more than two finalists.

    mode : float64[F], of the posterior with all evidence.
    """
    if pools.n_ratios > 1:
        return None
    swept = _Swept(heard, pools, mode)
    mean, sd = swept.race(mode, swept.information)
    pollsters = [names.same(poll.pollster) for poll in heard.polls]
    return LeftOut(
        mean=mean,
        sd=sd,
        poll=_each(swept, range(len(heard.polls))),
        pollster=_each(swept, pollsters),
        group=_each(swept, heard.of_poll),
    )


def _each(swept: _Swept, labels: Iterable[Hashable]) -> tuple[Without, ...]:
    """The race without all that has one's label, for each."""
    members: dict[Hashable, list[int]] = {}
    of_poll = list(labels)
    for place, label in enumerate(of_poll):
        members.setdefault(label, []).append(place)
    found = {label: swept.without(places) for label, places in members.items()}
    return tuple(found[label] for label in of_poll)


class _Swept:
    """The posterior of two finalists' race, from whose evidence rows can be taken."""

    def __init__(self, heard: Heard, pools: Electorate, mode: FloatArray) -> None:
        self.groups, self.pools, self.mode = heard.people, pools, mode
        member = np.eye(len(heard.groups))[list(heard.of_poll)]
        self.precision: FloatArray = inverse(heard.covariance)
        said = (heard.log_odds - heard.shift)[:, 0]
        self.to_groups, self.to_said = product(self.precision, member), product(self.precision, said)
        self.information, self.score = product(member.T, self.to_groups), product(member.T, self.to_said)
        self.known: dict[tuple[int, ...], Without] = {}
        self.at_mode = float(log_ratios(pools, pools.people, mode[None, :])[0, 0])

    def without(self, places: Sequence[int]) -> Without:
        """The race's log-ratio without these rows, once for each set of them."""
        key = tuple(places)
        if key not in self.known:
            self.known[key] = self._found(list(places))
        return self.known[key]

    def _found(self, rows: list[int]) -> Without:
        """Gauss and Newton's method from the mode with all rows."""
        pivot = self.precision[np.ix_(rows, rows)]
        swept = solve(pivot, np.column_stack([self.to_groups[rows], self.to_said[rows]]))
        information = self.information - product(self.to_groups[rows].T, swept[:, :-1])
        score = self.score - product(self.to_groups[rows].T, swept[:, -1])
        z = self.mode
        for _ in range(_STEPS):
            step = self._step(z, information, score)
            z = z + step
            if float(np.abs(step).max()) < _CLOSE:
                break
        mean, sd = self.race(z, information)
        return Without(mean - self.at_mode, sd)

    def _step(self, z: FloatArray, information: FloatArray, score: FloatArray) -> FloatArray:
        """(I + D' A D)^-1 (D' b - z), by as many dimensions as there are groups."""
        at = each_log_ratios(self.pools, self.groups, z[None, :])[:, 0, 0]
        slopes = self._slopes(z)
        right = product(slopes.T, score - product(information, at)) - z
        lever = _lever(information, product(slopes, slopes.T))
        step: FloatArray = right - product(slopes.T, product(lever, product(slopes, right)))
        return step

    def race(self, z: FloatArray, information: FloatArray) -> tuple[float, float]:
        """The race's log-ratio at a mode, and its sd around it."""
        mean = float(log_ratios(self.pools, self.pools.people, z[None, :])[0, 0])
        own, slopes = log_ratio_gradients(self.pools, self.pools.people, z)[0], self._slopes(z)
        seen = product(slopes, own)
        variance = float((own * own).sum())
        variance -= float(product(seen, product(_lever(information, product(slopes, slopes.T)), seen)))
        return mean, float(np.sqrt(max(variance, 0.0)))

    def _slopes(self, z: FloatArray) -> FloatArray:
        return each_log_ratio_gradients(self.pools, self.groups, z)[:, 0]


def _lever(information: FloatArray, shared: FloatArray) -> FloatArray:
    """A (I + K A)^-1, with K the gradients' products: where A is nought, as with no poll of a group left, too."""
    found: FloatArray = solve(np.eye(len(shared)) + product(information, shared), information)
    return found
