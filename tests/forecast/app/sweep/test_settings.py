from __future__ import annotations

import datetime as dt

import pytest

from runoff.app.sweep.settings import changed, scenarios, settings
from runoff.errors import UsageError


@pytest.mark.parametrize(
    ("text", "path", "values"),
    [
        ("a.b=0.7:0.9:0.1", ("a", "b"), (0.7, 0.8, 0.9)),
        ("a.b=1:7:3", ("a", "b"), (1, 4, 7)),
        ("a=0.5", ("a",), (0.5,)),
        ('a."X. Y".c=1,2', ("a", "X. Y", "c"), (1, 2)),
        ('a="left","right"', ("a",), ("left", "right")),
        ("a=true", ("a",), (True,)),
        ("a=2_000:4_000:1_000", ("a",), (2000, 3000, 4000)),
        ("a=.75, -.8,+.9,.95", ("a",), (0.75, -0.8, 0.9, 0.95)),
        ("a=1.,2.5,3.", ("a",), (1.0, 2.5, 3.0)),
        ("a=.7:.9:.1", ("a",), (0.7, 0.8, 0.9)),
        ('a="v.9",".5"', ("a",), ("v.9", ".5")),
        ("a=2025-03-05,2025-03-06", ("a",), (dt.date(2025, 3, 5), dt.date(2025, 3, 6))),
    ],
)
def test_a_setting_is_a_key_and_its_values(text: str, path: tuple[str, ...], values: tuple[object, ...]) -> None:
    """Ranges have both ends, in decimals; lists and single values are TOML's; names with dots stand in quotes."""
    (found,) = settings([text])
    assert (found.path, found.values) == (path, values)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ([], "nothing to change"),
        (["a"], "KEY=VALUES"),
        (["a b=1"], "none of TOML"),
        (["a=x"], "values are numbers"),
        (["a=1:0:1"], "low is at most high"),
        (["a=0:1:0"], "the step above 0"),
        (["a=0:1:0.0000001"], "at most 100,000"),
        (["simulation.trials=5,6"], "by --trials"),
        (["output.directory='a','b'"], "by --out"),
        (["a=1", "a=2"], "said twice"),
        (["a=0:999:1", "b=0:999:1"], "1,000,000 scenarios"),
    ],
)
def test_what_is_no_setting_is_told(said: list[str], words: str) -> None:
    """With the rule or the way out."""
    with pytest.raises(UsageError, match=words):
        settings(said)


def test_every_combination_is_a_scenario() -> None:
    """The last setting goes fastest."""
    found = [list(one.values()) for one in scenarios(settings(["a=1,2", "b=3,4"]))]
    assert found == [[1, 3], [1, 4], [2, 3], [2, 4]]


def test_a_document_is_changed_in_a_copy() -> None:
    """Keys are set, sections made, the original left; a path through a number is told."""
    document = {"a": {"b": 1}, "c": 2}
    assert changed(document, {("a", "b"): 5, ("d", "e"): 6}) == {"a": {"b": 5}, "c": 2, "d": {"e": 6}}
    assert document == {"a": {"b": 1}, "c": 2}
    with pytest.raises(UsageError, match="no section"):
        changed(document, {("c", "x"): 1})
