"""JAX, jitted, float32: batches of trials in a scan, all inside one compiled function, on as many CPU devices.

Sums of a batch are handed back batch by batch and added in float64; histograms are scattered inside.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.counts import BINS, MARGIN_BINS, NOTHING, Contest, Counts
from benchmarks.problem import Problem

NAME = "JAX"
BATCHES = (512, 1_024, 2_048, 4_096)
STEPS = 32  # batches in one call
KEYS = ("threefry2x32", "rbg", "unsafe_rbg")


def prepare(
    problem: Problem, *, devices: int = 1, batch: int = 1_024, keys: str = "threefry2x32", seed: int = 1
) -> Contest:
    """One unit.  `devices` CPU devices work side by side; JAX must not have been used before with fewer."""
    use_devices(devices)
    step = jax.jit(_steps(problem, batch))
    state = [jax.device_put(key, device) for key, device in zip(
        jax.random.split(jax.random.key(seed, impl=keys), devices), jax.devices("cpu")[:devices], strict=True
    )]  # fmt: skip

    def contest(trials: int) -> Counts:
        calls = -(-trials // (devices * batch * STEPS))
        results = []
        for _ in range(calls):
            for i, key in enumerate(state):  # dispatched without waiting
                state[i], *result = step(key)
                results.append(result)
        counts = NOTHING
        bins = np.zeros(MARGIN_BINS, np.int64), np.zeros(BINS, np.int64)
        for whole, sums, *histograms in results:
            wins, losses, recounts = np.asarray(whole).sum(axis=0, dtype=np.int64).tolist()
            margin, squares = np.asarray(sums).sum(axis=0, dtype=np.float64)[:2].tolist()
            drawn = batch * STEPS
            counts += Counts(drawn, wins, drawn - wins - losses, recounts, margin, squares)
            for target, part in zip(bins, histograms, strict=True):
                target += np.asarray(part)
        return counts

    return contest


def use_devices(devices: int) -> None:
    """Have so many CPU devices; they can be set only before JAX is first used."""
    if jax.config.jax_num_cpu_devices < devices:
        jax.config.update("jax_num_cpu_devices", devices)


def votes_of(problem: Problem) -> Callable[[Any, Any, Any], tuple[Any, Any]]:
    """Whole votes [trials] of both from normals: [2, F - J, trials] shared, [2, J, trials] own, [2, trials] noise."""
    n = jnp.asarray(problem.people[0], jnp.float32)
    rates = (problem.turnout, problem.preference)
    common = jnp.asarray(np.stack([-r.common for r in rates]), jnp.float32)
    own = jnp.asarray(np.stack([-r.load[:, 2] for r in rates]), jnp.float32)[:, :, None]
    location = jnp.asarray(np.stack([-r.location for r in rates]), jnp.float32)[:, :, None]

    def votes(z_common: Any, z_own: Any, z_count: Any) -> tuple[Any, Any]:
        turnout, preference = jnp.exp(location + common @ z_common + own * z_own)  # odds against
        first = 1 / ((1 + turnout) * (1 + preference))
        last = first * preference
        mean_first, mean_last = n @ first, n @ last
        var_first, var_last = mean_first - n @ (first * first), mean_last - n @ (last * last)
        root = jnp.sqrt(var_first)
        slope = n @ (first * last) / root  # minus the covariance
        noise = jnp.sqrt(var_last - slope * slope) * z_count[1] - slope * z_count[0]
        return jnp.rint(mean_first + root * z_count[0]), jnp.rint(mean_last + noise)

    return votes


def _steps(problem: Problem, batch: int) -> Callable[[Any], Any]:
    """Key -> next key, wins, losses and recounts by batch, sums by batch, histograms."""
    if problem.people.shape[0] > 1:
        raise ValueError("one unit only")
    votes = votes_of(problem)
    pools = problem.people.shape[1]
    common = problem.turnout.factors - pools

    def one(carry: Any, _: None) -> tuple[Any, Any]:
        key, margin_bins, turnout_bins = carry
        key, now = jax.random.split(key)
        z = jax.random.normal(now, (2, common + pools + 1, batch), jnp.float32)
        a, b = votes(z[:, :common], z[:, common:-1], z[:, -1])
        difference, valid = a - b, a + b
        margin = difference / valid
        whole = jnp.stack(
            [(difference > 0).sum(), (difference < 0).sum(), (abs(margin) <= problem.recount_margin).sum()]
        )
        sums = jnp.stack(
            [margin.sum(), (margin * margin).sum(), a.sum(), b.sum(), (a * a).sum(), (a * b).sum(), (b * b).sum()]
        )
        margin_bins = margin_bins.at[((margin + 1) * 1e4).astype(jnp.int32)].add(1)
        turnout_bins = turnout_bins.at[(valid * (1e4 / problem.total)).astype(jnp.int32)].add(1)
        return (key, margin_bins, turnout_bins), (whole, sums)

    def steps(key: Any) -> Any:
        start = key, jnp.zeros(MARGIN_BINS, jnp.int32), jnp.zeros(BINS, jnp.int32)
        (key, *bins), (whole, sums) = jax.lax.scan(one, start, None, length=STEPS)
        return key, whole, sums, *bins

    return steps
