"""Mistakes in the tables of a count, and what people are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from runoff.errors import InputError
from runoff.runfile.load import load
from tests import night

RANGE = "unit,mode,state,expected,low,high"


def _told(run: Path) -> str:
    with pytest.raises(InputError) as caught:
        night.counted(load(run))
    return str(caught.value)


def _status(path: Path, *rows: str, header: str = RANGE, counted: list[str] | None = None, more: str = "") -> str:
    base = [f"{row},,," for row in night.OUT] if header == RANGE else list(night.OUT)
    return _told(night.folder(path, status=[*base, *rows], status_header=header, counted=counted, more=more))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("n9,day,out,,,", ("no such unit", "did you mean n")),
        ("n1,day,gone,,,", ("unknown state", "out, partial, complete", "gone")),
        ("n1,day,out,,,", ("are counted", "what is out has no votes yet", "state is part")),
        ("n1,day,part,-5,,", ("negative expected", "-5")),
        ("n1,day,part,many,,", ("expected is not a whole number",)),
        ("n1,day,part,99999,,", ("more votes than registered voters", "at most 2,500 registered")),
        ("n1,day,part,,100,50", ("half a range", "low is below high")),
        ("n1,day,part,,100,", ("half a range",)),
        ("n1,day,part,70,50,100", ("both a number and a range",)),
        ("n4,day,out,,,", ("a second row for n4", "the first is in line")),
        ("s,early,out,,,", ("nothing of s is out",)),
        ("n,day,part,,,", ("a region cannot be out in part",)),
    ],
)
def test_a_wrong_status_row_is_told(row: str, words: tuple[str, ...], tmp_path: Path) -> None:
    """Each mistake in the status table is named, with the rule."""
    said = _status(tmp_path, row)
    assert "status.csv" in said
    for word in words:
        assert word in said, said


def test_a_mode_that_a_region_is_silent_of_is_asked_about(tmp_path: Path) -> None:
    """A mode named for one region only may have been forgotten in the other."""
    said = _status(tmp_path, "s,post,out,7,,")
    assert "no word of post in n" in said
    assert "out, or complete if nobody used it" in said


def test_nothing_counted_is_no_count(tmp_path: Path) -> None:
    """Before the first vote there is nothing to learn from."""
    counted = [row.rsplit(",", 1)[0] + ",0" for row in night.rows(())]
    assert "nothing is counted yet" in _told(night.folder(tmp_path, (), counted=counted))


def test_a_mode_of_which_nothing_is_counted_needs_a_size(tmp_path: Path) -> None:
    """What has not been seen cannot be predicted: its size is asked for."""
    said = _status(tmp_path, "s,post,out,,,", "n,post,out,,,")
    assert "how many votes? nothing of post is complete yet" in said
    assert "[counting.modes.post]" in said


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Two mistakes, two messages."""
    said = _status(tmp_path, "n9,day,out,,,", "n1,day,gone,,,")
    assert "no such unit" in said
    assert "unknown state" in said


def test_counts_that_go_down_are_refused(tmp_path: Path) -> None:
    """An earlier table with more votes for somebody is a mistake in one of the two."""
    run = night.folder(tmp_path, more='previous = "before.csv"')
    now = (tmp_path / "counted.csv").read_text()
    (tmp_path / "before.csv").write_text(now)
    night.counted(load(run))
    line = next(row for row in now.splitlines() if row.startswith("n,n1,Ada,L,early"))
    votes = int(line.rsplit(",", 1)[1])
    (tmp_path / "before.csv").write_text(now.replace(line, line.rsplit(",", 1)[0] + f",{votes + 1}"))
    said = _told(run)
    assert f"Ada had {votes + 1} votes in n1, early and now has {votes}" in said
    assert "before.csv:2" in said


def test_a_silent_unit_is_asked_about(tmp_path: Path) -> None:
    """A unit of the roll without votes and without a status row may have been forgotten."""
    counted = [row for row in night.rows() if row.split(",")[1] != "n2"]
    assert "no word of n2" in _told(night.folder(tmp_path, counted=counted))
    night.counted(load(night.folder(tmp_path, (*night.OUT, "n2,early,out", "n2,day,out"))))


def test_a_unit_that_is_not_on_the_roll_is_refused(tmp_path: Path) -> None:
    """Votes of a unit without registered voters are a mistake."""
    said = _told(night.folder(tmp_path, counted=[*night.rows(), "n,n77,Ada,L,day,5"]))
    assert "no row for n77" in said


def test_a_baseline_has_every_unit(tmp_path: Path) -> None:
    """An earlier election that lacks a unit cannot say what to expect of it."""
    run = night.folder(tmp_path, more='baseline = "earlier.csv"')
    lines = [f"{unit},500,400" for unit in night.UNITS if unit != "s3"]
    (tmp_path / "earlier.csv").write_text("\n".join(["unit,first,second", *lines]) + "\n")
    assert "no row for s3" in _told(run)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('status = "status.csv"', 'status = "status.csv"\nleast_share = 0.9', "must be at most 0.5"),
        ("[rates.own]", "[finalists]\nadvance = 3\n[rates.own]", "finalists are named before they are known"),
        ('registered = "roll.csv"', "", "no table of registered voters"),
        ('to = "Bo", low = 0.7', 'to = "Nobody", low = 0.7', "not a finalist"),
        ("as_of = 2021-03-01", "as_of = 2021-02-01", "not between the rounds"),
        ('status = "status.csv"', 'status = "status.csv"\n[counting.modes.post]\nlow = 0.2\nhigh = 0.1', "below high"),
    ],
)
def test_a_wrong_run_file_is_told(old: str, new: str, words: str, tmp_path: Path) -> None:
    """What the run file may not say while the first round is open."""
    run = night.folder(tmp_path)
    text = run.read_text()
    assert old in text
    run.write_text(text.replace(old, new))
    assert words in _told(run)


def test_a_leader_above_one_half_is_no_mistake_yet(tmp_path: Path) -> None:
    """While votes are out, a leader above the threshold has not won."""
    run = night.folder(tmp_path, tuple(f"{unit},day,out" for unit in night.UNITS[1:]))
    count = night.counted(load(run))
    votes = count.votes.sum(axis=(0, 1))
    assert 2 * votes.max() > votes.sum()
    assert len(count.out) == 9


def test_a_region_stands_for_its_units(tmp_path: Path) -> None:
    """A status row of a region covers its units of which nothing of that mode is counted."""
    status = [*(f"{row},,," for row in night.OUT), "s,post,out,120,,", "n,post,counted,,,"]
    run = night.folder(tmp_path, status_header=RANGE, status=status)
    count = night.counted(load(run))
    last = count.out[-1]
    assert [count.first_round.units[i] for i in last.members] == ["s1", "s2", "s3", "s4", "s5"]
    assert (last.expected, last.part, count.modes[last.mode]) == (120, False, "post")
