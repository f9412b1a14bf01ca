"""Counts are put in order by the time that their own tables state."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from runoff.app.feed.counts import Counts, kept_counts
from runoff.app.feed.own_time import with_own_time
from tests.forecast.app.feed.test_follow import START, count, night


def _table(minute: int, votes: int) -> str:
    time = START + dt.timedelta(minutes=minute)
    return f"unit,candidate,votes,counted_at\nn1,Ada,{votes},{time.isoformat()}\n"


def test_a_tables_own_time_goes_before_its_files(tmp_path: Path) -> None:
    """Three counts that come late and in another order: the older one that comes last is kept and not used."""
    came = [count(_table(1, 10), 100), count(_table(3, 30), 101), count(_table(2, 20), 102)]
    curve, said = night(tmp_path, [*came])
    assert curve == [_table(1, 10), _table(3, 30)]
    assert len(said) == 1
    assert "00:02:00 UTC by its column counted_at, earlier than the count in use (2017-06-21 00:03:00 UTC)" in said[0]
    assert [path.name[:16] for path in sorted(tmp_path.iterdir())] == [f"20170621T000{n}00Z" for n in (1, 2, 3)]


def test_a_count_that_is_played_again_has_the_time_in_its_name(tmp_path: Path) -> None:
    """A folder of counts that is played stays as it is, whatever its tables state."""
    late = Counts(tmp_path).admit(count(_table(1, 10), 30)).path
    (played,) = kept_counts(tmp_path)
    assert with_own_time(played) == played
    assert played.time == START + dt.timedelta(minutes=30)
    curve, said = night(tmp_path, [played])
    assert (curve, said) == ([_table(1, 10)], [])
    assert list(tmp_path.iterdir()) == [late]


def test_what_states_no_time_keeps_its_files() -> None:
    """No such column, half a table, a time without a zone, bytes that are no text: told when they are forecast."""
    for text in ("unit,candidate,votes\nn1,Ada,1\n", "counted_at", 'unit,counted_at\n"n', _table(1, 1)[:-7] + "\n"):
        one = count(text, 5)
        assert with_own_time(one) == one
