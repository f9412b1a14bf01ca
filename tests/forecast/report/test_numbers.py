"""Numbers and names as people read them: digits that the trials support, chances in words, leads, surnames."""

from __future__ import annotations

import pytest

from runoff.report import numbers as figures
from runoff.simulate.driver import standard_error


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Jon Ossoff", "Ossoff"),
        ("MARA VOSS (REP)", "VOSS"),
        ("Mara Voss [I] (Rep.)", "Voss"),
        ("王小明\uff08民主\uff09", "王小明"),
        ("Mara Voss III", "Voss"),
        ("Mara Voss V", "Voss"),
        ("Tom Iver, Sr.", "Iver"),
        ("Tom Iver Jr (I)", "Iver"),
        ("Tom Iver, M.D., Ph.D.", "Iver"),
        ("Tom Iver *", "Iver"),
        ("Tom Iver - REP", "Iver"),
        ("Joe Holm / Ann Stone", "Holm"),
        ("VOSS, MARA", "VOSS"),
        ("Iver Jr., Tom", "Iver"),
        ("Iver, Sr., Tom", "Iver"),
        ("de la Cruz, Ana", "de la Cruz"),
        ("Ana de la Cruz", "de la Cruz"),
        ("Marine Le Pen", "Le Pen"),
        ("Le Pen", "Le Pen"),
        ("Chris Van Hollen", "Van Hollen"),
        ("Ana Dos Santos", "Dos Santos"),
        ("Al Gore", "Gore"),
        ("Di Holm", "Holm"),
        ("Yolanda Senior", "Senior"),
        ("Henry V", "Henry V"),
        ("Mara V.", "Mara V."),
        ("Slate 7", "Slate 7"),
        ("(REP)", "(REP)"),
        ("Jr.", "Jr."),
        ("III", "III"),
        ("", ""),
    ],
)
def test_surnames(name: str, expected: str) -> None:
    """No bracket, suffix, degree or party is a surname; particles are part of one; the rest is left whole."""
    assert figures.surname(name) == expected


def test_only_those_alike_are_told_in_full() -> None:
    """Two of one surname, in any capitals, or like another's whole name, are whole; the others stay short."""
    short = figures.short_names(["Ann Landry", "BO LANDRY", "Cy Voss", "Voss", "Di Holm"])
    assert short == {name: name for name in ("Ann Landry", "BO LANDRY", "Cy Voss", "Voss")} | {"Di Holm": "Holm"}


def test_a_chosen_name_is_kept_and_others_step_aside() -> None:
    """The user's word stands whatever the surnames, in any Unicode form of the name; a surname like it does not."""
    short = figures.short_names(["Rene\u0301 Holm", "Ann Stone"], {"Ren\u00e9 Holm": "Stone"})
    assert short == {"Rene\u0301 Holm": "Stone", "Ann Stone": "Ann Stone"}


@pytest.mark.parametrize(
    ("count", "trials", "expected"),
    [
        (5831, 10_000, "58.3 % ± 0.5"),
        (2_915_500, 5_000_000, "58.31 % ± 0.02"),
        (0, 1_000, "less than 0.3 %"),
        (1_000, 1_000, "more than 99.7 %"),
        (0, 5_000_000, "less than 0.00006 %"),
        (5_000_000, 5_000_000, "more than 99.99994 %"),
        (1, 5_000_000, "less than 0.0001 %"),
        (1, 1, "unknown (too few trials)"),
        (50, 100, "50 % ± 5"),
        (4_999_990, 5_000_000, "99.9998 % ± 0.0001"),
    ],
)
def test_probabilities(count: int, trials: int, expected: str) -> None:
    """Digits follow the standard error; what was never seen is bounded, not called impossible."""
    assert figures.probability(count, trials, standard_error(count / trials, trials)) == expected


@pytest.mark.parametrize("trials", [1, 2, 7, 100, 12_345, 10**6, 10**9])
def test_no_probability_is_0_or_100(trials: int) -> None:
    """Whatever the counts, a probability is never printed as 0 % or 100 %."""
    for count in {0, 1, trials // 2, trials - 1, trials}:
        text = figures.probability(count, trials, standard_error(count / trials, trials))
        number = next((word for word in text.split() if word[0].isdigit()), "50")
        assert 0 < float(number) < 100


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        (0.5831, "about 6 of 10 trials"),
        (0.5, "about 1 of 2 trials"),
        (0.505, "about 1 of 2 trials"),
        (0.7559, "about 3 of 4 trials"),
        (0.55, "about 11 of 20 trials"),
        (0.95, "about 19 of 20 trials"),
        (0.97, "about 97 of 100 trials"),
        (0.002, "about 2 of 1,000 trials"),
        (0.00001, "fewer than 1 of 10,000 trials"),
        (0.99999, "all but fewer than 1 of 10,000 trials"),
        (0.0, "none of 1,000,000 trials"),
        (1.0, "all of 1,000,000 trials"),
    ],
)
def test_chances_in_words(p: float, expected: str) -> None:
    """A chance is said as a count that people can picture."""
    assert figures.chance(round(p * 1_000_000), 1_000_000) == expected


def test_words_are_close_to_the_number() -> None:
    """What the words say is within 2.6 points of the probability, and nearer towards the ends."""
    for count in range(1, 1_000):
        words = figures.chance(count, 1_000).replace(",", "").split()
        if words[0] == "about":
            assert abs(int(words[1]) / int(words[3]) - count / 1_000) <= 0.0261


@pytest.mark.parametrize(
    ("margin", "expected"), [(0.0171, "A +1.7"), (-0.05, "B +5.0"), (0.0001, "even"), (0.0, "even")]
)
def test_leads(margin: float, expected: str) -> None:
    """A margin is said from its winner's side."""
    assert figures.lead(margin, "A", "B") == expected


def test_short_names_only_where_they_tell_apart() -> None:
    """Last words, unless two finalists share one."""
    assert figures.short_names(["Jon Ossoff", "Karen Handel"])["Jon Ossoff"] == "Ossoff"
    assert figures.short_names(["A Bush", "B Bush"])["A Bush"] == "A Bush"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (-0.030, 0.067, "Lind +3.0 to Quist +6.7"),
        (0.037, 0.067, "Quist +3.7 to +6.7"),
        (-0.067, -0.037, "Lind +3.7 to +6.7"),
        (0.0001, 0.02, "even to Quist +2.0"),
        (-0.02, -0.0001, "even to Lind +2.0"),
        (-0.02, 0.0001, "even to Lind +2.0"),
        (-0.0001, 0.0001, "even"),
        (0.0301, 0.0302, "Quist +3.0"),
    ],
)
def test_ranges_of_margins(low: float, high: float, expected: str) -> None:
    """Across from the second's lead to the first's; on one side from the smaller lead to the larger."""
    assert figures.lead_range(low, high, "Quist", "Lind") == expected
