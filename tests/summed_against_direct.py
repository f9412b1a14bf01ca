"""Random races, all units at once against unit by unit: where and by how much the two differ.

python -m tests.summed_against_direct N SEED [TRIALS]

Races have strong structure on purpose: many regions with candidates of their own, units from one person to a
thousand times the others, pools in one unit only, rates near 0 and 1, effects of 0 to 2 in log-odds.  Prints a
line a race where the shortcut serves, and the largest differences, in standard errors beyond what the run states.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from runoff.kernels.arrays import PPM
from runoff.model.electorate import electorate, expected_votes
from runoff.model.evidence import Evidence, evidence_as_of
from runoff.model.pools import Factors, Model
from runoff.simulate.aggregate import like_pools
from runoff.simulate.driver import draw, whole
from runoff.simulate.inputs import to_inputs
from runoff.simulate.totals import Totals, totals
from tests.builders import Group, model

Floats = npt.NDArray[np.float64]
SIZES = (0.0, 0.0, 0.02, 0.05, 0.1, 0.1, 0.15, 0.2, 0.3, 0.3, 0.5, 1.0, 2.0)  # of region and unit effects
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Compared:
    """What differs, by name: `z` in standard errors of both runs, `beyond` the same after the stated bounds."""

    z: dict[str, float]
    beyond: dict[str, float]

    @property
    def worst(self) -> tuple[float, str]:
        """The largest difference beyond the bounds."""
        return max((value, name) for name, value in self.beyond.items())


def random_race(rng: np.random.Generator) -> Model:
    """A race with two finalists, near even at the middle of its rates."""
    n_regions = int(rng.choice([1, 2, 3, 8, 30]))
    of_region = [int(rng.integers(1, 1 + max(1, 40 // n_regions))) for _ in range(n_regions)]
    regions = [f"region {r}" for r, n in enumerate(of_region) for _ in range(n)]
    sizes = rng.lognormal(rng.uniform(4.0, 9.0), rng.uniform(0.0, 1.8), len(regions))
    if rng.random() < 0.2:
        sizes[0] *= 1000.0
    if rng.random() < 0.2:
        sizes[rng.random(len(sizes)) < 0.3] = 1.0
    return _even(_model(rng, regions, sizes))


def _model(rng: np.random.Generator, regions: Sequence[str], sizes: Floats) -> Model:
    lean = rng.beta(2.0, 2.0, len(sizes)) if rng.random() < 0.7 else np.full(len(sizes), 0.5)
    turnout, preference = _scales(rng), _scales(rng)
    groups = [
        Group("Ada", _people(sizes * lean), _rate(rng, 1.5, turnout), _rate(rng, 3.0, preference), "L", "finalist"),
        Group("Bo", _people(sizes - sizes * lean), _rate(rng, 1.5, turnout), _rate(rng, -3.0, preference), "R", "finalist"),
    ]  # fmt: skip
    groups += [
        Group(name, people, _rate(rng, 1.0, turnout), _rate(rng, 0.0, preference), str(rng.choice(["L", "R", "own"])))
        for name, people in _others(rng, regions, sizes)
    ]
    if rng.random() < 0.3:  # pools that differ in size alone
        like = (_rate(rng, 1.0, turnout), _rate(rng, 0.0, preference))
        groups += [Group(f"like {i}", _people(sizes * rng.uniform(0.0, 0.2)), *like, "like") for i in range(4)]
    if rng.random() < 0.6:
        groups.append(Group("new", _people(2.0 * sizes), _rate(rng, -1.5, turnout), _rate(rng, 0.0, preference), "new", "new"))  # fmt: skip
    parts = tuple(float(x) for x in rng.dirichlet([1.0, 1.0, 1.0]))
    of = model([group for group in groups if sum(group.people)], parts=parts, regions=regions)  # type: ignore[arg-type]
    factors = [Factors(of.turnout.parts, *(float(x) for x in rng.choice(SIZES, 2))) for _ in range(2)]
    return replace(of, turnout=factors[0], preference=factors[1])


def _others(rng: np.random.Generator, regions: Sequence[str], sizes: Floats) -> Iterator[tuple[str, list[int]]]:
    """Eliminated candidates: of the whole race, of one region each, of one unit, and one with few votes."""
    for i in range(int(rng.integers(0, 4))):
        yield f"everywhere {i}", _people(sizes * rng.dirichlet([1.0, 3.0], len(sizes))[:, 0])
    for region in dict.fromkeys(regions) if rng.random() < 0.6 else ():
        here = np.array([other == region for other in regions])
        for i in range(int(rng.integers(1, 3))):
            yield f"{region}'s {i}", _people(sizes * here * rng.uniform(0.05, 1.5))
    if rng.random() < 0.3:
        yield "of one unit", _people(np.where(np.arange(len(sizes)) == rng.integers(len(sizes)), sizes, 0.0))
    if rng.random() < 0.3:
        yield "few", _people(np.where(rng.random(len(sizes)) < 0.1, rng.integers(1, 4, len(sizes)), 0.0))


def _people(sizes: Floats) -> list[int]:
    return [int(n) for n in np.rint(sizes)]


def _scales(rng: np.random.Generator) -> tuple[float, float]:
    """Smallest and largest sd of the rates' log-odds."""
    low = float(rng.choice([1e-3, 0.05, 0.2]))
    return low, low + float(rng.choice([0.0, 0.2, 0.5]))


