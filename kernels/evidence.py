"""What evidence does to a trial: its factors are drawn from a normal near the posterior, its weight makes up the rest.

With xi the standard normals of a trial and b_r the rows of `direction` (orthonormal), q_r = b_r . xi and

    factors = mean + xi - sum of gain_r q_r b_r

An observation i watches the expected votes V of some people; h = log(V[ratio] / V[last]), l its tangent at the
posterior's mode, linear in q.  With d = h - l and P the precision of all errors,

    log weight = sum of d_i (P (y - l))_i - d' P d / 2

(`forecast.posterior` derives it).  Weights are kept as whole numbers of 2^-WEIGHT_BITS, at most MOST_WEIGHT, so
that sums over trials are exact in any order.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from kernels._jit import part
from kernels.arrays import Inputs, Scratch
from kernels.elementary import exp, log
from kernels.fused import fma
from kernels.noise import fill
from kernels.philox import GROUP

WEIGHT_BITS = 16
WEIGHT_ONE = 1 << WEIGHT_BITS
_LOG_MOST = np.float32(4.0)  # a weight is at most e^4, 55 times an average one: it takes 22 bits

_f = np.float32
_ZERO, _HALF, _ONE = _f(0.0), _f(0.5), _f(1.0)
_SCALE = _f(WEIGHT_ONE)


@part
def _add_scaled(load: np.float32, source: npt.NDArray[np.float32], target: npt.NDArray[np.float32]) -> None:
    for i in range(GROUP):
        target[i] = fma(load, source[i], target[i])


@part
def update_factors(inputs: Inputs, factors: npt.NDArray[np.float32], along: npt.NDArray[np.float32]) -> None:
    """Make the evidence's factors of standard normals `factors` float32[F, GROUP]; `along` float32[R, GROUP] is q."""
    for r in range(inputs.direction.shape[0]):
        row, direction = along[r], inputs.direction[r]
        fill(row, _ZERO)
        for f in range(direction.size):
            if direction[f] != _ZERO:
                _add_scaled(direction[f], factors[f], row)
    for r in range(inputs.direction.shape[0]):
        row, direction, gain = along[r], inputs.direction[r], inputs.gain[r]
        for f in range(direction.size):
            if direction[f] != _ZERO:
                _add_scaled(-gain * direction[f], row, factors[f])
    for f in range(inputs.factor_mean.size):
        mean, row = inputs.factor_mean[f], factors[f]
        for i in range(GROUP):
            row[i] += mean


@part
def _watch(inputs: Inputs, which: int, scratch: Scratch) -> None:
    """Overwrite scratch.bend[which] with h, by the odds of the pools before any unit's effect."""
    finalists = inputs.count_stream.shape[1]
    last, ratio = finalists - 1, inputs.watched_ratio[which]
    ours, theirs, total = scratch.expected[0], scratch.expected[1], scratch.expected[2]
    fill(ours, _ZERO)
    fill(theirs, _ZERO)
    for j in range(inputs.people.shape[1]):
        people = inputs.watched_people[which, j]
        if people <= _ZERO:
            continue
        first = j * finalists * GROUP
        chosen = first + (ratio + 1) * GROUP
        fill(total, _ONE)
        for k in range(last):
            start = first + (k + 1) * GROUP
            for i in range(GROUP):
                total[i] += scratch.odds[start + i]
        for i in range(GROUP):
            come = scratch.odds[first + i]
            votes = people * (come / ((_ONE + come) * total[i]))
            theirs[i] += votes
            ours[i] = fma(votes, scratch.odds[chosen + i], ours[i])
    bend = scratch.bend[which]
    for i in range(GROUP):
        bend[i] = log(ours[i] / theirs[i])


@part
def _line(
    start: np.float32, slope: npt.NDArray[np.float32], along: npt.NDArray[np.float32], out: npt.NDArray[np.float32]
) -> None:
    """Overwrite `out` float32[GROUP] with start + slope . q."""
    fill(out, start)
    for r in range(slope.size):
        _add_scaled(slope[r], along[r], out)


@part
def weigh(inputs: Inputs, scratch: Scratch) -> None:
    """Overwrite scratch.weight int64[GROUP] with the weights of a group whose odds are drawn."""
    watched = inputs.watched_ratio.size
    line, log_weight = scratch.expected[0], scratch.expected[3]
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
