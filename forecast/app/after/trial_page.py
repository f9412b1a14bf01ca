"""What is said of one trial."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runoff.errors import visible
from runoff.report.numbers import percent, whole
from runoff.report.page import Column, Facts, Grid, Page, Part

if TYPE_CHECKING:
    from runoff.app.after.trial import Row, Trial


def page(found: Trial) -> Page:
    """Who won, then the tables that the trial has."""
    parts = [
        Facts(tuple(_facts(found))),
        _candidates(found),
        _pools(found),
        _out(found),
        _factors(found),
        _units(found),
    ]
    return Page.of(_headline(found), parts, "\n".join(visible(note) for note in found.notes))


def _name(found: Trial, name: str) -> str:
    return visible(found.short.get(name, name))


def _headline(found: Trial) -> str:
    place = f"trial {found.number:,}"
    if found.facts.get("outright"):
        return f"{place}: {_name(found, found.facts['outright'])} wins outright"
    rows = sorted((row for row in found.tables["candidates"] if row["votes"] is not None), key=lambda r: -r["votes"])
    lead, total = rows[0]["votes"] - rows[1]["votes"], sum(row["votes"] for row in rows)
    if not lead:
        return f"{place}: a tie at {rows[0]['votes']:,} votes"
    who = _name(found, rows[0]["candidate"])
    return f"{place}: {who} wins by {100 * lead / total:.2f} points, {lead:,} votes"


def _facts(found: Trial) -> list[tuple[str, str]]:
    facts, rows = found.facts, [("run", f"{found.run_id}, {found.trials:,} trials")]
    if facts.get("first_turnout") is not None:
        rows.append(
            ("first", f"{facts['first_votes']:,} of {facts['people']:,} people, {percent(facts['first_turnout'], 2)} %")
        )
    if facts["turnout"] is not None:
        rows.append(
            ("turnout", f"{facts['valid_votes']:,} of {facts['people']:,} people, {percent(facts['turnout'], 2)} %")
        )
    if facts["weight"] != 1.0:
        rows.append(("weight", f"{facts['weight']:.4f}"))
    return rows


def _share(share: float | None) -> str:
    return "" if share is None else percent(share, 2)


def _votes(votes: float | None) -> str:
    return "" if votes is None else whole(votes)


def _candidates(found: Trial) -> Part:
    rows = found.tables["candidates"]
    first = "first_votes" in rows[0]
    columns = [
        Column(
            "candidate", tuple(_name(found, row["candidate"]) for row in rows), left=True, words=True, most=32, least=8
        )
    ]
    if first:
        columns += [
            Column("1st round", tuple(_votes(row["first_votes"]) for row in rows)),
            Column("%", tuple(_share(row["first_share"]) for row in rows)),
        ]
    columns += [
        Column("runoff" if first else "votes", tuple(_votes(row["votes"]) for row in rows)),
        Column("%", tuple(_share(row["share"]) for row in rows)),
    ]
    return Grid(tuple(columns))


def _pools(found: Trial) -> Part | None:
    rows = found.tables.get("pools")
    if not rows:
        return None
    who = list(rows[0]["preference"])
    columns = [
        Column("pool", tuple(_pool(found, row) for row in rows), left=True, words=True, most=32, least=8),
        Column("people", tuple(whole(row["people"]) for row in rows), leaves=2),
        Column("turnout %", tuple(_share(row["turnout"]) for row in rows)),
    ]
    if "votes" in rows[0]:
        columns.append(Column("votes", tuple(_votes(row["votes"]) for row in rows), leaves=1))
    columns += [
        Column(
            f"{_name(found, name)} %",
            tuple(_share(row["preference"][name]) for row in rows),
            most=16,
            leaves=3 if name == who[-1] else 0,
        )
        for name in who
    ]
    return Grid(tuple(columns), below="turnout of the pool's people, then whom its voters choose")


def _pool(found: Trial, row: Row) -> str:
    name = _name(found, row["pool"])
    return f"bloc {name}" if row["kind"] == "bloc" else name


def _factors(found: Trial) -> Part | None:
    rows = found.tables.get("factors")
    if not rows:
        return None
    return Grid(
        (
            Column("factor of", tuple(row["rate"] for row in rows), left=True),
            Column("level", tuple(row["level"] for row in rows), left=True, leaves=2),
            Column("of", tuple(_name(found, row["name"]) for row in rows), left=True, words=True, most=28, least=8),
            *(
                (
                    Column(
                        "for",
                        tuple(_name(found, row["candidate"]) for row in rows),
                        left=True,
                        words=True,
                        most=16,
                        least=6,
                        leaves=1,
                    ),
                )
                if any(row["candidate"] for row in rows)
                else ()
            ),
            Column("value", tuple(f"{row['value']:+.4f}" for row in rows)),
        )
    )


def _out(found: Trial) -> Part | None:
    rows = found.tables.get("out")
    if not rows:
        return None
    columns = (
        Column("out: region", tuple(visible(row["region"]) for row in rows), left=True, words=True, most=20, least=6),
        Column("mode", tuple(_mode(row) for row in rows), left=True, words=True, most=28, least=6),
        Column(
            "candidate",
            tuple(_name(found, row["candidate"]) or "others" for row in rows),
            left=True,
            words=True,
            most=24,
            least=8,
        ),
        Column("votes", tuple(_votes(row["votes"]) for row in rows)),
    )
    return Grid(columns)


def _mode(row: Row) -> str:
    """A mode, or a class of ballots and whether it counts."""
    return visible(row["mode"]) + ("" if row.get("counts", True) else ", not counted")


def _units(found: Trial) -> Part | None:
    rows = found.tables.get("units")
    if not rows:
        return None
    return Grid(
        (
            Column("unit", tuple(visible(row["unit"]) for row in rows), left=True, words=True, most=32, least=8),
            Column(
                "candidate",
                tuple(_name(found, row["candidate"]) for row in rows),
                left=True,
                words=True,
                most=24,
                least=8,
            ),
            Column("votes", tuple(_votes(row["votes"]) for row in rows)),
            Column("%", tuple(_share(row["share"]) for row in rows)),
        )
    )
