"""Polls of seats: closed forms where seats are linear in the shocks, quadrature where they are not."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from scipy import special, stats

from runoff.model.chamber.seats import Said, listened, said_of
from runoff.model.chamber.shared import NAMES, Learned
from runoff.race import FloatArray
from runoff.runfile.sections.chamber import SeatPoll

RNG = np.random.default_rng(8)
MANY = len(NAMES)


def _normals(believed: Learned) -> FloatArray:
    return believed.mean + np.random.default_rng(1).standard_normal((4_096, MANY)) @ believed.root.T


def test_seats_that_are_linear_have_a_closed_form() -> None:
    """Two blocs, linear in the shocks with luck of their own: mean and covariance are those of a normal's update."""
    slope, luck = 20.0 * RNG.normal(size=(MANY, 2)) / np.sqrt(MANY), np.array([5.0, 8.0])
    root = np.tril(0.1 * RNG.normal(size=(MANY, MANY))) + np.eye(MANY)
    before = Learned(0.3 * RNG.normal(size=MANY), root)
    said = Said(("a", "b"), (1, 1), np.array([130.0, 80.0]), np.array([9.0, 16.0]))

    def tried(believed: Learned) -> tuple[FloatArray, FloatArray]:
        z = _normals(believed)
        return z, 100.0 + z @ slope + luck * np.random.default_rng(2).standard_normal((len(z), 2))

    found, notes = listened(before, said, tried)
    cov = root @ root.T
    seen = slope.T @ cov @ slope + np.diag(luck**2 + said.error)
    gain = np.linalg.solve(seen, slope.T @ cov).T
    mean = before.mean + gain @ (said.seats - 100.0 - before.mean @ slope)
    left = cov - gain @ slope.T @ cov
    np.testing.assert_allclose(found.mean @ slope, mean @ slope, atol=1.0)
    np.testing.assert_allclose(slope.T @ found.root @ found.root.T @ slope, slope.T @ left @ slope, rtol=0.12, atol=1.5)
    assert [note.split(":")[0] for note in notes] == ["seats of a", "seats of b"]


@pytest.mark.parametrize("seats", [240.0, 330.0, 390.0])
def test_districts_that_flip_agree_with_quadrature(seats: float) -> None:
    """500 duels on one shock, far from even in what they have of their own: the shock's mean and sd by quadrature."""
    middle, own = RNG.normal(0.0, 0.15, 500), 0.05
    load = 0.06

    def expected(z: FloatArray) -> FloatArray:
        return special.ndtr((middle + load * z[:, None]) / own)

    def tried(believed: Learned) -> tuple[FloatArray, FloatArray]:
        z = _normals(believed)
        draw = np.random.default_rng(2).random((len(z), 500))
        return z, (draw < expected(z[:, 0])).sum(axis=1)[:, None].astype(float)

    said = Said(("a",), (1,), np.array([seats]), np.array([30.0**2]))
    found, _ = listened(Learned.nothing(), said, tried)
    grid = np.linspace(-6, 6, 2_001)
    p = expected(grid)
    spread = np.sqrt(30.0**2 + (p * (1.0 - p)).sum(axis=1))
    weight = stats.norm.pdf(grid) * stats.norm.pdf((seats - p.sum(axis=1)) / spread) / spread
    weight /= weight.sum()
    mean = float(weight @ grid)
    sd = float(np.sqrt(weight @ (grid - mean) ** 2))
    assert found.mean[0] == pytest.approx(mean, abs=0.1)
    assert np.sqrt((found.root @ found.root.T)[0, 0]) == pytest.approx(sd, rel=0.1)
    assert np.abs(found.mean[1:]).max() < 0.1


def test_polls_of_one_bloc_are_one() -> None:
    """Middles are averaged; what all share is largest for half of the chamber; half of a range is a poll's own sd."""

    def poll(of: str, low: int, high: int) -> SeatPoll:
        return SeatPoll(field_end=dt.date(2024, 7, 4), of=of, low=low, high=high)

    found = said_of([poll("a", 280, 300), poll("b", 10, 14), poll("a", 276, 296)], 0.1, 576)
    assert (found.names, found.polls) == (("a", "b"), (2, 1))
    np.testing.assert_allclose(found.seats, [288.0, 12.0])
    part = 12.0 / 576
    np.testing.assert_allclose(found.error, [57.6**2 + 10.0**2 / 2, 57.6**2 * 4 * part * (1 - part) + 2.0**2])
    nobody = said_of([poll("a", 0, 0), poll("b", 576, 576)], 0.1, 576)
    assert (nobody.error > 10.0).all()
