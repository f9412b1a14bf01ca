from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from runoff.app.backtest.knowledge import elections_of, knowledge
from runoff.data.archive.archive import Archive
from runoff.data.archive.races import PastRace
from runoff.data.archive.words import AXIS, BLOCS
from runoff.model.prior.fitted import table
from runoff.model.prior.fitted.design import columns, spread
from runoff.model.prior.fitted.fields import STRATA
from runoff.model.prior.fitted.fits import Fitter
from runoff.model.prior.given import LEAD, POOLS, WIND, given_others
from runoff.model.prior.law import CALM


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


def test_districts_of_a_day_share_what_belongs_to_their_finalists_camps() -> None:
    """Forty districts of 1993: the law of each given the others is the conditional normal with a wind, a slope of the
    lead and of each bloc's pools by pair of camps, built race by race; without them it is another.
    """
    archive = Archive.load().election("france-national-district-1993-03-28")
    few = Archive(tuple(r for r in archive.races if len(r.finalists) == 2)[:40])
    fitter = Fitter.of(few)
    fit = table.shipped().leaving_out(few.races[0].election)
    fields, x = fitter.fields, columns(fitter.fields)
    law = spread(fields, x, np.log(fit.sizes))
    district = STRATA.index("district")
    shared = CALM**2 * law.loads @ law.loads.T + np.diag(law.variance) + x @ fit.cov[district] @ x.T
    cov = shared + np.array([[_by_pair(one, other) for other in few.races] for one in few.races])
    mean = x @ fit.mean[district]
    laws = list(given_others(fit, fields, fitter.margin))
    moved = []
    for i in (0, 17, 39):
        others = np.arange(len(x)) != i
        gain, without = (np.linalg.solve(c[np.ix_(others, others)], c[others, i]) for c in (cov, shared))
        assert laws[i].mean[0] == pytest.approx(mean[i] + gain @ (fitter.margin - mean)[others], abs=1e-8)
        assert laws[i].sd[0] ** 2 == pytest.approx(cov[i, i] - gain @ cov[others, i], abs=1e-8)
        moved.append(abs((gain - without) @ (fitter.margin - mean)[others]))
    assert max(moved) > 1e-3


def _by_pair(one: PastRace, other: PastRace) -> float:
    """What two districts' margins have in common by their finalists' camps, written out."""
    if sorted(c.camp for c in one.finalists) != sorted(c.camp for c in other.finalists):
        return 0.0
    total, parts = 0.0, [_parts(race) for race in (one, other)]
    (side, lead, pools), (side_2, lead_2, pools_2) = parts
    total += WIND**2 * side * side_2 + LEAD**2 * lead * lead_2
    return total + POOLS**2 * side * side_2 * sum(pools[bloc] * pools_2[bloc] for bloc in pools.keys() & pools_2.keys())


def _parts(race: PastRace) -> tuple[float, float, dict[str, float]]:
    """1 where the leader stands further left, else -1 (0: alike), the lead, and eliminated shares by bloc."""
    fitter = Fitter.of(Archive((race,)))
    fields, back = fitter.fields, float(fitter.fields.back[0])
    a, b = (AXIS[c.bloc] for c in race.finalists)
    pools: dict[str, float] = {}
    for bloc, share, role in zip(fields.bloc, fields.share, fields.role, strict=True):
        if role < 0:
            pools[BLOCS[bloc]] = pools.get(BLOCS[bloc], 0.0) + float(share) / back
    lead = float(fields.finalist_share[0, 0] - fields.finalist_share[0, 1]) / back
    return 0.0 if np.isnan(b - a) else float(np.sign(b - a)), lead, pools


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


def test_a_race_under_another_name_is_left_out_all_the_same() -> None:
    """A French district under other words, another election's id or a day earlier: its own election's fit, no other."""
    archive = Archive.load()
    race = next(r for r in archive.races if r.id.startswith("fr_leg_2024") and len(r.finalists) == 2)
    others = [
        replace(race, id="zz", office="Assemblée, somewhere", election="my-own"),
        replace(race, id="zz", date_runoff=race.date_runoff - dt.timedelta(days=1), election="other"),
    ]
    for other in others:
        assert elections_of(Archive((other,)), archive) == {"zz": race.election}
        found = knowledge(Archive((other,)), archive, "usual").of(other)
        assert found.fit is table.shipped().without[race.election]
    far = replace(race, id="zz", date_runoff=race.date_runoff + dt.timedelta(days=400), election="later",
                  candidates=race.candidates[:2])  # fmt: skip
    assert elections_of(Archive((far,)), archive) == {"zz": "later"}


def test_a_twin_does_not_tell_a_race_of_itself() -> None:
    """Given the day's other races, a race under another id has the law that it has under its own."""
    archive = Archive.load()
    races = [r for r in archive.races if r.id.startswith("cl_gov_2021")]
    twin = replace(races[0], id="zz", office="Governor of nowhere")
    found = [knowledge(Archive((race,)), archive, "same_day").of(race).law for race in (races[0], twin)]
    assert found[0] is not None
    assert found[1] is not None
    assert found[0].mean[0] == pytest.approx(found[1].mean[0], abs=1e-9)
