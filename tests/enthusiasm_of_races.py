"""What past races' totals say of enthusiasm: `python -m tests.enthusiasm_of_races`.

Of a race one knows how many came and by how much it was won, both against what was expected without its election.
Where turnout goes with preference (docs/model.md), a side that is the larger one and better liked than
expected brings more votes as well: the product of the two errors has the mean c0 + rho c1, both known from the race's
pools.  rho is the slope of the products over c1, less c0, by least squares, with weights; its standard error is by
elections, which share their errors.  Prints it for the archive, and for archives made of the same races with a known
rho, whose races are independent: what so many races could tell, and do not, as elections are few.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from runoff.app.backtest.cases import case_of
from runoff.app.backtest.knowledge import knowledge
from runoff.data.archive.archive import Archive
from runoff.model.electorate import Electorate, electorate
from runoff.model.pools import Model, build
from runoff.model.prior.fitted.fits import Fitter
from runoff.model.prior.law import margin_law
from runoff.race import FloatArray
from runoff.simulate.inputs import to_inputs

_STEP = 0.5  # of rho
_FURTHEST = 3.0  # standard deviations that an error counts for


@dataclass(frozen=True, slots=True)
class Expected:
    """Of one race, in linear form: covariance of log votes and margin drawn apart, what rho of 1 adds, both sds."""

    apart: float
    joined: float
    votes_sd: float
    margin_sd: float


def expected(model: Model) -> Expected:
    """The moments that a model of two finalists implies."""
    found = [_moments(electorate(to_inputs(replace(model, enthusiasm=rho), 0))) for rho in (0.0, _STEP, -_STEP)]
    joined = (found[1][0, 1] - found[2][0, 1]) / (2.0 * _STEP)
    return Expected(found[0][0, 1], joined, float(np.sqrt(found[0][0, 0])), float(np.sqrt(found[0][1, 1])))


def _moments(pools: Electorate) -> FloatArray:
    """Covariance float64[2, 2] of log votes and margin, linear in the factors."""
    loads = both(pools)
    return loads @ loads.T


def both(pools: Electorate) -> FloatArray:
    """What log votes and margin gain by each factor: float64[2, F]."""
    t, p = (1.0 / (1.0 + np.exp(-at)) for at in (pools.turnout, pools.preference[:, 0]))
    w = pools.people * t / float(pools.people @ t)
    come = w * (1.0 - t)
    margin = float(w @ (2.0 * p - 1.0))
    turn = 2.0 * w * p * (1.0 - p)
    of_margin = (come * (2.0 * p - 1.0 - margin)) @ pools.turnout_load + turn @ pools.preference_load[:, 0]
    return np.stack([come @ pools.turnout_load, of_margin])


def estimated(
    votes: FloatArray, margin: FloatArray, of: Sequence[Expected], election: Sequence[str]
) -> tuple[float, float]:
    """The slope, rho, and its standard error, from errors of log votes and margins float64[N]."""
    sds = np.array([(one.votes_sd, one.margin_sd) for one in of])
    z = np.clip(np.column_stack([votes, margin]) / sds, -_FURTHEST, _FURTHEST)
    scale = sds[:, 0] * sds[:, 1]
    x = np.array([one.joined for one in of]) / scale
    y = z[:, 0] * z[:, 1] - np.array([one.apart for one in of]) / scale
    rho = float(x @ y / (x @ x))
    _, group = np.unique(np.array(election), return_inverse=True)
    by_election = np.bincount(group, x * (y - rho * x))
    many = len(by_election)
    return rho, float(np.sqrt(by_election @ by_election * many / max(many - 1, 1)) / (x @ x))


def main() -> None:
    """Fit, and print."""
    archive = Archive.load()
    known, fitter = knowledge(archive, archive, "usual"), Fitter.of(archive)
    of, votes, margin, elections = [], [], [], []
    for place, race_place in enumerate(fitter.duels):
        race = archive.races[int(race_place)]
        fit = known.of(race).fit
        fields = fitter.fields.chosen(np.array([place]))
        stratum, occasions = int(fitter.stratum[race_place]), fitter.occasions[race_place]
        model = build(case_of(race), known.of(race))
        of.append(expected(model))
        votes.append(float(fitter.log_ratio[race_place]) - fit.turnout.expected(stratum, occasions)[0])
        margin.append(float(fitter.margin[place] - margin_law(fit, fields).mean[0]))
        elections.append(race.election)
    rho, se = estimated(np.array(votes), np.array(margin), of, elections)
    print(f"{len(of)} duels of {len(set(elections))} elections: rho {rho:+.2f} ± {se:.2f}")
    rng = np.random.default_rng(0)
    for truth in (0.0, 0.3, 0.6):
        found = [_made(of, truth, rng) for _ in range(200)]
        values, errors = np.array(found).T
        print(f"  made of them with {truth:g}: {values.mean():.2f}, sd {values.std():.2f}, said {errors.mean():.2f}")


def _made(of: Sequence[Expected], rho: float, rng: np.random.Generator) -> tuple[float, float]:
    """The estimate from races whose errors are drawn, each of an election of its own."""
    sds = np.array([(one.votes_sd, one.margin_sd) for one in of])
    corr = np.clip([(one.apart + rho * one.joined) / (one.votes_sd * one.margin_sd) for one in of], -0.99, 0.99)
    z = rng.standard_normal((len(of), 2))
    votes, margin = z[:, 0] * sds[:, 0], (corr * z[:, 0] + np.sqrt(1.0 - corr**2) * z[:, 1]) * sds[:, 1]
    return estimated(votes, margin, of, [str(i) for i in range(len(of))])


if __name__ == "__main__":
    main(*sys.argv[1:])
