"""Rates for pairings that nobody wrote down, and the runoff drawn with them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from runoff.kernels.philox import GROUP
from runoff.phases.first_round_open.pairings import pairing_model, runoff_votes, said_for
from runoff.runfile.sections.rates import RateSpec
from runoff.simulate.inputs import to_inputs
from tests import builders, naive, night

BLOC = {"Ada": "L", "Ed": "L", "Bo": "R", "Cy": "R", "Di": "R"}


@pytest.mark.parametrize(
    ("to", "pair", "exact", "expected"),
    [
        ("Bo", ("Ada", "Bo"), False, "Bo"),
        ("Bo", ("Ada", "Cy"), False, "Cy"),
        ("Bo", ("Ada", "Cy"), True, None),
        ("Bo", ("Ada", "Bo"), True, "Bo"),
        ("Bo", ("Bo", "Cy"), False, None),
        ("Bo", ("Ada", "Ed"), False, None),
    ],
)
def test_a_rate_goes_with_the_bloc(to: str, pair: tuple[str, str], exact: bool, expected: str | None) -> None:
    """Said of one of a bloc, a rate holds for whoever of it advances, against another bloc, or not at all."""
    found = said_for(RateSpec(low=0.7, high=0.9, to=to), pair, BLOC, exact=exact)
    assert (found.to if found is not None else None) == expected


def test_each_pool_of_a_pairing_has_its_rate(tmp_path: Path) -> None:
    """Own voters stay; R's rate moves to Cy; Di's own entry names Bo and is silent; Ed takes the wide default."""
    model = pairing_model(night.loaded(tmp_path), ("Ada", "Cy"))
    said = {pool.name: (pool.preference.said, pool.preference.origin) for pool in model.pools}
    assert said["Ada"] == ("Ada 0.9 to 0.98 (80 %)", "own")
    assert said["Cy"] == ("Cy 0.9 to 0.98 (80 %)", "own")
    assert said["Bo"] == said["Di"] == ("Cy 0.7 to 0.9 (80 %)", "bloc")
    assert said["Ed"][1] == "default"
    assert said["did not vote in the first round"] == ("Ada 0.4 to 0.6 (80 %)", "pool")
    expected = pairing_model(night.loaded(tmp_path), ("Ada", "Bo"))
    assert {p.name: p.preference.said for p in expected.pools}["Di"] == "Bo 0.6 to 0.8 (80 %)"


def test_two_of_a_bloc_split_its_voters_openly(tmp_path: Path) -> None:
    """Where both finalists are R, nobody said how R's voters choose: the open default, marked as such."""
    model = pairing_model(night.loaded(tmp_path), ("Bo", "Cy"))
    di = next(pool for pool in model.pools if pool.name == "Di")
    assert di.preference.origin == "default"
    assert di.preference.location == pytest.approx((0.0,))


def test_the_runoff_is_the_twins_but_for_counting_noise() -> None:
    """With the same streams, mean votes given the rates are those of the slow twin, to a millionth."""
    model = builders.two_way()
    inputs = to_inputs(model, 5)
    turnout, preference = naive.rates(inputs, 2)
    share = naive.transfer(turnout, preference)
    people = np.tile(model.people, (2 * GROUP, 1))
    expected = np.einsum("j,tjk->tk", model.people[0], share)

    def quiet(keys: list[np.uint64]) -> np.ndarray:
        noise = any(int(key) >> 56 == 24 for key in keys)
        return np.stack([0.0 * naive.normals(5, int(k), 2) if noise else naive.normals(5, int(k), 2) for k in keys])

    assert np.abs(runoff_votes(model, people, quiet) - expected).max() < 0.6  # rounded to whole votes


def test_counting_noise_has_the_exact_covariance() -> None:
    """With known rates, votes have the multinomials' mean and covariance; 5 sigmas."""
    model = builders.model(
        [
            builders.Group("Ada", [3_000], (1.0, 0.0), (2.0, 0.0), "D", "finalist"),
            builders.Group("Bo", [5_000], (0.5, 0.0), (-1.0, 0.0), "R", "finalist"),
        ]
    )
    groups = 200
    people = np.tile(model.people, (groups * GROUP, 1))
    votes = runoff_votes(model, people, lambda keys: np.stack([naive.normals(3, int(k), groups) for k in keys]))
    turnout, first = (1 / (1 + np.exp(-np.array(x))) for x in ([1.0, 0.5], [2.0, -1.0]))
    share = np.stack([turnout * first, turnout * (1 - first)], axis=1)
    n = model.people[0]
    covariance = np.einsum("j,jk,kl->kl", n, share, np.eye(2)) - np.einsum("j,jk,jl->kl", n, share, share)
    trials = len(votes)
    assert (np.abs(votes.mean(axis=0) - n @ share) < 5 * np.sqrt(np.diag(covariance) / trials)).all()
    error = np.sqrt((np.outer(np.diag(covariance), np.diag(covariance)) + covariance**2) / trials)
    assert (np.abs(np.cov(votes.T) - covariance) < 5 * error + 0.2).all()
