"""Prints the tables of docs/output.md from `runoff.output.schemas`: `python -m runoff.output.schema_doc`."""

from __future__ import annotations

from runoff.output.columns import SCHEMA_VERSION, Table
from runoff.output.schemas.backtest import BACKTEST_TABLES
from runoff.output.schemas.chamber import CHAMBER_TABLES
from runoff.output.schemas.chamber_backtest import CHAMBER_BACKTEST_TABLES
from runoff.output.schemas.estimate import ESTIMATE_TABLES
from runoff.output.schemas.first_round_open import FIRST_ROUND_HISTORY, NIGHT_TABLES
from runoff.output.schemas.listing import RUNS
from runoff.output.schemas.rehearsal import REHEARSAL_TABLES
from runoff.output.schemas.runoff_ahead import TABLES
from runoff.output.schemas.runoff_night import HISTORY, RUNOFF_NIGHT_TABLES
from runoff.output.schemas.shard import SHARD_TABLES
from runoff.output.schemas.sweep import SWEEP_TABLES

BEGIN, END = "<!-- columns: begin -->", "<!-- columns: end -->"


def markdown() -> str:
    """Every table with its columns, as Markdown."""
    parts = [f"Schema version {SCHEMA_VERSION}."]
    tables = (
        *TABLES.values(),
        *NIGHT_TABLES.values(),
        FIRST_ROUND_HISTORY,
        *RUNOFF_NIGHT_TABLES.values(),
        HISTORY,
        *REHEARSAL_TABLES.values(),
        *BACKTEST_TABLES.values(),
        *CHAMBER_TABLES.values(),
        *CHAMBER_BACKTEST_TABLES.values(),
        *SHARD_TABLES.values(),
        *SWEEP_TABLES.values(),
        RUNS,
        *ESTIMATE_TABLES.values(),
    )
    parts += [_table(table) for table in tables]
    return "\n\n".join(parts) + "\n"


def _table(table: Table) -> str:
    asked = " Written on request only." if table.on_request else ""
    lines = [
        f"### {table.name}",
        "",
        f"A row is {table.row}.{asked}",
        "",
        "| column | type | meaning |",
        "|---|---|---|",
    ]
    for column in table.columns:
        kind = column.type + (", may be empty" if column.nullable else "")
        lines.append(f"| `{column.name}` | {kind} | {column.doc} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(markdown(), end="")
