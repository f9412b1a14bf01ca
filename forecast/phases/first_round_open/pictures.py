"""A first round that is open with pictures, from its tables alone: the parts of its page, and what goes with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from runoff.phases import pictured
from runoff.phases.first_round_open import page as said
from runoff.race import Tables
from runoff.report.illustrated import Figure, Report, Section
from runoff.report.layout import place, readable
from runoff.report.numbers import percent, probability, shorts, whole
from runoff.report.page import Column, Grid, Lines
from runoff.report.pictures import curve as lines
from runoff.report.pictures import dots, ranges
from runoff.report.pictures.shapes import SIDES

Row = dict[str, Any]

_MOST_CANDIDATES = 6
_MOST_GROUPS = 8
_MOST_PAIRINGS = 5
_MOST_RUNS = 200  # in the picture of the night so far and in its table: the last ones
_FEW = 100  # trials behind a row of pairings


def report(tables: Tables, history: Sequence[Row] = ()) -> Report:
    """The page's parts in sections, with pictures of what can happen, of the shares, the runoffs and what is out.

    history : rows of the night so far, of one race.
    """
    shown = said.page(tables)
    tables, past = readable(tables), readable({"history": list(history)})["history"]
    night: Row = tables["night"][0]
    candidates: list[Row] = list(tables["first_round"])
    pairings, out = list(tables["pairings"]), list(tables["outstanding"])
    names = shorts(candidates)
    runoffs = said.pairings_table(pairings, night["trials"], names, night["ties"])
    left = said.outstanding_table(out, names)
    so_far = curve(list(past), str(candidates[0]["candidate"]), names)
    words = f"--trials {night['trials']} --seed {night['seed']}"
    words += f" --as-of {night['as_of']}" if night["state"] == "polls" else ""
    sections = (
        Section.of("What can happen", outcomes(night, candidates, pairings, names)),
        Section.of("The first round", shares(night, candidates, names)),
        *([Section.of("The night so far", so_far)] if so_far is not None else []),
        *([Section.of("The runoff", margins(pairings, names, runoffs))] if runoffs else []),
        *([Section.of("What is still out", outstanding(out, names, left), said.carries(out, names))] if left else []),
        Section.of("How it was made", pictured.made(night, words)),
    )
    return Report(str(night["race_name"]), shown, Lines(said.opening(night).lines[1:]), sections)


def curve(rows: list[Row], leader: str, names: dict[str, str]) -> Figure | None:
    """How the one with the most counted votes stood, run by run: final share, and chances; None without two runs."""
    told = [(row, place) for row in rows for place in ("first", "second") if row[place] == leader][-_MOST_RUNS:]
    if len(told) < 2:
        return None
    times = tuple(dt.datetime.fromisoformat(row["time"]).timestamp() for row, _ in told)
    ends = tuple((row[f"{place}_share_q10"], row[f"{place}_share_q90"]) for row, place in told)
    threshold = told[-1][0]["threshold"]
    low, high = min(threshold, *(end[0] for end in ends)), max(threshold, *(end[1] for end in ends))
    air, name = 0.05 * (high - low) + 0.002, names.get(leader, leader)
    share = lines.Curve(
        f"final share of {name}, per cent (80 % range)",
        times,
        tuple(row[f"{place}_share_q50"] for row, place in told),
        ends,
        (low - air, high + air),
        threshold,
        lambda at: f"{100 * at:.4g}",
    )
    chances = [
        lines.Curve(
            heading,
            times,
            tuple(row[column.format(place)] for row, place in told),
            None,
            (0.0, 1.0),
            0.5,
            pictured.per_cent,
        )
        for heading, column in (
            (f"chance that {name} wins outright", "p_{}_outright"),
            (f"chance that {name} wins in the end", "p_{}"),
        )
    ]
    when = tuple((at, str(row["time"])[11:16]) for at, (row, _) in zip(times, told, strict=True))
    words = f"{len(told)} runs; in the last one {name} has {percent(share.values[-1])} % in the end"
    drawn = lines.drawing((share, *chances), when, "The night so far, run by run", words)
    return Figure(drawn, "Times are those of the runs, UTC; the line across shares wins outright.", _runs(told))


def _runs(told: list[tuple[Row, str]]) -> Grid:
    def chance(column: str) -> tuple[str, ...]:
        found = [(row[column.format(place)], row["trials"]) for row, place in told]
        return tuple(probability(p * n, n, (p * (1.0 - p) / n) ** 0.5) for p, n in found)

    ranges_of = [(row[f"{place}_share_q10"], row[f"{place}_share_q90"]) for row, place in told]
    columns = (
        Column("time", tuple(str(row["time"])[:16].replace("T", " ") for row, _ in told), left=True),
        Column("counted", tuple(whole(row["counted_votes"]) for row, _ in told)),
        Column("out", tuple(whole(row["out_mean"]) for row, _ in told)),
        Column("final", tuple(percent(row[f"{place}_share_q50"]) for row, place in told)),
        Column("80 %", tuple(f"{percent(low)}-{percent(high)}" for low, high in ranges_of)),
        Column("outright", chance("p_{}_outright")),
        Column("wins", chance("p_{}")),
    )
    return Grid(columns, "each run: votes counted, mean votes out, median final share and 80 % range, chances")


def outcomes(night: Row, candidates: list[Row], pairings: list[Row], names: dict[str, str]) -> Figure:
    """Who wins outright, and who beats whom: 100 equally likely dots, the likeliest four each in a role of its own."""
    found = [(f"{names[row['candidate']]} outright", row["outright"]) for row in candidates]
    for row in pairings:
        one, other = names[row["first"]], names[row["second"]]
        found += [(f"{one} beats {other}", row["first_wins"]), (f"{other} beats {one}", row["second_wins"])]
    found.append(("a tie in the runoff", night["ties"]))
    found = sorted((item for item in found if item[1]), key=lambda item: -item[1])
    own, rest = found[: len(SIDES)], found[len(SIDES) :]
    trials = night["trials"]
    shown = [dots.Outcome(what, count / trials, role) for (what, count), role in zip(own, SIDES, strict=False)]
    if rest:
        shown.append(dots.Outcome("anything else", sum(count for _, count in rest) / trials, "none"))
    counts = dots.counted(shown)
    told = f"{dots.DOTS} dots, each as likely as any other: "
    told += ", ".join(f"{outcome.said} {count}" for outcome, count in zip(shown, counts, strict=True) if count)
    picture = dots.in_rows(shown, f"What can happen, as {dots.DOTS} equally likely outcomes", told)
    chances = tuple(
        probability(count, trials, (count / trials * (1 - count / trials) / trials) ** 0.5) for _, count in found
    )
    columns = (
        Column("outcome", tuple(what for what, _ in found), left=True, words=True),
        Column("trials", tuple(f"{count:,}" for _, count in found)),
        Column("chance", chances),
    )
    few = [outcome for outcome, count in zip(shown, counts, strict=True) if not count]
    below = f"Each dot is one of {dots.DOTS} equally likely outcomes."
    below += f" {'; '.join(outcome.said for outcome in few)}: less than a dot." if few else ""
    return Figure(picture, below, Grid(columns))


def shares(night: Row, candidates: list[Row], names: dict[str, str]) -> Figure:
    """Final shares with their 80 % ranges, and the share that wins outright."""
    shown = sorted(candidates, key=lambda row: -row["share_mean"])[:_MOST_CANDIDATES]
    rows = tuple(
        ranges.Range(
            row["candidate"],
            f"{percent(row['share_q50'])} %",
            row["share_q10"],
            row["share_q90"],
            row["share_q50"],
            SIDES[i] if i < 2 else "none",
        )
        for i, row in enumerate(shown)
    )
    high = max(max(row["share_q90"] for row in shown), night["threshold"]) + 0.05
    wins = f"{percent(night['threshold'])} % wins outright"
    of = ranges.Ranges(rows, (0.0, min(high, 1.0)), night["threshold"], pictured.per_cent, marked=wins)
    told = "For each candidate where the final share lies in four of five trials: "
    told += ", ".join(f"{names[row['candidate']]} {percent(row['share_q50'])} %" for row in shown[:2])
    picture = ranges.drawing(of, "Final shares of the first round", told)
    table = said.candidates_table(candidates, night["trials"])
    return Figure(picture, "Dots: median final share. Bars: 80 % range.", table)


def margins(pairings: list[Row], names: dict[str, str], table: Grid) -> Figure:
    """The runoff's margin in the pairings that are not too rare."""
    shown = [row for row in pairings[:_MOST_PAIRINGS] if row["trials"] >= _FEW or row is pairings[0]]
    rows = []
    for row in shown:
        one, other = names[row["first"]], names[row["second"]]
        role = "a" if row["margin_q50"] >= 0 else "b"
        rows.append(
            ranges.Range(
                f"{one} (right) - {other}",
                f"in {percent(row['p'])} %",
                row["margin_q10"],
                row["margin_q90"],
                row["margin_q50"],
                role,
            )
        )
    ends = [abs(row[f"margin_q{level}"]) for row in shown for level in (10, 90)]
    wide = max(*ends, 0.01) * 1.1
    of = ranges.Ranges(tuple(rows), (-wide, wide), 0.0, pictured.points, "lead in the runoff, in points")
    told = "For each pairing, where the margin of the runoff lies in four of five trials"
    picture = ranges.drawing(of, "The runoff's margin, by who meets", told)
    return Figure(picture, "Dots: median margin. Bars: 80 % range.", table)


def outstanding(out: list[Row], names: dict[str, str], table: Grid) -> Figure:
    """How what is out splits, by region and mode: the leading candidate's share."""
    leader = next(row["candidate"] for row in out if row["candidate"])
    first = names[leader]
    mine = [row for row in out if row["candidate"] == leader]
    groups = [row for row in mine if row["region"] or row["mode"]] or mine
    shown = sorted(groups, key=lambda row: -row["votes_mean"])[:_MOST_GROUPS]
    rows = tuple(
        ranges.Range(
            place(row["region"], row["mode"]),
            f"{whole(row['votes_q50'])} out",
            row["share_q10"],
            row["share_q90"],
            row["share_q50"],
        )
        for row in shown
    )
    of = ranges.Ranges(rows, (0.0, 1.0), None, pictured.per_cent, f"share of {first} of the votes still out")
    told = f"For each region and mode, where the share of {first} of the votes still out lies in four of five trials"
    picture = ranges.drawing(of, f"How the votes still out go to {first}", told)
    return Figure(picture, f"Dots: median share of {first}. Bars: 80 % range.", table)
