from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from runoff.estimate.indices.sobol import indices
from runoff.model.pools import Model, build
from runoff.phases.runoff_ahead.fit import arrays
from runoff.phases.runoff_ahead.influence import factors
from runoff.phases.runoff_ahead.influence.margin import Margin
from runoff.race import Row
from runoff.runfile.load import load
from runoff.simulate.driver import draw
from runoff.simulate.inputs import to_inputs
from tests.builders import Group, joined, model, split_way, three_way, two_way
from tests.drawn import settled
from tests.forecast import example
from tests.installed import ROOT


def _rows(of: Model, trials: int = 20_000) -> list[Row]:
    inputs = to_inputs(of, 1)
    return factors.factor_rows(of, Margin.of(inputs), draw(inputs, trials, threads=1))


@pytest.mark.parametrize("of", [two_way(), three_way(), split_way(), joined(three_way())])
def test_shares_add_up_to_one(of: Model) -> None:
    """Both columns, the rest's row included; no index is above 1 or below nought, and the first at most the total."""
    rows = _rows(of)
    for name in ("share", "shapley"):
        assert sum(float(str(row[name])) for row in rows) == pytest.approx(1.0, abs=1e-9)
    assert all(0.0 <= float(str(row["first_order"])) <= float(str(row["total"])) <= 1.0 for row in rows)
    assert (rows[-1]["level"], rows[-1]["name"]) == ("rest", "")
    assert {row["basis"] for row in rows} == {"factors"}


def test_each_factor_of_the_arrays_is_named_once() -> None:
    """Their places are those of the loads: a factor's column moves just the pools that its name says."""
    for of in (two_way(), three_way(), joined(two_way()), joined(three_way())):
        known, loads = factors.factors(of), Margin.of(to_inputs(of, 1)).loads
        pools = len(of.pools)
        assert len({place for factor in known for place in factor.places}) == sum(len(f.places) for f in known)
        for factor in known:
            rows = np.flatnonzero(np.abs(loads[:, list(factor.places)]).sum(axis=1))
            ratios = len(of.finalists) - 1
            own = [int(row) if row < pools else (int(row) - pools) // ratios for row in rows]
            assert all((row < pools) == (factor.rate == "turnout") for row in rows if factor.rate)
            said = {
                "shared": lambda pool: True,
                "estimate": lambda pool: True,
                "bloc": lambda pool, name=factor.name: pool.bloc == name,
                "pool": lambda pool, name=factor.name: pool.name == name,
            }[factor.level]
            assert set(own) == {j for j, pool in enumerate(of.pools) if said(pool)}


def test_a_race_with_a_closed_form() -> None:
    """Two equal pools who all come, each splitting by one factor of its own: half each, within 0.01, also alone.

    The margin is the mean of two functions of one normal each: first order and total are one half, nothing is together.
    """
    groups = [Group(name, [500_000], (8.0, 1e-6), (0.1, 0.3), "I") for name in ("Cy", "Di")]
    rows = _rows(model(groups, parts=(0.0, 0.0, 1.0)))
    mine = {row["name"]: row for row in rows if row["rate"] == "preference" and row["level"] == "pool"}
    for name in ("Cy", "Di"):
        for column in ("first_order", "total", "share", "shapley"):
            assert mine[name][column] == pytest.approx(0.5, abs=0.01)


def test_units_are_the_rest() -> None:
    """What units have of their own is in the last row: with nothing else random nearly all is."""
    groups = [Group(name, [5_000] * 4, (1.0, 0.01), (0.1, 0.01), "I") for name in ("Cy", "Di")]
    rows = _rows(model(groups, parts=(0.0, 0.0, 1.0), unit=0.3))
    assert float(str(rows[-1]["share"])) > 0.9


@pytest.mark.parametrize("name", ["april", "eve"])
def test_points_are_enough_for_a_real_race(name: str) -> None:
    """The few points of a run against 30,000 others: all indices within 0.01 (standard errors up to 0.003)."""
    case = load(Path(ROOT / "configs" / "ga06-2017" / f"{name}.toml"))
    of = build(case)
    margin = Margin.of(arrays(of, settled(case, seed=1)).detail)
    found = factors.found(of, margin).indices
    rng = np.random.default_rng(11)
    width = margin.loads.shape[1]
    points = rng.standard_normal((30_000, width)), rng.standard_normal((30_000, width))
    many = indices(margin.at, margin.slopes, [factor.places for factor in factors.factors(of)], points)
    assert found.first == pytest.approx(many.first, abs=0.01)
    assert found.total == pytest.approx(many.total, abs=0.01)


def test_with_evidence_it_is_said_and_effects_are_of_factors() -> None:
    """Polls make factors depend: the basis says so, and Shapley effects differ from the directions' shares."""
    case = example.loaded(strange=True)
    of = build(case)
    inputs = arrays(of, settled(case, seed=1)).detail
    rows = factors.factor_rows(of, Margin.of(inputs), draw(inputs, 20_000, threads=1))
    assert {row["basis"] for row in rows} == {"directions"}
    assert sum(float(str(row["shapley"])) for row in rows) == pytest.approx(1.0, abs=1e-9)
    assert max(abs(float(str(row["shapley"])) - float(str(row["share"]))) for row in rows) > 0.005
