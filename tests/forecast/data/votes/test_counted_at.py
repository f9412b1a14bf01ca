"""The time at which a source says that it counted its votes."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from runoff.errors import InputError
from runoff.runfile.load import load
from tests import runoff_night as night
from tests.drawn import run_night

HEADER = "unit,candidate,votes,status,counted_at"


def _rows(*times: str) -> list[str]:
    units = enumerate(zip(night.UNITS, times, strict=False))
    return [f"{unit},{who},{300 + 7 * u},complete,{time}" for u, (unit, time) in units for who in ("Ada", "Bo")]


def test_the_latest_time_of_a_table_is_its_own(tmp_path: Path) -> None:
    """Zones are taken into account, empty cells are not; the night's table has it, and a table without it none."""
    case = load(night.folder(tmp_path, by_mode=False))
    times = ("2021-04-01T20:55:00-04:00", "2021-04-02T00:56:00Z", "", "2021-04-02T02:50:00+02:00")
    told = run_night(case, night.results(tmp_path / "in.csv", _rows(*times), HEADER), trials=1024)["runoff_night"][0]
    assert told["count_time"] == dt.datetime(2021, 4, 2, 0, 56, tzinfo=dt.UTC)
    assert "not read" not in told["warnings"]
    plain = night.results(tmp_path / "plain.csv", [row.rpartition(",")[0] for row in _rows(*times)], HEADER[:-11])
    assert run_night(case, plain, trials=1024)["runoff_night"][0]["count_time"] is None


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("2021-04-01T20:55:00", "does not say where its clock is"),
        ("yesterday", "is not a time"),
        ("20:55", "not a time"),
    ],
)
def test_a_time_that_says_too_little_is_told(tmp_path: Path, said: str, what: str) -> None:
    """A local time without its zone, a word, an hour without its day: with the place, the rule and an example."""
    case = load(night.folder(tmp_path, by_mode=False))
    table = night.results(tmp_path / "in.csv", _rows(said), HEADER)
    with pytest.raises(InputError, match=what) as error:
        run_night(case, table, trials=1024)
    assert "in.csv:2:" in str(error.value)
    assert "2017-06-20T20:55:00-04:00" in str(error.value)
    assert "fix:  write" in str(error.value)
