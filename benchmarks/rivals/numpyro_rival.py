"""NumPyro, prior predictive: the model as a modeller writes it, drawn by `Predictive` in compiled batches."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
from numpyro.infer import Predictive

from benchmarks.counts import Contest, Counts, Tally
from benchmarks.problem import Problem
from benchmarks.rivals.jax_rival import use_devices

NAME = "NumPyro"
BATCHES = (1_024, 4_096, 16_384)


def prepare(problem: Problem, *, devices: int = 1, batch: int = 4_096, seed: int = 1) -> Contest:
    """One unit.  `devices` CPU devices work side by side; JAX must not have been used before with fewer."""
    if problem.people.shape[0] > 1:
        raise ValueError("one unit only")
    use_devices(devices)
    # parallel: all draws of a batch at once, by vmap
    predictive = Predictive(_model, num_samples=batch, parallel=True, return_sites=["first", "last"])
    arrays = _arrays(problem)

    def batch_of_votes(key: Any) -> tuple[Any, Any]:
        key, now = jax.random.split(key)
        votes = predictive(now, *arrays)
        return key, jnp.rint(jnp.stack([votes["first"], votes["last"]]))

    draw = jax.jit(batch_of_votes)
    keys = jax.random.split(jax.random.key(seed), devices)
    state = [jax.device_put(key, device) for key, device in zip(keys, jax.devices("cpu")[:devices], strict=True)]

    def contest(trials: int) -> Counts:
        tally = Tally(problem.recount_margin, problem.total)
        left = -(-trials // (batch * devices)) * devices
        while left > 0:
            results = []
            for call in range(min(left, 8 * devices)):  # dispatched without waiting
                at = call % devices
                state[at], votes = draw(state[at])
                results.append(votes)
            tally.add(*np.concatenate([np.asarray(votes) for votes in results], axis=1).astype(np.float64))
            left -= len(results)
        return tally.counts()

    return contest


def _model(people: Any, location: Any, load: Any, common_load: Any) -> None:
    """Shared and bloc factors, each pool's own, the rates they give, and votes around their means."""
    common = numpyro.sample("common", dist.Normal(0, 1).expand([2, common_load.shape[2]]).to_event(2))
    own = numpyro.sample("own", dist.Normal(0, 1).expand(list(load.shape)).to_event(2))
    logit = location + jnp.einsum("kjf,kf->kj", common_load, common) + load * own
    turnout, preference = jax.nn.sigmoid(logit)
    shares = turnout * jnp.stack([preference, 1 - preference])
    mean = shares @ people
    first, last = shares
    (mean_first, mean_last), (var_first, var_last) = mean, mean - (shares * shares) @ people
    slope = -(people @ (first * last)) / var_first
    votes = numpyro.sample("first", dist.Normal(mean_first, jnp.sqrt(var_first)))
    rest = jnp.sqrt(var_last - slope * slope * var_first)
    numpyro.sample("last", dist.Normal(mean_last + slope * (votes - mean_first), rest))


def _arrays(problem: Problem) -> tuple[Any, ...]:
    """People, location, own and common loads, in float32."""
    rates = (problem.turnout, problem.preference)
    arrays = (
        problem.people[0],
        np.stack([r.location for r in rates]),
        np.stack([r.load[:, 2] for r in rates]),
        np.stack([r.common for r in rates]),
    )
    return tuple(jnp.asarray(array, jnp.float32) for array in arrays)
