"""What polls and crosstabs say by a day: which of them count, how each of them counts, and what a reader must know.

`runoff.model.poll_errors` has the errors and their covariance, `runoff.model.posterior` what evidence makes of the
factors.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from runoff.arithmetic.matrices import product, solve
from runoff.data.polls.crosstabs import against_polls
from runoff.data.polls.poll_checks import not_too_many
from runoff.data.polls.poll_notes import one_as_several, same_numbers, slips, spelled_two_ways
from runoff.model.electorate import Electorate, each_log_ratio_gradients, each_log_ratios
from runoff.model.poll_errors import PARTS, Heard, combined, finalist_shares, hear, people_of
from runoff.model.posterior import FAR, Observation, Posterior, share_of
from runoff.race import FloatArray

if TYPE_CHECKING:
    from runoff.data.polls.polls import Poll
    from runoff.model.pools import Model


LEAST = 1e-5  # share of a finalist below which a poll has 0 for him
OTHERS = 0.03  # share of those who did not advance from which a poll may be none of this runoff


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
class Evidence:
    """What is known by `as_of`: a row for every poll there is, and what those that count say together.

    observations, covariance : for `runoff.model.posterior.update`.  notes : what a reader must know.
    """

    as_of: dt.date
    rows: tuple[Row, ...]
    observations: tuple[Observation, ...]
    covariance: FloatArray
    notes: tuple[str, ...]
    heard: Heard | None = None


def evidence_as_of(model: Model, day: dt.date) -> Evidence:
    """The evidence of a model's polls and crosstabs that was public by a day.

    Raises
    ------
    InputError : more of them than can be weighed against each other.
    """
    nothing = np.zeros((0, 0))
    if model.evidence is None:
        return Evidence(day, (), (), nothing, ())
    everything = [*model.polls, *model.crosstabs]
    reasons = [_left_out(poll, day, model) for poll in everything]
    public = [poll for poll, reason in zip(everything, reasons, strict=True) if not reason]
    notes = _notes(everything, reasons, model.race.first_round) + _another_question(public, model.finalists)
    if not public:
        rows = [
            Row(p, name, False, r) for p, r in zip(everything, reasons, strict=True) for name in model.finalists[:-1]
        ]
        return Evidence(day, tuple(rows), (), nothing, tuple(notes))
    not_too_many(len(public) * (len(model.finalists) - 1), "[evidence]")
    heard = hear(public, model, model.evidence, notes)
    observations, covariance, weights = combined(heard, model.finalists)
    used = _rows(heard, model.finalists, weights)
    rows = []
    for poll, reason in zip(everything, reasons, strict=True):
        found = [Row(poll, name, False, reason) for name in model.finalists[:-1]]
        rows += found if reason else used[poll.identity]
    return Evidence(day, tuple(rows), observations, covariance, tuple(notes), heard)


def compared(evidence: Evidence, pools: Electorate, posterior: Posterior) -> Evidence:
    """The evidence with what the posterior's mode expects of each row, and the house effects it implies."""
    heard = evidence.heard
    if heard is None:
        return evidence
    expected = _expected(heard, pools, posterior.mean)
    miss = heard.log_odds - heard.shift - expected
    pull = solve(heard.covariance, miss.ravel())
    houses = product(heard.parts["house"].reshape(pull.size, -1), pull).reshape(miss.shape)
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
    slopes = each_log_ratio_gradients(pools, heard.people, origin)
    own = np.diag(heard.covariance).reshape(expected.shape)
    spread = np.sqrt(own + (slopes**2).sum(axis=2)[list(heard.of_poll)])
    miss = heard.log_odds - heard.shift - expected
    for i, k in zip(*np.nonzero(np.abs(miss) > FAR * spread), strict=True):
        remarks.append(
            f"{heard.polls[i].name} is {abs(miss[i, k] / spread[i, k]):.1f} standard deviations from what the "
            f"prior rates expect: {share_of(float(miss[i, k] + expected[i, k])):.1f} % against "
            f"{share_of(float(expected[i, k])):.1f} %"
        )
    return tuple(remarks)


def table_rows(evidence: Evidence) -> list[dict[str, object]]:
    """Rows of the `evidence` table (`runoff.output.schemas.runoff_ahead`), without the columns that name the run."""
    who, days = ("kind", "group", "pollster", "sponsor", "side", "population"), ("start", "end", "published")
    own = [name for name in Row.__dataclass_fields__ if name != "poll"]
    return [
        {
            **{name: getattr(row.poll, name) for name in (*who, *days, "sample_size", "source")},
            **{name: getattr(row, name) for name in own},
            "place": Path(row.poll.place).name,
        }
        for row in evidence.rows
    ]


def _left_out(poll: Poll, day: dt.date, model: Model) -> str:
    """Why a poll does not count, or ''."""
    if poll.end > day:
        return f"field work ended on {poll.end}, after {day}"
    if poll.published > day:
        return f"published on {poll.published}, after {day}"
    if poll.sample_size is None:
        return "sample size unknown"
    shares = finalist_shares(poll, model.finalists)
    if shares is None:
        missing = [name for name in model.finalists if name not in dict(poll.shares)]
        rest = ", and undecided is empty" if len(missing) == 1 else ""
        return f"no share for {' and '.join(missing)}{rest}"
    if min(shares) < LEAST:
        return "a finalist at 0 %: no log-odds"
    if not people_of(poll.kind, poll.group, model).any():
        return f"nobody is in the group {poll.group}"
    return ""


def _rows(heard: Heard, finalists: Sequence[str], weights: FloatArray) -> dict[tuple[object, ...], list[Row]]:
    """The rows of each poll that counts, one for each log-ratio."""
    n, ratios = heard.log_odds.shape
    spreads = {
        f"{name}_sd": np.sqrt(np.diag(heard.parts[name].reshape(n * ratios, -1)).reshape(n, ratios)) for name in PARTS
    }
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


def _notes(polls: Sequence[Poll], reasons: Sequence[str], first_round: dt.date) -> list[str]:
    """What a reader must know: what does not count and why, and what is odd about those that were out by the day."""
    notes = [f"{poll.name}: left out, {reason}" for poll, reason in zip(polls, reasons, strict=True) if reason]
    public = [poll for poll, reason in zip(polls, reasons, strict=True) if not reason]
    asked = [poll.asked for poll in public]
    notes += one_as_several(asked) + same_numbers(asked) + slips(asked, first_round, of_runoff=True)
    groups = [poll for poll in public if poll.kind != "race"]
    notes += against_polls(groups, [poll for poll in public if poll.kind == "race"])
    return list(dict.fromkeys([*notes, *spelled_two_ways(poll.pollster for poll in public)]))


def _another_question(polls: Sequence[Poll], finalists: Sequence[str]) -> list[str]:
    """A note for each poll that gave OTHERS or more to people who did not advance: perhaps no poll of this runoff."""
    notes = []
    for poll in polls:
        others = [(share, name) for name, share in poll.shares if name not in finalists]
        if sum(share for share, _ in others) >= OTHERS:
            share, name = max(others)
            asked = f"{poll.name}: asked about {name} too ({100 * share:g} %), who did not advance"
            notes.append(f"{asked}; its finalists count as if alone: leave it out if the question was another")
    return notes


def _expected(heard: Heard, pools: Electorate, z: FloatArray) -> FloatArray:
    """What each poll would find without error at factors float64[F]: float64[N, K-1]."""
    by_group = each_log_ratios(pools, heard.people, z[None, :])[:, 0]
    return by_group[list(heard.of_poll)]
