"""The two rates that decide most, and how often the first finalist wins where both are what they are.

Which two is said before anything is drawn: of all pairs the one that together explains most of the margin's variance,
to first order around the mean log-odds, r' S^-1 r with S their covariance and r theirs with the margin.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from runoff.estimate.indices.even_line import even_line
from runoff.estimate.logistic import logistic
from runoff.model.pools import Model
from runoff.phases.runoff_ahead.influence.margin import Margin
from runoff.phases.runoff_ahead.influence.rate_totals import members
from runoff.phases.runoff_ahead.rates import rate_pools
from runoff.race import FloatArray, Row
from runoff.simulate.driver import PPM, RATE_BIN, RESPONSE_BINS, Drawn, standard_error

if TYPE_CHECKING:
    from runoff.kernels.arrays import Inputs

LEAST = 0.005  # of all people in a pool whose rates are looked at
_REACH = 2.6  # standard deviations of log-odds to either side: 99 % of trials
_SAME = 0.999  # squared correlation of two rates that are one
_STILL = 1e-18  # variance of a rate that does not vary


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate of the rate tables: its row, which of its rates (0: turnout, 1 + k: preference), mean and slopes.

    slopes : float64[J K], of the rate over the log-odds of all rates.
    """

    row: int
    what: int
    mean: float
    slopes: FloatArray


def with_response(inputs: Inputs, model: Model) -> Inputs:
    """The arrays with the two rates that decide most, and the bins that they are counted in."""
    margin = Margin.of(inputs)
    rates = [rate for rate in _rates(model, margin) if 0.0 < rate.mean < 1.0]
    pair = _pair(margin, rates) if rates else None
    if pair is None:
        return inputs
    covariance = margin.spread @ margin.spread.T
    return inputs._replace(response=np.array([_spec(rate, covariance) for rate in pair], np.int64))


def _rates(model: Model, margin: Margin) -> list[Rate]:
    """Rates that can be looked at: of large pools, blocs in place of their pools, preferences for the favourite."""
    turnout, shares = margin.rates(margin.center[None, :])
    votes = np.stack([part[0] for part in margin.votes(margin.center[None, :])], axis=1)
    many, each = len(model.pools), margin.pools.n_ratios
    least = LEAST * int(model.people.sum())
    found = []
    for row, (pool, places) in enumerate(zip(rate_pools(model), members(model), strict=True)):
        if pool.people < least or (pool.kind == "eliminated" and pool.bloc in model.bloc_rows):
            continue
        total, favourite = float(votes[places].sum()), int(votes[places].sum(axis=0).argmax())
        change = np.zeros((2, margin.center.size))  # of all votes of the row, and of the favourite's
        for j in places:
            change[:, j] = (1.0 - turnout[0, j]) * np.array([votes[j].sum(), votes[j, favourite]])
            for m in range(each):
                change[1, many + j * each + m] = votes[j, favourite] * ((m == favourite) - shares[m][0, j])
        share = float(votes[places, favourite].sum()) / max(total, 1e-300)
        found.append(Rate(row, 0, total / pool.people, change[0] / pool.people))
        found.append(Rate(row, 1 + favourite, share, (change[1] - share * change[0]) / max(total, 1e-300)))
    return found


def _pair(margin: Margin, rates: list[Rate]) -> tuple[Rate, Rate] | None:
    """The two rates that explain most together; the one that explains more by itself first."""
    covariance = margin.spread @ margin.spread.T
    slopes = np.stack([rate.slopes for rate in rates])
    own = slopes @ covariance @ slopes.T
    theirs = slopes @ (covariance @ margin.slopes_of_odds(margin.center[None, :])[0])
    varies = np.diag(own) > _STILL
    if varies.sum() < 2:
        return None
    alone = np.divide(theirs**2, np.diag(own), out=np.zeros(len(rates)), where=varies)
    both = np.outer(np.diag(own), np.diag(own))
    left = both - own**2
    usable = np.outer(varies, varies) & (own**2 <= _SAME * both)
    square = np.outer(theirs**2, np.diag(own))
    together = square + square.T - 2.0 * np.outer(theirs, theirs) * own
    explained = np.divide(together, left, out=np.zeros_like(own), where=usable)
    first, second = np.unravel_index(int(np.triu(explained, 1).argmax()), own.shape)
    if not explained[first, second] > 0.0:
        return None
    pair = rates[first], rates[second]
    return pair if alone[first] >= alone[second] else pair[::-1]


