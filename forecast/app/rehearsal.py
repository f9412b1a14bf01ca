"""What a rehearsal found: its nights and units, their scores, as tables and as text."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from runoff import __version__
from runoff.estimate.logistic import TAIL
from runoff.estimate.scores import brier, crps_normal, rms_z
from runoff.output.columns import SCHEMA_VERSION
from runoff.race import Tables

if TYPE_CHECKING:
    from runoff.phases.pipeline import Opened
    from runoff.report.page import Page

_EVEN = 1e-6  # spread of shares below which units are all alike

Night = dict[str, Any]  # a row of one of the tables

MOST_NOTES = 20  # that are told one by one

ALL = ("", -1.0)  # order and share of the row of all nights


@dataclass(frozen=True, slots=True, repr=False)
class Rehearsal:
    """A finished race replayed: tables by the names of `runoff.output.schemas.rehearsal`."""

    run_id: str
    digest: str
    tables: Tables
    _run: Opened

    def __repr__(self) -> str:
        return f"<{self.run_id}: {len(self.tables['rehearsal_nights'])} nights>"

    def text(self, width: int = 80) -> str:
        """What the command line prints, at most `width` columns wide."""
        return self.page().text(width)

    def page(self) -> Page:
        """What is said of it, as a value."""
        from runoff.app.rehearsal_page import page

        return page(self.tables)

    def document(self) -> dict[str, Any]:
        """What --json prints: the tables, without the columns that name the run."""
        from runoff.app.rehearsal_page import document

        return document(self.tables)

    def save(self, folder: str | Path) -> Path:
        """Put the tables into a folder of their own in `folder`, whole or not at all; returns it.

        Raises
        ------
        RunExistsError : it stands there.
        OutputError : it cannot be written.

        """
        from runoff.output import store
        from runoff.output.provenance import footer
        from runoff.output.schemas.rehearsal import REHEARSAL_TABLES

        case, settings = self._run.data.case, self._run.settings
        with store.staged(Path(folder), self.run_id) as stage:
            stage.write(
                self.tables,
                REHEARSAL_TABLES,
                footer(
                    case.text,
                    Path(case.path).name,
                    self._run.data.sources,
                    as_of=case.run_file.race.as_of,
                    seed=settings.seed,
                    trials=settings.trials,
                    digest=self.digest,
                ),
            )
            return stage.commit("rehearsal", self.digest)


class Heard:
    """Notes of all nights: each once, with the number of nights that had it.

    always : notes on the run file and the tables, which every night has.
    names : of places; notes that differ in other numbers only are one, and the first of them is told.
    """

    def __init__(self, always: Iterable[str], names: Iterable[str]) -> None:
        self._always = tuple(dict.fromkeys(always))
        self._names = sorted({name for name in names if re.search(r"\d", name)}, key=len, reverse=True)
        self._found: dict[str, list[tuple[str, bool]]] = {}  # by key: each that was heard, and whether on a night

    def hear(self, notes: Iterable[str], *, night: bool) -> None:
        """Notes of one night, or of the units with the race's total given."""
        for key, note in {self._key(note): note for note in notes if note not in self._always}.items():
            self._found.setdefault(key, []).append((note, night))

    def told(self, nights: int) -> list[str]:
        """What is said of them, those of most nights first; the last line counts what is left out."""
        found = sorted(self._found.values(), key=lambda heard: -sum(night for _, night in heard))
        said = [f"{heard[0][0]} ({_where(heard, nights)})" for heard in found[:MOST_NOTES]]
        more = len(found) - MOST_NOTES
        return [*self._always, *said, *([f"{more:,} more notes, each on as many nights or fewer"] * (more > 0))]

    def _key(self, note: str) -> str:
        names = [re.escape(name) for name in self._names if name in note]
        kept = rf"(?<!\w)(?:{'|'.join(names)})(?!\w)|" if names else ""
        return re.sub(rf"({kept}(?!))|\d[\d,.]*", lambda found: found.group(1) or "#", note)


def _where(heard: Sequence[tuple[str, bool]], of: int) -> str:
    """On how many nights a note was heard, and whether each had the same numbers."""
    nights = sum(night for _, night in heard)
    on = "the one night" if of == 1 else f"all {of:,} nights" if nights == of else f"{nights:,} of {of:,} nights"
    parts = [f"on {on}"] * (nights > 0) + ["units, the race's total given"] * (nights < len(heard))
    parts += ["numbers of the first"] * (len({note for note, _ in heard}) > 1)
    return "; ".join(parts)


