"""The whole trial kernel: closed forms, quadrature, the slow twin, and the four questions to each kernel."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import integrate, optimize, special, stats

from runoff.kernels.arrays import PPM, Tallies, new_scratch, new_tallies
from runoff.kernels.philox import GROUP
from runoff.kernels.transfer import run_groups, run_plain
from runoff.model.pools import Model
from runoff.simulate.driver import Drawn, draw
from runoff.simulate.inputs import to_inputs
from tests import digest, naive
from tests.builders import NO_WEIGHTS, Group, joined, model, split_way, three_way, two_way

TRIALS = 4_000_000
SIGMAS = 5  # false alarm rate 6e-7 for each comparison


def _p_first(of: Model, seed: int = 11) -> float:
    drawn = draw(to_inputs(of, seed), TRIALS, threads=2, detail_trials=0)
    return float(drawn.tallies.wins[0]) / TRIALS


def _within(got: float, exact: float) -> bool:
    return abs(got - exact) < SIGMAS * math.sqrt(exact * (1 - exact) / TRIALS)


def one_pool(location: float, scale: float, turnout: tuple[float, float] = (1.5, 1e-6)) -> Model:
    """One large pool: Ada wins if and only if its preference is above one half."""
    return model([Group("all", [400_000], turnout, (location, scale))])


@pytest.mark.parametrize(("location", "scale"), [(0.05, 0.3), (-0.4, 0.25), (0.6, 0.4)])
def test_one_pool_wins_as_the_normal_distribution_says(location: float, scale: float) -> None:
    """One pool, known turnout: P(win) = Phi(location / scale); count noise moves it by less than 1e-5."""
    assert _within(_p_first(one_pool(location, scale)), stats.norm.cdf(location / scale))


def test_unknown_turnout_of_one_pool_does_not_matter() -> None:
    """One pool: who wins does not hang on how many come."""
    assert _within(_p_first(one_pool(0.1, 0.3, (0.0, 0.8))), stats.norm.cdf(0.1 / 0.3))


def test_count_noise_alone_decides_an_even_race() -> None:
    """Known rates, preference 0.5003: P(win) is the normal's at the mean margin over its standard deviation."""
    n, p, t = 400_000, 0.5003, float(special.expit(1.5))
    got = _p_first(one_pool(float(special.logit(p)), 1e-6))
    sd = math.sqrt(n * (t - (t * (2 * p - 1)) ** 2))
    # a tie is nobody's win: half a vote of continuity
    exact = stats.norm.sf((1.0 - n * t * (2 * p - 1)) / sd)
    assert abs(got - exact) < SIGMAS * math.sqrt(0.25 / TRIALS) + 0.5 / sd


def _two_pools(parts: tuple[float, float, float]) -> Model:
    return model(
        [
            Group("Ada", [200_000], (1.2, 1e-6), (1.0, 0.4), "x", "finalist"),
            Group("Bo", [260_000], (1.0, 1e-6), (-0.8, 0.3), "x", "finalist"),
        ],
        parts=parts,
    )


def _losing_preference(p: float) -> float:
    """The preference of the second pool at which votes are equal, given that of the first; in (0, 1)."""
    first, second = 200_000 * special.expit(1.2), 260_000 * special.expit(1.0)
    return float(0.5 - first * (2 * p - 1) / (2 * second))


def _given_first(z: float) -> float:
    c = _losing_preference(float(special.expit(1.0 + 0.4 * z)))
    return float(stats.norm.sf((special.logit(c) + 0.8) / 0.3)) if 0 < c < 1 else float(c <= 0)


def test_two_independent_pools_equal_quadrature() -> None:
    """Two pools with errors of their own: the integral over the first pool's normal, to 1e-10."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(200)
    gauss = sum(w * _given_first(z) for z, w in zip(nodes, weights, strict=True)) / math.sqrt(2 * math.pi)
    exact, error = integrate.quad(lambda z: stats.norm.pdf(z) * _given_first(z), -9, 9, epsabs=1e-13, epsrel=1e-13)
    assert error < 1e-10
    assert gauss == pytest.approx(exact, abs=1e-10)
    assert _within(_p_first(_two_pools((0.0, 0.0, 1.0))), exact)


@pytest.mark.parametrize("parts", [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0)])
def test_two_pools_with_one_error_equal_the_root(parts: tuple[float, float, float]) -> None:
    """Two pools of one bloc moved by one factor: Ada wins above the root of the margin, whichever level it is."""

    def margin(z: float) -> float:
        return float(special.expit(-0.8 + 0.3 * z)) - _losing_preference(float(special.expit(1.0 + 0.4 * z)))

    exact = stats.norm.sf(optimize.brentq(margin, -9, 9))
    assert _within(_p_first(_two_pools(parts)), exact)


def test_mean_and_spread_of_share_equal_quadrature() -> None:
    """One pool: mean and sd of the share are the logistic-normal's; both within five standard errors."""
    drawn = draw(to_inputs(one_pool(0.4, 0.5), 4), TRIALS, threads=2, detail_trials=0)
    x = np.linspace(-9, 9, 4001)
    w = stats.norm.pdf(x) * (x[1] - x[0])
    p = special.expit(0.4 + 0.5 * x)
    mean, m4 = w @ p, w @ (p - w @ p) ** 4
    sd = math.sqrt(w @ (p - mean) ** 2)
    from runoff.simulate.driver import whole

    sums = [whole(part) for part in drawn.tallies.margin]
    got_mean = 0.5 + sums[0] / TRIALS / PPM / 2
    got_sd = math.sqrt(sums[1] / TRIALS - (sums[0] / TRIALS) ** 2) / PPM / 2
    assert abs(got_mean - mean) < SIGMAS * sd / math.sqrt(TRIALS)
    assert abs(got_sd - sd) < SIGMAS * math.sqrt((m4 - sd**4) / TRIALS) / (2 * sd) + 1e-6


