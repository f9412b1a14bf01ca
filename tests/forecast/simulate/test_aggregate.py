"""Many units at the price of one: held against quadrature, closed forms, a slow twin and the direct kernel."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from scipy import integrate, special, stats

from runoff.kernels.arrays import new_scratch, new_tallies
from runoff.kernels.philox import GROUP
from runoff.kernels.transfer import run_groups
from runoff.model.pools import Model
from runoff.simulate import aggregate as summed
from runoff.simulate.driver import Drawn, draw, whole
from runoff.simulate.inputs import to_inputs
from tests import naive
from tests.builders import NO_WEIGHTS, Group, joined, model, three_way

Floats = npt.NDArray[np.float64]
SIGMAS = 5  # false alarm rate 6e-7 for each comparison


def many_units(region: float = 0.15, unit: float = 0.25, scale: float = 0.3) -> Model:
    """Forty units in four regions, of very different sizes and leanings."""
    rng = np.random.default_rng(5)
    sizes = rng.lognormal(7.0, 0.8, 40)
    lean = rng.uniform(0.2, 0.8, 40)
    people = [np.rint(sizes * part).astype(int) for part in (lean, 1 - lean, 0.4 * lean**2, 1.2 * (1 - lean) ** 2)]
    people.append(np.rint(2.5 * sizes).astype(int))
    names = [("Ada", "L", "finalist"), ("Bo", "R", "finalist"), ("Cy", "L", "eliminated"), ("Di", "R", "eliminated")]
    rates = [((2.0, scale), (3.0, scale)), ((2.1, scale), (-3.0, scale)), ((1.2, scale), (1.5, scale)),
             ((1.3, scale), (-1.4, scale))]  # fmt: skip
    groups = [
        Group(name, row.tolist(), *rate, bloc, kind)
        for (name, bloc, kind), row, rate in zip(names, people, rates, strict=False)
    ]
    groups.append(Group("new", people[4].tolist(), (-1.5, scale), (0.1, scale), "new", "new"))
    regions = [f"region {i % 4}" for i in range(40)]
    return model(groups, parts=(0.3, 0.3, 0.4), region=region, unit=unit, regions=regions)


@pytest.fixture
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the shortcut go beyond one per cent of a pool's variance, to see what it then costs."""
    monkeypatch.setattr(summed, "_MOST_MISSING", 1.0)


def _inputs(of: Model, seed: int = 3) -> tuple[summed.Inputs, summed.Bound]:
    got = summed.summed_inputs(of, seed)
    assert got is not None
    return got


def _moments(drawn: Drawn) -> tuple[float, float]:
    first, second = (whole(part) for part in drawn.tallies.margin)
    mean = first / drawn.trials
    return mean / 1e6, math.sqrt(second / drawn.trials - mean**2) / 1e6


def test_the_constant_of_the_bound_is_the_maximum_of_the_sixth_derivative() -> None:
    """|f^(6)| of the logistic, a polynomial in f, has its maximum below the constant, and not far below."""
    polynomial = np.polynomial.Polynomial([0, 1])
    for _ in range(6):
        polynomial = polynomial.deriv() * np.polynomial.Polynomial([0, 1, -1])
    most = np.abs(polynomial(np.linspace(0, 1, 1_000_001))).max()
    assert most <= summed._SIXTH < most * 1.001


@pytest.mark.parametrize("spread", [0.05, 0.2, 0.5])
def test_mean_logistic_is_within_its_bound_of_the_integral(spread: float) -> None:
    """The ratio of cubics equals the logistic's mean over a normal within max|f^(6)| s^6 / 120, and nears it."""
    a, b = summed._shape(np.array([spread]))[0]
    errors = []
    for x in np.linspace(-6, 6, 25):
        o = math.exp(x)
        got = o * (a + b * o + o**2) / (1 + (a + b) * (o + o**2) + o**3)
        exact, _ = integrate.quad(
            lambda z, x=x: stats.norm.pdf(z) * special.expit(x + spread * z), -12, 12, epsabs=1e-14
        )
        errors.append(abs(got - exact))
    bound = summed._SIXTH * spread**6 / 120
    assert max(errors) <= bound
    assert max(errors) > 0.2 * bound


@pytest.mark.usefixtures("wide")
def test_each_trial_equals_the_slow_twin() -> None:
    """Fed with the same words, three nodes in float64 give every total within one vote, nearly all equal."""
    inputs, _ = _inputs(many_units())
    votes = np.empty((20 * GROUP, 2), np.int32)
    run_groups(inputs, 0, 20 * GROUP, 0, new_scratch(inputs), new_tallies(inputs, units=False), votes, NO_WEIGHTS)
    difference = np.abs(votes - naive.summed_votes(inputs, 20))
    assert difference.max() <= 1
    assert (difference == 0).mean() > 0.9


