"""What evidence does to a trial: its factors are drawn from a normal near the posterior, its weight makes up the rest.

With xi the standard normals of a trial and b_r the rows of `direction` (orthonormal), q_r = b_r . xi and

    factors = mean + xi - sum of gain_r q_r b_r

An observation i watches the expected votes V of some people; h = log(V[ratio] / V[last]), l its tangent at the
posterior's mode, linear in q.  With d = h - l and P the precision of all errors,

    log weight = sum of d_i (P (y - l))_i - d' P d / 2

(`runoff.model.posterior` derives it).  Weights are kept as whole numbers of 2^-WEIGHT_BITS, at most MOST_WEIGHT, so
that sums over trials are exact in any order.
"""

from __future__ import annotations

import numpy as np

from runoff.kernels._jit import part
from runoff.kernels._types import Float32Array
from runoff.kernels.arrays import Inputs, Scratch
from runoff.kernels.elementary import exp, log
from runoff.kernels.fused import fma
from runoff.kernels.noise import fill
from runoff.kernels.philox import GROUP
from runoff.kernels.rates import pool_rates
from runoff.kernels.smooth import smooth_rates

WEIGHT_BITS = 16
WEIGHT_ONE = 1 << WEIGHT_BITS
_LOG_MOST = np.float32(4.0)  # a weight is at most e^4, 55 times an average one: it takes 22 bits

_f = np.float32
_ZERO, _HALF, _ONE, _MINUS_ONE = _f(0.0), _f(0.5), _f(1.0), _f(-1.0)
_SCALE = _f(WEIGHT_ONE)


@part
def _add_scaled(load: np.float32, source: Float32Array, target: Float32Array) -> None:
    for i in range(GROUP):
        target[i] = fma(load, source[i], target[i])


@part
def _add_four(
    loads: tuple[np.float32, np.float32, np.float32, np.float32], rows: Float32Array, first: int, target: Float32Array
) -> None:
    """Add four rows of float32[N, GROUP] from `first` on, each times its load: one pass where four would be bound
    by loads and stores.
    """
    one, two, three, four = loads
    a, b, c, d = rows[first], rows[first + 1], rows[first + 2], rows[first + 3]
    for i in range(GROUP):
        target[i] = fma(one, a[i], fma(two, b[i], fma(three, c[i], fma(four, d[i], target[i]))))


@part
def _add_rows(scale: np.float32, loads: Float32Array, rows: Float32Array, target: Float32Array) -> None:
    """Add scale * loads[n] * rows[n] for all n to `target` float32[GROUP]."""
    whole = loads.size // 4 * 4
    for n in range(0, whole, 4):
        four = (scale * loads[n], scale * loads[n + 1], scale * loads[n + 2], scale * loads[n + 3])
        _add_four(four, rows, n, target)
    for n in range(whole, loads.size):
        _add_scaled(scale * loads[n], rows[n], target)


@part
def update_factors(inputs: Inputs, factors: Float32Array, along: Float32Array) -> None:
    """Make the evidence's factors of standard normals `factors` float32[F, GROUP]; `along` float32[R, GROUP] is q."""
    n_factors = factors.shape[0]
    whole = n_factors // 4 * 4
    for r in range(inputs.direction.shape[0]):
        fill(along[r], _ZERO)
    # four factors go to all directions while they lie in the first cache
    for n in range(0, whole, 4):
        for r in range(inputs.direction.shape[0]):
            load = inputs.direction[r]
            _add_four((load[n], load[n + 1], load[n + 2], load[n + 3]), factors, n, along[r])
    for n in range(whole, n_factors):
        for r in range(inputs.direction.shape[0]):
            _add_scaled(inputs.direction[r, n], factors[n], along[r])
    for f in range(inputs.factor_mean.size):
        mean, row = inputs.factor_mean[f], factors[f]
        for i in range(GROUP):
            row[i] += mean
        _add_rows(_MINUS_ONE, inputs.pulled[f], along, row)


@part
def _watch_two(people: float, odds: Float32Array, scratch: Scratch) -> None:
    """Add one pool's expected votes for the first and the last of two finalists to rows 0 and 1 of `expected`."""
    ours, theirs = scratch.expected[0], scratch.expected[1]
    for i in range(GROUP):
        come, choose = odds[i], odds[GROUP + i]
        votes = people * (come / ((_ONE + come) * (_ONE + choose)))
        theirs[i] += votes
        ours[i] = fma(votes, choose, ours[i])


@part
def _watch_pool(inputs: Inputs, people: float, pool: int, ratio: int, scratch: Scratch) -> None:
    """Add one pool's expected votes for finalist `ratio` and the last one to rows 0 and 1 of `expected`."""
    finalists = inputs.count_stream.shape[1]
    last = finalists - 1
    odds = scratch.odds[pool * finalists * GROUP : (pool + 1) * finalists * GROUP]
    shapes = inputs.watched_smooth
    smooth = shapes.shape[0] > 0 and not (shapes[pool, 0] == _ONE and shapes[pool, 2] == _ONE)
    if finalists == 2 and not smooth:
        _watch_two(people, odds, scratch)
        return
    if smooth:
        smooth_rates(odds, shapes[pool], scratch.rates)
    else:
        pool_rates(odds, scratch.effect, False, finalists, scratch.rates)
    ours, theirs = scratch.expected[0], scratch.expected[1]
    for i in range(GROUP):
        theirs[i] = fma(people, scratch.rates[last * GROUP + i], theirs[i])
        ours[i] = fma(people, scratch.rates[ratio * GROUP + i], ours[i])


@part
def _watch(inputs: Inputs, which: int, scratch: Scratch) -> None:
    """Overwrite scratch.bend[which] with h, by the rates of the pools before any unit's effect."""
    ours, theirs, bend = scratch.expected[0], scratch.expected[1], scratch.bend[which]
    fill(ours, _ZERO)
    fill(theirs, _ZERO)
    for j in range(inputs.people.shape[1]):
        people = inputs.watched_people[which, j]
        if people > _ZERO:
            _watch_pool(inputs, people, j, inputs.watched_ratio[which], scratch)
    for i in range(GROUP):
        bend[i] = log(ours[i] / theirs[i])


@part
def _line(start: np.float32, slope: Float32Array, along: Float32Array, out: Float32Array) -> None:
    """Overwrite `out` float32[GROUP] with start + slope . q."""
    fill(out, start)
    _add_rows(_ONE, slope, along, out)


@part
def weigh(inputs: Inputs, scratch: Scratch) -> None:
    """Overwrite scratch.weight int64[GROUP] with the weights of a group whose odds are drawn."""
    watched = inputs.watched_ratio.size
    line, log_weight = scratch.expected[0], scratch.expected[2]
    fill(log_weight, _ZERO)
    for n in range(watched):
        _watch(inputs, n, scratch)
        _line(inputs.tangent[n], inputs.tangent_slope[n], scratch.along, line)
        bend = scratch.bend[n]
        for i in range(GROUP):
            bend[i] -= line[i]
    for n in range(watched):
        _line(inputs.pull[n], inputs.pull_slope[n], scratch.along, line)
        for m in range(watched):
            _add_scaled(-_HALF * inputs.precision[n, m], scratch.bend[m], line)
        bend = scratch.bend[n]
        for i in range(GROUP):
            log_weight[i] = fma(bend[i], line[i], log_weight[i])
    for i in range(GROUP):
        scratch.weight[i] = np.int64(np.int32(fma(exp(min(log_weight[i], _LOG_MOST)), _SCALE, _HALF)))
