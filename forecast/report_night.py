"""What the terminal says of a first round that is being counted or ahead, from its tables alone."""

from __future__ import annotations

from typing import Any

from forecast.figures import lead, percent, probability, short_names, whole
from forecast.report import aligned, clipped, fitted, plain

Row = dict[str, Any]
Tables = dict[str, list[dict[str, object]]]

_MOST_CANDIDATES = 6
_MOST_PAIRINGS = 5
_TOLD = 0.001  # share of trials that end in a tie, from which it is told
_FEW = 100  # trials behind a row of pairings
_MOST_GROUPS = 8
_NAME = 14  # characters of a name in a narrow table


def render_night(tables: Tables, width: int = 80, color: bool = False) -> str:
    """The run in words and small tables, at most `width` columns wide (80 or more)."""
    night: Row = tables["night"][0]
    candidates: list[Row] = list(tables["first_round"])
    names = short_names([row["candidate"] for row in candidates])
    bold = ("\x1b[1m", "\x1b[0m") if color else ("", "")
    parts = [
        f"{bold[0]}{headline(night, candidates, names)}{bold[1]}",
        opening(night),
        candidates_table(candidates, night["trials"]),
        pairings_table(list(tables["pairings"]), night["trials"], names, night["ties"]),
        outstanding_table(list(tables["outstanding"]), names),
        carries(list(tables["outstanding"]), names),
    ]
    if night["warnings"]:
        parts.append("\n".join(f"note: {line}" for line in night["warnings"].split("\n")))
    return "\n\n".join(fitted(part, width) for part in parts if part)


def night_json(tables: Tables) -> dict[str, Any]:
    """One document: the night, its candidates, pairings and what is out, as in the tables; dates as text."""
    document: dict[str, Any] = {"night": plain(tables["night"][0])}
    for name in ("first_round", "pairings", "outstanding"):
        document[name] = [plain(row, drop=("run_id", "race_id")) for row in tables[name]]
    return document


def headline(night: Row, candidates: list[Row], names: dict[str, str]) -> str:
    """Who may win outright, and who wins in the end."""
    first = max(candidates, key=lambda row: (row["outright"], row["share_mean"]))
    leader = max(candidates, key=lambda row: row["wins"])
    outright = probability(first["outright"], night["trials"], first["p_outright_mcse"])
    wins = probability(leader["wins"], night["trials"], leader["p_win_mcse"])
    return f"{names[first['candidate']]} wins outright: {outright}; {names[leader['candidate']]} in the end: {wins}"


def opening(night: Row) -> str:
    """What the run rests on."""
    lines = [
        night["race_name"],
        f"first round {night['first_round']}, runoff {night['runoff']}, as of {night['as_of']}",
        f"{night['trials']:,} trials, seed {night['seed']}, {night['registered']:,} registered voters",
    ]
    ends = f"{whole(night['out_q50'])} (80 %: {whole(night['out_q10'])} to {whole(night['out_q90'])})"
    if night["state"] == "counting":
        lines.append(f"{night['counted_votes']:,} votes counted, {ends} still out")
    else:
        lines.append(f"nothing counted, polls stand in; {ends} votes expected")
    return "\n".join(lines)


def candidates_table(candidates: list[Row], trials: int) -> str:
    """A line a candidate: counted, final share with its range, chances."""
    rows = [["candidate", "party", "counted", "final", "80 %", "outright", "advances", "wins"]]
    shown = sorted(candidates, key=lambda row: -row["share_mean"])[:_MOST_CANDIDATES]
    for row in shown:
        chances = (("outright", "p_outright"), ("advances", "p_advance"), ("wins", "p_win"))
        rows.append(
            [
                clipped(row["candidate"], _NAME),
                clipped(row["party"], 5),
                "" if row["counted_share"] is None else percent(row["counted_share"]),
                percent(row["share_q50"]),
                f"{percent(row['share_q10'])}-{percent(row['share_q90'])}",
                *(_short(probability(row[count], trials, row[f"{p}_mcse"])) for count, p in chances),
            ]
        )
    rest = len(candidates) - len(shown)
    left = [f"{rest} others"] if rest else []
    title = "shares of valid votes (median and 80 % range) and chances, in per cent"
    return "\n".join([title, aligned(rows, left=2), *left])


