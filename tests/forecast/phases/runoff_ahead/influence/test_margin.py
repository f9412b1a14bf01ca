from __future__ import annotations

import numpy as np
import pytest

from runoff.kernels.arrays import Inputs
from runoff.model import posterior
from runoff.model.electorate import electorate, expected_votes
from runoff.model.evidence import evidence_as_of
from runoff.model.pools import build
from runoff.phases.runoff_ahead.fit import arrays
from runoff.phases.runoff_ahead.influence.margin import Margin, margins
from runoff.simulate.inputs import to_inputs
from tests.builders import three_way, two_way
from tests.drawn import settled
from tests.forecast import example


def _inputs() -> list[Inputs]:
    """Two finalists, three, and two after polls."""
    case = example.loaded(strange=True)
    observed = arrays(build(case), settled(case, seed=1)).detail
    assert observed.direction.shape[0] > 0
    return [to_inputs(two_way(), 1), to_inputs(three_way(), 1), observed]


def test_it_is_the_margin_of_the_expected_votes() -> None:
    """At any point that of `electorate`'s votes, written apart, to 1e-12."""
    for inputs in _inputs():
        margin, pools = Margin.of(inputs), electorate(inputs)
        xi = np.random.default_rng(1).standard_normal((20, pools.n_factors))
        z = margin.mean + margin.whitened(xi)
        votes = expected_votes(pools, pools.people, z)
        assert margin.at(xi) == pytest.approx(margins(list(votes.T)), abs=1e-12)


def test_its_slopes_are_those_of_small_steps() -> None:
    """Over the normals and over the log-odds, to 1e-7."""
    for inputs in _inputs():
        margin = Margin.of(inputs)
        xi = np.random.default_rng(2).standard_normal((5, margin.loads.shape[1]))
        step = 1e-5
        by_steps = [(margin.at(xi + step * e) - margin.at(xi - step * e)) / (2 * step) for e in np.eye(xi.shape[1])]
        assert margin.slopes(xi) == pytest.approx(np.stack(by_steps, axis=1), abs=1e-7)


def test_whitened_normals_have_the_posteriors_law() -> None:
    """Their root squared is the factors' covariance, whose inverse is 1 and what was learnt; `posterior.draw` agrees.

    The kernel's arrays are float32: to 1e-5.
    """
    margin = Margin.of(_inputs()[2])
    identity = np.eye(margin.loads.shape[1])
    root = margin.whitened(identity)
    assert np.linalg.inv(root @ root) == pytest.approx(identity + margin.learnt.T @ margin.learnt, abs=1e-5)
    model = build(example.loaded(strange=True))
    evidence = evidence_as_of(model, model.race.as_of)
    found = posterior.update(electorate(to_inputs(model, 1)), evidence.observations, evidence.covariance)
    xi = np.random.default_rng(3).standard_normal((4, margin.loads.shape[1]))
    first = len(found.mean)  # behind these stand the factors of units, which no poll sees
    assert posterior.draw(found, xi[:, :first]) == pytest.approx(
        (margin.mean + margin.whitened(xi))[:, :first], abs=1e-5
    )
