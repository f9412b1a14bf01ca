"""In what order a first round's cells have come, and what their sizes say where no roll tells those of the rest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from runoff.arithmetic.chances import upper
from runoff.arithmetic.functions import log
from runoff.data.counts.first_round_count import Count, Out
from runoff.estimate.chosen import FEW, MOST_LIKELIER, Cases, Habit, apart, cases, leaning, leaning_to
from runoff.estimate.hierarchical.cells import Cells, Forecast
from runoff.estimate.logistic import logistic
from runoff.phases.first_round_open.model.design import SIZE_COLUMN, Known
from runoff.race import FloatArray, Int64Array

# How units of other races differ: in a candidate's log-odds, beside an earlier election too, and in votes.
SHARES = Habit(sd=0.5, log_sd=0.5, prior=0.1)
SWINGS = Habit(sd=0.5, log_sd=0.5, prior=0.12)
VOTES = Habit(sd=1.0, log_sd=0.3, prior=0.3)
BY_SIZE, BY_LEAN = 0.25, 0.8  # by how many standard deviations what is in differs, where units come by their shares
PARTED = 1.0  # the same where they have come by size
MIXED = 0.2  # part of units in regions that are in in part, below which units have come by region
KNOWN_ORDER = 0.05  # how much less likely an order by shares is where they have come by size or by region
_LEAST = 1e-6  # share of all others, where somebody has every vote
LEADERS = 2  # candidates by whose strongholds places may come


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders in which cells may have come, by mode: what they say of the splits, and of sizes where no roll does."""

    splits: tuple[Cases, ...]
    size: tuple[Cases, ...]


NO_ORDER = Orders((), ())


@dataclass(frozen=True, slots=True)
class BySize:
    """What one log unit of a cell's size does to each split, and the usual sizes of its mode.

    slopes : a forecast of one cell for each split.
    usual : float64[cells, 4], mean, least and most of the log votes that came, and the units of each cell.
    """

    slopes: tuple[Forecast, ...]
    usual: FloatArray


@dataclass(frozen=True, slots=True)
class Extents:
    """Log votes of complete cells less their mode's mean, float64[U, M]; that mean, the least and the most."""

    seen: FloatArray
    of_mode: FloatArray

    def usual(self, out: Sequence[Out]) -> FloatArray:
        """As in BySize."""
        return np.array([[*self.of_mode[o.mode], len(o.members)] for o in out])


def extents(count: Count, aside: np.ndarray) -> Extents:
    """How large cells are, by the votes that came."""
    logs = log(count.votes.sum(axis=2) + 1.0)
    known = count.complete & ~aside
    usual = np.zeros((len(count.modes), 3))
    for m in np.flatnonzero(known.any(axis=0)):
        came = logs[known[:, m], m]
        usual[m] = came.mean(), came.min(), came.max()
    return Extents(np.where(known, logs - usual[:, 0], 0.0), usual)


def and_slope(new: Cells) -> Cells:
    """The cells, and after them what one log unit of size does to any cell."""
    x = np.zeros((1, new.x.shape[1]))
    x[0, SIZE_COLUMN] = 1.0
    return Cells(
        np.concatenate([new.x, x]),
        np.append(new.unit, -1),
        np.append(new.share, 0.0),
        np.append(new.kind, 0),
        np.append(new.offset, 0.0),
    )


def orders(
    count: Count,
    known: Known,
    grouped: FloatArray,
    splits: Sequence[Forecast],
    cells: tuple[Int64Array, Int64Array],
    size: Forecast | None,
    mode: Int64Array,
) -> Orders:
    """The orders in which each mode's cells may have come.

    Parameters
    ----------
    grouped : float64[U, M, K], votes by category.  cells : units and modes that the splits have learned from.
    size : the regression of numbers of votes, where no roll tells them.  mode : int64[n], of the cells that it has
    learned from.

    """
    if not count.out:
        return NO_ORDER
    number = np.array([[len(o.members) * (o.mode == m) for o in count.out] for m in range(len(count.modes))], float)
    habit = SHARES if count.baseline is None else SWINGS
    of_splits = [
        _by_share(grouped, splits, cells, m, places, habit, _likelier(count, known, m, grouped[:, m]))
        for m, places in enumerate(number)
    ]
    of_size: list[Cases] = []
    if size is not None:
        one, none = np.ones((1, 1)), np.zeros(1)
        miss = [size.miss[mode == m][:, None] for m in range(len(number))]
        of_size = [cases(v, v, one, none, int(n.sum()), VOTES) for v, n in zip(miss, number, strict=True)]
    return Orders(tuple(of_splits), tuple(of_size))


