"""A kept run held against what came: winner, log score, Brier score, CRPS, coverage, of the race and its units."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from runoff.app.after.again import kept_case
from runoff.app.after.truth import Truth, truth
from runoff.app.backtest.scored import log_score
from runoff.errors import InputError
from runoff.estimate.scores import binned_at, crps_binned, crps_normal, normal_at
from runoff.output import store
from runoff.report.page import Page

Row = dict[str, Any]

PHASES = ("runoff_ahead", "runoff_night")
LEVELS = (50, 80, 95)
_LEAST = 1e-6  # of a chance, where its logarithm is taken


@dataclass(frozen=True, slots=True, repr=False)
class Score:
    """A kept run's scores.

    run_id, race_id, phase : of the run.  race : one row for the race.  candidates : a row a finalist.
    units : one row for all units that run and result have, or None.  notes : for the reader.
    """

    run_id: str
    race_id: str
    phase: str
    race: Row
    candidates: tuple[Row, ...]
    units: Row | None
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<{self.run_id}: {self.page().headline}>"

    def page(self) -> Page:
        """What the command prints, as a value."""
        from runoff.app.after.score_page import page

        return page(self)

    def text(self, width: int = 80) -> str:
        """What the command prints, at most `width` columns wide."""
        return self.page().text(width)

    def document(self) -> Row:
        """What --json prints."""
        names = {"run_id": self.run_id, "race_id": self.race_id, "phase": self.phase}
        return {
            **names,
            "race": self.race,
            "candidates": list(self.candidates),
            "units": self.units,
            "notes": list(self.notes),
        }


def score(run: str | Path, result: str | Path) -> Score:
    """Score a kept run of a runoff, ahead or being counted, by a table of its result.

    Raises
    ------
    InputError : the run has no margins (its first round is open), or is damaged; every problem of the result.
    MissingFileError : no run there, or one that does not carry its inputs; no table.
    """
    kept = store.found(Path(run))
    if kept.phase not in PHASES:
        raise InputError.single(
            str(run),
            "this run has no margin to score",
            rule=f"scored are runs of the phases {' and '.join(PHASES)}",
            got=kept.phase,
            fix="name a run that knew both finalists",
        )
    case, _ = kept_case(kept.folder)
    came = truth(case, Path(result))
    night = kept.phase == "runoff_night"
    head: Row = kept.tables["runoff_night" if night else "run"][0]
    finalists: list[Row] = list(kept.tables["runoff_finalists" if night else "candidates"])
    candidates = tuple(_candidate(row, came, k) for k, row in enumerate(finalists))
    bins: list[Row] = list(kept.tables.get("runoff_margins" if night else "margin_histogram", []))
    race = _race(head, candidates, came) | _margin(head, bins, came.margin)
    units = _units(list(kept.tables.get("runoff_units" if night else "units", [])), came)
    return Score(kept.folder.name, head["race_id"], kept.phase, race, candidates, units, came.notes)


def _candidate(row: Row, came: Truth, k: int) -> Row:
    share, mean, sd = float(came.shares[k]), row["share_mean"], row["share_sd"]
    return {
        "candidate": row["candidate"],
        "p_win": row["p_win"],
        "won": float(came.won[k]),
        "votes": int(came.votes[k]),
        "share": share,
        "share_mean": mean,
        "share_sd": sd,
        "z": (share - mean) / max(sd, 1e-9),
        "crps": float(crps_normal(np.array(mean), np.array(sd), np.array(share))),
        "inside80": row["share_q10"] <= share <= row["share_q90"],
        "inside90": row["share_q05"] <= share <= row["share_q95"],
    }


def _race(head: Row, candidates: tuple[Row, ...], came: Truth) -> Row:
    """The chances held against who won; a tie, said or come, is a part of a win for each of two finalists."""
    said, won = np.array([row["p_win"] for row in candidates]), came.won
    if len(said) == 2:
        said = said + head["p_tie"] / 2.0
        log = log_score(float(said[0]), float(won[0]))
    else:
        log = -float(won @ np.log(np.maximum(said, _LEAST)))
    best = np.flatnonzero(said == said.max())
    winners = [row["candidate"] for row in candidates if row["won"] > 0.0]
    return {
        "result": came.source[0],
        "result_sha256": came.source[1],
        "favourite": candidates[int(best[0])]["candidate"] if len(best) == 1 else "",
        "winner": winners[0] if len(winners) == 1 else "",
        "right": float(won[best].mean()) if len(best) == 1 else 0.5,
        "p_winner": float(won @ said),
        "log_score": log,
        "brier": 0.5 * float(((said - won) ** 2).sum()),
        "margin": came.margin,
        "margin_mean": head["margin_mean"],
        "margin_sd": head["margin_sd"],
        "margin_median": head["margin_q50"],
    }


def _margin(head: Row, bins: list[Row], actual: float) -> Row:
    """CRPS, PIT and intervals of the margin: from its histogram, or of a normal where an older night has none."""
    if bins:
        edges = np.array([*(row["bin_low"] for row in bins), bins[-1]["bin_high"]])
        mass = np.array([row["share" if "share" in row else "trials"] for row in bins], np.float64)
        score, at = crps_binned(edges, mass, actual), binned_at(edges, mass, actual)
    else:
        mean, sd = head["margin_mean"], max(head["margin_sd"], 1e-9)
        score = float(crps_normal(np.array(mean), np.array(sd), np.array(actual)))
        at = float(normal_at(mean, sd, actual))
    inside = {f"inside{level}": abs(at - 0.5) <= level / 200.0 for level in LEVELS}
    return {"crps": score, "pit": at, **inside, "law": "histogram" if bins else "normal"}


def _units(rows: list[Row], came: Truth) -> Row | None:
    """Shares of the units that both have, as normals: mean CRPS, error and coverage; every finalist but the last."""
    votes = {unit: came.of_units[u] for u, unit in enumerate(came.units) if came.of_units[u].sum()}
    at = {name: k for k, name in enumerate(came.finalists[:-1])}
    found = [
        (row, votes[row["unit"]], at.get(row.get("candidate", came.finalists[0])))
        for row in rows
        if row["unit"] in votes and row.get("modes_out", 1)
    ]
    chosen = [(row, own, k) for row, own, k in found if k is not None]
    if not chosen:
        return None
    mean, sd = (np.array([row[name] for row, _, _ in chosen]) for name in ("share_mean", "share_sd"))
    if "out_mean" in rows[0]:  # a night's units leave the noise of counting out of their spread
        out = np.array([[row["out_mean"], row["votes_mean"]] for row, _, _ in chosen])
        sd = np.sqrt(sd**2 + np.maximum(mean * (1.0 - mean), 0.0) * out[:, 0] / np.maximum(out[:, 1], 1.0) ** 2)
    share = np.array([own[k] / own.sum() for _, own, k in chosen])
    weight = np.array([own.sum() for _, own, _ in chosen], np.float64)
    scores = crps_normal(mean, sd, share)
    off = np.abs(normal_at(mean, sd, share) - 0.5)
    inside = {f"inside{level}": float((off <= level / 200.0).mean()) for level in LEVELS}
    return {
        "units": len({row["unit"] for row, _, _ in chosen}),
        "crps": float(scores.mean()),
        "crps_by_votes": float(np.average(scores, weights=weight)),
        "error": float(np.abs(share - mean).mean()),
        **inside,
    }
