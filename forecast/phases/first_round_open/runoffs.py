"""How a drawn first round ends, and the runoff that it leads to.

In each trial the first round ends in some way: somebody passes the threshold, or two advance.  The runoff
among those two is drawn with the same trial's totals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from runoff.kernels.streams import Purpose, stream
from runoff.phases.first_round_open.outstanding import BLOCK, in_blocks
from runoff.phases.first_round_open.pairings import pairing_model, runoff_votes
from runoff.race import FloatArray, Int64Array
from runoff.simulate.normals import normals

if TYPE_CHECKING:
    from runoff.model.pools import Model
    from runoff.runfile.load import Case

NOBODY = -1  # no such finalist, no winner
TOLD = 0.001  # share of trials in which a lot decides, from which on a note says so
_MOST_TOLD = 3  # such notes
_LARGEST = 10**9  # denominator of a threshold: its product with 2^31 votes is a 64-bit number

Lots = Callable[[Int64Array], FloatArray]  # trials int64[k] -> a lot for each candidate, float64[k, C]


@dataclass(frozen=True, slots=True)
class Finals:
    """How each trial's first round ends, and the runoff after it.

    outright : int64[n], the candidate who passes the threshold, or NOBODY.
    pair : int64[n, 2], the two who advance, in order of rank; NOBODY where somebody wins outright.
    votes : int64[n, 2], the pair's runoff votes.
    winner : int64[n], outright or in the runoff; NOBODY for a tie.
    lots : what a reader must know of lots that decided who goes on.
    """

    outright: Int64Array
    pair: Int64Array
    votes: Int64Array
    winner: Int64Array
    lots: tuple[str, ...] = ()


def ends(totals: Int64Array, rank: Int64Array, threshold: float, lots: Lots) -> tuple[Int64Array, Int64Array]:
    """Who wins outright (int64[n], or NOBODY) and who advances (int64[n, 2], or NOBODY).

    The two stand in order of `rank`: a pairing has one order, whoever of them leads.  Equal votes go by lot, the
    larger one first.  Exactly the threshold is not more than it.
    """
    order = np.argsort(-totals, axis=1, kind="stable")[:, :2]
    alike = np.flatnonzero(tied(totals))
    if alike.size:
        order[alike] = np.lexsort((-lots(alike), -totals[alike]), axis=1)[:, :2]
    top = totals[np.arange(len(totals)), order[:, 0]]
    share = Fraction(str(threshold)).limit_denominator(_LARGEST)
    passed = top * share.denominator > totals.sum(axis=1) * share.numerator
    outright = np.where(passed, order[:, 0], NOBODY)
    two = np.take_along_axis(order, np.argsort(rank[order], axis=1), axis=1)
    pair = np.where(passed[:, None], NOBODY, two)
    return outright.astype(np.int64), pair.astype(np.int64)


def tied(totals: Int64Array) -> np.ndarray:
    """Whether equal votes leave open who goes first or second: bool[n]."""
    highest = -np.sort(-totals, axis=1)[:, :3]
    result: np.ndarray = (np.diff(highest, axis=1) == 0).any(axis=1)
    return result


def _lots_of(seed: int, names: Sequence[str]) -> Lots:
    """A lot for each candidate and trial, which hangs on the name."""
    keys = [stream(Purpose.FIRST_ROUND_LOT, name) for name in names]

    def lots(trials: Int64Array) -> FloatArray:
        found = np.empty((len(trials), len(names)))
        for first in np.unique(trials // BLOCK) * BLOCK:
            mine = (trials >= first) & (trials < first + BLOCK)
            found[mine] = normals(seed, keys, int(first), BLOCK)[:, trials[mine] - first].T
        return found

    return lots


def told(totals: Int64Array, outright: Int64Array, names: Sequence[str]) -> tuple[str, ...]:
    """Notes on those who have equally many votes where the last place is at stake, in TOLD of the trials or more."""
    order = -np.sort(-totals, axis=1)
    if totals.shape[1] < 3:
        return ()
    open_ = np.flatnonzero((outright == NOBODY) & (order[:, 1] == order[:, 2]))
    found: dict[tuple[int, ...], int] = {}
    for row, second in zip(totals[open_], order[open_, 1], strict=True):
        alike = tuple(np.flatnonzero(row == second).tolist())
        found[alike] = found.get(alike, 0) + 1
    n, notes = len(totals), []
    often = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    for alike, times in [(a, t) for a, t in often if t >= TOLD * n][:_MOST_TOLD]:
        said = [names[c] for c in alike]
        where = "" if times == n else f" in {100 * times / n:.1f} % of the trials"
        notes.append(f"{', '.join(said[:-1])} and {said[-1]} have equally many votes{where}: a lot says who advances")
    return tuple(notes)


def conclude(loaded: Case, totals: Int64Array, rank: Int64Array, registered: int, seed: int, threads: int) -> Finals:
    """End each first round, and hold each runoff; totals int64[n, C] in the order of loaded's candidates."""
    names = [c.name for c in loaded.first_round.candidates]
    outright, pair = ends(totals, rank, loaded.run_file.race.threshold, _lots_of(seed, names))
    found = np.unique(pair[outright == NOBODY], axis=0)
    models = {(int(i), int(k)): pairing_model(loaded, (names[i], names[k])) for i, k in found}
    pools = {key: _columns(model, names) for key, model in models.items()}
    new_people = None if loaded.run_file.new_voters is None else loaded.run_file.new_voters.people

    def work(first: int) -> Int64Array:
        rows = slice(first, min(first + BLOCK, len(totals)))
        votes = np.zeros((len(totals[rows]), 2), np.int64)
        for key, model in models.items():
            mine = np.flatnonzero((pair[rows] == key).all(axis=1))
            if mine.size:
                people = _people(totals[rows][mine], pools[key], registered, new_people)
                votes[mine] = runoff_votes(model, people, _normals_of(seed, first, mine))
        return votes

    votes = np.concatenate(in_blocks(work, len(totals), threads))
    ahead = np.where(votes[:, 0] > votes[:, 1], pair[:, 0], pair[:, 1])
    winner = np.where(outright != NOBODY, outright, np.where(votes[:, 0] == votes[:, 1], NOBODY, ahead))
    return Finals(outright, pair, votes, winner, told(totals, outright, names))


def _columns(model: Model, names: list[str]) -> list[int]:
    """Each pool's candidate, or NOBODY for new voters."""
    return [NOBODY if pool.kind == "new" else names.index(pool.name) for pool in model.pools]


def _people(totals: Int64Array, columns: list[int], registered: int, new_people: int | None) -> Int64Array:
    """People of each pool: int64[n, J]."""
    without = np.maximum(registered - totals.sum(axis=1), 0)
    new = without if new_people is None else np.full(len(totals), new_people)
    return np.stack([new if c == NOBODY else totals[:, c] for c in columns], axis=1)


def _normals_of(seed: int, first: int, rows: Int64Array) -> Callable[[list[np.uint64]], FloatArray]:
    """Normals of streams for some rows of a block."""
    return lambda keys: normals(seed, keys, first, BLOCK)[:, rows].astype(np.float64)
