"""Tables that nobody can mean: rows without end, parts that do not fit together."""

from __future__ import annotations

import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from runoff.data.tables.table import read_table
from runoff.errors import InputError


def test_rows_that_repeat_are_told_at_once(tmp_path: Path) -> None:
    """Half a million equal rows, a few kilobytes of Parquet: one message, and not one for each row."""
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"unit": ["North"] * 500_000, "registered": [5] * 500_000}), path)
    assert path.stat().st_size < 50_000
    begun = time.process_time()
    with pytest.raises(InputError, match="4,999 of the first 5,000 rows repeat others") as told:
        read_table(path, ("unit", "registered"), ())
    assert len(told.value.problems) == 1
    assert time.process_time() - begun < 20


def test_rows_that_differ_are_many(tmp_path: Path) -> None:
    """Twenty thousand rows, some of them twice, are a table; what is doubled there is its reader's to say."""
    path = tmp_path / "t.csv"
    rows = [f"u{i % 19_500},{i % 19_500}" for i in range(20_000)]
    path.write_text("\n".join(["unit,registered", *rows]) + "\n", "utf-8")
    assert len(read_table(path, ("unit", "registered"), ()).lines) == 20_000


def test_a_dictionary_that_lacks_an_entry_is_told(tmp_path: Path) -> None:
    """Categories whose indices point beyond them, as damaged files have: not a Parquet file that can be read."""
    path = tmp_path / "t.parquet"
    words = pa.DictionaryArray.from_arrays(pa.array([0, 1, 1], pa.int32()), pa.array(["North", "South"]))
    pq.write_table(pa.table({"unit": words, "registered": [5, 6, 7]}), path, compression="none")
    content = bytearray(path.read_bytes())
    found = []
    for at in range(len(content)):
        damaged = content.copy()
        damaged[at] ^= 0xFF
        path.write_bytes(damaged)
        try:
            read_table(path, ("unit", "registered"), ())
        except InputError as told:
            found.append(str(told))
    assert len(found) > 100
    assert not [text for text in found if "Error" in text]
