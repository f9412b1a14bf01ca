"""What polls and crosstabs say by a day, and how each of them counts.

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
    recall    the same in all crosstabs of a group: misremembered votes; none in polls of the race
    sampling  design effect times the multinomial variance of those who named a finalist; a crosstab's
              people are among its poll's, whose sampling variance is the covariance of the two

Settings are in points of a share near one half: four times as much in log-odds.  Log-ratios to the last
finalist have correlation 1/2 in all parts that are not sampling, so that finalists are treated alike.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from forecast.posterior import FAR, Electorate, Observation, Posterior, log_ratio_gradients, log_ratios, share_of
from forecast.race import FloatArray

if TYPE_CHECKING:
    from forecast.config import EvidenceSection
    from forecast.model import Model
    from forecast.polls import Poll

PARTS = ("sampling", "undecided", "house", "sponsor", "drift", "shared", "recall")
_LOGIT = 4.0  # log-odds per share at one half


@dataclass(frozen=True, slots=True)
class Row:
    """One poll or crosstab and one log-ratio: a row of the `evidence` table.

    Shares are two-way: `candidate` against the last finalist.  The sd are parts of `total_sd`, in log-odds.
    A row that is not used says why in `reason` and has no numbers.  `expected`, `residual` and `house` are
    set by `compared`.
    """

    poll: Poll
    candidate: str
    used: bool
    reason: str
    share: float | None = None
    log_odds: float | None = None
    shift: float | None = None
    sampling_sd: float | None = None
    undecided_sd: float | None = None
    house_sd: float | None = None
    sponsor_sd: float | None = None
    drift_sd: float | None = None
    shared_sd: float | None = None
    recall_sd: float | None = None
    total_sd: float | None = None
    weight: float | None = None
    expected: float | None = None
    residual: float | None = None
    house: float | None = None


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


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known by `as_of`: a row for every poll there is, and what those that count say together.

    observations, covariance : for `forecast.posterior.update`.  notes : what a reader must know.
    """

    as_of: dt.date
    rows: tuple[Row, ...]
    observations: tuple[Observation, ...]
    covariance: FloatArray
    notes: tuple[str, ...]
    heard: Heard | None = None


def evidence_as_of(model: Model, day: dt.date) -> Evidence:
    """The evidence of a model's polls and crosstabs that was public by a day."""
    nothing = np.zeros((0, 0))
    if model.evidence is None:
        return Evidence(day, (), (), nothing, ())
    everything = [*model.polls, *model.crosstabs]
    reasons = [_left_out(poll, day, model) for poll in everything]
    public = [poll for poll, reason in zip(everything, reasons, strict=True) if not reason]
    notes = _notes(everything, reasons)
    if not public:
        rows = [
            Row(p, name, False, r) for p, r in zip(everything, reasons, strict=True) for name in model.finalists[:-1]
        ]
        return Evidence(day, tuple(rows), (), nothing, tuple(notes))
    heard = _heard(public, model, model.evidence, notes)
    observations, covariance, weights = combined(heard, model.finalists)
    used = _rows(heard, model.finalists, weights)
    rows = []
    for poll, reason in zip(everything, reasons, strict=True):
        found = [Row(poll, name, False, reason) for name in model.finalists[:-1]]
        rows += found if reason else used[poll.identity]
    return Evidence(day, tuple(rows), observations, covariance, tuple(notes), heard)


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
    root = np.linalg.cholesky(heard.covariance)
    half = np.linalg.solve(root, flat)
    covariance = np.linalg.inv(half.T @ half)
    covariance = 0.5 * (covariance + covariance.T)
    weights = covariance @ np.linalg.solve(root.T, half).T
    values = weights @ (heard.log_odds - heard.shift).ravel()
    observations = tuple(
        Observation(_said(heard, g, finalists[k], ratios), float(values[g * ratios + k]), heard.people[g], k)
        for g in range(groups)
        for k in range(ratios)
    )
    return observations, covariance, weights.reshape(groups * ratios, n, ratios)


def compared(evidence: Evidence, pools: Electorate, posterior: Posterior) -> Evidence:
    """The evidence with what the posterior's mode expects of each row, and the house effects it implies."""
    heard = evidence.heard
    if heard is None:
        return evidence
    expected = _expected(heard, pools, posterior.mean)
    miss = heard.log_odds - heard.shift - expected
    pull = np.linalg.solve(heard.covariance, miss.ravel())
    houses = (heard.parts["house"].reshape(pull.size, -1) @ pull).reshape(miss.shape)
    place = {poll.identity: i for i, poll in enumerate(heard.polls)}
    rows, candidates = [], list(dict.fromkeys(row.candidate for row in evidence.rows))
    for row in evidence.rows:
        if row.used and row.total_sd is not None:
            at = place[row.poll.identity], candidates.index(row.candidate)
            row = replace(
                row,
                expected=share_of(float(expected[at])) / 100.0,
                residual=float(miss[at]) / row.total_sd,
                house=float(houses[at]),
            )
        rows.append(row)
    return replace(evidence, rows=tuple(rows))


