"""Rows as Arrow tables and Parquet files, typed by `runoff.output.schemas.runoff_ahead` and nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from runoff.output.columns import Table

ROW_GROUP = 122_880  # rows: DuckDB's own size, and a size that others read well
PREFIX = "runoff."  # of our keys in a file's footer

_TYPES = {
    "string": pa.string(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "double": pa.float64(),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}
_OPTIONS: dict[str, Any] = {
    "compression": "zstd",
    "write_page_checksum": True,
    "version": "2.6",
    "coerce_timestamps": "us",
    "write_statistics": True,
}


def warm_up() -> None:
    """Make the first array: pyarrow then looks for pandas, and loads it where it is installed."""
    pa.array([0])


def arrow_schema(table: Table, footer: Mapping[str, str]) -> pa.Schema:
    """The Arrow schema of a table, with the footer's entries under PREFIX."""
    fields = [pa.field(column.name, _TYPES[column.type], nullable=column.nullable) for column in table.columns]
    return pa.schema(fields, metadata={f"{PREFIX}{key}": value for key, value in footer.items()})


def arrow_table(table: Table, rows: list[dict[str, object]], footer: Mapping[str, str]) -> pa.Table:
    """Rows as an Arrow table.

    Raises
    ------
    ValueError : a NaN, a missing value where none may be, or a column that the schema does not know.
    """
    names = [column.name for column in table.columns]
    columns = {column.name: [row.get(column.name) for row in rows] for column in table.columns}
    for row in rows:
        unknown = set(row) - set(names)
        if unknown:
            raise ValueError(f"table {table.name} has no columns {sorted(unknown)}")
    for column in table.columns:
        for value in columns[column.name]:
            if value is None and not column.nullable:
                raise ValueError(f"{table.name}.{column.name} must have a value")
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError(f"{table.name}.{column.name} must be finite, got {value}")
    return pa.table(columns, schema=arrow_schema(table, footer))


def write_file(path: Path, table: pa.Table) -> None:
    """One table as one Parquet file, which is new.

    Raises
    ------
    OSError : it cannot be written, or stands there.
    """
    with path.open("xb") as file:
        pq.write_table(table, file, row_group_size=ROW_GROUP, **_OPTIONS)


def open_writer(file: BinaryIO, schema: pa.Schema) -> pq.ParquetWriter:
    """A writer for a table that comes in pieces; the file is the caller's to close."""
    return pq.ParquetWriter(file, schema, **_OPTIONS)


def read_file(path: Path) -> tuple[list[dict[str, object]], dict[str, str]]:
    """Rows and footer of one Parquet file."""
    table = pq.read_table(path, partitioning=None)
    metadata = table.schema.metadata or {}
    footer = {
        key.decode().removeprefix(PREFIX): value.decode()
        for key, value in metadata.items()
        if key.decode().startswith(PREFIX)
    }
    return table.to_pylist(), footer
