"""In what order places have come: closed forms, frequencies and a slow twin."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest
from scipy import integrate, stats

from runoff.estimate.chosen import (
    FEW,
    MOST_LIKELIER,
    Case,
    Cases,
    Habit,
    apart,
    cases,
    chosen,
    l_skewness,
    leaning,
    leaning_to,
    top_skewness,
    truncated,
)

HABIT = Habit(sd=0.5, log_sd=0.5, prior=0.05)


@pytest.mark.parametrize("p", [0.03, 0.25, 0.6, 0.95])
def test_the_top_of_a_normal_has_its_closed_form(p: float) -> None:
    """Spread of the upper part, and its distance to the rest in its own spreads, are the truncated normal's."""
    at = stats.norm.isf(p)
    top, rest = stats.truncnorm(at, np.inf), stats.truncnorm(-np.inf, at)
    ratio, gap = truncated(p)
    assert ratio == pytest.approx(top.std(), abs=1e-9)
    assert gap == pytest.approx((top.mean() - rest.mean()) / top.std(), abs=1e-9)


@pytest.mark.parametrize("p", [0.03, 0.25, 0.6, 0.95])
def test_a_tops_tail_is_that_of_its_quantiles(p: float) -> None:
    """L-skewness of the upper part of a normal, beside integrals of its quantiles."""

    def moment(weight: Callable[[float], float]) -> float:
        return float(integrate.quad(lambda u: weight(u) * stats.norm.isf(p * (1.0 - u)), 0.0, 1.0, limit=200)[0])

    exact = moment(lambda u: 6.0 * u * u - 6.0 * u + 1.0) / moment(lambda u: 2.0 * u - 1.0)
    assert top_skewness(p) == pytest.approx(exact, abs=0.004)


def test_l_skewness_is_a_mean_over_threes() -> None:
    """What the middle of three lies below the middle of their ends, over the distance of two, over all of them."""
    values = np.random.default_rng(9).exponential(size=9)
    threes = np.sort(list(combinations(values, 3)), axis=1)
    twos = np.sort(list(combinations(values, 2)), axis=1)
    third = (threes[:, 2] - 2.0 * threes[:, 1] + threes[:, 0]).mean() / 3.0
    second = (twos[:, 1] - twos[:, 0]).mean() / 2.0
    assert l_skewness(values) == pytest.approx(third / second)
    assert l_skewness(-values) == pytest.approx(-third / second)
    assert l_skewness(np.ones(5)) == 0.0


def test_few_places_l_skewness_has_the_variance_that_is_said() -> None:
    """Of 4 to 30 normal places, 4,000 times: within 8 % (a standard error is 3 %)."""
    for n in (4, 5, 8, 30):
        found = [l_skewness(row) for row in np.random.default_rng(n).normal(size=(4_000, n))]
        assert np.var(found) == pytest.approx((0.1866 + 0.8 / n + 2.5 / n**2) / n, rel=0.08)


def test_what_is_expected_anyway_is_not_moved_twice() -> None:
    """Of the distance to the rest only what is not expected is moved, and never the other way round."""
    for expected, below, above in ((0.3, 0.7, 1.3), (1.4, 0.0, 2.4), (-1.4, 2.4, 0.0)):
        two = Cases((Case(0.5, -1.0, 0.0, 0.0, expected), Case(0.5, 1.0, 0.0, 0.0, expected)), np.array([[1.0], [1.0]]))
        moved = two.shift(np.array([-3.0, 0.0 - 0.3]), np.zeros(2))[:, 0]
        assert moved == pytest.approx([-below, above])


def _mean_odds(of: str, nights: int = 200, units: int = 200, out: int = 120) -> np.ndarray:
    """Mean chances of the top and of the bottom over nights of normal places."""
    rng, found = np.random.default_rng(5), []
    for _ in range(nights):
        values = np.sort(rng.normal(0.0, 0.5 * np.exp(0.3 * rng.normal()), units))
        part = {"top": values[out:], "bottom": values[:-out], "any": rng.permutation(values)[out:]}[of]
        two = chosen(part, 0.0, out, HABIT)
        found.append(Cases(two, np.ones((2, 1))).chances)
    result: np.ndarray = np.mean(found, axis=0)
    return result


def test_an_order_is_told_from_a_sample() -> None:
    """Of 80 of 200 normal places: samples are rarely taken for tops or bottoms, tops and bottoms mostly are."""
    top, bottom, sample = (_mean_odds(of) for of in ("top", "bottom", "any"))
    assert sample.max() < 0.03
    assert top[0] > 3 * HABIT.prior
    assert bottom[1] > 3 * HABIT.prior
    assert max(top[1], bottom[0]) < 0.01


def test_few_places_tell_nothing_of_their_order() -> None:
    """Below FEW places, or with nothing out, the chances are those beforehand, or there is nothing to choose."""
    two = chosen(np.linspace(0.0, 1.0, FEW - 1), 0.0, 10, HABIT)
    assert Cases(two, np.ones((2, 1))).chances == pytest.approx([HABIT.prior] * 2)
    assert chosen(np.zeros(10), 0.0, 0, HABIT) == ()


