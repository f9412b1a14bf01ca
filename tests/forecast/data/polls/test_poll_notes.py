"""What is odd about polls: days, sizes, sums, one poll as several, names spelt two ways."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from runoff.data.polls.poll_notes import Asked, one_as_several, slips, spelled_two_ways
from runoff.data.polls.polls import read_polls

FIRST = dt.date(2025, 3, 2)


def asked(start: int, end: int, share: float = 0.5, *, pollster: str = "Track", size: int = 600) -> Asked:
    """A poll from one day of March 2025 to another."""
    first, last = dt.date(2025, 3, 1) + dt.timedelta(start - 1), dt.date(2025, 3, 1) + dt.timedelta(end - 1)
    return Asked(f"{pollster} {end}", pollster, ("race", ""), first, last, last, size, (("Ada", share),), 0.95)


def test_rolling_windows_are_one_note() -> None:
    """Windows of three days, a day apart: one note for the pollster, with the rows to keep."""
    (note,) = one_as_several([asked(day, day + 2, 0.5 + day / 100) for day in range(3, 17)])
    assert "14 rows overlaps (ended 2025-03-05 to 2025-03-18)" in note
    assert "keep every third, or the interviews count twice" in note


@pytest.mark.parametrize(
    ("polls", "words"),
    [
        ([asked(5, 8), asked(5, 9), asked(5, 10)], "one poll entered several times? keep one"),
        ([asked(8, 8), asked(9, 9)], "one poll entered several times? keep one"),
        ([asked(5, 8), asked(8, 10, 0.4)], "keep one of them"),
        ([asked(1, 28), asked(5, 6, 0.4), asked(20, 21, 0.3)], "windows overlap"),
        ([asked(5, 8), asked(6, 9, 0.4, pollster="TRACK (LV)")], "windows overlap"),
    ],
)
def test_the_same_interviews_as_several_polls(polls: list[Asked], words: str) -> None:
    """Days in common, or the same numbers soon after: one note, in any order of rows."""
    for rows in (polls, polls[::-1]):
        (note,) = one_as_several(rows)
        assert words in note


@pytest.mark.parametrize(
    "polls",
    [
        [asked(5, 8), asked(9, 12, 0.4)],
        [asked(5, 8), asked(5, 8, pollster="Other")],
        [asked(1, 2), asked(27, 28)],
        [],
    ],
)
def test_several_polls_are_several(polls: list[Asked]) -> None:
    """Days apart, two pollsters, equal numbers weeks apart: no note."""
    assert one_as_several(polls) == []


@pytest.mark.parametrize(
    ("poll", "runoff", "words"),
    [
        (asked(-359, -356), True, "asked before anybody knew the finalists"),
        (asked(1, 1), True, "1 days before the first round"),
        (asked(-359, -356), False, "days before the first round: is the year mistyped?"),
        (asked(-364, 8), True, "field work of 373 days"),
        (asked(5, 8, size=3), True, "3 people asked: is a digit missing?"),
        (asked(5, 8, size=600_000), True, "600,000 people asked"),
    ],
)
def test_slips_are_told(poll: Asked, runoff: bool, words: str) -> None:
    """Days and sizes that cannot be meant, each with its number."""
    (note,) = slips([poll], FIRST, runoff)
    assert note.startswith(poll.name)
    assert words in note


def test_many_polls_of_before_the_first_round_are_one_note() -> None:
    """Four of them are told at once, with the days and three names; three, and one of another year, each for itself."""
    early = [asked(-9 - day, -7 - day, 0.4 + day / 100) for day in range(4)]
    (note,) = slips([asked(5, 8), *early], FIRST, of_runoff=True)
    assert "and 1 more: asked before anybody knew" in note
    days = [(FIRST - poll.end).days for poll in early]
    assert f"{min(days)} to {max(days)} days before" in note
    assert len(slips(early[:3], FIRST, of_runoff=True)) == 3
    _, year = slips([*early, asked(-362, -360)], FIRST, of_runoff=True)
    assert "is the year mistyped?" in year


@pytest.mark.parametrize(("poll", "runoff"), [(asked(5, 8), True), (asked(2, 2), True), (asked(-60, -57), False)])
def test_ordinary_polls_have_no_note(poll: Asked, runoff: bool) -> None:
    """A poll after the first round, on its day, and one of the first round two months before it."""
    assert slips([poll], FIRST, runoff) == []


@pytest.mark.parametrize(
    ("names", "notes"),
    [
        (("Acme Polls", "ACME  polls"), 0),
        (("Acme Polls", "Acme-Polls."), 1),
        (("Acme Polls", "Polls Acme"), 1),
        (("Acme Polls", "Acme Pols"), 1),
        (("Xcme Research", "Acme Research"), 1),
        (("Acme", "Byte", "Cube"), 0),
    ],
)
def test_two_spellings(names: tuple[str, ...], notes: int) -> None:
    """Points, an order of words, a letter anywhere: asked about, also among many other pollsters."""
    assert len(spelled_two_ways(names)) == notes
    many = [f"{chr(97 + i % 26)}{i * 7919 % 1000:03}{'qwx'[i % 3] * 9} institute" for i in range(200)]
    assert len(spelled_two_ways([*many, *names])) - len(spelled_two_ways(many)) == notes


def test_polls_are_read_as_fast_as_their_number_says(tmp_path: Path) -> None:
    """Four times as many polls, of as many pollsters, take less than eight times as long (quadratic: sixteen)."""

    def seconds(n: int, times: int) -> float:
        days = [str(dt.date(1990, 1, 1) + dt.timedelta(i)) for i in range(n)]
        path = tmp_path / f"{n}.csv"
        rows = [f"P{i * 7919 % 9973},{day},{600 + i % 50},48,47,5" for i, day in enumerate(days)]
        path.write_text("\n".join(["pollster,end,sample_size,Ada,Bo,undecided", *rows]), "utf-8")

        def all_of_it() -> None:
            read = read_polls([path], ("Ada", "Bo"), ("Ada", "Bo"), (), dt.date(2080, 1, 1)).polls
            several = [poll.asked for poll in read]
            assert slips(several, None, of_runoff=True) == []
            one_as_several(several)
            spelled_two_ways(poll.pollster for poll in read)

        return min(_timed(all_of_it) for _ in range(times))

    assert seconds(16_000, 3) < 8 * seconds(4_000, 3)


def _timed(work: Callable[[], None]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


@pytest.mark.parametrize(
    ("shares", "undecided", "said"),
    [
        ((0.49, 0.07), 0.44, "44 % undecided, more than for the second finalist"),
        ((0.93, 0.00035), 0.05, "a fraction among percentages?"),
        ((0.49, 0.44), 0.07, ""),
        ((0.30, 0.26), 0.25, ""),
    ],
)
def test_numbers_that_no_poll_of_a_runoff_has(shares: tuple[float, float], undecided: float, said: str) -> None:
    """Undecided voters in a finalist's column, a fraction among percentages; of a first round both may be so."""
    given = (("Ada", shares[0]), ("Bo", shares[1]))
    poll = replace(asked(5, 6), shares=given, undecided=undecided, total=1.0, whole=True)
    notes = slips([poll], None, of_runoff=True)
    assert said in "".join(notes)
    assert bool(notes) == bool(said)
    assert slips([poll], None, of_runoff=False) == []


@pytest.mark.parametrize(
    ("total", "whole", "told"),
    [(0.58, True, True), (0.94, True, True), (0.98, True, False), (0.58, False, False), (0.49, False, True)],
)
def test_a_sum_far_from_all_is_told(total: float, whole: bool, told: bool) -> None:
    """Where the undecided are told all shares are near 100; where they are not, half may be missing."""
    poll = Asked("Acme", "Acme", ("race", ""), FIRST, FIRST, FIRST, 600, (("A", 0.3), ("B", total - 0.3)), total, whole)
    assert bool(slips([poll], None, True)) == told
