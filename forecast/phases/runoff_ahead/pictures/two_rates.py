"""The two rates that decide most: how often the first finalist wins where both are what they are."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from runoff.phases.pictured import per_cent
from runoff.phases.runoff_ahead.pictures.tornado import rate_name
from runoff.race import Tables
from runoff.report.illustrated import Figure
from runoff.report.numbers import percent
from runoff.report.page import Column, Grid
from runoff.report.pictures import heat

Row = dict[str, Any]
FEWEST = 10  # trials in a cell that is shown


def two_rates(tables: Tables, names: dict[str, str]) -> Figure | None:
    """The field of the two rates; None where a run has none."""
    rows: list[Row] = list(tables.get("response", []))
    if not rows:
        return None
    x, y = (sorted({row[f"{side}_low"] for row in rows} | {row[f"{side}_high"] for row in rows}) for side in "xy")
    by_place = {(row["x_low"], row["y_low"]): row for row in rows}
    columns = [[by_place[low, other] for other in y[:-1]] for low in x[:-1]]
    cells = tuple(tuple(_shown(row) for row in column) for column in columns)
    first = names[rows[0]["winner"]]
    other = next(name for name in names.values() if name != first) if len(names) == 2 else "another"
    what = [rate_name({name: rows[0][f"{side}_{name}"] for name in _NAMED}, names) for side in "xy"]
    even = [column[0]["y_even"] for column in columns]
    middles = [(low + high) / 2.0 for low, high in pairwise(x)]
    line = tuple((at, there) for at, there in zip(middles, even, strict=True) if there is not None)

    def told(i: int, j: int) -> str:
        """What a pointer on a cell is told."""
        row = columns[i][j]
        return f"{percent(row['p_win'])} % of {row['trials']:,} trials"

    sides = ("a", "b" if len(names) == 2 else "none")
    of = heat.Heat(tuple(x), tuple(y), cells, line, sides, (first, other), per_cent, what[0], what[1], told)
    title = f"Where {first} wins: the two rates that decide most"
    said = f"Over {what[0]}, and upwards {what[1]}, how often {first} wins; the line is where it is half the time"
    below = f"Strong colours: nearly always; pale ones: nearly even. On the line {first} wins half the time. "
    below += f"Cells with fewer than {FEWEST} trials are left out; those at the edges hold what lies beyond them too."
    return Figure(heat.drawing(of, title, said), below, _table(columns, even, what, first))


_NAMED = ("pool", "bloc", "kind", "rate", "candidate")


def _shown(row: Row) -> float | None:
    return row["p_win"] if row["trials"] >= FEWEST else None


def _table(columns: list[list[Row]], even: list[float | None], what: list[str], first: str) -> Grid:
    """A row a bin of the first rate, a column a bin of the second."""
    spans = tuple(f"{percent(column[0]['x_low'])}-{percent(column[0]['x_high'])}" for column in columns)
    at = tuple("" if there is None else f"{percent(there)} %" for there in even)
    cells = [Column("%", spans, left=True), Column("even at", at)]
    for j in range(len(columns[0])):
        shown = (_shown(column[j]) for column in columns)
        cells.append(Column(percent(columns[0][j]["y_low"]), tuple("" if p is None else percent(p, 0) for p in shown)))
    above = f"how often {first} wins, in per cent; rows: {what[0]}; columns: {what[1]}, from their heads up; "
    return Grid(tuple(cells), f"{above}even at: the second rate at which {first} wins half the time")
