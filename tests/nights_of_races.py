"""Nights of many races whose two rounds are known by unit: how often ranges hold, and how far forecasts are off.

    python -m tests.nights_of_races FOLDER NIGHTS.jsonl [--races part,of,name] [--trials 2048] [--small]

FOLDER has a table a race: unit, round (1 or 2), candidate, party, votes.  Each race gets a run file of somebody who
knows its first round and nothing else, with the wide default rates, and is rehearsed; its nights are added to
NIGHTS.jsonl, and races that stand there are not rehearsed again.  Scores of all nights in it are printed, standard
errors by races.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from runoff.app.rehearsal import error, inside, swing_error, unit_scores
from runoff.app.rehearse import ORDERS, rehearse
from runoff.estimate.scores import Mean, clustered, reliability
from runoff.runfile.load import load

LEAST = 20  # units
LEAST_SD = 1e-6  # of a margin: below it everything is counted
TWICE = ("fr_pres_2017",)  # races that have a finer table
EDGES = (0.5, 0.75, 0.9, 0.975, 1.0)
RUN = """
[race]
id = "{race}"
name = "{race}"
first_round = 2001-03-01
runoff = 2001-04-01
as_of = 2001-03-31
[results]
table = "first.csv"
{registered}
[finalists]
names = {finalists}
[rates.own]
turnout = {{ low = 0.50, high = 0.95 }}
{blocs}
[new_voters]
{people}
turnout = {{ low = 0.05, high = 0.35 }}
preference = {{ to = {first}, low = 0.25, high = 0.75 }}
[simulation]
seed = 1
"""
Night = dict[str, Any]


def read(path: Path) -> tuple[list[dict[str, str]], dict[str, int]]:
    """Rows of candidates in units that have votes in both rounds, and registered voters of these units, if told."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    named = [row for row in rows if not row["candidate"].startswith("_") and row["votes"]]
    voting = [{row["unit"] for row in named if row["round"] == r and int(row["votes"])} for r in "12"]
    both = voting[0] & voting[1]
    of_roll = [row for row in rows if row["candidate"] == "_registered" and row["unit"] in both]
    roll = {row["unit"]: int(row["votes"]) for row in sorted(of_roll, key=lambda row: row["round"])}  # the newest
    return [row for row in named if row["unit"] in both], roll


def region(unit: str) -> str:
    """What stands before the bar; of Poland's codes the voivodeship."""
    before = unit.partition("|")[0] if "|" in unit else ""
    return before[:2] if len(before) == 6 and before.isdigit() else before


def folder(path: Path, into: Path) -> Path:
    """The run file of a race, its first round, and the result; returns the run file."""
    rows, roll = read(path)
    first = [row for row in rows if row["round"] == "1"]
    finalists = sorted({row["candidate"] for row in rows if row["round"] == "2"})
    first_votes: dict[str, int] = defaultdict(int)
    for row in first:
        first_votes[row["unit"]] += int(row["votes"])
    parties = {row["candidate"]: row["party"] for row in first}
    nobody = {parties.get(name) for name in finalists} == {"I"}  # a ballot without parties
    written(
        into / "first.csv",
        ("region", "unit", "candidate", "party", "votes"),
        [(region(r["unit"]), r["unit"], r["candidate"], "" if nobody else r["party"], r["votes"]) for r in first],
    )
    result = {(unit, name): "0" for unit in first_votes for name in finalists}  # some tables leave noughts out
    result |= {(r["unit"], r["candidate"]): r["votes"] for r in rows if r["round"] == "2"}
    written(into / "result.csv", ("unit", "candidate", "votes"), [(*at, votes) for at, votes in result.items()])
    whole = len(roll) == len(first_votes) and all(roll[unit] >= votes for unit, votes in first_votes.items())
    if whole:
        written(into / "roll.csv", ("unit", "registered"), list(roll.items()))
    blocs = sorted({"" if nobody else party for name, party in parties.items() if name not in finalists})
    said = json.dumps
    (into / "race.toml").write_text(RUN.format(
        race=path.stem, finalists=said(finalists, ensure_ascii=False), first=said(finalists[0], ensure_ascii=False),
        registered='registered = "roll.csv"' if whole else "",
        people="" if whole else f"people = {sum(first_votes.values())}",
        blocs="\n".join(f"[rates.blocs.{said(bloc, ensure_ascii=False)}]\nturnout = {{ low = 0.35, high = 0.90 }}"
                        for bloc in blocs if bloc),
    ), "utf-8")  # fmt: skip
    return into / "race.toml"


