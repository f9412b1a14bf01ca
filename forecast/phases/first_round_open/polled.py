"""A first round not yet held: polls with several candidates stand in for its counts.

A poll's share of a candidate, undecided voters left out (so they split like the rest), is on the log scale

    log share[poll] = log share + shared + house[pollster] + walk[days to go] + sampling

one candidate at a time, with a flat prior on log share: generalised least squares.  The shared error is in
every poll of the race, so that no number of polls averages it away.  Draws are scaled to add up to one.
Sizes are settings.  Defaults: Shirani-Mehr, Rothschild, Goel and Gelman (2018), Disentangling bias and
variance in election polls, doi:10.1080/01621459.2018.1448823, find errors of 3.5 points (0.07 in log share
at one half), twice what sampling explains, most of it common to a race's polls; first rounds with a large
field are polled worse, and twice that is assumed for pollsters and for the shared error each.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from runoff import names as spelling
from runoff.arithmetic.functions import exp, log
from runoff.arithmetic.matrices import inverse, product, solve
from runoff.data.polls.first_round_table import OPTIONAL, REQUIRED, Poll, polls_of
from runoff.data.tables.table import read_table
from runoff.errors import InputError
from runoff.estimate.logistic import logistic
from runoff.kernels.streams import Purpose, stream
from runoff.model.rates import from_interval
from runoff.phases.first_round_open.outstanding import in_proportion
from runoff.race import FloatArray, Int64Array
from runoff.simulate.normals import GROUP, normals

if TYPE_CHECKING:
    from runoff.runfile.load import Case
    from runoff.runfile.sections.observed import FirstRoundPollsSection

LEAST_SHARE = 0.0005  # of a candidate whom few polls name
UNNAMED_SD = 0.7  # in log share, of candidates whom few polls name
ODD_SHARE = 0.25  # per cent, in place of a polled zero
NO_ZERO = 2.0  # per cent: who has so much in the other polls has no zero, but was not given
ODD = 4.0  # standard deviations of a share from the other polls, above which it is probably mistyped


@dataclass(frozen=True, slots=True)
class Polled:
    """What the polls say together.

    candidates : names, in order of the results.  location, scale : float64[C], of log shares before they
    are scaled to one.  turnout : location and scale of the log-odds of votes / registered.
    source : the table's name and sha256.
    """

    candidates: tuple[str, ...]
    location: FloatArray
    scale: FloatArray
    turnout: tuple[float, float]
    registered: int
    used: int
    warnings: tuple[str, ...]
    source: tuple[str, str]


def read_polls(loaded: Case, section: FirstRoundPollsSection) -> Polled:
    """The polls of a checked run file's [first_round_polls], pooled.

    Raises
    ------
    InputError : with every problem of the table; or nobody says how many people may vote.
    """
    candidates, race, registered = loaded.first_round.candidates, loaded.run_file.race, loaded.first_round.registered
    if registered is None:
        rule, fix = "turnout is of those who may vote", '[results] registered = "roll.csv"'
        raise InputError.single(loaded.path, "no roll for [first_round_polls]", rule=rule, fix=fix)
    table = read_table(loaded.folder / section.table, REQUIRED, OPTIONAL)
    names = tuple(c.name for c in candidates)
    sides = [word for c in candidates for word in (c.name, c.party, c.bloc) if word]
    polls, remarks = polls_of(table, names, sides, race.first_round, race.as_of)
    polls, zeros = without_zeros(polls, names)
    location, scale = pooled(polls, names, section)
    remarks += [*zeros, *far_from_the_others(polls, names, section), *_named_by_none(polls, names)]
    return Polled(
        candidates=names,
        location=location,
        scale=scale,
        turnout=from_interval(section.turnout.low, section.turnout.high, 0.8),
        registered=int(registered.sum()),
        used=len(polls),
        warnings=tuple(dict.fromkeys(remarks)),
        source=(Path(table.name).name, table.sha256),
    )


def without_zeros(polls: Sequence[Poll], names: Sequence[str]) -> tuple[list[Poll], list[str]]:
    """The polls without a zero for somebody who has NO_ZERO per cent or more in the others, and a note for each."""
    totals = {name: [poll.shares[name] for poll in polls if name in poll.shares] for name in names}
    kept, notes = [], []
    for poll in polls:
        odd = {}
        for name, share in poll.shares.items():
            others = sum(totals[name]) / max(len(totals[name]) - 1, 1)  # the poll's own share is 0
            if share == 0.0 and others >= NO_ZERO:
                odd[name] = others
        for name, others in odd.items():
            notes.append(
                f"{poll.name} has 0 % for {name}, who has {others:.1f} % in the others: taken as not given; "
                "leave the row out where the pollster gave none"
            )
        kept.append(replace(poll, shares={name: share for name, share in poll.shares.items() if name not in odd}))
    return kept, notes


def far_from_the_others(polls: Sequence[Poll], names: Sequence[str], sizes: FirstRoundPollsSection) -> list[str]:
    """Shares more than ODD standard deviations from what the other polls together say, a note for each."""
    notes = []
    for name in names:
        mine = [poll for poll in polls if name in poll.shares]
        if len(mine) < 2 or 2 * len(mine) < len(polls):
            continue
        share, covariance = _errors(mine, name, sizes)
        precision = inverse(covariance)
        pull = precision.sum(axis=1)
        alone = precision - np.outer(pull, pull) / pull.sum()  # what is left of it once the mean is estimated
        miss, spread = product(alone, log(share)) / np.diag(alone), 1.0 / np.sqrt(np.diag(alone))
        for i in np.flatnonzero(np.abs(miss) > ODD * spread):
            others = 100.0 * float(share[i] * exp(-miss[i]))
            notes.append(
                f"{mine[i].name} has {100.0 * float(share[i]):.1f} % of the decided for {name}, "
                f"{abs(float(miss[i] / spread[i])):.1f} standard deviations from the {others:.1f} % of the others: "
                "is a share mistyped?"
            )
    return notes


def _named_by_none(polls: Sequence[Poll], names: Sequence[str]) -> list[str]:
    """Candidates who are in no poll."""
    named = {name for poll in polls for name in poll.shares}
    unnamed = [name for name in names if name not in named]
    if not unnamed or not named:
        return []
    said = spelling.listed(unnamed, 5)
    return [f"no poll names {said}: what the others leave is divided among them, evenly"]


def pooled(polls: list[Poll], names: tuple[str, ...], sizes: FirstRoundPollsSection) -> tuple[FloatArray, FloatArray]:
    """Location and scale of each candidate's log share, float64[C] each.

    Candidates whom fewer than half of the polls name share what the others leave, in equal parts: a poll
    names the small ones when they do well in it, and a mean of such polls would be too high.
    """
    location, scale = np.full(len(names), np.nan), np.full(len(names), UNNAMED_SD)
    for c, name in enumerate(names):
        mine = [poll for poll in polls if name in poll.shares]
        if 2 * len(mine) >= len(polls):
            location[c], scale[c] = _least_squares(mine, name, sizes)
    unnamed = np.isnan(location)
    if unnamed.any():
        left = max(1.0 - float(exp(location[~unnamed]).sum()), 0.0)
        location[unnamed] = log(max(left / unnamed.sum(), LEAST_SHARE))
    return location, scale


def _least_squares(polls: list[Poll], name: str, sizes: FirstRoundPollsSection) -> tuple[float, float]:
    """Mean and standard deviation of a log share from the polls that name the candidate."""
    share, covariance = _errors(polls, name, sizes)
    weight = solve(covariance, np.ones(len(polls)))
    mean = float((weight * log(share)).sum() / weight.sum())
    return mean, math.sqrt(1.0 / float(weight.sum()) + sizes.shared * sizes.shared)


def _errors(polls: list[Poll], name: str, sizes: FirstRoundPollsSection) -> tuple[FloatArray, FloatArray]:
    """Shares of those who have decided, float64[N], and the covariance of their logs but for what all share."""
    share = np.array([max(poll.shares[name], ODD_SHARE) / (100.0 - poll.undecided) for poll in polls])
    share = np.minimum(share, 0.995)
    size = np.array([poll.size for poll in polls]) * np.array([(100.0 - poll.undecided) / 100.0 for poll in polls])
    days = np.array([poll.days for poll in polls])
    house = np.array([sizes.house * (2.0 if poll.partisan else 1.0) for poll in polls])
    pollster = np.unique([spelling.same(poll.pollster) for poll in polls], return_inverse=True)[1]
    covariance = np.diag(sizes.design_effect * (1.0 - share) / (size * share))
    same = np.equal.outer(pollster, pollster)
    covariance += same * np.outer(house, house) + sizes.drift * sizes.drift * np.minimum.outer(days, days)
    return share, covariance


def draw_polled(polled: Polled, seed: int, trials: int) -> Int64Array:
    """First-round votes, int64[trials, C]."""
    padded = -(-trials // GROUP) * GROUP
    keys = [stream(Purpose.POLLED_SHARE, name) for name in polled.candidates]
    z = normals(seed, keys, 0, padded)[:, :trials].T.astype(np.float64)
    share = exp(polled.location + polled.scale * z)
    share /= share.sum(axis=1, keepdims=True)
    of_turnout = normals(seed, [stream(Purpose.POLLED_TURNOUT)], 0, padded)[0, :trials].astype(np.float64)
    turnout = logistic(polled.turnout[0] + polled.turnout[1] * of_turnout)
    votes = np.floor(polled.registered * turnout + 0.5).astype(np.int64)
    return in_proportion(votes, share)
