"""Polls of transfers: values of the same law as margins, with an error of their own."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from runoff.model.chamber import polls as module
from runoff.model.chamber.pairs import camp_votes
from runoff.model.chamber.polls import Heard, heard, notes
from runoff.model.chamber.shared import Learned, learned
from runoff.model.prior.fitted import table
from runoff.runfile.sections.chamber import TransferPoll
from tests import chambers

_FIT = table.shipped().without[""]
_SAME = {bloc: bloc for bloc in chambers.BLOCS}
_CAMPS = camp_votes(chambers.districts(), _SAME)
_DAY = dt.date(2024, 7, 2)


def _poll(pool: str, a: str, b: str, a_share: float, b_share: float, people: int | None = 500) -> TransferPoll:
    return TransferPoll(field_end=_DAY, pool=pool, a=a, b=b, a_share=a_share, b_share=b_share, people=people)


def _heard(*polls: TransferPoll, error_sd: float = 0.1) -> Heard:
    return heard(polls, _FIT, _SAME, _CAMPS, level="national_district", error_sd=error_sd)


def test_one_question_is_the_mean_of_two_normals() -> None:
    """What is believed after a poll is prior and poll by their precisions; the error is sampling's and that of all."""
    found = _heard(_poll("left", "centre", "far-right", 0.70, 0.05))
    mean, load, error = found.law.mean[0], found.law.loads[0], found.law.own[0]
    assert error == pytest.approx(2.0 * (0.75 - 0.65**2) / 500 + 0.1**2)
    after = learned(found.law, found.said, np.zeros(1))
    before = load @ load
    assert mean + load @ after.mean == pytest.approx(mean + before / (before + error) * (0.65 - mean), abs=1e-4)
    cov = after.root @ after.root.T
    assert load @ cov @ load == pytest.approx(before * error / (before + error), rel=1e-3)


def test_the_law_of_a_question_is_a_derivative(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the same whatever part of the made race the pool is: the law is linear in it."""
    questions = [_poll("left", "centre", "far-right", 0.5, 0.1), _poll("right", "left", "far-right", 0.2, 0.4)]
    some = _heard(*questions)
    monkeypatch.setattr(module, "_POOL", 0.05)
    few = _heard(*questions)
    np.testing.assert_allclose(few.law.mean, some.law.mean, atol=1e-6)
    np.testing.assert_allclose(few.law.loads, some.law.loads, atol=1e-6)


def test_whoever_is_named_first_and_however_often_a_question_is_one() -> None:
    """Sides swapped say the same; two polls are one with all of their people."""
    plain = _heard(_poll("left", "centre", "far-right", 0.70, 0.05))
    turned = _heard(_poll("left", "far-right", "centre", 0.05, 0.70))
    np.testing.assert_array_equal(turned.said, plain.said)
    np.testing.assert_array_equal(turned.law.loads, plain.law.loads)
    twice = _heard(*2 * [_poll("left", "centre", "far-right", 0.70, 0.05)])
    assert twice.questions[0][3] == 2
    assert twice.law.own[0] == pytest.approx(_heard(_poll("left", "centre", "far-right", 0.7, 0.05, 1_000)).law.own[0])
    unknown = _heard(_poll("left", "centre", "far-right", 0.70, 0.05, None))
    assert unknown.law.own[0] > plain.law.own[0]


def test_all_that_say_the_same_and_all_of_whom_nobody_speaks_are_answers() -> None:
    """A poll of one person, of 100 % and of nobody for either: finite errors, and finite shocks."""
    found = _heard(
        _poll("left", "centre", "far-right", 1.0, 0.0, 1), _poll("right", "centre", "left", 0.0, 0.0, 1), error_sd=0.0
    )
    assert (found.law.own > 0.0).all()
    assert np.isfinite(learned(found.law, found.said, np.zeros(2)).root).all()


def test_the_note_says_before_and_after() -> None:
    """What was expected, what was asked, and what is taken of it, which lies between them."""
    found = _heard(_poll("left", "centre", "far-right", 0.70, 0.05))
    (said,) = notes(found, learned(found.law, found.said, np.zeros(1)))
    assert said.startswith("left voters, centre less far-right: a poll says +65%, past races +")
    taken = int(said.partition("taken as +")[2].partition("%")[0])
    assert 100 * found.law.mean[0] < taken < 65
    assert "past races" in notes(found, Learned.nothing())[0]
