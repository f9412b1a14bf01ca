"""Polls and crosstabs as numbers: log-ratios, the covariance of their errors, and what they say together.

All head-to-head polls observe one thing: the log-ratios of the finalists' expected votes (for two of them the
log-odds of the two-way share); all crosstabs of one group observe the same of the group's votes.  Given the
sizes of their errors their likelihood depends on the race through these few numbers s alone, so together they
are one normal observation of s,

    value = V X' C^-1 y,   V = (X' C^-1 X)^-1,

with y the log-ratios of all polls and crosstabs less what is expected of sponsors, X telling who observes
what, and C the covariance of the errors (generalised least squares, Aitken 1935).  C is a sum:

    shared    the same in all polls of the race and their crosstabs, however many there are
    house     the same in whatever a pollster finds: house effects partly pooled, N(0, house_sd^2)
    sponsor   the same in the polls of one pollster for one side; its mean is taken off first
    drift     a random walk from the middle of the field work to the runoff: sd^2 min(days, days')
    undecided how those without a finalist split, the same within a group, in proportion to their share
    recall    the same in all crosstabs of a group: misremembered votes, and who says that they did not vote; none in
              polls of the race
    sampling  design effect times the multinomial variance of those who named a finalist; a crosstab's
              people are among its poll's, whose sampling variance is the covariance of the two

Settings are in points of a share near one half: four times as much in log-odds.  Log-ratios to the last
finalist have correlation 1/2 in all parts that are not sampling, so that finalists are treated alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from runoff import names
from runoff.arithmetic.functions import log, norm, square
from runoff.arithmetic.matrices import cholesky, inverse, over, positive, product, under
from runoff.data.polls.poll_checks import rest_of_100
from runoff.model.posterior import Observation
from runoff.race import FloatArray

if TYPE_CHECKING:
    from runoff.data.polls.polls import Poll
    from runoff.model.pools import Model
    from runoff.runfile.sections.observed import EvidenceSection

PARTS = ("sampling", "undecided", "house", "sponsor", "drift", "shared", "recall")
_LOGIT = 4.0  # log-odds per share at one half


@dataclass(frozen=True, slots=True)
class Heard:
    """Public polls and crosstabs as numbers; N of them, G groups that they observe, K - 1 log-ratios.

    polls : in canonical order.  groups : (kind, group) of each of G.  of_poll : the group of each poll.
    people : float64[G, J], people of each pool in each group.
    shares, log_odds, shift : float64[N, K-1], two-way share, log-ratio, and what is expected of the sponsor.
    parts : float64[N, K-1, N, K-1] by name, the covariance's parts.
    """

    polls: tuple[Poll, ...]
    groups: tuple[tuple[str, str], ...]
    of_poll: tuple[int, ...]
    people: FloatArray
    shares: FloatArray
    log_odds: FloatArray
    shift: FloatArray
    parts: dict[str, FloatArray]

    @property
    def covariance(self) -> FloatArray:
        """Of all errors, over polls and log-ratios: float64[N (K-1), N (K-1)]."""
        total = np.zeros_like(self.parts[PARTS[0]])
        for name in PARTS:
            total = total + self.parts[name]
        return total.reshape(self.log_odds.size, self.log_odds.size)


def hear(public: Sequence[Poll], model: Model, settings: EvidenceSection, notes: list[str]) -> Heard:
    """Public polls as numbers, in canonical order."""

    # the race first; then by group and by what was found, never by where it is written
    def order(poll: Poll) -> tuple[object, ...]:
        found = finalist_shares(poll, model.finalists)
        return (poll.kind != "race", poll.kind, poll.group, poll.identity[:-1], found)

    polls = sorted(public, key=order)
    groups = list(dict.fromkeys((poll.kind, poll.group) for poll in polls))
    of_poll = [groups.index((poll.kind, poll.group)) for poll in polls]
    shares = np.array([finalist_shares(poll, model.finalists) for poll in polls])  # [N, K]
    towards = _directions(polls, model)
    notes += [
        f"{poll.name}: no shift for its sponsor, whose side {poll.side} does not have one finalist"
        for poll, way in zip(polls, towards, strict=True)
        if poll.side and not way.any()
    ]
    parts = _systematic(polls, of_poll, shares, towards, model, settings)
    parts["sampling"] = _sampling(polls, shares, settings, notes)
    return Heard(
        polls=tuple(polls),
        groups=tuple(groups),
        of_poll=tuple(of_poll),
        people=np.array([people_of(kind, group, model) for kind, group in groups]),
        shares=shares[:, :-1] / (shares[:, :-1] + shares[:, -1:]),
        log_odds=log(shares[:, :-1] / shares[:, -1:]),
        shift=_LOGIT * settings.sponsor_shift * towards,
        parts=parts,
    )


def combined(heard: Heard, finalists: Sequence[str]) -> tuple[tuple[Observation, ...], FloatArray, FloatArray]:
    """Generalised least squares: observations, their covariance [n, n], and weights [n, N, K-1].

    The weights of one observation sum to 1 over the polls of its group and its log-ratio, and to 0 over others.
    """
    n, ratios = heard.log_odds.shape
    groups = len(heard.groups)
    design = np.zeros((n, ratios, groups, ratios))
    for i, group in enumerate(heard.of_poll):
        design[i, :, group, :] = np.eye(ratios)
    flat = design.reshape(n * ratios, groups * ratios)
    root = cholesky(heard.covariance)
    half = under(root, flat)
    covariance = inverse(product(half.T, half))
    covariance = 0.5 * (covariance + covariance.T)
    weights = product(covariance, over(root, half).T)
    values = product(weights, (heard.log_odds - heard.shift).ravel())
    observations = tuple(
        Observation(_said(heard, g, finalists[k], ratios), float(values[g * ratios + k]), heard.people[g], k)
        for g in range(groups)
        for k in range(ratios)
    )
    return observations, covariance, weights.reshape(groups * ratios, n, ratios)


def finalist_shares(poll: Poll, finalists: Sequence[str]) -> list[float] | None:
    """Shares of all asked, by finalist; one that is empty is what everybody else in the row leaves."""
    given = dict(poll.shares)
    missing = [name for name in finalists if name not in given]
    if len(missing) > 1 or (missing and poll.undecided is None):
        return None
    if missing:
        given[missing[0]] = rest_of_100([*given.values(), poll.undecided, poll.other])
    return [given[name] for name in finalists]


def people_of(kind: str, group: str, model: Model) -> FloatArray:
    """People of each pool that a group of respondents stands for: float64[J]."""
    bloc = names.same(group)
    inside = {
        "race": [True for _ in model.pools],
        "pool": [pool.kind != "new" and pool.name == group for pool in model.pools],
        "bloc": [pool.kind == "eliminated" and names.same(pool.bloc) == bloc for pool in model.pools],
        "party": [pool.kind != "new" and names.same(pool.bloc) == bloc for pool in model.pools],
        "new": [pool.kind == "new" for pool in model.pools],
    }[kind]
    return np.where(inside, np.asarray(model.people.sum(axis=0), np.float64), 0.0)


def _systematic(
    polls: Sequence[Poll],
    of_poll: Sequence[int],
    shares: FloatArray,
    towards: FloatArray,
    model: Model,
    settings: EvidenceSection,
) -> dict[str, FloatArray]:
    """All parts of the errors' covariance that are not sampling: float64[N, K-1, N, K-1] each."""
    n, ratios = len(polls), shares.shape[1] - 1
    alike = 0.5 * (np.eye(ratios) + 1.0)
    days = np.array([float((model.race.runoff - poll.middle).days) for poll in polls])
    house, side = (
        np.unique([names.same(word) for word in words], return_inverse=True)[1]
        for words in ([poll.pollster for poll in polls], [poll.side for poll in polls])
    )
    same = np.equal.outer(house, house).astype(np.float64)
    one_side = same * np.equal.outer(side, side)
    one_group = np.equal.outer(of_poll, of_poll).astype(np.float64)
    extra = {
        "race": 0.0,
        "party": norm(settings.crosstab_error_sd, settings.party_error_sd),
        "new": norm(settings.crosstab_error_sd, settings.self_selected_error_sd),
    }
    recall = np.array([extra.get(poll.kind, settings.crosstab_error_sd) for poll in polls])
    pair = shares[:, :-1] / (shares[:, :-1] + shares[:, -1:])
    without = np.maximum(0.0, 1.0 - shares.sum(axis=1))  # who named no finalist, part of all asked
    slope = without[:, None] / (pair * (1.0 - pair))

    def part(over_polls: FloatArray, size: float = 1.0) -> FloatArray:
        result: FloatArray = (over_polls * square(_LOGIT * size))[:, None, :, None] * alike[None, :, None, :]
        return result

    return {
        "undecided": square(settings.undecided_sd) * _outer(one_group, slope, slope) * alike[None, :, None, :],
        "house": part(same, settings.house_sd),
        "sponsor": square(_LOGIT * settings.sponsor_shift_sd) * _outer(one_side, towards, towards),
        "drift": part(np.minimum.outer(days, days), settings.drift_sd_per_day),
        "shared": part(np.ones((n, n)), settings.shared_error_sd),
        "recall": part(one_group * np.outer(recall, recall)),
    }


