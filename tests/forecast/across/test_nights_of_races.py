"""Many races' nights: a table of both rounds becomes a run file of somebody who knows the first alone."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from runoff.app.rehearse import COUNTED, ORDERS
from runoff.runfile.load import load
from tests import nights_of_races as many
from tests import runoff_night as night


def _table(path: Path) -> Path:
    """The small night in the form of the races' tables, with a unit that has no second round."""
    loaded = night.of_folder(path / "night", by_mode=False)
    votes = night.draw_truth(loaded, np.random.default_rng(1), ("",))
    rows = [tuple(row.split(",")) for row in night.first_round(by_mode=False)]
    first = [(f"{region}|{unit}", 1, name, party, count) for region, unit, name, party, count in rows]
    second = [(f"{unit[0]}|{unit}", 2, name, "", votes[u, 0, k]) for u, unit in enumerate(loaded.first_round.units)
              for k, name in enumerate(loaded.finalists)]  # fmt: skip
    alone = [("n|gone", 1, name, party, 100) for name, party in night.CANDIDATES]
    with (path / "small.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("unit", "round", "candidate", "party", "votes"), *first, *alone, *second])
    return path / "small.csv"


def test_a_run_file_knows_the_first_round_alone(tmp_path: Path) -> None:
    """Regions stand before the bar, finalists and parties come along, and the result is no part of it."""
    table = _table(tmp_path)
    assert many.races(tmp_path) == [table]
    assert many.kind(table) == "partisan"
    place = tmp_path / "race"
    place.mkdir()
    case = load(many.folder(table, place))
    assert len(case.first_round.units) == len(night.UNITS)
    assert set(case.first_round.regions) == {"n", "s"}
    assert case.finalists == ("Ada", "Bo")
    assert "result.csv" not in case.text
    assert case.run_file.night.results is None


def test_scores_of_many_races_are_tables(tmp_path: Path) -> None:
    """All orders and shares of a race, its units in one row, and tables by order, share, kind and bin."""
    found = many.nights(_table(tmp_path), trials=256)
    nights = [row for row in found if row["order"] != "units"]
    assert len(nights) == len(ORDERS) * (len(COUNTED) - 1)
    text = many.table(nights + [{**row, "race": "other"} for row in nights])
    assert len(text.split("\n")) == 2 + 1 + len(ORDERS) + len(COUNTED) - 1 + 1
    assert "± 0" in text  # two races alike: no spread between them
    counted = [int(line.split("|")[2]) for line in many.bins(nights).split("\n")[2:]]
    assert sum(counted) == len(nights)
    assert many.units([row for row in found if row["order"] == "units"]).count("\n") == 3
