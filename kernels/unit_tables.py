"""One matrix of shares for all units, and a table for each that has both of its margins: the alternating fit.

Minimises the sum over units of KL(T_i || diag(x_i) P o_i) with T_i of margins x_i and y_i.  Each step goes over every
unit once: rows, then columns of its table are scaled, and the sums of the tables make the next P.
Source: the divergence as in Csiszar (1975), doi:10.1214/aop/1176996454; over-relaxed as in Salakhutdinov and Roweis
(2003), Adaptive overrelaxed bound optimization methods.
"""

from __future__ import annotations

from runoff.kernels._jit import entry, part
from runoff.kernels._types import FloatArray
from runoff.kernels.functions import exp, log
from runoff.kernels.margins import fit

_HALF = 0.5


@entry
def offsets(second: FloatArray, shares: FloatArray, power: float, out: FloatArray) -> None:
    """Overwrite `out` float64[n, C]: how much more than its share of all a unit has of each destination, to a power.

    second : float64[n, C], votes.  shares : float64[C], of all units.  Half a vote is added to each unit.
    """
    for i in range(second.shape[0]):
        total = 0.0
        for k in range(second.shape[1]):
            total += second[i, k]
        for k in range(second.shape[1]):
            ratio = (second[i, k] + _HALF * shares[k]) / ((total + _HALF) * shares[k])
            out[i, k] = exp(power * log(ratio))


@part
def _over_units(
    first: FloatArray,
    second: FloatArray,
    offset: FloatArray,
    shares: FloatArray,
    columns: FloatArray,
    rows: FloatArray,
    out: FloatArray,
) -> None:
    """One step's sums over some units: `out` float64[2, R, C] is overwritten.

    first, second, offset : float64[n, R], [n, C], [n, C].  shares : float64[R, C], P.  columns : float64[n, C], the
    units' column factors, from 1, which this step moves.  rows : float64[R], scratch.  out[0] : sum of the units'
    tables.  out[1] : what P is divided by, sum of x_ij o_ik / sum_k P_jk o_ik.
    """
    n_units, n_rows = first.shape
    n_columns = second.shape[1]
    for j in range(n_rows):
        for k in range(n_columns):
            out[0, j, k] = 0.0
            out[1, j, k] = 0.0
    for i in range(n_units):
        for j in range(n_rows):
            total = 0.0
            if first[i, j] > 0.0:
                for k in range(n_columns):
                    total += shares[j, k] * columns[i, k]
            rows[j] = first[i, j] / total if total > 0.0 else 0.0
        for k in range(n_columns):
            total = 0.0
            for j in range(n_rows):
                total += rows[j] * shares[j, k]
            columns[i, k] = second[i, k] / total if total > 0.0 else 0.0
        for j in range(n_rows):
            if rows[j] > 0.0:
                total = 0.0
                for k in range(n_columns):
                    out[0, j, k] += rows[j] * shares[j, k] * columns[i, k]
                    total += shares[j, k] * offset[i, k]
                weight = first[i, j] / total if total > 0.0 else 0.0
                for k in range(n_columns):
                    out[1, j, k] += weight * offset[i, k]


over_units = entry(_over_units)  # for who steps over several blocks


@part
def _next_shares(sums: FloatArray, people: FloatArray, relaxed: float, shares: FloatArray) -> float:
    """Move `shares` float64[R, C] by one step's `sums` float64[2, R, C]; returns how many of all people moved.

    people : float64[R], of each origin.  relaxed : the step's power, 1 for the step itself.  Rows sum to 1.
    """
    moved, everybody = 0.0, 0.0
    for j in range(shares.shape[0]):
        total = 0.0
        for k in range(shares.shape[1]):
            new = sums[0, j, k] / sums[1, j, k] if sums[1, j, k] > 0.0 else 0.0
            old = shares[j, k]
            new = old * exp(relaxed * log(new / old)) if new > 1e-200 and old > 1e-200 else 0.0
            sums[0, j, k] = new
            total += new
        everybody += people[j]
        for k in range(shares.shape[1]):
            new = sums[0, j, k] / total if total > 0.0 else shares[j, k]
            moved += people[j] * abs(new - shares[j, k])
            shares[j, k] = new
    return moved / everybody if everybody > 0.0 else 0.0


