"""Forecasts of past races beside what came: a row a duel, or a candidate where three or four stood; summaries."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from runoff.app.backtest.forecasts import LEVELS, Forecast
from runoff.app.backtest.turnout import NOT_KNOWN, turnout_scores
from runoff.data.archive.words import LEVELS as KINDS
from runoff.estimate.scores import Mean, clustered
from runoff.race import FloatArray, Row
from runoff.simulate.driver import PPM, SHARE_BIN

_BIN = SHARE_BIN / PPM
_NAMES = tuple(f"q{round(100 * level):02d}" for level in LEVELS)
_QUARTILES = (0.25, 0.75)
_LEAST = 1e-6  # of a chance, where its logarithm is taken


def duel_row(forecast: Forecast) -> Row:
    """A duel's forecast, what came, and the scores of the one for the other; margins are shares in [-1, 1]."""
    race, actual = forecast.race, forecast.actual_margin
    won = 1.0 if actual > 0 else 0.0 if actual < 0 else 0.5
    p = float(forecast.chances[0])
    return {
        "race_id": race.id,
        "election": race.election,
        "country": race.nation,
        "level": race.level,
        "contest": race.contest,
        "pair": "-".join(sorted(candidate.camp for candidate in race.finalists)),
        "first": forecast.names[0],
        "second": forecast.names[1],
        "p_a": p,
        "margin_mean": forecast.margin_mean,
        "margin_sd": forecast.margin_sd,
        **dict(zip(_NAMES, forecast.quantiles, strict=True)),
        "q25": _quantile(forecast.margin, _QUARTILES[0]),
        "q75": _quantile(forecast.margin, _QUARTILES[1]),
        "q025": _quantile(forecast.margin, 0.025),
        "q975": _quantile(forecast.margin, 0.975),
        "actual_margin": actual,
        "log_score": log_score(p, won),
        "brier": (p - won) ** 2,
        "crps": crps(forecast.margin, actual),
        "pit": pit(forecast.margin, actual),
        **(NOT_KNOWN if forecast.turnout is None else forecast.turnout.row()),
    }


def candidate_rows(forecast: Forecast) -> Iterable[Row]:
    """The same for each of three or four finalists."""
    best = int(forecast.actual.argmax())
    for k, name in enumerate(forecast.names):
        mean, sd, share = float(forecast.shares[k]), float(forecast.share_sds[k]), float(forecast.actual[k])
        won, p = float(k == best), float(forecast.chances[k])
        yield {
            "race_id": forecast.race.id,
            "election": forecast.race.election,
            "level": forecast.race.level,
            "candidate": name,
            "camp": forecast.race.finalists[k].camp,
            "p_win": p,
            "share_mean": mean,
            "share_sd": sd,
            "actual_share": share,
            "won": bool(won),
            "log_score": log_score(p, won),
            "brier": (p - won) ** 2,
            "z": (share - mean) / max(sd, 1e-9),
        }


def log_score(p: float, won: float) -> float:
    """Minus the log of the chance of what came; a tie is half of each."""
    said = min(max(p, _LEAST), 1.0 - _LEAST)
    return -(won * math.log(said) + (1.0 - won) * math.log1p(-said))


def crps(cumulative: FloatArray, truth: float) -> float:
    """Continuous ranked probability score of a margin from its distribution over bins of the tallies, from -1."""
    ends = -1.0 + _BIN * np.arange(1, len(cumulative) + 1)
    return float(_BIN * ((cumulative - (ends >= truth)) ** 2).sum())


def pit(cumulative: FloatArray, truth: float) -> float:
    """Where the truth lies in the forecast's distribution."""
    place = min(max(int((truth + 1.0) / _BIN), 0), len(cumulative) - 1)
    below = float(cumulative[place - 1]) if place else 0.0
    return (below + float(cumulative[place])) / 2.0


def _quantile(cumulative: FloatArray, level: float) -> float:
    return -1.0 + _BIN * (int(np.searchsorted(cumulative, level)) + 0.5)


def inside(row: Row, low: str, high: str) -> float:
    """Whether what came lies between two quantiles."""
    ends: list[Any] = [row[low], row["actual_margin"], row[high]]
    return float(ends[0] <= ends[1] <= ends[2])


SCORES: dict[str, Callable[[Row], Any]] = {
    "log": lambda row: row["log_score"],
    "brier": lambda row: row["brier"],
    "crps": lambda row: row["crps"],
    "inside50": lambda row: inside(row, "q25", "q75"),
    "inside80": lambda row: inside(row, "q10", "q90"),
    "inside95": lambda row: inside(row, "q025", "q975"),
}
GROUPS = ("all", "level", "contest", "country", "pair", "election")


def summary_rows(rows: Sequence[Row]) -> list[Row]:
    """Means of the scores with standard errors by elections: of all duels, and by each of GROUPS."""
    found = []
    for head, own in _grouped(rows):
        clusters = [row["election"] for row in own]
        means = {score: clustered([take(row) for row in own], clusters) for score, take in SCORES.items()}
        found.append({**head, **_flat(means)})
    return found


def turnout_rows(rows: Sequence[Row]) -> list[Row]:
    """The same of turnout, of duels whose roll is known."""
    known = [row for row in rows if row["actual_turnout"] is not None]
    return [{**head, **turnout_scores(own)} for head, own in _grouped(known)]


def _grouped(rows: Sequence[Row]) -> Iterator[tuple[Row, list[Row]]]:
    """Each group of GROUPS: its name and size, and its rows."""
    for by in GROUPS:
        for name in dict.fromkeys(_group(row, by) for row in _ordered(rows, by)):
            own = [row for row in rows if _group(row, by) == name]
            elections = {row["election"] for row in own}
            yield {"by": by, "group": name, "races": len(own), "elections": len(elections)}, own


def _ordered(rows: Sequence[Row], group: str) -> list[Row]:
    order = list(KINDS)
    if group == "level":
        return sorted(rows, key=lambda row: order.index(str(row["level"])))
    return sorted(rows, key=lambda row: _group(row, group))


def _group(row: Row, group: str) -> str:
    return "all" if group == "all" else str(row[group])


def _flat(means: dict[str, Mean]) -> Row:
    return {key: value for name, mean in means.items() for key, value in mean.columns(name).items()}
