"""Weights and weighted tallies: held against float64 twins, plain sums, closed forms."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from runoff.kernels.arrays import PPM, Inputs, new_scratch, new_tallies
from runoff.kernels.evidence import WEIGHT_ONE
from runoff.kernels.philox import GROUP
from runoff.kernels.transfer import run_groups
from runoff.model.electorate import Electorate, electorate
from runoff.model.pools import Model
from runoff.model.posterior import Observation, Posterior, log_weights, update
from runoff.model.posterior import draw as posterior_draw
from runoff.simulate.conditioning import with_posterior
from runoff.simulate.driver import Drawn, digest, draw, whole
from runoff.simulate.inputs import to_inputs
from tests import naive
from tests.builders import Group, model, three_way, two_way

SIGMAS = 5  # false alarm rate 6e-7 for each comparison
Weights = npt.NDArray[np.int64]


def observed(of: Model, seed: int = 5) -> tuple[Inputs, Posterior, Electorate]:
    """A model after a poll of the race that is well off its prior, and a crosstab of its fourth pool."""
    inputs = to_inputs(of, seed)
    pools = electorate(inputs)
    one = np.zeros(len(of.pools))
    one[3] = pools.people[3]
    ratios = range(pools.n_ratios)
    polls = [Observation(f"poll {k}", 0.35 - 0.5 * k, pools.people, k) for k in ratios]
    groups = [Observation(f"group {k}", -1.0, one, k) for k in ratios]
    n = len(polls) + len(groups)
    posterior = update(pools, [*polls, *groups], np.diag(np.full(n, 0.02)) + 0.01)
    return with_posterior(inputs, posterior), posterior, pools


def _trials(inputs: Inputs, trials: int) -> tuple[npt.NDArray[np.int32], Weights, Drawn]:
    votes, weights = np.empty((trials, inputs.count_stream.shape[1]), np.int32), np.empty(trials, np.int64)
    tallies = new_tallies(inputs, units=True)
    run_groups(inputs, 0, trials, trials, new_scratch(inputs), tallies, votes, weights)
    return votes, weights, Drawn(tallies, trials, trials, 0.0, weighted=True)


def keen() -> Model:
    """Turnout goes with preference."""
    return replace(two_way(), enthusiasm=0.6)


@pytest.mark.parametrize("build", [two_way, three_way, keen])
def test_each_weight_equals_the_float64_twin(build: Callable[[], Model]) -> None:
    """Fed with the same words, every weight is within 1e-3 of `posterior.log_weights`, and they do vary."""
    inputs, posterior, pools = observed(build())
    groups = 8
    _, weights, _ = _trials(inputs, groups * GROUP)
    xi = np.stack([naive.normals(int(inputs.seed), s, groups) for s in inputs.factor_stream], axis=1)
    exact = np.exp(np.minimum(log_weights(pools, posterior, xi), 4.0))
    got = weights / WEIGHT_ONE
    assert np.abs(got - exact).max() < 1e-3 * max(1.0, exact.max())
    assert exact.std() > 0.005


def test_factors_equal_the_float64_twin() -> None:
    """Votes are those of rates at the posterior's factors: each trial's share within 1e-5 of the twin's."""
    of = two_way()
    inputs, posterior, pools = observed(of)
    votes, _, _ = _trials(inputs, 4 * GROUP)
    xi = np.stack([naive.normals(int(inputs.seed), s, 4) for s in inputs.factor_stream], axis=1)
    z = posterior_draw(posterior, xi)
    turnout, ratio = (
        pools.turnout + z @ pools.turnout_load.T,
        pools.preference[:, 0] + z @ pools.preference_load[:, 0].T,
    )
    share = naive.transfer(turnout, ratio[:, :, None])
    mean = np.einsum("j,tjk->tk", pools.people, share)
    spread = np.sqrt(np.einsum("j,tjk->tk", pools.people, share * (1 - share)))
    assert (np.abs(votes - mean) < 6 * spread + 1).all()
    assert abs(((votes - mean) / spread).mean()) < SIGMAS / math.sqrt(votes.size)


def _sums(weights: Weights, values: npt.NDArray[np.int64]) -> list[int]:
    return [sum(w * v for w, v in zip(weights.tolist(), (values**power).tolist(), strict=True)) for power in (1, 2)]


