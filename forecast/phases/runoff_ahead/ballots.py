"""Of all ballots, blank and null ones among them: rows of the `ballots` table from a run's tallies, and what is said.

The share b of ballots that are blank or null is independent of everything else in a trial, so that nothing is drawn
for it: a finalist's share of all ballots is share x (1 - b), the margin likewise, and ballots over people are
turnout / (1 - b), at most all.  Their laws are the tallied histograms spread over NODES values of b of equal chance:
within a bin (0.01 point) and 1 / NODES of rank, without chance of its own, the same bits for any threads and shards.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from runoff.arithmetic.chances import quantile as normal_quantile
from runoff.arithmetic.functions import logistic
from runoff.estimate.tallied import quantile
from runoff.model.pools import Model
from runoff.model.prior.blank import Blank
from runoff.output.columns import LEVELS
from runoff.race import FloatArray, Int64Array, Row, Tables
from runoff.report.numbers import lead, lead_range, percent, probability
from runoff.report.page import Column, Facts, Grid, Part
from runoff.simulate.driver import PPM, SHARE_BIN, Drawn, standard_error

_WIDTH = SHARE_BIN / PPM
Histogram = tuple[Int64Array, float, float]  # bins, where the first begins, their width
_FINE = 4_096  # values of b for its own mean and standard deviation
NODES = 96  # times the largest sum of weights, 1e12 trials of 2^16, is still a 64-bit whole number


def ballot_rows(model: Model, drawn: Drawn, shares: Sequence[Histogram]) -> list[Row]:
    """Rows of `ballots`, none where blank and null ballots are not told; shares : each finalist's, of valid votes."""
    if model.blank is None:
        return []
    blank = nodes(model.blank)
    tallies, valid = drawn.tallies, 1.0 - blank
    known = {"counts": model.blank.counts, "said": model.blank.rate.said, "source": model.blank.rate.source}
    rows: list[Row] = [{"quantity": "blank", "candidate": "", **_of_blank(model.blank)}]
    rows.append({"quantity": "turnout", "candidate": "", **_law(tallies.turnout_bins, 0.0, _WIDTH, 1.0 / valid)})
    rows.append({"quantity": "margin", "candidate": "", **_law(tallies.margin_bins, -1.0, _WIDTH, valid)})
    for name, share in zip(model.finalists, shares, strict=True):
        p = above_half(*share, valid)
        more = {"p_majority": p, "p_majority_mcse": standard_error(p, drawn.effective)}
        rows.append({"quantity": "share", "candidate": name, **_law(*share, valid), **more})
    none = {"p_majority": None, "p_majority_mcse": None}
    return [{**none, **row, **known, "ess": drawn.effective} for row in rows]


def nodes(blank: Blank, number: int = NODES) -> FloatArray:
    """Values of b of equal chance, float64[number]: the middles of as many slices, as wide together as the law is."""
    normals = np.array([normal_quantile((i + 0.5) / number) for i in range(number)])
    normals /= np.sqrt((normals * normals).mean())
    found: FloatArray = logistic(blank.rate.location[0] + blank.rate.scale[0][0] * normals)
    return found


def spread(bins: Int64Array, start: float, width: float, factors: FloatArray) -> Int64Array:
    """The histogram of x times a factor, each factor as likely as the others: int64 like `bins`, sums times their
    number; what falls beyond the ends is in the last bins.
    """
    filled = np.flatnonzero(bins)
    values = (start + width * (filled + 0.5))[:, None] * factors
    places = np.clip(np.floor((values - start) / width).astype(np.int64), 0, bins.size - 1)
    found = np.zeros_like(bins)
    np.add.at(found, places, np.broadcast_to(bins[filled][:, None], places.shape))
    return found


def above_half(bins: Int64Array, start: float, width: float, factors: FloatArray) -> float:
    """Chance that x times a factor is above one half; a bin that one half lies in counts in part."""
    filled = np.flatnonzero(bins)
    above = np.clip((start + width * (filled + 1.0) - 0.5 / factors[:, None]) / width, 0.0, 1.0)
    return float((above * bins[filled]).sum() / (factors.size * bins.sum()))


def _law(bins: Int64Array, start: float, width: float, factors: FloatArray) -> Row:
    """Mean, standard deviation and quantiles of x times a factor."""
    found = spread(bins, start, width, factors)
    weight = found / found.sum()
    values = start + width * (np.arange(found.size) + 0.5)
    mean = float((weight * values).sum())
    sd = float(np.sqrt((weight * (values - mean) ** 2).sum()))
    ends = {f"q{level:02d}": quantile(found, level / 100, start, width) for level in LEVELS}
    return {"mean": mean, "sd": sd, **ends}


def _of_blank(blank: Blank) -> Row:
    """The same of b itself; its quantiles are closed forms."""
    values = nodes(blank, _FINE)
    location, scale = blank.rate.location[0], blank.rate.scale[0][0]
    ends = {f"q{q:02d}": float(logistic(np.array(location + scale * normal_quantile(q / 100)))) for q in LEVELS}
    return {"mean": float(values.mean()), "sd": float(values.std()), **ends}


def ballots(tables: Tables, names: Mapping[str, str], other: str) -> tuple[Part | None, Part | None]:
    """What is said of blank and null ballots; and, where the law counts them, finalists' shares of all ballots."""
    rows: list[dict[str, Any]] = tables.get("ballots", [])
    if not rows:
        return None, None
    of = {row["quantity"]: row for row in rows}
    blank, turnout, margin = of["blank"], of["turnout"], of["margin"]
    first = next(iter(names.values()))
    people = tables["run"][0]["people"]
    facts = [
        ("blank", f"{_said(blank)} of all ballots are blank or null"),
        ("ballots", f"{_said(turnout)} of {people:,} people in the pools, blank and null ones among them"),
    ]
    if margin["counts"] == "valid":
        return Facts(
            (*facts, ("shares", "of valid votes, as the law counts; turnout above is of valid votes too"))
        ), None
    leads = lead_range(margin["q10"], margin["q90"], first, other)
    facts.append(("margin", f"of all ballots, as the law counts: {lead(margin['q50'], first, other)} (80 %: {leads})"))
    shares = [row for row in rows if row["quantity"] == "share"]

    def between(low: str, high: str) -> tuple[str, ...]:
        return tuple(f"{percent(row[low])}-{percent(row[high])}" for row in shares)

    columns = (
        Column("finalist", tuple(row["candidate"] for row in shares), left=True, words=True, most=20, least=12),
        Column("share", tuple(percent(row["q50"]) for row in shares), leaves=3),
        Column("80 %", between("q10", "q90"), leaves=2),
        Column("90 %", between("q05", "q95"), leaves=1),
        Column("over half", tuple(_chance(row) for row in shares)),
    )
    above = "shares of all ballots, blank and null ones among them; the table above is of valid votes"
    return Facts(tuple(facts)), Grid(columns, above)


def _chance(row: Mapping[str, Any]) -> str:
    return probability(row["p_majority"] * row["ess"], row["ess"], row["p_majority_mcse"])


def _said(row: Mapping[str, Any]) -> str:
    return f"{percent(row['q50'])} % (80 %: {percent(row['q10'])} to {percent(row['q90'])})"
