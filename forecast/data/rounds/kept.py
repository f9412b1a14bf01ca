"""A kept estimate of transfers, read as draws by origin and destination: what a later forecast takes rates from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from runoff.data.tables import table_parquet
from runoff.data.tables.table import LARGEST
from runoff.data.tables.table_csv import Raw
from runoff.errors import InputError, MissingFileError
from runoff.files import read_bytes

MATRIX, DRAWS = "matrix.parquet", "matrix_draws.parquet"
_CELL = ("run_id", "origin", "destination")
_OF_MATRIX = (*_CELL, "origin_kind", "origin_bloc", "destination_kind", "destination_bloc")
_OF_DRAWS = (*_CELL, "draw", "votes")
_RULE = "a folder that `runoff estimate --out` wrote"


@dataclass(frozen=True, slots=True)
class Option:
    """An origin or destination: its name, kind (candidate, blank, absent), and bloc or party."""

    name: str
    kind: str
    bloc: str


@dataclass(frozen=True, slots=True)
class KeptEstimate:
    """Draws of an estimate: float64[D, R, C], people; its run, and the name and sha256 of each table."""

    run_id: str
    origins: tuple[Option, ...]
    destinations: tuple[Option, ...]
    draws: npt.NDArray[np.float64]
    sources: tuple[tuple[str, str], ...]


def read_estimate(folder: Path) -> KeptEstimate:
    """Read an estimate from its folder.

    Raises
    ------
    MissingFileError : no such folder, or not an estimate's.
    InputError : its tables are not what was written.
    """
    try:
        matrix, of_matrix = _table(folder / MATRIX, _OF_MATRIX)
        drawn, of_draws = _table(folder / DRAWS, _OF_DRAWS)
    except MissingFileError as error:
        said = str(error).split("\n", 1)[0]
        raise MissingFileError(f'{said}\n  fix:  estimate = "..." is {_RULE}') from None
    runs = {*matrix["run_id"], *drawn["run_id"]}
    origins = _options(matrix, "origin")
    destinations = _options(matrix, "destination")
    cells = [(o.name, d.name) for o in origins for d in destinations]
    try:
        votes = np.array([float(vote) for vote in drawn["votes"]])
    except ValueError:
        votes = np.empty(0)
    n = len(votes) // max(len(cells), 1)
    order = list(zip(drawn["origin"], drawn["destination"], strict=True))
    sound = n >= 2 and n * len(cells) == len(votes) and order == cells * n and np.isfinite(votes).all()
    if len(runs) != 1 or not sound or (votes < -0.5).any():
        raise InputError.single(
            str(folder),
            "not the tables of one estimate",
            rule=_RULE,
            got=f"{len(votes):,} rows of {DRAWS}",
            fix="estimate again",
        )
    draws = np.maximum(votes, 0.0).reshape(n, len(origins), len(destinations))
    return KeptEstimate(runs.pop(), origins, destinations, draws, (of_matrix, of_draws))


def _options(matrix: dict[str, list[str]], side: str) -> tuple[Option, ...]:
    rows = zip(matrix[side], matrix[f"{side}_kind"], matrix[f"{side}_bloc"], strict=True)
    return tuple(Option(*row) for row in dict.fromkeys(rows))


def _table(path: Path, wanted: tuple[str, ...]) -> tuple[dict[str, list[str]], tuple[str, str]]:
    """Columns of a table by name, and its own name and sha256."""
    content = read_bytes(path, LARGEST, "a table of an estimate")
    raw: Raw = table_parquet.read(path, content, lambda name: name in wanted)
    missing = [name for name in wanted if name not in raw.header]
    if missing:
        raise InputError.single(str(path), f"no column {missing[0]}", rule=_RULE, fix="estimate again")
    columns = {name: raw.columns[raw.header.index(name)] for name in wanted}
    return columns, (str(path), hashlib.sha256(content).hexdigest())