def test_what_is_out_moves_as_often_and_as_far_as_is_said() -> None:
    """Cases come up with their chances, and the log distance has its mean and spread (5 sigmas)."""
    found = Cases((Case(0.3, -1.0, -0.7, 0.4), Case(0.1, 1.0, 0.2, 0.1)), np.array([[1.0, -0.5], [2.0, 0.0]]))
    which, size = np.random.default_rng(3).normal(size=(2, 200_000))
    shift = found.shift(which, size)
    for effect, sign, chance, location, scale in (
        (0, -1, 0.3 / 1.4, -0.7, 0.4),
        (0, 1, 0.1 / 1.4, 0.2 + np.log(2), 0.1),
    ):
        mine = shift[np.sign(shift[:, effect]) == sign, effect]
        assert abs(len(mine) / len(shift) - chance) < 5 * np.sqrt(chance / len(shift))
        logs = np.log(np.abs(mine))
        assert abs(logs.mean() - location) < 5 * scale / np.sqrt(len(mine))
        assert abs(logs.std() - scale) < 5 * scale / np.sqrt(2 * len(mine))
    first = shift[:, 0] < 0
    assert shift[first, 1] == pytest.approx(-0.5 * shift[first, 0])


def test_a_case_may_be_sure_or_out_of_the_question() -> None:
    """Odds beyond all numbers leave nothing to a sample, and no odds leave nothing to an order."""
    which, size = np.random.default_rng(4).normal(size=(2, 1_000))
    sure = Cases((Case(0.0, -1.0, 0.0, 0.0), Case(1e300, 1.0, 0.0, 0.0)), np.ones((2, 1)))
    assert (sure.shift(which, size) == 1.0).all()
    never = Cases((Case(0.0, -1.0, 0.0, 0.0), Case(0.0, 1.0, 0.0, 0.0)), np.ones((2, 1)))
    assert (never.shift(which, size) == 0.0).all()


def test_a_case_moves_each_regression_by_its_slope() -> None:
    """Effects go as slopes of what regressions leave on what an order goes by, FEW places kept at the usual; they
    move what it goes by, by one.
    """
    rng = np.random.default_rng(2)
    own, miss = rng.normal(size=(9, 1)) + 1.0, rng.normal(size=(9, 2))
    to_own = np.array([[1.6], [-0.3]])
    found = cases(own, miss, to_own, np.zeros(1), 5, HABIT)
    mean, slope = sum(own[:, 0]) / 9, []
    square = sum((x - mean) ** 2 for x in own[:, 0])
    for k, usual in enumerate((1 / 1.6, 0.0)):
        cross = sum((x - mean) * y for x, y in zip(own[:, 0], miss[:, k], strict=True))
        slope.append((cross + FEW * square / 9 * usual) / (square + FEW * square / 9))
    moved = max(1.6 * slope[0] - 0.3 * slope[1], 0.1)
    assert found.effect == pytest.approx(np.array([slope, slope]) / moved)


def test_what_is_known_beforehand_tells_an_order() -> None:
    """The ratio of two normal densities, one of a sample and one of an order, up to the most that it may say."""
    rng = np.random.default_rng(6)
    known, reported = rng.normal(size=50), np.arange(50) < 20
    known[reported] += 0.3
    away = (known[reported].mean() - known[~reported].mean()) / known.std()
    sample = 1 / 20 + 1 / 30
    expected = stats.norm.pdf(away, 0, np.sqrt(sample + 0.8**2)) / stats.norm.pdf(away, 0, np.sqrt(sample))
    assert leaning(known, reported, 0.8) == pytest.approx(expected)
    assert leaning(known + 9.0 * reported, reported, 0.8) == MOST_LIKELIER
    assert leaning(np.zeros(50), reported, 0.8) == leaning(known, np.zeros(50, bool), 0.8) == 1.0


def test_a_lean_has_a_side() -> None:
    """The chance that what leans more came first is that of a normal shift given what is seen; turned, the rest."""
    rng = np.random.default_rng(7)
    known, reported = rng.normal(size=50), np.arange(50) < 20
    known[reported] += 0.1
    away = (known[reported].mean() - known[~reported].mean()) / known.std()
    error, usual = 1 / 20 + 1 / 30, 0.8**2
    mean, sd = away * usual / (usual + error), np.sqrt(usual * error / (usual + error))
    times, more = leaning_to(known, reported, 0.8)
    assert times == leaning(known, reported, 0.8)
    assert more == pytest.approx(stats.norm.cdf(mean / sd))
    assert leaning_to(-known, reported, 0.8)[1] == pytest.approx(1.0 - more)
    assert leaning_to(np.zeros(50), reported, 0.8) == (1.0, 0.5)


def test_tops_and_bottoms_have_odds_of_their_own() -> None:
    """What is known beforehand multiplies the odds of each candidate's top and bottom by its own number."""
    rng = np.random.default_rng(3)
    own, miss = rng.normal(size=(12, 2)), rng.normal(size=(12, 2))
    plain = cases(own, miss, np.eye(2), np.zeros(2), 5, HABIT).cases
    times = np.array([[2.0, 0.5], [3.0, 0.1]])
    found = cases(own, miss, np.eye(2), np.zeros(2), 5, HABIT, times).cases
    assert [one.odds / before.odds for one, before in zip(found, plain, strict=True)] == pytest.approx(
        times.ravel().tolist()
    )


def test_what_is_in_lies_apart_in_standard_deviations() -> None:
    """The distance between the means of what is in and what is out; none where there is nothing to compare."""
    known, reported = np.array([1.0, 2.0, 6.0, 3.0]), np.array([True, False, True, False])
    assert apart(known, reported) == pytest.approx(1.0 / known.std())
    assert apart(np.ones(4), reported) == apart(known, np.ones(4, bool)) == apart(known, np.zeros(4, bool)) == 0.0
