"""Whether contestants that do the same job give the same answer, within what chance explains."""

from __future__ import annotations

import math
from collections.abc import Sequence

from benchmarks.rounds import Row

SIGMAS = 5.0  # a right answer is called wrong once in 1.7 million comparisons


def disagreements(rows: Sequence[Row], reference: str) -> list[str]:
    """A line for each figure of a row that is over five standard errors from the reference's of the same job.

    Compared are the win probability, the probability of a recount and the mean margin; the standard error is
    that of the difference of two independent runs.  Jobs without a row named `reference` are not compared.
    """
    found = []
    for row in rows:
        for other in rows:
            if other.name == reference and other.job == row.job and other is not row:
                found += _between(row, other)
    return found


def _between(row: Row, other: Row) -> list[str]:
    per_trial = 1 / row.trials + 1 / other.trials
    compared = [
        ("win probability", row.p_first, other.p_first, _binomial(other.p_first)),
        ("probability of a recount", row.p_recount, other.p_recount, _binomial(other.p_recount)),
        ("mean margin", row.margin_mean, other.margin_mean, other.margin_sd),
    ]
    lines = []
    for figure, value, expected, deviation in compared:
        error = deviation * math.sqrt(per_trial)
        if not abs(value - expected) <= SIGMAS * error:  # NaN disagrees
            sigmas = abs(value - expected) / error if error > 0 else math.inf
            lines.append(
                f"{row.name} ({row.job}): {figure} {value:.6f}, {other.name} has {expected:.6f}, "
                f"{sigmas:.1f} standard errors apart"
            )
    return lines


def _binomial(p: float) -> float:
    return math.sqrt(max(p * (1 - p), 0.0))
