"""Tables of our own as Parquet with a type a column, written and read without a detour through text.

Written anew from the same columns by the same version of the writer they have the same bytes; the writer's version
stands in the file (`writer`).
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, Literal

Kind = Literal["text", "count", "count?", "flag", "day", "share", "share?"]
KINDS: dict[Kind, str] = {  # what each is in Parquet, as docs say it
    "text": "string",  # '' where nothing is known
    "count": "int64",
    "count?": "int64, may be empty",
    "flag": "bool",
    "day": "date32",
    "share": "double",
    "share?": "double, may be empty",
}
Columns = dict[str, list[Any]]


def written(columns: Mapping[str, Sequence[object]], kinds: Mapping[str, Kind], footer: Mapping[str, str]) -> bytes:
    """A Parquet file of columns, each of its kind.

    Raises
    ------
    ValueError, TypeError : a value that is not of its column's kind.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {"count": pa.int64(), "flag": pa.bool_(), "day": pa.date32(), "share": pa.float64()}
    arrays, fields = [], []
    for name, kind in kinds.items():
        if kind == "text":
            arrays.append(pa.array(columns[name], pa.string()).dictionary_encode())
        else:
            arrays.append(pa.array(columns[name], types[kind.removesuffix("?")]))
        if arrays[-1].null_count and not kind.endswith("?"):
            raise ValueError(f"{name}: {arrays[-1].null_count} cells without a value")
        fields.append(pa.field(name, arrays[-1].type, nullable=kind.endswith("?")))
    schema = pa.schema(fields, metadata={f"runoff.{key}": value for key, value in footer.items()})
    file = io.BytesIO()
    table = pa.Table.from_arrays(arrays, schema=schema)
    options: dict[str, Any] = {"compression": "zstd", "compression_level": 19, "version": "2.6"}
    pq.write_table(table, file, use_dictionary=True, write_statistics=True, write_page_checksum=True, **options)
    return file.getvalue()


def read(content: bytes, kinds: Mapping[str, Kind]) -> Columns:
    """The columns of a file that `written` wrote: text, int, bool, date, float, or None where one may be empty.

    Raises
    ------
    ValueError : damaged, or without one of the columns.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(pa.BufferReader(content)).read(list(kinds))
        return {name: _values(table.column(name), kind) for name, kind in kinds.items()}
    except (pa.ArrowException, OSError, LookupError) as cause:
        raise ValueError(f"not a table of this kind: {str(cause).splitlines()[0]}") from None


def writer(content: bytes) -> str:
    """Which version of the library wrote a file: two versions may write one table in different bytes."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    return str(pq.ParquetFile(pa.BufferReader(content)).metadata.created_by)


def _values(column: Any, kind: Kind) -> list[Any]:
    """A column's values; to_numpy would be as fast, and load pandas where it is installed."""
    if kind != "text":
        return list(column.to_pylist())
    values: list[str] = []
    for chunk in column.chunks:
        known = chunk.dictionary.to_pylist()
        values += [known[place] for place in chunk.indices.to_pylist()]
    return values
