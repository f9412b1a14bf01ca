"""What the terminal says of a run, from its tables alone: the answer first, then why.

`render` is text for people, `render_json` one document for programs.
"""

from __future__ import annotations

from typing import Any

from rich.cells import cell_len, set_cell_size

from forecast.figures import chance, lead, percent, probability, short_names, whole
from forecast.histogram import histogram

Row = dict[str, Any]
Tables = dict[str, list[dict[str, object]]]

_MOST_POOLS = 10  # listed one by one; the rest is summed
_MOST_POLLS = 8  # listed one by one
_MOST_PEOPLE = 20  # characters of a name in a narrow table


def render(tables: Tables, width: int = 80, color: bool = False) -> str:
    """The run in words and small tables, at most `width` columns wide (80 or more)."""
    run: Row = tables["run"][0]
    candidates: list[Row] = list(tables["candidates"])
    names = short_names([row["candidate"] for row in candidates])
    other = names[candidates[1]["candidate"]] if len(candidates) == 2 else "another"
    first = names[candidates[0]["candidate"]]
    bold = ("\x1b[1m", "\x1b[0m") if color else ("", "")
    parts = [
        f"{bold[0]}{headline(candidates, names)}{bold[1]}",
        "\n".join(
            [
                run["race_name"],
                f"first round {run['first_round']}, runoff {run['runoff']}, as of {run['as_of']}",
                f"{run['trials']:,} trials, seed {run['seed']}, {run['n_pools']} pools in {run['n_units']:,} "
                + ("unit" if run["n_units"] == 1 else "units"),
            ]
        ),
        finalists_table(candidates),
        outcome_lines(run, first, other, three=len(candidates) > 2),
        pools_table(tables, names, width),
        decisive(tables, names),
        evidence_lines(tables, names),
        f"margin, in points; each row's share of trials\n{histogram(tables, first, other, width)}",
    ]
    if run.get("votes_bound") is not None and run["n_units"] > 1:  # older runs have no such column
        within = "one vote" if run["votes_bound"] < 1 else f"{whole(run['votes_bound'])} votes"
        parts.append(f"note: units were drawn all at once; mean votes are within {within} of drawing them one by one")
    if run["warnings"]:
        parts.append("\n".join(f"note: {line}" for line in run["warnings"].split("\n")))
    return "\n\n".join(fitted(part, width) for part in parts if part)


def fitted(text: str, width: int) -> str:
    """Lines of words broken at `width`; lines of tables are made to fit where they are made."""
    lines = []
    for line in text.split("\n"):
        while cell_len(line) > width:
            cut = line.rfind(" ", 0, width)
            if cut <= 0:
                break
            lines.append(line[:cut])
            line = "  " + line[cut + 1 :]
        lines.append(line)
    return "\n".join(lines)


def headline(candidates: list[Row], names: dict[str, str]) -> str:
    """The answer in words: who wins, how often, how surely that is known."""
    leader = max(candidates, key=lambda row: row["p_win"])
    trials = effective(leader)
    said = probability(leader["p_win"] * trials, trials, leader["p_win_mcse"])
    return f"{names[leader['candidate']]} wins in {chance(leader['p_win'] * trials, trials)}: {said}"


def effective(row: Row) -> float:
    """Effective trials of a row; those of an older run are its trials."""
    ess: float = row.get("ess") or row["trials"]
    return ess


def _said(row: Row, name: str) -> str:
    """A probability of a row, with its standard error."""
    return probability(row[name] * effective(row), effective(row), row[f"{name}_mcse"])


def finalists_table(candidates: list[Row]) -> str:
    """A line a finalist: first round, probability, share with intervals, votes."""
    rows = [["finalist", "party", "first", "wins", "share", "80 %", "90 %", "votes"]]
    for row in candidates:
        rows.append(
            [
                clipped(row["candidate"], _MOST_PEOPLE),
                clipped(row["party"], 8),
                percent(row["first_share"]),
                _said(row, "p_win").replace(" than", ""),
                percent(row["share_q50"]),
                f"{percent(row['share_q10'])}-{percent(row['share_q90'])}",
                f"{percent(row['share_q05'])}-{percent(row['share_q95'])}",
                whole(row["votes_mean"]),
            ]
        )
    return aligned(rows, left=2)


def outcome_lines(run: Row, first: str, second: str, *, three: bool) -> str:
    """Margin, turnout, recount and tie."""

    def leads(low: str, high: str) -> str:
        return f"{lead(run[low], first, second)} to {lead(run[high], first, second)}"

    margin = f"{lead(run['margin_q50'], first, second)} (80 %: {leads('margin_q10', 'margin_q90')})"
    turnout = f"{percent(run['turnout_q50'])} % (80 %: {percent(run['turnout_q10'])} to {percent(run['turnout_q90'])})"
    recount = _said(run, "p_recount")
    tie = _said(run, "p_tie")
    return "\n".join(
        [
            f"margin   {margin}" + (", over the best other" if three else ""),
            f"turnout  {turnout} of {run['people']:,} people in the pools",
            f"recount  {recount} (lead of {percent(run['recount_margin'], 2)} % or less); tie {tie}",
        ]
    )


def pools_table(tables: Tables, names: dict[str, str], width: int) -> str:
    """A line a pool: people, turnout, preference, votes to each finalist, share of the margin explained."""
    title = "where the votes come from (80 % ranges in per cent; mean votes; share of the margin's variance)"
    for cells, explains in ((_MOST_PEOPLE, True), (14, True), (10, True), (10, False)):
        table = aligned(_pool_rows(tables, names, cells, explains), left=1, also_left=(3,))
        if max(cell_len(line) for line in table.split("\n")) <= width:
            break
    return f"{fitted(title, width)}\n{table}"


