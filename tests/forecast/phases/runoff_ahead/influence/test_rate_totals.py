from __future__ import annotations

import numpy as np
import pytest

from runoff.phases.runoff_ahead.influence import factors
from runoff.phases.runoff_ahead.influence.margin import Margin
from runoff.phases.runoff_ahead.influence.rate_totals import members, rate_totals
from runoff.simulate.inputs import to_inputs
from tests.builders import Group, model, three_way

GROUPS = [Group(name, [500_000], (0.5, 0.2), (0.1, 0.3), "I") for name in ("Cy", "Di")]


def test_a_rate_of_its_own_has_its_factors_total() -> None:
    """Where no factor is shared a rate's total index is that of its factor, within 0.01."""
    of = model(GROUPS, parts=(0.0, 0.0, 1.0))
    margin = Margin.of(to_inputs(of, 1))
    found = factors.found(of, margin)
    by_factor = {(f.rate, f.name): k for k, f in enumerate(found.factors) if f.level == "pool"}
    totals = rate_totals(of, margin) / found.indices.variance
    for row, pool in enumerate(of.pools):
        for kind, rate in enumerate(("turnout", "preference")):
            exact = found.indices.total[by_factor[rate, pool.name]]
            assert totals[row, kind] == pytest.approx(exact, abs=0.01)


def test_what_others_tell_is_no_part_of_it() -> None:
    """Two preferences with correlation r: a linear margin's total index of each is (1 - r^2) of its variance.

    Log-odds have small spreads, so that all is linear: to a part in a hundred.
    """
    groups = [Group(g.name, g.people, (8.0, 1e-6), (0.0, 0.02), "I") for g in GROUPS]
    of = model(groups, parts=(0.6, 0.0, 0.4))
    margin = Margin.of(to_inputs(of, 1))
    slope = 0.5 * 0.5  # of the margin over one pool's log-odds: half the people, twice the slope of a share at one half
    exact = slope**2 * 0.02**2 * (1.0 - 0.6**2)
    assert rate_totals(of, margin)[:2, 1] == pytest.approx([exact, exact], rel=0.01)


def test_rates_that_are_one_have_nothing_of_their_own() -> None:
    """Everything shared: given the other pool's rate nothing is left of a pool's; of the bloc's together all is."""
    of = model(GROUPS, parts=(1.0, 0.0, 0.0))
    margin = Margin.of(to_inputs(of, 1))
    totals = rate_totals(of, margin) / factors.found(of, margin).indices.variance
    assert members(of)[2] == [0, 1]
    assert totals[:2] == pytest.approx(np.zeros((2, 2)), abs=1e-4)
    assert totals[2, 1] > 0.9


def test_three_finalists_have_them_too() -> None:
    """Of all log-ratios of a pool together: the first finalist's large pool has far more than a small one."""
    of = three_way()
    totals = rate_totals(of, Margin.of(to_inputs(of, 1)))
    names = [pool.name for pool in of.pools]
    assert totals[names.index("Ada"), 1] > 10.0 * totals[names.index("Ed"), 1] > 0.0
