"""Where people went between two rounds: both rounds' tables in, a matrix with its uncertainty out."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from runoff import __version__
from runoff.app.flows import rows
from runoff.data.rounds.joined import BothRounds, joined
from runoff.data.rounds.read import Round, read_round
from runoff.errors import InputError
from runoff.estimate.ecological.transfers import Estimate, Settings, estimate
from runoff.model.flows.known import odds_of
from runoff.race import FloatArray, Tables

if TYPE_CHECKING:
    from runoff.report.illustrated import Report
    from runoff.report.page import Page

MOST_REGIONS = 500
MOST_CELLS = 2_000  # of a matrix: memory grows with its square


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for.

    first : a table, or a round that was read.  second : a table.  name : of the race, '' for the tables' names.
    settings : of the estimate.  units : also each unit's table.
    """

    first: Path | Round
    second: Path
    name: str = ""
    settings: Settings = field(default_factory=Settings)
    units: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Flows:
    """An estimate of transfers: tables by the names of `runoff.output.schemas.estimate`."""

    run_id: str
    digest: str
    tables: Tables

    def __repr__(self) -> str:
        return f"<{self.run_id}: {self.page().headline}>"

    def page(self) -> Page:
        """What is said of it, as a value."""
        from runoff.app.flows.page import page

        return page(self.tables)

    def report(self) -> Report:
        """The same with pictures."""
        from runoff.app.flows.pictures import report

        return report(self.tables)

    def document(self) -> dict[str, Any]:
        """What --json prints."""
        return {"run_id": self.run_id, "estimate": self.tables["estimate"][0], "matrix": self.tables["matrix"]}

    def save(self, folder: str | Path) -> Path:
        """Put the tables into a folder of their own in `folder`, whole or not at all; returns it.

        Raises
        ------
        RunExistsError : it stands there.
        OutputError : it cannot be written.
        """
        from runoff.output import store
        from runoff.output.schemas.estimate import ESTIMATE_TABLES

        with store.staged(Path(folder), self.run_id) as stage:
            stage.write(self.tables, ESTIMATE_TABLES, {"digest": self.digest, "version": __version__})
            return stage.commit("estimate", self.digest)


def flows(asked: Asked) -> Flows:
    """Estimate where the people of each option of the first round went.

    Raises
    ------
    InputError : with every problem of the tables.
    MissingFileError : a table is not there.
    """
    first = read_round(asked.first, "1") if isinstance(asked.first, Path) else asked.first
    second = read_round(asked.second, "2")
    both = joined(first, second)
    _small_enough(both, asked)
    odds = odds_of(both)
    if not (odds != 1.0).any():
        note = "no option of the first round is one of the second, by name or bloc: nothing is known before"
        both = replace(both, notes=(*both.notes, note))
    found = _estimated(both, odds, asked.settings)
    turned = _estimated(
        _turned(both), np.ascontiguousarray(odds.T), Settings(asked.settings.weight, 1, threads=asked.settings.threads)
    )
    digest = _digest(found)
    said = replace(asked, first=Path(), second=Path(), settings=replace(asked.settings, threads=1))
    key = f"{first.sha256}\0{second.sha256}\0{said}\0{__version__}"
    run_id = f"transfers-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    head = rows.Said(
        run_id, digest, asked.name or f"{Path(first.name).stem} to {asked.second.stem}", first.sha256, second.sha256
    )
    tables = rows.tables(head, both, odds, found, turned.matrix.T, asked.settings)
    if 1 < len(set(both.regions)) <= MOST_REGIONS:
        tables["matrix_regions"] = rows.regions(run_id, both, found, asked.settings)
    if asked.units:
        tables["unit_flows"] = rows.unit_flows(run_id, both, found)
    return Flows(run_id, digest, tables)


def kept_flows(tables: Tables) -> Flows:
    """An estimate of its tables, as they were kept."""
    head = tables["estimate"][0]
    return Flows(str(head["run_id"]), str(head["digest"]), tables)


def _small_enough(both: BothRounds, asked: Asked) -> None:
    """Refuse a matrix whose fit would not fit a laptop."""
    cells = len(both.origins) * len(both.destinations)
    if cells > MOST_CELLS:
        raise InputError.single(
            asked.second.name,
            "too many options",
            rule=f"at most {MOST_CELLS:,} cells of origins and destinations",
            got=f"{len(both.origins):,} x {len(both.destinations):,}",
            fix="sum the smallest options",
        )


def _estimated(both: BothRounds, odds: FloatArray, settings: Settings) -> Estimate:
    names = both.units, both.origins, both.destinations
    return estimate(both.first.astype(np.float64), both.second.astype(np.float64), names, odds, settings)


def _turned(both: BothRounds) -> BothRounds:
    """The same rounds from the second to the first."""
    return BothRounds(
        both.units,
        both.regions,
        both.destinations,
        both.origins,
        (both.kinds[1], both.kinds[0]),
        (both.blocs[1], both.blocs[0]),
        both.second,
        both.first,
        (),
        (),
        (),
    )


def _digest(found: Estimate) -> str:
    digest = hashlib.sha256()
    for part in (found.matrix, found.draws):
        digest.update(np.ascontiguousarray(part, "<f8").tobytes())
    return digest.hexdigest()
