from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import special

from runoff.app.python import loads
from runoff.errors import InputError
from runoff.kernels.arrays import Inputs, new_scratch, new_tallies
from runoff.kernels.philox import GROUP
from runoff.kernels.transfer import run_groups
from runoff.model.electorate import Electorate, electorate, expected_votes, log_ratios
from runoff.model.pools import Factors, Model, build, towards
from runoff.model.posterior import Observation, update
from runoff.phases.first_round_open.pairings import runoff_votes
from runoff.race import FloatArray
from runoff.runfile.load import load
from runoff.simulate.aggregate import like_pools, summed_inputs
from runoff.simulate.conditioning import with_posterior
from runoff.simulate.driver import PPM, digest, draw, whole
from runoff.simulate.inputs import to_inputs
from tests import naive
from tests.builders import NO_WEIGHTS, Group, model, three_way, two_way
from tests.enthusiasm_of_races import estimated, expected

RHO = 0.6
CONFIGS = Path(__file__).parents[3] / "configs" / "ga06-2017"


def keen(of: Model, rho: float = RHO) -> Model:
    """The same model with enthusiasm."""
    return replace(of, enthusiasm=rho)


def _covariance(pools: Electorate) -> FloatArray:
    """Of all log-odds: turnouts float64[J], then the first log-ratios [J]."""
    loads = np.concatenate([pools.turnout_load, pools.preference_load[:, 0]])
    return loads @ loads.T


def test_what_is_said_of_rates_stays_and_turnout_goes_with_preference() -> None:
    """Two finalists, from the formulas: variances and what preferences have in common are untouched; the covariance of
    two turnouts, and of a turnout with a preference, is the closed form; a pool of an even split has none.
    """
    of = two_way()
    before, after = (_covariance(electorate(to_inputs(each, 1))) for each in (of, keen(of)))
    n = len(of.pools)
    np.testing.assert_allclose(np.diag(after), np.diag(before), rtol=1e-6)
    np.testing.assert_allclose(after[n:, n:], before[n:, n:], rtol=1e-6)
    shared, bloc, pool = of.turnout.parts
    lean = np.array([2.0 * special.expit(p.preference.location[0]) - 1.0 for p in of.pools])
    rho, same = RHO * lean, np.array([[a.bloc == b.bloc for a in of.pools] for b in of.pools])
    sds = [np.array([getattr(p, kind).scale[0][0] for p in of.pools]) for kind in ("turnout", "preference")]
    common = (0.3 + 0.4 * same) / math.sqrt(0.7)  # wind and bloc of the preference, whose parts are the same
    with_ = np.outer(math.sqrt(1.0 - shared) * sds[0] * rho, sds[1]) * common
    np.testing.assert_allclose(after[:n, n:], with_, atol=1e-6)
    apart = np.sqrt(1.0 - rho**2)
    turnout = shared + np.outer(apart, apart) * (bloc * same + pool * np.eye(n))
    turnout += (1.0 - shared) * np.outer(rho, rho) * (0.3 + 0.4 * same) / 0.7
    np.testing.assert_allclose(after[:n, :n], np.outer(sds[0], sds[0]) * turnout, atol=1e-6)
    assert rho[4] == 0.0
    assert (with_[4] == 0.0).all()


def test_of_three_finalists_turnout_goes_with_the_favourite() -> None:
    """A pool's own turnout part has correlation rho times its lean with the utility that it leans along, worked out
    from the kernel's arrays; the favourite of each finalist's voters is that finalist, and scales stay.
    """
    of = three_way()
    before, after = electorate(to_inputs(of, 1)), electorate(to_inputs(keen(of), 1))
    np.testing.assert_allclose((after.turnout_load**2).sum(axis=1), (before.turnout_load**2).sum(axis=1), rtol=1e-6)
    assert after.preference_load.tobytes() == before.preference_load.tobytes()
    for j, pool in enumerate(of.pools):
        share = special.softmax([*pool.preference.location, 0.0])
        along = np.tensordot(share[:-1] - 1.0 / 3.0, after.preference_load[j], 1)  # of utilities that add up to nought
        own = of.preference.parts[2]
        common = (1.0 - own) * (along @ along)
        shared = of.turnout.parts[0]
        got = after.turnout_load[j] @ along / math.sqrt(common * (1.0 - shared)) / pool.turnout.scale[0][0]
        lean = np.linalg.norm(share - 1.0 / 3.0) / math.sqrt(2.0 / 3.0)
        assert got == pytest.approx(RHO * lean, rel=1e-5)
    assert 0.4 < np.linalg.norm(towards(keen(of))[0]) < RHO


