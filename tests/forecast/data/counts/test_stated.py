"""Numbers that a status table states: those that nothing that came is like, and a note where there are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from runoff.errors import InputError
from runoff.phases.first_round_open.fit import prepare
from runoff.phases.first_round_open.outstanding import draw_first_round
from runoff.runfile.load import load
from runoff.runfile.sections.observed import CountingSection
from tests import night

BASE = [f"{unit},300,280,{1000 + 20 * i}" for i, unit in enumerate(night.UNITS)]
UNROLLED = "there is neither a roll nor an earlier election's ballots"


def _notes(path: Path, status: list[str], *, roll: bool, baseline: bool = False, header: str = "") -> tuple[str, ...]:
    run = night.folder(
        path, status_header=header or "unit,mode,state,expected", status=status,
        more='baseline = "base.csv"' if baseline else "",
    )  # fmt: skip
    if baseline:
        (path / "base.csv").write_text("\n".join(["unit,first,second,ballots", *BASE]) + "\n", "utf-8")
    if not roll:
        names = [f"{unit[0]},{unit}," for unit in night.UNITS]
        (path / "roll.csv").write_text("\n".join(["region,unit,registered", *names]) + "\n", "utf-8")
        run.write_text(run.read_text("utf-8").replace("[new_voters]", "[new_voters]\npeople = 9000"), "utf-8")
    return night.counted(load(run)).notes


def _status(expected: str, state: str = "out") -> list[str]:
    """The night's four units whose day votes are out, of which n4 has a number."""
    rows = [f"{row}," for row in night.OUT]
    return [f"n4,day,{state},{expected}", *rows[1:]]


@pytest.mark.parametrize(("roll", "baseline"), [(True, False), (False, True), (False, False)])
def test_a_number_like_those_that_came_is_believed(roll: bool, baseline: bool, tmp_path: Path) -> None:
    """A unit's own day votes as they were, with a roll, with earlier ballots, or with neither."""
    said = _notes(tmp_path, _status("760"), roll=roll, baseline=baseline)
    assert [note for note in said if UNROLLED not in note] == []


@pytest.mark.parametrize(("roll", "baseline"), [(True, False), (False, True), (False, False)])
@pytest.mark.parametrize(("expected", "said"), [("2200", "times the most"), ("9", "of the least")])
def test_a_number_unlike_all_that_came_is_told(
    roll: bool, baseline: bool, expected: str, said: str, tmp_path: Path
) -> None:
    """Three times, ten where no size is known, what any other has of its size; or less than a twentieth."""
    expected = "9600" if expected == "2200" and not roll and not baseline else expected
    notes = [note for note in _notes(tmp_path, _status(expected), roll=roll, baseline=baseline) if said in note]
    assert len(notes) == 1
    assert notes[0].startswith("n4, day would have")


def test_what_is_counted_already_is_in_the_sum(tmp_path: Path) -> None:
    """A unit out in part, of whose 2,650 voters 760 have been counted, cannot have 1,500 more; nine it may."""
    counted = night.rows(night.OUT[1:])
    header, rest = "unit,mode,state,expected", [f"{row}," for row in night.OUT[1:]]
    for expected, told in (("1500", True), ("9", False)):
        run = night.folder(
            tmp_path / expected, night.OUT[1:], status_header=header, counted=counted,
            status=[f"n4,day,part,{expected}", *rest],
        )  # fmt: skip
        assert any("n4, day would have" in note for note in night.counted(load(run)).notes) == told


def test_more_votes_than_a_race_can_have_are_refused(tmp_path: Path) -> None:
    """Without a roll, numbers that add up to more than votes can be counted in."""
    rows = [f"{row},2000000000" for row in night.OUT]
    with pytest.raises(InputError, match=r"too many votes\n  rule: at most 2,147,483,647"):
        _notes(tmp_path, rows, roll=False)


def test_sizes_that_nobody_says_are_a_note(tmp_path: Path) -> None:
    """Without roll and earlier ballots: how many units, why, and what would help; with any of these nothing."""
    (said,) = _notes(tmp_path / "a", _status(""), roll=False)
    assert said.startswith(f"nobody says how large 4 units that are out are: {UNROLLED}")
    (said,) = _notes(tmp_path / "b", _status("760"), roll=False)
    assert said.startswith("nobody says how large 3 units that are out are")
    assert _notes(tmp_path / "c", _status(""), roll=True) == ()
    assert _notes(tmp_path / "d", _status(""), roll=False, baseline=True) == ()
    assert _notes(tmp_path / "e", [f"{row},700" for row in night.OUT], roll=False) == ()


def test_a_stated_size_is_drawn_as_it_is_stated(tmp_path: Path) -> None:
    """Without a roll a city of half a million beside villages has its votes, and hundreds of villages have theirs."""
    _notes(tmp_path, _status("500000"), roll=False)
    count = night.counted(load(tmp_path / "night.toml"))
    out = prepare(count, CountingSection(status="-"))
    place = [o.place for o in count.out].index("n4")
    drawn = draw_first_round(out, 1, 512)
    assert drawn.totals.sum(axis=1).min() > count.votes.sum() + 500_000
    villages = [o.place for o in count.out].index("s4")
    assert out.most[villages] == pytest.approx(100 * count.votes.sum(axis=(1, 2)).mean())
    assert out.most[place] > 500_000
    assert np.isfinite(out.most).all()
