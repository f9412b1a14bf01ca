"""Rebuilds what had been counted in Georgia's 6th district at 22:40 and at 01:30, from certified results.

    python -m tests.data.reconstruct_ga06_night configs/ga06-2017 FOLDER

Published: Cobb and DeKalb complete, all in-person early votes in, 19 of Fulton's precincts with their
election-day votes, and six totals at 22:40; at 01:30 25 of Fulton's precincts missing and two shares.  Not
published: which precincts.  A set is found by descent: from a random set, the swap of two precincts that
brings the sums nearest to the published ones, until none does; the best of STARTS such sets.  The set at
01:30 holds the one at 22:40.

Fulton's mail is taken as not yet counted at 22:40: with it no set of 19 precincts comes nearer than 200
votes to the six totals, without it many come within 40; and "Fulton early vote: Ossoff 61, Handel 16,
Moody 9" of 20:44 is the in-person early vote alone (60.9, 16.1, 9.1; with mail 62.1, 15.6, 8.8).
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Row = dict[str, str]

NAMED = ("Jon Ossoff", "Karen Handel", "Judson Hill", "Bob Gray", "Dan Moody")
DAY, MAIL, EARLY, PROVISIONAL = "election_day", "absentee_by_mail", "advance_in_person", "provisional"
# Votes of NAMED and of all candidates at 22:40: the-liberty-extra's copy of Patch's page, thelibertyextra.com.
AT_2240 = (71_970, 25_934, 14_390, 13_765, 12_040, 143_080)
IN_2240 = 19
# At 01:00 and 01:30: Ossoff 48.27 to 48.3 %, Handel 19.65 to 19.7 %, 25 Fulton precincts out (gareport.com,
# theweek.com).  Votes were not published: 33 precincts were out at 00:03 with 183,000 counted of the night's
# 192,080, so 25 hold about 6,900 of these.
SHARES_0130 = (0.4828, 0.1967)
COUNTED_0130 = 185_200
OUT_0130 = 25
STARTS = 200


def read(path: Path) -> list[Row]:
    """Rows of a CSV file."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def total(rows: Iterable[Row]) -> Ints:
    """Votes of NAMED, then of all candidates: int64[6]."""
    result = np.zeros(len(NAMED) + 1, np.int64)
    for row in rows:
        votes = int(row["votes"])
        result[-1] += votes
        if row["candidate"] in NAMED:
            result[NAMED.index(row["candidate"])] += votes
    return result


def nearest(sums: Ints, size: int, target: Ints, weight: Ints, seed: int) -> npt.NDArray[np.bool_]:
    """Which `size` rows of `sums` int64[n, 6] add up nearest to `target`, by weighted absolute distance."""
    rng = np.random.default_rng(seed)
    best, least = np.zeros(len(sums), bool), np.inf
    for _ in range(STARTS):
        chosen = np.zeros(len(sums), bool)
        chosen[rng.permutation(len(sums))[:size]] = True
        away = sums[chosen].sum(axis=0) - target
        distance = float((np.abs(away) * weight).sum())
        while True:
            inside, outside = np.flatnonzero(chosen), np.flatnonzero(~chosen)
            swapped = away + sums[outside][None] - sums[inside][:, None]
            distances = (np.abs(swapped) * weight).sum(axis=2)
            i, o = np.unravel_index(int(distances.argmin()), distances.shape)
            if distances[i, o] >= distance:
                break
            chosen[inside[i]], chosen[outside[o]] = False, True
            away, distance = swapped[i, o], float(distances[i, o])
        if distance < least:
            best, least = chosen, distance
    return best


def reconstruct(rows: list[Row]) -> dict[str, tuple[list[Row], list[str]]]:
    """For each moment, the rows counted and Fulton's precincts whose election-day votes are out."""
    fulton = list(dict.fromkeys(row["unit"] for row in rows if row["region"] == "Fulton"))
    day = {unit: [r for r in rows if r["unit"] == unit and r["mode"] == DAY] for unit in fulton}
    sums = np.array([total(day[unit]) for unit in fulton])
    known = [r for r in rows if r["region"] != "Fulton" and r["mode"] != PROVISIONAL]
    known += [r for r in rows if r["region"] == "Fulton" and r["mode"] == EARLY]
    mail = [r for r in rows if r["region"] == "Fulton" and r["mode"] == MAIL]
    first = nearest(sums, IN_2240, np.array(AT_2240) - total(known), np.ones(6, np.int64), 2240)
    shares = (*(round(share * COUNTED_0130) for share in SHARES_0130), 0, 0, 0, COUNTED_0130)
    everything = total(known) + total(mail) + sums.sum(axis=0)
    left = np.flatnonzero(~first)
    gone = nearest(sums[left], OUT_0130, everything - np.array(shares), np.array([1, 1, 0, 0, 0, 1]), 130)
    out = {"2240": [fulton[i] for i in left], "0130": [fulton[i] for i in left[gone]]}
    moments = {}
    for moment, missing in out.items():
        base = known + (mail if moment == "0130" else [])
        counted = {id(r) for r in base} | {id(r) for unit in fulton if unit not in missing for r in day[unit]}
        moments[moment] = ([r for r in rows if id(r) in counted], missing)
    return moments


def write(folder: Path, moment: str, counted: list[Row], missing: list[str]) -> None:
    """The moment's two tables: what is counted, and what is known to be out."""
    with (folder / f"counted-{moment}.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(counted[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(counted)
    lines = ["unit,mode,state"] + [f"{unit},{DAY},out" for unit in missing]
    lines += [f"Fulton,{MAIL},out"] if moment == "2240" else []
    lines += [f"{county},{PROVISIONAL},out" for county in ("Cobb", "DeKalb", "Fulton")]
    (folder / f"status-{moment}.csv").write_text("\n".join(lines) + "\n", "utf-8")


def main() -> None:
    """Rebuild both moments and say how near they come."""
    source, folder = map(Path, sys.argv[1:3])
    for moment, (counted, missing) in reconstruct(read(source / "first-round-by-mode.csv")).items():
        write(folder, moment, counted, missing)
        sums = total(counted)
        print(moment, dict(zip((*NAMED, "all"), sums.tolist(), strict=True)), np.round(100 * sums / sums[-1], 2))


if __name__ == "__main__":
    main()
