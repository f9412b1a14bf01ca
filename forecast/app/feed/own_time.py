"""The time that a count's own table states goes before its server's and its file's."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from runoff.app.feed.source import Count
from runoff.data.counts.counted_at import COLUMN, counted_at
from runoff.data.tables.table import read_table
from runoff.errors import InputError, Problem


def with_own_time(count: Count) -> Count:
    """The count with the latest time of its column `counted_at`, where it has one that can be read.

    What is wrong with a table or with a time is told when the table is read for a forecast.  A kept count has the time
    in its name.
    """
    if count.kept or COLUMN.encode() not in count.content:
        return count
    problems: list[Problem] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"count{count.suffix}"
        path.write_bytes(count.content)
        try:
            time = counted_at(read_table(path, (), (COLUMN,), empty=True), problems)
        except InputError:
            return count
    return count if time is None or problems else replace(count, time=time, by=f"its column {COLUMN}")
