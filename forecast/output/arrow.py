"""Rows as Arrow tables and Parquet files, typed by `runoff.output.schemas.runoff_ahead` and nothing else."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import index
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from runoff.output.columns import ColumnType, Table

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
    arrays = [_array(column.type, columns[column.name]) for column in table.columns]
    return pa.Table.from_arrays(arrays, schema=arrow_schema(table, footer))


def _array(kind: ColumnType, values: list[Any]) -> pa.Array:
    """A column's values, None where one is missing, laid out as Arrow has them.

    pyarrow's own way from Python's values looks for pandas first, and where it is installed loads it: a third of a
    second.
    """
    known = [value is not None for value in values]
    valid = None if all(known) else pa.py_buffer(np.packbits(np.array(known), bitorder="little").tobytes())
    missing = len(values) - sum(known)
    if kind == "string":
        texts = [("" if value is None else value).encode() for value in values]
        ends = np.cumsum([0, *map(len, texts)]).astype(np.int32)
        parts = [valid, pa.py_buffer(ends.tobytes()), pa.py_buffer(b"".join(texts))]
        return pa.Array.from_buffers(_TYPES[kind], len(values), parts, missing)
    if kind == "bool":
        bits = np.packbits(np.array([bool(value) for value in values], np.bool_), bitorder="little")
    elif kind == "double":
        bits = np.array([0.0 if value is None else value for value in values], np.float64)
    else:
        bits = np.array([0 if value is None else _WHOLE[kind](value) for value in values], _BITS[kind])
    return pa.Array.from_buffers(_TYPES[kind], len(values), [valid, pa.py_buffer(bits.tobytes())], missing)


def _days(day: dt.date) -> int:
    return day.toordinal() - _EPOCH.toordinal()


def _microseconds(moment: dt.datetime) -> int:
    return (moment - _EPOCH) // dt.timedelta(microseconds=1)


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_BITS = {"int32": np.int32, "int64": np.int64, "date": np.int32, "timestamp": np.int64}
_WHOLE: dict[str, Any] = {"int32": index, "int64": index, "date": _days, "timestamp": _microseconds}


def write_file(path: Path, table: pa.Table) -> None:
    """One table as one Parquet file, which is new.

    Raises
    ------
    OSError : it cannot be written, or stands there.
    """
    with path.open("xb") as file:
        pq.write_table(table, file, row_group_size=ROW_GROUP, **_OPTIONS)


def write_pieces(
    path: Path, table: Table, footer: Mapping[str, str], keys: Mapping[str, str], pieces: Iterable[Mapping[str, Any]]
) -> None:
    """A table that is too large for rows, as one Parquet file, which is new.

    keys : columns that are the same in all rows.  pieces : of each its other columns, arrays of one length, or a text
    that is the same in all of its rows.

    Raises
    ------
    OSError : it cannot be written, or stands there.
    """
    schema = arrow_schema(table, footer)
    with path.open("xb") as file, open_writer(file, schema) as writer:
        for piece in pieces:
            rows = max(len(value) for value in piece.values() if not isinstance(value, str))
            for first in range(0, rows, ROW_GROUP):
                n = min(ROW_GROUP, rows - first)
                columns = {**keys, **piece}
                arrays = [
                    pa.repeat(pa.scalar(columns[column.name], _TYPES[column.type]), n)
                    if isinstance(columns[column.name], str)
                    else pa.array(columns[column.name][first : first + n])
                    for column in table.columns
                ]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema), row_group_size=ROW_GROUP)


def read_pieces(path: Path, by: str, names: Sequence[str]) -> Iterator[tuple[str, list[Any]]]:
    """A table piece by piece: of each text in the column `by`, arrays of the columns `names`."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(ROW_GROUP, columns=[by, *names]):
            texts = batch.column(by).dictionary_encode()
            places, arrays = texts.indices.to_numpy(), [batch.column(name).to_numpy() for name in names]
            for number, text in enumerate(texts.dictionary.to_pylist()):
                mine = places == number
                yield str(text), [array[mine] for array in arrays]


def open_writer(file: BinaryIO, schema: pa.Schema) -> pq.ParquetWriter:
    """A writer for a table that comes in pieces; the file is the caller's to close."""
    return pq.ParquetWriter(file, schema, **_OPTIONS)


def read_file(path: Path) -> tuple[list[dict[str, object]], dict[str, str]]:
    """Rows and footer of one Parquet file.

    `pq.read_table` would load pyarrow's data sets and, where it is installed, pandas: two fifths of a second.
    """
    with pq.ParquetFile(path) as file:
        table = file.read()
    return table.to_pylist(), _footer(table.schema)


def read_footer(path: Path) -> dict[str, str]:
    """The footer of one Parquet file, whose rows are not read."""
    with pq.ParquetFile(path) as file:
        return _footer(file.schema_arrow)


def _footer(schema: pa.Schema) -> dict[str, str]:
    entries = ((key.decode(), value.decode()) for key, value in (schema.metadata or {}).items())
    return {key.removeprefix(PREFIX): value for key, value in entries if key.startswith(PREFIX)}
