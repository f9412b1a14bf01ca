"""What is said of a first round that is being counted or ahead, from its tables alone."""

from __future__ import annotations

from typing import Any

from runoff.race import Tables
from runoff.report.document import plain
from runoff.report.layout import apart, place, readable
from runoff.report.numbers import lead_range, percent, probability, shorts, whole
from runoff.report.page import Caption, Column, Grid, Lines, Page

Row = dict[str, Any]

_MOST_CANDIDATES = 6
_MOST_PAIRINGS = 5
_TOLD = 0.001  # share of trials that end in a tie, from which it is told
_FEW = 100  # trials behind a row of pairings
_MOST_GROUPS = 8
_NAME = 14  # cells of a name in a narrow table


def page(tables: Tables) -> Page:
    """The run in words and small tables."""
    tables = readable(tables)
    night: Row = tables["night"][0]
    candidates: list[Row] = list(tables["first_round"])
    names = shorts(candidates)
    parts = (
        opening(night),
        candidates_table(candidates, night["trials"]),
        pairings_table(list(tables["pairings"]), night["trials"], names, night["ties"]),
        outstanding_table(list(tables["outstanding"]), names),
        carries(list(tables["outstanding"]), names),
    )
    return Page.of(headline(night, candidates, names), parts, night["warnings"])


def document(tables: Tables) -> dict[str, Any]:
    """One document: the night, its candidates, pairings and what is out, as in the tables; dates as text."""
    found: dict[str, Any] = {"night": plain(tables["night"][0])}
    for name in ("first_round", "pairings", "outstanding"):
        found[name] = [plain(row, drop=("run_id", "race_id")) for row in tables[name]]
    return found


def headline(night: Row, candidates: list[Row], names: dict[str, str]) -> str:
    """Who may win outright, and who wins in the end."""
    first = max(candidates, key=lambda row: (row["outright"], row["share_mean"]))
    leader = max(candidates, key=lambda row: row["wins"])
    outright = probability(first["outright"], night["trials"], first["p_outright_mcse"])
    wins = probability(leader["wins"], night["trials"], leader["p_win_mcse"])
    return f"{names[first['candidate']]} wins outright: {outright}; {names[leader['candidate']]} in the end: {wins}"


def opening(night: Row) -> Lines:
    """What the run rests on."""
    timed, locked = night.get("count_time"), f", model {night['model']}" if night.get("model") else ""  # since 0.3
    lines = [
        night["race_name"],
        f"first round {night['first_round']}, runoff {night['runoff']}, as of {night['as_of']}",
        f"{night['trials']:,} trials, seed {night['seed']}"
        + (f", {night['registered']:,} registered voters" if night["registered"] else "")
        + locked,
    ]
    ends = f"{whole(night['out_q50'])} (80 %: {whole(night['out_q10'])} to {whole(night['out_q90'])})"
    if night["state"] == "counting":
        lines.append(f"{night['counted_votes']:,} votes counted, {ends} still out")
    else:
        lines.append(f"nothing counted, polls stand in; {ends} votes expected")
    if timed is not None:
        lines.append(f"counted {timed:%Y-%m-%d %H:%M:%S} UTC, as the source says")
    return Lines(tuple(lines))


def candidates_table(candidates: list[Row], trials: int) -> Grid:
    """A line a candidate: counted, final share with its range, chances."""
    shown = sorted(candidates, key=lambda row: -row["share_mean"])[:_MOST_CANDIDATES]

    def chances(count: str, p: str) -> tuple[str, ...]:
        return tuple(_short(probability(row[count], trials, row[f"{p}_mcse"])) for row in shown)

    counted = ("" if row["counted_share"] is None else percent(row["counted_share"]) for row in shown)
    between = (f"{percent(row['share_q10'])}-{percent(row['share_q90'])}" for row in shown)
    columns = (
        Column("candidate", tuple(row["candidate"] for row in shown), left=True, words=True, most=_NAME, least=12),
        Column("party", tuple(row["party"] for row in shown), left=True, words=True, most=5, least=5, leaves=1),
        Column("counted", tuple(counted), leaves=2),
        Column("final", tuple(percent(row["share_q50"]) for row in shown), leaves=5, note="median"),
        Column("80 %", tuple(between), leaves=3, note="80 % range"),
        Column("outright", chances("outright", "p_outright"), leaves=4),
        Column("advances", chances("advances", "p_advance"), leaves=6),
        Column("wins", chances("wins", "p_win")),
    )
    title = Caption("chances, in per cent", "shares of valid votes (", ") and chances, in per cent", " and ")
    rest = len(candidates) - len(shown)
    return Grid(columns, title, (f"{rest} others",) if rest else ())


