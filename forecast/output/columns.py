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
CORE = (10, 50, 90)  # of them, those of what is less looked at

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


PERSON = (
    Column("candidate", "string", "name, as in the results table"),
    Column("party", "string", "party, as in the results table"),
    Column("bloc", "string", "bloc, from the run file or the party"),
)

RECOUNT_MARGIN = Column("recount_margin", "double", "largest margin, in votes' shares, with a recount; 0 for none")

COUNT_TIME = Column(
    "count_time", "timestamp", "when the source says that it counted these votes, UTC; may be empty", True
)

MODEL = Column("model", "string", "name of the locked model (program, run file, settings, tables); may be empty", True)

ESS = Column("ess", "double", "effective sample size behind the row: the trials, or what weighted ones are worth")

SHORT = Column(
    "short",
    "string",
    "name in short texts: the run file's [short], else the surname where it tells the race's candidates apart, "
    "else the whole name",
)


def quantiles(prefix: str, of: str, levels: tuple[int, ...] = LEVELS) -> tuple[Column, ...]:
    """The columns of a quantity's quantiles."""
    return tuple(Column(f"{prefix}_q{q:02d}", "double", f"{q} % quantile of {of}") for q in levels)


def moments(prefix: str, of: str) -> tuple[Column, Column]:
    """The columns of a quantity's mean and standard deviation."""
    sd = Column(f"{prefix}_sd", "double", "its standard deviation")
    return Column(f"{prefix}_mean", "double", f"mean {of}"), sd


def chance(name: str, of: str) -> tuple[Column, Column]:
    """The columns of a probability and of its Monte Carlo standard error."""
    return Column(name, "double", of), Column(f"{name}_mcse", "double", "its Monte Carlo standard error")


def made(digest: str) -> tuple[Column, ...]:
    """The columns that tell how a run was made; digest : what it is over."""
    return (
        Column("seconds", "double", "wall time; left out of the digest", nullable=True),
        Column("digest", "string", f"sha256 over {digest}"),
        Column("config_sha256", "string", "sha256 of the run file's text"),
        Column("version", "string", "version of the program"),
        Column("schema_version", "int32", "version of these tables"),
        Column("warnings", "string", "what a reader must know, one remark a line; '' if nothing"),
    )
