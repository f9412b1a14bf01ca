"""The tables of the races in configs/ that are in the archive, written from it.

python -m tests.data.tables_of_past_races
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from runoff import Archive
from runoff.data.archive.races import PastRace

CONFIGS = Path(__file__).parents[2] / "configs"
RACES = {
    "ga-senate-2020": "us_ga_sen_20201103",
    "la-senate-2002": "us_la_sen_20021105",
    "fr-president-2017": "fr_pres_2017",
    "cl-president-2017": "cl_pres_2017",
    "fr-saone-et-loire-5-2024": "fr_leg_2024_71-05",
}
_UNITS = {"fr-president-2017": "France", "cl-president-2017": "Chile", "fr-saone-et-loire-5-2024": "Saône-et-Loire 5"}
_OWN_WORDS = (
    "fr-saone-et-loire-5-2024"  # its table has the ministry's codes alone, and the run file says what they mean
)


def tables(folder: str) -> dict[str, str]:
    """The text of each table of a race's folder, by its name."""
    race = Archive.load().by_id[RACES[folder]]
    unit = _UNITS.get(folder, race.country.partition("(")[2].rstrip(")"))
    found = {"first-round.csv": _first_round(race, unit, folder), "result.csv": _result(race, unit)}
    polls = [poll for poll in race.polls if poll.day >= race.date_first]
    if polls:
        a, b = (candidate.name for candidate in race.finalists)
        rows = [[p.pollster, p.day, p.sample_size, f"{p.percent_a:g}", f"{p.percent_b:g}", p.partisan] for p in polls]
        header = ["pollster", "end", "sample_size", a, b, "side", "source"]
        found["polls.csv"] = _csv([header, *([*row, poll.source] for row, poll in zip(rows, polls, strict=True))])
    return found


def _first_round(race: PastRace, unit: str, folder: str) -> str:
    labels = all(candidate.party == candidate.bloc for candidate in race.candidates) or folder == _OWN_WORDS
    header = ["unit", "candidate", "votes", "party"] + ([] if labels else ["bloc"])
    rows = [[unit, c.name, c.first_round_votes, c.party, *([] if labels else [c.bloc])] for c in race.candidates]
    return _csv([header, *rows])


def _result(race: PastRace, unit: str) -> str:
    rows = [[unit, candidate.name, candidate.runoff_votes, candidate.party] for candidate in race.finalists]
    return _csv([["unit", "candidate", "votes", "party"], *rows])


CHAMBERS = {
    "fr-assembly-2017": "france-national-district-2017-06-18",
    "fr-assembly-2024": "france-national-district-2024-07-07",
}


def chamber(folder: str) -> dict[str, str]:
    """The tables of a whole chamber: every district's first round, and the runoffs' votes."""
    archive = Archive.load().election(CHAMBERS[folder])
    header = ["district", "region", "candidate", "votes", "party", "bloc", "registered", "withdrew"]
    first: list[list[object]] = []
    for place in sorted([*archive.races, *archive.outright], key=lambda place: place.id):
        district = place.id.rsplit("_", 1)[1]
        first += [
            [district, district.rpartition("-")[0], c.name, c.first_round_votes, c.nuance, c.bloc,
             place.first.registered, "yes" if c.withdrew else ""]
            for c in place.candidates
        ]  # fmt: skip
    result = [
        [race.id.rsplit("_", 1)[1], candidate.name, candidate.runoff_votes]
        for race in archive.races
        for candidate in race.finalists
    ]
    votes: list[list[object]] = [["district", "candidate", "votes"], *result]
    return {"first-round.csv": _csv([header, *first]), "result.csv": _csv(votes)}


def _csv(rows: list[list[object]]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue()


if __name__ == "__main__":
    for name in RACES:
        for table, text in tables(name).items():
            (CONFIGS / name / table).write_text(text, "utf-8")
    for name in CHAMBERS:
        for table, text in chamber(name).items():
            (CONFIGS / name / table).write_text(text, "utf-8")
