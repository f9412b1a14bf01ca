"""How many came, as a share of the people on the roll: what was said of it, what came, scores, means by group.

A race whose roll nobody counted has no such share: its pools hold the first round's voters alone, whoever comes anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from runoff.data.archive.races import PastRace
from runoff.estimate.scores import Mean, binned_at, clustered, crps_binned
from runoff.estimate.tallied import mean_sd, quantile
from runoff.race import Int64Array, Row
from runoff.simulate.driver import PPM, SHARE_BIN, Drawn, whole

_BIN = SHARE_BIN / PPM
_QUANTILES = {"turnout_q10": 0.10, "turnout_q50": 0.50, "turnout_q90": 0.90}


@dataclass(frozen=True, slots=True)
class TurnoutForecast:
    """Turnout of a runoff as it was drawn: valid votes over the people in all pools, who are those on the roll.

    mean, sd : of that share.  bins : int64[n], trials by share, from 0 on in the tallies' width.  actual : what came.
    """

    people: int
    mean: float
    sd: float
    bins: Int64Array
    actual: float

    @classmethod
    def of(cls, race: PastRace, people: int, drawn: Drawn) -> TurnoutForecast | None:
        """A race's turnout; None where its roll is not known.  people : in all pools that were drawn."""
        if race.first.registered != people:
            return None
        first, second = drawn.tallies.turnout
        mean, sd = mean_sd(whole(first), whole(second), drawn.total, 1.0 / PPM)
        return cls(people, mean, sd, drawn.tallies.turnout_bins, race.runoff_votes / people)

    def row(self) -> Row:
        """Its columns in a duel's row."""
        edges = _BIN * np.arange(len(self.bins) + 1)
        return {
            "people": self.people,
            "turnout_mean": self.mean,
            "turnout_sd": self.sd,
            **{name: quantile(self.bins, level, 0.0, _BIN) for name, level in _QUANTILES.items()},
            "actual_turnout": self.actual,
            "turnout_crps": crps_binned(edges, self.bins, self.actual),
            "turnout_pit": binned_at(edges, self.bins, self.actual),
        }


NOT_KNOWN: Row = dict.fromkeys(
    ("people", "turnout_mean", "turnout_sd", *_QUANTILES, "actual_turnout", "turnout_crps", "turnout_pit")
)


def turnout_scores(rows: Sequence[Row]) -> Row:
    """Means over duels whose turnout is scored, with standard errors by elections, as `backtest_turnout` has them."""
    clusters = [row["election"] for row in rows]

    def mean(values: list[Any]) -> Mean:
        return clustered(values, clusters)

    found = {
        "more": mean([_number(row, "actual_turnout") - _number(row, "turnout_mean") for row in rows]),
        "crps": mean([row["turnout_crps"] for row in rows]),
        "inside80": mean([float(_inside(row)) for row in rows]),
    }
    return {
        "said": mean([row["turnout_mean"] for row in rows]).value,
        "came": mean([row["actual_turnout"] for row in rows]).value,
        **{key: value for name, one in found.items() for key, value in one.columns(name).items()},
    }


def _inside(row: Row) -> bool:
    return _number(row, "turnout_q10") <= _number(row, "actual_turnout") <= _number(row, "turnout_q90")


def _number(row: Row, name: str) -> float:
    value: float = row[name]  # type: ignore[assignment]  # a number, where the roll is known
    return value
