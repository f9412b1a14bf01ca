"""Nights whose truth comes from the night's own prior: where it stands among the trials.

    python -m tests.night_ranks 1000

Each night draws its truth (factors, common effects with their scale, units' own effects, counts), lets a part of the
units report, and forecasts.  The final margin's place in the forecast is uniform where fit and trials are right
(Talts, Betancourt, Simpson, Vehtari and Gelman 2018, arXiv:1804.06788).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy import stats

from runoff.data.counts.runoff_count import Reported
from runoff.estimate import tails
from runoff.phases.runoff_night.model.cells import NightModel, cells, lines
from runoff.phases.runoff_night.model.draw import draw_night
from runoff.phases.runoff_night.model.fit import fit
from runoff.phases.runoff_night.model.linear import with_own
from runoff.runfile.load import Case
from tests import runoff_night as night

MODES = ("",)
TRIALS = 1_024
PARTS = (0.1, 0.3, 0.6)  # of the units, by turns; the smallest, the most of the first finalist's, or any of them


def truth(model: NightModel, rng: np.random.Generator) -> night.Ints:
    """Final votes int64[U, M, 2] of a night drawn from the model, its effects' common scale included."""
    own_effects = np.arange(model.n_common) >= model.pools.n_factors
    scale = rng.choice(tails.SCALES, p=np.exp(tails.LOG_CHANCE))
    x = rng.standard_normal(model.n_common) * np.where(own_effects, np.sqrt(scale), 1.0)
    line = (part[..., 0] for part in lines(model, x[None, :]))
    votes, lean, share, by_mode = line
    own = rng.standard_normal(model.spread.shape) * model.spread
    log_votes, odds = cells(*with_own((votes, lean, share, by_mode), own))
    total = rng.poisson(np.exp(log_votes))
    first = rng.binomial(total, 0.5 + 0.5 * np.tanh(0.5 * odds))
    result: night.Ints = np.stack([first, total - first], axis=2).transpose(1, 0, 2).astype(np.int64)
    return result


def rank(loaded: Case, model: NightModel, number: int) -> float:
    """The truth's place among the trials of one night, 0 to 1."""
    rng = np.random.default_rng([20170620, number])
    votes = truth(model, rng)
    by = (votes.sum(axis=(1, 2)), -model.expected_lean, rng.random(len(votes)))[number // 3 % 3]
    complete = np.zeros(votes.shape[:2], bool)
    complete[np.argsort(by, kind="stable")[: int(PARTS[number % 3] * len(votes))]] = True
    shown: Reported = night.reported(votes, complete, MODES)
    prepared = night.prepared(loaded, shown)
    found = fit(prepared.model, prepared.seen, prepared.polled)
    drawn = draw_night(prepared, found, shown, loaded.first_round.units, trials=TRIALS, seed=number, threads=1)
    margin = (drawn.votes[:, 0] - drawn.votes[:, 1]) / drawn.votes.sum(axis=1)
    whole = votes.sum(axis=(0, 1))
    return float(drawn.weights @ (margin < (whole[0] - whole[1]) / whole.sum()) / drawn.weights.sum())


def ranks(nights: int, folder: Path) -> np.ndarray:
    """Places of so many nights: float64[nights]."""
    loaded = night.of_folder(folder, by_mode=False)
    model = night.prepared(loaded, night.nothing(loaded, MODES)).model
    return np.array([rank(loaded, model, number) for number in range(nights)])


def main() -> None:
    """Say how uniform the places are."""
    with tempfile.TemporaryDirectory() as folder:
        found = ranks(int(sys.argv[1]), Path(folder))
    counts = np.bincount(np.minimum((10 * found).astype(int), 9), minlength=10)
    inside = np.mean(np.abs(found - 0.5) < 0.4)
    print(f"{len(found)} nights by tenths: {' '.join(map(str, counts))}; inside 80 %: {100 * inside:.1f}")
    print(f"chi-squared p {stats.chisquare(counts).pvalue:.3f}, Kolmogorov and Smirnov's p "
          f"{stats.kstest(found, 'uniform').pvalue:.3f}")  # fmt: skip


if __name__ == "__main__":
    main()
