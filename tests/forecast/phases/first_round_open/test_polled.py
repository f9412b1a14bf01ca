"""A first round not yet held: what several polls say of many candidates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from runoff.errors import InputError
from runoff.phases.first_round_open.polled import Poll, draw_polled, pooled
from runoff.runfile.load import load
from runoff.runfile.sections.observed import FirstRoundPollsSection, ModeSize
from tests import night
from tests.drawn import run_night
from tests.pages import render

SIZES = FirstRoundPollsSection(table="polls.csv", turnout=ModeSize(low=0.3, high=0.4))
NAMES = ("Ada", "Bo", "Cy", "Di", "Ed")
HEADER = "poll,pollster,field_end,sample_size,candidate,share"
POLLS = (
    *(f"A1,A,2021-02-01,600,{name},{share}" for name, share in (("Ada", 43), ("Bo", 20), ("Cy", 14), ("Di", 9))),
    "A1,A,2021-02-01,600,undecided,10",
    *(f"B1,B,2021-02-20,900,{name},{share}" for name, share in (("Ada", 46), ("Bo", 19), ("Cy", 16), ("Di", 12))),
)


def _folder(path: Path, rows: Sequence[str] = POLLS, header: str = HEADER) -> Path:
    run = night.folder(path, ())
    text = run.read_text().replace("as_of = 2021-03-01", "as_of = 2021-02-25")
    text = text.replace('[counting]\nstatus = "status.csv"\n',
                        '[first_round_polls]\ntable = "polls.csv"\nturnout = { low = 0.3, high = 0.4 }\n')  # fmt: skip
    run.write_text(text)
    lines = [f"n,n1,{name},{party},,0" for name, party in night.CANDIDATES]
    (path / "counted.csv").write_text("\n".join(["region,unit,candidate,party,mode,votes", *lines]) + "\n")
    (path / "polls.csv").write_text("\n".join([header, *rows]) + "\n")
    return run


def test_one_poll_has_its_closed_form() -> None:
    """Mean log share of the decided; variance sampling + house + walk + shared, to 1e-12."""
    poll = Poll("A", 9, 800, False, {"Ada": 36.0}, 10.0)
    location, scale = pooled([poll], ("Ada",), SIZES)
    share = 0.4
    variance = 2 * (1 - share) / (720 * share) + 0.15**2 + 0.02**2 * 9 + 0.15**2
    assert location[0] == pytest.approx(math.log(share), abs=1e-12)
    assert scale[0] == pytest.approx(math.sqrt(variance), abs=1e-12)


def test_polls_share_errors() -> None:
    """A hundred polls of one pollster on one day leave house and shared error whole; of many, the shared one."""
    one = [Poll("A", 0, 1000, False, {"Ada": 40.0}, 0.0) for _ in range(400)]
    many = [Poll(str(i), 0, 1000, False, {"Ada": 40.0}, 0.0) for i in range(400)]
    assert pooled(one, ("Ada",), SIZES)[1][0] == pytest.approx(math.hypot(0.15, 0.15), rel=0.01)
    assert pooled(many, ("Ada",), SIZES)[1][0] == pytest.approx(0.15, rel=0.01)


def test_partisan_and_old_polls_count_less() -> None:
    """The pooled share lies nearer to the poll without a sponsor, and nearer to the later one."""
    plain, sponsored = (Poll("A", 3, 800, False, {"Ada": 40.0}, 0.0), Poll("B", 3, 800, True, {"Ada": 50.0}, 0.0))
    assert np.exp(pooled([plain, sponsored], ("Ada",), SIZES)[0][0]) < 0.43
    late, old = Poll("A", 3, 800, False, {"Ada": 40.0}, 0.0), Poll("B", 90, 800, False, {"Ada": 50.0}, 0.0)
    assert np.exp(pooled([late, old], ("Ada",), SIZES)[0][0]) < 0.44


def test_first_rounds_are_drawn_as_said(tmp_path: Path) -> None:
    """Votes add up to the turnout, 80 % of which lies between 30 and 40 %; shares have their median (5 sigmas)."""
    polled = night.polled(load(_folder(tmp_path)))
    totals = draw_polled(polled, 3, 20_000)
    turnout = totals.sum(axis=1) / polled.registered
    for bound, below in ((0.3, 0.1), (0.4, 0.9)):
        assert abs((turnout < bound).mean() - below) < 5 * math.sqrt(0.09 / 20_000)
    ratio = np.log(totals[:, 0] / totals[:, 1])
    expected, sd = polled.location[0] - polled.location[1], math.hypot(polled.scale[0], polled.scale[1])
    assert abs(ratio.mean() - expected) < 5 * sd / math.sqrt(20_000)
    assert abs(ratio.std() - sd) < 5 * sd / math.sqrt(40_000)


def test_later_polls_change_nothing_and_are_named(tmp_path: Path) -> None:
    """A poll that ended after as_of leaves every bit as it was; the run says that it was left out."""
    before = run_night(load(_folder(tmp_path / "a")), trials=2_000, seed=1)
    late = (*POLLS, "C1,C,2021-02-27,900,Ada,70", "C1,C,2021-02-27,900,Bo,20")
    after = run_night(load(_folder(tmp_path / "b", late)), trials=2_000, seed=1)
    assert before["night"][0]["digest"] == after["night"][0]["digest"]
    assert "poll C1 is left out" in str(after["night"][0]["warnings"])


def test_polls_in_any_order_give_the_same_bits(tmp_path: Path) -> None:
    """The order of the table's rows does not matter to the last digit that is printed."""
    one = run_night(load(_folder(tmp_path / "a")), trials=2_000, seed=1)
    two = run_night(load(_folder(tmp_path / "b", POLLS[::-1])), trials=2_000, seed=1)
    for left, right in zip(one["first_round"], two["first_round"], strict=True):
        assert left["votes_mean"] == pytest.approx(right["votes_mean"], rel=1e-9)


