"""A chamber's trials as rows of tables."""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from itertools import combinations

import numpy as np

from runoff import __version__
from runoff.estimate.tallied import quantile
from runoff.output.columns import SCHEMA_VERSION
from runoff.phases.base import Made
from runoff.phases.chamber.fit import Fitted
from runoff.phases.chamber.read import Data
from runoff.race import Row, Tables
from runoff.simulate.chamber.draw import SHARE_BIN, Tally
from runoff.simulate.driver import standard_error

DRAWS = 10_000  # trials whose seats are written one by one
_LEVELS = {"025": 0.025, "05": 0.05, "10": 0.1, "50": 0.5, "90": 0.9, "95": 0.95, "975": 0.975}


def summarize(data: Data, ready: Fitted, drawn: Tally, made: Made) -> Tables:
    """Every table of the run."""
    majority = data.case.majority
    seats = _seats("bloc", ready.blocs, ready.chamber.seats, ready, drawn.seats, majority)
    parties = _seats("party", ready.parties, ready.chamber.parties, ready, drawn.parties, majority)
    return {
        "chamber": [_head(data, ready, drawn, made)],
        "seats": seats + parties,
        "most_seats": [
            {"candidate": row["name"], "p_win": row["p_first"], "p_win_mcse": row["p_first_mcse"]} for row in seats
        ],
        "seat_pairs": _pairs_of_seats(ready, drawn, majority),
        "seat_counts": _counts(ready, drawn),
        "seat_draws": _draws(ready, drawn),
        "races": _races(data, ready, drawn),
        "pairs": _pairs(data, ready, drawn),
    }


def _chance(name: str, p: float, trials: int) -> Row:
    return {name: p, f"{name}_mcse": standard_error(p, trials)}


def _head(data: Data, ready: Fitted, drawn: Tally, made: Made) -> Row:
    case = data.case
    race, settings = case.run_file.race, made.settings
    partial = sum(1 for one in data.counted.values() if not one.complete)
    most = drawn.seats.max(axis=0)
    notes = (*case.warnings, *([] if data.night is None else data.night.notes), *ready.notes)
    return {
        "race_name": race.name,
        "first_round": race.first_round,
        "runoff": race.runoff,
        "as_of": race.as_of,
        "trials": drawn.trials,
        "seed": settings.seed,
        "seats": case.seats,
        "majority": case.majority,
        "decided": sum(district.elected is not None for district in case.districts),
        "counted": len(data.counted) - partial,
        "partial": partial,
        "drawn": len(ready.chamber.places),
        **_chance("p_none", float((most < case.majority).mean()), drawn.trials),
        "seconds": made.seconds,
        "digest": drawn.digest(),
        "config_sha256": hashlib.sha256(case.text.encode()).hexdigest(),
        "version": __version__,
        "schema_version": SCHEMA_VERSION,
        "warnings": "\n".join(notes),
    }


def _seats(
    kind: str, names: tuple[str, ...], groups: np.ndarray, ready: Fitted, drawn: np.ndarray, majority: int
) -> list[Row]:
    """A row a bloc or party, by mean seats."""
    trials = drawn.shape[1]
    decided = np.bincount(groups[ready.chamber.fixed >= 0, 0], minlength=len(names))
    order = np.sort(drawn, axis=0)
    best, second = order[-1], order[-2] if len(names) > 1 else np.full(trials, -1)
    rows: list[Row] = []
    for g, name in enumerate(names):
        own = drawn[g]
        counts = np.bincount(own)
        upto = np.cumsum(counts)
        rows.append(
            {
                "kind": kind,
                "name": name,
                "decided": int(decided[g]),
                "seats_mean": int(own.sum(dtype=np.int64)) / trials,
                "seats_sd": _sd(counts, trials),
                **{f"seats_q{word}": int(np.searchsorted(upto, level * trials)) for word, level in _LEVELS.items()},
                **_chance("p_majority", float((own >= majority).mean()), trials),
                **_chance("p_first", float(((own == best) & (best > second)).mean()), trials),
            }
        )
    return sorted(rows, key=lambda row: (-float(str(row["seats_mean"])), str(row["name"])))


def _sd(counts: np.ndarray, trials: int) -> float:
    """The standard deviation of whole numbers with these counts, from whole sums."""
    values = range(len(counts))
    first = sum(v * int(n) for v, n in zip(values, counts, strict=True))
    second = sum(v * v * int(n) for v, n in zip(values, counts, strict=True))
    return math.sqrt(max(second * trials - first * first, 0)) / trials


def _pairs_of_seats(ready: Fitted, drawn: Tally, majority: int) -> list[Row]:
    rows: list[Row] = []
    for a, b in combinations(range(len(ready.blocs)), 2):
        one, other = drawn.seats[a], drawn.seats[b]
        rows.append(
            {
                "a": ready.blocs[a],
                "b": ready.blocs[b],
                **_chance("p_more", float((one > other).mean()), drawn.trials),
                **_chance("p_together", float((one.astype(np.int64) + other >= majority).mean()), drawn.trials),
                "correlation": _correlation(one, other),
            }
        )
    return rows


