"""How often the night's 80 % interval holds the final margin when GA-06's precincts report in random orders.

    python -m tests.runoff_night_orders whole 0.3 200      # a precinct reports all its modes at once
    python -m tests.runoff_night_orders day 0.3 200        # in-person early votes of all are in, mail is out

The order is random; what is counted is the certified table by mode.  One race in many orders: they are not
independent nights.
"""

from __future__ import annotations

import csv
import sys
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from runoff.data.counts.runoff_count import COMPLETE, OUT, FirstModes, Reported, first_modes
from runoff.model.pools import build
from runoff.phases.runoff_night.model.design import prepare
from runoff.phases.runoff_night.model.draw import draw_night
from runoff.phases.runoff_night.model.fit import fit
from runoff.phases.runoff_night.naive import naive_forecast
from runoff.runfile.load import Case, load

GA06 = Path(__file__).parents[1] / "configs" / "ga06-2017"
MODES = ("election_day", "absentee_by_mail", "advance_in_person", "provisional")
TRIALS = 2_048


@cache
def race() -> tuple[Case, FirstModes | None]:
    """GA-06's night with its first round by mode."""
    loaded = load(GA06 / "runoff-night.toml")
    return loaded, first_modes(loaded)


def certified(modes: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """The runoff by precinct and mode: int64[U, M, 2]."""
    loaded, _ = race()
    units = {unit: i for i, unit in enumerate(loaded.first_round.units)}
    votes = np.zeros((len(units), len(modes), 2), np.int64)
    with (GA06 / "runoff-result-by-mode.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            at = units[row["unit"]], modes.index(row["mode"]), loaded.finalists.index(row["candidate"])
            votes[at] += int(row["votes"])
    return votes


def state(kind: str, part: float, rng: np.random.Generator, votes: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """What is complete when a part of the votes of a random order of precincts is counted: int64[U, 4]."""
    order = rng.permutation(len(votes))
    size = votes.sum(axis=(1, 2))[order]
    inside = order[: int(np.searchsorted(np.cumsum(size), part * size.sum())) + 1]
    found = np.full(votes.shape[:2], OUT, np.int64)
    found[inside, 0] = COMPLETE
    if kind == "whole":
        found[inside, 1:] = COMPLETE
    else:
        found[:, 2] = COMPLETE
    return found


def main() -> None:
    """Try some orders and say how often both intervals held, and how wide they were."""
    kind, part, orders = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    loaded, first = race()
    assert first is not None
    final = certified(first.modes)
    places = [first.modes.index(mode) for mode in MODES]
    truth = final.sum(axis=(0, 1))
    margin = (truth[0] - truth[1]) / truth.sum()
    model, rng, rows = build(loaded), np.random.default_rng(20170620), []
    for number in range(orders):
        standing = np.empty(final.shape[:2], np.int64)
        standing[:, places] = state(kind, part, rng, final[:, places])
        reported = Reported(first.modes, np.where(standing[..., None] == COMPLETE, final, 0), standing, ("", ""))
        prepared = prepare(model, first, reported, loaded.run_file.night, number)
        drawn = draw_night(
            prepared, fit(prepared.model, prepared.seen, prepared.polled), reported, loaded.first_round.units,
            trials=TRIALS, seed=number, threads=1,
        )  # fmt: skip
        of_trial = (drawn.votes[:, 0] - drawn.votes[:, 1]) / drawn.votes.sum(axis=1)
        place = np.argsort(of_trial)
        upto = np.cumsum(drawn.weights[place]) / drawn.weights.sum()
        low, middle, high = of_trial[place][np.searchsorted(upto, (0.1, 0.5, 0.9))]
        naive = naive_forecast(prepared.model, reported)
        assert naive is not None
        rows.append((low <= margin <= high, high - low, middle - margin, naive.low <= margin <= naive.high,
                     naive.high - naive.low, naive.margin - margin, drawn.effective / TRIALS))  # fmt: skip
    table = np.array(rows, float)
    mean = table.mean(axis=0)
    print(f"{kind} {part:.0%}: inside {mean[0]:.3f}, width {100 * mean[1]:.2f}, off {100 * mean[2]:+.2f} "
          f"(sd {100 * table[:, 2].std():.2f}); naive inside {mean[3]:.3f}, width {100 * mean[4]:.2f}, "
          f"off {100 * mean[5]:+.2f} (sd {100 * table[:, 5].std():.2f}); effective {mean[6]:.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