def _pool_rows(tables: Tables, names: dict[str, str], cells: int, explains: bool) -> list[list[str]]:
    """The table's cells with names of at most so many columns, and with or without the last column."""
    rates: list[Row] = list(tables["rates"])
    transfers: list[Row] = list(tables["transfers"])
    pools = [row for row in rates if row["rate"] == "turnout" and row["kind"] != "bloc"]
    shown = sorted(pools, key=lambda row: -row["people"])[:_MOST_POOLS]
    short = min(cells, 12)
    finalists = list(names)
    rows = [
        ["pool", "people", "turnout", "prefer", "", *(clipped(names[name], short) for name in finalists), "explains"]
    ]
    for turnout in (row for row in pools if row in shown):
        mine = [row for row in rates if row["pool"] == turnout["pool"] and row["kind"] == turnout["kind"]]
        preferences = [row for row in mine if row["rate"] == "preference"]
        best = max(preferences, key=lambda row: row["mean"])
        most = max((row["explained"] or 0.0 for row in mine), default=0.0)
        rows.append(
            [
                clipped(turnout["pool"], cells),
                whole(turnout["people"]),
                f"{percent(turnout['q10'], 0)}-{percent(turnout['q90'], 0)}",
                clipped(names[best["candidate"]], short),
                f"{percent(best['q10'], 0)}-{percent(best['q90'], 0)}",
                *(whole(_votes(transfers, turnout, name)) for name in finalists),
                f"{percent(most, 0)} %",
            ]
        )
    rest = [row for row in pools if row not in shown]
    if rest:
        votes = [whole(sum(_votes(transfers, row, name) for row in rest)) for name in finalists]
        rows.append([f"{len(rest)} smaller pools", whole(sum(row["people"] for row in rest)), "", "", "", *votes, ""])
    return rows if explains else [row[:-1] for row in rows]


def _votes(transfers: list[Row], pool: Row, destination: str) -> float:
    for row in transfers:
        if (row["pool"], row["kind"], row["destination"]) == (pool["pool"], pool["kind"], destination):
            return float(row["votes_mean"])
    return 0.0


def decisive(tables: Tables, names: dict[str, str]) -> str:
    """The one rate that explains most of the margin, and where the race would be even."""
    rates: list[Row] = [row for row in tables["rates"] if row["explained"] is not None]
    rates = [row for row in rates if row["rate"] == "turnout" or row["mean"] >= 0.5]
    if not rates:
        return ""
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
    return text


def evidence_lines(tables: Tables, names: dict[str, str]) -> str:
    """What polls and crosstabs did, and the heaviest of them."""
    rows: list[Row] = list(tables.get("evidence", []))
    run: Row = tables["run"][0]
    used = [row for row in rows if row["used"]]
    if not used or run.get("share_after") is None:
        return ""
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
    heaviest = sorted((row for row in used if row["kind"] == "race"), key=lambda row: -row["weight"])[:_MOST_POLLS]
    table = [["poll", "until", "asked", "share of", "", "sd", "weighs", "away"]]
    for row in heaviest:
        table.append(
            [
                clipped(row["pollster"], 23) + (" *" if row["side"] else ""),
                str(row["end"]),
                whole(row["sample_size"]) if row["sample_size"] else "?",
                clipped(names[row["candidate"]], 12),
                f"{percent(row['share'])} %",
                percent(row["total_sd"] * row["share"] * (1 - row["share"])),
                f"{percent(row['weight'], 0)} %",
                f"{row['residual']:+.1f}" if row["residual"] is not None else "",
            ]
        )
    more = sum(row["kind"] == "race" for row in used) - len(heaviest)
    note = f"shares against {last}; away: in sd from what all say together; * a side's poll"
    lines = [text]
    if heaviest:
        lines += [aligned(table, left=2, also_left=(3,)), f"{more:,} more" if more else "", note]
    return "\n".join(line for line in lines if line)


def clipped(name: str, cells: int) -> str:
    """A name cut to a number of terminal columns, with an ellipsis."""
    return name if cell_len(name) <= cells else set_cell_size(name, cells - 1).rstrip() + "…"


def aligned(rows: list[list[str]], left: int, also_left: tuple[int, ...] = ()) -> str:
    """Columns padded to their widest cell; the first `left` and `also_left` to the left, others to the right."""
    widths = [max(cell_len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = []
        for i, (cell, wide) in enumerate(zip(row, widths, strict=True)):
            pad = " " * (wide - cell_len(cell))
            cells.append(cell + pad if i < left or i in also_left else pad + cell)
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def render_json(tables: Tables) -> dict[str, Any]:
    """One document: the run, its finalists, quantiles, rates and transfers, as in the tables; dates as text."""
    names = ("candidates", "quantiles", "rates", "transfers", "evidence")
    document: dict[str, Any] = {"run": plain(tables["run"][0])}
    for name in names:
        document[name] = [plain(row, drop=("run_id", "race_id")) for row in tables.get(name, [])]
    return document


def plain(row: dict[str, object], drop: tuple[str, ...] = ()) -> dict[str, object]:
    """A row as a document has it: dates as text, without the columns to drop."""
    return {
        key: value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
        for key, value in row.items()
        if key not in drop
    }