def far_from_prior(evidence: Evidence, pools: Electorate) -> tuple[str, ...]:
    """Single polls and crosstabs more than FAR standard deviations from what the prior rates expect of them."""
    heard, remarks = evidence.heard, []
    if heard is None:
        return ()
    origin = np.zeros(pools.n_factors)
    expected = _expected(heard, pools, origin)
    slopes = np.array([log_ratio_gradients(pools, people, origin) for people in heard.people])
    own = np.diag(heard.covariance).reshape(expected.shape)
    spread = np.sqrt(own + (slopes**2).sum(axis=2)[list(heard.of_poll)])
    miss = heard.log_odds - heard.shift - expected
    for i, k in zip(*np.nonzero(np.abs(miss) > FAR * spread), strict=True):
        remarks.append(
            f"{named(heard.polls[i])} is {abs(miss[i, k] / spread[i, k]):.1f} standard deviations from what the "
            f"prior rates expect: {share_of(float(miss[i, k] + expected[i, k])):.1f} % against "
            f"{share_of(float(expected[i, k])):.1f} %"
        )
    return tuple(remarks)


def table_rows(evidence: Evidence) -> list[dict[str, object]]:
    """Rows of the `evidence` table (`forecast.schema`), without the columns that name the run."""
    of_poll = (
        "kind", "group", "pollster", "sponsor", "side", "start", "end", "published", "population", "sample_size",
        "source",
    )  # fmt: skip
    own = [name for name in Row.__dataclass_fields__ if name != "poll"]
    return [
        {
            **{name: getattr(row.poll, name) for name in of_poll},
            **{name: getattr(row, name) for name in own},
            "place": Path(row.poll.place).name,
        }
        for row in evidence.rows
    ]


def named(poll: Poll) -> str:
    """A poll as a reader knows it."""
    group = "" if poll.kind == "race" else f", {poll.group}"
    return f"{poll.pollster}, {poll.end}{group}"


def _left_out(poll: Poll, day: dt.date, model: Model) -> str:
    """Why a poll does not count, or ''."""
    if poll.end > day:
        return f"field work ended on {poll.end}, after {day}"
    if poll.published > day:
        return f"published on {poll.published}, after {day}"
    if poll.sample_size is None:
        return "sample size unknown"
    shares = _finalist_shares(poll, model.finalists)
    if shares is None:
        missing = [name for name in model.finalists if name not in dict(poll.shares)]
        return f"no share for {' and '.join(missing)}"
    if min(shares) <= 0.0:
        return "a finalist at 0 %: no log-odds"
    if not _people(poll.kind, poll.group, model).any():
        return f"nobody is in the group {poll.group}"
    return ""


def _finalist_shares(poll: Poll, finalists: Sequence[str]) -> list[float] | None:
    """Shares of all asked, by finalist; one that is empty is what the others and the undecided leave."""
    given = dict(poll.shares)
    missing = [name for name in finalists if name not in given]
    if len(missing) > 1 or (missing and poll.undecided is None):
        return None
    if missing:
        given[missing[0]] = 1.0 - math.fsum([*given.values(), poll.undecided or 0.0])
    return [given[name] for name in finalists]


def _people(kind: str, group: str, model: Model) -> FloatArray:
    """People of each pool that a group of respondents stands for: float64[J]."""
    inside = {
        "race": [True for _ in model.pools],
        "pool": [pool.kind != "new" and pool.name == group for pool in model.pools],
        "bloc": [pool.kind == "eliminated" and pool.bloc == group for pool in model.pools],
        "party": [pool.kind != "new" and pool.bloc == group for pool in model.pools],
        "new": [pool.kind == "new" for pool in model.pools],
    }[kind]
    return np.where(inside, np.asarray(model.people.sum(axis=0), np.float64), 0.0)


