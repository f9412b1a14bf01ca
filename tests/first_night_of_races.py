"""First rounds of finished races replayed as nights in many orders, and how well the forecast did.

    python -m tests.first_night_of_races FOLDER OUT.csv [RACE ...]

FOLDER holds a file a race: unit, round, candidate, party, votes.  The units that are out are hidden: their number,
names and regions stay, their sizes only where the file has a roll or an earlier election.  OUT.csv has a row a
candidate of a night; `python -m tests.first_night_scores OUT.csv` makes tables of it.
"""

from __future__ import annotations

import csv
import sys
import time
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from runoff.data.counts.baseline import Baseline
from runoff.data.counts.first_round_count import Count, Out
from runoff.data.counts.ways import with_modes
from runoff.data.votes.roll import NOT_TOLD
from runoff.phases.first_round_open.fit import prepare
from runoff.phases.first_round_open.outstanding import draw_first_round
from runoff.phases.order import canonical_count
from runoff.race import Candidate, FirstRound
from runoff.runfile.sections.observed import CountingSection

Ints = npt.NDArray[np.int64]
COUNTED = (0.1, 0.3, 0.6)
TRIALS, LEAST_UNITS, MOST_UNITS = 1024, 20, 300
LINES = (-4.0, -2.0, -1.0, 1.0, 2.0, 4.0)  # points from the reported share: chances of ending above them are judged
OTHERS = ("index", "fr_pres_2017")  # no race, and one that another file has by smaller units
EARLIER = {  # a race, and an election of the same units before it
    "fr_pres_2022": "fr_pres_2017",
    "br_pres_2014_states": "br_pres_2002_states",
    "cl_gov_2021_metropolitana_de_santiag": "cl_pres_2017",
    "cl_gov_2021_la_araucania": "cl_pres_2017",
    "cl_gov_2021_libertador_general_berna": "cl_pres_2017",
    "cl_gov_2021_los_lagos": "cl_pres_2017",
    "cl_pres_2025_rm": "cl_gov_2021_metropolitana_de_santiag",
    "us_ga_gov_20180522_r": "us_ga_gov_20100720_r",
    "us_ga_gov_20100720_r": "us_ga_sen_20040720_d",
    "us_la_gov_20031004": "us_la_sen_20021105",
    "us_la_ag_20071020": "us_la_gov_20031004",
    "us_la_ag_20151024": "us_la_ag_20071020",
    "us_la_sen_20161108": "us_la_ag_20151024",
    "us_la_hd5_20131019": "us_la_ag_20071020",
    "us_la_hd3_20041102": "us_la_sen_20021105",
    "us_tx_ag_20140304_r": "us_tx_sen_20120529_r",
}
SAME = {  # whom of the race the earlier election's first and second are
    "fr_pres_2022": ["Emmanuel Macron", "Marine Le Pen"],
    "br_pres_2014_states": ["Dilma", "Aécio Neves"],
}
PAIR = {"br_pres_2014_states": ("Lula", "José Serra"), "fr_pres_2022": ("Emmanuel Macron", "Marine Le Pen")}


@dataclass(frozen=True, slots=True)
class Race:
    """A finished first round: votes int64[U, C], most votes first; registered int64[U] where the file has it."""

    name: str
    units: tuple[str, ...]
    regions: tuple[str, ...]
    candidates: tuple[str, ...]
    votes: Ints
    registered: Ints | None


def read_race(path: Path, most: int = 0) -> Race:
    """The first round of a file; units without votes are left out, and of many, some drawn at random are taken."""
    votes: dict[str, dict[str, int]] = {}
    names: dict[str, int] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["round"] == "1":
                votes.setdefault(row["unit"], {})[row["candidate"]] = int(row["votes"])
                if not row["candidate"].startswith("_"):
                    names[row["candidate"]] = names.get(row["candidate"], 0) + int(row["votes"])
    order = sorted(names, key=lambda name: (-names[name], name))
    units = [unit for unit, had in votes.items() if any(had.get(name, 0) for name in order)]
    if most and len(units) > most:
        units = sorted(np.random.default_rng(len(units)).choice(units, most, replace=False).tolist())
    table = np.array([[votes[unit].get(name, 0) for name in order] for unit in units], np.int64)
    roll = [votes[unit].get("_registered", 0) for unit in units]
    registered = np.maximum(np.array(roll, np.int64), table.sum(axis=1)) if any(roll) else None
    regions = [_region(path.stem, unit) for unit in units]
    return Race(path.stem, tuple(units), tuple(regions), tuple(order), table, registered)


def _region(race: str, unit: str) -> str:
    """The part of a unit's name that says where it lies."""
    if "|" not in unit or race.startswith("cl_"):
        return ""
    return unit[:2] if race.startswith("pl_") else unit.split("|")[0]


def earlier(race: Race, folder: Path) -> Baseline | None:
    """The earlier election of a race by its units; nought where a unit has none."""
    if race.name not in EARLIER:
        return None
    before = read_race(folder / f"{EARLIER[race.name]}.csv")
    pair = [before.candidates.index(name) for name in PAIR.get(race.name, before.candidates[:2])]
    had: dict[str, Ints] = {}
    for unit, votes in zip(before.units, before.votes, strict=True):
        numbers = np.array([votes[pair[0]], votes[pair[1]], votes.sum()])
        for key in dict.fromkeys((_key(unit), _key(unit.split("|")[-1]), _key(unit.split("|")[0]))):
            had[key] = had.get(key, np.zeros(3, np.int64)) + numbers
    found = np.array([had.get(_key(unit), np.zeros(3)) for unit in race.units], np.float64)
    return Baseline(found[:, 0], found[:, 1], found[:, 2], None)


