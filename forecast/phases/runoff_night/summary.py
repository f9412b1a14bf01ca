"""From weighted trials to the tables of a runoff that is being counted."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from runoff import __version__
from runoff.data.counts.runoff_count import COMPLETE, PARTIAL, Reported
from runoff.output.columns import CORE, LEVELS, SCHEMA_VERSION
from runoff.phases.runoff_night.classes.rows import class_rows
from runoff.race import FloatArray, Row, Tables
from runoff.report.numbers import short_names

if TYPE_CHECKING:
    from runoff.phases.runoff_night.classes.ballots import BallotClass
    from runoff.phases.runoff_night.model.draw import Drawn
    from runoff.phases.runoff_night.naive import Naive
    from runoff.phases.settings import Settings
    from runoff.runfile.load import Case

_PER_UNIT = 1_000  # bins of a margin from 0 to 1


@dataclass(frozen=True, slots=True)
class Night:
    """What was drawn, and what of the run a reader must know."""

    reported: Reported
    drawn: Drawn
    naive: Naive | None
    regions: tuple[str, ...]
    settings: Settings
    seconds: float
    digest: str
    warnings: tuple[str, ...]
    aside: np.ndarray  # bool[U, M], cells that nothing is learned from
    classes: tuple[BallotClass, ...] = ()


def summarize_runoff_night(loaded: Case, night: Night) -> Tables:
    """The tables of `runoff.output.schemas.runoff_night`, without the columns that name the run."""
    return {
        "runoff_night": [_night_row(loaded, night)],
        "runoff_finalists": _finalist_rows(loaded, night),
        "runoff_out": _out_rows(loaded, night),
        "runoff_units": _unit_rows(loaded, night),
        "classes": class_rows(night.classes, night.drawn, loaded.finalists, weighted_quantiles),
        "runoff_margins": margin_rows(night.drawn.votes, night.drawn.weights),
    }


def weighted_quantiles(values: FloatArray, weights: FloatArray, levels: tuple[float, ...]) -> FloatArray:
    """Quantiles of a weighted sample: the least value up to which a level of the weight lies."""
    order = np.argsort(values, kind="stable")
    upto = np.cumsum(weights[order])
    places = np.searchsorted(upto, np.asarray(levels) * upto[-1])
    result: FloatArray = values[order][np.minimum(places, len(values) - 1)]
    return result


def quantiles_of(prefix: str, values: FloatArray, weights: FloatArray, levels: tuple[int, ...] = LEVELS) -> Row:
    """The columns of a quantity's quantiles."""
    found = weighted_quantiles(values, weights, tuple(level / 100 for level in levels))
    return {f"{prefix}_q{level:02d}": float(value) for level, value in zip(levels, found, strict=True)}


def mean_sd(values: FloatArray, weights: FloatArray) -> tuple[float, float]:
    """Weighted mean and standard deviation."""
    mean = float(np.average(values, weights=weights))
    return mean, math.sqrt(max(float(np.average((values - mean) ** 2, weights=weights)), 0.0))


def lead_of(votes: np.ndarray, k: int = 0) -> np.ndarray:
    """A finalist's votes less those of the best other, of votes int64[n, K]: int64[n]."""
    result: np.ndarray = votes[:, k] - np.delete(votes, k, axis=1).max(axis=1)
    return result


def margins(votes: np.ndarray) -> FloatArray:
    """The first finalist's lead over the best other as a share of all votes: float64[n]."""
    result: FloatArray = lead_of(votes) / np.maximum(votes.sum(axis=1), 1)
    return result


