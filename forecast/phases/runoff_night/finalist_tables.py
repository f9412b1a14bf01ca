"""Tables that a night of three finalists and more has besides: what is out, and each unit, by finalist."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from runoff.data.counts.runoff_count import COMPLETE
from runoff.output.columns import CORE
from runoff.phases.runoff_night.summary import Night, mean_sd, quantiles_of, share_of_out, unit_moments
from runoff.race import FloatArray, Row, Tables

if TYPE_CHECKING:
    from runoff.runfile.load import Case


def finalist_tables(loaded: Case, night: Night) -> Tables:
    """`runoff_out_shares` and `runoff_unit_shares`, without the columns that name the run; none of two finalists."""
    if len(loaded.finalists) == 2:
        return {}
    return {"runoff_out_shares": _out_rows(loaded, night), "runoff_unit_shares": _unit_rows(loaded, night)}


def _out_rows(loaded: Case, night: Night) -> list[Row]:
    """Everything together, then each region and mode, in the order of `runoff_out`; in each the finalists."""
    drawn, reported = night.drawn, night.reported
    if not drawn.groups and not night.classes:
        return []
    region = np.array([night.regions.index(name) for name in loaded.first_round.regions])
    rows = _of_out(
        loaded, "", "", drawn.out.sum(axis=1) + drawn.classes.votes, reported.votes.sum(axis=(0, 1)), drawn.weights
    )
    if len(drawn.groups) == 1 and not night.classes:
        return rows
    for g, (r, m) in enumerate(drawn.groups):
        held = reported.votes[region == r, m].sum(axis=0)
        rows += _of_out(loaded, night.regions[r], reported.modes[m], drawn.out[:, g], held, drawn.weights)
    return rows


def _of_out(loaded: Case, region: str, mode: str, out: np.ndarray, held: np.ndarray, weights: FloatArray) -> list[Row]:
    rows: list[Row] = []
    for k, name in enumerate(loaded.finalists):
        votes = out[:, k].astype(np.float64)
        rows.append(
            {
                "region": region,
                "mode": mode,
                "candidate": name,
                "counted_votes": int(held[k]),
                "votes_mean": mean_sd(votes, weights)[0],
                **quantiles_of("votes", votes, weights, CORE),
                **share_of_out(out, k, weights),
            }
        )
    return rows


def _unit_rows(loaded: Case, night: Night) -> list[Row]:
    first, reported, finalists = loaded.first_round, night.reported, len(loaded.finalists)
    mean, sd = unit_moments(night.drawn)
    held = reported.votes.sum(axis=1)
    rows: list[Row] = []
    for u, unit in enumerate(first.units):
        is_out = bool((reported.state[u] != COMPLETE).any() or mean[u, 0] > 0.0)
        counted = int(held[u].sum())
        for k, name in enumerate(loaded.finalists):
            known = float(held[u, k] / counted) if counted else 1.0 / finalists
            rows.append(
                {
                    "unit": unit,
                    "region": first.regions[u],
                    "candidate": name,
                    "counted_votes": int(held[u, k]),
                    "out_mean": float(mean[u, 1 + k]),
                    "share_mean": float(mean[u, 1 + finalists + k]) if is_out else known,
                    "share_sd": float(sd[u, 1 + finalists + k]) if is_out else 0.0,
                }
            )
    return rows
