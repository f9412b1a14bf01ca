"""Pictures that more than one phase shows: a margin as dots and as a density, units, and how a run was made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from runoff.report.illustrated import Figure
from runoff.report.numbers import histogram_quantile, lead, lead_range, percent
from runoff.report.page import Bars, Column, Facts, Grid
from runoff.report.pictures import density, dots, ranges, strip

Row = dict[str, Any]
Bin = tuple[float, float, float]  # low, high, share

_FEW_UNITS = 24  # units that have a row each with their names
_LEVELS = (5, 10, 50, 90, 95)


def points(margin: float) -> str:
    """A margin on an axis, from either side: 0.04 and -0.04 are both '4'."""
    return f"{abs(100 * margin):.6g}"


def per_cent(share: float) -> str:
    """A share on an axis."""
    return f"{100 * share:.6g} %"


def margin_dots(bins: Sequence[Bin], run: Row, first: str, second: str) -> Figure:
    """The margin as equally likely dots, with the quantiles of the run's row as its table."""
    values = tuple(histogram_quantile(bins, (i + 0.5) / dots.DOTS) for i in range(dots.DOTS))
    ahead = sum(value >= 0 for value in values)
    told = f"{dots.DOTS} dots, each as likely as any other: {ahead} on the side of {first}, "
    told += f"{dots.DOTS - ahead} on that of {second}"
    title = f"The margin as {dots.DOTS} equally likely outcomes"
    picture = dots.stacked(dots.Stacked(values, f"{second} ahead", f"{first} ahead", points), title, told)
    below = f"Each dot is one of {dots.DOTS} equally likely outcomes, by how many points who is ahead. "
    below += f"{ahead} dots are on the side of {first}, {dots.DOTS - ahead} on that of {second}."
    return Figure(picture, below, quantiles(run, first, second))


def quantiles(run: Row, first: str, second: str) -> Grid:
    """The margin's quantiles, as the run's row has them."""
    said = tuple(lead(run[f"margin_q{level:02d}"], first, second) for level in _LEVELS)
    heads = tuple(f"{level} %" for level in _LEVELS)
    return Grid((Column("quantile", heads, left=True), Column("margin", said, left=True)))


def margin_density(bins: Sequence[Bin], run: Row, first: str, second: str, table: Bars | Grid) -> Figure:
    """The margin's histogram with the likelier winner's side strong."""
    total = sum(share for _, _, share in bins)
    shares = tuple((low, high, share / total) for low, high, share in bins)
    right = sum(share for low, _, share in shares if low > -1e-9)
    winner, name = ("a", first) if right >= 0.5 else ("b", second)
    middle = lead(run["margin_q50"], first, second)
    span = lead_range(run["margin_q10"], run["margin_q90"], first, second)
    picture = density.drawing(
        density.Density(
            shares,
            (run["margin_q50"], f"median {middle}"),
            (run["margin_q10"], run["margin_q90"]),
            winner,
            f"{second} ahead",
            f"{first} ahead",
            points,
        ),
        "How likely each margin is",
        f"A hill whose middle is {middle}; four of five trials lie within {span}",
    )
    below = (
        f"The side of {name} is shaded strongly. The line over the hill is the 80 % range, {span}; margins in points."
    )
    return Figure(picture, below, table)


def units(items: Sequence[strip.Item], whose: str, span: str, table: Grid, even: float | None) -> Figure:
    """Units in order of a finalist's share: a named row each where they are few, else a line each."""
    what = f"the share of {whose}"
    if len(items) <= _FEW_UNITS:
        rows = tuple(
            ranges.Range(name, percent(middle), low, high, middle, role) for name, low, middle, high, role in items
        )
        low, high = min(item[1] for item in items), max(item[3] for item in items)
        axis = (max(low - 0.02, 0.0), min(high + 0.02, 1.0))
        mark = even if even is not None and axis[0] < even < axis[1] else None
        of = ranges.Ranges(rows, axis, mark, per_cent, what)
        told = f"A row a unit, from the lowest share of {whose} to the highest; {span}"
        return Figure(ranges.drawing(of, f"Units, by {what}", told), f"Dots: mean share. Bars: {span}.", table)
    shown = [items[i] for i in strip.evenly(items)]
    below = f"Each line is a unit: {span}; its dot is the mean."
    if len(shown) < len(items):
        below += f" {len(shown)} of {len(items):,} units are shown, equally far apart in rank."
    of_units = strip.Strip(tuple(shown), even, per_cent, f"units, from the lowest to the highest {what[4:]}")
    told = f"{len(shown)} units in order of {what}, from {percent(shown[0][2])} to {percent(shown[-1][2])} %"
    return Figure(strip.drawing(of_units, f"Units, by {what}", told), below, table)


def made(run: Row, words: str, evidence: str = "") -> Facts:
    """How a run was made and how it is made again; words : those of the command line that decide its numbers."""
    rows = [
        ("run", str(run["run_id"])),
        ("trials", f"{run['trials']:,}, seed {run['seed']}"),
        ("program", f"runoff {run['version']}, tables of schema version {run['schema_version']}"),
        ("digest", str(run["digest"])),
        ("run file", f"sha256 {run['config_sha256']}"),
        *([("votes", evidence)] if evidence else []),
        (
            "again",
            f"runoff run FOLDER/{run['run_id']}, where what it was drawn from was kept with it; "
            f"else runoff run FILE {words}, with the run file and tables that it had",
        ),
        ("tables", "every number here is one of the run's Parquet tables, or made of them"),
    ]
    return Facts(tuple(rows))