def _night_row(loaded: Case, night: Night) -> Row:
    race, drawn, reported, weights = loaded.run_file.race, night.drawn, night.reported, night.drawn.weights
    held = reported.votes.sum(axis=(0, 1))
    counted = int(held.sum())
    margin = margins(drawn.votes)
    ahead = np.sort(drawn.votes, axis=1)[:, -2:]
    close = (ahead[:, 1] - ahead[:, 0]) / np.maximum(drawn.votes.sum(axis=1), 1)
    out = drawn.votes.sum(axis=1).astype(np.float64) - counted
    mean, sd = mean_sd(margin, weights)
    state = reported.state
    naive = night.naive
    return {
        "race_name": race.name,
        "runoff": race.runoff,
        "as_of": race.as_of,
        "results": reported.source[0],
        "results_sha256": reported.source[1],
        "trials": len(drawn.votes),
        "effective_trials": drawn.effective,
        "seed": night.settings.seed,
        "first": loaded.finalists[0],
        "second": loaded.finalists[1],
        "counted_votes": counted,
        "counted_margin": float(lead_of(held[None])[0] / counted) if counted else None,
        "cells": int(state.size),
        "cells_complete": int((state == COMPLETE).sum()),
        "cells_partial": int((state == PARTIAL).sum()),
        "units_complete": int((state == COMPLETE).all(axis=1).sum()),
        "out_mean": mean_sd(out, weights)[0],
        **quantiles_of("out", out, weights),
        "margin_mean": mean,
        "margin_sd": sd,
        **quantiles_of("margin", margin, weights),
        "p_tie": float(np.average(ahead[:, 0] == ahead[:, 1], weights=weights)),
        "p_recount": float(np.average(close <= race.recount_margin, weights=weights)),
        "naive_margin": None if naive is None else naive.margin,
        "naive_q10": None if naive is None else naive.low,
        "naive_q90": None if naive is None else naive.high,
        "seconds": night.seconds,
        "digest": night.digest,
        "config_sha256": hashlib.sha256(loaded.text.encode()).hexdigest(),
        "version": __version__,
        "schema_version": SCHEMA_VERSION,
        "warnings": "\n".join(night.warnings),
        "recount_margin": race.recount_margin,
        "count_time": reported.time or night.settings.count_time,
        "model": night.settings.model,
    }