def _short(said: str) -> str:
    """A chance in a narrow column."""
    return said.replace(" %", "").replace("more than ", ">").replace("less than ", "<").split(" ±")[0]


def pairings_table(pairings: list[Row], trials: int, names: dict[str, str], ties: int = 0) -> Grid | None:
    """A line a pairing: how likely, who wins it, by what margin; and the runoffs that are ties, where they matter."""
    if not pairings:
        return None
    shown = [row for row in pairings[:_MOST_PAIRINGS] if row["trials"] >= _FEW or row is pairings[0]]
    who = tuple(f"{names[row['first']]} - {names[row['second']]}" for row in shown)
    met = tuple(probability(row["trials"], trials, row["p_mcse"]) for row in shown)
    won = tuple(probability(row["first_wins"], row["trials"], row["p_first_mcse"]) for row in shown)
    margins = tuple(
        lead_range(row["margin_q10"], row["margin_q90"], names[row["first"]], names[row["second"]], 0) for row in shown
    )
    columns = (
        Column("runoff", who, left=True, words=True, most=24, least=15),
        Column("chance", met, leaves=3),
        Column("first wins", won, leaves=2),
        Column("margin, 80 %", margins, leaves=1),
    )
    rest = pairings[len(shown) :]
    more = sum(row["trials"] for row in rest)
    said = [f"others in {more:,} of {trials:,} trials"] if rest else []
    p = ties / trials
    if p >= _TOLD:
        said.append(
            f"the runoff is a tie in {probability(ties, trials, (p * (1.0 - p) / trials) ** 0.5)} of the trials"
        )
    return Grid(columns, more=tuple(said))


def outstanding_table(outstanding: list[Row], names: dict[str, str]) -> Grid | None:
    """A line a region and mode: votes out, and the leading candidates' shares of them."""
    if not outstanding:
        return None
    heads = list(dict.fromkeys(row["candidate"] for row in outstanding if row["candidate"]))[:3]
    groups: dict[tuple[str, str], dict[str, Row]] = {}
    for row in outstanding:
        groups.setdefault((row["region"], row["mode"]), {})[row["candidate"]] = row
    order = sorted(groups, key=lambda g: (g != ("", ""), -groups[g][heads[0]]["votes_mean"]))
    # the one group is everything
    shown = [group for group in order[:_MOST_GROUPS] if len(groups) != 2 or group != ("", "")]
    first = [groups[group][heads[0]] for group in shown]
    votes = (f"{whole(row['votes_q10'])}-{whole(row['votes_q90'])}" for row in first)
    short = apart((names[name] for name in heads), 10)

    def shares(name: str) -> tuple[str, ...]:
        rows = (groups[group][name] for group in shown)
        return tuple(f"{percent(row['share_q10'], 0)}-{percent(row['share_q90'], 0)}" for row in rows)

    columns = (
        Column("still out", tuple(place(*group) for group in shown), left=True, words=True, most=26, least=14),
        Column("votes", tuple(whole(row["votes_q50"]) for row in first), leaves=4, note="median"),
        Column("80 %", tuple(votes), leaves=2, note="80 % range"),
        *(
            Column(short[names[name]], shares(name), most=10, least=6, leaves=leaves)
            for name, leaves in zip(heads, (0, 3, 1), strict=False)
        ),
    )
    ranges = "(80 % ranges, per cent)"
    bare = f"the split of votes still out {ranges}"
    title = Caption(bare, "votes still out (", f") and their split {ranges}", ", ")
    more = len(groups) - _MOST_GROUPS
    return Grid(columns, title, (f"{more} more regions and modes",) if more > 0 else ())


def carries(outstanding: list[Row], names: dict[str, str]) -> Lines | None:
    """What the uncertainty of the leader's final share hangs on."""
    parts = []
    alone = all(not row["region"] and not row["mode"] for row in outstanding)
    for row in outstanding:
        if row["region"] or row["mode"] or alone:
            where = f" ({place(row['region'], row['mode'])})" if row["region"] or row["mode"] else ""
            parts.append((row["explains_votes"] or 0.0, f"how many votes are out{where}", row["candidate"]))
            parts.append((row["explains_share"] or 0.0, f"how they split{where}", row["candidate"]))
    leader = outstanding[0]["candidate"] if outstanding else ""
    best = sorted((p for p in parts if p[2] == leader), key=lambda p: -p[0])[:3]
    if not best or best[0][0] <= 0.0:
        return None
    said = "; ".join(f"{what} {percent(size, 0)} %" for size, what, _ in best if size >= 0.005)
    return Lines((f"what {names[leader]}'s final share hangs on (squared correlations): {said}",))