def _spec(rate: Rate, covariance: FloatArray) -> tuple[int, int, int, int]:
    """The kernel's row of a rate: bins over 99 % of its law, multiples of those of the rate tables."""
    middle = float(np.log(rate.mean) - np.log1p(-rate.mean))
    sd = float(np.sqrt(rate.slopes @ covariance @ rate.slopes)) / (rate.mean * (1.0 - rate.mean))
    low, high = (float(end) for end in logistic(np.array([middle - _REACH * sd, middle + _REACH * sd])))
    start = int(low * PPM) // RATE_BIN * RATE_BIN
    width = -(-int(high * PPM + 1 - start) // (RESPONSE_BINS * RATE_BIN)) * RATE_BIN
    return rate.row, rate.what, max(min(start, PPM - RESPONSE_BINS * width), 0), width


def response_rows(model: Model, inputs: Inputs, drawn: Drawn) -> list[Row]:
    """A row a cell of the two rates, the first rate's bins in turn, each with those of the second."""
    if not inputs.response.shape[0] or not drawn.tallies.response.size:
        return []
    pools = rate_pools(model)
    sides: list[Row] = []
    edges = []
    for side, (row, what, low, width) in zip(("x", "y"), inputs.response.tolist(), strict=True):
        said = {name: pools[row].keys[name] for name in ("pool", "bloc", "kind")}
        said |= {"rate": "preference" if what else "turnout", "candidate": model.finalists[what - 1] if what else ""}
        sides.append({f"{side}_{name}": value for name, value in said.items()})
        edges.append([(low + k * width) / PPM for k in range(RESPONSE_BINS + 1)])
    even = _even(edges, drawn)
    rows: list[Row] = []
    for i, j in itertools.product(range(RESPONSE_BINS), repeat=2):
        cell: Row = {"winner": model.finalists[0]}
        cell |= {**sides[0], "x_low": edges[0][i], "x_high": edges[0][i + 1]}
        cell |= {**sides[1], "y_low": edges[1][j], "y_high": edges[1][j + 1]}
        rows.append({**cell, **_inside(drawn, i, j), "y_even": even[i]})
    return rows


def _inside(drawn: Drawn, i: int, j: int) -> Row:
    """What the trials of a cell say."""
    weight, wins, margins = (int(part) for part in drawn.tallies.response[i, j])
    trials = weight * drawn.detail_effective / drawn.detail_total
    if not weight:
        return {"trials": 0, "p_win": None, "p_win_mcse": None, "margin_mean": None}
    p = wins / weight
    error = standard_error(p, trials)
    return {"trials": round(trials), "p_win": p, "p_win_mcse": error, "margin_mean": margins / weight / PPM}


def _even(edges: list[list[float]], drawn: Drawn) -> list[float | None]:
    """The second rate at which the race is even, for the middle of each bin of the first; None beyond the cells."""
    middles = [(np.array(side[:-1]) + np.array(side[1:])) / 2.0 for side in edges]
    x, y = (grid.ravel() for grid in np.meshgrid(*middles, indexing="ij"))
    cells = drawn.tallies.response.reshape(-1, 3) * (drawn.detail_effective / drawn.detail_total)
    inner = (np.indices((RESPONSE_BINS, RESPONSE_BINS)) % (RESPONSE_BINS - 1) > 0).all(axis=0).ravel()  # ends are open
    line = even_line(x[inner], y[inner], cells[inner, 0], cells[inner, 1], middles[0].tolist())
    return [one if edges[1][0] <= one <= edges[1][-1] else None for one in line]
