"""What is said of a chamber's run, from its tables alone."""

from __future__ import annotations

import datetime as dt
from typing import Any

from runoff.race import Tables
from runoff.report.layout import readable
from runoff.report.numbers import percent, probability, whole
from runoff.report.page import Column, Grid, Lines, Page, Part

Row = dict[str, Any]
CLOSEST = 20
_MOST_PARTIES, _MOST_PAIRS = 12, 12


def page(tables: Tables) -> Page:
    """The seats by bloc, the closest races, who meets whom."""
    tables = readable(tables)
    run: Row = tables["chamber"][0]
    blocs = of_kind(tables, "bloc")
    opening = (
        f"{run['race_name']}: runoff {run['runoff']}, as of {run['as_of']}",
        f"{run['trials']:,} trials, seed {run['seed']}; {run['seats']:,} seats, {run['majority']:,} are a majority; "
        + _state(run),
    )
    parts: list[Part | None] = [
        Lines(opening),
        seats_grid(blocs, "seats by bloc", int(run["trials"])),
        together(tables),
        parties(tables),
        closest(tables),
        pairs(tables),
    ]
    return Page.of(headline(run, blocs), parts, run["warnings"])


def of_kind(tables: Tables, kind: str) -> list[Row]:
    """Rows of seats by bloc or by party."""
    return [row for row in tables["seats"] if row["kind"] == kind]


def _state(run: Row) -> str:
    said = [f"{run['decided']:,} decided without a runoff", f"{run['drawn']:,} drawn"]
    said += [f"{run['counted']:,} counted"] if run["counted"] else []
    said += [f"{run['partial']:,} counted in part"] if run["partial"] else []
    return ", ".join(said)


def headline(run: Row, blocs: list[Row]) -> str:
    """Who is likeliest to have most seats, and whether that is a majority."""
    leader = max(blocs, key=lambda row: (row["p_first"], row["seats_mean"]))
    many = f"{leader['seats_q50']:,} seats ({leader['seats_q10']:,} to {leader['seats_q90']:,} in four of five trials)"
    first = _said(leader, "p_first", run["trials"])
    own = _said(leader, "p_majority", run["trials"])
    return f"{leader['name']} has {many}; most seats: {first}; a majority: {own}"


def _said(row: Row, name: str, trials: int) -> str:
    return probability(row[name] * trials, trials, row[f"{name}_mcse"])


def seats_grid(rows: list[Row], above: str, trials: int) -> Grid:
    """A line a bloc or party."""

    def cells(say: Any) -> tuple[str, ...]:
        return tuple(say(row) for row in rows)

    return Grid(
        (
            Column("", cells(lambda row: row["name"]), left=True, words=True, most=24, least=8),
            Column("decided", cells(lambda row: whole(row["decided"])), leaves=2),
            Column("median", cells(lambda row: whole(row["seats_q50"]))),
            Column("80 %", cells(lambda row: f"{row['seats_q10']}-{row['seats_q90']}")),
            Column("95 %", cells(lambda row: f"{row['seats_q025']}-{row['seats_q975']}"), leaves=1),
            Column("majority", cells(lambda row: _said(row, "p_majority", trials).replace(" than", "")), leaves=4),
            Column("most seats", cells(lambda row: _said(row, "p_first", trials).replace(" than", "")), leaves=3),
        ),
        above,
    )


def together(tables: Tables) -> Lines | None:
    """What no bloc alone has: the chance of no majority, and of two blocs together."""
    run: Row = tables["chamber"][0]
    trials = int(run["trials"])
    rows = sorted((row for row in tables["seat_pairs"]), key=lambda row: -float(str(row["p_together"])))[:3]
    said = [f"no bloc has a majority: {_said(run, 'p_none', trials)}"]
    said += [f"{row['a']} and {row['b']} together: {_said(row, 'p_together', trials)}" for row in rows]
    return Lines(tuple(said))


def parties(tables: Tables) -> Grid | None:
    """Seats by party, where these are not the blocs."""
    rows = of_kind(tables, "party")
    if {row["name"] for row in rows} == {row["name"] for row in of_kind(tables, "bloc")}:
        return None
    run: Row = tables["chamber"][0]
    return seats_grid(rows[:_MOST_PARTIES], "seats by party", int(run["trials"]))


def closest_rows(tables: Tables) -> list[list[Row]]:
    """The races nearest to even: rows of each, its finalists by chance."""
    races: dict[str, list[Row]] = {}
    for row in tables["races"]:
        if row["status"] in ("drawn", "partial"):
            races.setdefault(str(row["district"]), []).append(row)
    ordered = sorted(races.values(), key=lambda rows: (max(row["p_win"] for row in rows), rows[0]["district"]))
    return [sorted(rows, key=lambda row: -row["p_win"]) for rows in ordered[:CLOSEST]]


def closest(tables: Tables) -> Grid | None:
    """The twenty races nearest to even."""
    found = closest_rows(tables)
    if not found:
        return None

    def one(k: int) -> tuple[str, ...]:
        return tuple(f"{rows[k]['candidate']} ({rows[k]['bloc']})" for rows in found)

    return Grid(
        (
            Column("district", tuple(rows[0]["district"] for rows in found), left=True, words=True, most=20, least=8),
            Column("ahead", one(0), left=True, words=True, most=32, least=14),
            Column("wins", tuple(percent(rows[0]["p_win"]) for rows in found)),
            Column("behind", one(1), left=True, words=True, most=32, least=12, leaves=2),
            Column("decided by", tuple(rows[0]["decides"] for rows in found), left=True, leaves=1),
        ),
        f"closest {len(found)} (wins: of 100 trials; decided by: the largest eliminated bloc)",
    )


def pairs(tables: Tables) -> Grid | None:
    """Who meets whom, and how many each is likely to win."""
    rows: list[Row] = list(tables["pairs"])
    if not rows:
        return None
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["pair"], []).append(row)
    shown = list(found.items())[:_MOST_PAIRS]
    said = tuple(", ".join(f"{row['bloc']} {row['wins_mean']:.1f}" for row in own) for _, own in shown)
    more = (f"and {len(found) - len(shown):,} other pairs",) if len(found) > len(shown) else ()
    return Grid(
        (
            Column("runoffs between", tuple(pair for pair, _ in shown), left=True, words=True, most=40, least=16),
            Column("races", tuple(whole(own[0]["races"]) for _, own in shown)),
            Column("won on average", said, left=True, words=True, most=44, least=20),
        ),
        more=more,
    )


def document(tables: Tables) -> dict[str, Any]:
    """What --json prints: the tables, but for single trials."""
    run = {name: str(value) if isinstance(value, dt.date) else value for name, value in tables["chamber"][0].items()}
    rest = {name: rows for name, rows in tables.items() if name not in ("chamber", "seat_draws")}
    return {"run_id": run["run_id"], "run": run, **rest}