def _correlation(one: np.ndarray, other: np.ndarray) -> float | None:
    """Of two whole numbers over trials, from whole sums: the same on every machine."""
    x, y, n = one.astype(np.int64), other.astype(np.int64), len(one)
    sx, sy = int(x.sum()), int(y.sum())
    xx, yy = n * int((x * x).sum()) - sx * sx, n * int((y * y).sum()) - sy * sy
    xy = n * int((x * y).sum()) - sx * sy
    return None if not xx or not yy else xy / (math.sqrt(xx) * math.sqrt(yy))


def _counts(ready: Fitted, drawn: Tally) -> list[Row]:
    rows: list[Row] = []
    for g, bloc in enumerate(ready.blocs):
        for seats, trials in enumerate(np.bincount(drawn.seats[g]).tolist()):
            if trials:
                rows.append({"bloc": bloc, "seats": seats, "trials": trials})
    return rows


def _draws(ready: Fitted, drawn: Tally) -> list[Row]:
    kept = drawn.seats[:, :DRAWS].T.tolist()
    return [
        {"trial": trial, "bloc": bloc, "seats": seats}
        for trial, row in enumerate(kept)
        for bloc, seats in zip(ready.blocs, row, strict=True)
    ]


def _races(data: Data, ready: Fitted, drawn: Tally) -> list[Row]:
    """A row a finalist, district by district as in the table."""
    number = {d: i for i, d in enumerate(ready.chamber.places)}
    rows: list[Row] = []
    for d, district in enumerate(data.case.districts):
        standing = district.finalists or (ready.winner[d],)
        total = sum(district.votes)
        count = data.counted.get(district.id)
        status = "drawn" if count is None else "counted" if count.complete else "partial"
        if district.elected is not None:
            status = "unopposed" if district.withdrawn else "outright"
        rates = ready.rates[d]
        decides = "" if rates is None or d not in number else _decides(rates.blocs, rates.people, rates.finalists)
        for k, c in enumerate(standing):
            candidate = district.candidates[c]
            row: Row = {
                "district": district.id,
                "region": district.region,
                "status": status,
                "candidate": candidate.name,
                "party": candidate.party,
                "bloc": candidate.bloc,
                "place": c + 1,
                "finalists": len(district.finalists),
                "first_share": district.votes[c] / total,
                "decides": decides,
            }
            if d in number:
                row |= _drawn(drawn, d, number[d], k)
            else:
                row |= {"p_win": float(c == ready.winner[d]), "p_win_mcse": 0.0, "p_stands": 1.0}
            rows.append(row)
    return rows


def _decides(blocs: tuple[str, ...], people: np.ndarray, finalists: int) -> str:
    """The bloc with most votes among the eliminated; those who did not vote are none."""
    votes: dict[str, int] = defaultdict(int)
    for bloc, many in list(zip(blocs, people.tolist(), strict=True))[finalists:-1]:
        votes[bloc] += many
    return max(votes, key=lambda bloc: votes[bloc], default="")


def _drawn(drawn: Tally, d: int, number: int, k: int) -> Row:
    wins, trials = int(drawn.wins[d, k]), drawn.trials
    bins = drawn.bins[number][k]
    stood = int(bins.sum())
    margin = {"margin_mean": int(drawn.sums[d, 0]) / trials / 1e6}
    if not stood:
        return {**_chance("p_win", 0.0, trials), **margin, "p_stands": 0.0}
    return {
        **margin,
        **_chance("p_win", wins / trials, trials),
        "share_mean": int(drawn.sums[d, 2 + k]) / stood / 1e6,
        **{f"share_q{q}": quantile(bins, q / 100, -SHARE_BIN / 2, SHARE_BIN) for q in (10, 50, 90)},
        "seats_if_won": int(drawn.with_seats[d, k]) / wins if wins else None,
        "p_stands": stood / trials,
    }


def _pairs(data: Data, ready: Fitted, drawn: Tally) -> list[Row]:
    """How often each bloc wins where these blocs meet."""
    races: dict[tuple[str, ...], int] = defaultdict(int)
    wins: dict[tuple[tuple[str, ...], str], int] = defaultdict(int)
    for d in ready.chamber.places:
        blocs = [candidate.bloc for candidate in data.case.districts[d].standing]
        pair = tuple(sorted(blocs))
        races[pair] += 1
        for k, bloc in enumerate(blocs):
            wins[pair, bloc] += int(drawn.wins[d, k])
    rows: list[Row] = []
    for pair in sorted(races, key=lambda pair: (-races[pair], pair)):
        for bloc in dict.fromkeys(pair):
            mean = wins[pair, bloc] / drawn.trials
            rows.append(
                {
                    "pair": " - ".join(pair),
                    "bloc": bloc,
                    "races": races[pair],
                    "wins_mean": mean,
                    "p_win": mean / races[pair],
                }
            )
    return rows