def test_the_run_says_what_it_rests_on(tmp_path: Path) -> None:
    """Without counted votes the text says so, and has no column of what is out."""
    text = render(run_night(load(_folder(tmp_path)), trials=2_000, seed=1))
    assert "nothing counted, polls stand in" in text
    assert "still out" not in text
    assert max(len(line) for line in text.split("\n")) <= 80


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("C1,C,2021-02-02,500,Adda,40", ("no such candidate", "did you mean Ada?")),
        ("C1,C,2021-02-02,500,Ada,140", ("a share over 100", "from 0 to 100")),
        ("C1,C,2021-02-02,500,Ada,nan", ("a share is not a number",)),
        ("C1,C,2 Feb,500,Ada,40", ("field_end is not a day", "2017-06-08")),
        ("C1,C,2021-02-02,-5,Ada,40", ("negative sample_size",)),
        ("A1,A,2021-02-01,600,Ada,40", ("a second row for Ada in A1",)),
        ("A1,Z,2021-02-01,600,Ed,1", ("pollster of A1 differs",)),
        ("B1,B,2021-02-20,900,Ed,30", ("shares of B1 add up to 123",)),
    ],
)
def test_a_wrong_row_is_told(row: str, words: tuple[str, ...], tmp_path: Path) -> None:
    """Each mistake in the table of polls is named, with line and rule."""
    with pytest.raises(InputError) as caught:
        night.polled(load(_folder(tmp_path, (*POLLS, row))))
    for word in ("polls.csv:", *words):
        assert word in str(caught.value)


def test_two_spellings_are_pointed_out(tmp_path: Path) -> None:
    """Pollsters that differ in a point may be one; in capitals alone they are one."""
    for name, asked in (("A.", 1), ("a", 0)):
        polled = night.polled(load(_folder(tmp_path, (*POLLS, f"C1,{name},2021-02-02,500,Ada,41"))))
        assert sum("one pollster spelled two ways?" in remark for remark in polled.warnings) == asked
