"""Slow twins: the same model written plainly, in float64 and whole trials, fed with the same random words.

Nothing here shares code with the kernels except the arrays that go in.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special, stats

from runoff.kernels.arrays import SMALL_POOL, SMALL_UNIT, Inputs
from runoff.kernels.philox import GROUP, LANES
from runoff.kernels.places import MOST_NORMAL

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]


def philox(counter: tuple[int, int, int, int], key: tuple[int, int], rounds: int = 10) -> tuple[int, ...]:
    """Philox4x32 in plain whole numbers, as the paper's figure has it."""
    low = 0xFFFFFFFF
    x, k = list(counter), list(key)
    for _ in range(rounds):
        left, right = 0xD2511F53 * x[0], 0xCD9E8D57 * x[2]
        x = [(right >> 32) ^ x[1] ^ k[0], right & low, (left >> 32) ^ x[3] ^ k[1], left & low]
        k = [(k[0] + 0x9E3779B9) & low, (k[1] + 0xBB67AE85) & low]
    return tuple(x)


def philox_arrays(counter: list[Words], key: list[Words], rounds: int = 10) -> list[Words]:
    """The same for arrays of counters and keys, 32 bits each held in 64."""
    low, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    x, k = list(counter), list(key)
    for _ in range(rounds):
        left, right = np.uint64(0xD2511F53) * x[0], np.uint64(0xCD9E8D57) * x[2]
        x = [(right >> half) ^ x[1] ^ k[0], right & low, (left >> half) ^ x[3] ^ k[1], left & low]
        k = [(k[0] + np.uint64(0x9E3779B9)) & low, (k[1] + np.uint64(0xBB67AE85)) & low]
    return x


def words(seed: int, stream: int, groups: int) -> Words:
    """One word for each trial of the first groups: uint64[groups * GROUP]."""
    place = np.arange(groups * LANES, dtype=np.uint64)
    full = np.full_like(place, 1)
    stream, seed = int(stream), int(seed)
    low, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    counter = [
        place & low,
        place >> half,
        full * np.uint64(stream & 0xFFFFFFFF),
        full * np.uint64(stream >> 32),
    ]
    key = [full * np.uint64(seed & 0xFFFFFFFF), full * np.uint64(seed >> 32)]
    by_word = np.stack(philox_arrays(counter, key))  # [4, groups * LANES]
    # the first half of a group's trials has words 0 and 2 of its counters in turn, the second half 1 and 3
    return by_word.reshape(2, 2, groups, LANES).transpose(2, 1, 3, 0).reshape(-1)


def normals(seed: int, stream: int, groups: int) -> Floats:
    """Standard normals by Box and Muller in float64, in the order of trials."""
    w = words(seed, stream, groups).reshape(groups, 2, 2 * LANES)
    u = ((w[:, 0] >> np.uint64(1)).astype(float) + 0.5) * 2.0**-31
    word = w[:, 1].astype(np.uint32).view(np.int32)
    # a quarter of the circle from the whole word, the other three by its two lowest bits
    angle = np.pi * word.astype(float) * 2.0**-33
    radius = np.sqrt(-2.0 * np.log(u)) * np.where(word & 1, -1.0, 1.0)
    near, far = radius * np.cos(angle), radius * np.sin(angle)
    swap = (word & 2) != 0
    pair = np.stack([np.where(swap, far, near), np.where(swap, near, far)], axis=1)  # [groups, 2, 2 * LANES]
    return pair.reshape(groups * GROUP)


def rates(inputs: Inputs, groups: int) -> tuple[Floats, Floats]:
    """Log-odds of turnout [trials, J] and log-ratios of preference [trials, J, K-1], before units' effects."""
    z = np.stack([normals(int(inputs.seed), s, groups) for s in inputs.factor_stream])
    turnout = inputs.turnout_location + np.einsum("jl,jlt->tj", inputs.turnout_load, z[inputs.turnout_factor])
    ratios = inputs.preference_location.shape[1]
    rows = inputs.preference_factor[:, :, None] + np.arange(ratios)
    preference = inputs.preference_location + np.einsum("jlkm,jlmt->tjk", inputs.preference_load, z[rows])
    joint = np.einsum("jkm,mt->tjk", inputs.joint_load, z[inputs.joint_factor :][: inputs.joint_load.shape[2]])
    turnout, preference = turnout + joint[:, :, 0], preference + joint[:, :, 1:]
    return turnout, preference


def transfer(turnout: Floats, preference: Floats) -> Floats:
    """Share of each pool's people who vote for each finalist: [trials, J, K]."""
    ratios = np.concatenate([preference, np.zeros((*preference.shape[:-1], 1))], axis=-1)
    share: Floats = special.expit(turnout)[..., None] * special.softmax(ratios, axis=-1)
    return share


