"""What is said of a run, from its tables alone: the answer first, then why.

`page` is for people, `document` for programs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from runoff.phases.runoff_ahead.ballots import ballots
from runoff.phases.runoff_ahead.evidence_page import effective, evidence, moved_most
from runoff.phases.runoff_ahead.influence.shares import shares
from runoff.phases.runoff_ahead.margin_bars import histogram
from runoff.race import Tables
from runoff.report.document import plain
from runoff.report.layout import apart, readable
from runoff.report.numbers import chance, lead, lead_range, percent, probability, shorts, whole
from runoff.report.page import Caption, Column, Facts, Grid, Lines, Page, Part

Row = dict[str, Any]

_MOST_POOLS = 10  # listed one by one; the rest is summed
_MOST_PEOPLE = 20  # cells of a name in a narrow table
_LEAST_POOL = 8  # cells of a pool's name where there is no room
_LAST = 10  # place of finalists' columns among those that leave a table, the last finalist's first
_NOTABLE = 0.01  # a tie this likely stands in the headline


def page(tables: Tables) -> Page:
    """The run in words and small tables."""
    tables = readable(tables)
    run: Row = tables["run"][0]
    candidates: list[Row] = list(tables["candidates"])
    names = shorts(candidates)
    other = names[candidates[1]["candidate"]] if len(candidates) == 2 else "another"
    first = names[candidates[0]["candidate"]]
    opening = (
        run["race_name"],
        f"first round {run['first_round']}, runoff {run['runoff']}, as of {run['as_of']}",
        f"{run['trials']:,} trials, seed {run['seed']}, {run['n_pools']} pools in {run['n_units']:,} "
        + ("unit" if run["n_units"] == 1 else "units"),
    )
    parts: list[Part | None] = [
        Lines(opening),
        finalists_table(candidates),
        outcome(run, first, other, three=len(candidates) > 2),
        *ballots(tables, names, other),
        pools_table(tables, names),
        decisive(tables, names),
        shares(tables),
        evidence(tables, names),
        moved_most(tables, names),
        histogram(tables, first, other),
    ]
    if run.get("votes_bound") is not None and run["n_units"] > 1:  # older runs have no such column
        within = "one vote" if run["votes_bound"] < 1 else f"{whole(run['votes_bound'])} votes"
        note = f"note: units were drawn all at once; mean votes are within {within} of drawing them one by one"
        parts.append(Lines((note,)))
    return Page.of(headline(run, candidates, names), parts, run["warnings"])


def headline(run: Row, candidates: list[Row], names: dict[str, str]) -> str:
    """The answer in words: who wins, how often, how surely that is known; or that it is a tie."""
    leader = max(candidates, key=lambda row: row["p_win"])
    wins = f"{names[leader['candidate']]} wins in {_often(leader, 'p_win')}"
    if run["p_tie"] > leader["p_win"]:
        return f"a tie in {_often(run, 'p_tie')}" + (f"; {wins}" if leader["p_win"] else "")
    return wins + (f"; a tie: {_said(run, 'p_tie')}" if run["p_tie"] >= _NOTABLE else "")


def _often(row: Row, name: str) -> str:
    return f"{chance(row[name] * effective(row), effective(row))}: {_said(row, name)}"


def _said(row: Row, name: str) -> str:
    """A probability of a row, with its standard error."""
    return probability(row[name] * effective(row), effective(row), row[f"{name}_mcse"])


def finalists_table(candidates: list[Row]) -> Grid:
    """A line a finalist: first round, probability, share with intervals, votes."""

    def cells(say: Any) -> tuple[str, ...]:
        return tuple(say(row) for row in candidates)

    def between(low: str, high: str) -> tuple[str, ...]:
        return cells(lambda row: f"{percent(row[low])}-{percent(row[high])}")

    columns = (
        Column("finalist", cells(lambda row: row["candidate"]), left=True, words=True, most=_MOST_PEOPLE, least=12),
        Column("party", cells(lambda row: row["party"]), left=True, words=True, most=8, least=5, leaves=2),
        Column("first", cells(lambda row: percent(row["first_share"])), leaves=3),
        Column("wins", cells(lambda row: _said(row, "p_win").replace(" than", ""))),
        Column("share", cells(lambda row: percent(row["share_q50"])), leaves=6),
        Column("80 %", between("share_q10", "share_q90"), leaves=5),
        Column("90 %", between("share_q05", "share_q95"), leaves=1),
        Column("votes", cells(lambda row: whole(row["votes_mean"])), leaves=4),
    )
    return Grid(columns)


def outcome(run: Row, first: str, second: str, *, three: bool) -> Facts:
    """Margin, turnout, recount where the law knows one, and tie."""
    leads = lead_range(run["margin_q10"], run["margin_q90"], first, second)
    margin = f"{lead(run['margin_q50'], first, second)} (80 %: {leads})"
    turnout = f"{percent(run['turnout_q50'])} % (80 %: {percent(run['turnout_q10'])} to {percent(run['turnout_q90'])})"
    tie, recounted = _said(run, "p_tie"), f"(lead of {percent(run['recount_margin'], 2)} % or less)"
    last = ("recount", f"{_said(run, 'p_recount')} {recounted}; tie {tie}") if run["recount_margin"] else ("tie", tie)
    return Facts(
        (
            ("margin", margin + (", over the best other" if three else "")),
            ("turnout", f"{turnout} of {run['people']:,} people in the pools"),
            last,
        )
    )


def pools_table(tables: Tables, names: dict[str, str]) -> Grid:
    """A line a pool: people, turnout, preference, votes to each finalist, share of the margin explained."""
    return Grid(_pool_columns(tables, names), Caption("where the votes come from", "where the votes come from (", ")"))


def _pool_columns(tables: Tables, names: dict[str, str]) -> tuple[Column, ...]:
    rates = _by_pool(row for row in tables["rates"] if row["kind"] != "bloc")  # as runs before 0.3 have them
    votes = {(row["pool"], row["kind"], row["destination"]): row["votes_mean"] for row in tables["transfers"]}
    pools = sorted(rates, key=lambda pool: -rates[pool][0]["people"])
    shown, rest = [rates[pool] for pool in pools[:_MOST_POOLS]], pools[_MOST_POOLS:]
    order = {pool: place for place, pool in enumerate(rates)}
    shown.sort(key=lambda mine: order[mine[0]["pool"], mine[0]["kind"]])
    turnouts = [next(row for row in mine if row["rate"] == "turnout") for mine in shown]
    best = [max((row for row in mine if row["rate"] == "preference"), key=lambda row: row["mean"]) for mine in shown]
    most = [max((row["explained"] or 0.0 for row in mine), default=0.0) for mine in shown]

    def column(head: str, cells: Iterable[str], last: str = "", **how: Any) -> Column:
        return Column(head, (*cells, *([last] if rest else [])), **how)

    def ranges(rows: list[Row]) -> Iterable[str]:
        ends = ((f"{percent(row['q10'], 0)}-{percent(row['q90'], 0)}", row["origin"]) for row in rows)
        return (span + "°" * (origin == "default") for span, origin in ends)

    def to(name: str) -> tuple[Iterable[str], str]:
        found = (whole(_float(votes.get((row["pool"], row["kind"], name)))) for row in turnouts)
        return found, whole(sum(_float(votes.get((*pool, name))) for pool in rest))

    people = whole(sum(rates[pool][0]["people"] for pool in rest))
    heads = apart(names.values(), 12)
    prefers = (heads[names[row["candidate"]]] for row in best)
    spans = "80 % ranges in per cent"
    return (
        column(
            "pool",
            (row["pool"] for row in turnouts),
            f"{len(rest)} smaller pools",
            left=True,
            words=True,
            most=_MOST_PEOPLE,
            least=_LEAST_POOL,
        ),
        column("people", (whole(row["people"]) for row in turnouts), people, leaves=3),
        column("turnout", ranges(turnouts), leaves=2, note=spans),
        column("prefer", prefers, left=True, words=True, most=12, least=8, leaves=4),
        column("", ranges(best), leaves=4, note=spans),
        *(
            column(heads[names[name]], *to(name), most=12, least=8, leaves=_LAST - k if k else 0, note="mean votes")
            for k, name in enumerate(names)
        ),
        column("explains", (f"{percent(part, 0)} %" for part in most), leaves=1, note="share of the margin's variance"),
    )


def _by_pool(rates: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rates:
        found.setdefault((row["pool"], row["kind"]), []).append(row)
    return found


def _float(value: object) -> float:
    return float(value) if isinstance(value, (int, float)) else 0.0


def decisive(tables: Tables, names: dict[str, str]) -> Lines | None:
    """The one rate that explains most of the margin, and where the race would be even."""
    every: list[Row] = [*tables["rates"], *tables.get("rates_blocs", [])]  # before 0.3 one table had both
    rates = [row for row in every if row["explained"] is not None]
    rates = [row for row in rates if row["rate"] == "turnout" or row["mean"] >= 0.5]
    if not rates:
        return None
    row = max(rates, key=lambda row: row["explained"])
    first = names[next(iter(names))]
    who = f"voters of the eliminated {row['bloc']} candidates" if row["kind"] == "bloc" else f"voters of {row['pool']}"
    if row["kind"] == "new":
        who = f"those who come anew ({row['pool']})"
    what = f"how many {who} come" if row["rate"] == "turnout" else f"how many {who} choose {names[row['candidate']]}"
    text = f"decisive: {what}, {percent(row['mean'])} % (80 %: {percent(row['q10'])} to {percent(row['q90'])});"
    text += f" it explains {percent(row['explained'], 0)} % of the margin's variance."
    if row["break_even"] is not None:
        text += f" {first} wins half the time at {percent(row['break_even'])} %."
    return Lines((text,))


def document(tables: Tables) -> dict[str, Any]:
    """One document: the run, its finalists, quantiles, rates, transfers, evidence, as in the tables; dates as text."""
    names = (
        "candidates",
        "quantiles",
        "rates",
        "rates_blocs",
        "transfers",
        "transfers_blocs",
        "sensitivity",
        "factors",
        "evidence",
    )
    found: dict[str, Any] = {"run": plain(tables["run"][0])}
    for name in (*names, "evidence"):
        found[name] = [plain(row, drop=("run_id", "race_id")) for row in tables.get(name, [])]
    if "ballots" in tables:
        found["ballots"] = [plain(row, drop=("run_id", "race_id")) for row in tables["ballots"]]
    return found
