"""Parquet files as columns of text, by type: what a data frame writes reads as the same table in CSV would.

A day is its day, a timestamp at midnight too; a whole double or decimal is that number; binary is UTF-8 text; lists
and structs are no cells.  Sizes and types are looked at before anything is read.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runoff.data.tables.table_csv import LONGEST, MOST_ROWS, Raw
from runoff.errors import InputError, Problem, shown

if TYPE_CHECKING:
    import pyarrow as pa

_MOST_BYTES = 2_000_000_000  # of all pages, unpacked
_WHOLE = 2.0**53  # doubles up to here tell whole numbers apart


def read(path: Path, content: bytes, wanted: Callable[[str], bool]) -> Raw:
    """The columns that are wanted; others are named in `header` and left empty.

    Raises
    ------
    InputError : not Parquet, too large, or with cells of a type that is none.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(content))
        _bounded(path, file.metadata)
        fields = list(file.schema_arrow)
        problems = [_type_problem(path, f) for f in fields if wanted(f.name) and not _is_cell(f.type)]
        if problems:
            raise InputError(problems)
        table = file.read([f.name for f in fields if wanted(f.name)])
        columns, place = [], 0
        for f in fields:
            column = [""] * file.metadata.num_rows if not wanted(f.name) else _texts(path, table.column(place), f.name)
            place += wanted(f.name)
            columns.append(column)
    except (pa.ArrowException, OSError, ValueError, LookupError, OverflowError) as cause:
        damaged = isinstance(cause, LookupError) or not str(cause)
        reason = "damaged: its parts do not fit together" if damaged else str(cause).splitlines()[0]
        what, fix = "not a Parquet file that can be read", "write the file again; a CSV file is named .csv"
        raise InputError.single(str(path), what, rule="Parquet, or CSV", got=shown(reason), fix=fix) from None
    return Raw(tuple(f.name for f in fields), columns, list(range(1, file.metadata.num_rows + 1)), [])


def _bounded(path: Path, metadata: Any) -> None:
    """Refuse a file that would fill the memory: few bytes can hold many rows."""
    size = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    if metadata.num_rows > MOST_ROWS or size > _MOST_BYTES:
        rule = f"at most {MOST_ROWS:,} rows and {_MOST_BYTES:,} bytes unpacked"
        got = f"{metadata.num_rows:,} rows, {size:,} bytes"
        raise InputError.single(str(path), "the table is too large", rule=rule, got=got, fix="sum small units")


def _is_cell(kind: pa.DataType) -> bool:
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _is_cell(kind.value_type)
    return not (pa.types.is_nested(kind) or pa.types.is_duration(kind) or pa.types.is_time(kind))


def _type_problem(path: Path, field: pa.Field) -> Problem:
    rule = "a cell is text, a number, a day, true or false"
    fix = "write the column as text"
    return Problem(f"{path}, {field.name}", 0, 0, "a column without cells", rule, shown(str(field.type)), fix)


def _texts(path: Path, column: Any, name: str) -> list[str]:
    """A column's cells as text; equal cells are one object."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        import pyarrow.compute as pc

        column = pc.local_timestamp(column)
    if pa.types.is_floating(kind):
        column = column.cast(pa.float64())
    if not pa.types.is_dictionary(kind):
        column = column.dictionary_encode()
    texts: list[str] = []
    for chunk in column.chunks:
        known = [_text(path, value, name) for value in chunk.dictionary.to_pylist()]
        texts += ["" if place is None else known[place] for place in chunk.indices.to_pylist()]
    return texts


def _text(path: Path, value: object, name: str) -> str:
    """One value as the same table in CSV would have it."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bytes):
        try:
            value = value.decode("utf-8")
        except UnicodeDecodeError:
            what, rule = f"bytes that are no text in {name}", "text is UTF-8"
            raise InputError.single(
                str(path), what, rule=rule, got=shown(repr(value)), fix="write it as text"
            ) from None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) <= _WHOLE else repr(value)
    text = str(value)
    if isinstance(value, str):
        if len(value) > LONGEST:
            what, rule = f"a cell of {name} is too long", f"at most {LONGEST:,} characters"
            raise InputError.single(str(path), what, rule=rule, got=shown(value), fix="shorten it")
        return value
    whole, point, rest = text.partition(".")
    return whole if point and not rest.strip("0") else text
