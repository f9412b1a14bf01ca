"""The earlier election beside a count: sums that no election has, and units unlike the others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit

from runoff.data.counts.baseline import Baseline, read_baseline, whose_note
from runoff.data.tables.table import read_table
from runoff.errors import InputError
from runoff.runfile.load import load
from tests import night

Row = dict[str, int]


def _count(tmp_path: Path, unit: str, change: Callable[[Row], Row]) -> tuple[str, ...]:
    """Notes of the night's example with a baseline of which one row is changed."""
    run = night.folder(tmp_path, more='baseline = "base.csv"')
    rows = ["unit,first,second,ballots,registered"]
    for i, name in enumerate(night.UNITS):
        row = {"first": 300 + 31 * i, "second": 420 - 17 * i, "ballots": 800 + 13 * i, "registered": 2_400 + 20 * i}
        rows.append(",".join([name, *map(str, (change(row) if name == unit else row).values())]))
    (tmp_path / "base.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return night.counted(load(run)).notes


def test_an_earlier_election_as_it_is(tmp_path: Path) -> None:
    """Nothing is said; noughts in ballots and registered say that they are not known."""
    assert _count(tmp_path, "n1", dict) == ()
    assert _count(tmp_path, "n1", lambda row: {**row, "ballots": 0, "registered": 0}) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda row: {**row, "registered": 0}, "fewer registered than ballots"),
        (lambda row: {**row, "ballots": row["registered"], "registered": row["ballots"]}, "fewer registered than"),
        (lambda row: {**row, "first": 9_000}, "fewer ballots than votes of both sides"),
        (lambda row: {**row, "ballots": 80}, "fewer ballots than votes of both sides"),
    ],
)
def test_sums_that_no_election_has(change: Callable[[Row], Row], said: str, tmp_path: Path) -> None:
    """More votes than ballots, more ballots than people: refused with line and column; noughts are the way out."""
    with pytest.raises(InputError) as told:
        _count(tmp_path, "n3", change)
    assert said in str(told.value)
    assert "base.csv:4" in str(told.value)
    assert "write 0 in ballots and registered" in str(told.value)


def test_a_digit_too_many(tmp_path: Path) -> None:
    """Ten times the registered voters of a unit, then or now, are named; the rolls are held against each other."""
    (then, now) = _count(tmp_path, "s2", lambda row: {**row, "registered": 10 * row["registered"]})
    assert "base.csv: a slip, or a place of its own? s2 has" in then
    assert "registered voters" in now
    assert "s2 has" in now


def test_its_units_are_the_races(tmp_path: Path) -> None:
    """Numbers come in the order of the race's units, whatever the order of rows."""
    _count(tmp_path, "n1", dict)
    loaded = load(next(tmp_path.glob("*.toml")))
    assert loaded.results is not None
    path = tmp_path / "base.csv"
    head, *rows = path.read_text().splitlines()
    found = []
    for lines in (rows, rows[::-1]):
        path.write_text("\n".join([head, *lines]) + "\n")
        table = read_table(path, ("unit", "first", "second"), ("region", "ballots", "registered"))
        base, problems, _ = read_baseline(table, loaded.results)
        assert problems == []
        found.append(base.first.tolist())
    assert found[0] == found[1] == [300 + 31 * night.UNITS.index(unit.name) for unit in loaded.results.units]


def _of_two(shares: np.ndarray, now: np.ndarray) -> list[str]:
    then = np.stack([2_000 * shares, 2_000 * (1 - shares)], axis=1).round()
    votes = np.stack([1_500 * now, 1_500 * (1 - now)], axis=1).round().astype(np.int64)
    return whose_note(Baseline(then[:, 0], then[:, 1], None, None), votes, ("Ada", "Bo"), "folder/base.csv")


def test_two_candidates_who_are_swapped_are_told() -> None:
    """Shares that fell where they rose: swapped?  The right way round, and in five units, nothing is said."""
    shares = np.random.default_rng(1).uniform(0.2, 0.8, 30)
    assert _of_two(shares, shares) == []
    (said,) = _of_two(shares, 1.0 - shares)
    assert said.startswith("base.csv: in 30 units the shares of Ada and Bo then and now have a correlation of -1.00")
    assert "swapped?" in said
    assert _of_two(shares[:5], 1.0 - shares[:5]) == []


def test_an_earlier_election_that_tells_nothing_is_told() -> None:
    """Of 200 unrelated baselines of 100 units nearly all have a note, and none of 200 with a correlation of 0.8.

    With r = 0 the note fails where r > 0.14, eight in a hundred; with 0.8 in ten units it comes where r < -0.25: never.
    """
    rng = np.random.default_rng(2)
    told, wrong = 0, 0
    for _ in range(200):
        x, y = rng.normal(size=(2, 100))
        told += bool(_of_two(expit(x), expit(0.8 * y)))
        near = 0.8 * x[:10] + 0.6 * y[:10]
        wrong += bool(_of_two(expit(x[:10]), expit(near)))
    assert told > 200 * 0.92 - 4 * np.sqrt(200 * 0.92 * 0.08)
    assert wrong == 0
    assert "the same shares in all 30 units" in _of_two(np.full(30, 0.4), rng.uniform(0.2, 0.8, 30))[0]


@pytest.mark.parametrize(("whose", "told"), [(["Ada", "Bo"], False), (["Bo", "Ada"], True)])
def test_a_count_holds_its_baseline_against_what_came(whose: list[str], told: bool, tmp_path: Path) -> None:
    """The run file's two candidates: as they stood nothing, swapped a note."""
    run = night.folder(tmp_path, more=f'baseline = "base.csv"\nbaseline_candidates = {whose}'.replace("'", '"'))
    rows = ["unit,first,second,ballots"]
    for unit in night.UNITS:
        modes = night.MODES if f"{unit},day,out" not in night.OUT else ("early",)
        ada, bo = (sum(night.votes(unit, mode)[k] for mode in modes) for k in (0, 1))
        rows.append(f"{unit},{ada},{bo},2000")
    (tmp_path / "base.csv").write_text("\n".join(rows) + "\n", "utf-8")
    assert any("swapped?" in note for note in night.counted(load(run)).notes) == told
