"""A run with pictures, from its tables alone: the parts of its page, and what can be seen beside them."""

from __future__ import annotations

from typing import Any

from runoff.phases import pictured
from runoff.phases.runoff_ahead import page as said
from runoff.phases.runoff_ahead.ballots import ballots
from runoff.phases.runoff_ahead.evidence_page import evidence, moved_most
from runoff.phases.runoff_ahead.influence.shares import shares
from runoff.phases.runoff_ahead.margin_bars import histogram
from runoff.phases.runoff_ahead.pictures.tornado import decides
from runoff.phases.runoff_ahead.pictures.two_rates import two_rates
from runoff.phases.runoff_ahead.pictures.votes_flow import moves
from runoff.race import Tables
from runoff.report.illustrated import Figure, Report, Section
from runoff.report.layout import readable
from runoff.report.numbers import percent, shorts
from runoff.report.page import Column, Grid, Lines
from runoff.report.pictures import strip
from runoff.report.pictures.shapes import SIDES

Row = dict[str, Any]


def report(tables: Tables) -> Report:
    """The page's parts in sections, with pictures of the margin, of the moves, of what decides, and of the units."""
    shown = said.page(tables)
    tables = readable(tables)
    run: Row = tables["run"][0]
    candidates: list[Row] = list(tables["candidates"])
    names = shorts(candidates)
    first = names[candidates[0]["candidate"]]
    other = names[candidates[1]["candidate"]] if len(candidates) == 2 else "another"
    bins = [(row["bin_low"], row["bin_high"], row["trials"]) for row in rows_of(tables, "margin_histogram")]
    opening = shown.parts[0]
    assert isinstance(opening, Lines)
    words = f"--trials {run['trials']} --seed {run['seed']} --as-of {run['as_of']}"
    bars = histogram(tables, first, other)
    sections = (
        Section.of(
            "Who wins",
            pictured.margin_dots(bins, run, first, other),
            said.finalists_table(candidates),
            said.outcome(run, first, other, three=len(candidates) > 2),
            *ballots(tables, names, other),
        ),
        Section.of("By how much", pictured.margin_density(bins, run, first, other, bars)),
        Section.of("Where the votes come from", moves(tables, names), said.pools_table(tables, names)),
        Section.of(
            "Which assumption decides it",
            said.decisive(tables, names),
            decides(tables, names),
            two_rates(tables, names),
            shares(tables),
        ),
        Section.of(
            "Evidence", evidence(tables, names) or Lines(("no poll and no crosstab counts",)), moved_most(tables, names)
        ),
        *([Section.of("Units", units(tables, names))] if len(rows_of(tables, "units")) > len(candidates) else []),
        Section.of(
            "How it was made", *shown.parts[len(shown.parts) - len(_remarks(shown.parts)) :], pictured.made(run, words)
        ),
    )
    return Report(str(run["race_name"]), shown, Lines(opening.lines[1:]), sections)


def _remarks(parts: tuple[Any, ...]) -> list[Lines]:
    """The page's lines that stand after the histogram."""
    last = max(i for i, part in enumerate(parts) if not isinstance(part, Lines))
    return [part for part in parts[last + 1 :] if isinstance(part, Lines)]


def rows_of(tables: Tables, name: str) -> list[Row]:
    """A table's rows; none where an older run has no such table."""
    return list(tables.get(name, []))


def units(tables: Tables, names: dict[str, str]) -> Figure:
    """Units in order of the first finalist's share; each in the role of who leads in the mean."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows_of(tables, "units"):
        found.setdefault((row["region"], row["unit"]), []).append(row)
    places = sorted(found, key=lambda place: (found[place][0]["share_mean"], place))
    items: list[strip.Item] = []
    for place in places:
        rows = found[place]
        leads = max(range(len(rows)), key=lambda k: rows[k]["share_mean"])
        own = rows[0]
        items.append((own["unit"], own["share_q10"], own["share_mean"], own["share_q90"], SIDES[leads]))
    first = names[next(iter(names))]
    kept = [found[places[i]] for i in strip.evenly(items)]
    columns = (
        Column("unit", tuple(rows[0]["unit"] for rows in kept), left=True, words=True),
        Column(f"{first}, %", tuple(percent(rows[0]["share_mean"]) for rows in kept)),
        Column("80 %", tuple(f"{percent(rows[0]['share_q10'])}-{percent(rows[0]['share_q90'])}" for rows in kept)),
        Column("leads in, %", tuple(percent(rows[0]["p_carry"]) for rows in kept)),
    )
    table = Grid(columns, f"mean share and 80 % range of {first}, and the share of trials in which {first} leads")
    return pictured.units(items, first, "the 80 % range", table, 0.5 if len(names) == 2 else None)
