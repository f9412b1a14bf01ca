"""Which assumption decides it: how often the first finalist wins where a rate is low, and where it is high."""

from __future__ import annotations

from typing import Any

from runoff.race import Tables
from runoff.report.illustrated import Figure
from runoff.report.layout import clipped
from runoff.report.numbers import percent, probability
from runoff.report.page import Column, Grid
from runoff.report.pictures import ranges

Row = dict[str, Any]

_MOST = 10  # rates in the picture
_LEAST = 0.005  # of all people in a pool whose rates are shown


def decides(tables: Tables, names: dict[str, str]) -> Figure | None:
    """The rates between whose ends the win probability differs most; None where no rate varies."""
    shown = _chosen(tables)
    if not shown:
        return None
    first = names[shown[0]["winner"]]
    leads: Row = tables["candidates"][0]
    rows = tuple(
        ranges.Range(
            rate_name(row, names), _span(row), row["p_win_q10"], row["p_win_q90"], None, "none", ("low", "high")
        )
        for row in shown
    )
    said = f"chance that {first} wins"
    marked = f"all trials: {percent(leads['p_win'])} %"
    of = ranges.Ranges(rows, (0.0, 1.0), leads["p_win"], lambda share: f"{100 * share:.0f} %", said, marked)
    told = f"For each rate, how often {first} wins where it is low and where it is high; most decisive first: "
    told += f"{rate_name(shown[0], names)}"
    below = "Open dots: the rate is at its 10 % quantile; full dots: at its 90 % quantile (both at the right). "
    below += "Rates that move with it are as they are then: what decides a bloc shows in each of its rates."
    title = f"How often {first} wins where a rate is low or high"
    return Figure(ranges.drawing(of, title, told), below, _table(shown, names, first))


def _chosen(tables: Tables) -> list[Row]:
    """Rates of large pools, blocs in place of their pools; of a pool's preferences the one for its favourite."""
    rows: list[Row] = list(tables.get("sensitivity", []))
    blocs = {row["bloc"] for row in rows if row["kind"] == "bloc"}
    least = _LEAST * tables["run"][0]["people"]  # type: ignore[operator]  # a whole number by its schema
    rows = [row for row in rows if not (row["kind"] == "eliminated" and row["bloc"] in blocs)]
    rows = [row for row in rows if row["people"] >= least]
    best: dict[tuple[str, str], Row] = {}
    for row in rows:
        key = row["pool"], row["kind"]
        if row["rate"] == "preference" and (key not in best or row["mean"] > best[key]["mean"]):
            best[key] = row
    rows = [row for row in rows if row["rate"] == "turnout" or row is best[row["pool"], row["kind"]]]
    return sorted(rows, key=lambda row: -abs(row["p_win_q90"] - row["p_win_q10"]))[:_MOST]


def rate_name(row: Row, names: dict[str, str]) -> str:
    """A rate of `sensitivity` in words."""
    who = f"eliminated {row['pool']}" if row["kind"] == "bloc" else row["pool"]
    return f"{clipped(who, 26)}: " + ("turnout" if row["rate"] == "turnout" else f"to {names[row['candidate']]}")


def _span(row: Row) -> str:
    return f"{percent(row['q10'], 0)}-{percent(row['q90'], 0)} %"


def _table(shown: list[Row], names: dict[str, str], first: str) -> Grid:
    def wins(end: str) -> tuple[str, ...]:
        return tuple(
            probability(row[f"p_win_{end}"] * row[f"ess_{end}"], row[f"ess_{end}"], row[f"p_win_{end}_mcse"])
            for row in shown
        )

    columns = (
        Column("rate", tuple(rate_name(row, names) for row in shown), left=True, words=True),
        Column("low", tuple(f"{percent(row['q10'])} %" for row in shown)),
        Column(f"{first} wins", wins("q10")),
        Column("high", tuple(f"{percent(row['q90'])} %" for row in shown)),
        Column(f"{first} wins", wins("q90")),
    )
    return Grid(columns, "low and high: the 10 % and the 90 % quantile of the rate; the trials around it")
