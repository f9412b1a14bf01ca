"""The flow of people from the first round's pools to the finalists, and its numbers."""

from __future__ import annotations

from typing import Any

from runoff.race import Tables
from runoff.report.illustrated import Figure
from runoff.report.layout import apart
from runoff.report.numbers import percent, whole
from runoff.report.page import Column, Grid
from runoff.report.pictures import flow
from runoff.report.pictures.shapes import SIDES

Row = dict[str, Any]
Pool = tuple[str, str]  # name, kind

_LEAST = 0.025  # of all people in a pool that has a place of its own in the picture
_MOST = 8  # such pools
_MOST_ROWS = 60  # pools of the table
_NOBODY = "no vote"


def moves(tables: Tables, names: dict[str, str]) -> Figure:
    """Pools at the left, finalists and not voting at the right; a band's height is its mean number of people."""
    pools = _pools(tables)
    ends = [*names, ""]
    total = sum(rows[""]["people"] for rows in pools.values())
    largest = sorted(pools, key=lambda pool: -pools[pool][""]["people"])[:_MOST]
    own = [pool for pool in pools if pool in largest and pools[pool][""]["people"] >= _LEAST * total]
    rest = [pool for pool in pools if pool not in own]
    if len(rest) == 1:  # nothing to put together
        own, rest = list(pools), []
    groups = [[pool] for pool in own] + ([rest] if rest else [])
    amounts = tuple(tuple(sum(pools[pool][end]["votes_mean"] for pool in group) for end in ends) for group in groups)
    sources = [(pool[0], whole(pools[pool][""]["people"])) for pool in own]
    if rest:
        many = f"{len(rest)} smaller pools" if own else f"{len(rest)} pools"
        sources.append((many, whole(sum(pools[pool][""]["people"] for pool in rest))))
    sums = [whole(sum(row[j] for row in amounts)) for j in range(len(ends))]
    targets = tuple(zip((*names.values(), _NOBODY), sums, strict=True))
    told = "From the pools of the first round to the runoff, mean numbers of people: "
    told += ", ".join(f"{name} {size}" for name, size in targets)
    of = flow.Flow(tuple(sources), targets, (*SIDES[: len(names)], "none"), amounts)
    below = "Heights are people: at the left all of a pool, at the right the mean number that goes there. "
    below += "The table has each pool with 80 % ranges."
    return Figure(flow.drawing(of, "The flow of votes to the runoff", told), below, _table(pools, names))


def _pools(tables: Tables) -> dict[Pool, dict[str, Row]]:
    """Rows of `transfers` by pool and destination; blocs, which runs before 0.3 have among them, are left out."""
    found: dict[Pool, dict[str, Row]] = {}
    rows: list[Row] = list(tables["transfers"])
    for row in rows:
        if row["kind"] != "bloc":
            found.setdefault((row["pool"], row["kind"]), {})[row["destination"]] = row
    return found


def _table(pools: dict[Pool, dict[str, Row]], names: dict[str, str]) -> Grid:
    order = sorted(pools, key=lambda pool: -pools[pool][""]["people"])
    shown, rest = order[:_MOST_ROWS], order[_MOST_ROWS:]
    heads = apart((*names.values(), _NOBODY), 16)
    columns = [
        Column("pool", tuple(pool[0] for pool in shown), left=True, words=True),
        Column("people", tuple(whole(pools[pool][""]["people"]) for pool in shown)),
    ]
    for end, name in zip((*names, ""), (*names.values(), _NOBODY), strict=True):
        rows = [pools[pool][end] for pool in shown]
        columns.append(Column(heads[name], tuple(whole(row["votes_mean"]) for row in rows)))
        spans = (f"{percent(row['rate_q10'], 0)}-{percent(row['rate_q90'], 0)} %" for row in rows)
        columns.append(Column("80 %", tuple(spans)))
    more = (f"{len(rest)} smaller pools are left out here",) if rest else ()
    return Grid(tuple(columns), "mean number of people, and 80 % range in per cent of the pool's people", more)
