"""A table as Parquet, with the types that data frames give its columns, and files that are odd as files.

A *faithful* file holds what the CSV holds, in other types: it is refused, or gives the same answer.
"""

from __future__ import annotations

import datetime as dt
import decimal
import io
import random
import struct
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.fuzz.sheet import DAYS, Sheet

MANY = 500_000  # rows that take a few kilobytes
Cells = list[str]
Maker = Callable[[Cells], Any]


def _typed(kind: Any, convert: Callable[[str], Any]) -> Maker:
    """An array of a type; empty cells are null."""
    return lambda cells: pa.array([None if cell == "" else convert(cell) for cell in cells], kind)


def _day(cell: str) -> dt.date:
    return dt.date.fromisoformat(cell)


def _noon(cell: str) -> dt.datetime:
    return dt.datetime.fromisoformat(cell)


def _short(cell: str) -> float:
    """A number that 24 bits hold."""
    value = float(cell)
    if struct.unpack("f", struct.pack("f", value))[0] != value:
        raise ValueError
    return value


NUMBERS: dict[str, Maker] = {
    **{f"int{n}": _typed(pa.int64() if n == 64 else pa.int32(), int) for n in (32, 64)},
    "uint64": _typed(pa.uint64(), int),
    "double": _typed(pa.float64(), float),
    "float32": lambda cells: pa.array([_short(cell) if cell else None for cell in cells], pa.float32()),
    "double with NaN": lambda cells: pa.array([float(cell) if cell else float("nan") for cell in cells], pa.float64()),
    "decimal": _typed(pa.decimal128(20, 3), decimal.Decimal),
    "dictionary of text": lambda cells: pa.array(cells).dictionary_encode(),
    "dictionary of numbers": lambda cells: pa.array([float(c) if c else None for c in cells]).dictionary_encode(),
}
TIMES: dict[str, Maker] = {
    "date32": _typed(pa.date32(), _day),
    "date64": _typed(pa.date64(), _day),
    **{f"timestamp[{unit}]": _typed(pa.timestamp(unit), _noon) for unit in ("s", "ms", "us", "ns")},
    "timestamp with zone": _typed(pa.timestamp("us", "UTC"), _noon),
}
NAMES: dict[str, Maker] = {
    "text": _typed(pa.string(), str),
    "large text": _typed(pa.large_string(), str),
    "dictionary": lambda cells: pa.array(cells).dictionary_encode(),
    "binary": _typed(pa.binary(), str.encode),
}
ODD: dict[str, Maker] = {
    "booleans": lambda cells: pa.array([bool(len(cell) % 2) for cell in cells]),
    "false": lambda cells: pa.array([False] * len(cells)),
    "lists": lambda cells: pa.array([[cell] for cell in cells]),
    "structs": lambda cells: pa.array([{"value": cell} for cell in cells]),
    "maps": lambda cells: pa.array([[("a", cell)] for cell in cells], pa.map_(pa.string(), pa.string())),
    "nulls": lambda cells: pa.nulls(len(cells)),
    "some nulls": lambda cells: pa.array([None if n % 3 == 1 else cell for n, cell in enumerate(cells)], pa.string()),
    "NaN": lambda cells: pa.array([float("nan")] * len(cells)),
    "infinite": lambda cells: pa.array([float("inf")] * len(cells)),
    "huge": lambda cells: pa.array([2**63 + n for n in range(len(cells))], pa.uint64()),
    "durations": lambda cells: pa.array(range(len(cells)), pa.duration("s")),
    "times": lambda cells: pa.array(range(len(cells)), pa.time32("s")),
    "far timestamps": lambda cells: pa.array([-(2**62)] * len(cells), pa.timestamp("us")),
    "not UTF-8": lambda cells: pa.array([cell.encode("utf-16") for cell in cells], pa.binary()),
    "fractions": lambda cells: pa.array([n + 0.5 for n in range(len(cells))]),
    "wide decimals": lambda cells: pa.array([decimal.Decimal(7).scaleb(30)] * len(cells), pa.decimal256(60, 2)),
}


def damaged(sheet: Sheet, dice: random.Random) -> tuple[bytes, str, bool]:
    """The file, what was done, and whether it still holds what the table holds."""
    arrays, said, faithful = [], [], True
    odd = dice.choice(sheet.header) if dice.random() < 0.45 else None
    for place, name in enumerate(sheet.header):
        cells = [row[place] for row in sheet.rows]
        kinds = ODD if name == odd else NUMBERS if name in sheet.numbers() else TIMES if name in DAYS else NAMES
        kind = dice.choice(list(kinds))
        try:
            arrays.append(kinds[kind](cells))
        except (ValueError, ArithmeticError, pa.ArrowException):  # a fraction as a whole number
            kind = "text"
            arrays.append(pa.array(cells, pa.string()))
        said.append(f"{name}: {kind}")
        faithful &= name != odd
    table = pa.table(arrays, names=list(sheet.header))
    content, what, same = _file(table, dice)
    return content, ", ".join([*said, *([what] if what else [])]), faithful and same


def _file(table: Any, dice: random.Random) -> tuple[bytes, str, bool]:
    """The table as a file: ordinary, in odd pieces, or broken."""
    kind = dice.randrange(24)
    options: dict[str, Any] = {"compression": dice.choice(("snappy", "zstd", "gzip", "none", "brotli"))}
    if kind == 0:
        return _written(table.slice(0, 0)), "no rows", False
    if kind == 1:
        names = [*table.column_names[:-1], table.column_names[0]]
        return _written(table.rename_columns(names)), "a column twice", False
    if kind == 2:
        return _written(table, row_group_size=1, **options), "a row a group", True
    if kind == 3 and dice.random() < 0.25:
        taken = pa.concat_tables([table.slice(0, 1)]).combine_chunks()
        repeated = pa.table([pa.repeat(taken.column(n)[0], MANY) for n in range(taken.num_columns)], taken.column_names)
        return _written(repeated, compression="zstd"), f"{MANY:,} equal rows", False
    if kind == 4:
        return _written(table.append_column("__index_level_0__", pa.array(range(len(table))))), "an index column", False
    content = _written(table, **options)
    if kind == 5:
        return content[: dice.randrange(len(content))], "cut off", False
    if kind in (6, 7, 8):
        changed = bytearray(content)
        for _ in range(dice.randint(1, 4)):
            changed[dice.randrange(len(changed))] = dice.randrange(256)
        return bytes(changed), "bytes changed", False
    if kind == 9:
        return b"PAR1" + dice.randbytes(dice.randrange(400)) + b"PAR1", "noise", False
    return content, "", True


def _written(table: Any, **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, **options)
    return sink.getvalue()