def _margin(drawn_model: Model, trials: int) -> tuple[float, float]:
    drawn = draw(to_inputs(drawn_model, 3), trials, threads=1, units=False, detail_trials=0)
    first, second = (whole(part) / trials / PPM**k for k, part in enumerate(drawn.tallies.margin, 1))
    return first, math.sqrt(second - first**2)


@pytest.mark.parametrize("rho", [0.0, 0.5, -0.5])
def test_the_margins_variance_is_the_closed_form(rho: float) -> None:
    """Three pools of known size, spreads of 0.06 in log-odds: the sd of the margin drawn is that of its linear form.

    With turnouts t, preferences p, votes w and margin m: margin ~ sum of w (1 - t) (2 p - 1 - m) tau + 2 w p (1 - p) h.
    262,144 trials: the sd's standard error is 0.14 %, and the linear form is off by less than 0.4 %; five of the former
    are left for chance (false alarms 6e-7).
    """
    groups = [
        Group("Ada", [40_000_000], (1.0, 0.06), (1.6, 0.06), "L", "finalist"),
        Group("Bo", [35_000_000], (0.8, 0.06), (-1.4, 0.06), "R", "finalist"),
        Group("Cy", [15_000_000], (0.3, 0.06), (-0.6, 0.06), "R"),
    ]
    factors = Factors((0.4, 0.3, 0.3), 0.0, 0.0), Factors((0.3, 0.5, 0.2), 0.0, 0.0)
    of = replace(keen(model(groups), rho), turnout=factors[0], preference=factors[1])
    _, sd = _margin(of, 2**18)
    people = np.array([pool.people for pool in of.pools], float)
    t = special.expit([pool.turnout.location[0] for pool in of.pools])
    p = special.expit([pool.preference.location[0] for pool in of.pools])
    w = people * t / (people @ t)
    margin = w @ (2.0 * p - 1.0)
    come, turn = w * (1.0 - t) * (2.0 * p - 1.0 - margin) * 0.06, 2.0 * w * p * (1.0 - p) * 0.06
    same = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    r = rho * (2.0 * p - 1.0)
    apart = come * np.sqrt(1.0 - r**2)
    variance = 0.4 * come.sum() ** 2 + apart @ (0.3 * same + 0.3 * np.eye(3)) @ apart
    wind = (0.3 + 0.5 * same) / 0.8
    variance += 0.6 * (come * r) @ wind @ (come * r) + turn @ (0.3 + 0.5 * same + 0.2 * np.eye(3)) @ turn
    variance += 2.0 * math.sqrt(0.6 * 0.8) * (come * r) @ wind @ turn
    assert sd == pytest.approx(math.sqrt(variance), rel=0.004 + 5 * 0.0014)
    if rho:
        plain = _margin(replace(of, enthusiasm=0.0), 2**18)[1]
        assert (sd / plain - 1.0) * np.sign(rho) > 0.02


