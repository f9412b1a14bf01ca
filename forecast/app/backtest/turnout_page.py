"""What a backtest says of turnout: what was said, what came, and how often ranges held."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runoff.report.numbers import percent
from runoff.report.page import Column, Grid, Lines, Part

Row = dict[str, Any]

_FEW = 25  # races of a group, from which on it has a line


def turnout_parts(duels: int, rows: Sequence[Row]) -> list[Part]:
    """A grid over all races with a roll and their levels, under it how many have none; a line where all lack it."""
    if not duels:
        return []
    shown = [row for row in rows if row["by"] == "all" or (row["by"] == "level" and row["races"] >= _FEW)]
    if not shown:
        return [Lines(("turnout is not scored: none of these races has a roll",))]
    if len(shown) == 2:  # one level is all of them
        shown = shown[:1]
    columns = (
        Column("turnout", tuple(str(row["group"]) for row in shown), left=True, words=True, least=10),
        Column("races", tuple(f"{row['races']:,}" for row in shown), leaves=2),
        Column("said, %", tuple(percent(row["said"], 1) for row in shown)),
        Column("came, %", tuple(percent(row["came"], 1) for row in shown)),
        Column("more", tuple(_signed(row) for row in shown), leaves=3),
        Column("CRPS", tuple(f"{100 * row['crps']:.2f}" for row in shown)),
        Column("in 80", tuple(_inside(row) for row in shown)),
    )
    without = duels - int(shown[0]["races"])
    below = "valid votes by people on the roll; CRPS in points of it" + (
        f"; {without:,} races have no roll" if without else ""
    )
    return [Grid(columns, below=below)]


def _signed(row: Row) -> str:
    error = "" if row["more_se"] is None else f" ± {100 * row['more_se']:.1f}"
    return f"{100 * row['more']:+.1f}{error}"


def _inside(row: Row) -> str:
    error = row["inside80_se"]
    return percent(row["inside80"], 0) + ("" if error is None else f" ± {percent(error, 0)}")
