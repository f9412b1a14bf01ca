"""A backtest from end to end: knowledge, forecasts, rivals, scores; `backtest` makes one, its value has the tables."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from runoff import __version__
from runoff.app.backtest.beside import rival_rows
from runoff.app.backtest.forecasts import Forecast, forecasts
from runoff.app.backtest.knowledge import Way, knowledge
from runoff.app.backtest.scored import candidate_rows, duel_row, summary_rows, turnout_rows
from runoff.data.archive.archive import Archive
from runoff.errors import UsageError
from runoff.estimate.scores import reliability
from runoff.model.prior.fitted.fronts import camp_votes
from runoff.output.columns import SCHEMA_VERSION
from runoff.race import Row, Tables

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from runoff.report.page import Page

EDGES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.975, 1.0)


@dataclass(frozen=True, slots=True, repr=False)
class Backtest:
    """Past races forecast and scored: tables by the names of `runoff.output.schemas.backtest`."""

    run_id: str
    digest: str
    tables: Tables

    def __repr__(self) -> str:
        return f"<{self.run_id}: {self.tables['backtest_run'][0]['races']} races>"

    def page(self) -> Page:
        """What is said of it, as a value."""
        from runoff.app.backtest.page import page

        return page(self.tables)

    def document(self) -> dict[str, Any]:
        """What --json prints: the tables, a row a race and group."""
        run = self.tables["backtest_run"][0]
        rest = {name: rows for name, rows in self.tables.items() if name != "backtest_run"}
        return {"run_id": self.run_id, "run": run, **rest}

    def save(self, folder: str | Path) -> Path:
        """Put the tables into a folder of their own in `folder`, whole or not at all; returns it.

        Raises
        ------
        RunExistsError : it stands there.
        OutputError : it cannot be written.
        """
        from runoff.output import store
        from runoff.output.schemas.backtest import BACKTEST_TABLES

        run = self.tables["backtest_run"][0]
        footer = {name: str(run[name]) for name in ("version", "digest", "seed", "trials", "archive_sha256")}
        with store.staged(Path(folder), self.run_id) as stage:
            stage.write(self.tables, BACKTEST_TABLES, footer)
            return stage.commit("backtest", self.digest)


def backtest(
    races: Archive | None = None,
    past: Archive | None = None,
    *,
    way: Way = "usual",
    trials: int = 100_000,
    seed: int = 0,
    threads: int = 1,
    progress: Callable[[int, int], None] | None = None,
    executor: Executor | None = None,
) -> Backtest:
    """Forecast races as if they were to come, and score what was said.

    Parameters
    ----------
    races : which are forecast, by default the shipped archive's.  past : which are learned from, likewise.
    way : what of them may be known (`runoff.app.backtest.knowledge`).
    executor : draws the races in batches, to the same bits.

    Raises
    ------
    UsageError : no race to forecast; that is no executor, or a worker has another version.
    OutputError : the executor lost its workers.
    """
    chosen = Archive.load() if races is None else races
    learned = Archive.load() if past is None else past
    if not chosen.races:
        raise UsageError("no race to forecast: the archive, or what was chosen of it, is empty")
    if not any(len(race.finalists) == 2 for race in learned.races):
        raise UsageError("nothing to learn from: no race between two finalists\n  fix:  name another --fit-on, or none")
    begun = time.perf_counter()
    known = knowledge(chosen, learned, way)
    fitted = time.perf_counter()
    own = {race.id for race in chosen.races}
    both = chosen.joined(learned.chosen(lambda race: race.id not in own))
    camps = {election: _shares(votes) for election, votes in camp_votes(both).items()}
    made = forecasts(
        chosen.races, known, camps, trials=trials, seed=seed, threads=threads, progress=progress, executor=executor
    )
    found = _backtest(chosen, learned, way, made, trials, seed)
    found.tables["backtest_run"][0]["seconds_fit"] = fitted - begun
    found.tables["backtest_run"][0]["seconds_draw"] = time.perf_counter() - fitted
    return found


def _shares(votes: dict[str, int]) -> dict[str, float]:
    total = sum(votes.values())
    return {camp: count / total for camp, count in votes.items()} if total else {}


def _backtest(
    chosen: Archive, learned: Archive, way: Way, made: Sequence[Forecast], trials: int, seed: int
) -> Backtest:
    duels = [duel_row(forecast) for forecast in made if len(forecast.names) == 2]
    candidates = [row for forecast in made if len(forecast.names) > 2 for row in candidate_rows(forecast)]
    digest = hashlib.sha256(json.dumps([duels, candidates], sort_keys=True).encode()).hexdigest()
    asked = f"{__version__} {chosen.sha256} {learned.sha256} {trials} {seed}"
    name = f"backtest-{way.replace('_', '-')}-{hashlib.sha256(asked.encode()).hexdigest()[:12]}"
    head: Row = {
        "races": len(made),
        "duels": len(duels),
        "elections": len({forecast.race.election for forecast in made}),
        "way": way,
        "archive_sha256": chosen.sha256,
        "fit_on_sha256": learned.sha256,
        "trials": trials,
        "seed": seed,
        "digest": digest,
        "version": __version__,
        "schema_version": SCHEMA_VERSION,
    }
    scores = [{"forecaster": "archive", **row, "crps_less": None, "crps_less_se": None} for row in summary_rows(duels)]
    tables: Tables = {
        "backtest_run": [head],
        "backtest": duels,
        "backtest_candidates": candidates,
        "backtest_scores": scores + rival_rows(chosen, learned, duels),
        "backtest_reliability": _reliability(duels),
        "backtest_turnout": turnout_rows(duels),
    }
    return Backtest(name, digest, {name_: [{"run_id": name, **row} for row in rows] for name_, rows in tables.items()})


def _reliability(duels: Sequence[Row]) -> list[Row]:
    """Chances of the favourite in bins, and how often the favourite won."""
    if not duels:
        return []
    p = np.array([row["p_a"] for row in duels], np.float64)
    margin = np.array([row["actual_margin"] for row in duels], np.float64)
    came = np.where(margin == 0, 0.5, np.where(p >= 0.5, margin > 0, margin < 0))
    bins = reliability(np.maximum(p, 1.0 - p), came, [row["election"] for row in duels], EDGES)
    return [
        {
            "low": found.low,
            "high": found.high,
            "races": found.count,
            "said": found.said,
            **found.came.columns("came"),
        }
        for found in bins
    ]
