"""A chamber's run with pictures, from its tables alone: seats as dots, districts as a field, the closest twenty."""

from __future__ import annotations

from typing import Any

from runoff.phases import pictured
from runoff.phases.chamber import page as said
from runoff.race import Tables
from runoff.report.illustrated import Figure, Report, Section
from runoff.report.layout import readable
from runoff.report.numbers import histogram_quantile, percent
from runoff.report.page import Lines
from runoff.report.pictures import seats
from runoff.report.pictures.shapes import SIDES

Row = dict[str, Any]
_DOTS = 40  # of a bloc
_MOST = 8  # blocs that are drawn


def report(tables: Tables) -> Report:
    """The page's parts in sections, with the two pictures."""
    shown = said.page(tables)
    tables = readable(tables)
    run: Row = tables["chamber"][0]
    blocs = said.of_kind(tables, "bloc")
    roles = {row["name"]: SIDES[i] if i < len(SIDES) else "none" for i, row in enumerate(blocs)}
    opening = shown.parts[0]
    assert isinstance(opening, Lines)
    words = f"--trials {run['trials']} --seed {run['seed']} --as-of {run['as_of']}"
    sections = (
        Section.of("Seats", _seats(tables, blocs, roles), said.together(tables), said.parties(tables)),
        Section.of("Districts", _districts(tables, roles)),
        Section.of("Closest races", said.closest(tables)),
        Section.of("Who meets whom", said.pairs(tables)),
        Section.of("How it was made", pictured.made(run, words)),
    )
    return Report(str(run["race_name"]), shown, opening, sections)


def _seats(tables: Tables, blocs: list[Row], roles: dict[str, str]) -> Figure:
    run: Row = tables["chamber"][0]
    counts: dict[str, list[tuple[float, float, float]]] = {}
    for row in tables["seat_counts"]:
        one: Row = row
        counts.setdefault(one["bloc"], []).append((one["seats"] - 0.5, one["seats"] + 0.5, float(one["trials"])))
    groups = [
        seats.Group(
            name=row["name"],
            seats=tuple(round(histogram_quantile(counts[row["name"]], (i + 0.5) / _DOTS)) for i in range(_DOTS)),
            low=row["seats_q10"],
            high=row["seats_q90"],
            role=roles[row["name"]],
        )
        for row in blocs[:_MOST]
    ]
    leader = blocs[0]
    told = f"{leader['name']} has {leader['seats_q10']} to {leader['seats_q90']} seats in four of five trials"
    picture = seats.stacked(groups, int(run["majority"]), lambda x: f"{x:.0f}", "Seats by bloc", told)
    below = f"Each of a bloc's {_DOTS} dots is as likely as the others; the line under them is its 80 % range."
    table = said.seats_grid(blocs, "seats by bloc", int(run["trials"]))
    return Figure(picture, below, table)


def _districts(tables: Tables, roles: dict[str, str]) -> Figure | None:
    """Every district by its favourite's bloc, the surest first."""
    races: dict[str, list[Row]] = {}
    for row in tables["races"]:
        races.setdefault(str(row["district"]), []).append(row)
    best = [max(rows, key=lambda row: row["p_win"]) for rows in races.values()]
    order = list(roles)
    best.sort(key=lambda row: (order.index(row["bloc"]), -row["p_win"], row["district"]))
    field = [
        seats.Seat(
            f"{row['district']}: {row['candidate']} ({row['bloc']}), {percent(row['p_win'], 0)} %",
            row["p_win"],
            roles[row["bloc"]],
        )
        for row in best
    ]
    closest = said.closest(tables)
    if closest is None:
        return None
    open_ = sum(seat.chance < 0.9 for seat in field)
    told = f"{len(field):,} districts by their favourites' blocs; in {open_:,} the favourite is not 90 % sure"
    below = "A dot a district, in its favourite's colour; the smaller, the more open."
    return Figure(seats.field(field, "Districts by favourite", told), below, closest)
