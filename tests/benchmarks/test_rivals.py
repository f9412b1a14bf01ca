"""Every rival that is installed does the whole job: held against exact multinomials and against ours."""

from __future__ import annotations

import importlib
import math
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from benchmarks import ours
from benchmarks.answers import disagreements
from benchmarks.counts import Counts
from benchmarks.problem import Problem, from_model, problem
from benchmarks.processes import spread
from benchmarks.rounds import Contestant, row_of
from runoff.kernels.arrays import Inputs
from runoff.model.pools import Model, build
from runoff.runfile.load import load
from tests import documents

CONFIGS = documents.CONFIGS
APRIL, PRECINCTS = CONFIGS / "april.toml", CONFIGS / "precincts.toml"
FAST: dict[str, Any] = {"dtype": "float32", "normals": "box-muller"}
ONE_UNIT = [
    ("numpy_one_unit", {}),
    ("numpy_one_unit", FAST),
    ("numpy_units", {}),
    ("numba_idiomatic", {}),
    ("jax_rival", {}),
    ("torch_rival", {}),
    ("numpyro_rival", {}),
]
MANY_UNITS = [("numpy_units", {}), ("numpy_units", FAST), ("numba_idiomatic", {})]


def _rival(name: str) -> ModuleType:
    try:
        return importlib.import_module(f"benchmarks.rivals.{name}")
    except ImportError as missing:
        pytest.skip(str(missing))


def _certain(about: Problem) -> Problem:
    """The same without factors: the rates are their medians, and count noise alone is left."""
    still = {
        name: replace(rates, load=np.zeros_like(rates.load))
        for name, rates in (("turnout", about.turnout), ("preference", about.preference))
    }
    return replace(about, unit_scale=np.zeros(4), **still)


def _multinomials(about: Problem, trials: int) -> np.ndarray:
    """Margins of exact multinomial votes, pool by pool and unit by unit: the oracle."""
    rng = np.random.default_rng(11)
    turnout, first = (1 / (1 + np.exp(-rates.location)) for rates in (about.turnout, about.preference))
    chances = np.stack([turnout * first, turnout * (1 - first), 1 - turnout], axis=1)
    people = about.people.sum(axis=0).astype(np.int64)  # units have equal rates here
    votes = sum(rng.multinomial(n, chance, size=trials) for n, chance in zip(people, chances, strict=True))
    return np.asarray((votes[:, 0] - votes[:, 1]) / (votes[:, 0] + votes[:, 1]))


def _mean_and_deviation(counts: Counts) -> tuple[float, float]:
    mean = counts.margin_sum / counts.trials
    return mean, math.sqrt(counts.margin_squares / counts.trials - mean * mean)


@pytest.mark.parametrize(("name", "options"), ONE_UNIT)
def test_count_noise_is_the_multinomials(name: str, options: dict[str, Any]) -> None:
    """Without factors the margin has the exact multinomials' mean and deviation; wrong once in 850,000 runs."""
    # a lead near zero and few people: float32 sums of squares then tell a deviation
    about = _certain(problem(APRIL))
    about = replace(about, people=np.ceil(about.people / 40) + 40)
    counts = _rival(name).prepare(about, **options)(60_000)
    exact = _multinomials(about, 60_000)
    mean, deviation = _mean_and_deviation(counts)
    per_trial = 1 / exact.size + 1 / counts.trials
    assert abs(mean - exact.mean()) < 5 * exact.std() * math.sqrt(per_trial)
    assert abs(deviation / exact.std() - 1) < 5 * math.sqrt(per_trial / 2)


@pytest.mark.parametrize(("name", "options"), MANY_UNITS)
def test_count_noise_of_units_is_the_multinomials(name: str, options: dict[str, Any]) -> None:
    """The same where three units are rounded one by one; rounding widens a sum of votes by one part in 1,000."""
    about = _certain(problem(PRECINCTS))
    people = np.ceil(about.people.sum(axis=0) / 120) + 40
    about = replace(about, people=np.stack([people, 2 * people, people]), region=np.array([0, 1, 2]))
    counts = _rival(name).prepare(about, **options)(40_000)
    exact = _multinomials(about, 40_000)
    mean, deviation = _mean_and_deviation(counts)
    per_trial = 1 / exact.size + 1 / counts.trials
    assert abs(mean - exact.mean()) < 5 * exact.std() * math.sqrt(per_trial)
    assert abs(deviation / exact.std() - 1) < 5 * math.sqrt(per_trial / 2)


