"""Units of many races as the program draws them, the race's split given: how often ranges hold (docs/places.md).

    python -m tests.drawn_units_of_races FOLDER [--slope 0.0] [--spread 1.0] [--trials 16384]

FOLDER is that of `tests.nights_of_races`.  Each race is drawn before its runoff, with wide default rates, and with its
true split as evidence, so that only the map is judged; ranges are by mean and sd, with the noise of counting.  --slope
is added to `[places]` slope, and --spread multiplies its spread.  Two finalists.  About two minutes.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from runoff.app.given_total import units_given_total
from runoff.app.rehearsal import unit_row, unit_scores
from runoff.app.rehearse import against_others, fifths
from runoff.estimate.scores import clustered
from runoff.model.pools import build
from runoff.phases.runoff_night.read import inhabited, read
from runoff.runfile.load import load
from tests import nights_of_races as many


def judged(path: Path, slope: float, spread: float, trials: int) -> tuple[str, list[float]]:
    """The kind of a race, and its scores in the order of `unit_scores`."""
    with tempfile.TemporaryDirectory() as place:
        case = load(many.folder(path, Path(place)))
        data, _ = inhabited(read(case, Path(place) / "result.csv"))
    model = build(data.case)
    places = replace(model.places, slope=model.places.slope + slope, spread=model.places.spread * spread)
    votes = data.reported.votes.sum(1).astype(float)
    total = votes.sum(0).astype(np.int64)
    found = units_given_total(replace(model, places=places), total, trials=trials, seed=1, threads=1)
    first = data.case.first_round
    before = first.votes[:, [[c.name for c in first.candidates].index(f) for f in data.case.finalists]].astype(float)
    fifth = fifths(against_others(before, 0), first.votes.sum(1).astype(float))
    rows = [
        unit_row(its.sum(), int(fifth[u]), its[0] / its.sum(), float(found.mean[u]), float(found.sd[u]))
        for u, its in enumerate(votes)
        if its.sum()
    ]
    return model.places.kind, [np.nan if x is None else x for x in unit_scores(rows).values()]


def main() -> None:
    """Print the scores, all races and by kind, in per cent and points, with standard errors by races."""
    words = argparse.ArgumentParser()
    words.add_argument("folder", type=Path)
    words.add_argument("--slope", type=float, default=0.0)
    words.add_argument("--spread", type=float, default=1.0)
    words.add_argument("--trials", type=int, default=16384)
    asked = words.parse_args()
    races = [judged(path, asked.slope, asked.spread, asked.trials) for path in many.races(asked.folder)]
    print("races: inside 80 %, CRPS, spread of forecast by real (x 100), real less forecast by fifth of lean")
    for kind in ("all", *sorted({kind for kind, _ in races})):
        scores = np.array([row for its, row in races if kind in ("all", its)])
        columns = [column[~np.isnan(column)] for column in scores.T]
        cells = [f"{100 * c.mean():.2f} ± {100 * clustered(c, range(len(c))).se:.2f}" for c in columns]
        print(f"{kind} ({len(scores)}): {'  '.join(cells)}")


if __name__ == "__main__":
    main()
