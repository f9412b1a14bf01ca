"""The grammar of questions: what binds what, every mistake with its place, and nothing that breaks it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runoff.app.ask.bound import kinds, question
from runoff.app.ask.events import Bound
from runoff.errors import UsageError
from runoff.phases.asked import FIRST_ROUND, RACE, Askable, Block, Counted, Place

NAMES = ("Jon Ossoff", "Karen Handel", 'Ann "and" O\'Neil')
SHORT = {"Jon Ossoff": "Ossoff", "Karen Handel": "Handel"}
ABOUT = Askable(
    NAMES, {"units": ("Cobb", "1st Ward"), "first round": ()}, {"pools": ("pools are not there", "ask of the race")},
    flags=("advances", "outright"),
)  # fmt: skip
COBB = Place("units", ("Cobb",))
VOTES = np.array([[50, 30, 20], [40, 40, 20], [10, 70, 20], [0, 0, 0]])
KNOWN = np.array([[True, True, False], [True, True, True], [False, True, True], [False, False, False]])
FLAGS = {"advances": KNOWN, "outright": np.zeros((4, 3), np.bool_)}
BLOCK = Block(
    0, np.empty(0),
    {RACE: Counted(VOTES, 200.0, KNOWN, np.array([0, -1, 1, 2]), FLAGS), COBB: Counted(VOTES, 200.0),
     FIRST_ROUND: Counted(VOTES[::-1], 400.0)},
)  # fmt: skip


def _event(text: str) -> Bound:
    return question(text, ABOUT, SHORT).event


def _answers(text: str) -> str:
    """+ so, - not so, ? neither, of the four trials."""
    so, no = _event(text).truth(BLOCK)
    return "".join("+" if a else "-" if b else "?" for a, b in zip(so, no, strict=True))


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("turnout in unit Cobb > 0.4", "+++-"),
        ("turnout in units 'Cobb' = 50 %", "+++-"),
        ("share[Jon Ossoff] in unit Cobb >= .5", "+--?"),
        ('share["Handel"] in unit "Cobb" > share["Ossoff"] in unit "Cobb"', "--+?"),
        ("margin[handel] in unit cobb \u2265 0", "-++?"),
        ("0 <= margin[Ossoff] in unit Cobb < 25%", "++-?"),
        ("votes[Handel] in unit Cobb <> 40", "+-++"),
        ("70 > votes[Handel] in unit Cobb", "++-+"),
        ("winner in unit Cobb == Ossoff", "+---"),
        ('winner in unit Cobb != "Ossoff"', "-+++"),
        ("tie in unit Cobb", "-+-+"),
        ("tie", "-+--"),
        ("Tie OR Not winner == Ossoff", "-+++"),
        ("winner == winner in unit Cobb", "+++-"),
        ("advances[Ossoff] and not outright[Ossoff]", "++--"),
        ("share[Ossoff] > 0.3", "++??"),
        ("not share[Ossoff] > 0.3", "--??"),
        ("share[Ossoff] > 0.3 or winner == Handel", "+++?"),
        ("share[Ossoff] > 0.3 and winner == Handel", "--?-"),
        ("not (share[Ossoff] > 0.3 and winner == Handel)", "++?+"),
        ("margin[Ossoff] > 0", "+-??"),  # of the two in the runoff: the third's votes are no runoff votes
        ("turnout > 0.4", "+++?"),
        ("winner in the first round == Handel", "-+--"),
        ("turnout in first round > 20%", "-+++"),
        # `and` binds closer than `or`, `not` closer than both
        ("winner == Ossoff or winner == Handel and tie", "+---"),
        ("(winner == Ossoff or winner == Handel) and tie", "----"),
        ("not tie and winner == Ossoff", "+---"),
        ("share['Ann \"and\" O\\'Neil'] in unit Cobb == 0.2", "+++?"),
        ("share[\u201cHandel, Karen\u201d] in units Cobb > \u22120.5 and not tie", None),
    ],
)
def test_what_questions_mean(text: str, answers: str | None) -> None:
    """Four trials answer as one would by hand; the last with no runoff of anybody, and no votes in Cobb."""
    if answers is None:
        with pytest.raises(UsageError, match="share is from 0 to 1"):
            _event(text)
        return
    assert _answers(text) == answers


@pytest.mark.parametrize(
    ("text", "told", "at"),
    [
        ("", "an empty question", 1),
        ("turnuot > 0.5", "did you mean turnout?", 1),
        ("turnout", "an event compares two sides", 1),
        ("turnout > 55", "say 55 %", 11),
        ("margin[Ossoff] > 1", "say 100 % or 1 %", 18),
        ("turnout > 0,55", "say 0.55", 12),
        ("votes[Ossoff] > 120,000", "say 120.000 or 120_000", 20),
        ("votes > 120.000", "say 120_000 or 120", 9),
        ("1.500 < votes[Handel]", "say 1_500 or 1.5", 1),
        ("votes > 0.55", "for a part of 1 say share", 9),
        ("votes > 100%", "for a part of 1 say share", 9),
        ("votes[Handel] > share[Handel]", "votes are compared with a share", 1),
        ("share > 0.5", "share of whom?", 1),
        ("margin > 0", "margin of whom?", 1),
        ("share[Handle] > 0.5", "did you mean Handel?", 7),
        ("winner == Ossof", "did you mean Ossoff?", 11),
        ("winner > Ossoff", "say == or !=", 1),
        ("winner == 0.5", "winner is compared with no name", 1),
        ("turnout == Ossoff", "a name is compared with a number", 1),
        ("0.5 > 0.4", "no quantity is compared", 1),
        ("tie > 0.5", "tie is an event by itself", 1),
        ("winner[Ossoff] == Ossoff", "winner is of nobody", 8),
        ("turnout in unit Cob > 0.5", "did you mean Cobb?", 17),
        ('turnout in "Cobb" > 0.5', "say which: in units", 12),
        ("turnout in counties Cobb > 0.5", "counties is no kind of place", 12),
        ("turnout in pool Cobb > 0.5", "pools are not there", 1),
        ("turnout in region Cobb > 0.5", "this run has no regions", 1),
        ("outright[Ossoff] in unit Cobb", "say outright", 1),
        ("seats[Ossoff] > 3", "seats is of a whole chamber", 1),
        ("majority[Ossoff]", "majority is of a whole chamber", 1),
        ("tie annd winner == Ossoff", "did you mean and?", 5),
        ("tie && tie", "say and", 5),
        ("turnout => 0.5", "say >=", 9),
        ("(tie", "close it with )", 5),
        ("tie)", ") after a whole event", 4),
        ('share["Ossoff > 0.5', "a name that does not end", 7),
        ("share[] > 0.5", "a bracket without a name", 6),
        ("share[Ossoff > 0.5", "a bracket without a name", 6),
        ("__import__('os').system('x') == 1", "__import__ is no quantity", 1),
        ("turnout ; 5", "an event compares two sides", 1),
        ("turnout > 0.5 and", "the question ends here", 18),
        ("turnout > " + "9" * 60, "a name is compared with a number", 1),
        ("not " * 60 + "tie", "more than 50 brackets and nots", 201),
        ("(" * 60 + "tie" + ")" * 60, "more than 50 brackets and nots", 51),
        ("tie or " * 2_000 + "tie", "at most 10,000 characters", None),
    ],
)
def test_mistakes_are_told_with_their_place(text: str, told: str, at: int | None) -> None:
    """The message has the rule or the nearest word, and the column."""
    with pytest.raises(UsageError) as problem:
        _event(text)
    said = str(problem.value)
    assert told in said
    assert at is None or said.startswith(f"question:1:{at}:"), said


@pytest.mark.parametrize(
    ("number", "ways"),
    [("0,55", "0.55"), ("1,5", "1.5"), ("1,234", "1.234 or 1_234"), ("0,555", "0.555"), ("1234,567", "1234.567")],
)
def test_a_comma_of_thousands_is_offered_only_where_it_may_be_one(number: str, ways: str) -> None:
    """Three digits behind one to three of which the first is no nought."""
    with pytest.raises(UsageError) as problem:
        _event(f"turnout > {number}")
    assert str(problem.value).split("fix:  say ")[1] == ways


def test_all_names_that_are_not_there_are_told_at_once() -> None:
    """Three mistakes, three messages."""
    with pytest.raises(UsageError) as problem:
        _event("winner == Bob or share[Eve] in unit Cub > 0.5")
    assert str(problem.value).count("question:1:") == 3


def test_kinds_are_known_before_names() -> None:
    """Of which kinds of places a question is, whoever is named."""
    assert kinds("turnout in pools a, b > turnout or not winner in unit c == d") == {"pools", "", "units"}


PIECES = [
    *("turnout", "share[Ossoff]", 'share["Handel"]', "winner", "tie", "and", "or", "not", "(", ")", ">", "==", "<="),
    *("0.5", "55%", "Ossoff", '"', "'", "[", "]", ",", "in", "unit", "Cobb", "first round"),
    *("\\", "\u202e", "\U0001f5f3"),
]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.one_of(st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join), st.text(max_size=40)))
def test_any_text_is_a_question_or_a_message(text: str) -> None:
    """Whatever is typed: an event that answers for each trial once, or one message; never anything else."""
    try:
        event = _event(text)
    except UsageError:
        return
    so, no = event.truth(BLOCK)
    assert not (so & no).any()
