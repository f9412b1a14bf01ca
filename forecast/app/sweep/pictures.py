"""A sweep with pictures, from its tables alone: a field where two settings make a grid, else a row a scenario."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from statistics import NormalDist
from typing import Any

from runoff.app.sweep import page as said
from runoff.race import Row as AnyRow
from runoff.race import Tables
from runoff.report.illustrated import Figure, Piece, Report, Section
from runoff.report.layout import clipped, readable
from runoff.report.numbers import percent
from runoff.report.page import Column, Facts, Grid, Lines
from runoff.report.pictures import heat, ranges

Row = dict[str, Any]
_ROWS = 40  # scenarios that have a row each in the picture
_FEWEST = 2  # values of each of two settings that make a field


def report(tables: Tables) -> Report:
    """The page's parts in sections, with a picture of the scenarios."""
    shown = said.page(tables)
    tables = readable(tables)
    head: Row = tables["sweep"][0]
    rows: list[Row] = list(tables["sweep_scenarios"])
    opening, *rest = shown.parts
    assert isinstance(opening, Lines)
    units = said.units(tables)
    listed = rest[: len(rest) - (units is not None)]
    pieces: list[Piece | None] = [field(rows, head) or each(rows, head), *listed]
    sections = [Section.of("What if", *pieces)]
    if units is not None:
        sections.append(Section.of("Units", units))
    sections.append(Section.of("How it was made", _made(head)))
    return Report(str(head["race_name"]), shown, Lines(opening.lines[1:]), tuple(sections))


def _made(head: Row) -> Facts:
    return Facts(
        (
            ("sweep", str(head["run_id"])),
            (
                "scenarios",
                f"{head['scenarios']:,} of {head['trials']:,} trials each, seed {head['seed']}, the same for all",
            ),
            ("program", f"runoff {head['version']}, tables of schema version {head['schema_version']}"),
            ("digest", str(head["digest"])),
            ("tables", "every number here is one of the sweep's Parquet tables, or made of them"),
        )
    )


def field(rows: Sequence[Row], head: Row) -> Figure | None:
    """Two settings with numbers as a field of chances; None where they are no grid of two."""
    settings = [json.loads(row["settings"]) for row in rows]
    keys = list(settings[0])
    if len(keys) != 2 or not all(_number(one[key]) for one in settings for key in keys):
        return None
    x, y = (sorted({float(one[key]) for one in settings}) for key in keys)
    if min(len(x), len(y)) < _FEWEST or len(x) * len(y) != len(rows):
        return None
    by_place = {tuple(float(one[key]) for key in keys): row for one, row in zip(settings, rows, strict=True)}
    columns = [[by_place[at, other] for other in y] for at in x]
    cells = tuple(tuple(row["p_first"] for row in column) for column in columns)
    line = tuple((at, where) for at, column in zip(x, cells, strict=True) if (where := _even(y, column)) is not None)
    first, other = head["first"], _other(head)
    names = tuple(said.short(key, keys) for key in keys)

    def told(i: int, j: int) -> str:
        """What a pointer on a cell is told."""
        return f"{percent(cells[i][j])} %: {names[0]} {x[i]:g}, {names[1]} {y[j]:g}"

    sides = ("a", "b" if len(json.loads(head["p_win"])) == 2 else "none")
    of = heat.Heat(
        _edges(x), _edges(y), cells, line, sides, (first, other), lambda n: f"{n:.6g}", names[0], names[1], told
    )
    title = f"How often {first} wins, over {names[0]} and {names[1]}"
    described = f"To the right {names[0]}, upwards {names[1]}; strong colours: nearly always; the line: half the time"
    below = f"A cell a scenario: the stronger its colour, the surer. On the line {first} wins half the time."
    columns_of = [
        Column(f"{other_value:g}", tuple(percent(column[j]) for column in cells)) for j, other_value in enumerate(y)
    ]
    table = Grid(
        (Column(names[0], tuple(f"{at:g}" for at in x), left=True), *columns_of),
        f"how often {first} wins, in per cent; columns: {names[1]}",
    )
    return Figure(heat.drawing(of, title, described), below, table)


def each(rows: Sequence[Row], head: Row) -> Figure:
    """A row a scenario: its margin's 80 % range and median."""
    shown = list(rows[:_ROWS])
    items = []
    for row in shown:
        one = json.loads(row["settings"])
        name = ", ".join(f"{said.short(key, list(one))} {value}" for key, value in one.items())
        items.append(
            ranges.Range(
                clipped(name, 60),
                f"{percent(row['p_first'])} %",
                row["margin_q10"],
                row["margin_q90"],
                row["margin_q50"],
            )
        )
    ends = [end for row in shown for end in (row["margin_q10"], row["margin_q90"])]
    axis = (min(*ends, 0.0) - 0.005, max(*ends, 0.0) + 0.005)
    first = head["first"]
    of = ranges.Ranges(
        tuple(items), axis, 0.0, lambda n: f"{100 * n:+.6g}" if n else "0", f"margin of {first}, in points"
    )
    told = f"A row a scenario: the margin's 80 % range and median, and how often {first} wins"
    below = "Bars: 80 % range of the margin; dots: its median. At the right: the chance."
    if len(rows) > _ROWS:
        below += f" The first {_ROWS} of {len(rows):,} scenarios are shown."
    columns = (
        Column("scenario", tuple(item.name for item in items), left=True, words=True),
        Column(f"{first} wins, %", tuple(percent(row["p_first"]) for row in shown)),
        Column(
            "80 %, points", tuple(f"{100 * row['margin_q10']:+.1f} to {100 * row['margin_q90']:+.1f}" for row in shown)
        ),
    )
    return Figure(ranges.drawing(of, "The margin, scenario by scenario", told), below, Grid(columns))


def _even(y: Sequence[float], chances: Sequence[float]) -> float | None:
    """Where the chance crosses a half between two scenarios, straight in probits; the first place from below."""
    normal = NormalDist()
    probits = [normal.inv_cdf(min(max(p, 1e-6), 1.0 - 1e-6)) for p in chances]
    for low, high, a, b in zip(y, y[1:], probits, probits[1:], strict=False):
        if a != b and a * b <= 0.0:
            return low + (high - low) * a / (a - b)
    return None


def _edges(values: Sequence[float]) -> tuple[float, ...]:
    """Edges of cells around values: halfway between two, and as far beyond the ends."""
    middles = [(a + b) / 2.0 for a, b in pairwise(values)]
    return (2.0 * values[0] - middles[0], *middles, 2.0 * values[-1] - middles[-1])


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _other(head: AnyRow) -> str:
    names = [name for name in json.loads(str(head["p_win"])) if name != head["first"]]
    return names[0] if len(names) == 1 else "another"