def _kernel_votes(of: Model, seed: int, trials: int) -> np.ndarray:
    inputs = to_inputs(of, seed)
    votes = np.empty((trials, len(of.finalists)), np.int32)
    run_groups(inputs, 0, trials, 0, new_scratch(inputs), new_tallies(inputs, units=False), votes, NO_WEIGHTS)
    return votes


@pytest.mark.parametrize(
    ("build", "units"),
    [(two_way, 1), (three_way, 5), (lambda: joined(two_way()), 1), (lambda: joined(three_way()), 5)],
)
def test_each_trial_equals_the_slow_twin(build: Callable[[], Model], units: int) -> None:
    """Fed with the same words, float64 NumPy gives every total within one vote per unit, nearly all equal.

    A uniform on a step of a small pool's distribution function may fall to either side: once in 30,000
    draws at most, and then by one vote more.
    """
    groups = 40
    of = build()
    got = _kernel_votes(of, 7, groups * GROUP).astype(int)
    expected = naive.votes(to_inputs(of, 7), groups).sum(axis=1)
    difference = np.abs(got - expected)
    assert (difference > units).mean() < 1e-3
    assert difference.max() <= 2 * units
    assert (difference == 0).mean() > 0.8


@pytest.mark.parametrize("build", [split_way, three_way, lambda: joined(split_way())])
def test_units_with_places_equal_the_slow_twin(build: Callable[[], Model]) -> None:
    """The same where units lean, effects are centred and log-odds are bent."""
    groups = 20
    inputs = digest.placed(to_inputs(build(), 7))
    scratch, tallies = new_scratch(inputs), new_tallies(inputs, units=False)
    got = np.empty((groups * GROUP, inputs.count_stream.shape[1]), np.int32)
    run_groups(inputs, 0, groups * GROUP, 0, scratch, tallies, got, NO_WEIGHTS)
    away = np.abs(got.astype(int) - naive.votes(inputs, groups).sum(axis=1))
    assert away.max() <= inputs.people.shape[0]
    assert (away > 0).mean() < 0.02


def test_large_electorates_are_summed_in_float64() -> None:
    """48 million people in one unit: totals within a relative 2e-6 of the twin, in float64 sums."""
    of = model(
        [
            Group("Ada", [24_000_000], (1.2, 0.3), (1.0, 0.4), "x", "finalist"),
            Group("Bo", [24_000_000], (1.0, 0.3), (-0.8, 0.3), "y", "finalist"),
        ]
    )
    inputs = to_inputs(of, 3)
    assert inputs.people.dtype == np.float64
    got, expected = _kernel_votes(of, 3, 8 * GROUP), naive.votes(inputs, 8).sum(axis=1)
    assert np.abs(got / expected - 1).max() < 2e-6 * 5


def _equal(a: Drawn | Tallies, b: Drawn | Tallies) -> bool:
    from runoff.simulate.driver import carried

    left = a.tallies if isinstance(a, Drawn) else a
    right = b.tallies if isinstance(b, Drawn) else b
    return all(
        np.array_equal(carried(name, x), carried(name, y))
        for name, x, y in zip(Tallies._fields, left, right, strict=True)
    )


@pytest.mark.parametrize("build", [two_way, three_way])
def test_one_thread_equals_many(build: Callable[[], Model]) -> None:
    """Tallies are the same bits over 1, 2, 3 and 7 threads and any size of block."""
    inputs = to_inputs(build(), 5)
    one = draw(inputs, 10_007, threads=1, detail_trials=3_000)
    for threads, block in ((2, 1), (3, 2), (7, 3), (2, 64)):
        other = draw(inputs, 10_007, threads=threads, detail_trials=3_000, block_groups=block)
        assert _equal(one, other)


