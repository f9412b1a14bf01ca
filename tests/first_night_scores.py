"""Tables of what `tests.first_night_of_races` has written: coverage, errors and bins, standard errors by whole races.

python -m tests.first_night_scores OUT.csv ...
"""

from __future__ import annotations

import csv
import itertools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

ORDERS = ("random", "small", "large", "first's", "second's", "region")
COUNTED = ("0.1", "0.3", "0.6")
BINS = (0.0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98, 1.0)
FEWEST = 5  # rows of a bin
HEAD = "nights | inside 80 % | 90 % | error, points | less plain | less swing | width | rms z | middle z"
Floats = npt.NDArray[np.float64]
Row = dict[str, str]


def of(rows: Sequence[Row], column: str) -> Floats:
    """A column of numbers; empty ones are NaN."""
    return np.array([float(row[column] or "nan") for row in rows])


def mean(values: Floats, races: Sequence[str]) -> tuple[float, float]:
    """A mean over nights and its standard error, whole races being drawn."""
    _, place = np.unique(races, return_inverse=True)
    off = np.bincount(place, values - values.mean())
    return float(values.mean()), float(np.sqrt((off**2).sum() * len(off) / max(len(off) - 1, 1)) / len(values))


def line(rows: Sequence[Row]) -> str:
    """Coverage in per cent, errors in points, and how wide the ranges are; the middle z is the median's, scaled."""
    races, truth = [row["race"] for row in rows], of(rows, "truth")
    cells = [str(len(rows) // 2)]
    for low, high in (("q10", "q90"), ("q05", "q95")):
        inside = ((truth >= of(rows, low)) & (truth <= of(rows, high))).astype(float)
        cells.append("{:.0f} ± {:.0f}".format(*mean(100 * inside, races)))
    own = 100 * np.abs(of(rows, "q50") - truth)
    cells.append(f"{own.mean():.2f}")
    for rival in ("plain", "swing"):
        less = own - 100 * np.abs(of(rows, rival) - truth)
        known = ~np.isnan(less)
        some = list(itertools.compress(races, known.tolist()))
        cells.append("{:+.2f} ± {:.2f}".format(*mean(less[known], some)) if known.any() else "")
    z = (truth - of(rows, "mean")) / np.maximum(of(rows, "sd"), 1e-9)
    width = 100 * (of(rows, "q90") - of(rows, "q10")).mean()
    cells += [f"{width:.1f}", f"{np.sqrt((z**2).mean()):.2f}", f"{np.median(np.abs(z)) / 0.6745:.2f}"]
    return " | ".join(cells)


def bins(rows: Sequence[Row], said: str, came: str) -> list[str]:
    """What was said and what came true, bin by bin, and the difference in standard errors."""
    p, true, races = of(rows, said), of(rows, came), np.array([row["race"] for row in rows])
    lines = []
    for low, high in itertools.pairwise(BINS):
        mine = (p >= low) & ((p < high) | (high == 1.0))
        if mine.sum() >= FEWEST:
            more, error = mean(true[mine] - p[mine], races[mine].tolist())
            cells = f"{int(mine.sum())} | {100 * p[mine].mean():.1f} | {100 * true[mine].mean():.1f}"
            lines.append(f"| {said} {low:g} to {high:g} | {cells} | {100 * more:+.1f} ± {100 * error:.1f} |")
    return lines


def _above(rows: Sequence[Row]) -> list[Row]:
    """A row for each line above which the share may end."""
    return [
        {"race": row["race"], "p_above": p, "above": true}
        for row in rows
        for p, true in zip(row["p_above"].split(), row["above"].split(), strict=True)
    ]


def main() -> None:
    """Print the tables."""
    every: list[Row] = []
    for path in sys.argv[1:]:
        with Path(path).open(encoding="utf-8", newline="") as file:
            every += csv.DictReader(file)
    kinds: dict[str, Callable[[Row], bool]] = {
        "no baseline": lambda row: row["baseline"] == "0",
        "no baseline, a roll": lambda row: row["baseline"] == "0" and row["roll"] == "1",
        "no baseline, no roll": lambda row: row["baseline"] == "0" and row["roll"] == "0",
        "a baseline": lambda row: row["baseline"] == "1",
        "a baseline of the same candidates": lambda row: row["swing"] != "",
    }
    for title, kind in kinds.items():
        rows = [row for row in every if kind(row) and row["candidate"] in "01"]
        print(f"\n{title}, {len({row['race'] for row in rows})} races\n\n| order | {HEAD} |\n|{'---|' * 10}")
        for order in ORDERS:
            mine = [row for row in rows if row["order"] == order]
            print(f"| {order} | {line(mine)} |" if mine else f"| {order} |")
            for counted in COUNTED:
                part = [row for row in mine if row["counted"] == counted]
                print(f"| {order}, {counted} | {line(part)} |" if part else "")
        print(f"| all | {line(rows)} |")
    for title in ("no baseline", "a baseline"):
        rows = [row for row in every if kinds[title](row)]
        first = [row for row in rows if row["candidate"] in "01"]
        print(f"\n{title}\n\n| chance | rows | said | came true | difference |\n|{'---|' * 5}")
        print("\n".join(bins(_above(first), "p_above", "above") + bins(rows, "p_advance", "advance")))


if __name__ == "__main__":
    main()