@pytest.mark.parametrize(("of", "units"), [(keen(two_way()), 1), (keen(three_way()), 5)])
def test_each_trial_equals_the_slow_twin(of: Model, units: int) -> None:
    """Fed with the same words, float64 NumPy gives every total within one vote a unit, nearly all equal."""
    groups, inputs = 20, to_inputs(of, 7)
    votes = np.empty((groups * GROUP, len(of.finalists)), np.int32)
    run_groups(inputs, 0, len(votes), 0, new_scratch(inputs), new_tallies(inputs, units=False), votes, NO_WEIGHTS)
    away = np.abs(votes.astype(int) - naive.votes(inputs, groups).sum(axis=1))
    assert away.max() <= 2 * units
    assert (away == 0).mean() > 0.8


def test_without_it_nothing_is_mixed() -> None:
    """At 0 the arrays are those of turnouts drawn apart, to the bit, and where preferences share nothing."""
    of = two_way()
    plain = to_inputs(of, 1)
    alone = replace(of, preference=Factors((0.0, 0.0, 1.0), 0.0, 0.0))
    for one, other in ((to_inputs(keen(of, 0.0), 1), plain), (to_inputs(keen(alone), 1), to_inputs(alone, 1))):
        assert one.turnout_load.tobytes() == other.turnout_load.tobytes()
        assert one.turnout_factor.shape == (len(of.pools), 3)


def _grouped(of: Model) -> tuple[Inputs, list[list[int]]]:
    groups = like_pools(of)
    found = summed_inputs(of, 3, groups=groups)
    assert found is not None
    return found[0], groups


def test_like_pools_put_together_keep_what_they_share() -> None:
    """Pools of one bloc and rates put together, and blocs of one pool without their factor: the covariance of all
    log-odds, but for a group's own part, is that of the pools one by one.
    """
    of = keen(two_way())
    inputs, groups = _grouped(of)
    assert len(groups) < len(of.pools)
    first = [group[0] for group in groups]
    n, k = len(of.pools), len(groups)
    rows = [*first, *(n + place for place in first)]
    whole_race = _covariance(electorate(to_inputs(of, 3)))[np.ix_(rows, rows)]
    together = _covariance(electorate(inputs))
    many = [place for place, group in enumerate(groups) if len(group) > 1]
    for place in (*many, *(k + place for place in many)):
        whole_race[place, place] = together[place, place] = 0.0
    np.testing.assert_allclose(together, whole_race, atol=2e-6)


def test_a_pairing_of_an_open_first_round_is_drawn_alike() -> None:
    """With the same streams, mean votes given the rates are those of the slow twin, to a vote."""
    of = keen(two_way())
    turnout, preference = naive.rates(to_inputs(of, 5), 2)
    expected = np.einsum("j,tjk->tk", of.people[0], naive.transfer(turnout, preference))

    def quiet(keys: list[np.uint64]) -> np.ndarray:
        noise = any(int(key) >> 56 == 24 for key in keys)
        return np.stack([0.0 * naive.normals(5, int(k), 2) if noise else naive.normals(5, int(k), 2) for k in keys])

    people = np.tile(of.people, (2 * GROUP, 1))
    assert np.abs(runoff_votes(of, people, quiet) - expected).max() < 0.6  # rounded to whole votes


def test_polls_condition_it() -> None:
    """A poll of the race and a crosstab: the chance to win, weighted draws of the kernel against a million prior draws
    weighted by the plain likelihood, within five standard errors of both (false alarms 6e-7); where a poll is better
    for a side than expected, more of its voters come, and without enthusiasm they hardly do.
    """
    turnouts = []
    for of in (keen(two_way()), two_way()):
        inputs = to_inputs(of, 5)
        pools = electorate(inputs)
        one = np.where(np.arange(len(of.pools)) == 2, pools.people, 0.0)
        seen = [Observation("poll", 0.25, pools.people, 0), Observation("group", -1.6, one, 0)]
        error = np.diag([0.02, 0.1])
        found = update(pools, seen, error)
        turnouts.append((pools.turnout_load @ found.mean)[0])
        if not of.enthusiasm:
            continue
        drawn = draw(with_posterior(inputs, found), 200_000, threads=1, units=False, detail_trials=0)
        got = float(drawn.tallies.wins[0]) / drawn.total
        rng = np.random.default_rng(8)
        lost = weighted = squares = won = 0.0
        for _ in range(20):
            z = rng.standard_normal((50_000, pools.n_factors))
            miss = np.column_stack([log_ratios(pools, o.people, z)[:, 0] - o.value for o in seen])
            weight = np.exp(-0.5 * np.einsum("ni,ij,nj->n", miss, np.linalg.inv(error), miss))
            votes = expected_votes(pools, pools.people, z)
            ahead = votes[:, 0] > votes[:, 1]
            won, lost = won + float(weight[ahead].sum()), lost + float(weight[~ahead].sum())
            weighted, squares = weighted + float(weight.sum()), squares + float((weight**2).sum())
        exact = won / (won + lost)
        variance = exact * (1.0 - exact) * (squares / weighted**2 + 1.0 / drawn.effective)
        assert abs(got - exact) < 5 * math.sqrt(variance)
    assert turnouts[0] > 0.02 > abs(turnouts[1])


