"""Runoffs forecast from an earlier runoff of the same place, whose transfers are estimated, and from past races.

    python -m tests.earlier_races UNITS ARCHIVE [--trials 200000] [--widen 0.78]

UNITS has a table a race: unit, round (1 or 2), candidate, party, votes; ARCHIVE has `races.csv` and `candidates.csv`,
which say when each race was, of which level and contest, and every candidate's bloc.  A pair is two races of one place
by units of which at least one finalist's bloc was in both runoffs.  Rates come of the earlier race as far as blocs say
whose, by the product's own rules; turnouts only where its roll is known.  The rest is the wide default, or what past
races say on the day; with past races asked as well, rates of both are put together.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import runoff
from runoff.app.backtest.scored import log_score
from runoff.app.flows.estimate import Asked, flows
from runoff.estimate.scores import clustered, crps_binned
from tests.nights_of_races import read, said, written

PLACES = ("br_pres", "cl_", "fr_pres", "us_la_")  # names of races of one place begin alike
WITHIN = ("br_pres", "cl_pres", "fr_pres", "us_la_sen", "us_la_gov", "us_la_ag")  # whole places: what others lie in
FINER = {"fr_pres_2017": "fr_pres_2017_cantons"}
BLOCS = {  # of names that the archive has otherwise, or not
    "Lula": "left", "Dilma": "left", "Jeannette Jara": "left", "José Antonio Kast": "far-right",
    "Evelyn Matthei": "right", "Johannes Kaiser": "far-right", "Franco Parisi": "centre", "Eduardo Artés": "far-left",
    "Marco Enríquez-Ominami": "left", "Harold Mayne-Nicholls": "centre", "Other candidates (sum)": "other",
}  # fmt: skip
RUN = """
[race]
id = "{name}"
name = "{name}"
first_round = {first_round}
runoff = {runoff}
as_of = {first_round}
[results]
table = "first.csv"
{registered}
[finalists]
names = {finalists}
{rates}
[simulation]
seed = 1
"""
PAST = """
[prior]
source = "archive"
level = "{level}"
country = "{country}"
contest = "{contest_type}"
"""
NOBODY = """
turnout = { low = 0.05, high = 0.35 }
preference = { low = 0.25, high = 0.75 }
"""
WAYS = ("the estimate", "both", "past races")


@dataclass(frozen=True)
class Race:
    """A race by units: its table, what the archive says of it, its finalists in order of votes, and who led by what."""

    name: str
    path: Path
    about: dict[str, str]
    blocs: dict[str, str]
    finalists: list[str]
    lead: float
    roll: bool
    gone: set[str]

    @classmethod
    def of(cls, name: str, path: Path, about: dict[str, str], blocs: dict[str, str]) -> Race:
        """The race of a table; lead : of the first finalist in the runoff; gone : blocs of those who went out."""
        rows, roll = read(path)
        votes: dict[str, Counter[str]] = {"1": Counter(), "2": Counter()}
        for row in rows:
            votes[row["round"]][row["candidate"]] += int(row["votes"])
        a, b = sorted(votes["2"], key=lambda name: -votes["1"][name])
        lead = (votes["2"][a] - votes["2"][b]) / (votes["2"][a] + votes["2"][b])
        gone = {blocs.get(name, "other") for name in votes["1"] if name not in (a, b)}
        return cls(name, path, about, blocs, [a, b], lead, bool(roll), gone)


def races(units: Path, archive: Path) -> list[Race]:
    """The races by units of the places that are asked, in order of time."""
    about = {row["race_id"]: row for row in _rows(archive / "races.csv")}
    about["cl_pres_2025_rm"] = {"date_first": "2025-11-16", "date_runoff": "2025-12-14", "level": "national",
                                "country": "Chile", "contest_type": "open"}  # fmt: skip
    blocs: dict[str, dict[str, str]] = defaultdict(dict)
    for row in _rows(archive / "candidates.csv"):
        blocs[row["race_id"]][row["candidate"]] = row["bloc"]
    found = []
    for path in sorted(units.glob("*.csv")):
        name = path.stem.replace("_states", "")
        if name in about and name.startswith(PLACES):
            path = path.with_stem(FINER.get(name, path.stem))
            found.append(Race.of(name, path, about[name], BLOCS | blocs[name]))
    return sorted(found, key=lambda race: race.about["date_first"])


def pairs(of: list[Race]) -> list[tuple[Race, Race]]:
    """Earlier and later races of one place, of which a finalist's bloc was in both runoffs and in each but once."""
    found = []
    for earlier in (race for race in of if race.name.startswith(WITHIN)):
        for later in of:
            place = next(place for place in PLACES if earlier.name.startswith(place))
            before = earlier.about["date_runoff"] < later.about["date_first"]
            ends = [[race.blocs.get(name, "") for name in race.finalists] for race in (earlier, later)]
            told = all(len(set(blocs)) == 2 for blocs in ends) and set(ends[0]) & set(ends[1])
            if before and later.name.startswith(place) and told:
                found.append((earlier, later))
    return found


def estimated(race: Race, into: Path) -> Path:
    """The folder of the estimate of a race's transfers."""
    into.mkdir(exist_ok=True)
    for number in "12":
        rows = [row for row in _rows(race.path) if row["round"] == number and row["votes"]]
        table = [(row["unit"], row["candidate"], row["votes"], race.blocs.get(row["candidate"], "")) for row in rows]
        written(into / f"{number}.csv", ("unit", "candidate", "votes", "bloc"), table)
    return flows(Asked(into / "1.csv", into / "2.csv")).save(into)


