"""How units differ in finished races: the numbers of `arrival`, and how far one race moves them.

python -m tests.first_night_habits FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

from runoff.estimate.chosen import l_skewness, top_skewness, truncated
from tests.first_night_of_races import LEAST_UNITS, MOST_UNITS, OTHERS, Race, nights, read_race

LEAST_IN = 8  # units in of a night that tells of skewness
Floats = npt.NDArray[np.float64]


def log_odds(race: Race, candidate: int) -> Floats:
    """A candidate's log-odds by unit, float64[U]."""
    votes = race.votes[:, candidate]
    result: Floats = np.log((votes + 0.5) / (race.votes.sum(axis=1) - votes + 0.5))
    return result


def found(race: Race) -> dict[str, list[float]]:
    """Log sd of units, L-skewness of samples and of tops less a normal top's, and log distance of the rest of tops."""
    size = race.votes.sum(axis=1)
    result: dict[str, list[float]] = {"log sd": [], "skew": [], "skew of the top": [], "log gap": []}
    result["log sd of votes"] = [float(np.log(np.log(size).std()))]
    for candidate in range(2):
        odds = log_odds(race, candidate)
        result["log sd"].append(float(np.log(odds.std())))
        for order, _, reported in nights(race, None, 1):
            into = odds[reported]
            top = order == ("first's", "second's")[candidate]
            if len(into) < LEAST_IN or not (top or order == "random"):
                continue
            part = len(into) / len(odds)
            result["skew of the top" if top else "skew"].append(l_skewness(into) - top * top_skewness(part))
            if top:
                rest = np.setdiff1d(np.arange(len(odds)), reported)
                away = np.average(into, weights=size[reported]) - np.average(odds[rest], weights=size[rest])
                usual = truncated(part)[1] * into.std()
                result["log gap"].append(float(np.log(max(away / usual, 0.05))))
    return result


def main() -> None:
    """Print each number with its spread, and its range where one race after the other is left out."""
    races = [read_race(path, MOST_UNITS) for path in sorted(Path(sys.argv[1]).glob("*.csv")) if path.stem not in OTHERS]
    each = [found(race) for race in races if len(race.units) >= LEAST_UNITS and race.name != "us_ga_hd6_20170418"]
    for name in each[0]:
        parts = [np.array(one[name]) for one in each]
        whole = np.concatenate(parts)
        left = [np.median(np.concatenate(parts[:i] + parts[i + 1 :])) for i in range(len(parts))]
        print(f"{name}: median {np.median(whole):.2f} ({min(left):.2f} to {max(left):.2f}), sd {whole.std():.2f}")


if __name__ == "__main__":
    main()
