"""What is said of a sweep, from its tables alone."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from runoff.race import Tables
from runoff.report.layout import clipped, readable
from runoff.report.numbers import percent
from runoff.report.page import Column, Grid, Lines, Page

Row = dict[str, Any]
_MOST = 60  # scenarios that are listed
_CELLS = 20  # of a name above a column
_MOST_UNITS = 20  # deciding ones that are listed


def page(tables: Tables) -> Page:
    """The chances of each scenario, beside the race as it is."""
    tables = readable(tables)
    head: Row = tables["sweep"][0]
    rows: list[Row] = list(tables["sweep_scenarios"])
    low, high = min(row["p_first"] for row in rows), max(row["p_first"] for row in rows)
    first = head["first"]
    many = f"{len(rows):,} {'scenario' if len(rows) == 1 else 'scenarios'}"
    headline = f"{first} wins in {percent(low)} to {percent(high)} % of trials over {many}"
    lines = (
        f"{head['race_name']}; {head['trials']:,} trials each, seed {head['seed']}",
        f"as the run file has it: {percent(head['p_first'])} ± {percent(head['p_first_mcse'], 2)} %, "
        f"margin {_points(head['margin_mean'])}",
    )
    shown = rows[:_MOST]
    more = (f"and {len(rows) - _MOST:,} more: --json or --out has them",) if len(rows) > _MOST else ()
    grid = Grid(
        (*_settings(shown), *_numbers(shown, first)),
        more=more,
        below="less: than as the run file has it, with its paired error; margins in points; a preference's mean is "
        "that of the finalist whom it is said to go to",
    )
    of_units = units(tables)
    return Page(headline, (Lines(lines), grid, *([] if of_units is None else [of_units])))


def document(tables: Tables) -> dict[str, Any]:
    """One document: the sweep, its scenarios, and its units where they were drawn."""
    head = tables["sweep"][0]
    found: dict[str, Any] = {"run_id": head["run_id"], "sweep": head, "scenarios": tables["sweep_scenarios"]}
    return found | ({"units": tables["sweep_units"]} if "sweep_units" in tables else {})


def units(tables: Tables) -> Grid | Lines | None:
    """How many units are safe, leaning, or decide, and those that decide; None where units were not drawn."""
    rows: list[Row] = list(tables.get("sweep_units", []))
    if not rows:
        return None
    deciding = sorted((row for row in rows if row["class"] == "deciding"), key=lambda row: abs(row["p_lead"] - 0.5))
    first = rows[0]["first"]
    counts = []
    for name in ("safe", "leaning"):
        leaders = Counter(row["leader"] for row in rows if row["class"] == name)
        counts.append(f"{name} " + (", ".join(f"{many:,} for {who}" for who, many in leaders.items()) or "none"))
    above = f"units over all scenarios: {'; '.join(counts)}; deciding {len(deciding):,}"
    shown = deciding[:_MOST_UNITS]
    spans = (f"{percent(row['p_lead_low'], 0)}-{percent(row['p_lead_high'], 0)} %" for row in shown)
    columns = (
        Column("deciding", tuple(row["unit"] for row in shown), left=True, words=True, most=30, least=10),
        Column(f"{clipped(first, _CELLS)} leads", tuple(f"{percent(row['p_lead'], 0)} %" for row in shown)),
        Column("over all", tuple(spans)),
    )
    more = (f"and {len(deciding) - _MOST_UNITS:,} more",) if len(deciding) > _MOST_UNITS else ()
    below = "safe: one leads in 95 % of trials of each scenario; leaning: the same in most of each; deciding: not so"
    if not deciding:
        return Lines((above, below))
    return Grid(columns, above, more, below)


def _settings(rows: list[Row]) -> tuple[Column, ...]:
    said = [json.loads(row["settings"]) for row in rows]
    return tuple(
        Column(short(key, list(said[0])), tuple(_value(one[key]) for one in said), left=True) for key in said[0]
    )


def short(key: str, others: list[str]) -> str:
    """The end of a key that tells it from the others."""
    parts = key.split(".")
    for many in range(2, len(parts)):
        end = ".".join(parts[-many:])
        if sum(other.endswith(end) for other in others) == 1:
            return end
    return key


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _numbers(rows: list[Row], first: str) -> tuple[Column, ...]:
    return (
        Column(f"P({clipped(first, _CELLS)})", tuple(percent(row["p_first"]) for row in rows), words=False),
        Column(
            "less",
            tuple(f"{100 * row['p_first_less']:+.1f} ± {100 * row['p_first_less_se']:.2f}" for row in rows),
            leaves=3,
        ),
        Column("margin", tuple(_points(row["margin_mean"]) for row in rows), leaves=1),
        Column(
            "80 %", tuple(f"{_points(row['margin_q10'])} to {_points(row['margin_q90'])}" for row in rows), leaves=2
        ),
    )


def _points(margin: float) -> str:
    return f"{100 * margin:+.1f}"
