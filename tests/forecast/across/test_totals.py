"""The shortcut to totals against units one by one, where regions have candidates of their own; units put together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from runoff.data.votes.averaging import left_of_effects
from runoff.model.pools import Factors, Model
from runoff.simulate.directions import ENOUGH
from tests.builders import Group, model
from tests.summed_against_direct import compare, random_race, served

SIGMAS = 4.5  # false alarm rate 7e-6 for each comparison


def thirty_regions() -> Model:
    """Two candidates of each of thirty regions, and regions 0.3 apart."""
    rng = np.random.default_rng(11)
    regions = [f"region {r}" for r in range(30)]
    sizes = rng.lognormal(8.0, 0.7, 30)
    groups = [
        Group("Ada", np.rint(0.5 * sizes).astype(int).tolist(), (1.5, 0.4), (3.0, 0.4), "L", "finalist"),
        Group("Bo", np.rint(0.5 * sizes).astype(int).tolist(), (1.5, 0.4), (-2.98, 0.4), "R", "finalist"),
    ]
    for r in range(30):
        for side, middle in (("left", 0.8), ("right", -0.75)):
            people = np.zeros(30, int)
            people[r] = int(sizes[r] * rng.uniform(0.3, 0.9))
            groups.append(Group(f"{side} of {r}", people.tolist(), (1.0, 0.4), (middle + 0.01 * r, 0.4), side))
    return model(groups, parts=(0.4, 0.4, 0.2), regions=regions, region=0.3)


def test_candidates_of_one_region_keep_every_direction() -> None:
    """Four directions would leave out half of the covariance; with all of them totals agree with drawing each unit."""
    of = thirty_regions()
    shortcut = served(of)
    assert shortcut is not None
    assert shortcut.inputs.local_load.shape[2] > 4
    assert shortcut.left_out <= ENOUGH
    value, name = compare(of, shortcut, 1_000_000, 1).worst
    assert value < SIGMAS, name


@pytest.mark.parametrize("race", [9, 25, 27, 42, 44, 50, 53, 54])
def test_random_races_agree(race: int) -> None:
    """Where the shortcut serves a random race, nine quantities are within its bounds and 4.5 standard errors."""
    of = random_race(np.random.default_rng([77, race]))
    shortcut = served(of)
    assert shortcut is not None  # of 120 races that seed 77 gives, 21 are served: these are among them
    assert shortcut.left_out <= ENOUGH
    value, name = compare(of, shortcut, 200_000, race).worst
    assert value < SIGMAS, name


def test_what_is_left_of_effects_is_the_variance_of_their_mean() -> None:
    """Effects of units and regions averaged by people have so much of their variance, by simulation of two groups."""
    rng = np.random.default_rng(4)
    people, region = np.array([100, 300, 50, 900, 5]), np.array([0, 0, 1, 1, 2])
    group = np.array([0, 0, 0, 1, 1])
    unit_effect, region_effect = rng.standard_normal((200_000, 5)), rng.standard_normal((200_000, 3))
    got = left_of_effects(people, region, group)
    for g in (0, 1):
        here = group == g
        weights = people[here] / people[here].sum()
        means = (unit_effect[:, here] @ weights, region_effect[:, region[here]] @ weights)
        assert got[g] == pytest.approx([float(mean.var()) for mean in means], rel=0.02)


def test_units_put_together_keep_what_does_not_average_out() -> None:
    """One unit for forty has nearly the margin's sd of the forty, and not that of one unit's effects."""
    from runoff.simulate.driver import draw, whole
    from runoff.simulate.inputs import to_inputs

    rng = np.random.default_rng(6)
    sizes = rng.lognormal(7.0, 0.6, 40)
    each = [np.rint(part * sizes).astype(int) for part in (0.4, 0.4, 0.2)]
    names = [("Ada", "finalist", 3.0), ("Bo", "finalist", -3.0), ("Cy", "eliminated", 0.0)]
    groups = [
        Group(name, people.tolist(), (1.5, 0.01), (middle, 0.01), name, kind)
        for (name, kind, middle), people in zip(names, each, strict=True)
    ]
    many = model(groups, unit=0.5)
    one = model([replace(g, people=[sum(g.people)]) for g in groups], unit=0.5)
    left = left_of_effects(many.people.sum(axis=1), np.arange(40), np.zeros(40, int))
    scaled = replace(one, first_round=replace(one.first_round, averaged=left))

    def sd(of: Model) -> float:
        drawn = draw(to_inputs(of, 1), 100_000, threads=2, units=False, detail_trials=0)
        first, second = (whole(part) for part in drawn.tallies.margin)
        return float(np.sqrt(second / 100_000 - (first / 100_000) ** 2))

    assert sd(scaled) == pytest.approx(sd(many), rel=0.05)
    assert sd(one) > 4.0 * sd(many)
    assert one.turnout == Factors((0.0, 0.0, 1.0), 0.0, 0.5)
