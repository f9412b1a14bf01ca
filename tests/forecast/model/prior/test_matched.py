from __future__ import annotations

import numpy as np
import pytest

from runoff.model.prior.matched import Pools, margin_of, matched


def _pools(seed: int) -> Pools:
    rng = np.random.default_rng(seed)
    many = int(rng.integers(2, 9))
    people = rng.integers(500, 60_000, many).astype(np.float64)
    preference = rng.normal(0, 0.8, many)
    preference[:2] = (3.2, -3.2)
    spread = np.full(many, 1.0)
    spread[:2] = 0.45
    return Pools(
        people=people,
        bloc=rng.integers(0, 3, many),
        turnout=rng.normal(0.8, 0.5, many),
        turnout_shared=np.full(many, 0.4),
        turnout_own=np.full(many, 0.35),
        preference=preference,
        preference_sd=spread,
        parts=(0.3, 0.3, 0.4),
    )


@pytest.mark.parametrize("seed", range(6))
def test_the_margin_that_pools_imply_is_what_drawing_them_gives(seed: int) -> None:
    """Mean within a point and sd within 6 % of 200,000 draws of the pools' own factors."""
    pools = _pools(seed)
    rng = np.random.default_rng(100 + seed)
    n, many = 200_000, len(pools.people)

    def factors(parts: tuple[float, float, float]) -> np.ndarray:
        whole, bloc, own = rng.standard_normal((n, 1)), rng.standard_normal((n, 3)), rng.standard_normal((n, many))
        return np.sqrt(parts[0]) * whole + np.sqrt(parts[1]) * bloc[:, pools.bloc] + np.sqrt(parts[2]) * own

    shared = pools.turnout_shared * rng.standard_normal((n, 1))
    back = 1 / (1 + np.exp(-(pools.turnout + shared + pools.turnout_own * factors((0.0, 0.5, 0.5)))))
    p = 1 / (1 + np.exp(-(pools.preference + pools.preference_sd * factors(pools.parts))))
    votes = pools.people * back
    margin = (votes * (2 * p - 1)).sum(axis=1) / votes.sum(axis=1)
    found = margin_of(pools)
    assert found.mean == pytest.approx(margin.mean(), abs=0.01)
    assert found.sd == pytest.approx(margin.std(), rel=0.06)


@pytest.mark.parametrize(("mean", "sd"), [(0.0, 0.1), (0.12, 0.05), (-0.2, 0.16), (0.4, 0.12)])
@pytest.mark.parametrize("seed", range(4))
def test_pools_are_moved_until_their_margin_is_the_laws(seed: int, mean: float, sd: float) -> None:
    """Mean and sd are met to six digits wherever they can be; pools keep their order and their people."""
    pools = _pools(seed)
    found = matched(pools, mean, sd)
    margin = margin_of(found)
    assert margin.mean == pytest.approx(mean, abs=1e-5)
    assert margin.sd == pytest.approx(sd, rel=1e-4)
    assert found.people is pools.people
    np.testing.assert_allclose(
        found.preference_sd / pools.preference_sd, found.preference_sd[0] / pools.preference_sd[0]
    )


def test_a_law_out_of_reach_is_met_as_near_as_limits_allow() -> None:
    """A margin of 99.9 points from pools that split evenly: the search ends, and leans that way."""
    found = margin_of(matched(_pools(1), 0.999, 0.001))
    assert found.mean > 0.5
    assert np.isfinite(found.sd)