def _likelier(count: Count, known: Known, m: int, votes: FloatArray) -> FloatArray:
    """How much likelier than a sample an order by shares is, by sizes, the earlier election and regions of what is in.

    Sizes that are much alike speak for a sample; where they part what is in from what is out, the order was theirs.
    votes : float64[U, K], of the mode by category.  Of each of the first candidates the top and the bottom: what is in
    leans to one side, and whose places are there is told by what goes with that lean in the places that are in.
    """
    told = count.complete[:, m].copy()
    told[[u for o in count.out if o.mode == m for u in o.members]] = True
    reported = count.complete[told, m]
    first = min(LEADERS, max(votes.shape[1] - 1, 1))
    extent = (known.extent if known.sized else np.zeros_like(known.extent))[told]
    _, place, number = np.unique(np.array(count.first_round.regions)[told], return_inverse=True, return_counts=True)
    part = np.bincount(place, reported) / number
    mixed = number[(part > 0.0) & (part < 1.0)].sum() / max(len(place), 1)
    if abs(apart(extent, reported)) > PARTED or (len(number) > 1 and number.mean() >= 2.0 and mixed < MIXED):
        return np.full((first, 2), KNOWN_ORDER)
    centred = extent - extent.mean() if len(extent) else extent
    lean = known.lean[told] - centred * float((centred * known.lean[told]).sum()) / max(
        float((centred**2).sum()), 1e-12
    )
    times, more = leaning_to(lean, reported, BY_LEAN)
    times *= min(leaning(extent, reported, BY_SIZE), 1.0)
    found = np.empty((first, 2))
    for c in range(first):
        with_ = _with_lean(votes[told][reported], lean[reported], c)
        top = with_ * more + (1.0 - with_) * (1.0 - more)
        found[c] = 2.0 * times * top, 2.0 * times * (1.0 - top)
    return np.minimum(found, MOST_LIKELIER)


def _with_lean(votes: FloatArray, lean: FloatArray, c: int) -> float:
    """Chance that candidate c has more where the earlier election leans to its first: a line's slope, and its error."""
    n = len(votes)
    if n < FEW or lean.std() <= 0.0:
        return 0.5
    own, total = votes[:, c], votes.sum(axis=1)
    odds = log((own + 0.5) / (total - own + 0.5))
    x, y = lean - lean.mean(), odds - odds.mean()
    slope = float((x * y).sum()) / float((x * x).sum())
    error = float(((y - slope * x) ** 2).sum()) / (n - 2) / float((x * x).sum())
    return float(upper(-slope / math.sqrt(error + 1e-12)))


def _by_share(
    grouped: FloatArray,
    splits: Sequence[Forecast],
    cells: tuple[Int64Array, Int64Array],
    m: int,
    places: FloatArray,
    habit: Habit,
    likelier: FloatArray,
) -> Cases:
    """In what order a mode's cells may have come: by the shares of the first two candidates.

    They come by their log-odds as they are, whatever was known of them beforehand; what is out moves by what the
    regressions leave of the distance.
    """
    mine = cells[1] == m
    votes = grouped[cells[0][mine], m]
    miss = np.stack([split.miss[mine] for split in splits], axis=1) if splits else np.zeros((int(mine.sum()), 0))
    first = min(LEADERS, len(splits))
    total = votes.sum(axis=0)
    left = np.maximum(total[::-1].cumsum()[::-1], 1.0)
    others, behind = np.maximum(1.0 - total / left[0], _LEAST), np.maximum(1.0 - total / left, _LEAST)
    to_own = np.zeros((len(splits), first))
    for c in range(first):
        to_own[:c, c] = (behind[:c] - 1.0) / others[c]
        to_own[c, c] = behind[c] / others[c]
    own = votes[:, :first]
    noise = (1.0 / np.maximum(own, 1.0)).mean(axis=0) if len(votes) else np.zeros(first)
    odds = log((own + 0.5) / (votes.sum(axis=1, keepdims=True) - own + 0.5))
    expected = np.zeros(first)
    if len(votes) and places.any():
        expected = odds.mean(axis=0) - _expected(splits[:first], places)
    return cases(odds, miss, to_own, noise, int(places.sum()), habit, likelier, expected)


def _expected(splits: Sequence[Forecast], places: FloatArray) -> FloatArray:
    """Mean log-odds float64[C] of the first candidates in cells that are out, by how many places each of them is."""
    rest, found = np.ones(len(places)), list[float]()
    for split in splits:
        share = rest * logistic(split.mean.mean(axis=0))
        found.append(float(np.average(log(share / (1.0 - share)), weights=places)))
        rest = rest - share
    return np.array(found)