def made(run: Opened, nights: list[Night], units: list[Night], truth: float, notes: Sequence[str] = ()) -> Rehearsal:
    """The rehearsal of these nights and units, with what is noted of them."""
    case, settings = run.data.case, run.settings
    digest = hashlib.sha256(json.dumps([nights, units], sort_keys=True).encode()).hexdigest()
    plan = [f"{row['order']} {row['counted']}" for row in nights] + ["units"] * bool(units)
    run_id = f"{run.run_id}-{hashlib.sha256(json.dumps(plan).encode()).hexdigest()[:6]}"
    head = {
        "race_name": case.run_file.race.name,
        "first": case.finalists[0],
        "second": case.finalists[1],
        "truth": truth,
        "trials": settings.trials,
        "seed": settings.seed,
        "results_sha256": run.data.reported.source[1],
        **unit_scores(units),
        "digest": digest,
        "version": __version__,
        "schema_version": SCHEMA_VERSION,
        "warnings": "\n".join(notes),
        "finalists": len(case.finalists),
    }
    tables = {
        "rehearsal": [head],
        "rehearsal_nights": nights,
        "rehearsal_scores": score_rows(nights),
        "rehearsal_units": units,
    }
    keys = {"run_id": run_id, "race_id": case.run_file.race.id}
    stamped: Tables = {name: [{**keys, **row} for row in rows] for name, rows in tables.items()}
    return Rehearsal(run_id, digest, stamped, run)


def score_rows(nights: Sequence[Night]) -> list[Night]:
    """Scores of each order, each share counted, and all together, where there is more than one of them."""

    def among(key: str) -> list[Any]:
        return list(dict.fromkeys(row[key] for row in nights))

    rows = [_scored(night["order"], night["counted"], [night]) for night in nights]
    rows += [_scored(order, ALL[1], [row for row in nights if row["order"] == order]) for order in among("order")]
    rows += [_scored(ALL[0], share, [row for row in nights if row["counted"] == share]) for share in among("counted")]
    return rows + ([_scored(*ALL, nights)] if nights else [])


def inside(row: Night, p: int) -> bool:
    """Whether the truth lies in the forecast's interval of p per cent."""
    return bool(row[f"low{p}"] <= row["truth"] <= row[f"high{p}"])


def error(row: Night) -> float:
    """How far the median margin was off."""
    return abs(float(row["margin_median"]) - float(row["truth"]))


def swing_error(row: Night) -> float | None:
    """How far plain swing was off."""
    return None if row["swing_margin"] is None else abs(float(row["swing_margin"]) - float(row["truth"]))


def _scored(order: str, counted: float, nights: Sequence[Night]) -> Night:
    swing = [off for off in map(swing_error, nights) if off is not None]
    return {
        "order": order,
        "counted": counted,
        "nights": len(nights),
        **{f"inside{p}": float(np.mean([inside(row, p) for row in nights])) for p in (50, 80, 90)},
        "error": float(np.mean([error(row) for row in nights])),
        "swing_error": float(np.mean(swing)) if swing else None,
        "rms_z": rms_z(*([row[key] for row in nights] for key in ("margin_mean", "margin_sd", "truth"))),
        "crps": float(np.mean([row["crps"] for row in nights])),
        "brier": brier([row["p_first"] for row in nights], [row["truth"] > 0 for row in nights]),
    }


def unit_row(votes: float, fifth: int, share: float, mean: float, sd: float) -> Night:
    """A unit's forecast by mean and sd, with the noise of counting, beside its share of `votes`, for `unit_scores`."""
    score = float(crps_normal(np.array(mean), np.array(sd), np.array(share)))
    return {
        "votes": int(votes),
        "fifth": fifth,
        "share": share,
        "share_mean": mean,
        "share_sd": sd,
        "crps": score,
    }


def unit_scores(units: Sequence[Night]) -> Night:
    """How the units' forecasts did; all None where there are none."""
    names = ["units_inside80", "units_crps", "units_spread", *(f"bias_fifth{k}" for k in range(1, 6))]
    if not units:
        return dict.fromkeys(names)
    columns = ("votes", "fifth", "share", "share_mean", "share_sd", "crps")
    votes, fifth, share, mean, sd, crps = (np.array([row[name] for row in units], float) for name in columns)
    values: list[float | None] = [
        float((np.abs(share - mean) <= TAIL * sd).mean()),
        float(crps.mean()),
        _spread(mean, sd, votes) / real if (real := _spread(share, np.zeros(len(share)), votes)) > _EVEN else None,
    ]
    for k in range(1, 6):
        mine = fifth == k
        values.append(float(np.average((share - mean)[mine], weights=votes[mine])) if mine.any() else None)
    return dict(zip(names, values, strict=True))


def _spread(mean: Any, sd: Any, votes: Any) -> float:
    """Standard deviation between units by votes, where each has a spread of its own."""
    middle = np.average(mean, weights=votes)
    return float(np.sqrt(np.average((mean - middle) ** 2 + sd**2, weights=votes)))
