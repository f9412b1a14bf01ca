"""The race without a poll, a pollster, a group: against the posterior fitted anew without it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import runoff
from runoff import names
from runoff.data.polls.polls import Poll
from runoff.model.electorate import Electorate, electorate, log_ratio_gradients, log_ratios
from runoff.model.evidence import evidence_as_of
from runoff.model.poll_errors import Heard
from runoff.model.pools import Model, build
from runoff.model.posterior import update
from runoff.model.without import LeftOut, left_out
from runoff.simulate.inputs import to_inputs
from tests.installed import ROOT


@cache
def _race() -> tuple[Model, Electorate]:
    """The reference case on the eve: fifteen polls and six crosstabs."""
    model = build(runoff.load(ROOT / "configs" / "ga06-2017" / "eve.toml"))
    return model, electorate(to_inputs(model, 1))


@cache
def _found() -> tuple[Heard, LeftOut]:
    model, pools = _race()
    evidence = evidence_as_of(model, model.race.as_of)
    posterior = update(pools, evidence.observations, evidence.covariance)
    assert evidence.heard is not None
    found = left_out(evidence.heard, pools, posterior.mean)
    assert found is not None
    return evidence.heard, found


def _anew(kept: Callable[[Poll], bool]) -> tuple[float, float]:
    """Mean and sd of the race's log-ratio of a posterior that has never heard of the others."""
    model, pools = _race()
    model = replace(model, polls=tuple(filter(kept, model.polls)), crosstabs=tuple(filter(kept, model.crosstabs)))
    evidence = evidence_as_of(model, model.race.as_of)
    posterior = update(pools, evidence.observations, evidence.covariance)
    slope = log_ratio_gradients(pools, pools.people, posterior.mean)[0]
    narrowed = slope - ((slope @ posterior.basis) * (2.0 * posterior.gain - posterior.gain**2)) @ posterior.basis.T
    mean = float(log_ratios(pools, pools.people, posterior.mean[None, :])[0, 0])
    return mean, float(np.sqrt(slope @ narrowed))


def test_with_everything_it_is_the_posterior() -> None:
    """Mean and sd with all evidence are the posterior's own."""
    _, found = _found()
    assert (found.mean, found.sd) == pytest.approx(_anew(lambda poll: True), abs=1e-9)


def test_without_each_row_it_is_the_posterior_of_the_rest() -> None:
    """Swept off one by one, polls and crosstabs leave what a fit without them finds, to 1e-4 of log-odds."""
    heard, found = _found()
    for poll, without in zip(heard.polls, found.poll, strict=True):
        mean, sd = _anew(lambda one, gone=poll: one.identity != gone.identity)  # type: ignore[misc]  # a default binds
        assert found.mean + without.higher == pytest.approx(mean, abs=1e-4)
        assert without.sd == pytest.approx(sd, abs=1e-4)


def test_without_all_of_a_pollster_or_a_group_it_is_that_of_the_rest() -> None:
    """The same of all rows of a pollster, whose errors are common, and of all polls of the race at once."""
    heard, found = _found()
    for poll, without in zip(heard.polls, found.pollster, strict=True):
        house = names.same(poll.pollster)
        if house.startswith(("landmark", "gravis")):
            mean, sd = _anew(lambda one, gone=house: names.same(one.pollster) != gone)  # type: ignore[misc]
            assert (found.mean + without.higher, without.sd) == pytest.approx((mean, sd), abs=1e-4)
    race = heard.polls.index(next(poll for poll in heard.polls if poll.kind == "race"))
    mean, sd = _anew(lambda one: one.kind != "race")
    assert (found.mean + found.group[race].higher, found.group[race].sd) == pytest.approx((mean, sd), abs=1e-4)
