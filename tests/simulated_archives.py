"""Archives whose truth is known: `python -m tests.simulated_archives 200` fits them and says how often ranges hold.

First rounds are the shipped archive's: its mixed races and two of its chambers.  Sizes and slopes are drawn from what
is believed beforehand, margins from them; each archive is then fitted as the real one is, sizes included, and the
margins of a chamber that the fit has not seen are forecast from the fit.  Prints the share of slopes inside their 90 %
range, by slope; the error of log sizes, and the share inside their 90 % range (Laplace's method at the top); and of
left-out margins inside 80 and 95 %.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np

from runoff.data.archive.archive import Archive
from runoff.estimate.shared_shocks import Problem, posterior, sizes_of, sums
from runoff.model.prior.fitted.design import SIZE, SIZE_SD, SIZES, SLOPES
from runoff.model.prior.fitted.fits import Fitter
from runoff.race import BoolArray, FloatArray

CHAMBERS = ("france-national-district-1988-06-12", "france-national-district-2024-07-07")
_STEP = 0.05  # of log sizes
_SIGMA = {"80": 1.2816, "90": 1.6449, "95": 1.96}


def main(archives: int) -> None:
    """Draw, fit, and print."""
    fitter = Fitter.of(_archive())
    problem = fitter.problem
    chamber = [fitter.arrays.elections.index(name) for name in CHAMBERS]
    kept = np.arange(problem.groups) != chamber[1]
    told = (problem.x[kept[problem.group]] != 0.0).any(axis=0)
    inside, off, held = [], [], []
    for seed in range(archives):
        rng = np.random.default_rng(seed)
        drawn, slopes, sizes = simulated(problem, rng)
        found_sizes = sizes_of(drawn, kept)
        found = posterior(sums(drawn, found_sizes), kept)
        z = (slopes - found.mean) / np.sqrt(np.diag(found.cov))
        inside.append(np.where(told, np.abs(z) < _SIGMA["90"], np.nan))
        off.append([found_sizes - sizes, errors_of_sizes(drawn, kept, found_sizes)])
        rows = problem.group == chamber[1]
        spread = drawn.spread(found_sizes)
        x = drawn.x[rows]
        variance = spread.variance[rows] + (spread.loads[rows] ** 2).sum(axis=1)
        away = np.abs(drawn.y[rows] - x @ found.mean) / np.sqrt(variance + np.einsum("ni,ij,nj->n", x, found.cov, x))
        held.append([float((away < _SIGMA[level]).mean()) for level in ("80", "95")])
        if seed % 20 == 19:
            _print(np.array(inside), np.array(off), np.array(held))


def errors_of_sizes(problem: Problem, kept: BoolArray, sizes: FloatArray) -> FloatArray:
    """Standard errors of log sizes found: from the curvature of their likelihood and its prior at the top."""

    def lack(at: FloatArray) -> float:
        away = (at - problem.size) / problem.size_sd
        return 0.5 * float(away @ away) - posterior(sums(problem, at), kept).loglik

    steps, top = _STEP * np.eye(len(sizes)), lack(sizes)
    up, down = ([lack(sizes + sign * step) for step in steps] for sign in (1.0, -1.0))
    bend = np.diag([a + b - 2.0 * top for a, b in zip(up, down, strict=True)])
    for i in range(len(sizes)):
        for j in range(i):
            both = lack(sizes + steps[i] + steps[j]) - up[i] - up[j] + top
            both += lack(sizes - steps[i] - steps[j]) - down[i] - down[j] + top
            bend[i, j] = bend[j, i] = both / 2.0
    values, vectors = np.linalg.eigh(bend / _STEP**2)
    found: FloatArray = np.sqrt(((vectors / np.sqrt(np.maximum(values, 1.0))) ** 2).sum(axis=1))
    return found


def simulated(problem: Problem, rng: np.random.Generator) -> tuple[Problem, FloatArray, FloatArray]:
    """The problem with margins of its own, its slopes and log sizes drawn from what is believed beforehand."""
    sizes = SIZE + SIZE_SD * rng.standard_normal(len(SIZE))
    spread = problem.spread(sizes)
    slopes = spread.mean + spread.sd * rng.standard_normal(len(spread.mean))
    shocks = rng.standard_normal((problem.groups, spread.loads.shape[1]))
    y = problem.x @ slopes + (spread.loads * shocks[problem.group]).sum(axis=1)
    return replace(problem, y=y + np.sqrt(spread.variance) * rng.standard_normal(len(y))), slopes, sizes


def _archive() -> Archive:
    chosen = Archive.load().chosen(lambda race: not race.level.startswith("nat") or race.level == "national")
    chosen = chosen.chosen(lambda race: race.level != "departmental")
    for name in CHAMBERS:
        chosen = chosen.joined(Archive.load().election(name))
    return chosen


def _print(inside: FloatArray, off: FloatArray, held: FloatArray) -> None:
    known = np.isfinite(inside).all(axis=0)
    share, each = float(inside[:, known].mean()), inside[:, : len(SLOPES)].mean(axis=0)
    print(f"{len(inside)} archives: {100 * share:.1f} % of slopes inside 90 %; common ones ", end="")
    print(", ".join(f"{name} {100 * value:.0f}" for name, value in zip(SLOPES, each, strict=True)))
    away, error = off[:, 0], off[:, 1]
    within = 100 * (np.abs(away) < _SIGMA["90"] * error).mean(axis=0)
    errors = zip(SIZES, away.mean(axis=0), away.std(axis=0), within, strict=True)
    print("  log sizes off by, and inside 90 %: ", end="")
    print(", ".join(f"{name} {mean:+.2f} ± {sd:.2f} {share:.0f}" for name, mean, sd, share in errors))
    between = held.std(axis=0) / np.sqrt(len(held))
    print(f"  left-out chamber: inside 80 % {held[:, 0].mean():.3f} ± {between[0]:.3f}, ", end="")
    print(f"95 % {held[:, 1].mean():.3f} ± {between[1]:.3f}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
