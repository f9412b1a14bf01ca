"""What rests on nobody's estimate: parts of the margin's variance that add up, and the line that says so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from runoff.model.electorate import electorate, expected_votes, log_ratio_gradients
from runoff.model.pools import Model, build
from runoff.race import Pool, Rate
from runoff.runfile.load import load
from runoff.runfile.sections.rates import RatesSection
from runoff.simulate import unsaid
from tests import documents

APRIL = documents.CONFIGS / "april.toml"


def _with(model: Model, default: set[tuple[str, str]]) -> Model:
    """The model with these rates, of (pool, kind), as defaults and all others as stated."""

    def rate(pool: Pool, kind: str, found: Rate) -> Rate:
        return replace(found, origin="default" if (pool.name, kind) in default else "pool")

    pools = tuple(
        replace(p, turnout=rate(p, "turnout", p.turnout), preference=rate(p, "preference", p.preference))
        for p in model.pools
    )
    return replace(model, pools=pools)


def _part(model: Model, default: set[tuple[str, str]]) -> float:
    return unsaid.part_of_defaults(_with(model, default), unsaid.race_inputs(model))


def test_parts_add_up_to_one() -> None:
    """Over all rates of all pools, whatever they have in common; none is 0, all are 1."""
    model = build(load(APRIL))
    every = [(pool.name, kind) for pool in model.pools for kind in ("turnout", "preference")]
    assert sum(_part(model, {rate}) for rate in every) == pytest.approx(1.0, abs=1e-12)
    assert _part(model, set()) == 0.0
    assert _part(model, set(every)) == pytest.approx(1.0, abs=1e-12)


def test_a_part_is_the_covariance_with_the_whole() -> None:
    """With errors made small: cov(what the rate moves, what all move) / var(all), within five standard errors."""
    model = build(load(APRIL))
    pools = electorate(unsaid.race_inputs(model))
    new = len(model.pools) - 1
    small = replace(pools, turnout_load=0.05 * pools.turnout_load, preference_load=0.05 * pools.preference_load)
    only = replace(
        small,
        turnout_load=np.zeros_like(small.turnout_load),
        preference_load=small.preference_load * (np.arange(len(model.pools)) == new)[:, None, None],
    )
    z = np.random.default_rng(5).standard_normal((20_000, pools.n_factors))
    moved = [np.log(votes[:, 0] / votes[:, 1]) for votes in (expected_votes(p, p.people, z) for p in (small, only))]
    covariance = np.cov(moved[1], moved[0])
    found, n = covariance[0, 1] / covariance[1, 1], len(z)
    r = np.corrcoef(moved)[0, 1]
    error = np.sqrt(covariance[0, 0] / covariance[1, 1] * (1 - r**2) / n)
    assert abs(found - _part(model, {(model.pools[new].name, "preference")})) < 5 * error + 0.005


def test_the_line_names_pools_and_part() -> None:
    """Nothing where nothing hangs on it; a line with both counts; another where all rates are defaults."""
    model = build(load(APRIL))
    every = {(pool.name, kind) for pool in model.pools for kind in ("turnout", "preference")}
    assert unsaid.notes(_with(model, set())) == []
    assert unsaid.notes(_with(model, {("Andre Pollard", "turnout")})) == []
    (one,) = unsaid.notes(_with(model, {("Bob Gray", "turnout"), ("Bob Gray", "preference")}))
    assert "turnout of 1 and preference of 1 of 19 pools are wide defaults" in one
    (all_of_them,) = unsaid.notes(_with(model, every))
    assert "all rates of all 19 pools are wide defaults" in all_of_them


@pytest.mark.parametrize("finalists", [2, 3])
def test_slopes_are_those_of_the_dense_twin(finalists: int) -> None:
    """Of log votes of the first finalist over the second's, by the gradients that evidence uses."""
    loaded = load(APRIL)
    if finalists == 3:
        file = loaded.run_file.model_copy(update={"rates": RatesSection(), "new_voters": None})
        names = tuple(candidate.name for candidate in loaded.first_round.candidates[:3])
        loaded = replace(loaded, run_file=file, finalists=names)
    inputs = unsaid.race_inputs(build(loaded))
    pools = electorate(inputs)
    dense = log_ratio_gradients(pools, pools.people, np.zeros(pools.n_factors))
    ones = np.ones(len(inputs.turnout_location))
    found = unsaid.slopes(inputs, ones, ones)
    np.testing.assert_allclose(found, dense[0] - dense[1] if finalists == 3 else dense[0], rtol=1e-6, atol=1e-9)