def _april(enthusiasm: str) -> Callable[[], Model]:
    text = (CONFIGS / "april.toml").read_text()
    more = f"[factors]\nenthusiasm = {enthusiasm}\n\n[factors.turnout]"
    text = text.replace("[factors.turnout]", more) if "[factors.turnout]" in text else text + f"\n{more}\n"
    return lambda: build(loads(text, CONFIGS))


def test_the_run_file_says_it() -> None:
    """[factors] enthusiasm reaches the model; out of range it is refused; 0 gives the bits of a model without it."""
    assert _april("0.25")().enthusiasm == 0.25
    with pytest.raises(InputError, match="enthusiasm"):
        _april("1.5")()
    plain = replace(build(load(CONFIGS / "april.toml")), enthusiasm=0.0)
    digests = [digest(draw(to_inputs(of, 1), 4_096, threads=1)) for of in (plain, _april("0")())]
    assert digests[0] == digests[1]


def _errors(of: Model, races: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Log votes and margins of races drawn exactly from a model without counting, less those at the middle."""
    pools = electorate(to_inputs(of, 0))
    z = np.random.default_rng(seed).standard_normal((races, pools.n_factors))
    votes = expected_votes(pools, pools.people, np.concatenate([np.zeros((1, pools.n_factors)), z]))
    all_votes, margin = np.log(votes.sum(axis=1)), (votes[:, 0] - votes[:, 1]) / votes.sum(axis=1)
    return all_votes[1:] - all_votes[0], margin[1:] - margin[0]


@pytest.mark.parametrize("rho", [0.0, 0.5])
def test_made_races_give_back_what_they_were_drawn_with(rho: float) -> None:
    """Past races of known enthusiasm, each its own election, of two kinds whose larger side differs: what
    `tests.enthusiasm_of_races` makes of 8,000 totals is rho within four of its standard errors (false alarms 6e-5) and
    the 0.05 by which the linear form is off.
    """
    kinds = [_one_sided(1.4), _one_sided(-1.4)]
    of = [expected(kind) for kind in kinds for _ in range(4_000)]
    drawn = [_errors(keen(kind, rho), 4_000, seed) for seed, kind in enumerate(kinds)]
    votes, margin = (np.concatenate(both) for both in zip(*drawn, strict=True))
    found, se = estimated(votes, margin, of, [str(i) for i in range(len(of))])
    assert abs(found - rho) < 4 * se + 0.05
    assert se < 0.1


def _one_sided(lean: float) -> Model:
    """Three of four voters on one side; spreads of 0.2."""
    groups = [
        Group("Ada", [40_000], (0.6, 0.2), (2.5, 0.2), "L", "finalist"),
        Group("Bo", [35_000], (0.6, 0.2), (-2.5, 0.2), "R", "finalist"),
        Group("Cy", [60_000], (0.2, 0.2), (lean, 0.2), "L" if lean > 0 else "R"),
    ]
    return model(groups, parts=(0.3, 0.4, 0.3))
