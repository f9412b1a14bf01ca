"""What the terminal says of a runoff that is being counted, from its tables alone."""

from __future__ import annotations

from typing import Any

from forecast.figures import lead, percent, probability, short_names, whole
from forecast.report import aligned, clipped, fitted, plain

Row = dict[str, Any]
Tables = dict[str, list[dict[str, object]]]

_MOST_GROUPS = 12
_MOST_UNITS = 8
_TOLD = 0.001  # probability of a tie from which it is told


def render_runoff_night(tables: Tables, width: int = 80, color: bool = False) -> str:
    """The night in words and small tables, at most `width` columns wide (80 or more)."""
    night: Row = tables["runoff_night"][0]
    finalists: list[Row] = list(tables["runoff_finalists"])
    names = short_names([row["candidate"] for row in finalists])
    bold = ("\x1b[1m", "\x1b[0m") if color else ("", "")
    parts = [
        f"{bold[0]}{headline(night, finalists, names)}{bold[1]}",
        opening(night, names),
        finalists_table(night, finalists),
        margins(night, names),
        out_table(list(tables["runoff_out"]), names[night["first"]]),
        units_out(list(tables["runoff_units"]), names[night["first"]]),
    ]
    if night["warnings"]:
        parts.append("\n".join(f"note: {line}" for line in night["warnings"].split("\n")))
    return "\n\n".join(fitted(part, width) for part in parts if part)


def runoff_night_json(tables: Tables) -> dict[str, Any]:
    """One document: the night, its finalists, what is out and the units, as in the tables; dates as text."""
    document: dict[str, Any] = {"runoff_night": plain(tables["runoff_night"][0])}
    for name in ("runoff_finalists", "runoff_out", "runoff_units"):
        document[name] = [plain(row, drop=("run_id", "race_id")) for row in tables[name]]
    return document


def _chance(night: Row, row: Row) -> str:
    """A probability as so many equally weighted trials support it."""
    trials = max(int(night["effective_trials"]), 1)
    return probability(round(row["p_win"] * trials), trials, row["p_win_mcse"])


def _tie(night: Row) -> str:
    """The probability of a tie, in the same way."""
    trials, p = max(int(night["effective_trials"]), 1), night["p_tie"]
    return probability(round(p * trials), trials, (p * (1.0 - p) / trials) ** 0.5)


def headline(night: Row, finalists: list[Row], names: dict[str, str]) -> str:
    """Who wins, how likely; or that it is a tie, where that is likelier."""
    ahead = max(finalists, key=lambda row: row["p_win"])
    if night["p_tie"] > ahead["p_win"]:
        ended = night["counted_votes"] > 0 and night["cells_complete"] == night["cells"]
        return "the count ended in a tie" if ended else f"a tie: {_tie(night)}"
    return f"{names[ahead['candidate']]} wins: {_chance(night, ahead)}"


def opening(night: Row, names: dict[str, str]) -> str:
    """What is in and what is out."""
    first, second = names[night["first"]], names[night["second"]]
    counted = night["counted_votes"]
    at = "" if night["counted_margin"] is None else f", {lead(night['counted_margin'], first, second)}"
    done = counted / max(counted + night["out_q50"], 1.0)
    ends = f"{whole(night['out_q50'])} (80 %: {whole(night['out_q10'])} to {whole(night['out_q90'])})"
    partly = f", {night['cells_partial']:,} partly" if night["cells_partial"] else ""
    return "\n".join(
        [
            night["race_name"],
            f"runoff {night['runoff']}, evidence as of {night['as_of']}, votes of {night['results']}",
            f"{counted:,} votes counted{at}; {night['cells_complete']:,} of {night['cells']:,} units and modes{partly}",
            f"{ends} still out: {percent(done, 0)} % counted",
            f"{night['trials']:,} trials worth {whole(night['effective_trials'])}, seed {night['seed']}",
        ]
    )


def finalists_table(night: Row, finalists: list[Row]) -> str:
    """A line a finalist."""
    rows = [["finalist", "party", "counted", "final", "80 %", "90 %", "votes", "wins"]]
    for row in finalists:
        rows.append(
            [
                clipped(row["candidate"], 16),
                clipped(row["party"], 5),
                f"{row['counted_votes']:,}",
                percent(row["share_q50"]),
                f"{percent(row['share_q10'])}-{percent(row['share_q90'])}",
                f"{percent(row['share_q05'])}-{percent(row['share_q95'])}",
                whole(row["votes_mean"]),
                _chance(night, row)
                .replace(" %", "")
                .replace("more than ", ">")
                .replace("less than ", "<")
                .split(" ±")[0],
            ]
        )
    return aligned(rows, left=2)


def margins(night: Row, names: dict[str, str]) -> str:
    """The margin, the naive one beside it, and the chances of a recount and, where it may matter, of a tie."""
    first, second = names[night["first"]], names[night["second"]]

    def said(middle: str, low: str, high: str) -> str:
        ends = f"{lead(night[low], first, second)} to {lead(night[high], first, second)}"
        return f"{lead(night[middle], first, second)} (80 %: {ends})"

    lines = [f"margin   {said('margin_q50', 'margin_q10', 'margin_q90')}"]
    if night["naive_margin"] is not None:
        lines.append(f"naive    {said('naive_margin', 'naive_q10', 'naive_q90')}, the swing of what is in")
    trials = max(int(night["effective_trials"]), 1)
    se = (night["p_recount"] * (1.0 - night["p_recount"]) / trials) ** 0.5
    tie = f"; tie {_tie(night)}" if night["p_tie"] >= _TOLD else ""
    lines.append(f"recount  {probability(round(night['p_recount'] * trials), trials, se)}{tie}")
    return "\n".join(lines)


def out_table(out: list[Row], first: str) -> str:
    """A line a region and mode: votes out and their split."""
    if not out:
        return "nothing is out"
    rows = [["still out", "units", "votes", "80 %", f"{first}, %", "80 %"]]
    shown = [out[0], *sorted(out[1:], key=lambda row: -row["votes_mean"])[:_MOST_GROUPS]]
    for row in shown:
        title = ", ".join(part for part in (row["region"], row["mode"]) if part).replace("_", " ") or "all together"
        rows.append(
            [
                clipped(title, 28),
                f"{row['places']:,}",
                whole(row["votes_q50"]),
                f"{whole(row['votes_q10'])}-{whole(row['votes_q90'])}",
                percent(row["share_q50"]),
                f"{percent(row['share_q10'], 0)}-{percent(row['share_q90'], 0)}",
            ]
        )
    more = len(out) - len(shown)
    return aligned(rows, left=1) + (f"\n{more} more regions and modes" if more > 0 else "")


def units_out(units: list[Row], first: str) -> str:
    """The units with most votes out."""
    out = [row for row in units if row["out_mean"] >= 0.5]
    if len(out) < 2:
        return ""
    rows = [["most votes out", "counted", "out", f"{first}, %", "±"]]
    for row in sorted(out, key=lambda row: -row["out_mean"])[:_MOST_UNITS]:
        share = row["out_first_mean"] / row["out_mean"]
        rows.append(
            [clipped(row["unit"], 28), f"{row['counted_votes']:,}", whole(row["out_mean"]), percent(share),
             percent(row["share_sd"])]
        )  # fmt: skip
    return aligned(rows, left=1) + "\n(share of what is out; ± one standard deviation of the unit's final share)"