@pytest.mark.usefixtures("wide")
@pytest.mark.parametrize(
    ("region", "unit", "part"), [(0.0, 0.1, 0.0), (0.15, 0.25, 0.0), (0.3, 0.0, 0.0), (0.15, 0.25, 0.6)]
)
def test_totals_agree_with_the_direct_kernel(region: float, unit: float, part: float) -> None:
    """Mean votes within the stated bound, sd of the margin within the stated share, and the win probability:
    each beyond that only by five standard errors; also where rates of an estimate have a part in common.
    """
    of, trials = many_units(region, unit), 1_000_000
    of = joined(of, part) if part else of
    inputs, bound = _inputs(of)
    fast = draw(inputs, trials, threads=2, units=False, detail_trials=0)
    slow = draw(to_inputs(of, 4), trials, threads=2, units=False, detail_trials=0)
    for k in range(2):
        means = [whole(drawn.tallies.votes[k]) / trials for drawn in (fast, slow)]
        sd = math.sqrt(whole(slow.tallies.vote_products[k, k]) / trials - means[1] ** 2)
        assert abs(means[0] - means[1]) < bound.votes + SIGMAS * sd * math.sqrt(2 / trials)
    (_, sd_fast), (_, sd_slow) = _moments(fast), _moments(slow)
    assert abs(sd_fast / sd_slow - 1) < bound.variance + SIGMAS * math.sqrt(1 / trials)
    p = [int(drawn.tallies.wins[0]) / trials for drawn in (fast, slow)]
    assert abs(p[0] - p[1]) < SIGMAS * math.sqrt(2 * p[1] * (1 - p[1]) / trials) + 2e-4


