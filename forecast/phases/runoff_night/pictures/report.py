"""A runoff's night with pictures, from its tables alone: the parts of its page, and what can be seen beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runoff.phases import pictured
from runoff.phases.runoff_night import page as said
from runoff.phases.runoff_night.flows.told import flows_table
from runoff.phases.runoff_night.pictures.night_curve import curve
from runoff.race import Tables
from runoff.report.illustrated import Figure, Report, Section
from runoff.report.layout import place, readable
from runoff.report.numbers import percent, shorts, whole
from runoff.report.page import Bars, Column, Grid, Lines
from runoff.report.pictures import ranges, strip
from runoff.report.pictures.shapes import SIDES

Row = dict[str, Any]

_MOST_GROUPS = 12
_SD = 1.2816  # standard deviations to either end of a normal's 80 % range


def report(tables: Tables, history: Sequence[Row] = ()) -> Report:
    """The page's parts in sections, with pictures of the margin, of what is out, of the units, and of the night."""
    shown = said.page(tables)
    tables, past = readable(tables), readable({"history": list(history)})["history"]
    night: Row = tables["runoff_night"][0]
    finalists: list[Row] = list(tables["runoff_finalists"])
    names = shorts(finalists)
    three = len(finalists) > 2
    first, second = names[night["first"]], "another" if three else names[night["second"]]
    out, places = list(tables["runoff_out"]), list(tables["runoff_units"])
    of_units = rows_of(tables, "runoff_unit_shares")
    bins = [(row["bin_low"], row["bin_high"], row["share"]) for row in rows_of(tables, "runoff_margins")]
    opening = said.opening(night, finalists, names)
    flows = flows_table(rows_of(tables, "flows"), names)
    table: Bars | Grid = pictured.quantiles(night, first, second)
    sections = (
        Section.of(
            "Who wins",
            pictured.margin_dots(bins, night, first, second) if bins else None,
            said.finalists_table(night, finalists),
            said.margins(night, names, three=three),
        ),
        *([Section.of("By how much", pictured.margin_density(bins, night, first, second, table))] if bins else []),
        *([Section.of("The night so far", curve(past, first, second))] if past else []),
        Section.of(
            "What is still out",
            outstanding(out, names, rows_of(tables, "runoff_out_shares")),
            said.classes(night, finalists, rows_of(tables, "classes"), names),
            said.units_out(places, names, of_units),
        ),
        *([Section.of("Where people went", flows)] if flows is not None else []),
        *([Section.of("Units", units(places, names, of_units))] if len(places) > 1 else []),
        Section.of("How it was made", pictured.made(night, _words(night), _votes(night))),
    )
    return Report(str(night["race_name"]), shown, Lines(opening.lines[1:]), sections)


def rows_of(tables: Tables, name: str) -> list[Row]:
    """A table's rows; none where an older run, or one of two finalists, has no such table."""
    return list(tables.get(name, []))


def _words(night: Row) -> str:
    return f"--results TABLE --trials {night['trials']} --seed {night['seed']} --as-of {night['as_of']}"


def _votes(night: Row) -> str:
    return f"{night['results']}, sha256 {night['results_sha256']}"


def outstanding(out: list[Row], names: dict[str, str], shares: list[Row]) -> Lines | Grid | Figure:
    """How what is out splits, by region and mode: the largest first, everything together before them."""
    table, first, two = said.out_table(out, names, shares), next(iter(names.values())), len(names) == 2
    if isinstance(table, Lines):
        return table
    shown = [out[0], *sorted(out[1:], key=lambda row: -row["votes_mean"])[:_MOST_GROUPS]]
    rows = tuple(
        ranges.Range(
            place(row["region"], row["mode"]),
            f"{whole(row['votes_q50'])} out",
            row["share_q10"],
            row["share_q90"],
            row["share_q50"],
            "b" if two and row["share_q50"] < 0.5 else "a",
        )
        for row in shown
    )
    of = ranges.Ranges(
        rows, (0.0, 1.0), 0.5 if two else None, pictured.per_cent, f"share of {first} of the votes still out"
    )
    told = f"For each region and mode, where the share of {first} of the votes still out lies in four of five trials"
    picture = ranges.drawing(of, f"How the votes still out go to {first}", told)
    return Figure(picture, f"Dots: median share of {first}. Bars: 80 % range.", table)


def units(rows: list[Row], names: dict[str, str], shares: list[Row]) -> Figure:
    """Units in order of the first finalist's share, each in the role of who leads in the mean."""
    rows = sorted(rows, key=lambda row: (row["share_mean"], row["region"], row["unit"]))
    first, roles = next(iter(names.values())), _leaders(rows, names, shares)
    items: list[strip.Item] = [
        (
            row["unit"],
            max(row["share_mean"] - _SD * row["share_sd"], 0.0),
            row["share_mean"],
            min(row["share_mean"] + _SD * row["share_sd"], 1.0),
            role,
        )
        for row, role in zip(rows, roles, strict=True)
    ]
    kept = [rows[i] for i in strip.evenly(items)]
    columns = (
        Column("unit", tuple(row["unit"] for row in kept), left=True, words=True),
        Column("counted", tuple(whole(row["counted_votes"]) for row in kept)),
        Column("out", tuple(whole(row["out_mean"]) for row in kept)),
        Column(f"{first}, %", tuple(percent(row["share_mean"]) for row in kept)),
        Column("±", tuple(percent(row["share_sd"]) for row in kept)),
    )
    table = Grid(columns, f"final share of {first}, ± one standard deviation")
    even = 0.5 if len(names) == 2 else None
    return pictured.units(items, first, "1.28 standard deviations to either side", table, even)


def _leaders(rows: list[Row], names: dict[str, str], shares: list[Row]) -> list[str]:
    """The role of who leads in the mean, unit by unit; with three finalists and more by their own table."""
    if len(names) == 2:
        return ["a" if row["share_mean"] >= 0.5 else "b" for row in rows]
    found = {(row["region"], row["unit"], row["candidate"]): row["share_mean"] for row in shares}
    roles = dict(zip(names, SIDES, strict=False))
    best = [max(names, key=lambda name: found[row["region"], row["unit"], name]) for row in rows]
    return [roles[name] for name in best]
