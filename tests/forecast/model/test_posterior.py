"""The posterior of the factors against closed forms, brute force and quadrature."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from scipy import integrate, special

from runoff.model import posterior
from runoff.model.electorate import Electorate, electorate, log_ratio_gradients, log_ratios
from runoff.model.posterior import Observation
from runoff.simulate.inputs import to_inputs
from tests.builders import Group, model, three_way, two_way

Floats = npt.NDArray[np.float64]
SEED = 20170620


def pools_of(name: str) -> Electorate:
    """The electorate of a small model."""
    return electorate(to_inputs(two_way() if name == "two" else three_way(), 1))


def factor_covariance(found: posterior.Posterior) -> np.ndarray:
    """Covariance of the factors under the normal that trials are drawn from: float64[F, F]."""
    root = np.eye(len(found.mean)) - (found.basis * found.gain) @ found.basis.T
    return root @ root


def only(pools: Electorate, *names: int) -> Floats:
    """People of these pools, 0 for the others."""
    people = np.zeros_like(pools.people)
    people[list(names)] = pools.people[list(names)]
    return people


def generic(pools: Electorate, rng: np.random.Generator) -> tuple[list[Observation], Floats]:
    """Observations of the race, of two pools together and of single pools, with correlated errors."""
    groups = [pools.people, only(pools, 2, 3), only(pools, 2), only(pools, 4)]
    ratios = pools.n_ratios
    observations = [
        Observation(f"observation {i} {k}", float(rng.normal(0, 0.5)), people, k)
        for i, people in enumerate(groups)
        for k in range(ratios)
    ]
    mix = rng.normal(0, 0.15, (len(observations), len(observations)))
    return observations, mix @ mix.T + 0.05 * np.eye(len(observations))


@pytest.mark.parametrize("name", ["two", "three"])
def test_gradients_are_the_differences(name: str) -> None:
    """Gradients agree with central differences to 1e-9."""
    pools, rng = pools_of(name), np.random.default_rng(SEED)
    z = rng.normal(size=pools.n_factors)
    for people in (pools.people, only(pools, 1, 3), only(pools, 3)):
        steps = 1e-5 * np.eye(pools.n_factors)
        there = log_ratios(pools, people, z + steps)
        back = log_ratios(pools, people, z - steps)
        found = log_ratio_gradients(pools, people, z)
        assert np.abs((there - back).T / 2e-5 - found).max() < 1e-9


@pytest.mark.parametrize("name", ["two", "three"])
def test_one_pool_is_linear(name: str) -> None:
    """The log-ratios of one pool are its location plus its loads times the factors, whatever its turnout."""
    pools = pools_of(name)
    z = np.random.default_rng(SEED).normal(size=(50, pools.n_factors))
    expected = pools.preference[2] + np.einsum("nf,kf->nk", z, pools.preference_load[2])
    assert np.abs(log_ratios(pools, only(pools, 2), z) - expected).max() < 1e-12


def test_one_linear_observation_has_the_textbook_posterior() -> None:
    """Normal prior N(a, b^2) and one observation y of variance v: mean and variance to 1e-10."""
    a, b, y, v = -2.1, 0.5, -1.4, 0.3**2
    crowd = [Group("Ada", [900], (2.0, 0.4), (3.0, 0.5), kind="finalist"), Group("Bo", [800], (2.0, 0.4), (-3.0, 0.5))]
    pools = electorate(to_inputs(model([*crowd, Group("Cy", [700], (1.0, 0.4), (a, b))]), 1))
    people = only(pools, 2)
    b = float(np.float32(b))  # the arrays are the kernel's
    a = float(np.float32(a))
    found = posterior.update(pools, [Observation("poll", y, people, 0)], np.array([[v]]))
    mean = log_ratios(pools, people, found.mean[None, :])[0, 0]
    load = log_ratio_gradients(pools, people, found.mean)[0]
    variance = load @ factor_covariance(found) @ load
    assert abs(mean - (a / b**2 + y / v) / (1 / b**2 + 1 / v)) < 1e-10
    assert abs(variance - 1 / (1 / b**2 + 1 / v)) < 1e-10
    xi = np.random.default_rng(SEED).normal(size=(100, pools.n_factors))
    assert not posterior.log_weights(pools, found, xi).any()


@pytest.mark.parametrize("name", ["two", "three"])
def test_the_mode_is_stationary(name: str) -> None:
    """At the mode m = G' R^-1 (y - h(m)) to 1e-10, and the covariance is (I + G' R^-1 G)^-1."""
    pools, rng = pools_of(name), np.random.default_rng(SEED)
    observations, covariance = generic(pools, rng)
    found = posterior.update(pools, observations, covariance)
    precision = np.linalg.inv(found.covariance)
    value = np.array([o.value for o in found.observations])
    assert np.abs(found.mean - found.gradient.T @ precision @ (value - found.at_mode)).max() < 1e-10
    exact = np.linalg.inv(np.eye(pools.n_factors) + found.gradient.T @ precision @ found.gradient)
    assert np.abs(factor_covariance(found) - exact).max() < 1e-10
    assert np.abs(found.basis.T @ found.basis - np.eye(len(found.gain))).max() < 1e-12
    assert len(found.gain) <= len(observations)


@pytest.mark.parametrize("name", ["two", "three"])
def test_weights_are_posterior_over_proposal(name: str) -> None:
    """The logarithm of each weight is the posterior's density less the proposal's, up to one constant."""
    pools, rng = pools_of(name), np.random.default_rng(SEED)
    observations, covariance = generic(pools, rng)
    found = posterior.update(pools, observations, covariance)
    xi = rng.normal(size=(200, pools.n_factors))
    z = posterior.draw(found, xi)
    miss = np.column_stack([o.value - log_ratios(pools, o.people, z)[:, o.ratio] for o in found.observations])
    target = -0.5 * np.einsum("ni,ij,nj->n", miss, np.linalg.inv(found.covariance), miss) - 0.5 * (z**2).sum(axis=1)
    away = z - found.mean
    proposal = -0.5 * np.einsum("ni,ij,nj->n", away, np.linalg.inv(factor_covariance(found)), away)
    constant = target - proposal - posterior.log_weights(pools, found, xi)
    assert np.ptp(constant) < 1e-9


def test_weighted_draws_have_the_posterior_of_quadrature() -> None:
    """One factor, a strongly curved observation: P(win) and mean within five standard errors of quadrature."""
    crowd = [
        Group("Ada", [500], (3.0, 1e-9), (4.0, 1e-9), kind="finalist"),
        Group("Bo", [300], (3.0, 1e-9), (-4.0, 1e-9), kind="finalist"),
        Group("Cy", [400], (0.0, 1e-9), (-0.3, 1.6)),
    ]
    pools = electorate(to_inputs(model(crowd), 1))
    y, v = 0.05, 0.2**2
    found = posterior.update(pools, [Observation("poll", y, pools.people, 0)], np.array([[v]]))

    def log_odds(x: Floats) -> Floats:
        cast, share = pools.people * special.expit(pools.turnout), special.expit(pools.preference[:, 0])
        first = cast[0] * share[0] + cast[1] * share[1] + cast[2] * special.expit(pools.preference[2, 0] + 1.6 * x)
        return np.log(first / (cast.sum() - first))

    def moment(power: int, low: float) -> float:
        def integrand(x: float) -> float:
            s = float(log_odds(np.array([x]))[0])
            return s**power * np.exp(-0.5 * x**2 - 0.5 * (y - s) ** 2 / v)

        return float(integrate.quad(integrand, low, 9, epsabs=1e-13, limit=400)[0])

    split = float(_root(log_odds))
    xi = np.random.default_rng(SEED).normal(size=(200_000, pools.n_factors))
    weight = np.exp(posterior.log_weights(pools, found, xi))
    s = log_ratios(pools, pools.people, posterior.draw(found, xi))[:, 0]
    for value, exact in ((s > 0, moment(0, split) / moment(0, -9)), (s, moment(1, -9) / moment(0, -9))):
        mean = float((weight * value).sum() / weight.sum())
        error = np.sqrt(((weight * (value - mean)) ** 2).sum()) / weight.sum()
        assert abs(mean - exact) < 5 * error  # false alarm once in 1.7 million
    assert posterior.effective_sample_size(np.log(weight)) < 0.999 * len(xi), "the case is curved"


def _root(function: object) -> float:
    low, high = -9.0, 9.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if function(np.array([middle]))[0] < 0 else (low, middle)  # type: ignore[operator]
    return low


@pytest.mark.parametrize("name", ["two", "three"])
def test_order_is_nobodys_business(name: str) -> None:
    """Observations in any order give the same bits."""
    pools, rng = pools_of(name), np.random.default_rng(SEED)
    observations, covariance = generic(pools, rng)
    first = posterior.update(pools, observations, covariance)
    turned = rng.permutation(len(observations))
    second = posterior.update(pools, [observations[i] for i in turned], covariance[np.ix_(turned, turned)])
    for field in ("mean", "basis", "gain", "pull", "pull_slope", "precision", "tangent", "tangent_slope"):
        assert np.array_equal(getattr(first, field), getattr(second, field)), field


def test_without_evidence_nothing_happens() -> None:
    """No observation: the prior, no direction, no weight."""
    pools = pools_of("two")
    found = posterior.update(pools, [], np.zeros((0, 0)))
    xi = np.random.default_rng(SEED).normal(size=(10, pools.n_factors))
    assert np.array_equal(posterior.draw(found, xi), xi)
    assert found.basis.shape == (pools.n_factors, 0)
    assert not posterior.log_weights(pools, found, xi).any()


def test_a_contradiction_is_named() -> None:
    """Evidence more than three standard deviations from the prior gives a warning with its name."""
    pools = pools_of("two")
    at = log_ratios(pools, pools.people, np.zeros((1, pools.n_factors)))[0, 0]
    slope = log_ratio_gradients(pools, pools.people, np.zeros(pools.n_factors))[0]
    spread = float(np.sqrt(0.1**2 + slope @ slope))
    for distance, warned in ((2.9, False), (3.1, True), (-3.1, True)):
        poll = Observation("Pollster, 2021-03-20", float(at) + distance * spread, pools.people, 0)
        warnings = posterior.update(pools, [poll], np.array([[0.1**2]])).warnings
        assert bool(warnings) == warned
        assert all("Pollster, 2021-03-20" in warning and "3.1 standard" in warning for warning in warnings)


def test_what_bends_is_named() -> None:
    """A tame poll is not named; one that is far off and exact, where the race is strongly curved, is."""
    pools = pools_of("two")
    tame = posterior.update(pools, [Observation("tame", 0.1, pools.people, 0)], np.array([[0.1**2]]))
    xi = np.random.default_rng(0).standard_normal((4_096, pools.n_factors))
    assert not posterior.bent(pools, tame, xi)
    both = [Observation("wild", 3.5, pools.people, 0), Observation("straight", 0.0, only(pools, 2), 0)]
    wild = posterior.update(pools, both, np.diag([1e-6, 0.5]))
    assert posterior.bent(pools, wild, xi) == ("wild",)


def test_one_decisive_pool_wins_as_phi_says() -> None:
    """One pool decides, one observation of it: P(win) is Phi of the posterior's threshold, within five sigmas."""
    crowd = [Group("Ada", [1], (0.0, 1e-9), (0.0, 1e-9)), Group("Cy", [700], (1.0, 0.4), (0.1, 0.5))]
    pools = electorate(to_inputs(model(crowd), 1))
    people, y, v = only(pools, 1), -0.2, 0.3**2
    found = posterior.update(pools, [Observation("poll", y, people, 0)], np.array([[v]]))
    xi = np.random.default_rng(SEED).normal(size=(200_000, pools.n_factors))
    won = float((log_ratios(pools, people, posterior.draw(found, xi))[:, 0] > 0).mean())
    mean, variance = (0.1 / 0.25 + y / v) / (1 / 0.25 + 1 / v), 1 / (1 / 0.25 + 1 / v)
    exact = float(special.ndtr(mean / np.sqrt(variance)))
    assert abs(won - exact) < 5 * np.sqrt(exact * (1 - exact) / len(xi))  # false alarm once in 1.7 million


def test_effective_sample_size() -> None:
    """Equal weights are worth their number, one weight above all is worth one."""
    assert posterior.effective_sample_size(np.full(100, -1e4)) == 100
    assert abs(posterior.effective_sample_size(np.array([0.0] + [-700.0] * 99)) - 1) < 1e-12


@pytest.mark.parametrize("name", ["two", "three"])
@pytest.mark.parametrize("value", [-30.0, -6.0, 6.0, 30.0])
@pytest.mark.parametrize("variance", [1e-9, 1e-4, 1e3])
def test_absurd_evidence_has_an_answer(name: str, value: float, variance: float) -> None:
    """A landslide known to a millionth, or not at all: finite numbers, and up to 99.7 % the mode to 1e-6."""
    pools = pools_of(name)
    found = posterior.update(pools, [Observation("poll", value, pools.people, 0)], np.array([[variance]]))
    assert np.isfinite(found.mean).all()
    assert np.isfinite(found.gain).all()
    if abs(value) < 10 and variance > 1e-6:
        score = found.mean - found.gradient[0] * (value - found.at_mode[0]) / variance
        assert np.abs(score).max() < 1e-6 * max(1.0, float(np.abs(found.mean).max()))
