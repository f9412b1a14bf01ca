"""What trials add up to: sums of any size, and a standard error that is the spread of answers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from runoff.app.ask.bound import question
from runoff.app.ask.brackets import Brackets, brackets
from runoff.app.ask.tally import Sum, Tally, chance, effective
from runoff.errors import UsageError
from runoff.phases.asked import RACE, Askable, Block, Counted

ABOUT = Askable(("A", "B"), {}, {})


def test_equal_weights_have_the_binomial_error() -> None:
    """sqrt(p (1 - p) / n), whatever the weight is; of nothing there is no chance."""
    part, whole = Sum(), Sum()
    which = np.arange(400) < 100
    for sums, mask in ((part, which), (whole, np.ones(400, bool))):
        sums.add(mask, np.full(400, 65_536))
    p, error = chance(part, whole)
    assert (p, effective(whole)) == (0.25, 400.0)
    assert error == pytest.approx(math.sqrt(0.25 * 0.75 / 400), rel=1e-12)
    assert chance(Sum(), Sum()) == (None, None)


def test_the_weighted_error_is_the_spread_of_answers() -> None:
    """Of 4,000 samples of 500 trials whose weights go with the event, the answers' sd is the error told.

    Both are known to within 1.1 % (one standard error of the sd); 6 % is five of them: false alarms 6e-7.
    """
    rng = np.random.default_rng(1)
    answers, errors = [], []
    for _ in range(4_000):
        x = rng.standard_normal(500)
        weights = np.round(65_536 * np.exp(0.8 * x - 0.32)).astype(np.int64)
        part, whole = Sum(), Sum()
        part.add(x > 0.5, weights)
        whole.add(np.ones(500, bool), weights)
        p, error = chance(part, whole)
        answers.append(p)
        errors.append(error)
    assert float(np.std(np.array(answers, float))) == pytest.approx(float(np.mean(np.array(errors, float))), rel=0.06)


def test_sums_outgrow_nothing_and_blocks_do_not_show() -> None:
    """Weights of the largest size over 200,000 trials add up as Python's whole numbers, in one block or in many."""
    n, heavy = 200_000, 55 * 65_536
    votes = np.stack([np.arange(n), np.full(n, n // 2)], axis=1)
    event = question('winner == "A"', ABOUT, {})
    sums = []
    for size in (n, 1_000):
        tally = Tally((event,), None, Brackets(brackets("0,1").edges))
        for first in range(0, n, size):
            cut = slice(first, first + size)
            tally.hear(Block(first, np.full(size, heavy), {RACE: Counted(votes[cut], 1e6)}))
        sums.append((tally.every, tally.so, tally.in_brackets))
    assert sums[0] == sums[1]
    assert sums[0][0] == Sum(n, n * heavy, n * heavy**2)
    assert sums[0][1][0].trials == n - n // 2 - 1
    assert sum(part.trials for part in sums[0][2].values()) == n


def test_edges_belong_to_the_bracket_above() -> None:
    """A lead of exactly 2.5 points is in 2.5 to 5; of 5 in 5 or more; a tie in none; in whole numbers of any size."""
    found = brackets("2.5,5")
    assert found.spans == ((0.0, 2.5), (2.5, 5.0), (5.0, None))
    big = 2_000_000_000
    votes = np.array([[500, 500], [512, 488], [1_025, 975], [205, 195], [42, 38], [big // 80 * 39, big // 80 * 41],
                      [big // 80 * 39 + 1, big // 80 * 41 - 1], [0, 0], [0, 7]])  # fmt: skip
    placed = found.of(Counted(votes, 1.0))
    assert placed.tolist() == [[-1, -1], [0, 0], [0, 1], [0, 1], [0, 2], [1, 1], [1, 0], [-1, -1], [1, 2]]


@pytest.mark.parametrize(
    "said", ["", "0,,5", "5,2.5", "2.5,2.5", "-1,2", "0,100", "a", "0;5", [float("nan")], [1e-9], "٣"]
)
def test_what_are_no_edges_is_told(said: str | list[float]) -> None:
    """One message with the rule and an example."""
    with pytest.raises(UsageError, match=r"as in 0,2.5,5,7.5"):
        brackets(said)
