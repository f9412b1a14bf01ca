"""What the night's common effects are: closed forms, plain twins, and what they leave alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from runoff.estimate import tails
from runoff.estimate.ratios.shares import logistic
from runoff.model.pools import build
from runoff.phases.runoff_night.model.cells import totals
from runoff.phases.runoff_night.model.effects import SHRINKS, USUAL, walk
from runoff.phases.runoff_night.sizes import sizes
from runoff.runfile.load import load
from runoff.runfile.sections.observed import NightSection
from tests import runoff_night as night


def test_a_walk_is_brownian_at_its_knots() -> None:
    """Between knots at the quantiles its covariance is the lesser distance from the first knot, by hand."""
    at = np.sort(np.random.default_rng(1).normal(size=90))
    loads = np.column_stack(list(walk(at, np.ones(90), 10)))
    knots = np.append(0, np.arange(9, 91, 10))  # the first, and each tenth
    from_first = at[knots] - at[0]
    found = loads[knots] @ loads[knots].T
    assert found == pytest.approx(np.minimum(from_first[:, None], from_first[None, :]), abs=1e-12)


def test_a_walk_is_the_less_known_the_farther_it_is_from_what_is_seen() -> None:
    """With the walk seen up to the fourth knot, its variance farther on is the distance from there."""
    at = np.arange(90) / 10.0
    loads = np.column_stack(list(walk(at, np.ones(90), 10)))
    seen = loads[:30]
    given = np.linalg.inv(np.eye(9) + seen.T @ seen / 1e-10)
    variance = np.einsum("uc,cd,ud->u", loads, given, loads)[29::10]
    assert variance == pytest.approx(np.arange(7.0), abs=1e-6)


def test_a_walk_has_its_knots_where_the_votes_are() -> None:
    """Where one unit has half of the votes, half of the inner knots are that unit, and the others part the rest."""
    at, votes = np.arange(20.0), np.append(np.ones(19), 19.0)
    steps = [int((column > 0.0).argmax()) - 1 for column in walk(at, votes, 10)]
    assert steps == [0, 4, 8, 12, 16]


def test_effects_leave_the_races_total_alone(tmp_path: Path) -> None:
    """To first order no effect of the night moves the race's votes or their split."""
    loaded = night.of_folder(tmp_path, by_mode=False)
    model = night.prepared(loaded, night.nothing(loaded, ("",))).model
    log_votes, lean = totals(model.pools, model.people, np.zeros((1, model.pools.n_factors)))
    log_votes, lean = log_votes[:, 0], lean[0, :, 0]
    votes = np.exp(log_votes)
    moves = votes * logistic(lean) * logistic(-lean)
    lean_effect, expected = model.lean_effect[0], model.expected_lean[0]
    own = slice(model.pools.n_factors, None)
    assert np.abs(votes @ model.turnout_effect[:, own]).max() < 1e-9 * votes.sum()
    assert np.abs(moves @ lean_effect[:, own]).max() < 1e-9 * votes.sum()
    slope = expected + 0.5 * (1.0 - 2.0 * logistic(lean)) * (
        tails.MEAN_SCALE * (lean_effect[:, own] ** 2).sum(axis=1) + model.spread[1] ** 2
    )
    assert abs(moves @ slope) < 1e-9 * votes.sum()


def test_a_pools_part_is_the_derivative_by_its_rate(tmp_path: Path) -> None:
    """Its load is how much a unit's log-odds move with the pool's preference, less the race's mean of it."""
    loaded = night.of_folder(tmp_path, by_mode=False)
    model = night.prepared(loaded, night.nothing(loaded, ("",))).model
    pools, people, step = model.pools, model.people, 1e-6
    at = {name: model.pools.n_factors + i for i, name in enumerate(model.names)}
    for j, pool in enumerate(build(loaded).pools):
        turnout, lean = logistic(pools.turnout), pools.preference[:, 0]

        def odds(more: float, turnout: np.ndarray = turnout, lean: np.ndarray = lean, j: int = j) -> np.ndarray:
            share = logistic(lean + more * (np.arange(len(lean)) == j))
            return np.asarray(np.log((people @ (turnout * share)) / (people @ (turnout * (1.0 - share)))))

        plain = (odds(step) - odds(-step)) / (2.0 * step)
        share = logistic(odds(0.0))
        moves = (people @ turnout) * share * (1.0 - share)
        wanted = 2.5 * (plain - np.average(plain, weights=moves))
        assert model.lean_effect[0][:, at[f"part\0{pool.name}"]] == pytest.approx(wanted, abs=1e-7)


