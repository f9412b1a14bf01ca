"""Polls of the first round: the rules of all polls, zeros, shares far from the others, words for yes and no."""

from __future__ import annotations

import random
import warnings
from collections.abc import Sequence
from pathlib import Path

import pytest

from runoff.errors import InputError
from runoff.phases.first_round_open.polled import Polled
from runoff.runfile.load import load
from tests import night

HEADER = "poll,pollster,field_start,field_end,published,sample_size,partisan,candidate,share"
NAMES = ("Ada", "Bo", "Cy", "Di", "Ed")


def poll(name: str, common: str, *shares: object, undecided: object = 6) -> list[str]:
    """The rows of a poll: shares of NAMES in their order, None for a row that is not there."""
    given = (*shares, *[None] * (len(NAMES) - len(shares)), undecided)
    rows = zip((*NAMES, "undecided"), given, strict=True)
    return [f"{name},{common},{candidate},{share}" for candidate, share in rows if share is not None]


A = poll("p1", "Alpha,2021-02-10,2021-02-12,,600,", 38, 32, 12, 8, 4)
B = poll("p2", "Beta,2021-02-17,2021-02-19,,800,", 37, 33, 13, 7, 4)


def read(path: Path, rows: Sequence[str], header: str = HEADER) -> Polled:
    """What the polls of a table say together."""
    path.mkdir(exist_ok=True)
    run = night.folder(path, ())
    text = run.read_text().replace("as_of = 2021-03-01", "as_of = 2021-02-25")
    section = '[first_round_polls]\ntable = "polls.csv"\nturnout = { low = 0.3, high = 0.4 }\n'
    run.write_text(text.replace('[counting]\nstatus = "status.csv"\n', section))
    lines = [f"n,n1,{name},{party},,0" for name, party in night.CANDIDATES]
    (path / "counted.csv").write_text("\n".join(["region,unit,candidate,party,mode,votes", *lines]) + "\n")
    (path / "polls.csv").write_text("\n".join([header, *rows]) + "\n")
    return night.polled(load(run))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (poll("p3", "Gamma,,2021-02-12,,600,", 0.38, 0.32, 0.12, undecided=None), "write 48 for 48 %"),
        (poll("p3", "Gamma,,2021-02-12,,600,", 0.38, 0.32, 0.12), "write 48 for 48 %"),
        (poll("p3", "Gamma,,2021-02-12,,0,", 38, 32), "sample_size out of range"),
        (poll("p3", "Gamma,2021-02-20,2021-02-12,,600,", 38, 32), "swap them?"),
        (poll("p3", "Gamma,,2021-02-12,2021-02-11,600,", 38, 32), "after the poll was published"),
        (poll("p3", "Gamma,,2021-03-02,,600,", 38, 32), "the field work ends after the first round"),
        (poll("p3", "Gamma,,20210212,,600,", 38, 32), "did you mean 2021-02-12?"),
        (poll("p3", "Gamma,,2021-W06-5,,600,", 38, 32), "field_end is not a day"),
        (poll("p3", "Gamma,,2021-02-12,,600,", "1e1", 32), "a share is not a number"),
        (poll("p3", "Gamma,,2021-02-12,,600,", "", 32), "leave the row out where the pollster gave none"),
        (poll("p3", "Gamma,,2021-02-12,,600,maybe", 38, 32), "name the side, or leave it empty"),
        (poll("p3", "Gamma,,2021-02-12,,600,2", 38, 32), "name the side, or leave it empty"),
        (poll("p1b", "ALPHA,2021-02-10,2021-02-12,,600,", 38, 32, 12, 8, 4), "one poll stands there twice"),
        ([f"p3,Gamma,,2021-02-12,,600,,{name},40" for name in ("Ada", "Bo Lind")], "no such candidate"),
        (["p3,G,,2021-02-12,,600,,Ada,40", "p3,G,2021-02-11,2021-02-12,,600,,Bo,40"], "field_start of p3 differs"),
    ],
)
def test_what_is_refused(rows: list[str], words: str, tmp_path: Path) -> None:
    """Fractions, nobody asked, days in the wrong order or form, one poll twice: one message each."""
    with pytest.raises(InputError) as caught:
        read(tmp_path, [*A, *B, *rows])
    assert words in str(caught.value)


@pytest.mark.parametrize("word", ["", "False", "no", "0", "NONE", "nein"])
def test_no_is_not_partisan(word: str, tmp_path: Path) -> None:
    """A word for no counts as an empty cell, to the last bit; one for yes, or a party, does not."""
    with_word = [row.replace(",600,,", f",600,{word},") for row in A]
    sided = [row.replace(",600,,", ",600,r,") for row in A]
    assert (read(tmp_path / "a", [*with_word, *B]).location == read(tmp_path / "b", [*A, *B]).location).all()
    assert (read(tmp_path / "a", [*sided, *B]).location != read(tmp_path / "b", [*A, *B]).location).any()


