"""The least time a trial can take on this processor: micro-kernels in registers times what one trial needs.

Each micro-kernel does one operation on numbers that it makes up as it goes and folds the results with an
exclusive or, so that nothing but the operation costs; loads and stores are measured on arrays in the first
cache.  They run on other ports than arithmetic, so the least time is the larger of the two sums.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from runoff.kernels._jit import compiled
from runoff.kernels.arrays import Inputs
from runoff.kernels.elementary import cos_pi, exp, log, sin_pi
from runoff.kernels.fused import fma
from runoff.kernels.philox import GROUP, ROUNDS, philox4x32

_f, _i = np.float32, np.int32
_ONE, _TINY = _f(1.0), _f(2.0**-33)
REPEATS = 7


@compiled
def _philox(n: int, key: np.uint64) -> int:
    """Four words a step."""
    folded = np.uint64(0)
    zero = np.uint64(7)
    for i in range(n):
        a, b, c, d = philox4x32(np.uint64(i), zero, zero, zero, key, zero, ROUNDS)
        folded ^= a ^ b ^ c ^ d
    return int(folded)


@compiled
def _normal(n: int, key: np.uint64) -> int:
    """Two normals a step, by Box and Muller from two words."""
    folded, mask = _i(0), _i(key)
    for i in range(n):
        word = _i(_i(i) ^ mask)
        u = fma(_f(_i(word & _i(0x7FFFFFFF))), _f(2.0**-31), _f(2.0**-32))
        radius = _f(np.sqrt(_f(-2.0) * log(u)))
        radius = _i(radius.view(np.int32) ^ _i(word << _i(31))).view(np.float32)
        v = _f(word) * _TINY
        sine, cosine = sin_pi(v), cos_pi(v)
        swap = _i(word & _i(2)) == _i(0)
        one, two = (cosine, sine) if swap else (sine, cosine)
        folded = _i(folded ^ _i(_f(radius * one).view(np.int32) ^ _f(radius * two).view(np.int32)))
    return int(folded)


@compiled
def _odds(n: int, key: np.uint64) -> int:
    """One log-odds of three factors a step, and its exponential."""
    folded = _i(0)
    load = _f(key) * _TINY
    for i in range(n):
        z = _f(_i(i)) * _TINY
        folded = _i(folded ^ _f(exp(fma(load, z, fma(load, z, fma(load, z, load))))).view(np.int32))
    return int(folded)


@compiled
def _pair(n: int, key: np.uint64) -> int:
    """The rates of two pools a step, their means and second moments, with one division."""
    folded = _i(0)
    people = _f(key)
    for i in range(n):
        a = _f(_i(i)) * _TINY
        b, c, d = a + _ONE, a + people, a * people
        below, below_2 = (_ONE + a) * (_ONE + b), (_ONE + c) * (_ONE + d)
        share = _ONE / (below * below_2)
        last, last_2 = a * (share * below_2), c * (share * below)
        first, first_2 = last * b, last_2 * d
        votes, votes_2, rest, rest_2 = people * first, people * first_2, people * last, people * last_2
        aa = fma(votes_2, first_2, fma(votes, first, a))
        ab = fma(votes_2, last_2, fma(votes, last, a))
        bb = fma(rest_2, last_2, fma(rest, last, a))
        folded = _i(folded ^ _f(votes + votes_2).view(np.int32))
        folded = _i(folded ^ _f(rest + rest_2).view(np.int32))
        folded = _i(folded ^ _f(aa).view(np.int32))
        folded = _i(folded ^ _f(ab).view(np.int32))
        folded = _i(folded ^ _f(bb).view(np.int32))
    return int(folded)


@compiled
def _copy(n: int, source: Any, target: Any) -> int:
    """One load and one store of a float32 a step, in the first cache."""
    for _ in range(n // GROUP):
        for i in range(GROUP):
            target[i] = source[i]
    return int(target[0])


@compiled
def _count(n: int, place: Any, bins: Any) -> int:
    """One count in a histogram a step, at places that repeat as those of margins do."""
    for _ in range(n // GROUP):
        for i in range(GROUP):
            bins[place[i]] += 1
    return int(bins[0])


@dataclass(frozen=True)
class Part:
    """One operation: nanoseconds of one on this machine, and how many of it a trial needs."""

    name: str
    nanoseconds: float
    count: float
    memory: bool = False

    @property
    def total(self) -> float:
        """Nanoseconds a trial."""
        return self.nanoseconds * self.count


def parts(inputs: Inputs) -> list[Part]:
    """What one trial of one unit and two finalists needs, each measured now."""
    pools, words = inputs.people.shape[1], inputs.factor_stream.size + 2
    pairs = pools / 2
    key, steps = np.uint64(12345), 400_000
    source, target = np.ones(GROUP, np.float32), np.empty(GROUP, np.float32)
    normal = np.random.default_rng(1).normal(10_000, 700, GROUP)
    place, bins = normal.astype(np.uint32), np.zeros(20_001, np.int64)
    loads = 2 * words + 6 * pools + 9 * pairs + 12  # each beside at most one store: copies
    return [
        Part("Philox words", _best(_philox, steps, key) / 4, words),
        Part("normals from words", _best(_normal, steps, key) / 2, words),
        Part("odds from factors", _best(_odds, steps, key), 2 * pools),
        Part("rates and sums, two pools", _best(_pair, steps, key), pairs),
        Part("counts in histograms", _best(_count, steps, place, bins), 2),
        Part("loads and stores", _best(_copy, steps, source, target), loads, memory=True),
    ]


def least(found: list[Part]) -> float:
    """Nanoseconds a trial takes at least: arithmetic and memory run side by side."""
    return max(sum(part.total for part in found if part.memory is kind) for kind in (False, True))


def _best(kernel: Callable[..., int], steps: int, *arguments: Any) -> float:
    """Nanoseconds a step, the best of several."""
    kernel(_i(GROUP), *arguments)
    times = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        kernel(_i(steps), *arguments)
        times.append(time.perf_counter() - begun)
    return min(times) / steps * 1e9
