"""How far runoff polls were from the result: sizes of their errors by maximum likelihood.

    python -m tests.data.poll_errors

`runoff_polls_archive.csv` holds 153 polls of eleven runoffs from 1988 to 2021 with their results; Georgia's
6th district of 2017 is not among them.  The model is that of `runoff.model.evidence`, written anew and plainly:
log-odds of the two-way share less the result's is normal, with a covariance of four parts:

    shared^2 (all polls of a race) + house^2 (polls of one pollster) + drift^2 min(days, days')
    + sampling, design effect / (n p (1 - p))

Sizes are in points of a share near one half (a quarter of log-odds).  Each race has one shared
error, so the shared size rests on eleven numbers: the intervals say how little is known of it.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import optimize

ARCHIVE = Path(__file__).parent / "runoff_polls_archive.csv"
LONGEST = 60  # days before the runoff; earlier polls asked about one of several pairings
TYPICAL = 600  # interviews where the table has none
DESIGN_EFFECT = 1.4
NAMES = ("shared", "house", "drift per day")

Floats = npt.NDArray[np.float64]
Row = dict[str, str]


def rows(*, before: str = "9999") -> list[Row]:
    """The archive's polls of runoffs before a day, at most LONGEST days old."""
    with ARCHIVE.open(encoding="utf-8", newline="") as file:
        found = [row for row in csv.DictReader(file) if row["runoff"] < before and int(row["days_before"]) <= LONGEST]
    assert not any("ga_hd6" in row["race"] for row in found)
    return found


def errors(polls: Sequence[Row]) -> Floats:
    """Log-odds of each poll's two-way share less the result's."""
    share = [float(row["finalist_a"]) / (float(row["finalist_a"]) + float(row["finalist_b"])) for row in polls]
    return np.array([_logit(p) - _logit(float(row["result_a"])) for p, row in zip(share, polls, strict=True)])


def covariance(polls: Sequence[Row], sizes: Sequence[float], design_effect: float) -> Floats:
    """Covariance of one race's errors; `sizes` as in NAMES, in points of a share."""
    shared, house, drift = (4.0 * size for size in sizes)
    days = np.array([float(row["days_before"]) for row in polls])
    same = np.array([[a["pollster"] == b["pollster"] for b in polls] for a in polls])
    decided = [(float(row["finalist_a"]) + float(row["finalist_b"])) / 100 for row in polls]
    asked = [float(row["sample_size"] or TYPICAL) for row in polls]
    p = [float(row["finalist_a"]) / 100 / d for row, d in zip(polls, decided, strict=True)]
    sampling = [design_effect / (n * d * q * (1 - q)) for n, d, q in zip(asked, decided, p, strict=True)]
    return shared**2 + house**2 * same + drift**2 * np.minimum.outer(days, days) + np.diag(sampling)


def log_likelihood(polls: Sequence[Row], sizes: Sequence[float], design_effect: float) -> float:
    """Of all races together; races are independent."""
    total = 0.0
    for race in sorted({row["race"] for row in polls}):
        of_race = [row for row in polls if row["race"] == race]
        error = errors(of_race)
        factor = np.linalg.cholesky(covariance(of_race, sizes, design_effect))
        total -= 0.5 * float(np.sum(np.linalg.solve(factor, error) ** 2)) + float(np.log(np.diag(factor)).sum())
    return total


def fit(polls: Sequence[Row], design_effect: float) -> tuple[Floats, float]:
    """Sizes of greatest likelihood, and the logarithm of it."""

    def loss(logs: Floats) -> float:
        return -log_likelihood(polls, np.exp(logs).tolist(), design_effect)

    start = np.log([0.02, 0.01, 0.002])
    answer = optimize.minimize(
        loss, start, method="Nelder-Mead", options={"xatol": 1e-4, "fatol": 1e-6, "maxiter": 2000}
    )
    return np.exp(answer.x), -float(answer.fun)


def interval(polls: Sequence[Row], design_effect: float, which: int, step: float) -> tuple[float, float]:
    """Profile-likelihood interval (95 %) of one of the sizes, on a grid of 100 steps from 0 on."""
    _, best = fit(polls, design_effect)
    others = [i for i in range(len(NAMES)) if i != which]
    inside = []
    for number in range(100):

        def loss(logs: Floats, held: float = number * step) -> float:
            sizes = np.zeros(len(NAMES))
            sizes[which], sizes[others] = held, np.exp(logs)
            return -log_likelihood(polls, sizes.tolist(), design_effect)

        start = np.log(np.array([0.02, 0.01, 0.002])[others])
        answer = optimize.minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-2, "fatol": 1e-3})
        if -float(answer.fun) > best - 1.92:
            inside.append(number * step)
    return inside[0], inside[-1]


def _logit(p: float) -> float:
    return math.log(p / (1.0 - p))


def report() -> str:
    """The sizes, for all races and for those before June 2017, with the design effect of the defaults."""
    lines = [
        "| polls of | races | polls | shared (95 %) | house (95 %) | drift per day (95 %) |",
        "|---|---|---|---|---|---|",
    ]
    old = rows(before="2017-06-01")
    groups = (
        ("all races", rows()),
        ("runoffs before June 2017", old),
        ("US runoffs", [row for row in rows() if row["race"].startswith("us_")]),
        ("US runoffs before June 2017", [row for row in old if row["race"].startswith("us_")]),
    )
    for name, polls in groups:
        sizes, _ = fit(polls, DESIGN_EFFECT)
        cells = [name, str(len({row["race"] for row in polls})), str(len(polls))]
        for which, (step, digits) in enumerate(((0.001, 1), (0.001, 1), (0.0001, 2))):
            low, high = interval(polls, DESIGN_EFFECT, which, step)
            cells.append(f"{100 * sizes[which]:.{digits}f} ({100 * low:.{digits}f} to {100 * high:.{digits}f})")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(report())
