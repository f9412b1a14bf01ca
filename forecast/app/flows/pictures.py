"""An estimate of transfers with its picture: bands from the first round's options to the second's."""

from __future__ import annotations

from typing import Any

from runoff.app.flows import page as said
from runoff.data.rounds.words import ABSENT
from runoff.race import Tables
from runoff.report.illustrated import Figure, Report, Section
from runoff.report.layout import readable
from runoff.report.numbers import short_names, whole
from runoff.report.page import Lines
from runoff.report.pictures import flow
from runoff.report.pictures.shapes import SIDES

Row = dict[str, Any]

_LEAST = 0.02  # of all people in an origin that has a place of its own in the picture
_MOST = 9
_NOBODY = "no vote"


def report(tables: Tables) -> Report:
    """The page's parts in sections, with the flow."""
    shown = said.page(tables)
    tables = readable(tables)
    head: Row = tables["estimate"][0]
    cells = said.by_origin(tables)
    lines = shown.parts[0]
    assert isinstance(lines, Lines)
    made = "estimate, matrix, draws and units are this run's Parquet tables"
    sections = (
        Section.of("Where they went", moves(cells, head["people"])),
        Section.of("In words", lines),
        Section.of("How it was made", said.made(head), *shown.parts[3:], Lines((made,))),
    )
    return Report(str(head["race_name"]), shown, Lines((f"{head['units']:,} units, both rounds",)), sections)


def moves(cells: dict[str, list[Row]], people: int) -> Figure:
    """Origins at the left, destinations at the right; a band's height is its number of people."""
    order = sorted(cells, key=lambda origin: -cells[origin][0]["people"])
    own = [origin for origin in order if cells[origin][0]["people"] >= _LEAST * people][:_MOST]
    rest = [origin for origin in order if origin not in own]
    if len(rest) == 1:
        own, rest = order, []
    groups = [[origin] for origin in own] + ([rest] if rest else [])
    ends = [row["destination"] for row in cells[order[0]]]
    amounts = tuple(
        tuple(sum(cells[origin][k]["votes_mean"] for origin in group) for k in range(len(ends))) for group in groups
    )
    sources = [(origin, whole(cells[origin][0]["people"])) for origin in own]
    if rest:
        sources.append((f"{len(rest)} smaller ones", whole(sum(cells[origin][0]["people"] for origin in rest))))
    sums = [sum(row[k] for row in amounts) for k in range(len(ends))]
    sides = [k for k in sorted(range(len(ends)), key=lambda k: -sums[k]) if _is_candidate(cells, k)][: len(SIDES)]
    roles = tuple(SIDES[sides.index(k)] if k in sides else "none" for k in range(len(ends)))
    names = _short(cells, ends, sides)
    targets = tuple((names[end], whole(total)) for end, total in zip(ends, sums, strict=True))
    told = "From the first round to the second, numbers of people: "
    told += ", ".join(f"{name} {size}" for name, size in targets)
    picture = flow.drawing(flow.Flow(tuple(sources), targets, roles, amounts), "Where people went", told)
    below = "Heights are people. The table has each origin with intervals that hold the truth nine times of ten."
    return Figure(picture, below, said.grid(cells, order))


def _is_candidate(cells: dict[str, list[Row]], k: int) -> bool:
    return bool(next(iter(cells.values()))[k]["destination_kind"] == "candidate")


def _short(cells: dict[str, list[Row]], ends: list[str], sides: list[int]) -> dict[str, str]:
    """Destinations as the narrow side of the picture says them: candidates by surname where each has one of his own.

    Where one has none (family names may come first there), all keep their names.
    """
    candidates = [origin for origin, rows in cells.items() if rows[0]["origin_kind"] == "candidate"]
    short = short_names(list(dict.fromkeys([*candidates, *(ends[k] for k in sides)])))
    if any(short[ends[k]] == ends[k] for k in sides):
        short = {}
    return {end: _NOBODY if end == ABSENT else short.get(end, end) for end in ends}
