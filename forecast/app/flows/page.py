"""What is said of an estimate of transfers, made of its tables alone."""

from __future__ import annotations

from typing import Any

from runoff.app.flows.said import part
from runoff.data.rounds.words import ABSENT
from runoff.race import Tables
from runoff.report.layout import apart, readable
from runoff.report.numbers import percent, whole
from runoff.report.page import Column, Facts, Grid, Lines, Page

Row = dict[str, Any]

_LEAST = 0.02  # of all people in an origin of which a sentence speaks
_MOST = 8  # sentences
_TOLD = 0.10  # share of an origin's people at a destination that is named
_SENSITIVE = 0.05  # by which a share moves with the weight of what is known before, above which it is told


def page(tables: Tables) -> Page:
    """Headline, sentences, the matrix, and how it was made."""
    tables = readable(tables)
    head: Row = tables["estimate"][0]
    cells = by_origin(tables)
    order = sorted(cells, key=lambda origin: -_people(cells[origin]))
    spoken = [origin for origin in order if _people(cells[origin]) >= _LEAST * head["people"]][:_MOST]
    lines = tuple(sentence(origin, cells[origin]) for origin in spoken)
    headline = f"{head['race_name']}: where {whole(head['people'])} people went"
    return Page.of(headline, [Lines(lines), grid(cells, order), made(head), _sensitive(cells)], head["warnings"])


def by_origin(tables: Tables) -> dict[str, list[Row]]:
    """Rows of `matrix` by origin."""
    found: dict[str, list[Row]] = {}
    rows: list[Row] = list(tables["matrix"])
    for row in rows:
        found.setdefault(row["origin"], []).append(row)
    return found


def _people(rows: list[Row]) -> int:
    return int(rows[0]["people"])


def sentence(origin: str, rows: list[Row]) -> str:
    """Where an origin's people went, in words with 90 % intervals."""
    told = sorted((row for row in rows if row["share_mean"] >= _TOLD), key=lambda row: -row["share_mean"])
    told = told or [max(rows, key=lambda row: row["share_mean"])]
    parts = []
    for row in told:
        span = f"{percent(row['share_q05'], 0)} to {percent(row['share_q95'], 0)} %"
        parts.append(f"{part(row['share_mean'])} {_went(origin, row['destination'])}, {span}")
    whose = (
        f"Of those who did not vote in the first round, {whole(_people(rows))},"
        if origin == ABSENT
        else (f"Of the {whole(_people(rows))} people of {origin}")
    )
    return f"{whose} {'; '.join(parts)}."


def _went(origin: str, destination: str) -> str:
    if destination == ABSENT:
        return "did not vote again" if origin == destination else "did not vote"
    return f"stayed with {destination}" if origin == destination else f"went to {destination}"


def grid(cells: dict[str, list[Row]], order: list[str]) -> Grid:
    """A row an origin, for each destination the share and its 90 % interval."""
    first = cells[order[0]]
    heads = apart(tuple(row["destination"] for row in first), 16)
    columns = [
        Column("from", tuple(order), left=True, words=True, most=30, least=10),
        Column("people", tuple(whole(_people(cells[origin])) for origin in order), leaves=2),
    ]
    for k, row in enumerate(first):
        of = [cells[origin][k] for origin in order]
        columns.append(Column(heads[row["destination"]], tuple(map(_cell, of))))
    return Grid(tuple(columns), "per cent of each origin's people, and the interval that holds it nine times of ten")


def _cell(row: Row) -> str:
    """A share with its interval."""
    return f"{percent(row['share_mean'], 0)} ({percent(row['share_q05'], 0)}-{percent(row['share_q95'], 0)})"


def made(head: Row) -> Facts:
    """What the estimate rests on and how sure its parts are."""
    return Facts(
        (
            ("units", f"{head['units']:,}, {head['units_left_out']:,} left out"),
            ("unlike", f"log-odds of units differ by {head['dispersion']:.2f} beyond lots"),
            ("known", f"weight {head['weight']:g}, {head['mass']:.2f} of the usual mass"),
            ("turned", f"{percent(head['turned'])} % of people elsewhere when estimated from the second round back"),
            ("models", f"{percent(head['fits_apart'])} % of people apart"),
            ("draws", f"{head['draws']:,}, seed {head['seed']}"),
            ("digest", str(head["digest"])),
        )
    )


def _sensitive(cells: dict[str, list[Row]]) -> Lines | None:
    """Cells that hang on the weight of what is known before."""
    found = []
    for rows in cells.values():
        for row in rows:
            moves = max(abs(row["share_without"] - row["share_mean"]), abs(row["share_twice"] - row["share_mean"]))
            if moves >= _SENSITIVE:
                found.append((moves * row["people"], row))
    found.sort(key=lambda pair: -pair[0])
    if not found:
        return None
    said = [
        f"{row['origin']} to {row['destination']}: {percent(row['share_mean'], 0)} %, "
        f"{percent(row['share_without'], 0)} % without it, {percent(row['share_twice'], 0)} % with twice of it"
        for _, row in found[:3]
    ]
    return Lines(("what is known before any result decides most of:", *said))
