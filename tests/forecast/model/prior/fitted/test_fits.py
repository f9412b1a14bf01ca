from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import takewhile

import numpy as np
import pytest

from runoff.data.archive.archive import Archive
from runoff.data.archive.races import PastRace
from runoff.estimate.shared_shocks import posterior, sizes_of, sums
from runoff.model.prior.fitted import table
from runoff.model.prior.fitted.design import SIZES, SLOPES
from runoff.model.prior.fitted.fits import Fit, Fitter, day_by_day, leaving_out
from runoff.model.prior.fitted.fronts import fronts_of


def _small() -> Archive:
    """National and regional races: some tens of them, of many elections."""
    return Archive.load().chosen(lambda race: race.level in ("national", "regional"))


def _spoiled(archive: Archive, election: str) -> Archive:
    """The same archive, the runoff's votes of one election's finalists exchanged."""

    def other(race: PastRace) -> PastRace:
        if race.election != election:
            return race
        a, b = race.finalists[:2]
        swapped = {a.name: b.runoff_votes, b.name: a.runoff_votes}
        people = tuple(replace(c, runoff_votes=swapped.get(c.name, c.runoff_votes)) for c in race.candidates)
        return replace(race, candidates=people)

    return Archive(tuple(map(other, archive.races)), archive.outright, archive.nuances)


def _same(one: Fit, other: Fit) -> bool:
    pairs = [(one.mean, other.mean), (one.cov, other.cov), (one.turnout.level, other.turnout.level)]
    return all(first.tobytes() == second.tobytes() for first, second in pairs)


def test_a_race_and_its_election_cannot_reach_their_own_fit() -> None:
    """The results of Chile's governors exchanged: the fit without that election has the same slopes, to the bit."""
    archive = _small()
    election = next(race.election for race in archive.races if race.id.startswith("cl_gov_2021"))
    whole = [next(leaving_out(Fitter.of(one))) for one in (archive, _spoiled(archive, election))]
    assert [name for name, _ in whole] == ["", ""]
    assert not np.array_equal(whole[0][1].mean, whole[1][1].mean)  # they do reach the fit of everything
    # sizes of a small election's absence are a step from the whole's, so slopes are held at one set of sizes
    fitters = [Fitter.of(one) for one in (archive, _spoiled(archive, election))]
    kept = np.array([name != election for name in fitters[0].arrays.elections])
    sizes = sizes_of(fitters[0].problem, kept)
    fits = [f.fit(kept, posterior(sums(f.problem, sizes), kept), sizes) for f in fitters]
    assert _same(*fits)
    assert sizes_of(fitters[1].problem, kept).tobytes() == sizes.tobytes()


def test_nothing_later_reaches_the_fit_of_a_day() -> None:
    """With every later race's result exchanged the fit of a day has the same bits, sizes and turnout included."""
    archive = _small()
    day = dt.date(2011, 1, 1)
    later = {race.election for race in archive.races if race.date_runoff >= day}
    spoiled = archive
    for election in later:
        spoiled = _spoiled(spoiled, election)
    fits = [dict(takewhile(lambda cut: cut[0] <= day, day_by_day(Fitter.of(one)))) for one in (archive, spoiled)]
    assert len(fits[0]) > 5
    for d in fits[0]:
        assert _same(fits[0][d], fits[1][d])
        assert fits[0][d].sizes.tobytes() == fits[1][d].sizes.tobytes()


def test_with_nothing_before_the_beliefs_stand_alone() -> None:
    """The first day's fit rests on no race, and has the slopes believed beforehand."""
    fit = next(iter(day_by_day(Fitter.of(_small()))))[1]
    assert (fit.races, fit.elections) == (0, 0)
    np.testing.assert_allclose(fit.mean[0][:3], [1.0, 0.0, 1.1], atol=1e-12)
    assert (np.diagonal(fit.cov, axis1=1, axis2=2) > 0.08).all()


def test_the_table_comes_back_rounded() -> None:
    """Written and read, every number is that with four digits, every cut and stratum in its place."""
    archive = Archive.load().chosen(lambda race: race.level == "national" and race.country in ("France", "Brazil"))
    fitter = Fitter.of(archive)
    fits = table.Fits(tuple(day_by_day(fitter)), dict(leaving_out(fitter)))
    back = table.read(table.written(fits, {"archive_sha256": archive.sha256}))
    assert [day for day, _ in back.days] == [day for day, _ in fits.days]
    assert back.without.keys() == fits.without.keys()
    for election, fit in fits.without.items():
        np.testing.assert_allclose(back.without[election].mean, fit.mean, rtol=1e-3, atol=1e-9)
        np.testing.assert_allclose(back.without[election].sizes, fit.sizes, rtol=1e-3)
        assert back.without[election].races == fit.races


def test_a_day_has_the_fit_of_what_was_over() -> None:
    """`before` takes the first cut that ends on the day or after it; beyond the last there is everything."""
    fits = table.shipped()
    days = [day for day, _ in fits.days]
    assert fits.before(dt.date(1900, 1, 1)).races == 0
    assert fits.before(days[-1]).races == fits.before(dt.date(2100, 1, 1)).races == fits.without[""].races
    middle = days[len(days) // 2]
    assert fits.before(middle + dt.timedelta(days=1)).races == fits.before(days[len(days) // 2 + 1]).races


def test_the_shipped_fits_are_the_shipped_archives() -> None:
    """The fit of all races, made anew and rounded, is the table's to the bit."""
    archive = Archive.load()
    fitter = Fitter.of(archive)
    sizes = sizes_of(fitter.problem)
    everything = np.ones(len(fitter.arrays.elections), np.bool_)
    fit = fitter.fit(everything, posterior(sums(fitter.problem, sizes)), sizes)
    shipped = table.shipped().without[""]
    rounded = table.read(table.written(table.Fits((), {"": fit}), {})).without[""]
    assert _same(shipped, rounded)
    assert shipped.sizes.tobytes() == rounded.sizes.tobytes()
    assert shipped.races == int((fitter.arrays.n_finalists == 2).sum())
    assert len(fit.sizes) == len(SIZES)
    assert fit.mean.shape[1] == len(SLOPES)


@pytest.mark.parametrize("election", ["france-national-district-2007-06-17"])
def test_a_front_is_the_chambers_first_round(election: str) -> None:
    """Log of the camps' votes over all districts, those decided in the first round among them, by hand."""
    archive = Archive.load()
    race = next(r for r in archive.races if r.election == election and len({c.camp for c in r.finalists}) == 2)
    votes = dict.fromkeys(("left", "right", "centre", "far-right", "other", "L"), 0)
    for district in (*archive.races, *archive.outright):
        if district.election == election:
            for candidate in district.candidates:
                votes[candidate.camp] += candidate.first_round_votes
    a, b = (candidate.camp for candidate in race.finalists[:2])
    found = fronts_of(archive)[[r.id for r in archive.races].index(race.id)]
    assert found == pytest.approx(np.log(votes[a] / votes[b]))
