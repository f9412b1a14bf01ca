"""From trials to the tables of a run whose first round is being counted or ahead."""

from __future__ import annotations

import datetime as dt
import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from runoff import __version__
from runoff.output.columns import CORE, LEVELS, SCHEMA_VERSION
from runoff.race import FloatArray, Int64Array, Row, Tables
from runoff.report.numbers import short_names

if TYPE_CHECKING:
    from runoff.phases.first_round_open.fit import Outstanding
    from runoff.phases.first_round_open.outstanding import FirstRoundTrials
    from runoff.phases.first_round_open.runoffs import Finals
    from runoff.runfile.load import Case


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was drawn; totals int64[n, C].  count_time, model : as the run's settings have them, or the count itself."""

    totals: Int64Array
    finals: Finals
    registered: int
    seed: int
    seconds: float
    digest: str
    warnings: tuple[str, ...]
    count_time: dt.datetime | None = None
    model: str | None = None


def summarize_night(loaded: Case, outcome: Outcome, out: Outstanding | None, drawn: FirstRoundTrials | None) -> Tables:
    """The tables of `runoff.output.schemas.first_round_open`; `outstanding` is empty where nothing is being counted.

    Without the columns that name the run.
    """
    return {
        "night": [_night_row(loaded, outcome, out, drawn)],
        "first_round": _first_round_rows(loaded, outcome),
        "pairings": _pairing_rows(loaded, outcome),
        "outstanding": _outstanding_rows(out, drawn) if out is not None and drawn is not None else [],
    }


def _chance(name: str, count: int, trials: int, label: str) -> Row:
    """A count of trials, its share and the standard error of that."""
    p = count / trials
    return {label: count, name: p, f"{name}_mcse": math.sqrt(p * (1.0 - p) / trials)}


def _quantiles(prefix: str, values: FloatArray, levels: tuple[int, ...] = LEVELS) -> Row:
    found = np.quantile(values, [level / 100 for level in levels])
    return {f"{prefix}_q{level:02d}": float(value) for level, value in zip(levels, found, strict=True)}


def _night_row(loaded: Case, outcome: Outcome, out: Outstanding | None, drawn: FirstRoundTrials | None) -> Row:
    race, n = loaded.run_file.race, len(outcome.totals)
    counted = int(out.counted.sum()) if out is not None else 0
    left = (outcome.totals.sum(axis=1) - counted).astype(np.float64)
    runoffs = int((outcome.finals.outright < 0).sum())
    return {
        "race_name": race.name,
        "state": "polls" if out is None else "counting",
        "first_round": race.first_round,
        "runoff": race.runoff,
        "as_of": race.as_of,
        "trials": n,
        "seed": outcome.seed,
        "threshold": race.threshold,
        "registered": outcome.registered,
        "counted_votes": counted,
        "out_mean": float(left.mean()),
        **_quantiles("out", left),
        **_chance("p_runoff", runoffs, n, "runoffs"),
        "ties": int((outcome.finals.winner < 0).sum()),
        "seconds": outcome.seconds,
        "digest": outcome.digest,
        "config_sha256": hashlib.sha256(loaded.text.encode()).hexdigest(),
        "version": __version__,
        "schema_version": SCHEMA_VERSION,
        "warnings": "\n".join(outcome.warnings),
        "count_time": outcome.count_time,
        "model": outcome.model,
    }


def _first_round_rows(loaded: Case, outcome: Outcome) -> list[Row]:
    n, counted = len(outcome.totals), loaded.first_round.totals
    everything = outcome.totals.sum(axis=1)
    short = short_names([c.name for c in loaded.first_round.candidates], loaded.run_file.short)
    rows: list[Row] = []
    for c, candidate in enumerate(loaded.first_round.candidates):
        votes = outcome.totals[:, c].astype(np.float64)
        share = votes / np.maximum(everything, 1)
        rows.append(
            {
                "candidate": candidate.name,
                "party": candidate.party,
                "bloc": candidate.bloc,
                "counted_votes": int(counted[c]),
                "counted_share": int(counted[c]) / int(counted.sum()) if counted.any() else None,
                "votes_mean": float(votes.mean()),
                "votes_sd": float(votes.std()),
                "share_mean": float(share.mean()),
                "share_sd": float(share.std()),
                **_quantiles("share", share),
                **_chance("p_advance", int((outcome.finals.pair == c).sum()), n, "advances"),
                **_chance("p_outright", int((outcome.finals.outright == c).sum()), n, "outright"),
                **_chance("p_win", int((outcome.finals.winner == c).sum()), n, "wins"),
                "short": short[candidate.name],
            }
        )
    return rows


