"""Rebuilds what had been counted in Georgia's 6th district at three moments of 20 June 2017.

    python -m tests.data.reconstruct_ga06_runoff_night configs/ga06-2017 FOLDER

from the runoff by precinct and vote mode, `runoff-result-by-mode.csv`.

Published of the evening: at 20:09 early votes of all three counties, 115,000, Ossoff at 50.7; at 20:55 19 of 208
precincts, 49 to 50; at 21:30 99 of 208, 47 to 52, Cobb four fifths in, DeKalb half, Fulton a third; at 21:40 mail is
still waited for.  In-person early votes alone are 114,771 with Ossoff at 50.67: they are what is in at 20:09, and mail
is out at all three moments, as are provisional ballots, which were certified days later.

Which precincts were in was not published.  They are drawn: each county's precincts in an order that falls from a seeded
generator, the same at both hours, so that what is in at 20:55 is in at 21:30.  A precinct that is in has its
election-day votes in.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

Row = dict[str, str]

DAY, MAIL, EARLY, PROVISIONAL = "election_day", "absentee_by_mail", "advance_in_person", "provisional"
MODES = (DAY, MAIL, EARLY, PROVISIONAL)
SEED = 20170620
# Precincts in by county.  21:30: four fifths of Cobb's 50, half of DeKalb's 43, a third of Fulton's 115 make 100, one
# more than were in; Fulton gives it up.  20:55: nineteen in the same proportions.
IN: dict[str, dict[str, int]] = {
    "2009": {},
    "2055": {"Cobb": 8, "DeKalb": 4, "Fulton": 7},
    "2130": {"Cobb": 40, "DeKalb": 22, "Fulton": 37},
}


def read(path: Path) -> list[Row]:
    """Rows of a CSV file."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def order(rows: list[Row]) -> dict[str, list[str]]:
    """Each county's precincts in the order in which their election day is counted."""
    rng = np.random.default_rng(SEED)
    result = {}
    for county in sorted({row["region"] for row in rows}):
        units = list(dict.fromkeys(row["unit"] for row in rows if row["region"] == county))
        result[county] = [units[i] for i in rng.permutation(len(units))]
    return result


def counted(rows: list[Row], moment: str) -> list[Row]:
    """What is in at a moment, in the columns of a results table; cells that are out have no rows."""
    paces = IN[moment].items()
    inside = {unit for county, pace in paces for unit in order(rows)[county][:pace]}
    votes = {(row["unit"], row["candidate"], row["mode"]): row["votes"] for row in rows}
    who = list(dict.fromkeys((row["region"], row["unit"], row["candidate"], row["party"]) for row in rows))
    result = []
    for region, unit, candidate, party in who:
        for mode in MODES:
            if mode == EARLY or (mode == DAY and unit in inside):
                number = votes.get((unit, candidate, mode), "0")
                names = {"region": region, "unit": unit, "candidate": candidate, "party": party}
                result.append({**names, "mode": mode, "votes": number})
    return result


def main() -> None:
    """Write the three tables and say what they add up to."""
    source, folder = map(Path, sys.argv[1:3])
    rows = read(source / "runoff-result-by-mode.csv")
    for moment in IN:
        table = counted(rows, moment)
        with (folder / f"runoff-counted-{moment}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(table[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(table)
        first = sum(int(row["votes"]) for row in table if row["candidate"] == "Jon Ossoff")
        total = sum(int(row["votes"]) for row in table)
        print(moment, f"{total:,} votes, Ossoff {100 * first / total:.2f} %")


if __name__ == "__main__":
    main()
