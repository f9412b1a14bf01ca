from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from runoff.app.feed.counts import Counts
from runoff.app.feed.follow import Follower
from runoff.app.feed.source import Count
from runoff.errors import InputError, OutputError, RunoffError

START = dt.datetime(2017, 6, 21, tzinfo=dt.UTC)


def count(text: str, minute: float) -> Count:
    """A count of so many minutes after the start."""
    return Count(text.encode(), START + dt.timedelta(minutes=minute), "its time")


class Script:
    """Answers look by look: counts, None, or an error that is raised."""

    def __init__(self, answers: Sequence[Count | RunoffError | None]) -> None:
        self._answers = list(answers)

    @property
    def over(self) -> bool:
        """Whether all was said."""
        return not self._answers

    def look(self) -> Count | None:
        """The next."""
        answer = self._answers.pop(0)
        if isinstance(answer, RunoffError):
            raise answer
        return answer


def night(
    folder: Path, answers: Sequence[Count | RunoffError | None], broken: tuple[str, ...] = ()
) -> tuple[list[str], list[str]]:
    """The curve that follows, and what was said; a count among `broken` cannot be read as a night."""
    curve: list[str] = []
    said: list[str] = []

    def forecast(path: Path | None, _: dt.datetime) -> None:
        assert path is not None
        text = path.read_text()
        if text in broken:
            raise InputError.single(str(path), "no column votes")
        curve.append(text)

    counts = Counts(folder, now=lambda: START + dt.timedelta(days=1))
    Follower(Script(answers), counts, forecast, said.append).follow(sleep=lambda _: None)
    return curve, said


def test_the_curve_with_faults_is_the_curve_without(tmp_path: Path) -> None:
    """A late file, a doublet, a half-written table, the feed away, a count of the same time: none of them is in it."""
    clean: list[Count | RunoffError | None] = [count(text, n) for n, text in enumerate("abcde")]
    away = OutputError("feed: no answer")
    dirty = [
        away, away, clean[0], clean[0], None, count("a", 0.5), clean[1], count("late", 0.2), count("half", 1.5),
        clean[2], away, away, None, away, clean[3], count("other", 3), clean[4], None,
    ]  # fmt: skip
    wanted, silent = night(tmp_path / "clean", clean)
    curve, said = night(tmp_path / "dirty", dirty, broken=("half",))
    assert wanted == list("abcde")
    assert silent == []
    assert curve == wanted
    told = "\n".join(said)
    assert told.count("no answer") == 3  # once while it lasts
    assert told.count("answers again") == 3
    assert "earlier than the count in use" in told
    assert "the same time as the count in use" in told
    assert "no column votes" in told
    kept = {path.read_text() for path in (tmp_path / "dirty").iterdir()}
    assert kept == {*"abcde", "late", "half", "other"}


def test_a_correction_downwards_is_used(tmp_path: Path) -> None:
    """Later is later, whatever it says."""
    assert night(tmp_path, [count("900", 1), count("870", 2)])[0] == ["900", "870"]


def test_a_damaged_count_does_not_hold_up_a_later_one(tmp_path: Path) -> None:
    """It is not in use: what comes after it is held against the last good one."""
    curve, _ = night(tmp_path, [count("a", 1), count("half", 5), count("b", 3)], broken=("half",))
    assert curve == ["a", "b"]


def test_a_count_that_could_not_be_put_on_disk_is_tried_again(tmp_path: Path) -> None:
    """A full disk is told once; when it has room the same count is forecast."""
    full, curve = [True, True, True], list[str]()
    said: list[str] = []

    def forecast(path: Path | None, _: dt.datetime) -> None:
        if full:
            full.pop()
            raise OutputError("runs: cannot write: no space left")
        curve.append("" if path is None else path.read_text())

    source = Script([count("a", 1), None, None, None, None])
    Follower(source, Counts(tmp_path), forecast, said.append).follow(sleep=lambda _: None)
    assert curve == ["a"]
    assert sum("no space" in text for text in said) == 1


def test_without_a_folder_each_count_is_used(tmp_path: Path) -> None:
    """As a file that is watched always was."""
    calls: list[tuple[Path | None, dt.datetime]] = []
    source = Script([count("a", 2), count("b", 1), None])
    assert Follower(source, None, lambda *told: calls.append(told), print).follow(sleep=lambda _: None) == 2
    assert calls == [(None, count("a", 2).time), (None, count("b", 1).time)]


def test_an_interrupt_ends_it(tmp_path: Path) -> None:
    """Ctrl-C while waiting: what was done is returned."""

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    assert Follower(Script([count("a", 1), None]), None, lambda *_: None, print).follow(sleep=interrupt) == 1