def _pairing_rows(loaded: Case, outcome: Outcome) -> list[Row]:
    n, candidates = len(outcome.totals), loaded.first_round.candidates
    met_in = np.flatnonzero(outcome.finals.outright < 0)
    found, which, count = np.unique(outcome.finals.pair[met_in], axis=0, return_inverse=True, return_counts=True)
    trials_of = np.split(met_in[np.argsort(which.reshape(-1), kind="stable")], np.cumsum(count)[:-1])
    rows: list[Row] = []
    for place in np.argsort(-count, kind="stable"):
        i, k = (int(c) for c in found[place])
        votes = outcome.finals.votes[trials_of[place]]
        cast = np.maximum(votes.sum(axis=1), 1)
        margin = (votes[:, 0] - votes[:, 1]) / cast
        met = len(votes)
        won = _chance("p_first", int((votes[:, 0] > votes[:, 1]).sum()), met, "first_wins")
        rows.append(
            {
                "first": candidates[i].name,
                "second": candidates[k].name,
                **_chance("p", met, n, "trials"),
                **won,
                "second_wins": int((votes[:, 1] > votes[:, 0]).sum()),
                "margin_mean": float(margin.mean()),
                **_quantiles("margin", margin, CORE),
            }
        )
    return rows


def _outstanding_rows(out: Outstanding, drawn: FirstRoundTrials) -> list[Row]:
    """Rows of everything together, then of each region and mode."""
    if not out.count.out:
        return []
    categories = [*out.categories, *([-1] if out.rest else [])]
    everything = drawn.totals.sum(axis=1)
    finals = [drawn.totals[:, c] / everything if c >= 0 else None for c in categories]
    places = np.bincount(out.group_of, minlength=len(out.groups))
    rows = _group_rows(out, drawn, ("", ""), slice(None), int(places.sum()), finals)
    for g, label in enumerate(out.groups if out.groups != (("", ""),) else ()):
        rows += _group_rows(out, drawn, label, slice(g, g + 1), int(places[g]), finals)
    return rows


def _group_rows(
    out: Outstanding,
    drawn: FirstRoundTrials,
    label: tuple[str, str],
    groups: slice,
    places: int,
    finals: list[FloatArray | None],
) -> list[Row]:
    """Rows of some groups together, one for each category; `finals` are the categories' final shares by trial."""
    names = [out.count.first_round.candidates[c].name for c in out.categories]
    votes = drawn.votes[:, groups].sum(axis=1).astype(np.float64)
    rows: list[Row] = []
    for k, final in enumerate(finals):
        expected = drawn.expected[:, groups, k].sum(axis=1)
        share = expected / np.maximum(votes, 1.0)
        rows.append(
            {
                "region": label[0],
                "mode": label[1],
                "places": places,
                "votes_mean": float(votes.mean()),
                **_quantiles("votes", votes, CORE),
                "candidate": names[k] if final is not None else "",
                "share_mean": float(expected.sum() / max(votes.sum(), 1.0)),
                **_quantiles("share", share[votes > 0] if (votes > 0).any() else share, CORE),
                "explains_votes": _squared(votes, final),
                "explains_share": _squared(share, final),
            }
        )
    return rows


def _squared(x: FloatArray, y: FloatArray | None) -> float | None:
    """Squared correlation, or None where one of them does not vary."""
    if y is None or x.std() <= 0.0 or y.std() <= 0.0:
        return None
    return float(((x - x.mean()) * (y - y.mean())).mean() ** 2 / (x.var() * y.var()))
