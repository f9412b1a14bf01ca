"""What units have of their own leaves what was said of pools as it was."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import special

from runoff.kernels.places import MOST_NORMAL, TERMS
from runoff.model.places import _BY_KIND, _TURNOUT, FLAT, Places
from runoff.model.pools import Model
from runoff.race import FloatArray
from runoff.runfile.checks.remarks import PLACES_HOLD
from runoff.simulate.aggregate import summed_inputs
from runoff.simulate.driver import DETAIL_TRIALS, Drawn, draw
from runoff.simulate.inputs import to_inputs
from runoff.simulate.places.arrays import in_one_pass, with_places
from runoff.simulate.places.bends import bends
from runoff.simulate.places.effects import Effects, effects, mean_effects
from tests.builders import Group, model

PLACES = Places("different", 0.6, 0.4, 0.1, 0.5, 0.1)
SIGMAS = 5  # false alarm rate 6e-7 a comparison


def _race(finalists: int = 2, units: int = 40, seed: int = 3) -> Model:
    """A race whose pools live where they lean; the last pool lives in one region alone."""
    rng = np.random.default_rng(seed)
    names = ("Ada", "Bo", "Cleo")[:finalists]
    others = ("Di", "Ed", "new")
    lean = rng.normal(0.0, 0.6, (units, len(names) + len(others)))
    size = np.exp(rng.normal(7.0, 0.8, units))[:, None]
    people = np.round(size * np.exp(lean) * np.array([*[0.9] * finalists, 0.3, 0.5, 2.0])).astype(int)
    regions = [f"r{u % 5}" for u in range(units)]
    people[:, -2] *= np.array([region in ("r0", "r1") for region in regions])
    wide = 0.5 if finalists == 2 else ((0.5, 0.0), (0.25, 0.45))

    def preference(k: int | None) -> object:
        if finalists == 2:
            return ((3.0, -3.0)[k] if k is not None else 0.3, wide)
        return (((2.5, 0.1), (0.1, 2.5), (-2.0, -2.0))[k] if k is not None else (0.3, -0.2), wide)

    groups = [
        Group(name, people[:, i].tolist(), (2.0 if i < finalists else (0.8, 1.2, -1.0)[i - finalists], 0.4),
              preference(i if i < finalists else None), "b", "finalist" if i < finalists else "eliminated")  # type: ignore[arg-type]
        for i, name in enumerate((*names, *others))
    ]  # fmt: skip
    made = model(groups, finalists=names, parts=(0.3, 0.4, 0.3), regions=regions)
    votes = made.people[:, : len(names) + 2]
    return replace(
        made,
        first_round=replace(made.first_round, votes=np.pad(votes, ((0, 0), (0, 1))), ballots=votes.sum(axis=1)),
        places=PLACES,
    )


def _whole(wide: np.ndarray) -> FloatArray:
    result: FloatArray = wide[..., 0] + wide[..., 1] * 2.0**32
    return result


def _rates(drawn: Drawn) -> tuple[FloatArray, FloatArray]:
    """Means and standard deviations of each pool's turnout and shares."""
    moments = _whole(drawn.tallies.rate_moments) / drawn.detail_trials
    mean = moments[:, :, 0] / 1e6
    return mean, np.sqrt(np.maximum(moments[:, :, 1] / 1e12 - mean**2, 0.0))


@pytest.mark.parametrize("finalists", [2, 3])
def test_pools_keep_the_rates_that_were_said(finalists: int) -> None:
    """Mean turnout and shares of each pool over the race are those without places, within Monte Carlo error."""
    of = _race(finalists)
    drawn = [
        draw(with_places(to_inputs(one, 5), one), DETAIL_TRIALS, threads=2) for one in (replace(of, places=FLAT), of)
    ]
    (said, spread), (got, wide) = (_rates(one) for one in drawn)
    error = spread / np.sqrt(DETAIL_TRIALS)
    pools = len(of.pools)
    assert (np.abs(got - said)[:pools] < SIGMAS * error[:pools] + 5e-5).all()
    assert np.allclose(wide[:pools], spread[:pools], rtol=0.04)


