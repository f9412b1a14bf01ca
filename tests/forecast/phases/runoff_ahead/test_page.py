"""What people read: figures, the report, the histogram."""

from __future__ import annotations

import copy
import math

import pytest
from rich.cells import cell_len

from runoff.phases.runoff_ahead import page as report
from runoff.report import numbers as figures
from runoff.simulate.driver import largest_se, standard_error
from tests.forecast import example


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


@pytest.mark.parametrize("strange", [False, True])
@pytest.mark.parametrize("width", [80, 100])
def test_the_report_fits(strange: bool, width: int) -> None:
    """No line is wider than the terminal, in any script; the answer comes first; no control characters."""
    text = report.render(example.tables(strange), width=width)
    assert max(cell_len(line) for line in text.split("\n")) <= width
    assert " wins in " in text.split("\n", 1)[0]
    assert "\x1b" not in text
    assert not any(line != line.rstrip() for line in text.split("\n"))


def test_the_report_says_what_the_tables_hold() -> None:
    """Names, mean votes, median margin, turnout and break-even stand as in the tables."""
    tables = example.tables()
    text = report.render(tables)
    run = tables["run"][0]
    for row in tables["candidates"]:
        assert str(row["candidate"]) in text
        assert figures.whole(float(str(row["votes_mean"]))) in text
    assert f"{100 * float(str(run['turnout_q50'])):.1f} %" in text
    assert figures.lead(float(str(run["margin_q50"])), "Quist", "Lind") in text
    assert "decisive: " in text


def test_the_histogram_holds_every_trial() -> None:
    """The rows' percentages add up to 100, but for rounding."""
    text = report.render(example.tables())
    rows = text.split("share of trials\n")[1].split("\n\n")[0].split("\n")
    shares = [float(row[row.index("-") :].split()[1]) for row in rows]
    assert sum(shares) == pytest.approx(100, abs=0.05 * len(shares))
    assert sum("median" in row for row in rows) == 1


def test_a_certain_race_is_not_called_certain() -> None:
    """Where every trial is won, the report bounds the chance."""
    tables = copy.deepcopy(example.tables())
    rows = tables["candidates"]
    rows[0].update(wins=20_000, p_win=1.0, p_win_mcse=0.0)
    rows[1].update(wins=0, p_win=0.0, p_win_mcse=0.0)
    text = report.render(tables)
    assert text.startswith("Quist wins in all of 20,000 trials: more than 99.98 %")
    assert "100.0 %" not in text.split("where the votes")[0]


def test_json_is_the_tables() -> None:
    """The document holds run, candidates, quantiles, rates, transfers (blocs too) and evidence, with plain values."""
    document = report.render_json(example.tables())
    assert document["run"]["runoff"] == "2025-03-30"
    assert [row["candidate"] for row in document["candidates"]] == ["Ada Quist", "Bo Lind"]
    tables = {"run", "candidates", "quantiles", "rates", "rates_blocs", "transfers", "transfers_blocs", "evidence"}
    assert set(document) == tables
    assert document["evidence"] == []
    assert len(report.render_json(example.tables(strange=True))["evidence"]) == 2


def test_largest_se_is_never_zero() -> None:
    """A run in which nobody has won yet is not taken for certain; weights count by what they are worth."""
    import numpy as np

    from runoff.kernels.arrays import new_tallies
    from runoff.simulate.driver import Drawn
    from runoff.simulate.inputs import to_inputs
    from tests.builders import two_way

    def drawn(*wins: int, weights: tuple[int, int] = (0, 0)) -> Drawn:
        tallies = new_tallies(to_inputs(two_way(), 1), units=False)
        tallies.wins[:] = wins
        tallies.weight[:, 0] = weights
        return Drawn(tallies, 100, 0, 0.0, weighted=any(weights))

    assert largest_se(drawn(0, 100)) > 0.005
    assert largest_se(drawn(50, 50)) == pytest.approx(math.sqrt(0.25 / 100))
    # 100 trials, of which half have weight 3 and half 1: worth 80
    half = drawn(100, 100, weights=(200, 500))
    assert largest_se(half) == pytest.approx(math.sqrt(0.25 / 80))
    assert np.isclose(half.effective, 80.0)
