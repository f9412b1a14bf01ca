"""Names in one form, and which of them are nearly one."""

from __future__ import annotations

import pytest

from runoff import names


@pytest.mark.parametrize(
    "other",
    [
        "MARA VOSS",
        "Voss, Mara",
        "Mara Voss (Red)",
        "Mára Voss",
        "Mara  Voss",
        "Mara\u00a0Voss",
        "Mara\u200bVoss ",
        "Mara-Voss",
    ],
)
def test_spellings_of_one_person_are_near(other: str) -> None:
    """Capitals, order, bracket, accent, blanks, invisible characters and dashes leave a name near."""
    assert names.near(other.replace("\u200b", "\u200b ")) == names.near("Mara Voss")


def test_father_and_son_are_two() -> None:
    """Jr. and Sr. tell people apart, with or without the comma."""
    assert names.near("Tom Iver Jr.") != names.near("Tom Iver Sr.")
    assert names.near("Tom Iver, Jr") == names.near("Tom Iver Jr.")


def test_words_where_capitals_cannot_matter() -> None:
    """Red, RED and ' red ' are one party; Red and Rot are two."""
    assert names.same("Red") == names.same("RED") == names.same(" red\u00a0")
    assert names.same("Red") != names.same("Rot")


def test_what_a_name_may_not_have() -> None:
    """Blanks around it, control and invisible characters are told; a joiner within a Persian word is a letter."""
    assert names.problem("Mara Voss") is None
    assert names.problem("") is not None
    for wrong in (" Mara", "Mara\u200b Voss", "Ma\u202era", "Ma\x07ra", "Ma\u200dra"):
        assert names.problem(wrong) is not None
    assert names.problem("\u0645\u06cc\u200c\u062e\u0648") is None