@pytest.mark.parametrize("finalists", [2, 3])
def test_pools_keep_their_means_at_the_defaults(finalists: int) -> None:
    """With the largest slope that is a default, mean rates are within a tenth of a point of those without places."""
    slope, slope_sd, spread = max(_BY_KIND.values())
    turnout_slope_sd, turnout_spread = _TURNOUT
    places = Places("different", slope, slope_sd, turnout_slope_sd, spread, turnout_spread)
    of = _race(finalists)
    said, got = (
        draw(with_places(to_inputs(one, 5), one), DETAIL_TRIALS, threads=2)
        for one in (replace(of, places=FLAT), replace(of, places=places))
    )
    assert (np.abs(_rates(got)[0] - _rates(said)[0])[: len(of.pools)] < 0.001).all()


@pytest.mark.parametrize(("finalists", "units"), [(2, 8), (2, 40), (3, 40)])
def test_pools_nearly_keep_their_rates_in_wide_places(finalists: int, units: int) -> None:
    """With all sizes as large as no note is said of, mean rates are within half a point of those without places."""
    of, trials = _race(finalists, units), 2**15
    held = Places("different", *(PLACES_HOLD[name] for name in ("slope", "slope_sd", "turnout_slope_sd")), 1.0, 0.3)
    assert (held.spread, held.turnout_spread) == (PLACES_HOLD["spread"], PLACES_HOLD["turnout_spread"])
    said, got = (
        draw(with_places(to_inputs(one, 5), one), trials, threads=2)
        for one in (replace(of, places=FLAT), replace(of, places=held))
    )
    pools = len(of.pools)
    mean, spread = (part[:pools] for part in _rates(said))
    assert (np.abs(_rates(got)[0][:pools] - mean) < 0.005 + SIGMAS * spread * np.sqrt(2.0 / trials)).all()


def test_a_pools_turnout_is_the_logistic_normal_that_was_said() -> None:
    """With places, mean turnout over the race is the mean of the logistic over its normal, by quadrature."""
    of = _race()
    drawn = draw(with_places(to_inputs(of, 8), of), DETAIL_TRIALS, threads=2)
    nodes, weight = np.polynomial.hermite_e.hermegauss(40)
    mean, sd = _rates(drawn)
    for j, pool in enumerate(of.pools):
        exact = special.expit(pool.turnout.location[0] + pool.turnout.scale[0][0] * nodes) @ weight / weight.sum()
        assert abs(mean[j, 0] - exact) < SIGMAS * sd[j, 0] / np.sqrt(DETAIL_TRIALS) + 5e-5, pool.name


def test_units_spread_as_they_are_told_to() -> None:
    """With all rates known, the sd of a unit's log-odds is that of the slope times its lean, its region and its own."""
    of = _race()
    certain = [
        replace(
            p,
            people=1_000 * p.people,
            turnout=replace(p.turnout, scale=((1e-6,),)),
            preference=replace(p.preference, scale=((1e-6,),)),
        )
        for p in of.pools
    ]
    of = replace(
        of,
        pools=tuple(certain),
        people=of.people * 1_000,
        places=replace(PLACES, turnout_slope_sd=0.0, turnout_spread=0.0),
    )
    inputs = with_places(to_inputs(of, 5), of)
    side = effects(of)[1]
    expected = np.sqrt(side.variance + (inputs.lean[:, 1, 1]) ** 2)
    drawn = draw(inputs, DETAIL_TRIALS, threads=2)
    share = _whole(drawn.tallies.unit_share)[:, 0] / DETAIL_TRIALS / [1e6, 1e12]
    sd = np.sqrt(share[:, 1] - share[:, 0] ** 2)
    own = np.array([p.preference.location[0] for p in of.pools])
    voters = of.people * special.expit([p.turnout.location[0] for p in of.pools])
    rate = special.expit(own + inputs.lean[:, 1, :1])
    slope = (voters * rate * (1.0 - rate)).sum(axis=1) / voters.sum(axis=1)  # of the share on log-odds, near enough
    assert np.corrcoef(sd, slope * expected)[0, 1] > 0.97
    assert 0.9 < np.median(sd / (slope * expected)) < 1.05


