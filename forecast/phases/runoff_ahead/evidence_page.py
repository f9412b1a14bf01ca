"""What is said of a run's polls and crosstabs, from its tables alone."""

from __future__ import annotations

from typing import Any

from runoff.names import same
from runoff.race import Tables
from runoff.report.layout import apart, clipped
from runoff.report.numbers import percent, whole
from runoff.report.page import Caption, Column, Grid, Lines

Row = dict[str, Any]

_MOST_POLLS = 8  # listed one by one
_MOST_MOVED = 3  # of polls, pollsters and groups, those that move the answer most
_LEAST_MOVED = 0.0005  # of a chance, below which nothing is said to move it


def effective(row: Row) -> float:
    """Effective trials of a row; those of an older run are its trials."""
    ess: float = row.get("ess") or row["trials"]
    return ess


def evidence(tables: Tables, names: dict[str, str]) -> Lines | Grid | None:
    """What polls and crosstabs did, and the heaviest of them."""
    rows: list[Row] = list(tables.get("evidence", []))
    run: Row = tables["run"][0]
    used = [row for row in rows if row["used"]]
    if not used or run.get("share_after") is None:
        return None
    first, last = (names[list(names)[i]] for i in (0, -1))
    polls = len({row["place"] for row in used if row["kind"] == "race"})
    groups = len({row["place"] for row in used if row["kind"] != "race"})
    counted = [f"{n:,} {what}{'s' if n != 1 else ''}" for n, what in ((polls, "poll"), (groups, "group")) if n]
    before, after = (
        f"{percent(run[f'share_{when}'])} ± {percent(run[f'share_{when}_sd'])} %" for when in ("before", "after")
    )
    whose = f"{first}'s expected share" + (f" against {last}" if len(names) > 2 else "")
    text = f"evidence: {' and '.join(counted)} count{'s' if polls + groups == 1 else ''}; {whose} {before} without, "
    text += f"{after} with {'it' if polls + groups == 1 else 'them'}"
    if effective(run) < run["trials"]:
        text += f"; {run['trials']:,} trials with their weights are worth {effective(run):,.0f}"
    races = [row for row in used if row["kind"] == "race"]
    heaviest = sorted(races, key=lambda row: -row["weight"])[:_MOST_POLLS]
    if not heaviest:
        return Lines((text,))
    more = (f"{len(races) - len(heaviest):,} more",) if len(races) > len(heaviest) else ()
    against, side = f"shares against {last}; ", "* a side's poll"
    below = Caption(against + side, against, f"; {side}")
    return Grid(_poll_columns(heaviest, names), text, more, below)


def _poll_columns(polls: list[Row], names: dict[str, str]) -> tuple[Column, ...]:
    heads = apart(names.values(), 12)
    who = (clipped(row["pollster"], 23) + (" *" if row["side"] else "") for row in polls)
    spread = (percent(row["total_sd"] * row["share"] * (1 - row["share"])) for row in polls)
    away = (f"{row['residual']:+.1f}" if row["residual"] is not None else "" for row in polls)
    asked = (whole(row["sample_size"]) if row["sample_size"] else "?" for row in polls)
    return (
        Column("poll", tuple(who), left=True, words=True, most=25, least=12),
        Column("until", tuple(str(row["end"]) for row in polls), left=True, leaves=2),
        Column("asked", tuple(asked), leaves=3),
        Column(
            "share of", tuple(heads[names[row["candidate"]]] for row in polls), left=True, words=True, most=12, least=8
        ),
        Column("", tuple(f"{percent(row['share'])} %" for row in polls)),
        Column("sd", tuple(spread), leaves=4),
        Column("weighs", tuple(f"{percent(row['weight'], 0)} %" for row in polls), leaves=5),
        Column("away", tuple(away), leaves=1, note="away: in sd from what all say together"),
    )


def moved_most(tables: Tables, names: dict[str, str]) -> Grid | None:
    """The polls, pollsters and groups without which the answer would be another, furthest first."""
    rows: list[Row] = [row for row in tables.get("evidence", []) if row.get("p_win_without") is not None]
    now: Any = tables["candidates"][0]["p_win"]
    found = [(row["p_win_without"], *_named(row)) for row in rows]
    for what, key, said in (("pollster_", _pollster, _all_of), ("group_", _group, _whole_group)):
        several: dict[tuple[str, ...], list[Row]] = {}
        for row in rows:
            several.setdefault(key(row), []).append(row)
        found += [(own[0][f"{what}p_win_without"], said(own), "") for own in several.values() if len(own) > 1]
    found = [one for one in found if abs(one[0] - now) >= _LEAST_MOVED]
    if not found:
        return None
    found = sorted(found, key=lambda one: -abs(one[0] - now))[:_MOST_MOVED]
    first = names[next(iter(names))]
    columns = (
        Column("without", tuple(said for _, said, _ in found), left=True, words=True, most=48, least=12),
        Column("until", tuple(day for *_, day in found), left=True, leaves=1),
        Column("wins", tuple(f"{percent(p)} %" for p, *_ in found)),
    )
    return Grid(columns, f"what moves it most: {first} wins in {percent(now)} %, and would")


def _named(row: Row) -> tuple[str, str]:
    of = f" of {row['group']}" if row["group"] else ""
    what = f"group{of}, " if row["kind"] != "race" else ""
    return f"{what}{clipped(row['pollster'], 23)}", str(row["end"])


def _pollster(row: Row) -> tuple[str, ...]:
    return (same(row["pollster"]),)


def _group(row: Row) -> tuple[str, ...]:
    return row["kind"], row["group"]


def _all_of(rows: list[Row]) -> str:
    return f"all {len(rows)} of {clipped(rows[0]['pollster'], 23)}"


def _whole_group(rows: list[Row]) -> str:
    if rows[0]["kind"] == "race":
        return f"all {len(rows)} polls of the race"
    return f"all {len(rows)} groups of {rows[0]['group'] or 'those without a vote'}"
