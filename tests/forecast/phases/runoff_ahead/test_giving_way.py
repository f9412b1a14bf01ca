from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from runoff.model.electorate import electorate, log_ratio_gradients, log_ratios
from runoff.model.evidence import evidence_as_of
from runoff.model.pools import Model, build
from runoff.phases.runoff_ahead.giving_way import FREEDOM, given_way
from runoff.race import Pool
from runoff.runfile.load import load
from runoff.simulate.inputs import to_inputs

RUN = """[race]
id = "made"
name = "A made race"
first_round = 2022-06-12
runoff = 2022-06-19
as_of = 2022-06-18
[results]
table = "first.csv"
[prior]
source = "archive"
level = "national"
[evidence]
polls = "polls.csv"
"""
TABLE = "unit,candidate,party,votes\na,Ann,left,40000\na,Bo,right,35000\na,Cy,left,25000\n"


def _model(tmp_path: Path, ann: float, more: str = "") -> Model:
    rows = [f"P{i},2022-06-{14 + i},2000,{ann:g},{100 - ann:g}" for i in range(4)]
    (tmp_path / "polls.csv").write_text("pollster,end,sample_size,Ann,Bo\n" + "\n".join(rows) + "\n")
    (tmp_path / "first.csv").write_text(TABLE)
    (tmp_path / "run.toml").write_text(RUN + more)
    return build(load(tmp_path / "run.toml"))


def _widths(model: Model) -> list[float]:
    return [pool.preference.scale[0][0] for pool in model.pools]


def test_near_polls_leave_past_races_as_they_are(tmp_path: Path) -> None:
    """Polls within a standard deviation of what past races say: the same model, and no note."""
    model = _model(tmp_path, 56)
    found, note = given_way(model, evidence_as_of(model, model.race.as_of), 0)
    assert found is model
    assert note == ""


def test_far_polls_widen_them_by_the_t_distributions_weight(tmp_path: Path) -> None:
    """Spreads grow by the root of (4 + r^2) / 5, r worked out by hand from prior and polls; the note says both."""
    model = _model(tmp_path, 18)
    evidence = evidence_as_of(model, model.race.as_of)
    pools = electorate(to_inputs(model, 0))
    observed, zero = evidence.observations[0], np.zeros(pools.n_factors)
    prior = float(log_ratios(pools, observed.people, zero[None, :])[0, 0])
    variance = float((log_ratio_gradients(pools, observed.people, zero)[0] ** 2).sum() + evidence.covariance[0, 0])
    away = (observed.value - prior) ** 2 / variance
    found, note = given_way(model, evidence, 0)
    wider = math.sqrt((FREEDOM + away) / (FREEDOM + 1.0))
    assert wider > 1.5
    np.testing.assert_allclose(np.array(_widths(found)) / np.array(_widths(model)), wider, rtol=1e-3)
    assert f"{math.sqrt(away):.1f} standard deviations" in note


def test_what_somebody_said_gives_no_way(tmp_path: Path) -> None:
    """A rate of the run file keeps its spread however far the polls are; without the archive nothing moves."""
    said = '[rates.candidates.Cy]\npreference = { to = "Ann", low = 0.7, high = 0.9 }\n'
    model = _model(tmp_path, 18, said)
    found, _ = given_way(model, evidence_as_of(model, model.race.as_of), 0)
    assert found.pools[2].preference == model.pools[2].preference
    assert found.pools[0].preference.scale[0][0] > model.pools[0].preference.scale[0][0]
    none = replace(model, pools=tuple(_said(pool) for pool in model.pools))
    assert given_way(none, evidence_as_of(none, none.race.as_of), 0)[0] is none


def _said(pool: Pool) -> Pool:
    turnout, preference = (replace(rate, origin="pool") for rate in (pool.turnout, pool.preference))
    return replace(pool, turnout=turnout, preference=preference)


@pytest.mark.parametrize("ann", [18.0, 82.0])
def test_a_later_day_is_not_heard(tmp_path: Path, ann: float) -> None:
    """Before the first poll is out nothing gives way."""
    model = _model(tmp_path, ann)
    early = replace(model, race=replace(model.race, as_of=dt.date(2022, 6, 13)))
    assert given_way(early, evidence_as_of(early, early.race.as_of), 0) == (early, "")
