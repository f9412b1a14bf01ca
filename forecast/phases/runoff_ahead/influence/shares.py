"""What is said of the factors behind the rates, from a run's tables alone: shares of the margin that add up to 1."""

from __future__ import annotations

from typing import Any

from runoff.race import Tables
from runoff.report.layout import clipped
from runoff.report.numbers import percent
from runoff.report.page import Column, Grid

Row = dict[str, Any]
_MOST = 6  # factors that are listed
_LEAST = 0.01  # share of the margin's variance of one that is
_LAST = {
    "shared": "{} of all pools",
    "bloc": "{} of the bloc {}",
    "pool": "{} of {} alone",
    "estimate": "{}what {} leaves open",
}


def shares(tables: Tables) -> Grid | None:
    """The factors that decide most, and the others together; None for runs before 0.3, or where nothing varies."""
    rows: list[Row] = list(tables.get("factors", []))
    if not rows:
        return None
    by = "shapley" if rows[0]["basis"] == "directions" else "share"
    factors = sorted((row for row in rows if row["level"] != "rest"), key=lambda row: -row[by])
    shown = [row for row in factors[:_MOST] if row[by] >= _LEAST]
    others = factors[len(shown) :]
    ends = [(f"{len(others)} other factors", others)] if others else []
    ends.append(("regions, units and counting", [row for row in rows if row["level"] == "rest"]))

    def column(head: str, name: str, *, sums: bool, **how: Any) -> Column:
        cells = [percent(row[name], 0) for row in shown]
        cells += [percent(sum(row[name] for row in some), 0) if sums or len(some) == 1 else "" for _, some in ends]
        return Column(head, tuple(cells), **how)

    columns = [
        Column(
            "factor",
            (*(_name(row) for row in shown), *(said for said, _ in ends)),
            left=True,
            words=True,
            most=44,
            least=14,
        ),
        column("alone", "first_order", sums=False, leaves=1),
        column("with others", "total", sums=False, leaves=2),
        column("share", "share", sums=True),
    ]
    if by == "shapley":
        columns.append(column("Shapley", "shapley", sums=True, leaves=3))
    above = "what the margin hangs on, per cent of its variance; shares add up to 100"
    return Grid(tuple(columns), above, below=f"{_explained(tables)}{_BASIS[by]}")


_BASIS = {
    "share": "factors are independent here, as nothing is observed",
    "shapley": "evidence makes factors depend: alone, with others and share are of the posterior's whitened direction "
    "nearest to each, Shapley effects are of the factor itself",
}


def _name(row: Row) -> str:
    return _LAST[row["level"]].format(row["rate"], clipped(row["name"], 30))


def _explained(tables: Tables) -> str:
    """What rates explain one by one, which is more than there is."""
    best: dict[tuple[str, ...], float] = {}
    rows: list[Row] = list(tables["rates"])
    for row in rows:
        if row["explained"] is not None and row["kind"] != "bloc":  # before 0.3 blocs are among them
            key = row["pool"], row["kind"], row["rate"]
            best[key] = max(best.get(key, 0.0), row["explained"])
    total = sum(best.values())
    return f"rates share factors, so what each explains sums to {percent(total, 0)} %; " if total > 1.0 else ""