@pytest.mark.parametrize(
    ("path", "name", "options"),
    [(APRIL, *each) for each in ONE_UNIT] + [(PRECINCTS, *each) for each in MANY_UNITS],
)
def test_rivals_answer_as_ours_does(path: Path, name: str, options: dict[str, Any]) -> None:
    """Wins, recounts, the mean margin and its deviation agree within five standard errors of the difference."""
    trials = 200_000 if path == APRIL else 4_000
    both = [
        Contestant(ours.NAME, "job", ours.prepare(path)),
        Contestant(name, "job", _rival(name).prepare(problem(path), **options)),
    ]
    table = [row_of(contestant, [1.0], [contestant.contest(trials)]) for contestant in both]
    assert disagreements(table, ours.NAME) == []
    per_trial = sum(1 / (2 * row.trials) for row in table)
    assert abs(table[1].margin_sd / table[0].margin_sd - 1) < 5 * math.sqrt(per_trial)


def _unbent_ours(model: Model) -> Inputs:
    """Ours with log-odds that are left as they are, so that slopes and effects show in the race."""
    inputs = ours.arrays(model, ours.DIRECT)
    bend = np.zeros_like(inputs.bend)
    bend[:, 0, 0, 0], bend[:, 1, 0, 0], bend[:, :, 1, 0] = inputs.turnout_location, inputs.preference_location[:, 0], 1
    return inputs._replace(bend=bend, cross=np.zeros_like(inputs.cross))


def _unbent(about: Problem) -> Problem:
    """The same of a rival's problem."""
    assert about.leaning is not None
    q = np.zeros_like(about.leaning.q)
    q[:, :, 0, 0], q[:, :, 1, 0] = (about.turnout.location, about.preference.location), 1
    return replace(about, leaning=replace(about.leaning, q=q, cross=np.zeros_like(about.leaning.cross)))


def _told_apart(inputs: Inputs, about: Problem, options: dict[str, Any]) -> bool:
    """Whether ours and a rival differ by five standard errors in wins, recounts, mean margin or its deviation."""
    contests = ours.contest_of(inputs, 1), _rival("numpy_leaning").prepare(about, **options)
    trials = 40_000, 12_000
    mine, theirs = (
        row_of(Contestant(name, "job", contest), [1.0], [contest(n)])
        for name, contest, n in zip((ours.NAME, "rival"), contests, trials, strict=True)
    )
    per_trial = 1 / (2 * mine.trials) + 1 / (2 * theirs.trials)
    wider = abs(theirs.margin_sd / mine.margin_sd - 1) > 5 * math.sqrt(per_trial)
    return wider or disagreements([mine, theirs], ours.NAME) != []


@pytest.mark.parametrize("options", [{}, FAST])
def test_rivals_answer_as_ours_does_where_units_lean(options: dict[str, Any]) -> None:
    """Wins, recounts, the mean margin and its deviation agree within five standard errors of the difference."""
    model = build(load(PRECINCTS))
    assert not _told_apart(ours.arrays(model, ours.DIRECT), from_model(model), options)


@pytest.mark.parametrize("options", [{}, FAST])
def test_rivals_draw_the_slopes_that_ours_does(options: dict[str, Any]) -> None:
    """Where nothing is bent back wide slopes show in the race: they agree, and a rival that lacks one is told."""
    model = build(load(PRECINCTS))
    wide = replace(model.places, slope=1.0, slope_sd=1.5, spread=1.5, turnout_slope_sd=0.3)
    model = replace(model, places=wide)
    inputs, about = _unbent_ours(model), _unbent(from_model(model))
    assert not _told_apart(inputs, about, options)
    assert about.leaning is not None
    flat = replace(about.leaning, slope=np.zeros((2, 2)))
    assert _told_apart(inputs, replace(about, leaning=flat), options)
    alike = replace(about.leaning, unit=np.zeros_like(about.leaning.unit))
    assert _told_apart(inputs, replace(about, leaning=alike), options)


def test_processes_draw_different_trials() -> None:
    """Two processes draw twice the trials of one, with seeds of their own, and the first as one alone does."""
    about = problem(APRIL)
    alone = [_rival("numpy_one_unit").prepare(about, chunk=1_000, seed=seed)(5_000) for seed in (1, 2)]
    # a process draws one chunk before it is ready
    with spread("numpy_one_unit", about, 2, chunk=1_000) as contest:
        together = contest(10_000)
    assert together.trials == 10_000
    assert alone[0] != alone[1]
    assert abs(together.wins - alone[0].wins - alone[1].wins) < 5 * math.sqrt(2 * 10_000 / 4)
