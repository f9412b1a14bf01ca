"""What a table is made of: columns with a type and a meaning, and those that many tables have.

`store` writes by them, pages read by them, docs/output.md is printed from them (`python -m runoff.output.schema_doc`).
Columns are only ever added at the end of a table; a change of meaning raises `SCHEMA_VERSION` and is told in
CHANGELOG.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SCHEMA_VERSION = 2

LEVELS = (5, 10, 50, 90, 95)  # the quantiles, in per cent, that have columns of their own

ColumnType = Literal["string", "int32", "int64", "double", "bool", "date", "timestamp"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `nullable` columns say in `doc` when they are empty."""

    name: str
    type: ColumnType
    doc: str
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a run: a file `<name>.parquet`; `row` says what a row is."""

    name: str
    row: str
    columns: tuple[Column, ...]
    on_request: bool = False


KEYS = (
    Column("run_id", "string", "names the run; the same in all of its tables"),
    Column("race_id", "string", "the race's id from the run file"),
)


def quantiles(prefix: str, of: str, *, nullable: bool = False) -> tuple[Column, ...]:
    """The columns of a quantity's quantiles."""
    return tuple(Column(f"{prefix}_q{q:02d}", "double", f"{q} % quantile of {of}", nullable) for q in LEVELS)


ESS = Column(
    "ess", "double", "effective sample size behind the row: the trials, or what they are worth where they have weights"
)

SHORT = Column(
    "short",
    "string",
    "name in short texts: the run file's [short], else the surname where it tells the race's candidates apart, "
    "else the whole name",
)
