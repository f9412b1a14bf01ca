"""Nights of three finalists made from real races of two: real maps, with a third whose voters mostly stay.

    python -m tests.nights_of_triangles FOLDER NIGHTS.jsonl [--most 400] [--trials 1024]

FOLDER is that of `tests.nights_of_races`.  Real runoffs of three by unit are rare; so the third of each first round
runs on.  In every unit a part of his first-round voters stays with him, and is taken from where his voters went: of the
real runoff's votes of the two others, in the ratio that bounded least squares over the units gives (Goodman 1953,
doi:10.2307/2088121).  Were it taken in proportion, units would split between the two as if the third's voters had still
voted for them, which no pools can do.  The part that stays has a level of the race's own, a slope on his lean, and a
unit's own noise, which no forecast knows.  Races whose third had less than a twentieth of the votes, or whose others
are one sum, are left out.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from scipy import optimize, special

from runoff.app.rehearse import rehearse
from runoff.runfile.load import load
from tests import nights_of_races as real

LEAST = 0.05  # of the first round's votes, for the third
STAY, STAY_SD, SLOPE, OWN = 1.8, 0.5, 0.2, 0.2  # log-odds of staying: level, its spread, slope on lean, unit's noise
MOST_TAKEN = 0.8  # of a finalist's votes in a unit
SUM_OF_OTHERS = "Other candidates"  # how a table's sum of all others begins


def with_third(path: Path, into: Path) -> Path | None:
    """The race's table with a third finalist in its second round; None where it has nobody for that."""
    rows, _ = real.read(path)
    units = sorted({row["unit"] for row in rows})
    place = {unit: u for u, unit in enumerate(units)}
    finalists = sorted({row["candidate"] for row in rows if row["round"] == "2"})
    first: dict[str, np.ndarray] = {}
    second = {name: np.zeros(len(units)) for name in finalists}
    for row in rows:
        table = first if row["round"] == "1" else second
        table.setdefault(row["candidate"], np.zeros(len(units)))[place[row["unit"]]] += int(row["votes"])
    others = {n: float(v.sum()) for n, v in first.items() if n not in finalists and not n.startswith(SUM_OF_OTHERS)}
    if len(finalists) != 2 or not others:
        return None
    third = max(others, key=lambda name: others[name])
    if others[third] < LEAST * sum(float(votes.sum()) for votes in first.values()):
        return None
    seed = int.from_bytes(hashlib.sha256(path.stem.encode()).digest()[:8], "little")
    rng = np.random.default_rng(seed)
    lean = np.log((first[third] + 5.0) / (first[finalists[0]] + first[finalists[1]] + 10.0))
    lean -= np.average(lean, weights=first[third] + 1.0)
    odds = STAY + STAY_SD * rng.standard_normal() + SLOPE * lean + OWN * rng.standard_normal(len(units))
    to_first = went(first, second, finalists, third)
    from_each = dict(zip(finalists, (to_first, 1.0 - to_first), strict=True))
    room = np.minimum(*(MOST_TAKEN * second[name] / max(part, 1e-9) for name, part in from_each.items()))
    stays = np.minimum(rng.binomial(first[third].astype(int), special.expit(odds)), room).astype(int)
    found = {name: np.round(second[name] - part * stays).astype(int) for name, part in from_each.items()}
    found[third] = stays
    with path.open(newline="", encoding="utf-8") as file:
        kept = [row for row in csv.DictReader(file) if row["round"] == "1" or row["candidate"].startswith("_")]
    made = into / path.name
    with made.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(("unit", "round", "candidate", "party", "votes"))
        table.writerows([row[key] for key in ("unit", "round", "candidate", "party", "votes")] for row in kept)
        for name, votes in found.items():
            table.writerows((unit, 2, name, "", int(votes[u])) for u, unit in enumerate(units))
    return made


def went(first: dict[str, Any], second: dict[str, Any], finalists: list[str], third: str) -> float:
    """Of the third's voters who chose one of the two finalists, the part that chose the first of these."""
    rest = sum((votes for name, votes in first.items() if name not in (*finalists, third)), np.zeros_like(first[third]))
    groups = np.column_stack([first[finalists[0]], first[finalists[1]], first[third], rest])
    scale = 1.0 / np.sqrt(np.maximum(groups.sum(axis=1), 1.0))
    chose = [
        float(optimize.lsq_linear(groups * scale[:, None], second[name] * scale, (0.0, 1.0)).x[2]) for name in finalists
    ]
    return float(np.clip(chose[0] / sum(chose), 0.1, 0.9)) if sum(chose) > 0.0 else 0.5


def nights(path: Path, trials: int) -> list[real.Night]:
    """All nights of a race with a third, or none."""
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "race").mkdir()
        made = with_third(path, Path(place))
        if made is None:
            return []
        file = real.folder(made, Path(place) / "race")
        text = file.read_text("utf-8").replace("names =", "advance = 3\nnames =")
        to = next(line for line in text.split("\n") if line.startswith("preference = { to ="))
        finalists = json.loads(next(line for line in text.split("\n") if line.startswith("names =")).partition("=")[2])
        means = ", ".join(
            f"{json.dumps(name, ensure_ascii=False)} = {part}"
            for name, part in zip(finalists, (0.34, 0.33, 0.33), strict=True)
        )
        file.write_text(text.replace(to, f"preference = {{ means = {{ {means} }}, worth = 4 }}"), "utf-8")
        found = rehearse(load(file), file.parent / "result.csv", counted=(10, 30, 60), trials=trials, threads=1)
    return [{"race": path.stem, "kind": "three", **row} for row in found.tables["rehearsal_nights"]]


def main() -> None:
    """Rehearse the races that are not there yet, and print the scores."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("folder", type=Path)
    words.add_argument("nights", type=Path)
    words.add_argument("--most", type=int, default=400, help="units of a race")
    words.add_argument("--trials", type=int, default=1_024)
    asked = words.parse_args()
    there = [json.loads(line) for line in asked.nights.read_text("utf-8").splitlines()] if asked.nights.exists() else []
    done = {row["race"] for row in there}
    for path in real.races(asked.folder):
        if path.stem in done or len({row["unit"] for row in real.read(path)[0]}) > asked.most:
            continue
        found = nights(path, asked.trials)
        with asked.nights.open("a", encoding="utf-8") as file:
            file.writelines(json.dumps(row) + "\n" for row in found)
        there += found
    print(real.table(there))
    print(real.bins(there))


if __name__ == "__main__":
    main()