def test_totals_alone_are_those_of_units_one_by_one() -> None:
    """Mean and sd of the margin, and P(win), by the shortcut and unit by unit: within five standard errors and 1 %."""
    of, trials = _race(), 2**19
    found = summed_inputs(of, 5, whole=True)
    assert found is not None
    shares = []
    for inputs in (found[0], with_places(to_inputs(of, 5), of)):
        tallies = draw(inputs, trials, threads=2, detail_trials=0).tallies
        at = (np.arange(tallies.margin_bins.size) - tallies.margin_bins.size // 2) * 1e-4
        part = tallies.margin_bins / trials
        mean = part @ at
        shares.append((tallies.wins[0] / trials, mean, np.sqrt(part @ at**2 - mean**2)))
    (p, mean, sd), (q, other, wide) = shares
    assert abs(mean - other) < SIGMAS * sd * np.sqrt(2.0 / trials) + 2.0 * found[1].votes / of.people.sum()
    assert abs(wide / sd - 1.0) < 0.01
    assert abs(p - q) < SIGMAS * np.sqrt(0.5 / trials) + 0.005


def test_one_pass_draws_normals_that_add_up_to_nothing() -> None:
    """The recursion is a linear map whose covariance is that of the normals given their weighted sum, which is 0."""
    rng = np.random.default_rng(1)
    sd, weight = rng.uniform(0.1, 0.6, 12), rng.dirichlet(np.ones(12))
    scale, pull = in_one_pass(sd, weight)
    line = np.zeros((12, 12))
    for u in range(12):
        line[u] = (pull[u] * len(sd) * weight[:u]) @ line[:u]
        line[u, u] += scale[u]
    moved = weight * sd**2
    assert np.allclose(line @ line.T, np.diag(sd**2) - np.outer(moved, moved) / (weight @ moved), atol=1e-12)
    assert np.allclose(weight @ line, 0.0, atol=1e-12)


def test_covariance_of_mean_effects_is_that_of_the_centred_normals() -> None:
    """Pools' mean effects have the covariance of the dense matrix of units' and regions' effects."""
    rng = np.random.default_rng(2)
    people, of = rng.integers(1, 500, (9, 4)).astype(float), np.array([0, 0, 0, 1, 1, 1, 2, 2, 2])
    weight = people.sum(axis=1) / people.sum()
    side = Effects(rng.uniform(0.1, 0.5, 9), np.full(3, 0.3), of, weight)
    of_unit, of_region = weight * side.unit**2, side.region_weight * side.region**2
    dense = np.diag(side.unit**2) - np.outer(of_unit, of_unit) / (weight @ of_unit)
    regions = np.diag(side.region**2) - np.outer(of_region, of_region) / (side.region_weight @ of_region)
    share = people / people.sum(axis=0)
    exact = share.T @ (dense + regions[np.ix_(of, of)]) @ share
    assert np.allclose(side.covariance(people), exact, atol=1e-14)
    assert np.allclose(side.variance, np.diag(dense + regions[np.ix_(of, of)]), atol=1e-14)


def test_bent_log_odds_invert_the_mean_over_units() -> None:
    """At the mean slope, the mean logistic of a bent pool over its units is that of what was said.

    Its units are weighted by those who come.
    """
    of = _race()
    found, side = bends(of), effects(of)[1]
    inputs = with_places(to_inputs(of, 1), of)
    nodes, weight = np.polynomial.hermite_e.hermegauss(9)
    for j, pool in enumerate(of.pools):
        turns = [
            found.q[j, 0, 0] @ (z / MOST_NORMAL) ** np.arange(TERMS) + z * inputs.lean[:, 0, 1] for z in (-1.0, 1.0)
        ]
        voters = of.people[:, j] * special.expit(turns).mean(axis=0)
        share = voters / voters.sum()
        spread = np.sqrt(np.maximum(side.variance - side.covariance(of.people.astype(float))[j, j], 0.0))
        for z in (-1.0, 0.0, 1.0):
            level = pool.preference.location[0] + pool.preference.scale[0][0] * z
            bent = found.q[j, 1, :, 0] @ (level - pool.preference.location[0]) ** np.arange(found.q.shape[2])
            at = bent + inputs.lean[:, 1, 0][:, None] + spread[:, None] * nodes
            assert abs(share @ special.expit(at) @ weight / weight.sum() - special.expit(level)) < 4e-4, pool.name


def test_one_unit_and_flat_places_change_nothing() -> None:
    """A race of one unit, and one whose places are flat, have the arrays that they would have without."""
    of = _race()
    flat, one = replace(of, places=FLAT), replace(_race(units=1), places=PLACES)
    for same in (flat, one):
        plain = to_inputs(same, 5)
        assert with_places(plain, same) is plain
    assert all(not effect.any() for effect in mean_effects(flat))
