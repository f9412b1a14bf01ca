"""What is said of a backtest, from its tables alone."""

from __future__ import annotations

from typing import Any

from runoff.app.backtest.turnout_page import turnout_parts
from runoff.race import Tables
from runoff.report.numbers import percent
from runoff.report.page import Column, Grid, Lines, Page, Part

Row = dict[str, Any]
_WAYS = {
    "usual": "each race without its own election",
    "chronological": "each race with what was over by its first round",
    "same_day": "each race with the others of its day",
}
_NAMES = {
    "archive": "archive",
    "base": "base rate",
    "lead": "lead",
    "gain": "lead and camps",
    "pairs": "by pair of camps",
    "split": "proportional",
    "polls": "poll average",
}
_FINEST = 3  # digits of an error in per cent
_FEW = 25  # races of a group, from which on it has a line


def page(tables: Tables) -> Page:
    """How good the forecasts were, beside rivals, by group, and how often favourites won."""
    head: Row = tables["backtest_run"][0]
    scores: list[Row] = list(tables["backtest_scores"])
    parts: list[Part] = [Lines((_what(head),))]
    if head["duels"]:
        together = [row for row in scores if row["by"] == "all"]
        parts.append(Grid(_columns("forecast", [_NAMES[row["forecaster"]] for row in together], together, rivals=True)))
        for by in ("level", "election"):
            rows = [r for r in scores if r["by"] == by and r["forecaster"] == "archive" and r["races"] >= _FEW]
            if len(rows) > 1:
                parts.append(Grid(_columns(by, [row["group"] for row in rows], rows)))
        parts.append(Grid(_bins(list(tables["backtest_reliability"])), above="favourites"))
        parts.append(
            Lines(
                ("CRPS in points of margin; errors (±) by elections; more: worse than the archive's by so many points",)
            )
        )
        parts += turnout_parts(head["duels"], list(tables.get("backtest_turnout", [])))
    candidates: list[Row] = list(tables["backtest_candidates"])
    if candidates:
        parts.append(Lines((_several(candidates),)))
    return Page(_headline(head, scores), tuple(parts))


def _headline(head: Row, scores: list[Row]) -> str:
    if not head["duels"]:
        return f"{head['races']:,} races forecast"
    own: Row = next(row for row in scores if row["forecaster"] == "archive" and row["by"] == "all")
    inside = percent(own["inside80"], 0)
    return f"{head['duels']:,} duels: log score {own['log']:.3f}, 80 % intervals held {inside} % of the margins"


def _what(head: Row) -> str:
    races = f"{head['races']:,} races of {head['elections']:,} elections, {_WAYS[head['way']]}"
    took = f"learned in {head['seconds_fit']:.1f} s, drawn and scored in {head['seconds_draw']:.0f} s"
    return f"{races}; {head['trials']:,} trials each, seed {head['seed']}; {took}"


def _columns(what: str, names: list[str], rows: list[Row], *, rivals: bool = False) -> tuple[Column, ...]:
    def numbers(name: str, form: str, factor: float = 1.0) -> tuple[str, ...]:
        return tuple(format(factor * row[name], form) for row in rows)

    columns = [
        Column(what, tuple(names), left=True, words=True, least=14),
        Column("races", tuple(f"{row['races']:,}" for row in rows), leaves=2),
        Column("log", numbers("log", ".3f")),
        Column("Brier", numbers("brier", ".3f"), leaves=3),
        Column("CRPS", numbers("crps", ".2f", 100.0)),
        Column("in 50", numbers("inside50", ".0f", 100.0), leaves=4),
        Column("in 80", tuple(_with_error(row["inside80"], row["inside80_se"], 0) for row in rows)),
        Column("in 95", numbers("inside95", ".0f", 100.0), leaves=4),
    ]
    if rivals:
        columns.append(Column("more", tuple(_more(row) for row in rows), leaves=1))
    return tuple(columns)


def _with_error(share: float, se: float | None, digits: int) -> str:
    """A share in per cent and its standard error, with a digit more where it would be nought.

    None of all or all of none tells no error: elections that do not differ say nothing of how they might.
    """
    if se is None or share in (0.0, 1.0):
        return percent(share, digits)
    while digits < _FINEST and round(100 * se, digits) == 0.0:
        digits += 1
    return f"{percent(share, digits)} ± {percent(se, digits)}"


def _more(row: Row) -> str:
    if row["crps_less"] is None:
        return ""
    error = "" if row["crps_less_se"] is None else f" ± {100 * row['crps_less_se']:.2f}"
    return f"{100 * row['crps_less']:+.2f}{error}"


def _bins(rows: list[Row]) -> tuple[Column, ...]:
    return (
        Column("said, %", tuple(f"{100 * row['low']:g} to {100 * row['high']:g}" for row in rows), left=True),
        Column("races", tuple(f"{row['races']:,}" for row in rows)),
        Column("on average", tuple(percent(row["said"]) for row in rows), leaves=1),
        Column("won", tuple(_with_error(row["came"], row["came_se"], 1) for row in rows)),
    )


def _several(rows: list[Row]) -> str:
    races = len({row["race_id"] for row in rows})
    won = [row for row in rows if row["won"]]
    log = sum(row["log_score"] for row in won) / len(won) if won else 0.0
    inside = sum(abs(row["z"]) <= 1.2816 for row in rows) / len(rows)
    return (
        f"{races:,} races with three or four finalists: log score of the winner {log:.3f}, "
        f"{percent(inside, 0)} % of shares inside 80 %"
    )
