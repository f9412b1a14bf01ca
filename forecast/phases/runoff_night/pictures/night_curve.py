"""A night's history as curves: the first finalist's chance and the margin, run by run."""

from __future__ import annotations

import datetime as dt
from typing import Any

from runoff.phases import pictured
from runoff.report.illustrated import Figure
from runoff.report.numbers import lead, lead_range, probability, whole
from runoff.report.page import Column, Grid
from runoff.report.pictures import curve as picture

Row = dict[str, Any]

_MOST = 200  # runs in the picture and in its table: the last ones


def curve(rows: list[Row], first: str, second: str) -> Figure:
    """Two curves over the time of the runs, and a row a run; rows of a history, of one race."""
    rows = sorted(rows, key=lambda row: _seconds(row["time"]))
    shown = rows[-_MOST:]
    times = tuple(_seconds(row["time"]) for row in shown)
    low, high = min(row["margin_q10"] for row in shown), max(row["margin_q90"] for row in shown)
    air = 0.05 * (high - low) + 0.002
    axis = (min(low - air, -0.002), max(high + air, 0.002))
    chance = picture.Curve(
        f"chance that {first} wins",
        times,
        tuple(row["p_first"] for row in shown),
        None,
        (0.0, 1.0),
        0.5,
        pictured.per_cent,
    )
    margin = picture.Curve(
        f"lead of {first}, in points (80 % range)",
        times,
        tuple(row["margin_q50"] for row in shown),
        tuple((row["margin_q10"], row["margin_q90"]) for row in shown),
        axis,
        0.0,
        lambda at: f"{100 * at:.6g}",
    )
    when = tuple((at, str(row["time"])[11:16]) for at, row in zip(times, shown, strict=True))
    told = f"{len(shown)} runs; in the last one the margin is {lead(shown[-1]['margin_q50'], first, second)}"
    drawn = picture.drawing((chance, margin), when, "The night so far, run by run", told)
    below = "Times are those of the runs, UTC."
    if len(shown) < len(rows):
        below += f" The last {len(shown)} of {len(rows):,} runs are shown."
    return Figure(drawn, below, _table(shown, first, second))


def _seconds(time: str) -> float:
    return dt.datetime.fromisoformat(time).timestamp()


def _table(rows: list[Row], first: str, second: str) -> Grid:
    def wins(row: Row) -> str:
        trials = row["effective_trials"]
        return probability(row["p_first"] * trials, trials, row["p_mcse"])

    columns = (
        Column("time", tuple(str(row["time"])[:16].replace("T", " ") for row in rows), left=True),
        Column("counted", tuple(whole(row["counted_votes"]) for row in rows)),
        Column("out", tuple(whole(row["out_mean"]) for row in rows)),
        Column(f"{first} wins", tuple(wins(row) for row in rows)),
        Column("margin", tuple(lead(row["margin_q50"], first, second) for row in rows)),
        Column("80 %", tuple(lead_range(row["margin_q10"], row["margin_q90"], first, second) for row in rows)),
    )
    return Grid(columns, "each run: votes counted, mean votes out, chance, median margin and 80 % range")
