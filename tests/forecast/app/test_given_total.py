"""Units before the runoff, the race's total given, beside trials that are drawn without it and weighed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from runoff.app.given_total import KNOWN, units_given_total
from runoff.model.electorate import electorate, expected_votes, log_ratios
from runoff.model.pools import Model, build
from runoff.runfile.load import load
from runoff.simulate.inputs import to_inputs
from runoff.simulate.places.arrays import with_places
from tests import naive
from tests import runoff_night as night
from tests.builders import three_way

GROUPS = 160  # of 1,024 trials of the twin


@pytest.fixture(scope="module")
def of_two(tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The small night's race with two finalists, before any of it is counted."""
    return build(load(night.folder(tmp_path_factory.mktemp("race"), by_mode=False)))


def _weighed(model: Model, total: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """Mean and sd of the first finalist's share by unit, of the slow twin's trials, and how many these are worth."""
    inputs = with_places(to_inputs(model, 5), model)
    pools = electorate(inputs)
    factors = [naive.normals(5, stream, GROUPS) for stream in inputs.factor_stream]
    z = np.stack(factors, axis=1)[:, : pools.n_factors].astype(np.float64)
    away = log_ratios(pools, model.people.sum(axis=0).astype(float), z) - np.log(total[:-1] / total[-1])
    error = KNOWN**2 * (np.eye(1) if len(total) == 2 else 0.5 * (np.eye(len(total) - 1) + 1.0))
    weight = np.exp(-0.5 * (away * np.linalg.solve(error, away.T).T).sum(axis=1))
    votes = naive.votes(inputs, GROUPS).astype(float)
    share = votes[:, :, 0] / votes.sum(axis=2)
    mean = np.average(share, axis=0, weights=weight)
    sd = np.sqrt(np.average((share - mean) ** 2, axis=0, weights=weight))
    return mean, sd, float(weight.sum() ** 2 / (weight**2).sum())


@pytest.mark.parametrize("finalists", [2, 3])
def test_units_are_those_of_weighed_trials(finalists: int, of_two: Model) -> None:
    """Means and spreads by unit are those of the slow twin's trials, each weighed by how near its split is to the one
    given; within five standard errors of the twin.
    """
    model = of_two if finalists == 2 else replace(three_way(), places=of_two.places)
    pools = electorate(with_places(to_inputs(model, 5), model))
    likely = expected_votes(pools, model.people.sum(axis=0).astype(float), np.zeros((1, pools.n_factors)))[0]
    total = (likely * [1.05, *[1.0] * (finalists - 1)]).astype(np.int64)
    found = units_given_total(model, total, trials=65_536, seed=1, threads=1)
    mean, sd, worth = _weighed(model, total)
    assert worth > 400
    assert np.abs(found.mean - mean).max() < 5.0 * sd.max() / np.sqrt(worth)
    assert np.abs(found.sd / sd - 1.0).max() < 5.0 / np.sqrt(2.0 * worth)


def test_the_total_moves_the_units(of_two: Model) -> None:
    """Four points more for the first finalist in the race are three to five more in its units, by people."""
    people = of_two.people.sum(axis=1)
    low, high = (
        np.average(units_given_total(of_two, np.array(total), trials=8_192, seed=1, threads=1).mean, weights=people)
        for total in ([50_000, 50_000], [54_000, 46_000])
    )
    assert 0.03 < high - low < 0.05


def test_a_total_far_from_the_rates_is_noted(of_two: Model) -> None:
    """A total that the rates cannot mean is named with its distance; few effective trials are told by their number, and
    nothing is said where there are enough.
    """
    far = units_given_total(of_two, np.array([99_000, 1_000]), trials=256, seed=1, threads=1).notes
    assert "disagree by" in far[0]
    assert "256 trials are worth" in far[1]
    assert units_given_total(of_two, np.array([52_000, 48_000]), trials=1_024, seed=1, threads=1).notes == ()
