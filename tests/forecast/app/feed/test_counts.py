from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from runoff.app.feed.counts import Counts, kept_counts
from runoff.app.feed.source import Count
from runoff.errors import InputError, MissingFileError, OutputError
from tests.forecast.app.feed.test_follow import START, count


def test_kept_counts_come_back_in_order_and_whole(tmp_path: Path) -> None:
    """Content, time to the second and kind of file; what else lies there is left alone."""
    counts = Counts(tmp_path)
    wanted = [count("b", 2), count("a", 1), Count(b"c", START + dt.timedelta(minutes=3), "its time", ".parquet")]
    for one in wanted:
        counts.admit(one)
    (tmp_path / "notes.txt").write_text("mine")
    found = kept_counts(tmp_path)
    assert [(one.content, one.time, one.suffix) for one in found] == [
        (one.content, one.time, one.suffix) for one in sorted(wanted, key=lambda one: one.time)
    ]


def test_a_folder_without_counts_or_with_altered_ones_is_told(tmp_path: Path) -> None:
    """Missing, empty, another content than the name says, a time that is none."""
    with pytest.raises(MissingFileError, match="no counts there"):
        kept_counts(tmp_path / "none")
    with pytest.raises(MissingFileError, match="no counts there"):
        kept_counts(tmp_path)
    path = Counts(tmp_path).admit(count("a", 1)).path
    path.write_text("b")
    with pytest.raises(InputError, match="not what was kept"):
        kept_counts(tmp_path)
    path.rename(tmp_path / path.name.replace("T000100Z", "T240000Z"))
    (tmp_path / path.name.replace("T000100Z", "T240000Z")).write_text("a")
    with pytest.raises(InputError, match="no such time"):
        kept_counts(tmp_path)


def test_a_count_from_the_future_is_used_and_told(tmp_path: Path) -> None:
    """A server's clock that is ahead would shut out what comes later with a right one: the reader is to know."""
    verdict = Counts(tmp_path, now=lambda: START).admit(count("a", 90))
    assert verdict.used
    assert "90 minutes from now" in verdict.note


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """A file in its place."""
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot keep the count"):
        Counts(tmp_path / "file").admit(count("a", 1))