def _short(said: str) -> str:
    """A chance in a narrow column."""
    return said.replace(" %", "").replace("more than ", ">").replace("less than ", "<").split(" ±")[0]


def pairings_table(pairings: list[Row], trials: int, names: dict[str, str], ties: int = 0) -> str:
    """A line a pairing: how likely, who wins it, by what margin; and the runoffs that are ties, where they matter."""
    if not pairings:
        return ""
    rows = [["runoff", "chance", "first wins", "margin, 80 %"]]
    shown = [row for row in pairings[:_MOST_PAIRINGS] if row["trials"] >= _FEW or row is pairings[0]]
    for row in shown:
        first, second = names[row["first"]], names[row["second"]]
        rows.append(
            [
                clipped(f"{first} - {second}", 24),
                probability(row["trials"], trials, row["p_mcse"]),
                probability(row["first_wins"], row["trials"], row["p_first_mcse"]),
                _range(row, first, second),
            ]
        )
    rest = pairings[len(shown) :]
    more = sum(row["trials"] for row in rest)
    note = f"\nothers in {more:,} of {trials:,} trials" if rest else ""
    p = ties / trials
    if p >= _TOLD:
        note += f"\nthe runoff is a tie in {probability(ties, trials, (p * (1.0 - p) / trials) ** 0.5)} of the trials"
    return aligned(rows, left=1) + note


def _range(row: Row, first: str, second: str) -> str:
    """The 80 % range of a margin, each end from its winner's side."""
    return f"{lead(row['margin_q10'], first, second, 0)} to {lead(row['margin_q90'], first, second, 0)}"


def outstanding_table(outstanding: list[Row], names: dict[str, str]) -> str:
    """A line a region and mode: votes out, and the leading candidates' shares of them."""
    if not outstanding:
        return ""
    shown = list(dict.fromkeys(row["candidate"] for row in outstanding if row["candidate"]))[:3]
    groups = list(dict.fromkeys((row["region"], row["mode"]) for row in outstanding))
    groups = sorted(groups, key=lambda g: (g != ("", ""), -_of(outstanding, g, shown[0])["votes_mean"]))
    rows = [["still out", "votes", "80 %", *(clipped(names[name], 10) for name in shown)]]
    for group in groups[:_MOST_GROUPS]:
        row = _of(outstanding, group, shown[0])
        title = ", ".join(part for part in group if part).replace("_", " ") or "all together"
        if group == ("", "") and len(groups) == 2:
            continue  # the one group is everything
        cells = [_of(outstanding, group, name) for name in shown]
        rows.append(
            [
                clipped(title, 26),
                whole(row["votes_q50"]),
                f"{whole(row['votes_q10'])}-{whole(row['votes_q90'])}",
                *(f"{percent(c['share_q10'], 0)}-{percent(c['share_q90'], 0)}" for c in cells),
            ]
        )
    more = len(groups) - _MOST_GROUPS
    title = "votes still out (median, 80 % range) and their split (80 % ranges, per cent)"
    return f"{title}\n{aligned(rows, left=1)}" + (f"\n{more} more regions and modes" if more > 0 else "")


def _of(rows: list[Row], group: tuple[str, str], candidate: str) -> Row:
    return next(row for row in rows if (row["region"], row["mode"], row["candidate"]) == (*group, candidate))


def carries(outstanding: list[Row], names: dict[str, str]) -> str:
    """What the uncertainty of the leader's final share hangs on."""
    parts = []
    alone = all(not row["region"] and not row["mode"] for row in outstanding)
    for row in outstanding:
        if row["region"] or row["mode"] or alone:
            where = ", ".join(part for part in (row["region"], row["mode"]) if part).replace("_", " ")
            where = f" ({where})" if where else ""
            parts.append((row["explains_votes"] or 0.0, f"how many votes are out{where}", row["candidate"]))
            parts.append((row["explains_share"] or 0.0, f"how they split{where}", row["candidate"]))
    leader = outstanding[0]["candidate"] if outstanding else ""
    best = sorted((p for p in parts if p[2] == leader), key=lambda p: -p[0])[:3]
    if not best or best[0][0] <= 0.0:
        return ""
    said = "; ".join(f"{what} {percent(size, 0)} %" for size, what, _ in best if size >= 0.005)
    return f"what {names[leader]}'s final share hangs on (squared correlations): {said}"