def run_file(earlier: Race, later: Race, into: Path, estimate: Path, widen: float, way: str) -> Path:
    """The run file of a later race one of the WAYS; an estimate's rates are of blocs that were among its origins."""
    into.mkdir(exist_ok=True)
    rows, roll = read(later.path)
    first = [row for row in rows if row["round"] == "1"]
    blocs = {row["candidate"]: later.blocs.get(row["candidate"], "other") for row in first}
    table = [(row["unit"], row["candidate"], row["votes"], blocs[row["candidate"]]) for row in first]
    written(into / "first.csv", ("unit", "candidate", "votes", "bloc"), table)
    voted: Counter[str] = Counter()
    for row in first:
        voted[row["unit"]] += int(row["votes"])
    whole = len(roll) == len(voted) and all(roll[unit] >= votes for unit, votes in voted.items())
    if whole:
        written(into / "roll.csv", ("unit", "registered"), list(roll.items()))
    said = f'{{ estimate = "{estimate}", widen = {widen:g} }}'
    both = f"preference = {said}\n" + (f"turnout = {said}\n" if earlier.roll else "")
    gone = sorted({bloc for name, bloc in blocs.items() if name not in later.finalists} & earlier.gone)
    new = "" if whole else f"people = {sum(voted.values())}\n"
    nobody = NOBODY.replace("low = 0.25", f"to = {json.dumps(later.finalists[0])}, low = 0.25")
    if way != "past races":
        new += both if earlier.roll else nobody if way == "the estimate" else ""
    rates = "" if way == "the estimate" else PAST.format_map(later.about)
    rates += f"[new_voters]\n{new}"
    if way != "past races":
        rates += "".join(f"[rates.{part}]\n{both}" for part in ("own", *(f"blocs.{json.dumps(b)}" for b in gone)))
    about = later.about
    text = RUN.format(
        name=later.name, first_round=about["date_first"], runoff=about["date_runoff"], rates=rates,
        registered='registered = "roll.csv"' if whole else "", finalists=json.dumps(later.finalists),
    )  # fmt: skip
    (into / "race.toml").write_text(text, "utf-8")
    return into / "race.toml"


def scored(path: Path, truth: float, first: str, trials: int) -> dict[str, float]:
    """Lead of the `first` finalist, its 80 % range and CRPS in points, and the log score of the winner."""
    found = runoff.run(runoff.load(path), trials=trials)
    (head,), bins = found.tables["run"], found.tables["margin_histogram"]
    sign = 1.0 if found.tables["candidates"][0]["candidate"] == first else -1.0
    mass = np.array([row["trials"] for row in bins], float)
    edges = np.array([*(row["bin_low"] for row in bins), bins[-1]["bin_high"]])
    p = next(row["p_win"] for row in found.tables["candidates"] if row["candidate"] == first)
    ends = sorted(sign * head[f"margin_{q}"] for q in ("q10", "q90"))
    return {"lead": sign * head["margin_mean"], "low": ends[0], "high": ends[1], "sd": head["margin_sd"],
            "crps": crps_binned(edges, mass, sign * truth), "log": log_score(p, float(truth > 0.0))}  # fmt: skip


def main() -> None:
    """Forecast each pair's later race both ways, and print what was said and what came."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("units", type=Path)
    words.add_argument("archive", type=Path)
    words.add_argument("--trials", type=int, default=200_000)
    words.add_argument("--widen", type=float, default=0.78)
    asked = words.parse_args()
    kept: list[tuple[str, float, list[dict[str, float]]]] = []
    with tempfile.TemporaryDirectory() as place:
        folders: dict[str, Path] = {}
        print(f"| earlier | later | came | {' | '.join(WAYS)} |\n|---|---|---|---|---|---|")
        for earlier, later in pairs(races(asked.units, asked.archive)):
            if earlier.name not in folders:
                folders[earlier.name] = estimated(earlier, Path(place) / f"{earlier.name}-transfers")
            into = Path(place) / later.name
            ways = []
            for way in WAYS:
                path = run_file(earlier, later, into, folders[earlier.name], asked.widen, way)
                ways.append(scored(path, later.lead, later.finalists[0], asked.trials))
            kept.append((later.name, later.lead, ways))
            cells = [f"{100 * w['lead']:.1f} ({100 * w['low']:.1f} to {100 * w['high']:.1f})" for w in ways]
            print(f"| {earlier.name} | {later.name} | {100 * later.lead:.1f} | {' | '.join(cells)} |", flush=True)
    summary(kept)


def summary(kept: list[tuple[str, float, list[dict[str, float]]]]) -> None:
    """Means over pairs with standard errors by later race."""
    print("\n| | pairs | error | inside 80 | rms z | CRPS | log score |\n|---|---|---|---|---|---|---|")
    race = [name for name, *_ in kept]
    for k, head in enumerate(WAYS):
        ways = [(truth, found[k]) for _, truth, found in kept]
        off = [abs(truth - w["lead"]) for truth, w in ways]
        inside = [float(w["low"] <= truth <= w["high"]) for truth, w in ways]
        z = np.array([(truth - w["lead"]) / w["sd"] for truth, w in ways])
        crps, log = ([w[key] for _, w in ways] for key in ("crps", "log"))
        cells = [said(clustered(off, race), digits=1), said(clustered(inside, race)), f"{(z**2).mean() ** 0.5:.2f}"]
        cells += [said(clustered(crps, race), digits=2), said(clustered(log, race), 1.0, 2)]
        print(f"| {head} | {len(kept)} | {' | '.join(cells)} |")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    main()
