from __future__ import annotations

import numpy as np
import pytest

from runoff.app.backtest.knowledge import CALM, knowledge
from runoff.data.archive.archive import Archive
from runoff.model.prior.fitted import table
from runoff.model.prior.fitted.design import columns, spread
from runoff.model.prior.fitted.fits import Fitter


def test_other_races_of_a_day_are_conditioned_on_as_a_normal_is() -> None:
    """Chile's nine governors: each one's law given the eight others is the conditional normal, worked out densely."""
    archive = Archive.load().chosen(lambda race: race.id.startswith("cl_gov_2021"))
    found = knowledge(archive, Archive.load(), "same_day")
    fitter = Fitter.of(archive)
    fit = table.shipped().leaving_out(archive.races[0].election)
    x = columns(fitter.fields)
    law = spread(fitter.fields, x, np.log(fit.sizes))
    s = int(fitter.fields.stratum[0])
    cov = law.loads @ law.loads.T + np.diag(law.variance) + x @ fit.cov[s] @ x.T
    mean = x @ fit.mean[s]
    for i, place in enumerate(fitter.duels):
        others = np.arange(len(x)) != i
        gain = np.linalg.solve(cov[np.ix_(others, others)], cov[others, i])
        given = found.of(archive.races[place]).law
        assert given is not None
        assert given.mean[0] == pytest.approx(mean[i] + gain @ (fitter.margin - mean)[others], abs=1e-8)
        assert given.sd[0] ** 2 == pytest.approx(cov[i, i] - gain @ cov[others, i], abs=1e-8)


def test_what_is_known_hangs_on_the_way() -> None:
    """A French district: without its election, by its first round's day, or given the day's other districts."""
    archive = Archive.load()
    race = next(r for r in archive.races if r.id.startswith("fr_leg_2017") and len(r.finalists) == 2)
    usual, day = (knowledge(archive, archive, way).of(race) for way in ("usual", "chronological"))
    own = sum(r.election == race.election and len(r.finalists) == 2 for r in archive.races)
    duels = sum(len(r.finalists) == 2 for r in archive.races)
    assert usual.fit.races == duels - own
    assert day.fit.races == sum(len(r.finalists) == 2 and r.date_runoff < race.date_first for r in archive.races)
    assert usual.law is None
    assert 0.5 < CALM < 1.0
