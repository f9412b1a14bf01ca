"""One matrix for all units and a table for each: the symmetric fit, both ways, put together evenly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from runoff.estimate.ecological.blocks import Blocks, FloatArray, Votes, in_order
from runoff.kernels import unit_tables

OFFSET = -0.2  # power of a unit's own share of a destination beside the matrix; 0 is the plain divergence
RELAXED = 1.9  # below 2, where steps go astray
STEPS = 200
CLOSE = 1e-6  # of all people, moved by a step


@dataclass(frozen=True, slots=True)
class Fitted:
    """matrix : float64[R, C], people, both margins.  of_units : float64[n, R, C], the same of each unit."""

    matrix: FloatArray
    of_units: FloatArray
    steps: int


def symmetric(
    votes: Votes, blocks: Blocks, *, offset: float = OFFSET, steps: int = STEPS, close: float = CLOSE
) -> Fitted:
    """The mean of the fit from the first round to the second and of that the other way round.

    Turning the problem round turns the answer round.
    """
    there = one_way(votes, blocks, offset=offset, steps=steps, close=close)
    back = one_way(votes.turned(), blocks, offset=offset, steps=steps, close=close)
    of_units = np.ascontiguousarray(back.of_units.transpose(0, 2, 1))
    of_units += there.of_units
    of_units *= 0.5
    return Fitted(0.5 * (there.matrix + back.matrix.T), of_units, max(there.steps, back.steps))


def one_way(votes: Votes, blocks: Blocks, *, offset: float, steps: int, close: float) -> Fitted:
    """The fit of kernels/unit_tables.py, from even odds on."""
    origins, destinations = votes.origins, votes.destinations
    n, r, c = len(votes.first), len(origins), len(destinations)
    of_all = destinations / votes.people
    shares = np.repeat(of_all[None, :], r, axis=0)
    columns, offsets = np.ones((n, c)), np.ones((n, c))
    if offset:
        blocks.each(lambda _, part: unit_tables.offsets(votes.second[part], of_all, offset, offsets[part]))
    at = offsets, shares, columns
    if len(blocks.parts) == 1:
        sums = np.empty((3, r, c))
        done = unit_tables.all_steps(votes.first, votes.second, *at, origins, sums, RELAXED, close, steps)
    else:
        done = _steps(votes, blocks, at, close, steps)
    of_units, totals = np.empty((n, r, c)), np.empty((len(blocks.parts), r, c))

    def finish(number: int, part: slice) -> None:
        unit_tables.factored(
            votes.first[part], votes.second[part], shares, columns[part], of_units[part], totals[number]
        )

    blocks.each(finish)
    return Fitted(in_order(totals), of_units, done)


def _steps(
    votes: Votes, blocks: Blocks, at: tuple[FloatArray, FloatArray, FloatArray], close: float, steps: int
) -> int:
    """Steps of several blocks; at : offsets [n, C], shares [R, C] and columns [n, C], of which the last two move."""
    (offsets, shares, columns), origins = at, votes.origins
    sums, rows = np.empty((len(blocks.parts), 2, *shares.shape)), np.empty((len(blocks.parts), len(shares)))

    def step(number: int, part: slice) -> None:
        unit_tables.over_units(
            votes.first[part], votes.second[part], offsets[part], shares, columns[part], rows[number], sums[number]
        )

    for done in range(1, steps + 1):
        blocks.each(step)
        if unit_tables.next_shares(in_order(sums), origins, RELAXED, shares) < close:
            return done
    return steps


def correct(votes: Votes, factors: FloatArray, of_units: FloatArray, blocks: Blocks) -> None:
    """Carry what was done to the matrix to each unit's table, in place: `factors` float64[R, C], then its margins."""
    totals = np.empty((len(blocks.parts), *factors.shape))
    blocks.each(
        lambda number, part: unit_tables.corrected(
            votes.first[part], votes.second[part], factors, of_units[part], totals[number]
        )
    )


def dispersion(votes: Votes, shares: FloatArray, blocks: Blocks) -> float:
    """Sd of the log-odds of units around one matrix, beyond lots: what differs between units and origins do not tell.

    shares : float64[R, C], rows sum to 1.  A moment estimate, 0 where units lie closer than lots would.
    """
    c = votes.second.shape[1]
    sums, work = np.empty((len(blocks.parts), 3)), np.empty((len(blocks.parts), 2 + c, c))
    blocks.each(
        lambda number, part: unit_tables.dispersion(
            votes.first[part], votes.second[part], shares, work[number], sums[number]
        )
    )
    beyond, each, _ = in_order(sums)
    return float(np.sqrt(max(beyond / each, 0.0))) if each > 0.0 else 0.0