@pytest.mark.parametrize("build", [two_way, three_way])
def test_weighted_tallies_equal_plain_sums(build: Callable[[], Model]) -> None:
    """Wins, ties, recounts, moments, histograms of the race are those of votes and weights, to the last unit."""
    inputs, _, _ = observed(build())
    votes, weights, drawn = _trials(inputs, 3_000)
    tallies, a = drawn.tallies, votes.astype(np.int64)
    ranked = np.sort(a, axis=1)
    lead, valid = ranked[:, -1] - ranked[:, -2], a.sum(axis=1)
    assert [whole(part) for part in tallies.weight] == [int(weights.sum()), int((weights**2).sum())]
    for k in range(a.shape[1]):
        won = (a[:, k] == ranked[:, -1]) & (lead > 0)
        assert tallies.wins[k] == weights[won].sum()
        assert whole(tallies.votes[k]) == int((weights * a[:, k]).sum())
        assert whole(tallies.vote_products[k, 0]) == _products(weights, a[:, k], a[:, 0])
    assert tallies.ties[0] == weights[lead == 0].sum()
    assert tallies.recounts[0] == weights[lead * PPM <= inputs.recount_ppm * valid].sum()
    best = np.where(a[:, 0] == ranked[:, -1], ranked[:, -2], ranked[:, -1])
    margin = np.floor((a[:, 0] - best) / np.maximum(valid, 1) * 1e6 + 0.5).astype(np.int64)
    assert [whole(part) for part in tallies.margin] == _sums(weights, margin)
    assert [whole(part) for part in tallies.detail_margin] == _sums(weights, margin)
    bins = np.zeros_like(tallies.margin_bins)
    np.add.at(bins, (margin + PPM) // 100, weights)
    assert np.array_equal(tallies.margin_bins, bins)
    assert tallies.turnout_bins.sum() == weights.sum() == tallies.rate_bins[0, 0, :, 0].sum()
    assert drawn.effective == pytest.approx(weights.sum() ** 2 / (weights.astype(float) ** 2).sum())


def _products(weights: Weights, left: npt.NDArray[np.int64], right: npt.NDArray[np.int64]) -> int:
    return sum(w * x * y for w, x, y in zip(weights.tolist(), left.tolist(), right.tolist(), strict=True))


def test_units_and_rates_are_weighted_too() -> None:
    """Units' votes and wins add up to those of the race's trials, and rates' moments lie between their extremes."""
    inputs, _, _ = observed(three_way())
    votes, weights, drawn = _trials(inputs, 2_000)
    units = sum(whole(part[0]) for part in drawn.tallies.unit_votes[:, 0])
    assert units == int((weights * votes[:, 0].astype(np.int64)).sum())
    assert (drawn.tallies.unit_bins.sum(axis=2) == weights.sum()).all()
    moments = drawn.tallies.rate_moments[:, 0]
    mean = np.array([whole(row[0]) / weights.sum() for row in moments])
    square = np.array([whole(row[1]) / weights.sum() for row in moments])
    assert ((mean > 0) & (mean < PPM) & (square >= mean**2)).all()


def test_threads_and_blocks_do_not_show() -> None:
    """The same digest over 1, 2 and 5 threads and any block, with weights; prefix law by weights' sums."""
    inputs, _, _ = observed(two_way())
    runs = [
        draw(inputs, 20_000, threads=threads, detail_trials=7_000, block_groups=block)
        for threads, block in ((1, 64), (2, 1), (5, 3))
    ]
    assert len({digest(run) for run in runs}) == 1
    first, second = draw(inputs, 5_000, threads=1), draw(inputs, 20_000, threads=2, first=5_000)
    assert first.total + second.total == runs[0].total


def test_one_linear_observation_has_its_closed_form() -> None:
    """One pool, normal preference, one poll: P(win) is that of the normal posterior; weights are all 1."""
    location, scale, value, error = 0.05, 0.3, 0.3, 0.2
    of = model([Group("all", [400_000], (1.5, 1e-6), (location, scale))])
    inputs = to_inputs(of, 3)
    pools = electorate(inputs)
    posterior = update(pools, [Observation("poll", value, pools.people, 0)], np.array([[error**2]]))
    drawn = draw(with_posterior(inputs, posterior), 4_000_000, threads=2, detail_trials=0)
    weight = scale**2 / (scale**2 + error**2)
    mean, sd = location + weight * (value - location), scale * math.sqrt(1 - weight)
    exact = float(stats.norm.cdf(mean / sd))
    assert drawn.effective == pytest.approx(drawn.trials, rel=1e-12)
    assert abs(drawn.tallies.wins[0] / drawn.total - exact) < SIGMAS * math.sqrt(exact * (1 - exact) / drawn.trials)


def test_a_curved_observation_gives_the_posterior_by_quadrature() -> None:
    """One unknown, a poll whose log-odds bend with it: P(win) and the mean margin are those of quadrature."""
    groups = [
        Group("Ada", [200_000], (1.2, 1e-6), (1.0, 1.8), "x", "finalist"),
        Group("Bo", [260_000], (1.0, 1e-6), (-2.8, 0.2), "x", "finalist"),
    ]
    of = model(groups, parts=(1.0, 0.0, 0.0))
    inputs = to_inputs(of, 3)
    pools = electorate(inputs)
    value, error, trials = -0.1, 0.4, 2_000_000
    posterior = update(pools, [Observation("poll", value, pools.people, 0)], np.array([[error**2]]))
    drawn = draw(with_posterior(inputs, posterior), trials, threads=2, detail_trials=0)
    z = np.linspace(-9, 9, 200_001)
    first = 1 / (1 + np.exp(-np.stack([1.0 + 1.8 * z, -2.8 + 0.2 * z])))
    people = np.array([200_000 / (1 + math.exp(-1.2)), 260_000 / (1 + math.exp(-1.0))])
    share = people @ first / people.sum()
    density = np.exp(-(z**2) / 2 - (value - np.log(share / (1 - share))) ** 2 / (2 * error**2))
    density /= density.sum()
    p, mean = float(density[share > 0.5].sum()), float(density @ (2 * share - 1))
    sd = math.sqrt(float(density @ (2 * share - 1 - mean) ** 2))
    assert drawn.weighted
    assert drawn.effective < 0.98 * trials
    got = drawn.tallies.wins[0] / drawn.total
    assert abs(got - p) < SIGMAS * math.sqrt(p * (1 - p) / drawn.effective) + 1e-5
    margin = whole(drawn.tallies.margin[0]) / drawn.total / PPM
    assert abs(margin - mean) < SIGMAS * sd / math.sqrt(drawn.effective) + 1e-6
