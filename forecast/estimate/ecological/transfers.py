"""Where people went between two rounds: a matrix with bounds, draws within the data's margins, and diagnostics."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from runoff.estimate.ecological import draws as drawing
from runoff.estimate.ecological import logistic, prior, tables
from runoff.estimate.ecological.blocks import Blocks, FloatArray, Votes

HIERARCHICAL = 0.6  # part of the hierarchical fit in the answer; the symmetric one is the rest
OF_ORIGINS, OF_DESTINATIONS = (
    0.08,
    0.04,
)  # of all people, drawn towards what is known before where units differ as usual
USUAL = 0.215  # sd of units' log-odds around one matrix, in places whose transfers are known
POWER, MOST = 1.5, 2.0  # by which that mass grows with the sd, and its limit
CLOSER = 1.0  # sd of log-odds of an origin whose odds are known before


@dataclass(frozen=True, slots=True)
class Estimate:
    """A matrix of transfers, in the order of the caller's names; people.

    matrix, least, most : float64[R, C], both margins exact; what no table can be below or above.
    draws : float64[D, R, C].  of_units : float64[n, R, C], each unit's table within its margins.
    dispersion : sd of units' log-odds around one matrix.  mass : what was drawn towards the odds known before, as a
    factor of the usual.  other : float64[2, R, C], without that mass and with twice of it.
    symmetric, hierarchical : float64[R, C], the two fits.  steps : of both.
    """

    matrix: FloatArray
    least: FloatArray
    most: FloatArray
    draws: FloatArray
    of_units: FloatArray
    dispersion: float
    mass: float
    other: FloatArray
    symmetric: FloatArray
    hierarchical: FloatArray
    steps: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Settings:
    """What may be said of an estimate.

    weight : of what is known before, 1 as measured, 0 for none.  draws, seed, threads : as they say.  size : of the
    noise, as in `draws`.  closer : sd of log-odds of an origin whose odds are known before.  pooled : part of the
    answer that is what those odds say, for few units of a larger whole.
    """

    weight: float = 1.0
    draws: int = 1000
    seed: int = 1
    threads: int = 1
    size: float = drawing.SIZE
    closer: float = CLOSER
    pooled: float = 0.0


def estimate(
    first: FloatArray,
    second: FloatArray,
    names: tuple[Sequence[str], Sequence[str], Sequence[str]],
    odds: FloatArray | None = None,
    settings: Settings | None = None,
) -> Estimate:
    """Where people of each origin went.

    first, second : float64[n, R], float64[n, C], whole people, no option empty, equal sums in each unit and people in
    each.  names : of units, origins and destinations, each once: the order of units and options does not matter, to the
    bit.  odds : float64[R, C], known before, 1 where nothing is.
    """
    settings = settings or Settings()
    odds = np.ones((first.shape[1], second.shape[1])) if odds is None else odds
    units = np.array(sorted(range(len(names[0])), key=names[0].__getitem__), np.int64)
    rows, columns = (_by_size(part.sum(axis=0), of) for part, of in zip((first, second), names[1:], strict=True))
    votes = Votes(
        np.ascontiguousarray(first[np.ix_(units, rows)], np.float64),
        np.ascontiguousarray(second[np.ix_(units, columns)], np.float64),
    )
    ordered = [names[1][j] for j in rows], [names[2][k] for k in columns]
    found = _ordered(votes, np.ascontiguousarray(odds[np.ix_(rows, columns)]), ordered, settings)
    back, to_rows, to_columns = np.argsort(units), np.argsort(rows), np.argsort(columns)
    cells = np.ix_(to_rows, to_columns)
    turned = {name: getattr(found, name)[cells] for name in ("matrix", "least", "most", "symmetric", "hierarchical")}
    return Estimate(
        **turned,
        draws=found.draws[:, to_rows][:, :, to_columns],
        of_units=found.of_units[np.ix_(back, to_rows, to_columns)],
        dispersion=found.dispersion,
        mass=found.mass,
        other=found.other[:, to_rows][:, :, to_columns],
        steps=found.steps,
    )


def _by_size(people: FloatArray, names: Sequence[str]) -> npt.NDArray[np.int64]:
    """Places of options, the largest last: log-odds are against the last destination."""
    return np.array(sorted(range(len(names)), key=lambda k: (people[k], names[k])), np.int64)


def _ordered(
    votes: Votes, odds: FloatArray, names: tuple[Sequence[str], Sequence[str]], settings: Settings
) -> Estimate:
    origins, destinations = votes.origins, votes.destinations
    known = prior.expected(odds, origins, destinations)
    if 1 in known.shape:
        return _only(votes, known, settings.draws)
    told = np.any(odds != 1.0, axis=1)
    sd = np.where(told, settings.closer, logistic.LOOSE)
    least, most = prior.bounds(votes)
    with Blocks(len(votes.first), settings.threads) as blocks:
        even = tables.symmetric(votes, blocks)
        rows, variance = logistic.hierarchical(votes, np.maximum(known / origins[:, None], 1e-9), sd, blocks)
        fits = HIERARCHICAL * rows.matrix + (1.0 - HIERARCHICAL) * even.matrix
        spread = tables.dispersion(votes, fits / origins[:, None], blocks)
        mixed = settings.pooled * known + (1.0 - settings.pooled) * fits
        usual = min(spread / USUAL * math.sqrt(spread / USUAL), MOST)
        mass = settings.weight * usual

        def drawn_to(weight: float) -> FloatArray:
            table = mixed + weight * towards(known, origins, destinations)
            return prior.within(table, least, most, origins, destinations)

        matrix = drawn_to(mass)
        of_units = HIERARCHICAL * rows.of_units + (1.0 - HIERARCHICAL) * even.of_units
        tables.correct(votes, matrix / np.maximum(fits, 1e-9), of_units, blocks)
    open_ = _untold(variance, sd, origins)  # next to nothing with a hundred unlike units, all of it with one
    variance *= (open_ * open_) * (open_ * open_)
    draws = drawing.drawn(
        matrix,
        variance,
        (least, most),
        (origins, destinations),
        names,
        draws=settings.draws,
        seed=settings.seed,
        size=settings.size,
    )
    other = np.stack([drawn_to(0.0), drawn_to(2.0 * max(mass, usual))])
    return Estimate(
        matrix, least, most, draws, of_units, spread, mass, other, even.matrix, rows.matrix, (even.steps, rows.steps)
    )


def _only(votes: Votes, matrix: FloatArray, draws: int) -> Estimate:
    """One origin or one destination: everybody's way is known."""
    of_units = votes.first[:, :, None] * votes.second[:, None, :] / votes.first.sum(axis=1)[:, None, None]
    zero, both = (0, 0), np.stack([matrix, matrix])
    repeated = np.repeat(matrix[None], draws, axis=0)
    return Estimate(matrix, matrix, matrix, repeated, of_units, 0.0, 0.0, both, matrix, matrix, zero)


def _untold(variance: FloatArray, sd: FloatArray, origins: FloatArray) -> float:
    """What units leave open of the variance before any result, mean over people: near 1 with one unit or equal ones."""
    r, c = variance.shape
    if r == 1:
        return 0.0
    open_ = [math.fsum(row) / c / (float(s) * float(s) * (1.0 - 1.0 / c)) for row, s in zip(variance, sd, strict=True)]
    weighed = math.fsum(x * float(people) for x, people in zip(open_, origins, strict=True)) / float(origins.sum())
    return float(min(weighed * r / (r - 1.0), 1.0))


def towards(known: FloatArray, origins: FloatArray, destinations: FloatArray) -> FloatArray:
    """The mass that is added where units differ as usual: float64[R, C], people, evenly over origins and destinations.

    known : float64[R, C], people as odds alone say.  origins, destinations : its margins.
    """
    people, (r, c) = origins.sum(), known.shape
    mass: FloatArray = (
        people * known * (OF_ORIGINS / r / origins[:, None] + OF_DESTINATIONS / c / destinations[None, :])
    )
    return mass
