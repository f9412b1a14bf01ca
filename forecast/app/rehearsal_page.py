"""What is said of a rehearsal, from its tables alone."""

from __future__ import annotations

from typing import Any

from runoff.race import Tables
from runoff.report.layout import readable
from runoff.report.numbers import percent
from runoff.report.page import Caption, Column, Grid, Lines, Page, Part

Row = dict[str, Any]


def page(tables: Tables) -> Page:
    """Who was said to win by how much, night by night, and what came."""
    tables = readable(tables)
    head: Row = tables["rehearsal"][0]
    nights: list[Row] = list(tables["rehearsal_nights"])
    scores: list[Row] = list(tables["rehearsal_scores"])
    together = next((row for row in scores if not row["order"] and row["counted"] < 0), None)
    lines = (
        f"{head['race_name']}: {_finalists(head)}, margin {_points(head['truth'])}",
        f"{len(nights)} night{'s' * (len(nights) != 1)}, {head['trials']:,} trials each, seed {head['seed']}",
    )
    parts: list[Part] = [Lines(lines)]
    if nights:
        said = "margins of the first finalist in points"
        parts.append(Grid(_columns(nights), below=Caption(said, f"{said}; ", "")))
    if head["units_inside80"] is not None:
        parts.append(_units(head))
    return Page.of(_headline(together, head), parts, head.get("warnings") or "")


def _finalists(head: Row) -> str:
    more = head["finalists"] - 2
    return f"{head['first']} against {head['second']}" + (f" and {more} more" if more else "")


def document(tables: Tables) -> dict[str, Any]:
    """One document: the rehearsal's name and row, its nights, scores and units, as in the tables."""
    rows = {name: [dict(list(row.items())[2:]) for row in found] for name, found in tables.items()}
    return {"run_id": tables["rehearsal"][0]["run_id"], **rows, "rehearsal": rows["rehearsal"][0]}


def _headline(together: Row | None, head: Row) -> str:
    if together is None:
        return f"units inside their 80 % range: {percent(head['units_inside80'], 0)} %"
    said = f"the 80 % interval held the final margin in {percent(together['inside80'], 0)} %"
    swing = together["swing_error"]
    beside = "" if swing is None else f"; plain swing {percent(swing, 2)}"
    nights = f"{together['nights']} night{'s' * (together['nights'] != 1)}"
    return f"{said} of {nights}; error {percent(together['error'], 2)} points{beside}"


def _columns(nights: list[Row]) -> tuple[Column, ...]:
    def column(name: str, cells: list[str], leaves: int = 0, *, left: bool = False, note: str = "") -> Column:
        return Column(name, tuple(cells), left=left, leaves=leaves, note=note)

    swing = [None if r["swing_margin"] is None else abs(r["swing_margin"] - r["truth"]) for r in nights]
    return (
        column("order", [row["order"] for row in nights], left=True),
        column("counted", [percent(row["counted_share"], 0) for row in nights]),
        column("units", [f"{row['units_in']:,}" for row in nights], 2),
        column("median", [_points(row["margin_median"]) for row in nights], 6),
        column("80 %", [f"{_points(row['low80'])} to {_points(row['high80'])}" for row in nights]),
        column("inside", ["yes" if r["low80"] <= r["truth"] <= r["high80"] else "no" for r in nights], 5),
        column(
            "error",
            [percent(abs(row["margin_median"] - row["truth"]), 1) for row in nights],
            4,
            note="error: of the median",
        ),
        column("swing", ["" if off is None else percent(off, 1) for off in swing], 3, note="swing: of plain swing"),
        column("P(win)", [_chance(row["p_first"]) for row in nights], 1),
    )


def _units(head: Row) -> Lines:
    spread = "not told, units are all alike" if head["units_spread"] is None else f"{head['units_spread']:.2f}"
    bias = ", ".join(_points(head[f"bias_fifth{k}"]) for k in range(1, 6) if head[f"bias_fifth{k}"] is not None)
    return Lines(
        (
            f"units, the race's total given: {percent(head['units_inside80'], 0)} % inside their 80 % range, CRPS "
            f"{percent(head['units_crps'], 2)} points of share, spread forecast / real {spread}; "
            f"real minus forecast by fifth of lean, from the second finalist's to the first's: {bias} points",
        )
    )


def _chance(p: float) -> str:
    return "<0.1" if p < 0.001 else ">99.9" if p > 0.999 else percent(p)


def _points(margin: float) -> str:
    return f"{100 * margin:+.1f}"