def written(path: Path, head: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """Write a table."""
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([head, *rows])


def kind(path: Path) -> str:
    """Finalists of different parties, of the same, or not told."""
    rows, _ = read(path)
    finalists = {row["candidate"] for row in rows if row["round"] == "2"}
    parties = {row["party"] for row in rows if row["round"] == "1" and row["candidate"] in finalists}
    return "unknown" if "" in parties or parties == {"I"} else "partisan" if len(parties) == 2 else "same"


def races(path: Path) -> list[Path]:
    """One table a race, of at least LEAST units, the smallest first."""
    found = [(len({row["unit"] for row in read(p)[0]}), p) for p in sorted(path.glob("*.csv")) if p.stem != "index"]
    return [p for units, p in sorted(found) if units >= LEAST and p.stem not in TWICE]


def nights(path: Path, trials: int) -> list[Night]:
    """All nights of a race, and its units in one row."""
    with tempfile.TemporaryDirectory() as place:
        found = rehearse(load(folder(path, Path(place))), Path(place) / "result.csv", trials=trials, threads=1)
    keys = {"race": path.stem, "kind": kind(path)}
    rows = [{**keys, **row} for row in found.tables["rehearsal_nights"]]
    return [*rows, {**keys, "order": "units", **unit_scores(found.tables["rehearsal_units"])}]


def said(mean: Mean, scale: float = 100.0, digits: int = 0) -> str:
    """A mean with its standard error."""
    return f"{scale * mean.value:.{digits}f} ± {scale * mean.se:.{digits}f}"


def table(rows: list[Night]) -> str:
    """Scores by order, by share counted, by kind of race, and of all."""
    groups = [("all", rows)]
    for key in ("order", "counted", "kind"):
        groups += [(f"{at:g} %" if key == "counted" else at, [r for r in rows if r[key] == at])
                   for at in dict.fromkeys(r[key] for r in rows)]  # fmt: skip
    lines = ["| | nights | inside 50 | inside 80 | inside 90 | error | less swing's | swing's | rms z | ess |",
             "|---|---|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for name, some in groups:
        race = [r["race"] for r in some]
        covered = [said(clustered([inside(r, p) for r in some], race)) for p in (50, 80, 90)]
        swung = [(r, swing_error(r)) for r in some]
        pairs = [(error(r), off, r["race"]) for r, off in swung if off is not None]
        less = clustered([a - b for a, b, _ in pairs], [c for _, _, c in pairs])
        plain = clustered([b for _, b, _ in pairs], [c for _, _, c in pairs])
        away = [((r["truth"] - r["margin_mean"]) / max(r["margin_sd"], LEAST_SD)) ** 2 for r in some]
        square = clustered(away, race)
        z = Mean(math.sqrt(square.value), square.se / (2.0 * math.sqrt(square.value)))
        ess = np.mean([r["effective_trials"] for r in some])
        lines.append(f"| {name} | {len(some)} | {' | '.join(covered)} | "
                     f"{100 * clustered([error(r) for r in some], race).value:.2f} | {said(less, digits=2)} | "
                     f"{100 * plain.value:.2f} | {said(z, 1.0, 2)} | {ess:.0f} |")  # fmt: skip
    return "\n".join(lines)


def bins(rows: list[Night]) -> str:
    """Of favourites said to win with so much: how often they did."""
    p = [max(r["p_first"], 1.0 - r["p_first"]) for r in rows]
    won = [(r["p_first"] >= 0.5) == (r["truth"] > 0) for r in rows]
    lines = ["| said, % | nights | mean | right |", "|---|---|---|---|"]
    lines += [f"| {100 * b.low:g} to {100 * b.high:g} | {b.count} | {100 * b.said:.1f} | {said(b.came, digits=1)} |"
              for b in reliability(p, won, [r["race"] for r in rows], EDGES)]  # fmt: skip
    return "\n".join(lines)


def units(rows: list[Night]) -> str:
    """Units with the race's total given: means over races."""
    lines = ["| races | inside 80 | CRPS | spread | bias by fifth |", "|---|---|---|---|---|"]
    groups = [
        ("all", rows),
        *((k, [r for r in rows if r["kind"] == k]) for k in dict.fromkeys(r["kind"] for r in rows)),
    ]
    for name, some in groups:
        mean = {
            key: clustered(
                [r[key] for r in some if r[key] is not None], [r["race"] for r in some if r[key] is not None]
            )
            for key in ("units_inside80", "units_crps", "units_spread", *(f"bias_fifth{k}" for k in range(1, 6)))
        }
        bias = ", ".join(f"{100 * mean[f'bias_fifth{k}'].value:+.1f}" for k in range(1, 6))
        lines.append(f"| {name} {len(some)} | {said(mean['units_inside80'])} | {said(mean['units_crps'], digits=2)} | "
                     f"{said(mean['units_spread'], 1.0, 2)} | {bias} |")  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    """Rehearse the races that are not there yet, and print the scores."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("folder", type=Path)
    words.add_argument("nights", type=Path)
    words.add_argument("--races", default="")
    words.add_argument("--trials", type=int, default=2_048)
    words.add_argument("--most", type=int, default=10**9, help="units of the largest race")
    asked = words.parse_args()
    there = [json.loads(line) for line in asked.nights.read_text("utf-8").splitlines()] if asked.nights.exists() else []
    wanted = [part for part in asked.races.split(",") if part]
    for path in races(asked.folder):
        if path.stem in {row["race"] for row in there} or (wanted and not any(part in path.stem for part in wanted)):
            continue
        if len({row["unit"] for row in read(path)[0]}) > asked.most:
            continue
        found = nights(path, asked.trials)
        there += found
        with asked.nights.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in found)
        print(path.stem, len(found) - 1, file=sys.stderr, flush=True)
    of_nights = [row for row in there if row["order"] in ORDERS]
    print("\n\n".join([table(of_nights), bins(of_nights), units([r for r in there if r["order"] == "units"])]))


if __name__ == "__main__":
    main()