def _heard(public: Sequence[Poll], model: Model, settings: EvidenceSection, notes: list[str]) -> Heard:
    """Public polls as numbers, in canonical order."""
    # the race first; then by group and by what was found, never by where it is written
    polls = sorted(public, key=lambda poll: (poll.kind != "race", poll.kind, poll.group, poll.identity))
    groups = list(dict.fromkeys((poll.kind, poll.group) for poll in polls))
    of_poll = [groups.index((poll.kind, poll.group)) for poll in polls]
    shares = np.array([_finalist_shares(poll, model.finalists) for poll in polls])  # [N, K]
    towards = _directions(polls, model)
    parts = _systematic(polls, of_poll, shares, towards, model, settings)
    parts["sampling"] = _sampling(polls, shares, settings, notes)
    return Heard(
        polls=tuple(polls),
        groups=tuple(groups),
        of_poll=tuple(of_poll),
        people=np.array([_people(kind, group, model) for kind, group in groups]),
        shares=shares[:, :-1] / (shares[:, :-1] + shares[:, -1:]),
        log_odds=np.log(shares[:, :-1] / shares[:, -1:]),
        shift=_LOGIT * settings.sponsor_shift * towards,
        parts=parts,
    )


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
    same = np.array([[a.pollster == b.pollster for b in polls] for a in polls], np.float64)
    one_side = same * np.array([[a.side == b.side for b in polls] for a in polls])
    one_group = np.equal.outer(of_poll, of_poll).astype(np.float64)
    extra = {"race": 0.0, "party": math.hypot(settings.crosstab_error_sd, settings.party_error_sd)}
    recall = np.array([extra.get(poll.kind, settings.crosstab_error_sd) for poll in polls])
    pair = shares[:, :-1] / (shares[:, :-1] + shares[:, -1:])
    without = np.maximum(0.0, 1.0 - shares.sum(axis=1))  # who named no finalist, part of all asked
    slope = without[:, None] / (pair * (1.0 - pair))

    def part(over_polls: FloatArray, size: float = 1.0) -> FloatArray:
        result: FloatArray = np.einsum("ij,kl->ikjl", over_polls * (_LOGIT * size) ** 2, alike)
        return result

    return {
        "undecided": settings.undecided_sd**2 * np.einsum("ij,ik,jl,kl->ikjl", one_group, slope, slope, alike),
        "house": part(same, settings.house_sd),
        "sponsor": (_LOGIT * settings.sponsor_shift_sd) ** 2 * np.einsum("ij,ik,jl->ikjl", one_side, towards, towards),
        "drift": part(np.minimum.outer(days, days), settings.drift_sd_per_day),
        "shared": part(np.ones((n, n)), settings.shared_error_sd),
        "recall": part(one_group * np.outer(recall, recall)),
    }


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
    for i, whole in enumerate(polls):
        inside = [j for j, poll in enumerate(polls) if poll.kind != "race" and _interviews(poll) == _interviews(whole)]
        for j in inside if whole.kind == "race" else []:
            together[i, :, j, :] = together[j, :, i, :] = own[i, :, i, :]
    size = n * ratios
    if float(np.linalg.eigvalsh(together.reshape(size, size))[0]) > 0.0:
        return together
    notes.append("groups of a poll are larger than the poll: their people in common are not accounted for")
    return own


def _interviews(poll: Poll) -> tuple[object, ...]:
    return poll.pollster, poll.start, poll.end


def _directions(polls: Sequence[Poll], model: Model) -> FloatArray:
    """Where a sponsor's shift points, over log-ratios: float64[N, K-1]; 0 where no single finalist is the sponsor's."""
    towards = np.zeros((len(polls), len(model.finalists) - 1))
    blocs = {pool.name: pool.bloc for pool in model.pools}
    for i, poll in enumerate(polls):
        own = [name for name in model.finalists if poll.side in (name, blocs[name])] if poll.side else []
        if len(own) == 1:
            place = model.finalists.index(own[0])
            if place < towards.shape[1]:
                towards[i, place] = 1.0
            else:
                towards[i, :] = -1.0
    return towards


def _rows(heard: Heard, finalists: Sequence[str], weights: FloatArray) -> dict[tuple[object, ...], list[Row]]:
    """The rows of each poll that counts, one for each log-ratio."""
    ratios = heard.log_odds.shape[1]
    spreads = {f"{name}_sd": np.sqrt(np.einsum("ikik->ik", heard.parts[name])) for name in PARTS}
    total = np.sqrt(np.diag(heard.covariance)).reshape(heard.log_odds.shape)
    found = {}
    for i, poll in enumerate(heard.polls):
        found[poll.identity] = [
            Row(
                poll=poll,
                candidate=finalists[k],
                used=True,
                reason="",
                share=float(heard.shares[i, k]),
                log_odds=float(heard.log_odds[i, k]),
                shift=float(heard.shift[i, k]),
                total_sd=float(total[i, k]),
                weight=float(weights[heard.of_poll[i] * ratios + k, i, k]),
                **{name: float(spread[i, k]) for name, spread in spreads.items()},
            )
            for k in range(ratios)
        ]
    return found


def _notes(polls: Sequence[Poll], reasons: Sequence[str]) -> list[str]:
    """What a reader must know: what does not count and why, and what may count twice."""
    notes = [f"{named(poll)}: left out, {reason}" for poll, reason in zip(polls, reasons, strict=True) if reason]
    seen: dict[tuple[object, ...], Poll] = {}
    for poll in polls:
        if seen.setdefault((*_interviews(poll), poll.kind, poll.group), poll) is not poll:
            notes.append(f"{named(poll)}: two rows with the same days; if the interviews are the same, keep one")
    return notes


def _said(heard: Heard, group: int, finalist: str, ratios: int) -> str:
    """What messages call an observation."""
    kind, name = heard.groups[group]
    members = [poll for poll, g in zip(heard.polls, heard.of_poll, strict=True) if g == group]
    several = "polls" if kind == "race" else f"crosstabs of {name}"
    said = named(members[0]) if len(members) == 1 else f"{len(members)} {several}"
    return said if ratios == 1 else f"{said} ({finalist})"


def _expected(heard: Heard, pools: Electorate, z: FloatArray) -> FloatArray:
    """What each poll would find without error at factors float64[F]: float64[N, K-1]."""
    by_group = np.array([log_ratios(pools, people, z[None, :])[0] for people in heard.people])
    result: FloatArray = by_group[list(heard.of_poll)]
    return result