def margin_rows(votes: np.ndarray, weights: FloatArray) -> list[Row]:
    """The weighted leads over the best other, of votes int64[n, K], in bins of a per mille; 1 is in the last below it.

    A bin is found in whole numbers, so that a margin at a bin's end is never taken for one below it.
    """
    lead, total = lead_of(votes), np.maximum(votes.sum(axis=1), 1)
    place = np.minimum(lead * _PER_UNIT // total, _PER_UNIT - 1)
    first = int(place.min())
    share = np.bincount(place - first, weights, int(place.max()) - first + 1) / weights.sum()
    return [
        {"bin_low": (first + b) / _PER_UNIT, "bin_high": (first + b + 1) / _PER_UNIT, "share": float(part)}
        for b, part in enumerate(share)
    ]


def _finalist_rows(loaded: Case, night: Night) -> list[Row]:
    drawn, weights = night.drawn, night.drawn.weights
    party = {c.name: c.party for c in loaded.first_round.candidates}
    short = short_names(loaded.finalists, loaded.run_file.short)
    rows: list[Row] = []
    for k, name in enumerate(loaded.finalists):
        votes = drawn.votes[:, k].astype(np.float64)
        share = votes / np.maximum(drawn.votes.sum(axis=1), 1)
        p = float(np.average(lead_of(drawn.votes, k) > 0, weights=weights))
        p = min(max(p, 0.0), 1.0)
        rows.append(
            {
                "candidate": name,
                "party": party[name],
                "counted_votes": int(night.reported.votes[:, :, k].sum()),
                **dict(zip(("votes_mean", "votes_sd"), mean_sd(votes, weights), strict=True)),
                **dict(zip(("share_mean", "share_sd"), mean_sd(share, weights), strict=True)),
                **quantiles_of("share", share, weights),
                "p_win": p,
                "p_win_mcse": math.sqrt(p * (1.0 - p) / drawn.effective),
                "short": short[name],
            }
        )
    return rows


def _out_rows(loaded: Case, night: Night) -> list[Row]:
    """Everything together, then each region and mode."""
    drawn, reported = night.drawn, night.reported
    if not drawn.groups and not night.classes:
        return []
    order = {name: r for r, name in enumerate(night.regions)}
    region = np.array([order[name] for name in loaded.first_round.regions])
    held = reported.votes.sum(axis=2)
    is_out = reported.state != COMPLETE
    places, counted = np.zeros((2, len(night.regions), len(reported.modes)), np.int64)  # of each region and mode
    np.add.at(places, region, is_out)
    np.add.at(counted, region, held)
    everything = drawn.out.sum(axis=1) + drawn.classes.votes
    rows = [_out_row("", "", int(is_out.any(axis=1).sum()), int(held.sum()), everything, drawn.weights)]
    if len(drawn.groups) == 1 and not night.classes:
        return rows
    for g, (r, m) in enumerate(drawn.groups):
        held_there = int(places[r, m]), int(counted[r, m])
        rows.append(_out_row(night.regions[r], reported.modes[m], *held_there, drawn.out[:, g], drawn.weights))
    return rows


def _out_row(region: str, mode: str, places: int, counted: int, out: np.ndarray, weights: FloatArray) -> Row:
    votes = out.sum(axis=1).astype(np.float64)
    return {
        "region": region,
        "mode": mode,
        "places": places,
        "counted_votes": counted,
        "votes_mean": mean_sd(votes, weights)[0],
        **quantiles_of("votes", votes, weights, CORE),
        **share_of_out(out, 0, weights),
    }


def share_of_out(out: np.ndarray, k: int, weights: FloatArray) -> Row:
    """A finalist's share of votes out int64[n, K], where any are; of none he has an equal part."""
    votes = out.sum(axis=1).astype(np.float64)
    some = votes > 0
    if some.any():
        share, weights_of_share = out[some, k] / votes[some], weights[some]
    else:
        share, weights_of_share = np.full(1, 1.0 / out.shape[1]), np.ones(1)
    mean = float(np.average(out[:, k], weights=weights) / max(np.average(votes, weights=weights), 1e-9))
    return {"share_mean": mean, **quantiles_of("share", share, weights_of_share, CORE)}


def unit_moments(drawn: Drawn) -> tuple[FloatArray, FloatArray]:
    """Means and standard deviations float64[U, 2 + 2 T] of what `Drawn.unit_sums` has."""
    mean = drawn.unit_sums[..., 0] / drawn.weight
    return mean, np.sqrt(np.maximum(drawn.unit_sums[..., 1] / drawn.weight - mean**2, 0.0))


def _unit_rows(loaded: Case, night: Night) -> list[Row]:
    first, drawn, reported = loaded.first_round, night.drawn, night.reported
    held = reported.votes.sum(axis=1)
    mean, sd = unit_moments(drawn)
    first_share = mean.shape[1] // 2
    rows: list[Row] = []
    for u, unit in enumerate(first.units):
        complete = int((reported.state[u] == COMPLETE).sum())
        counted, is_out = int(held[u].sum()), bool(complete < len(reported.modes) or mean[u, 0] > 0.0)
        share = (
            float(mean[u, first_share]) if is_out else float(held[u, 0] / counted) if counted else 1.0 / held.shape[1]
        )
        rows.append(
            {
                "unit": unit,
                "region": first.regions[u],
                "modes_complete": complete,
                "modes_out": len(reported.modes) - complete,
                "counted_votes": counted,
                "counted_first": int(held[u, 0]),
                "out_mean": float(mean[u, 0]),
                "out_sd": float(sd[u, 0]),
                "out_first_mean": float(mean[u, 1]),
                "share_mean": share,
                "share_sd": float(sd[u, first_share]) if is_out else 0.0,
                "votes_mean": counted + float(mean[u, 0]),
                "odd": int(night.aside[u].sum()),
            }
        )
    return rows