def test_sizes_go_by_what_finalists_are_to_each_other() -> None:
    """Blocs decide the slope, its spread and a unit's own; what the run file says goes before them."""
    plain = NightSection()
    different, same = sizes("different", plain), sizes("same", plain)
    assert (different.slope, different.slope_sd, different.unit) == (0.29, 0.15, 0.15)
    assert (same.slope, same.unit, same.smooth, same.region) == (0.14, 0.25, 0.125, 0.125)
    said = sizes("same", NightSection(slope=0.0, slope_sd=0.4, unit_sd=0.05))
    assert (said.slope, said.slope_sd, said.unit) == (0.0, 0.4, 0.05)


def test_small_units_have_more_of_their_own(tmp_path: Path) -> None:
    """A unit's spread goes with its votes to the power of -0.1, besides what the run file says of units."""
    loaded = night.of_folder(tmp_path, by_mode=False)
    model = night.prepared(loaded, night.nothing(loaded, ("",))).model
    votes = np.exp(totals(model.pools, model.people, np.zeros((1, model.pools.n_factors)))[0][:, 0])
    own = model.spread[1] ** 2 - (0.15 * (votes / USUAL) ** -SHRINKS) ** 2
    assert (own >= 0.0).all()
    assert (own < 0.1**2).all()  # [factors.preference] unit, less what a unit's pools even out


def test_a_common_scale_makes_students_t() -> None:
    """The grid's mixture has the density of t with five degrees of freedom to 6 % within four sd."""
    x = np.linspace(-4.0, 4.0, 33)
    parts = [
        np.exp(c) * stats.norm.pdf(x, scale=np.sqrt(s)) for c, s in zip(tails.LOG_CHANCE, tails.SCALES, strict=True)
    ]
    assert sum(parts) == pytest.approx(stats.t.pdf(x, tails.DF), rel=0.06)
    assert abs(tails.MEAN_SCALE / (tails.DF / (tails.DF - 2.0)) - 1.0) < 0.1


def test_the_mixture_after_an_observation_is_bayes_rule() -> None:
    """Two effects, one of them scaled: chances and means are those of sums over a fine grid."""
    slope, y, noise = np.array([0.8, 1.5]), 3.0, 0.4
    found = tails.mixture(np.outer(slope, slope) / noise, slope * y / noise, np.array([False, True]))
    a, b = np.linspace(-8, 8, 641)[:, None], np.linspace(-24, 24, 1921)[None, :]
    seen = stats.norm.pdf(y, slope[0] * a + slope[1] * b, np.sqrt(noise)) * stats.norm.pdf(a)
    joint = [np.exp(c) * stats.norm.pdf(b, scale=np.sqrt(t)) * seen
             for c, t in zip(tails.LOG_CHANCE, tails.SCALES, strict=True)]  # fmt: skip
    mass = np.array([density.sum() for density in joint])
    assert [np.exp(part.log_chance) for part in found] == pytest.approx(mass / mass.sum(), rel=1e-6)
    first = [(a * density).sum() / density.sum() for density in joint]
    assert [part.mean[0] for part in found] == pytest.approx(first, rel=1e-6)


def test_finalists_without_party_are_of_no_known_kind(tmp_path: Path) -> None:
    """Somebody without party and bloc is a bloc by his own name, which says nothing of the other: 0.2, not 0.15."""
    file = night.folder(tmp_path, by_mode=False)
    table = tmp_path / "first.csv"
    told = night.prepared(load(file), night.nothing(load(file), ("",))).model.spread[1]
    table.write_text(table.read_text("utf-8").replace("Ada,L,", "Ada,,").replace("Bo,R,", "Bo,,"), "utf-8")
    loaded = load(file)
    not_told = night.prepared(loaded, night.nothing(loaded, ("",))).model.spread[1]
    assert (not_told > told * 1.05).all()
    assert (not_told < told * 0.2 / 0.15).all()