def votes(inputs: Inputs, groups: int) -> npt.NDArray[np.int64]:
    """Whole votes of each trial, unit and finalist: int64[trials, U, K]."""
    turnout, preference = rates(inputs, groups)
    seed, finalists = int(inputs.seed), inputs.count_stream.shape[1]
    z = np.stack([normals(seed, s, groups) for s in inputs.factor_stream])
    result = np.zeros((groups * GROUP, inputs.people.shape[0], finalists), np.int64)
    sides = np.r_[0, [1] * (finalists - 1)]
    slopes = z[inputs.slope_factor]
    if inputs.bend.shape[0]:
        turnout, preference = _bent(inputs, turnout, preference, slopes)
    for m in range(finalists if inputs.centre.shape[1] else 0):
        rows = inputs.unit_region[0] + finalists * np.arange(inputs.centre.shape[1]) + m
        weight = inputs.centre[sides[m]].astype(float)
        z[rows] -= np.outer(weight, weight @ z[rows])
    drift = np.zeros((groups * GROUP, finalists))
    for u in range(inputs.people.shape[0]):
        own = np.stack([normals(seed, s, groups) for s in inputs.unit_stream[u]], axis=1)
        row, scale = inputs.unit_region[u], inputs.unit_scale[u].astype(float)
        region = z[row : row + finalists].T if row >= 0 else np.zeros_like(own)
        own = own * scale[2 + sides] + drift * inputs.drift[u, 1 + sides]
        drift += inputs.drift[u, 0] * own * (inputs.drift[u, 1 + sides] != 0.0)
        shift = region * scale[sides] + own
        of_preference = shift[:, 1:] @ inputs.contrast.astype(float).T
        if inputs.lean.shape[0]:
            lean = inputs.lean[u].astype(float)
            shift[:, 0] += lean[0, 0] + lean[0, 1] * slopes[0]
            of_preference = of_preference + lean[1:, 0] + lean[1:, 1] * slopes[1][:, None]
        share = transfer(turnout + shift[:, :1], preference + of_preference[:, None, :])
        result[:, u] = _unit_votes(inputs, u, share, groups)
    return result


def _bent(inputs: Inputs, turnout: Floats, preference: Floats, slopes: Floats) -> tuple[Floats, Floats]:
    """Log-odds bent by polynomials in the slopes' normals, and what both slopes do together."""
    at = np.clip(slopes / MOST_NORMAL, -1.0, 1.0)
    q = inputs.bend.astype(float)
    bent = []
    for logits, location, part, v in (
        (turnout[:, :, None], inputs.turnout_location[:, None], q[:, :1], at[0]),
        (preference, inputs.preference_location, q[:, 1:], at[1]),
    ):
        by_slope = np.einsum("jkpt,nt->njkp", part, np.vander(v, q.shape[3], increasing=True))
        away = logits - location.astype(float)
        bent.append(sum(by_slope[..., p] * away**p for p in range(q.shape[2])))
    cross = inputs.cross.astype(float)
    together = (cross[..., 0] + cross[..., 1] * slopes[1][:, None, None]) * slopes[0][:, None, None]
    return bent[0][:, :, 0], bent[1] + together


def _unit_votes(inputs: Inputs, u: int, share: Floats, groups: int) -> npt.NDArray[np.int64]:
    people = inputs.people[u].astype(float)
    seed, finalists = int(inputs.seed), share.shape[2]
    large = (people > SMALL_POOL) | (people.sum() > SMALL_UNIT)
    n, r = people[large], share[:, large]
    mean = np.einsum("j,tjk->tk", n, r)
    covariance = np.einsum("j,tjk,kl->tkl", n, r, np.eye(finalists)) - np.einsum("j,tjk,tjl->tkl", n, r, r)
    noise = np.stack([normals(seed, s, groups) for s in inputs.count_stream[u]], axis=1)
    if large.any():
        mean = mean + np.einsum("tkl,tl->tk", np.linalg.cholesky(covariance), noise)
    total = np.floor(np.maximum(mean, 0.0) + 0.5).astype(np.int64)
    for j in np.flatnonzero(~large & (people > 0)):
        left = np.full(len(total), int(people[j]))
        rest = np.ones(len(total))
        for k in range(finalists):
            uniform = (
                (words(seed, inputs.exact_stream[u, j, k], groups) >> np.uint64(8)).astype(float) + 0.5
            ) * 2.0**-24
            chance = np.minimum(share[:, j, k] / np.maximum(rest, 1e-12), 1.0)
            turned = chance > 0.5
            p = np.where(turned, 1.0 - chance, chance)
            drawn = stats.binom.ppf(np.where(turned, 1.0 - uniform, uniform), left, p).astype(np.int64)
            drawn = np.where(turned, left - drawn, drawn)
            total[:, k] += drawn
            left = left - drawn
            rest = rest - share[:, j, k]
    everybody = int(people.sum())
    for k in range(finalists):
        total[:, k] = np.minimum(total[:, k], everybody - total[:, :k].sum(axis=1))
    result: npt.NDArray[np.int64] = total
    return result


def summed_votes(inputs: Inputs, groups: int) -> npt.NDArray[np.int64]:
    """Whole votes of each trial where all units are drawn at once: int64[trials, 2], by three nodes in float64."""
    z = np.stack([normals(int(inputs.seed), s, groups) for s in inputs.factor_stream])
    turnout, preference = rates(inputs, groups)
    logits = [turnout, preference[:, :, 0]]
    means = []
    for kind, logit in enumerate(logits):
        row = int(inputs.local_factor[kind])
        local = z[row : row + inputs.local_load.shape[2]].T @ inputs.local_load[kind].astype(float).T
        spread = np.arccosh(np.maximum(3.0 * inputs.smooth[:, 2 * kind].astype(float) - 2.0, 1.0)) / np.sqrt(3.0)
        nodes = [special.expit(logit + local + np.sqrt(3.0) * s * spread) for s in (0.0, 1.0, -1.0)]
        means.append((4.0 * nodes[0] + nodes[1] + nodes[2]) / 6.0)
    share = np.stack([means[0] * means[1], means[0] * (1.0 - means[1])], axis=2)
    return _unit_votes(inputs, 0, share, groups)
