"""Nights whose truth comes from the night's own prior: where it stands among the trials.

    python -m tests.night_ranks 1000
    python -m tests.night_ranks 1000 three
    python -m tests.night_ranks 1000 three modes

Each night draws its truth (factors, common effects with their scale, units' own effects, counts), lets a part of the
units report, and forecasts.  The place of the final margin, and of each finalist's share, in the forecast is uniform
where fit and trials are right
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
from runoff.phases.runoff_night.model.cells import NightModel
from runoff.phases.runoff_night.model.draw import Drawn, draw_night
from runoff.phases.runoff_night.model.fit import fit
from runoff.phases.runoff_night.summary import margins
from runoff.runfile.load import Case
from tests import runoff_night as night
from tests import three_finalists as three

TRIALS = 1_024
PARTS = (0.1, 0.3, 0.6)  # of the units, by turns; the smallest, the most of the first finalist's, or any of them


def truth(model: NightModel, rng: np.random.Generator) -> night.Ints:
    """Final votes int64[U, M, K] of a night drawn from the model, its effects' common scale included."""
    own_effects = np.arange(model.n_common) >= model.pools.n_factors
    scale = rng.choice(tails.SCALES, p=np.exp(tails.LOG_CHANCE))
    x = rng.standard_normal(model.n_common) * np.where(own_effects, np.sqrt(scale), 1.0)
    return night.counted(model, x, rng)


def places(drawn: Drawn, whole: night.Ints) -> np.ndarray:
    """Where the truth int64[K] stands among the trials, 0 to 1: its margin, then the finalists' shares, [1 + K]."""

    def told(votes: night.Ints) -> np.ndarray:
        return np.column_stack([margins(votes), votes / votes.sum(axis=1, keepdims=True)])

    below = told(drawn.votes) < told(whole[None])
    result: np.ndarray = drawn.weights @ below / drawn.weights.sum()
    return result


def rank(loaded: Case, model: NightModel, modes: tuple[str, ...], number: int) -> np.ndarray:
    """The truth's places among the trials of one night: float64[1 + K]."""
    rng = np.random.default_rng([20170620, number])
    votes = truth(model, rng)
    by = (votes.sum(axis=(1, 2)), -model.expected_lean[0], rng.random(len(votes)))[number // 3 % 3]
    complete = np.zeros(votes.shape[:2], bool)
    complete[np.argsort(by, kind="stable")[: int(PARTS[number % 3] * len(votes))]] = True
    shown: Reported = night.reported(votes, complete, modes)
    prepared = night.prepared(loaded, shown)
    found = fit(prepared.model, prepared.seen, prepared.polled)
    drawn = draw_night(prepared, found, shown, loaded.first_round.units, trials=TRIALS, seed=number, threads=1)
    return places(drawn, votes.sum(axis=(0, 1)))


def ranks(nights: int, folder: Path, *, of_three: bool = False, by_mode: bool = False) -> np.ndarray:
    """Places of so many nights: float64[nights, 1 + K]."""
    loaded = (three if of_three else night).of_folder(folder, by_mode=by_mode)
    modes = night.MODES if by_mode else ("",)
    model = night.prepared(loaded, night.nothing(loaded, modes)).model
    return np.array([rank(loaded, model, modes, number) for number in range(nights)])


def main() -> None:
    """Say how uniform the places are."""
    with tempfile.TemporaryDirectory() as folder:
        found = ranks(int(sys.argv[1]), Path(folder), of_three="three" in sys.argv, by_mode="modes" in sys.argv)
    for name, of in zip(("margin", *(f"share {k + 1}" for k in range(found.shape[1] - 1))), found.T, strict=True):
        counts = np.bincount(np.minimum((10 * of).astype(int), 9), minlength=10)
        inside = np.mean(np.abs(of - 0.5) < 0.4)
        print(f"{name}: {len(of)} nights by tenths: {' '.join(map(str, counts))}; inside 80 %: {100 * inside:.1f}")
        print(f"  chi-squared p {stats.chisquare(counts).pvalue:.3f}, Kolmogorov and Smirnov's p "
              f"{stats.kstest(of, 'uniform').pvalue:.3f}")  # fmt: skip


if __name__ == "__main__":
    main()
