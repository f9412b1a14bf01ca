"""The rivals' scores on the same races, and what they are worse or better by, paired."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runoff.app.backtest.rivals import NAMES, rivals
from runoff.app.backtest.scored import log_score, summary_rows
from runoff.data.archive.archive import Archive
from runoff.data.archive.arrays import arrays_of
from runoff.estimate.scores import clustered, crps_normal
from runoff.model.prior.fitted.fields import duels_of
from runoff.race import Row

_NORMAL = NormalDist()
_POLLED_SD = 0.09  # of the margin, for an average of polls: 3.0 points of share shared by all, 1.4 each, and drift
_Q = {"q025": 0.025, "q10": 0.1, "q25": 0.25, "q75": 0.75, "q90": 0.9, "q975": 0.975}


def rival_rows(chosen: Archive, learned: Archive, duels: Sequence[Row]) -> list[Row]:
    """A row for each rival and group, as the archive's own summary has them."""
    if not duels:
        return []
    own = {race.id for race in chosen.races}
    both = chosen.joined(learned.chosen(lambda race: race.id not in own))
    arrays = arrays_of(both)
    fields, places, margin = duels_of(arrays, np.zeros(len(both.races)))
    names = [both.races[place].id for place in places]
    wanted = np.array([name in own for name in names], np.bool_)
    laws = rivals(fields, margin, arrays.election[places], wanted)
    row_of = {name: i for i, name in enumerate(names)}
    order = [row_of[str(row["race_id"])] for row in duels]
    rows: list[Row] = []
    for name in NAMES:
        rows += _rows(name, duels, laws.mean[name][order], laws.sd[name][order])
    polled = [i for i, row in enumerate(duels) if both.by_id[str(row["race_id"])].polls_average_a is not None]
    if polled:
        share = np.array([both.by_id[str(duels[i]["race_id"])].polls_average_a for i in polled], np.float64)
        rows += _rows("polls", [duels[i] for i in polled], 2.0 * share - 1.0, np.full(len(polled), _POLLED_SD))
    return rows


def _rows(name: str, duels: Sequence[Row], mean: NDArray[np.float64], sd: NDArray[np.float64]) -> list[Row]:
    scored = [_scored(row, float(m), float(s)) for row, m, s in zip(duels, mean, sd, strict=True)]
    summaries = summary_rows(scored)
    for summary in summaries:
        pairs = [(s, o) for s, o in zip(scored, duels, strict=True) if _in(s, summary)]
        less: list[Any] = [s["crps"] - o["crps"] for s, o in pairs]  # type: ignore[operator]  # scores are numbers
        found = clustered(less, [s["election"] for s, _ in pairs])
        summary |= found.columns("crps_less")
    return [{"forecaster": name, **summary} for summary in summaries]


def _in(row: Row, summary: Row) -> bool:
    return summary["by"] == "all" or str(row[str(summary["by"])]) == summary["group"]


def _scored(row: Row, mean: float, sd: float) -> Row:
    """A duel's row with a normal's forecast in place of ours."""
    actual = row["actual_margin"]
    assert isinstance(actual, float)
    won = 1.0 if actual > 0 else 0.0 if actual < 0 else 0.5
    p = _NORMAL.cdf(mean / sd)
    score = crps_normal(np.array([mean]), np.array([sd]), np.array([actual]))
    quantiles = {name: mean + sd * _NORMAL.inv_cdf(level) for name, level in _Q.items()}
    return {**row, "log_score": log_score(p, won), "brier": (p - won) ** 2, "crps": float(score[0]), **quantiles}
