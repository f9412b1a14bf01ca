"""Flows of the counted units in words: a row an origin, the largest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runoff.report.layout import apart
from runoff.report.numbers import percent, whole
from runoff.report.page import Column, Grid

_MOST = 8
_STAY = 2  # destinations that a narrow terminal still has, finalists first
Row = dict[str, Any]


def flows_table(rows: Sequence[Row], names: dict[str, str]) -> Grid | None:
    """For each origin the share that went to each destination, and its 90 % interval; names : of finalists, short."""
    if not rows:
        return None
    short = {to: names.get(to, to) for to in dict.fromkeys(str(row["destination"]) for row in rows)}
    heads, people = apart(list(short.values()), 10), {row["origin"]: row["people"] for row in rows}
    order = sorted(people, key=lambda origin: (-people[origin], origin))
    shown, cells = order[:_MOST], {(row["origin"], row["destination"]): row for row in rows}
    columns = [
        Column("of the counted units", tuple(shown), left=True, words=True, most=24, least=10),
        Column("people", tuple(whole(people[origin]) for origin in shown), leaves=9),
    ]
    for place, (to, name) in enumerate(sorted(short.items(), key=lambda pair: pair[0] not in names)):
        of = tuple(_cell(cells.get((origin, to))) for origin in shown)
        columns.append(Column(f"{heads[name]}, %", of, leaves=0 if place < _STAY else 8 - min(place, 7)))
    more = (f"and {len(order) - _MOST} more",) if len(order) > _MOST else ()
    units = rows[0]["units"]
    above = f"(where they went, and 90 % intervals, by {units:,} units that are in)"
    return Grid(tuple(columns), above, more=more, below="(ballots of theirs that are still out count as did not vote)")


def _cell(row: Row | None) -> str:
    if row is None:
        return ""
    return f"{percent(row['share_mean'], 0)} ({percent(row['share_q05'], 0)}-{percent(row['share_q95'], 0)})"