def _outer(both: FloatArray, left: FloatArray, right: FloatArray) -> FloatArray:
    """both[i, j] left[i, k] right[j, l]: float64[N, K-1, N, K-1]."""
    result: FloatArray = both[:, None, :, None] * left[:, :, None, None] * right[None, None, :, :]
    return result


def _sampling(polls: Sequence[Poll], shares: FloatArray, settings: EvidenceSection, notes: list[str]) -> FloatArray:
    """Sampling covariance float64[N, K-1, N, K-1]; a crosstab's people are among its poll's."""
    n, ratios = len(polls), shares.shape[1] - 1
    own = np.zeros((n, ratios, n, ratios))
    for i, poll in enumerate(polls):
        effect = settings.design_effect if poll.kind == "race" else settings.crosstab_design_effect
        # of log-ratios of a multinomial: (diag(1 / share) + 1 / last share) / people, shares of all asked
        inverse = np.diag(1.0 / shares[i, :-1]) + 1.0 / shares[i, -1]
        own[i, :, i, :] = effect / float(poll.sample_size or 1) * inverse
    together = own.copy()
    groups: dict[tuple[object, ...], list[int]] = {}
    for j, poll in enumerate(polls):
        if poll.kind != "race":
            groups.setdefault(poll.interviews, []).append(j)
    for i, whole in enumerate(polls):
        for j in groups.get(whole.interviews, []) if whole.kind == "race" else []:
            together[i, :, j, :] = together[j, :, i, :] = own[i, :, i, :]
    size = n * ratios
    if positive(together.reshape(size, size)):
        return together
    notes.append("groups of a poll are larger than the poll: their people in common are not accounted for")
    return own


def _directions(polls: Sequence[Poll], model: Model) -> FloatArray:
    """Where a sponsor's shift points, over log-ratios: float64[N, K-1]; 0 where no single finalist is the sponsor's."""
    towards = np.zeros((len(polls), len(model.finalists) - 1))
    blocs = {pool.name: pool.bloc for pool in model.pools}
    for i, poll in enumerate(polls):
        own = (
            [name for name in model.finalists if names.same(poll.side) in (names.same(name), names.same(blocs[name]))]
            if poll.side
            else []
        )
        if len(own) == 1:
            place = model.finalists.index(own[0])
            if place < towards.shape[1]:
                towards[i, place] = 1.0
            else:
                towards[i, :] = -1.0
    return towards


def _said(heard: Heard, group: int, finalist: str, ratios: int) -> str:
    """What messages call an observation."""
    kind, name = heard.groups[group]
    members = [poll for poll, g in zip(heard.polls, heard.of_poll, strict=True) if g == group]
    several = "polls" if kind == "race" else f"crosstabs of {name}"
    said = members[0].name if len(members) == 1 else f"{len(members)} {several}"
    return said if ratios == 1 else f"{said} ({finalist})"