def test_a_zero_for_the_leader_is_not_given(tmp_path: Path) -> None:
    """A 0 where the others have a third is left out, with a note; it moves nobody's share; a small one's 0 stays."""
    zero = poll("p3", "Gamma,,2021-02-12,,600,", 0, 32, 12, 8, 4)
    without = poll("p3", "Gamma,,2021-02-12,,600,", None, 32, 12, 8, 4)
    one, other = read(tmp_path / "a", [*A, *B, *zero]), read(tmp_path / "b", [*A, *B, *without])
    assert (one.location == other.location).all()
    assert any("poll p3 has 0 % for Ada, who has 37.5 % in the others" in note for note in one.warnings)
    small = [row.replace("Ed,4", "Ed,1") for row in (*A, *B)]
    polled = read(tmp_path / "c", [*small, *poll("p3", "Gamma,,2021-02-12,,600,", 38, 32, 12, 8, 0)])
    assert not any("0 % for" in note for note in polled.warnings)


def test_a_share_far_from_the_others_is_named(tmp_path: Path) -> None:
    """A digit lost in one share gives a note with poll, candidate and both numbers; ordinary differences none."""
    slip = poll("p3", "Gamma,,2021-02-12,,600,", 3.8, 32, 12, 8, 4)
    (note,) = [note for note in read(tmp_path, [*A, *B, *slip]).warnings if "standard deviations" in note]
    assert note.startswith("poll p3 has 4.0 % of the decided for Ada")
    plain = poll("p3", "Gamma,,2021-02-12,,600,", 34, 35, 14, 7, 4)
    assert read(tmp_path, [*A, *B, *plain]).warnings == ()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (poll("p3", "Gamma,,2020-02-12,,600,", 37, 33, 13, 7, 4), "is the year mistyped?"),
        (poll("p3", "Gamma,2020-02-11,2021-02-12,,600,", 37, 33, 13, 7, 4), "field work of 368 days"),
        (poll("p3", "Alpha,2021-02-11,2021-02-13,,600,", 37, 33, 13, 7, 4), "windows overlap"),
        (poll("p3", "Gamma,,2021-02-12,,9,", 37, 33, 13, 7, 4), "9 people asked"),
        (poll("p3", "Gamma,,2021-02-12,,600,", 37, None, None, 7, 3, undecided=None), "add up to 47 %"),
        (poll("p3", "Alpha.,,2021-02-22,,600,", 37, 33, 13, 7, 4), "one pollster spelled two ways?"),
    ],
)
def test_what_is_noted(rows: list[str], words: str, tmp_path: Path) -> None:
    """What is odd and may be meant: one note that names the poll."""
    (note,) = read(tmp_path, [*A, *B, *rows]).warnings
    assert words in note


def test_candidates_whom_no_poll_names(tmp_path: Path) -> None:
    """They share what the others leave, and the run says who they are."""
    rows = [row for row in (*A, *B) if ",Ed," not in row and ",Di," not in row]
    assert any(note.startswith("no poll names Di, Ed:") for note in read(tmp_path, rows).warnings)


def test_any_order_of_rows_gives_the_same_bits(tmp_path: Path) -> None:
    """Shuffled rows: the same location and scale to the last bit, and the same notes."""
    rows = [*A, *B, *poll("p3", "Gamma,,2021-02-12,,,R", 0, 40, 12, 8, 4)]
    first = read(tmp_path, rows)
    for seed in range(5):
        random.Random(seed).shuffle(rows)
        again = read(tmp_path, rows)
        assert (again.location == first.location).all()
        assert (again.scale == first.scale).all()
        assert again.warnings == first.warnings


def test_no_word_of_numpy_reaches_a_reader(tmp_path: Path) -> None:
    """Extreme and legal tables raise no warning of a library."""
    rows = poll("p1", "Alpha,,2021-02-12,,1,", 100, 0, 0, 0, 0, undecided=None)
    rows += poll("p2", "Beta,,2021-03-01,2021-03-01,10000000,", 5, 0, None, None, None, undecided=95)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        polled = read(tmp_path, rows)
    assert all(abs(polled.location) < 100)


def test_equal_interviews_of_two_pollsters_are_two(tmp_path: Path) -> None:
    """The same numbers under another pollster's name are another poll."""
    other = [row.replace("p1,Alpha", "p3,Gamma") for row in A]
    assert read(tmp_path, [*A, *B, *other]).used == 3
