"""A backtest of whole chambers: each Assembly of an archive left out, its seats and districts beside what came."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from runoff import __version__
from runoff.app.backtest.chambers.assemblies import (
    Assembly,
    DistrictScore,
    Seen,
    assemblies,
    counted_of,
    crps_seats,
    district_scores,
    forecast,
    orders,
    scored_blocs,
)
from runoff.app.backtest.chambers.beside import DuelLaws, duel_laws
from runoff.app.backtest.knowledge import knowledge
from runoff.data.archive.archive import Archive
from runoff.errors import UsageError
from runoff.estimate.scores import reliability
from runoff.model.prior.fitted.fits import Fit
from runoff.output.columns import SCHEMA_VERSION
from runoff.phases.chamber.fit import without_shared
from runoff.race import Row, Tables

if TYPE_CHECKING:
    from runoff.report.page import Page

_LEVELS = {"q025": 0.025, "q10": 0.1, "q50": 0.5, "q90": 0.9, "q975": 0.975}
_EDGES = tuple(i / 10 for i in range(11))


@dataclass(frozen=True, slots=True, repr=False)
class ChamberBacktest:
    """Past chambers forecast and scored: tables by the names of `runoff.output.schemas.chamber_backtest`."""

    run_id: str
    digest: str
    tables: Tables

    def page(self) -> Page:
        """What is said of it, as a value."""
        from runoff.app.backtest.chambers.page import page

        return page(self.tables)

    def document(self) -> dict[str, Any]:
        """What --json prints."""
        run = self.tables["chambers_run"][0]
        return {"run_id": self.run_id, "run": run, **{k: v for k, v in self.tables.items() if k != "chambers_run"}}

    def save(self, folder: str | Path) -> Path:
        """Put the tables into a folder of their own in `folder`, whole or not at all; returns it.

        Raises
        ------
        RunExistsError : it stands there.
        OutputError : it cannot be written.
        """
        from runoff.output import store
        from runoff.output.schemas.chamber_backtest import CHAMBER_BACKTEST_TABLES

        run = self.tables["chambers_run"][0]
        footer = {name: str(run[name]) for name in ("version", "digest", "seed", "trials", "archive_sha256")}
        with store.staged(Path(folder), self.run_id) as stage:
            stage.write(self.tables, CHAMBER_BACKTEST_TABLES, footer)
            return stage.commit("backtest", self.digest)


def chamber_backtest(
    races: Archive | None = None,
    past: Archive | None = None,
    *,
    chronological: bool = False,
    trials: int = 20_000,
    seed: int = 0,
    threads: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> ChamberBacktest:
    """Every chamber of an archive, forecast without its election (or with what was over before), and at half a night.

    races : by default the shipped archive's.  past : what is learned from, likewise.

    Raises
    ------
    UsageError : it has no chamber.
    """
    archive = Archive.load() if races is None else races
    learned = Archive.load() if past is None else past
    chambers = assemblies(archive)
    if not chambers:
        raise UsageError("no chamber in the archive: none of its elections has a hundred districts with a runoff")
    known = knowledge(archive, learned, "chronological" if chronological else "usual")
    own = {race.id for race in archive.races}
    both = archive.joined(learned.chosen(lambda race: race.id not in own))
    laws = duel_laws(both, {of.election for of in chambers})
    seats: list[Row] = []
    districts: list[Row] = []
    nights: list[Row] = []
    chances: list[tuple[float, float, str]] = []
    for number, of in enumerate(chambers):
        fit = known.of(next(race for race in archive.races if race.election == of.election)).fit
        how: dict[str, Any] = {"trials": trials, "seed": seed, "threads": threads}
        seen = forecast(of, fit, {}, **how)
        alone = forecast(of, fit, {}, **how, change=without_shared)
        seats += _seat_rows(of, seen, alone, laws, seed)
        districts.append(_district_row(of, district_scores(seen)))
        chances += _chances(of, seen)
        nights += _night_rows(of, fit, how)
        if progress is not None:
            progress(number + 1, len(chambers))
    tables: Tables = {
        "chambers_seats": seats,
        "chambers_districts": districts,
        "chambers_night": nights,
        "chambers_reliability": _bins(chances),
    }
    return _made(archive, tables, len(chambers), chronological, trials, seed)


def _made(archive: Archive, tables: Tables, many: int, chronological: bool, trials: int, seed: int) -> ChamberBacktest:
    digest = hashlib.sha256(json.dumps(tables, sort_keys=True).encode()).hexdigest()
    way = "chronological" if chronological else "usual"
    asked = f"{__version__} {archive.sha256} {trials} {seed}"
    name = f"chambers-{way}-{hashlib.sha256(asked.encode()).hexdigest()[:12]}"
    head: Row = {
        "chambers": many,
        "way": way,
        "archive_sha256": archive.sha256,
        "trials": trials,
        "seed": seed,
        "digest": digest,
        "version": __version__,
        "schema_version": SCHEMA_VERSION,
    }
    whole: Tables = {"chambers_run": [head], **tables}
    return ChamberBacktest(
        name, digest, {key: [{"run_id": name, **row} for row in rows] for key, rows in whole.items()}
    )


def _seat_rows(of: Assembly, seen: Seen, alone: Seen, laws: DuelLaws, seed: int) -> list[Row]:
    """A row a bloc and forecaster."""
    actual = of.blocs
    rows: list[Row] = []
    for name in ("chamber", "alone", "pairs", "swing", "leader"):
        drawn = laws.seats(name, of, seed) if name in ("pairs", "swing", "leader") else {}
        for bloc in scored_blocs(of, seen):
            nothing = np.zeros(2, np.int64)
            own = {"chamber": seen, "alone": alone}.get(name)
            values = drawn.get(bloc, nothing) if own is None else own.seats(bloc)
            rows.append(
                {
                    "election": of.election,
                    "forecaster": name,
                    "bloc": bloc,
                    "seats_mean": float(values.mean()),
                    **_quantiles(values),
                    "actual": actual.count(bloc),
                    "crps": crps_seats(values, actual.count(bloc)),
                }
            )
    return rows


def _quantiles(values: np.ndarray) -> Mapping[str, int]:
    return {name: int(np.quantile(values, level, method="inverted_cdf")) for name, level in _LEVELS.items()}


def _district_row(of: Assembly, scores: Sequence[DistrictScore]) -> Row:
    return {
        "election": of.election,
        "districts": len(scores),
        "log": float(np.mean([one.log for one in scores])),
        "brier": float(np.mean([one.brier for one in scores])),
        "crps": float(np.nanmean([one.crps for one in scores])),
        "inside80": float(np.nanmean([one.inside for one in scores])),
    }


def _night_rows(of: Assembly, fit: Fit, how: Mapping[str, Any]) -> list[Row]:
    """Half of the runoffs counted, in each order: how the others are forecast."""
    rows: list[Row] = []
    for name, order in orders(of).items():
        seen = forecast(of, fit, counted_of(of, order[: len(order) // 2]), **how)
        row = _district_row(of, district_scores(seen))
        actual = of.blocs
        held = [_holds(seen.seats(bloc), actual.count(bloc)) for bloc in scored_blocs(of, seen)]
        rows.append(
            {
                "election": of.election,
                "order": name,
                **{k: v for k, v in row.items() if k != "election"},
                "blocs": len(held),
                "blocs_inside80": sum(held),
            }
        )
    return rows


def _holds(values: np.ndarray, actual: int) -> bool:
    found = _quantiles(values)
    return found["q10"] <= actual <= found["q90"]


def _chances(of: Assembly, seen: Seen) -> list[tuple[float, float, str]]:
    """(said, came, election) of each finalist of runoffs with three and more."""
    found = []
    for one in seen.ready.chamber.drawn:
        votes = of.votes[of.districts[one.place].id]
        if len(votes) > 2:
            best = int(np.argmax(votes))
            p = seen.tally.wins[one.place, : len(votes)] / seen.tally.trials
            found += [(float(p[k]), float(k == best), of.election) for k in range(len(votes))]
    return found


def _bins(chances: Sequence[tuple[float, float, str]]) -> list[Row]:
    if not chances:
        return []
    said, came, elections = zip(*chances, strict=True)
    return [
        {"low": one.low, "high": one.high, "finalists": one.count, "said": one.said, "came": one.came.value}
        for one in reliability(said, came, elections, _EDGES)
    ]
