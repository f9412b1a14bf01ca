"""A kept run as files that other programs draw: a row a candidate, or the flow of votes to the runoff."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from runoff.errors import UsageError
from runoff.output.history import comma_separated

if TYPE_CHECKING:
    from runoff.race import Tables

_TOPLINES = "forecastdate race round candidate party model win_probability voteshare p10_voteshare p90_voteshare"
HEADERS = {"toplines": tuple(_TOPLINES.split()), "sankey": ("source", "target", "value")}  # columns of each kind
_ROUND = {"candidates": "runoff", "runoff_finalists": "runoff", "first_round": "first"}  # whose share it is
_NOBODY = "did not vote"


def exported(kind: str, tables: Tables) -> str:
    """A run's tables as CSV of a kind of HEADERS, lines ended by a line feed.

    Raises
    ------
    UsageError : the run has nothing of that kind.
    """
    rows = _toplines(tables) if kind == "toplines" else _flow(tables)
    return comma_separated([HEADERS[kind], *rows])


def _toplines(tables: Tables) -> list[Sequence[object]]:
    """A row a candidate, as FiveThirtyEight had them: chances from 0 to 1, shares in per cent."""
    name = next((name for name in _ROUND if name in tables), "")
    if not name:
        raise UsageError("not a run\n  fix:  name the folder of a run, or one of its tables")
    head: dict[str, Any] = next(iter(tables.values()))[0]
    people: list[dict[str, Any]] = list(tables[name])
    return [
        (
            *(head["as_of"], head["race_id"], _ROUND[name], row["candidate"], row["party"], "runoff", row["p_win"]),
            *(round(100 * row[f"share_{level}"], 4) for level in ("mean", "q10", "q90")),
        )
        for row in sorted(people, key=lambda row: -row["p_win"])
    ]


def _flow(tables: Tables) -> list[Sequence[object]]:
    """A row a pool and destination: mean number of people; both ends say their round, so that no name is at both."""
    if "transfers" not in tables:
        raise UsageError(
            "--as sankey: only a run whose runoff is ahead has votes that move from pool to finalist\n"
            "  fix:  --as toplines goes with every run"
        )
    rows: list[dict[str, Any]] = [row for row in tables["transfers"] if row["kind"] != "bloc"]
    return [
        (f"{row['pool']} (first round)", f"{row['destination'] or _NOBODY} (runoff)", round(row["votes_mean"], 2))
        for row in rows
    ]
