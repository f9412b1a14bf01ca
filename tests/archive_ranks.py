"""Simulation-based calibration of the chain from past races to a forecast: `python -m tests.archive_ranks 200`.

Sizes and slopes are drawn from what is believed beforehand, an archive's margins from them, and a race that is no part
of it gets a margin of its own, with an election's shocks that nobody has seen.  The archive is fitted as the real one
is, the race forecast as `runoff run` forecasts it (pools matched to the law, drawn by the kernel), and the truth's rank
among the draws noted.  Where the chain is right ranks are uniform.  Prints the ranks' chi-square in ten bins and the
share of truths inside 50, 80 and 95 %.

Chambers' districts are left out of what is forecast: their shocks are taken at 0.8 of their size on purpose.
Source: Talts, Betancourt, Simpson, Vehtari and Gelman (2018), arXiv:1804.06788.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

import numpy as np
from scipy import stats

from runoff.app.backtest.cases import case_of
from runoff.data.archive.archive import Archive
from runoff.estimate.shared_shocks import posterior, sizes_of, sums
from runoff.model.pools import build
from runoff.model.prior.fitted.design import SLOPES, columns, spread
from runoff.model.prior.fitted.fields import STRATA
from runoff.model.prior.fitted.fits import Fit, Fitter
from runoff.model.prior.rates import Known
from runoff.race import FloatArray, Int64Array
from runoff.simulate.driver import PPM, SHARE_BIN, draw
from runoff.simulate.inputs import to_inputs
from tests.simulated_archives import simulated

BINS = 10
RACES = 5  # forecast for each archive
TRIALS = 8_192
LEVELS = {"50": 0.25, "80": 0.4, "95": 0.475}


def ranks(fitter: Fitter, rng: np.random.Generator, sizes: FloatArray | None = None) -> FloatArray:
    """Where the truth of each of RACES races lies in its forecast, from 0 to 1: one archive's.

    fitter : of the archive whose first rounds are used.  sizes : found by a fit before, log sizes; by default fitted.
    """
    drawn, slopes, truth = simulated(fitter.problem, rng)
    found = sizes_of(drawn) if sizes is None else sizes
    fit = fitter.fit(np.ones(len(fitter.arrays.elections), np.bool_), posterior(sums(drawn, found)), found)
    return np.array([_rank(fitter, fit, place, margin, rng) for place, margin in _races(fitter, slopes, truth, rng)])


def _races(
    fitter: Fitter, slopes: FloatArray, sizes: FloatArray, rng: np.random.Generator
) -> Iterator[tuple[int, float]]:
    """Places of races among the duels, with margins of elections that are not in the archive."""
    others = np.flatnonzero(fitter.fields.stratum != STRATA.index("district"))
    k = len(SLOPES)
    for place in rng.permutation(others)[:RACES]:
        fields = fitter.fields.chosen(np.array([place], np.int64))
        x = columns(fields)
        found = spread(fields, x, sizes)
        own = k * (1 + int(fields.stratum[0]))
        mean = float(x[0] @ (slopes[:k] + slopes[own : own + k]))
        shock = float(found.loads[0] @ rng.standard_normal(found.loads.shape[1]))
        yield int(place), mean + shock + float(np.sqrt(found.variance[0]) * rng.standard_normal())


def _rank(fitter: Fitter, fit: Fit, place: int, margin: float, rng: np.random.Generator) -> float:
    race = fitter.archive.races[int(fitter.duels[place])]
    model = build(case_of(race), Known(fit, "simulated"))
    drawn = draw(to_inputs(model, int(rng.integers(2**31))), TRIALS, threads=1, units=False, detail_trials=0)
    bins: Int64Array = drawn.tallies.margin_bins
    at = min(max(int((margin + 1.0) / (SHARE_BIN / PPM)), 0), len(bins) - 1)
    return float(bins[:at].sum() + bins[at] / 2.0) / drawn.total


def told(found: Iterable[FloatArray]) -> str:
    """Chi-square of the ranks and coverage; errors of coverage by archive, whose races share their slopes."""
    by_archive = [one for one in found if len(one)]
    every = np.concatenate(by_archive)
    counts = np.histogram(every, BINS, (0.0, 1.0))[0]
    chi = float(((counts - len(every) / BINS) ** 2 / (len(every) / BINS)).sum())
    inside = []
    for level, half in LEVELS.items():
        each = np.array([float((np.abs(one - 0.5) < half).mean()) for one in by_archive])
        inside.append(f"{level} %: {each.mean():.3f} ± {each.std(ddof=1) / np.sqrt(len(each)):.3f}")
    p = float(stats.chi2.sf(chi, BINS - 1))
    shown = " ".join(map(str, counts.tolist()))
    return f"{len(by_archive)} archives, {len(every)} ranks: {shown}; chi-square {chi:.1f} of 9 (p {p:.2f})\n  " + (
        "inside " + ", ".join(inside)
    )


def archive() -> Archive:
    """Races of all kinds but chambers' districts."""
    return Archive.load().chosen(lambda race: race.level not in ("national_district", "departmental"))


def main(archives: int) -> None:
    """Draw, fit, forecast, and print."""
    fitter, found = Fitter.of(archive()), []
    for seed in range(archives):
        found.append(ranks(fitter, np.random.default_rng(seed)))
        if seed % 20 == 19:
            print(told(found), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
