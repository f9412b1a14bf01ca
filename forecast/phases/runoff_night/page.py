"""What is said of a runoff that is being counted, from its tables alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runoff.phases.runoff_night.classes.told import classes_table
from runoff.phases.runoff_night.flows.told import flows_table
from runoff.race import Tables
from runoff.report.document import plain
from runoff.report.layout import clipped, place, readable
from runoff.report.numbers import lead, lead_range, percent, probability, shorts, whole
from runoff.report.page import Caption, Column, Facts, Grid, Lines, Page

Row = dict[str, Any]

_MOST_GROUPS = 12
_MOST_UNITS = 8
_TOLD = 0.001  # probability of a tie from which it is told


def page(tables: Tables) -> Page:
    """The night in words and small tables."""
    tables = readable(tables)
    night: Row = tables["runoff_night"][0]
    finalists: list[Row] = list(tables["runoff_finalists"])
    names = shorts(finalists)
    parts = (
        opening(night, finalists, names),
        finalists_table(night, finalists),
        margins(night, names, three=len(finalists) > 2),
        out_table(list(tables["runoff_out"]), names, list(tables.get("runoff_out_shares", []))),
        classes(night, finalists, list(tables.get("classes", [])), names),
        units_out(list(tables["runoff_units"]), names, list(tables.get("runoff_unit_shares", []))),
        flows_table(list(tables.get("flows", [])), names),
    )
    return Page.of(headline(night, finalists, names), parts, night["warnings"])


def document(tables: Tables) -> dict[str, Any]:
    """One document: the night, its finalists, what is out, units, classes and margins as in the tables."""
    found: dict[str, Any] = {"runoff_night": plain(tables["runoff_night"][0])}
    for name in ("runoff_finalists", "runoff_out", "runoff_units", "classes", "runoff_margins"):  # last two: since 0.3
        found[name] = [plain(row, drop=("run_id", "race_id")) for row in tables.get(name, [])]
    for name in ("runoff_out_shares", "runoff_unit_shares", "flows"):
        if name in tables:
            found[name] = [plain(row, drop=("run_id", "race_id")) for row in tables[name]]
    return found


def _chance(night: Row, row: Row) -> str:
    """A probability as so many equally weighted trials support it."""
    trials = max(int(night["effective_trials"]), 1)
    return probability(row["p_win"] * trials, trials, row["p_win_mcse"])


def classes(night: Row, finalists: list[Row], rows: list[Row], names: dict[str, str]) -> Grid | None:
    """What classes of ballots add, for whoever is likeliest to win."""
    ahead = max(finalists, key=lambda row: row["p_win"])["candidate"]
    trials = max(int(night["effective_trials"]), 1)

    def chance(row: Row, column: str) -> str:
        return _bare(probability(row[column] * trials, trials, row[f"{column}_mcse"]))

    return classes_table(rows, ahead, clipped(names[ahead], 12), chance)


def _bare(chance: str) -> str:
    """A probability as a cell of a table has it."""
    return chance.replace(" %", "").split(" ±")[0].replace("more than ", ">").replace("less than ", "<")


def _tie(night: Row) -> str:
    """The probability of a tie, in the same way."""
    trials, p = max(int(night["effective_trials"]), 1), night["p_tie"]
    return probability(p * trials, trials, (p * (1.0 - p) / trials) ** 0.5)


def headline(night: Row, finalists: list[Row], names: dict[str, str]) -> str:
    """Who wins, how likely; or that it is a tie, where that is likelier."""
    ahead = max(finalists, key=lambda row: row["p_win"])
    if night["p_tie"] > ahead["p_win"]:
        complete = night["cells_complete"] == night["cells"]
        ended = night["counted_votes"] > 0 and complete and night["out_mean"] == 0.0
        return "the count ended in a tie" if ended else f"a tie: {_tie(night)}"
    return f"{names[ahead['candidate']]} wins: {_chance(night, ahead)}"


def opening(night: Row, finalists: list[Row], names: dict[str, str]) -> Lines:
    """What is in and what is out."""
    rival = max(finalists[1:], key=lambda row: row["counted_votes"])
    first, second = names[night["first"]], names[rival["candidate"]]
    counted = night["counted_votes"]
    at = "" if night["counted_margin"] is None else f", {lead(night['counted_margin'], first, second)}"
    done = counted / max(counted + night["out_q50"], 1.0)
    ends = f"{whole(night['out_q50'])} (80 %: {whole(night['out_q10'])} to {whole(night['out_q90'])})"
    partly = f", {night['cells_partial']:,} partly" if night["cells_partial"] else ""
    timed, locked = night.get("count_time"), f", model {night['model']}" if night.get("model") else ""  # since 0.3
    return Lines(
        (
            night["race_name"],
            f"runoff {night['runoff']}, evidence as of {night['as_of']}, votes of {night['results']}",
            f"{counted:,} votes counted{at}; {night['cells_complete']:,} of {night['cells']:,} units and modes{partly}",
            f"{ends} still out: {percent(done, 0)} % counted",
            *([f"counted {timed:%Y-%m-%d %H:%M:%S} UTC, as the source says"] if timed is not None else []),
            f"{night['trials']:,} trials worth {whole(night['effective_trials'])}, seed {night['seed']}{locked}",
        )
    )


def finalists_table(night: Row, finalists: list[Row]) -> Grid:
    """A line a finalist."""

    def between(low: str, high: str) -> tuple[str, ...]:
        return tuple(f"{percent(row[low])}-{percent(row[high])}" for row in finalists)

    columns = (
        Column("finalist", tuple(row["candidate"] for row in finalists), left=True, words=True, most=16, least=12),
        Column("party", tuple(row["party"] for row in finalists), left=True, words=True, most=5, least=5, leaves=2),
        Column("counted", tuple(f"{row['counted_votes']:,}" for row in finalists), leaves=3),
        Column("final", tuple(percent(row["share_q50"]) for row in finalists), leaves=6),
        Column("80 %", between("share_q10", "share_q90"), leaves=5),
        Column("90 %", between("share_q05", "share_q95"), leaves=1),
        Column("votes", tuple(whole(row["votes_mean"]) for row in finalists), leaves=4),
        Column("wins", tuple(_bare(_chance(night, row)) for row in finalists)),
    )
    return Grid(columns)


def margins(night: Row, names: dict[str, str], *, three: bool = False) -> Facts:
    """The margin, the naive one beside it, and the chances of a recount and, where it may matter, of a tie."""
    first, second = names[night["first"]], "another" if three else names[night["second"]]

    def said(middle: str, low: str, high: str) -> str:
        ends = lead_range(night[low], night[high], first, second)
        return f"{lead(night[middle], first, second)} (80 %: {ends})"

    over = ", over the best other" if three else ""
    rows = [("margin", said("margin_q50", "margin_q10", "margin_q90") + over)]
    if night["naive_margin"] is not None:
        rows.append(("naive", f"{said('naive_margin', 'naive_q10', 'naive_q90')}, the swing of what is in"))
    tie = f"tie {_tie(night)}" if night["p_tie"] >= _TOLD else ""
    if night.get("recount_margin") != 0.0:  # older runs do not say; 0 where the law knows no recount
        trials = max(int(night["effective_trials"]), 1)
        se = (night["p_recount"] * (1.0 - night["p_recount"]) / trials) ** 0.5
        recount = probability(night["p_recount"] * trials, trials, se)
        rows.append(("recount", recount + (f"; {tie}" if tie else "")))
    elif tie:
        rows.append(("tie", _tie(night)))
    return Facts(tuple(rows))


def out_table(out: list[Row], names: dict[str, str], shares: list[Row]) -> Lines | Grid:
    """A line a region and mode: votes out and their split."""
    if not out:
        return Lines(("nothing is out",))
    shown = [out[0], *sorted(out[1:], key=lambda row: -row["votes_mean"])[:_MOST_GROUPS]]

    def between(low: str, high: str, say: Callable[[float], str]) -> tuple[str, ...]:
        return tuple(f"{say(row[low])}-{say(row[high])}" for row in shown)

    columns = (
        Column(
            "still out",
            tuple(place(row["region"], row["mode"]) for row in shown),
            left=True,
            words=True,
            most=28,
            least=14,
        ),
        Column("units", tuple(f"{row['places']:,}" for row in shown), leaves=1),
        Column("votes", tuple(whole(row["votes_q50"]) for row in shown)),
        Column("80 %", between("votes_q10", "votes_q90", whole), leaves=2),
    )
    more = len(out) - len(shown)
    caption = (f"{more} more regions and modes",) if more > 0 else ()
    if len(names) > 2:
        at = {(row["region"], row["mode"], row["candidate"]): percent(row["share_q50"]) for row in shares}
        split = [tuple(at[row["region"], row["mode"], name] for row in shown) for name in names]
        return Grid((*columns, *_by_finalist(names, split)), more=caption)
    first = (
        Column(
            f"{clipped(next(iter(names.values())), 12)}, %", tuple(percent(row["share_q50"]) for row in shown), leaves=4
        ),
        Column("80 %", between("share_q10", "share_q90", lambda share: percent(share, 0)), leaves=3),
    )
    return Grid((*columns, *first), more=caption)


def _by_finalist(names: dict[str, str], cells: list[tuple[str, ...]]) -> tuple[Column, ...]:
    """A column of shares for each finalist; the last ones leave first."""
    most = 24 // len(names)
    return tuple(
        Column(f"{clipped(short, most)}, %", column, leaves=3 + len(names) - k)
        for k, (short, column) in enumerate(zip(names.values(), cells, strict=True))
    )


def units_out(units: list[Row], names: dict[str, str], shares: list[Row]) -> Grid | None:
    """The units with most votes out."""
    out = [row for row in units if row["out_mean"] >= 0.5]
    if len(out) < 2:
        return None
    shown = sorted(out, key=lambda row: -row["out_mean"])[:_MOST_UNITS]
    columns = (
        Column("most votes out", tuple(row["unit"] for row in shown), left=True, words=True, most=28, least=14),
        Column("counted", tuple(f"{row['counted_votes']:,}" for row in shown), leaves=1),
        Column("out", tuple(whole(row["out_mean"]) for row in shown)),
    )
    if len(names) > 2:
        at = {(row["region"], row["unit"], row["candidate"]): row["out_mean"] for row in shares}
        split = [
            tuple(percent(at[row["region"], row["unit"], name] / row["out_mean"]) for row in shown) for name in names
        ]
        return Grid((*columns, *_by_finalist(names, split)))
    first = (
        Column(
            f"{clipped(next(iter(names.values())), 12)}, %",
            tuple(percent(row["out_first_mean"] / row["out_mean"]) for row in shown),
            leaves=3,
            note="share of what is out",
        ),
        Column(
            "±",
            tuple(percent(row["share_sd"]) for row in shown),
            leaves=2,
            note="± one standard deviation of the unit's final share",
        ),
    )
    return Grid((*columns, *first), below=Caption("", "(", ")"))
