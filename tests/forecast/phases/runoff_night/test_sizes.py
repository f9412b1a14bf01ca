"""Sizes of three finalists and more: each pair as a race of the two, all alike, a third without votes nobody."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from runoff.model.pools import Model, build
from runoff.phases.runoff_night.model.base import Base
from runoff.phases.runoff_night.model.design import Prepared
from runoff.phases.runoff_night.sizes import mean_lean, pairs, sides, sizes, together
from runoff.runfile.load import Case, load
from runoff.runfile.sections.observed import NightSection
from tests import runoff_night as night
from tests import three_finalists as three

SAID = NightSection()


def _base(loaded: Case) -> tuple[Model, Base, Prepared]:
    model = build(loaded)
    prepared = night.prepared(loaded, night.nothing(loaded, ("",)))
    return model, Base(model, prepared.model.pools, None, ("",), prepared.model.region), prepared


def test_a_pair_moves_by_one_and_leaves_the_thirds_part_alone(tmp_path: Path) -> None:
    """Log-odds between the two move by 1; their votes together, as the first round has them, do not move."""
    model, base, _ = _base(three.of_folder(tmp_path, by_mode=False))
    for pair in pairs(model, base, SAID):
        load, (i, k) = np.append(pair.load, 0.0), pair.at
        third = ({0, 1, 2} - {i, k}).pop()
        assert load[i] - load[k] == pytest.approx(1.0)
        moved = load - load[third]
        assert base.weight[i] * moved[i] + base.weight[k] * moved[k] == pytest.approx(0.0, abs=1e-12)


def test_one_mean_slope_is_that_slope_times_x(tmp_path: Path) -> None:
    """Where all pairs have the same slope, each log-ratio has it on its own lean, less the race's."""
    model, base, _ = _base(three.of_folder(tmp_path, by_mode=False))
    of = pairs(model, base, NightSection(slope=0.4))
    assert mean_lean(base, of) == pytest.approx(0.4 * base.centred_lean(base.x), abs=1e-12)


def test_sizes_are_means_of_the_pairs_by_what_may_change_hands(tmp_path: Path) -> None:
    """Ada and Bo of two blocs, Cy of Bo's: the unit's spread is the root of the parts' mean of squares; by hand."""
    three.folder(tmp_path, by_mode=False)
    table = tmp_path / "first.csv"
    table.write_text(table.read_text("utf-8").replace(",Cy,C,", ",Cy,R,"), "utf-8")
    model, base, _ = _base(load(tmp_path / "night.toml"))
    found, weight = pairs(model, base, SAID), base.weight
    assert [pair.size.unit for pair in found] == [0.15, 0.15, 0.25]
    parts = np.array([weight[i] * weight[k] for i, k in itertools.combinations(range(3), 2)])
    wanted = np.sqrt(parts / parts.sum() @ np.square([0.15, 0.15, 0.25]))
    assert together(found).unit == pytest.approx(wanted)


def test_own_effects_give_any_two_what_two_have() -> None:
    """The variance of any log-ratio of two finalists is 1, as where there are two."""
    load = np.stack([of for _, of in sides(("a", "b", "c", "d"))], axis=1)  # [Q, K]
    every = np.concatenate([load, np.zeros((1, 4))])
    for i, k in itertools.combinations(range(4), 2):
        assert ((every[i] - every[k]) ** 2).sum() == pytest.approx(1.0)
    assert sides(("a", "b")) == [("", np.ones(1))]


def test_units_spread_is_the_same_whoever_is_last(tmp_path: Path) -> None:
    """Prior variances of each unit's log-ratio of any two finalists, common effects and own, in two orders."""
    loaded = three.of_folder(tmp_path, by_mode=False)
    found = []
    for order in ([0, 1, 2], [2, 0, 1]):
        model = _base(replace(loaded, finalists=tuple(loaded.finalists[k] for k in order)))[2].model
        own = slice(model.pools.n_factors, None)
        loads = model.lean_effect[:, :, own]
        whole = np.einsum("quc,ruc->uqr", loads, loads) + model.own_load @ model.own_load.transpose(0, 2, 1)
        wide = np.zeros((len(whole), 3, 3))
        wide[:, :2, :2] = whole
        at = [order.index(k) for k in range(3)]
        found.append([wide[:, at[i], at[i]] + wide[:, at[k], at[k]] - 2.0 * wide[:, at[i], at[k]]
                      for i, k in itertools.combinations(range(3), 2)])  # fmt: skip
    assert np.array(found[0]) == pytest.approx(np.array(found[1]), rel=2e-3)


def test_two_finalists_are_one_pair_with_the_races_sizes(tmp_path: Path) -> None:
    """Its size is the kind's, its lean the log-odds of the first round, its load and part 1."""
    model, base, _ = _base(night.of_folder(tmp_path, by_mode=False))
    (pair,) = pairs(model, base, SAID)
    assert pair.size == sizes("different", SAID) == together([pair])
    assert (pair.lean == base.x[0]).all()
    assert (pair.load.tolist(), pair.part, pair.name) == ([1.0], 1.0, "")
