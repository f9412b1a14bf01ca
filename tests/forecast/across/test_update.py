"""The whole update: against a long Metropolis run on Georgia's polls, and calibrated by simulation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from runoff.model import posterior
from runoff.model.electorate import Electorate, electorate, expected_votes, log_ratios
from runoff.model.evidence import evidence_as_of
from runoff.model.poll_errors import Heard, combined
from runoff.model.pools import Model
from runoff.simulate.inputs import to_inputs
from tests.builders import DAY, three_way
from tests.metropolis import sample
from tests.surveys import eve, poll, several, with_polls

Floats = npt.NDArray[np.float64]
SEED = 20170620
DRAWS = 17  # as a power of two, of points spread evenly
RANKED = 600
FALSE_ALARM = 1e-4


def margins(pools: Electorate, z: Floats) -> Floats:
    """First finalist's expected share less the best other's: float64[n]."""
    votes = expected_votes(pools, pools.people, z)
    shares = votes / votes.sum(axis=1, keepdims=True)
    result: Floats = shares[:, 0] - shares[:, 1:].max(axis=1)
    return result


def summary(margin: Floats, weight: Floats) -> Floats:
    """Mean, sd, 5 % and 95 % quantiles of weighted margins."""
    order = np.argsort(margin)
    level = np.cumsum(weight[order]) / weight.sum()
    low, high = (float(margin[order][np.searchsorted(level, q)]) for q in (0.05, 0.95))
    mean = float(weight @ margin / weight.sum())
    return np.array([mean, float(np.sqrt(weight @ (margin - mean) ** 2 / weight.sum())), low, high])


@pytest.mark.parametrize("crosstabs", [False, True], ids=["polls", "polls and crosstabs"])
def test_georgia_agrees_with_metropolis(crosstabs: bool) -> None:
    """Mean, sd, 5 % and 95 % quantiles of the margin agree within 2 % of its sd, four standard errors or more."""
    model = eve() if crosstabs else replace(eve(), crosstabs=())
    inputs = to_inputs(model, 1)
    found = evidence_as_of(model, model.race.as_of)
    assert found.heard is not None
    assert len(found.heard.polls) == (21 if crosstabs else 15)
    pools = electorate(inputs)
    after = posterior.update(pools, found.observations, found.covariance)
    xi = stats.norm.ppf(stats.qmc.Sobol(pools.n_factors, rng=SEED).random_base2(DRAWS))
    ours = summary(margins(pools, posterior.draw(after, xi)), np.exp(posterior.log_weights(pools, after, xi)))

    chains = sample(inputs, found.heard, chains=500, steps=2_500, burn_in=100, step=0.75, seed=SEED)
    assert 0.2 < chains.accepted < 0.9
    theirs = summary(chains.margin.ravel(), np.ones(chains.margin.size))
    each = np.array([summary(column, np.ones(len(column))) for column in chains.margin.T])
    error = each.std(axis=0) / np.sqrt(each.shape[0])
    assert (error < 0.005 * theirs[1]).all(), "the chains are long enough"
    assert (np.abs(ours - theirs) < 0.02 * theirs[1]).all(), (ours, theirs, error)


def three() -> Model:
    """Three finalists, nine polls, crosstabs of two candidates' voters and of a bloc's: several curved observations."""
    given = [p for p in several(SEED, ("Ada", "Bo", "Cleo")) if p.group != "Cy"]
    bloc = poll("Ax", 3, {"Ada": 0.4, "Bo": 0.2, "Cleo": 0.3}, size=70, kind="bloc", group="L")
    return with_polls(three_way(), (*given, bloc))


def quantities(pools: Electorate, z: Floats) -> Floats:
    """What is ranked: the margin, the last pool's first log-ratio and turnout, the first factor: float64[n, 4]."""
    return np.column_stack([
        margins(pools, z),
        z @ pools.preference_load[-1, 0],
        z @ pools.turnout_load[-1],
        z[:, 0],
    ])  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("make", [eve, three], ids=["two finalists", "three finalists"])
def test_ranks_are_uniform(make: Callable[[], Model]) -> None:
    """Simulation-based calibration (Talts and others 2018, arXiv:1804.06788): ranks of 600 draws from the prior.

    Factors are drawn from the prior, polls from the factors with all of their errors, and each true quantity is
    ranked among 99 draws of its posterior; 20 bins of ranks are uniform by a chi-squared test.  False alarm: once
    in 10,000 for all quantities together.
    """
    model = make()
    day = model.race.as_of if model.race.id != "test" else DAY.replace(day=30)
    pools = electorate(to_inputs(model, 1))
    heard = evidence_as_of(model, day).heard
    assert heard is not None
    root = np.linalg.cholesky(heard.covariance)
    rng = np.random.default_rng(SEED)
    ranks = np.array([_ranks(model, pools, heard, root, rng) for _ in range(RANKED)])
    for column in ranks.T:
        counts = np.bincount(column // 5, minlength=20)
        assert stats.chisquare(counts).pvalue > FALSE_ALARM / ranks.shape[1], counts


def _ranks(
    model: Model, pools: Electorate, heard: Heard, root: Floats, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Ranks 0 to 99 of one draw's quantities among 99 draws of the posterior that its polls give."""
    true = rng.standard_normal((1, pools.n_factors))
    observed = np.array([log_ratios(pools, people, true)[0] for people in heard.people])
    errors = (root @ rng.standard_normal(len(root))).reshape(heard.log_odds.shape)
    polled = replace(heard, log_odds=observed[list(heard.of_poll)] + heard.shift + errors)
    observations, covariance, _ = combined(polled, model.finalists)
    after = posterior.update(pools, observations, covariance)
    xi = rng.standard_normal((1_000, pools.n_factors))
    weight = np.exp(posterior.log_weights(pools, after, xi))
    chosen = rng.choice(len(xi), 99, p=weight / weight.sum(), replace=True)
    drawn = quantities(pools, posterior.draw(after, xi)[chosen])
    return np.asarray((drawn < quantities(pools, true)).sum(axis=0), np.int64)