def _key(unit: str) -> str:
    plain = unicodedata.normalize("NFD", unit.upper()).replace("SAINT ", "ST ")
    return "".join(letter for letter in plain if letter.isalnum() or letter == "|")


def orders(race: Race, rng: np.random.Generator) -> Iterator[tuple[str, Ints]]:
    """Orders in which units report."""
    size, n = race.votes.sum(axis=1), len(race.units)
    share = race.votes[:, :2] / size[:, None]
    yield "random", rng.permutation(n)
    yield "small", np.argsort(size, kind="stable")
    yield "large", np.argsort(-size, kind="stable")
    yield "first's", np.argsort(-share[:, 0], kind="stable")
    yield "second's", np.argsort(-share[:, 1], kind="stable")
    names = sorted(set(race.regions))
    if len(names) > 1:
        place = {name: at for at, name in enumerate(rng.permutation(names).tolist())}
        yield "region", np.lexsort((rng.uniform(size=n), [place[region] for region in race.regions]))


def night(race: Race, reported: Ints, baseline: Baseline | None) -> Count:
    """The count with some units in and all others out."""
    n = len(race.units)
    votes = np.zeros((n, 1, len(race.candidates)), np.int64)
    votes[reported, 0] = race.votes[reported]
    complete = np.zeros((n, 1), bool)
    complete[reported] = True
    roll = race.registered
    if roll is None:
        roll = np.full(n, NOT_TOLD, np.int64)
    people = tuple(Candidate(name, name, name) for name in race.candidates)
    first = FirstRound(people, race.units, race.regions, votes[:, 0], roll, votes[:, 0].sum(axis=1), ())
    missing = np.setdiff1d(np.arange(n), reported)
    out = tuple(Out(race.units[u], (int(u),), 0, False, None, None, None) for u in missing.tolist())
    return Count(first, roll, ("",), votes, complete, out, baseline, ())


def nights(race: Race, baseline: Baseline | None, seed: int) -> Iterator[tuple[str, float, Ints]]:
    """Order, part of the votes and the units that are in."""
    rng = np.random.default_rng(seed)
    size = race.votes.sum(axis=1)
    for order, units in orders(race, rng):
        upto = np.cumsum(size[units])
        for counted in COUNTED:
            k = min(max(int(np.searchsorted(upto, counted * upto[-1])) + 1, 2), len(units) - 1)
            yield order, counted, units[:k]


def judged(race: Race, baseline: Baseline | None, seed: int) -> Iterator[dict[str, object]]:
    """A row for each of the first five candidates of each night."""
    final = race.votes.sum(axis=0) / race.votes.sum()
    for order, counted, reported in nights(race, baseline, seed):
        started = time.perf_counter()
        count = canonical_count(with_modes(night(race, np.sort(reported), baseline)))
        settings = CountingSection(status="-", baseline_candidates=SAME.get(race.name) if baseline else None)
        totals = draw_first_round(prepare(count, settings), seed, TRIALS).totals
        names = [candidate.name for candidate in count.first_round.candidates]
        totals = totals[:, [names.index(name) for name in race.candidates]]
        share = totals / totals.sum(axis=1, keepdims=True)
        rank = np.argsort(np.argsort(-totals, axis=1), axis=1)
        plain = race.votes[reported].sum(axis=0) / race.votes[reported].sum()
        swing = _swing(race, baseline, reported)
        for c in range(min(5, len(names))):
            q = np.quantile(share[:, c], [0.05, 0.1, 0.5, 0.9, 0.95])
            lines = plain[c] + np.array(LINES) / 100
            yield {
                "race": race.name, "baseline": int(baseline is not None), "roll": int(race.registered is not None),
                "order": order, "counted": counted, "units": len(race.units), "in": len(reported), "candidate": c,
                "truth": final[c], "mean": share[:, c].mean(), "sd": share[:, c].std(),
                "q05": q[0], "q10": q[1], "q50": q[2], "q90": q[3], "q95": q[4], "plain": plain[c],
                "swing": "" if swing is None or c > 1 else swing[c],
                "p_above": " ".join(f"{p:.4f}" for p in (share[:, c, None] > lines).mean(axis=0)),
                "above": " ".join(str(int(x)) for x in final[c] > lines),
                "p_advance": (rank[:, c] < 2).mean(), "advance": int(c < 2), "seconds": time.perf_counter() - started,
            }  # fmt: skip


def _swing(race: Race, baseline: Baseline | None, reported: Ints) -> list[float] | None:
    """Per-candidate swing on the baseline: its race-wide share, moved as the reported units' share has moved."""
    if baseline is None or race.name not in SAME:
        return None
    assert baseline.ballots is not None
    result = []
    for c in range(2):
        column = baseline.first if race.candidates[c] == SAME[race.name][0] else baseline.second
        now = race.votes[reported, c].sum() / race.votes[reported].sum()
        then = column[reported].sum() / baseline.ballots[reported].sum()
        result.append(float(column.sum() / baseline.ballots.sum() + now - then))
    return result


def main() -> None:
    """Replay the races of a folder and write a row a candidate of a night."""
    folder, out, only = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]
    rows: list[dict[str, object]] = []
    for path in sorted(folder.glob("*.csv")):
        if path.stem in OTHERS or (only and not any(part in path.stem for part in only)):
            continue
        race = read_race(path, MOST_UNITS)
        if len(race.units) < LEAST_UNITS:
            continue
        for baseline in (None, earlier(race, folder)) if race.name in EARLIER else (None,):
            started = time.perf_counter()
            rows += judged(race, baseline, 1)
            print(race.name, baseline is not None, len(race.units), round(time.perf_counter() - started, 1), flush=True)
            with out.open("w", encoding="utf-8", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)


if __name__ == "__main__":
    main()