next_shares = entry(_next_shares)


@entry
def all_steps(
    first: FloatArray,
    second: FloatArray,
    offset: FloatArray,
    shares: FloatArray,
    columns: FloatArray,
    people: FloatArray,
    sums: FloatArray,
    relaxed: float,
    close: float,
    steps: int,
) -> int:
    """Steps over units of one block until less than `close` of all people moves, `steps` at most; how many were taken.

    The bits of `over_units` and `next_shares` by turns.  sums : float64[3, R, C], scratch.
    """
    for step in range(steps):
        _over_units(first, second, offset, shares, columns, sums[2, :, 0], sums[:2])
        if _next_shares(sums[:2], people, relaxed, shares) < close:
            return step + 1
    return steps


@part
def _clear(table: FloatArray) -> None:
    for j in range(table.shape[0]):
        for k in range(table.shape[1]):
            table[j, k] = 0.0


@entry
def factored(
    first: FloatArray, second: FloatArray, shares: FloatArray, columns: FloatArray, tables: FloatArray, out: FloatArray
) -> None:
    """Overwrite `tables` float64[n, R, C] with each unit's table of both margins, and `out` [R, C] with their sum.

    shares, columns : as in `over_units`.
    """
    for i in range(first.shape[0]):
        for j in range(first.shape[1]):
            for k in range(second.shape[1]):
                tables[i, j, k] = shares[j, k] * max(columns[i, k], 1e-200) if first[i, j] > 0.0 else 0.0
    fit_units(first, second, tables, out)


@part
def fit_units(first: FloatArray, second: FloatArray, tables: FloatArray, out: FloatArray) -> None:
    """Fit each unit's table in place to its margins, and overwrite `out` float64[R, C] with their sum."""
    _clear(out)
    for i in range(first.shape[0]):
        total = 0.0
        for j in range(first.shape[1]):
            total += first[i, j]
        fit(tables[i], first[i], second[i], 1e-9 * total)
        for j in range(out.shape[0]):
            for k in range(out.shape[1]):
                out[j, k] += tables[i, j, k]


@entry
def corrected(first: FloatArray, second: FloatArray, factors: FloatArray, tables: FloatArray, out: FloatArray) -> None:
    """Multiply each unit's table by `factors` float64[R, C] and fit it to its margins again; `out` [R, C] is their sum.

    What holds for all units is so carried to each.
    """
    for i in range(first.shape[0]):
        for j in range(first.shape[1]):
            for k in range(second.shape[1]):
                tables[i, j, k] *= factors[j, k]
    fit_units(first, second, tables, out)


@entry
def dispersion(first: FloatArray, second: FloatArray, shares: FloatArray, work: FloatArray, out: FloatArray) -> None:
    """How far units lie from one matrix: `out` float64[3] is overwritten with sums over units.

    out[0] : squared distances beyond those of lots, a voter of the unit.  out[1] : what effects of size 1 on log-odds,
    shared by a unit's rows, would add to it.  out[2] : units with people.  work : float64[2 + C, C], scratch.
    """
    n_units, n_rows = first.shape
    n_columns = second.shape[1]
    out[0], out[1], out[2] = 0.0, 0.0, 0.0
    mean, spread = work[0], work[2:]
    for i in range(n_units):
        people = 0.0
        for j in range(n_rows):
            people += first[i, j]
        if people <= 0.0:
            continue
        _clear(spread)
        for k in range(n_columns):
            mean[k] = 0.0
        for j in range(n_rows):
            for k in range(n_columns):
                share = first[i, j] * shares[j, k]
                mean[k] += share
                spread[k, k] += share
                for m in range(n_columns):
                    spread[k, m] -= share * shares[j, m]
        for k in range(n_columns):
            far = second[i, k] - mean[k]
            out[0] += (far * far - spread[k, k]) / people
            for m in range(n_columns):
                out[1] += spread[k, m] * spread[k, m] / people
        out[2] += 1.0