def _rate(rng: np.random.Generator, middle: float, scales: tuple[float, float]) -> tuple[float, float]:
    extreme = rng.random() < 0.1
    return float(rng.normal(middle, 6.0 if extreme else 1.0)), float(rng.uniform(*scales))


def _even(of: Model) -> Model:
    """The race with the preferences moved alike until the middle of all rates is a tie."""
    low, high = -20.0, 20.0
    for _ in range(40):
        middle = (low + high) / 2.0
        pools = electorate(to_inputs(_moved(of, middle), 1))
        votes = expected_votes(pools, pools.people, np.zeros((1, pools.n_factors)))[0]
        low, high = (low, middle) if votes[0] > votes[1] else (middle, high)
    return _moved(of, low)


def _moved(of: Model, by: float) -> Model:
    rates = [replace(pool.preference, location=(pool.preference.location[0] + by,)) for pool in of.pools]
    return replace(of, pools=tuple(replace(pool, preference=rate) for pool, rate in zip(of.pools, rates, strict=True)))


def compare(of: Model, shortcut: Totals, trials: int, seed: int) -> Compared:
    """The shortcut against the direct kernel; both without evidence."""
    fast = draw(shortcut.inputs, trials, threads=2, units=False, detail_trials=0)
    slow = draw(to_inputs(of, seed), trials, threads=2, units=False, detail_trials=0)
    z: dict[str, float] = {}
    beyond: dict[str, float] = {}

    def add(name: str, difference: float, error: float, stated: float) -> None:
        error = max(error, 1e-12)
        z[name], beyond[name] = difference / error, max(abs(difference) - stated, 0.0) / error

    people = int(of.people.sum())
    middles = [_moments(drawn.tallies.margin_bins) for drawn in (fast, slow)]
    valid = sum(whole(votes) for votes in slow.tallies.votes) / trials
    mean_error = shortcut.votes / max(valid, 1.0) + 1e-6
    add("margin mean", *_difference(middles, 0, trials), 2.0 * mean_error)
    sds = [
        math.sqrt(whole(d.tallies.margin[1]) / trials - (whole(d.tallies.margin[0]) / trials) ** 2)
        for d in (fast, slow)
    ]
    kurtosis = [fourth / variance**2 for _, variance, fourth in middles]
    ratio_error = math.sqrt(sum(max(k - 1.0, 0.01) for k in kurtosis) / 4.0 / trials)
    add("margin sd", math.log(sds[0] / sds[1]), ratio_error, shortcut.left_out / 2.0 + 1.0 / min(sds))
    slack = shortcut.left_out / 8.0 + mean_error * PPM / min(sds)  # of a probability: z phi(z) <= 1/4
    wins = [int(drawn.tallies.wins[0]) / trials for drawn in (fast, slow)]
    add("p win", wins[0] - wins[1], _binomial(sum(wins) / 2.0, trials), slack)
    below = [np.cumsum(drawn.tallies.margin_bins) / trials for drawn in (fast, slow)]
    for level in LEVELS:
        at = int(np.searchsorted(below[1], level))
        p = [float(b[at]) for b in below]
        add(f"margin below its {level:g} quantile", p[0] - p[1], _binomial(sum(p) / 2.0, trials), slack)
    turnouts = [_moments(drawn.tallies.turnout_bins) for drawn in (fast, slow)]
    add("turnout mean", *_difference(turnouts, 0, trials), shortcut.votes / people + 1e-6)
    return Compared(z, beyond)


def _moments(bins: npt.NDArray[np.int64]) -> tuple[float, float, float]:
    """Mean, variance and fourth central moment, in bins of 1e-4."""
    at, n = np.arange(bins.size) * 1e-4, bins.sum()
    mean = float((bins * at).sum() / n)
    return mean, float((bins * (at - mean) ** 2).sum() / n) + 1e-18, float((bins * (at - mean) ** 4).sum() / n)


def _difference(moments: Sequence[tuple[float, float, float]], which: int, trials: int) -> tuple[float, float]:
    return moments[0][which] - moments[1][which], math.sqrt((moments[0][1] + moments[1][1]) / trials)


def _binomial(p: float, trials: int) -> float:
    return math.sqrt(2.0 * max(p * (1.0 - p), 0.25 / trials) / trials)


def served(of: Model) -> Totals | None:
    """The shortcut as a run draws what comes after its detailed trials."""
    evidence: Evidence = evidence_as_of(of, of.race.as_of)
    return totals(of, 7, evidence, like_pools(of))


def main(n: int, seed: int, trials: int = 400_000) -> None:
    """Compare until n races were served; print each, then the worst."""
    found: list[tuple[float, str, int]] = []
    place = served_races = 0
    while served_races < n:
        rng = np.random.default_rng([seed, place])
        of = random_race(rng)
        shortcut = served(of)
        place += 1
        if shortcut is None:
            continue
        served_races += 1
        compared = compare(of, shortcut, trials, place)
        value, name = compared.worst
        raw = max(compared.z.values(), key=abs)
        found.append((value, name, place - 1))
        directions = shortcut.inputs.local_load.shape[2]
        print(
            f"race {place - 1}: {of.people.shape[0]} units, {len(of.pools)} pools, {directions} directions, "
            f"left out {shortcut.left_out:.5f}; worst {value:.2f} ({name}), before bounds {raw:+.2f}",
            flush=True,
        )
    found.sort(reverse=True)
    print(f"{n} of {place} races were served; largest differences beyond the stated bounds, in standard errors:")
    for value, name, which in found[:10]:
        print(f"  {value:.2f} {name}, race {which}")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