def _exact_local(of: Model) -> tuple[Floats, Floats]:
    """Mean [2] and covariance [2, 2] of the votes where nothing but local effects and counting is unknown.

    No regions.  Per unit, by Gauss and Hermite's rule of 40 nodes in each of both effects.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    weights = weights / weights.sum()
    s = of.turnout.unit
    come = special.expit(np.array([p.turnout.location[0] for p in of.pools])[:, None] + s * nodes)
    first = special.expit(np.array([p.preference.location[0] for p in of.pools])[:, None] + s * nodes)
    rate = np.stack([come[:, :, None] * first[:, None, :], come[:, :, None] * (1 - first[:, None, :])])
    both = np.outer(weights, weights)
    mean, covariance = np.zeros(2), np.zeros((2, 2))
    for people in of.people:
        votes = np.einsum("j,kjab->kab", people, rate)
        expected = np.einsum("ab,kab->k", both, votes)
        mean += expected
        covariance += np.einsum("ab,kab,lab->kl", both, votes, votes) - np.outer(expected, expected)
        covariance += np.diag(expected) - np.einsum("ab,j,kjab,ljab->kl", both, people, rate, rate)
    return mean, covariance


@pytest.mark.usefixtures("wide")
def test_local_effects_have_their_exact_mean_and_covariance() -> None:
    """With rates known, votes' means and covariances are those of a sum over units by quadrature: means
    within the bound, variances within the stated share, each beyond that by five standard errors at most.
    """
    of, trials = many_units(0.0, 0.2, scale=1e-6), 400_000
    inputs, bound = _inputs(of)
    votes = np.empty((trials // GROUP * GROUP, 2), np.int32)
    run_groups(inputs, 0, len(votes), 0, new_scratch(inputs), new_tallies(inputs, units=False), votes, NO_WEIGHTS)
    mean, covariance = _exact_local(of)
    error = np.sqrt(np.diag(covariance) / len(votes))
    assert (np.abs(votes.mean(axis=0) - mean) < bound.votes + SIGMAS * error).all()
    ratio = np.diag(np.cov(votes.T)) / np.diag(covariance)
    assert (np.abs(ratio - 1) < bound.variance + bound.covariance + SIGMAS * math.sqrt(2 / len(votes))).all()
    margin = np.array([1.0, -1.0])
    exact, got = margin @ covariance @ margin, np.var(votes @ margin)
    assert abs(got / exact - 1) < bound.variance + bound.covariance + SIGMAS * math.sqrt(2 / len(votes))


def test_like_pools_of_an_estimate_are_drawn_as_one() -> None:
    """Pools of one origin have its loads, and totals as if each were drawn; with other loads they stay apart."""
    of, trials = like_pools(), 400_000
    first = joined(of).pools[1]
    alike = [replace(p, turnout=first.turnout, preference=first.preference) if p.kind == "eliminated" else p
             for p in joined(of).pools]  # fmt: skip
    together = replace(joined(of), pools=tuple(alike))
    got = summed.summed_inputs(together, 3, groups=summed.like_pools(together))
    assert got is not None
    assert len(got[0].turnout_location) < len(of.pools) == len(summed.like_pools(joined(of)))
    fast = draw(got[0], trials, threads=2, units=False, detail_trials=0)
    slow = draw(to_inputs(together, 4), trials, threads=2, units=False, detail_trials=0)
    (mean, sd), (mean_slow, sd_slow) = _moments(fast), _moments(slow)
    assert abs(mean - mean_slow) < got[1].votes / of.people.sum() + SIGMAS * sd * math.sqrt(2 / trials)
    assert abs(sd / sd_slow - 1) < got[1].variance + SIGMAS * math.sqrt(1 / trials)


def test_without_local_effects_it_is_one_unit() -> None:
    """Effects of size 0: every trial has the votes of the race as one unit, within one vote."""
    of = many_units(0.0, 0.0)
    inputs, bound = _inputs(of)
    assert bound.variance == bound.covariance == 0.0
    one = to_inputs(summed._as_one(of), 3)
    votes = [np.empty((5_000, 2), np.int32) for _ in range(2)]
    for arrays, target in zip((inputs, one), votes, strict=True):
        run_groups(arrays, 0, 5_000, 0, new_scratch(arrays), new_tallies(arrays, units=False), target, NO_WEIGHTS)
    assert np.abs(votes[0] - votes[1]).max() <= 1


@pytest.mark.usefixtures("wide")
def test_rates_by_pool_agree_with_the_direct_kernel() -> None:
    """Mean turnout and preference of each pool over all its units, within five standard errors and 1e-4."""
    of, trials = many_units(), 200_000
    fast = draw(_inputs(of)[0], trials, threads=2, units=False, detail_trials=trials)
    slow = draw(to_inputs(of, 4), trials, threads=2, units=False, detail_trials=trials)
    for row in range(len(of.pools)):
        for which in range(3):
            sums = [[whole(m) / trials for m in drawn.tallies.rate_moments[row, which]] for drawn in (fast, slow)]
            sd = math.sqrt(sums[1][1] - sums[1][0] ** 2)
            assert abs(sums[0][0] - sums[1][0]) < SIGMAS * sd * math.sqrt(2 / trials) + 100


def test_where_it_does_not_serve_it_says_so() -> None:
    """One unit, three finalists or effects too wide for the bound: None, and units are drawn one by one."""
    of = many_units()
    assert summed.summed_inputs(summed._as_one(of), 1) is None
    assert summed.summed_inputs(three_way(), 1) is None
    for unit in (0.3, 1.5):  # too much of a pool's variance could be missing; mean votes could be off
        assert summed.summed_inputs(replace(of, turnout=replace(of.turnout, unit=unit)), 1) is None
    assert summed.summed_inputs(many_units(0.0, 0.1), 1) is not None


@pytest.mark.usefixtures("wide")
def test_threads_do_not_show() -> None:
    """Equal tallies on one thread and on three."""
    from runoff.simulate.driver import digest

    inputs, _ = _inputs(many_units())
    runs = [draw(inputs, 30_000, threads=threads, units=False, detail_trials=5_000) for threads in (1, 3)]
    assert digest(runs[0]) == digest(runs[1])


def like_pools(scale: float = 0.4, people: tuple[int, ...] = (60_000, 20_000, 9_000, 700, 55)) -> Model:
    """Two finalists, five eliminated pools of one bloc with the same rates, one of another, and new voters."""
    groups = [
        Group("Ada", [92_000], (2.4, 0.4), (3.6, 0.5), "L", "finalist"),
        Group("Bo", [38_000], (2.4, 0.4), (-3.6, 0.5), "R", "finalist"),
        *(Group(f"R{i}", [n], (1.8, scale), (-1.2, scale), "R") for i, n in enumerate(people)),
        Group("Ed", [4_000], (1.5, 0.7), (0.0, 0.7), "I"),
        Group("new", [150_000], (-1.8, 0.5), (-0.1, 0.3), "new", "new"),
    ]
    return model(groups, parts=(0.3, 0.3, 0.4))


def _alike(of: Model, seed: int = 3) -> tuple[summed.Inputs, summed.Bound]:
    got = summed.summed_inputs(of, seed, groups=summed.like_pools(of))
    assert got is not None
    return got


def test_like_pools_are_drawn_as_one() -> None:
    """Five pools that differ in size alone become one; a bloc with one pool loses its factor; people stay."""
    of = like_pools()
    inputs, _ = _alike(of)
    assert inputs.people.shape == (1, 5)
    assert int(inputs.people.sum()) == int(of.people.sum())
    # turnout and preference: shared, blocs L and R... of which R alone has two pools; five pools' own
    assert inputs.factor_stream.size == 2 * (1 + 1 + 5)


def test_totals_of_like_pools_agree_with_drawing_each() -> None:
    """Win probability, mean and sd of the margin, mean votes: within the bounds and five standard errors."""
    of, trials = like_pools(), 4_000_000
    inputs, bound = _alike(of)
    fast = draw(inputs, trials, threads=2, units=False, detail_trials=0)
    slow = draw(to_inputs(of, 4), trials, threads=2, units=False, detail_trials=0)
    for k in range(2):
        means = [whole(drawn.tallies.votes[k]) / trials for drawn in (fast, slow)]
        sd = math.sqrt(whole(slow.tallies.vote_products[k, k]) / trials - means[1] ** 2)
        assert abs(means[0] - means[1]) < bound.votes + SIGMAS * sd * math.sqrt(2 / trials)
    (mean_fast, sd_fast), (mean_slow, sd_slow) = _moments(fast), _moments(slow)
    assert abs(mean_fast - mean_slow) < SIGMAS * sd_slow * math.sqrt(2 / trials) + 1e-6
    assert abs(sd_fast / sd_slow - 1) < SIGMAS * math.sqrt(1 / trials) + 1e-3
    p = [int(drawn.tallies.wins[0]) / trials for drawn in (fast, slow)]
    assert abs(p[0] - p[1]) < SIGMAS * math.sqrt(2 * p[1] * (1 - p[1]) / trials)


def test_own_terms_of_like_pools_have_their_exact_mean_and_variance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing unknown but the pools' own terms: mean and variance of the votes are those of a sum of pools, each by
    quadrature; the mean within the bound, the variance within the stated share, and five standard errors.
    """
    sizes, scale, trials = (30_000, 20_000, 9_000, 700, 55), 0.5, 400_000
    groups = [Group(f"R{i}", [n], (0.8, scale), (-0.4, scale), "R") for i, n in enumerate(sizes)]
    of = model(groups, parts=(0.0, 0.0, 1.0))
    assert summed.summed_inputs(of, 3, groups=summed.like_pools(of)) is None  # too much could be missing
    monkeypatch.setattr(summed, "_MOST_MISSING", 1.0)
    inputs, bound = _alike(of)
    assert inputs.people.shape == (1, 1)
    votes = np.empty((trials // GROUP * GROUP, 2), np.int32)
    run_groups(inputs, 0, len(votes), 0, new_scratch(inputs), new_tallies(inputs, units=False), votes, NO_WEIGHTS)
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = np.outer(weights, weights) / weights.sum() ** 2
    rate = special.expit(0.8 + scale * nodes)[:, None] * special.expit(-0.4 + scale * nodes)
    mean, second = float((weights * rate).sum()), float((weights * rate**2).sum())
    n = np.array(sizes, float)
    exact = float((n**2).sum()) * (second - mean**2) + n.sum() * (mean - second)
    got = votes[:, 0].astype(float)
    assert abs(got.mean() - n.sum() * mean) < bound.votes + SIGMAS * math.sqrt(exact / len(got))
    assert abs(got.var() / exact - 1) < bound.variance + SIGMAS * math.sqrt(2 / len(got))


def test_the_trials_after_the_detailed_ones_may_come_from_other_arrays() -> None:
    """Drawn in one go or in two, on one thread or three, the same bits; the first trials are those without."""
    from runoff.simulate.driver import digest

    of = like_pools()
    inputs, rest = to_inputs(of, 3), _alike(of)[0]
    runs = [
        draw(inputs, 50_000, threads=threads, detail_trials=20_000, rest=rest, block_groups=block)
        for threads, block in ((1, 64), (3, 1), (2, 7))
    ]
    assert len({digest(run) for run in runs}) == 1
    short = draw(inputs, 20_000, threads=1, detail_trials=20_000, rest=rest)
    alone = draw(inputs, 20_000, threads=1, detail_trials=20_000)
    assert digest(short) == digest(alone)
