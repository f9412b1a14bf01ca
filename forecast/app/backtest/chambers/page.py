"""What is said of a backtest of chambers, from its tables alone."""

from __future__ import annotations

from typing import Any

from runoff.race import Tables
from runoff.report.numbers import percent
from runoff.report.page import Column, Grid, Lines, Page

Row = dict[str, Any]
_SAID = {
    "chamber": "chamber",
    "alone": "without what races share",
    "pairs": "regression by pair of camps",
    "swing": "uniform swing",
    "leader": "leader wins everywhere",
}


def page(tables: Tables) -> Page:
    """Seats of each bloc beside what came, districts, half a night, three finalists."""
    head: Row = tables["chambers_run"][0]
    seats: list[Row] = list(tables["chambers_seats"])
    own = [row for row in seats if row["forecaster"] == "chamber"]
    inside = sum(row["q10"] <= row["actual"] <= row["q90"] for row in own)
    way = "without its own election" if head["way"] == "usual" else "with what was over before it"
    lines = (f"{head['chambers']} chambers, each {way}; {head['trials']:,} trials each, seed {head['seed']}",)
    headline = f"{inside} of {len(own)} blocs had seats inside their 80 % ranges"
    parts = (Lines(lines), _forecasters(seats), _seats(own), _districts(tables), _night(tables), _reliability(tables))
    return Page(headline, parts)


def _share(rows: list[Row], low: str, high: str) -> str:
    return percent(sum(row[low] <= row["actual"] <= row[high] for row in rows) / len(rows), 0)


def _forecasters(seats: list[Row]) -> Grid:
    found = {name: [row for row in seats if row["forecaster"] == name] for name in _SAID}
    return Grid(
        (
            Column("forecast", tuple(_SAID[name] for name in found), left=True),
            Column("CRPS", tuple(f"{sum(row['crps'] for row in rows) / len(rows):.1f}" for rows in found.values())),
            Column("in 80", tuple(_share(rows, "q10", "q90") for rows in found.values())),
            Column("in 95", tuple(_share(rows, "q025", "q975") for rows in found.values())),
        ),
        above="seats by bloc (CRPS in seats; in: of a hundred)",
    )


def _seats(own: list[Row]) -> Grid:
    return Grid(
        (
            Column("election", tuple(row["election"][-10:] for row in own), left=True),
            Column("bloc", tuple(row["bloc"] for row in own), left=True),
            Column("came", tuple(str(row["actual"]) for row in own)),
            Column("median", tuple(str(row["q50"]) for row in own)),
            Column("80 %", tuple(f"{row['q10']}-{row['q90']}" for row in own)),
            Column("95 %", tuple(f"{row['q025']}-{row['q975']}" for row in own)),
            Column("CRPS", tuple(f"{row['crps']:.1f}" for row in own)),
        )
    )


def _scores(rows: list[Row]) -> tuple[Column, ...]:
    return (
        Column("districts", tuple(f"{row['districts']:,}" for row in rows)),
        Column("log", tuple(f"{row['log']:.3f}" for row in rows)),
        Column("Brier", tuple(f"{row['brier']:.3f}" for row in rows)),
        Column("CRPS", tuple(f"{100 * row['crps']:.2f}" for row in rows)),
        Column("in 80", tuple(percent(row["inside80"], 0) for row in rows)),
    )


def _districts(tables: Tables) -> Grid:
    rows: list[Row] = list(tables["chambers_districts"])
    names = Column("election", tuple(row["election"][-10:] for row in rows), left=True)
    return Grid((names, *_scores(rows)), above="districts (CRPS and ranges: margins of two, in points)")


def _night(tables: Tables) -> Grid:
    rows: list[Row] = list(tables["chambers_night"])
    return Grid(
        (
            Column("election", tuple(row["election"][-10:] for row in rows), left=True),
            Column("half counted", tuple(row["order"] for row in rows), left=True),
            *_scores(rows)[3:],
            Column("blocs in 80", tuple(f"{row['blocs_inside80']} of {row['blocs']}" for row in rows)),
        ),
        above="the other half, once half of the runoffs are counted",
    )


def _reliability(tables: Tables) -> Grid:
    rows: list[Row] = list(tables["chambers_reliability"])
    return Grid(
        (
            Column("said, %", tuple(f"{100 * row['low']:.0f} to {100 * row['high']:.0f}" for row in rows), left=True),
            Column("finalists", tuple(str(row["finalists"]) for row in rows)),
            Column("on average", tuple(percent(row["said"]) for row in rows)),
            Column("won", tuple(percent(row["came"]) for row in rows)),
        ),
        above="finalists of runoffs of three and four",
    )
