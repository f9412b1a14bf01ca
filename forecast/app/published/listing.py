"""`runoff list`: the runs under a folder, chosen, sorted and told."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from runoff import names
from runoff.app.published.found import Found, Shelf
from runoff.errors import UsageError, suggestion
from runoff.race import Row
from runoff.report.layout import readable
from runoff.report.page import Column, Grid, Page

ORDERS: dict[str, Callable[[Found], Any]] = {
    "race": lambda run: (run.race_id, *run.order),
    "as-of": lambda run: run.order,
    "written": lambda run: (run.written, run.run_id),
    "chance": lambda run: (run.chances[0][1], run.run_id),
    "trials": lambda run: (run.trials, run.run_id),
}
_MOST = 200  # rows of text


@dataclass(frozen=True, slots=True)
class Asked:
    """Which runs, and in what order; '' and None stand for any."""

    race: str = ""
    phase: str = ""
    since: dt.date | None = None
    latest: bool = False
    order: str = "race"


def chosen(shelf: Shelf, asked: Asked) -> list[Found]:
    """The runs that are asked for, in order.

    Raises
    ------
    UsageError : a race or a phase that no run has.
    """
    runs, latest = list(shelf.runs), {run.run_id for run in shelf.latest().values()}
    for word, value in (("race", asked.race), ("phase", asked.phase)):
        known = {str(getattr(run, "race_id" if word == "race" else "phase")) for run in runs}
        if value and runs and value not in known:
            few = f"one of {names.listed(sorted(known), 8)}"
            raise UsageError(f"--{word}: no run has {value!r}\n  fix:  {suggestion(value, known) or few}")
    runs = [
        run
        for run in runs
        if asked.race in ("", run.race_id)
        and asked.phase in ("", run.phase)
        and (asked.since is None or run.as_of >= asked.since)
        and (not asked.latest or run.run_id in latest)
    ]
    return sorted(runs, key=ORDERS[asked.order])


def rows(shelf: Shelf, runs: Sequence[Found]) -> list[Row]:
    """Rows of `runoff.output.schemas.listing.RUNS`."""
    latest = {run.run_id for run in shelf.latest().values()}
    return [
        {
            "run_id": run.run_id,
            "race_id": run.race_id,
            "race_name": run.race_name,
            "phase": run.phase,
            "as_of": run.as_of,
            "written": run.written,
            "leader": run.chances[0][0],
            "p_leader": run.chances[0][1],
            "p_win": json.dumps(dict(run.chances), ensure_ascii=False),
            "trials": run.trials,
            "latest": run.run_id in latest,
            "folder": str(run.folder),
            "digest": run.digest,
            "version": run.version,
            "counted": run.counted,
        }
        for run in runs
    ]


def document(shelf: Shelf, runs: Sequence[Found]) -> dict[str, Any]:
    """What --json prints: chances as objects, days and times as text."""
    told = []
    for row, run in zip(rows(shelf, runs), runs, strict=True):
        plain = {**row, "as_of": run.as_of.isoformat(), "written": run.written.isoformat(timespec="seconds")}
        counted = None if run.counted is None else run.counted.isoformat(timespec="seconds")
        told.append({**plain, "p_win": dict(run.chances), "counted": counted})
    return {"runs": told, "notes": list(shelf.notes)}


def parquet(shelf: Shelf, runs: Sequence[Found]) -> bytes:
    """The table as a Parquet file."""
    import pyarrow.parquet as pq

    from runoff.output.arrow import arrow_table
    from runoff.output.schemas.listing import RUNS

    sink = io.BytesIO()
    pq.write_table(arrow_table(RUNS, rows(shelf, runs), {}), sink)
    return sink.getvalue()


def page(shelf: Shelf, runs: Sequence[Found]) -> Page:
    """A row a run."""
    told: list[dict[str, Any]] = list(readable({"runs": rows(shelf, runs)})["runs"])
    shown = told[:_MOST]
    many = f"{len(runs):,} {'run' if len(runs) == 1 else 'runs'}"
    races = len({run.race_id for run in runs})
    headline = f"{many} of {races:,} {'race' if races == 1 else 'races'}"
    if not runs:
        return Page("no runs", notes=tuple(shelf.notes))
    grid = Grid(
        (
            Column("run", tuple(row["run_id"] for row in shown), left=True),
            Column("as of", tuple(str(row["as_of"]) for row in shown), left=True),
            Column("state", tuple(_STATES[row["phase"]] for row in shown), left=True, leaves=2),
            Column("ahead", tuple(row["leader"] for row in shown), left=True, words=True, least=8),
            Column("P(wins)", tuple(run.said for run in runs[:_MOST])),
            Column("written", tuple(f"{row['written']:%Y-%m-%d %H:%M}" for row in shown), left=True, leaves=1),
            Column("latest", tuple("*" if row["latest"] else "" for row in shown), left=True, leaves=3),
        ),
        more=(f"and {len(runs) - _MOST:,} more: --json or --out has them",) if len(runs) > _MOST else (),
        below="written: UTC; *: the latest of its race",
    )
    return Page(headline, (grid,), tuple(shelf.notes))


_STATES = {"runoff_ahead": "ahead", "first_round_open": "first round", "runoff_night": "night", "chamber": "chamber"}