@pytest.mark.parametrize("cut", [1, 511, 512, 513, 1_000, 2_999])
def test_prefix_law(cut: int) -> None:
    """Trials 0..N-1 tally to the same as 0..n-1 and n..N-1 together, wherever n cuts."""
    inputs = to_inputs(three_way(), 5)
    scratch, none = new_scratch(inputs), np.empty((0, 3), np.int32)
    whole_run, parts = new_tallies(inputs, units=True), new_tallies(inputs, units=True)
    run_groups(inputs, 0, 3_000, 1_500, scratch, whole_run, none, NO_WEIGHTS)
    run_groups(inputs, 0, cut, 1_500, scratch, parts, none, NO_WEIGHTS)
    run_groups(inputs, cut, 3_000, 1_500, scratch, parts, none, NO_WEIGHTS)
    assert _equal(whole_run, parts)


def test_votes_of_a_trial_do_not_hang_on_the_range_asked_for() -> None:
    """Trial 700 has the same votes whether asked for alone, or with others."""
    inputs = to_inputs(two_way(), 5)
    scratch, tallies = new_scratch(inputs), new_tallies(inputs, units=False)
    alone, many = np.empty((1, 2), np.int32), np.empty((1_000, 2), np.int32)
    run_groups(inputs, 700, 701, 0, scratch, tallies, alone, NO_WEIGHTS)
    run_groups(inputs, 0, 1_000, 0, scratch, tallies, many, NO_WEIGHTS)
    assert np.array_equal(alone[0], many[700])


def test_compiled_once() -> None:
    """One set of array types is compiled once, whatever the values."""
    before = len(getattr(run_plain, "signatures", []))
    for seed in (1, 2):
        _kernel_votes(two_way(), seed, 10)
    assert len(getattr(run_plain, "signatures", [])) <= max(before, 1) + 1


def test_outcomes_add_up_in_every_trial() -> None:
    """Wins and ties add up to the trials; histograms hold each trial once; votes never exceed the people."""
    of = three_way()
    drawn = draw(to_inputs(of, 5), 20_000, threads=2)
    tallies = drawn.tallies
    assert int(tallies.wins.sum() + tallies.ties[0]) == 20_000
    assert int(tallies.margin_bins.sum()) == int(tallies.turnout_bins.sum()) == 20_000
    assert (tallies.share_bins.sum(axis=1) == 20_000).all()
    assert (tallies.unit_bins.sum(axis=2) == drawn.detail_trials).all()
    assert (tallies.rate_bins[:, :, :, 0].sum(axis=2) == drawn.detail_trials).all()
    assert _kernel_votes(of, 5, 2_000).sum(axis=1).max() <= of.people.sum()


def test_tallies_equal_plain_sums_over_trials() -> None:
    """Wins, ties, recounts and moments are those of the trials' votes, to the last vote."""
    from runoff.simulate.driver import whole

    of = model([Group("Ada", [30], (1.0, 0.3), (0.1, 0.2), "x", "finalist")], recount=0.05)
    inputs = to_inputs(of, 9)
    votes = np.empty((5_000, 2), np.int32)
    tallies = new_tallies(inputs, units=True)
    run_groups(inputs, 0, 5_000, 5_000, new_scratch(inputs), tallies, votes, NO_WEIGHTS)
    a, b = votes[:, 0].astype(int), votes[:, 1].astype(int)
    assert tallies.wins.tolist() == [(a > b).sum(), (b > a).sum()]
    assert tallies.ties[0] == (a == b).sum() > 100
    assert tallies.recounts[0] == (abs(a - b) * 1_000_000 <= 50_000 * (a + b)).sum()
    assert [whole(v) for v in tallies.votes] == [a.sum(), b.sum()]
    assert [whole(tallies.vote_products[i, j]) for i, j in ((0, 0), (1, 0), (1, 1))] == [
        (a * a).sum(),
        (a * b).sum(),
        (b * b).sum(),
    ]
    margin = np.floor((a - b) / np.maximum(a + b, 1) * 1e6 + 0.5).astype(int)
    assert [whole(v) for v in tallies.margin] == [margin.sum(), (margin**2).sum()]
    assert np.array_equal(tallies.margin_bins, np.bincount((margin + PPM) // 100, minlength=20_001))
    assert [whole(v) for v in tallies.unit_votes[0, :, 1]] == [(a * a).sum(), (b * b).sum()]


def test_adding_a_pool_leaves_other_numbers_alone() -> None:
    """A pool's numbers hang on its name: with an empty pool added, in front, every trial's votes are the same."""
    of = two_way()
    more = model(
        [Group("Zed", [0], (0.0, 1.0), (0.0, 1.0), "Z"), *[_group_of(of, j) for j in range(len(of.pools))]],
        parts=(0.3, 0.4, 0.3),
    )
    assert np.array_equal(_kernel_votes(of, 1, 2_000), _kernel_votes(more, 1, 2_000))


def _group_of(of: Model, j: int) -> Group:
    pool = of.pools[j]
    turnout = pool.turnout.location[0], pool.turnout.scale[0][0]
    preference = pool.preference.location[0], pool.preference.scale[0][0]
    return Group(pool.name, of.people[:, j].tolist(), turnout, preference, pool.bloc, pool.kind)
