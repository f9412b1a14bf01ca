"""Units of many races, the race's true split given: how often their ranges hold (docs/places.md).

    python -m tests.units_of_races FOLDER [--draws 300]

FOLDER is that of `tests.nights_of_races`, whose run files this uses: somebody who knows the first round and has wide
default rates.  A plain twin of docs/places.md draws the pools' log-odds, the slope and the units' effects, and moves
all log-odds together until the race has its true split, so that only the map is judged.  Three times: with units that
are their pools and an effect of 0.1; with the sizes that are shipped; and with sizes estimated on the other races of
the kind.  Two finalists; turnout is at its mean.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy import special

from runoff.estimate.scores import clustered, crps_sample
from runoff.model.places import leans, places_of, size_factors
from runoff.model.pools import build
from runoff.phases.runoff_night.read import read as read_result
from runoff.race import FloatArray
from runoff.runfile.load import load
from tests import nights_of_races as many

SLOPES, SPREADS = np.arange(-1.0, 2.01, 0.05), np.exp(np.arange(np.log(0.08), np.log(1.3), 0.06))


@dataclass(frozen=True)
class Race:
    """A race by unit: expected voters float64[U, J] by pool, their log-odds, leans, factors of size, and what came.

    place, scale : float64[J].  share : float64[U], of the first finalist.  votes : float64[U].
    """

    name: str
    kind: str
    sizes: tuple[float, float, float]
    voters: FloatArray
    place: FloatArray
    scale: FloatArray
    lean: FloatArray
    factor: FloatArray
    share: FloatArray
    votes: FloatArray

    @property
    def total(self) -> float:
        """The race's true split."""
        return float(self.share @ self.votes / self.votes.sum())


def race(path: Path) -> Race:
    """The race of a table of both rounds."""
    with tempfile.TemporaryDirectory() as place:
        case = load(many.folder(path, Path(place)))
        data = read_result(case, Path(place) / "result.csv")
    of = build(data.case)
    came = data.reported.votes.sum(axis=1)
    here = came.sum(axis=1) > 0
    turnout = special.expit([pool.turnout.location[0] for pool in of.pools])
    places, lean = places_of(data.case), leans(data.case.first_round, data.case.finalists)[:, 0]
    return Race(
        name=path.stem,
        kind=places.kind,
        sizes=(places.slope, places.slope_sd, places.spread or 0.0),
        voters=of.people[here] * turnout,
        place=np.array([pool.preference.location[0] for pool in of.pools]),
        scale=np.array([pool.preference.scale[0][0] for pool in of.pools]),
        lean=lean[here],
        factor=size_factors(data.case.first_round)[here],
        share=came[here, 0] / came[here].sum(axis=1),
        votes=came[here].sum(axis=1).astype(float),
    )


def shifted(of: Race, odds: FloatArray) -> FloatArray:
    """Log-odds float64[U, J] moved together until the race has its true split."""
    low, high = -12.0, 12.0
    weight = of.voters * (of.votes / of.voters.sum(axis=1))[:, None]
    for _ in range(40):
        middle = (low + high) / 2.0
        share = float((weight * special.expit(odds + middle)).sum() / weight.sum())
        low, high = (middle, high) if share < of.total else (low, middle)
    return odds + middle


def estimated(of: Race) -> tuple[float, float]:
    """Slope and spread of one race, by maximum likelihood of normal log-odds around the pools' means."""
    best, found = -np.inf, (0.0, 0.0)
    seen = special.logit((of.share * of.votes + 0.5) / (of.votes + 1.0))
    for slope in SLOPES:
        rate = special.expit(shifted(of, of.place + slope * of.lean[:, None]))
        share = (of.voters * rate).sum(axis=1) / of.voters.sum(axis=1)
        steep = (of.voters * rate * (1 - rate)).sum(axis=1) / of.voters.sum(axis=1) / (share * (1 - share))
        away = seen - special.logit(share)
        for spread in SPREADS:
            variance = (spread * of.factor * steep) ** 2 + 1.0 / (of.votes * share * (1 - share) + 1.0)
            likely = -0.5 * float((np.log(variance) + away**2 / variance).sum())
            if likely > best:
                best, found = likely, (float(slope), float(spread))
    return found


def drawn(of: Race, sizes: tuple[float, float, float], draws: int) -> FloatArray:
    """Shares float64[draws, U] of the first finalist, count noise included."""
    rng, (slope, sd, spread) = np.random.default_rng(7), sizes
    result = np.empty((draws, len(of.share)))
    for i in range(draws):
        odds = (
            of.place
            + of.scale * rng.standard_normal(len(of.place))
            + (slope + sd * rng.standard_normal()) * of.lean[:, None]
        )
        odds = shifted(of, odds + (spread * of.factor * rng.standard_normal(len(of.share)))[:, None])
        share = (of.voters * special.expit(odds)).sum(axis=1) / of.voters.sum(axis=1)
        noise = np.sqrt(share * (1 - share) / of.votes) * rng.standard_normal(len(share))
        result[i] = np.clip(share + noise, 0.0, 1.0)
    return result


def scored(of: Race, shares: FloatArray) -> list[float]:
    """Inside 50, 80 and 95 %, CRPS in points, error by fifth of lean in points, spread forecast / real."""
    ends = np.quantile(shares, [0.25, 0.75, 0.1, 0.9, 0.025, 0.975], axis=0)
    inside = [100.0 * float(((of.share >= ends[k]) & (of.share <= ends[k + 1])).mean()) for k in (0, 2, 4)]
    weight = np.ones(len(shares))
    crps = [crps_sample(shares[:, u], weight, of.share[u]) for u in range(len(of.share))]
    fifth = np.argsort(np.argsort(of.lean)) * 5 // len(of.lean)
    away = 100.0 * (shares.mean(axis=0) - of.share)
    bias = [float(away[fifth == k].mean()) for k in range(5)]
    return [*inside, 100.0 * float(np.mean(crps)), *bias, float(np.mean(shares.std(axis=1)) / of.share.std())]


def main() -> None:
    """Print a row a way and kind of race."""
    words = argparse.ArgumentParser()
    words.add_argument("folder", type=Path)
    words.add_argument("--draws", type=int, default=300)
    options = words.parse_args()
    found = [race(path) for path in many.races(options.folder)]
    alone = np.array([estimated(of) for of in found])
    kinds = np.array([of.kind for of in found])
    for of, (slope, spread) in zip(found, alone, strict=True):
        print(f"{of.name:40} {of.kind:10} {len(of.share):5d} units  slope {slope:5.2f}  spread {spread:.2f}")

    def others(i: int) -> tuple[float, float, float]:
        like = alone[(kinds == kinds[i]) & (np.arange(len(found)) != i)]
        return float(like[:, 0].mean()), float(like[:, 0].std(ddof=1)), float(np.exp(np.log(like[:, 1]).mean()))

    for way, sizes in (
        ("pools", lambda i: (0.0, 0.0, 0.1)),
        ("shipped", lambda i: found[i].sizes),
        ("left out", others),
    ):
        rows = np.array([scored(of, drawn(of, sizes(i), options.draws)) for i, of in enumerate(found)])
        for kind in ("all", *sorted(set(kinds))):
            mine = rows[kinds == kind] if kind != "all" else rows
            error = clustered(mine[:, 1], range(len(mine))).se
            text = " ".join(f"{value:6.2f}" for value in mine.mean(axis=0))
            print(f"{way:9} {kind:10} {len(mine):3d}  {text}   se of 80: {error:.1f}")


if __name__ == "__main__":
    main()
