"""The model in arrays: what `runoff.kernels.transfer.run_groups` is handed."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from runoff.arithmetic.matrices import cholesky
from runoff.kernels.arrays import PPM, Inputs
from runoff.kernels.places import POWERS, TERMS
from runoff.kernels.streams import Purpose, crossed, stream, streams
from runoff.model.pools import Model, towards
from runoff.model.rates import apart
from runoff.race import FloatArray

MOST_PEOPLE = 2**31 - 1  # votes are 32-bit whole numbers in the kernel
_FLOAT32_PEOPLE = 2**19  # a unit up to this size is summed in float32 with an error below half a vote
_PRODUCT_BITS = 26  # votes of up to 26 bits may be squared and summed over a group in 64 bits


def to_inputs(model: Model, seed: int) -> Inputs:
    """The arrays of a model; `runoff.kernels.arrays.Inputs` documents each.

    Raises
    ------
    ValueError : more people than 32-bit votes can count.

    """
    total = int(model.people.sum())
    if total > MOST_PEOPLE:
        raise ValueError(f"all pools together have at most {MOST_PEOPLE} people, got {total}")
    ratios = len(model.finalists) - 1
    per_unit = int(model.people.sum(axis=1).max())
    factor_stream, turnout_factor, preference_factor, first_joint, region_row = _factors(model, ratios)
    names = [pool.name for pool in model.pools]
    units = model.first_round.units
    rows = {bloc: len(names) + i for i, bloc in enumerate(model.bloc_rows)}
    row_of_pool = [rows.get(pool.bloc, -1) if pool.kind == "eliminated" else -1 for pool in model.pools]
    row_people = [pool.people for pool in model.pools]
    row_people += [
        sum(p.people for p, row in zip(model.pools, row_of_pool, strict=True) if row == r) for r in rows.values()
    ]
    turnout_streams = streams(Purpose.UNIT_TURNOUT, units, 1)
    preference_streams = streams(Purpose.UNIT_PREFERENCE, units, ratios)
    return Inputs(
        seed=np.uint64(seed),
        people=model.people.astype(np.float32 if per_unit <= _FLOAT32_PEOPLE else np.float64),
        people_total=total,
        vote_shift=max(0, total.bit_length() - _PRODUCT_BITS),
        recount_ppm=round(model.race.recount_margin * PPM),
        factor_stream=factor_stream,
        turnout_location=np.array([pool.turnout.location[0] for pool in model.pools], np.float32),
        turnout_load=_turnout_load(model).astype(np.float32),
        turnout_factor=turnout_factor,
        preference_location=np.array([pool.preference.location for pool in model.pools], np.float32),
        preference_load=_preference_load(model).astype(np.float32),
        preference_factor=preference_factor,
        joint_load=_joint_load(model).astype(np.float32),
        joint_factor=first_joint,
        local_load=np.zeros((2, len(names), 0), np.float32),
        local_factor=np.zeros(2, np.int64),
        smooth=np.zeros((0, 4), np.float32),
        watched_smooth=np.zeros((0, 4), np.float32),
        **no_evidence(len(names)),
        unit_region=region_row,
        unit_stream=np.concatenate([turnout_streams, preference_streams], axis=1),
        unit_scale=_unit_scale(model).astype(np.float32),
        contrast=contrast(ratios).astype(np.float32),
        slope_factor=np.zeros(2, np.int64),
        lean=np.zeros((0, ratios + 1, 2), np.float32),
        drift=np.zeros((len(units), 3), np.float32),
        centre=np.zeros((2, 0), np.float32),
        bend=np.zeros((0, ratios + 1, POWERS, TERMS), np.float32),
        cross=np.zeros((0, ratios, 2), np.float32),
        count_stream=streams(Purpose.COUNT_NOISE, units, ratios + 1),
        exact_stream=crossed(Purpose.EXACT_COUNT, units, names, ratios + 1),
        row_of_pool=np.array(row_of_pool, np.int64),
        row_people=np.array(row_people, np.float64),
        response=np.zeros((0, 4), np.int64),
    )


def no_evidence(n_pools: int) -> dict[str, Any]:
    """The arrays that evidence fills, without any."""
    return {
        "factor_mean": np.zeros(0, np.float32),
        "direction": np.zeros((0, 0), np.float32),
        "pulled": np.zeros((0, 0), np.float32),
        "watched_people": np.zeros((0, n_pools), np.float32),
        "watched_ratio": np.zeros(0, np.int64),
        "tangent": np.zeros(0, np.float32),
        "tangent_slope": np.zeros((0, 0), np.float32),
        "pull": np.zeros(0, np.float32),
        "pull_slope": np.zeros((0, 0), np.float32),
        "precision": np.zeros((0, 0), np.float32),
    }


def contrast(ratios: int) -> FloatArray:
    """Cholesky factor of the correlation of log-ratios that treats all finalists alike: 1/2 between any two."""
    found: FloatArray = cholesky(0.5 * (np.eye(ratios) + 1.0))
    return found


def _factors(model: Model, ratios: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, int, np.ndarray]:
    """Streams of all factors, and the rows of each pool's, the estimates' first, and each unit's region among them."""
    blocs = list(dict.fromkeys(pool.bloc for pool in model.pools))
    names = [pool.name for pool in model.pools]
    turnout = [stream(Purpose.SHARED_TURNOUT)]
    turnout += [stream(Purpose.BLOC_TURNOUT, bloc) for bloc in blocs]
    turnout += [stream(Purpose.POOL_TURNOUT, name) for name in names]
    shared, bloc_rows = len(turnout), len(turnout) + ratios
    preference = [stream(Purpose.SHARED_PREFERENCE, "", m) for m in range(ratios)]
    preference += [stream(Purpose.BLOC_PREFERENCE, bloc, m) for bloc in blocs for m in range(ratios)]
    preference += [stream(Purpose.POOL_PREFERENCE, name, m) for name in names for m in range(ratios)]
    pool_rows = bloc_rows + len(blocs) * ratios
    place = {bloc: i for i, bloc in enumerate(blocs)}
    of_bloc = [place[pool.bloc] for pool in model.pools]
    turnout_factor = [[0, 1 + b, 1 + len(blocs) + j] for j, b in enumerate(of_bloc)]
    preference_factor = [[shared, bloc_rows + b * ratios, pool_rows + j * ratios] for j, b in enumerate(of_bloc)]
    if towards(model).any():
        both = [[first + m for first in of[:2] for m in range(ratios)] for of in preference_factor]
        turnout_factor = [[*of, *with_] for of, with_ in zip(turnout_factor, both, strict=True)]
    joint = [stream(Purpose.ESTIMATED, run, m) for run, many in Counter(model.joint).items() for m in range(many)]
    regions, region_row = [], np.full(len(model.first_round.units), -1, np.int64)
    if model.turnout.region > 0 or model.preference.region > 0:
        first = len(turnout) + len(preference) + len(joint)
        known = list(dict.fromkeys(model.first_round.regions))
        for region in known:
            regions.append(stream(Purpose.REGION_TURNOUT, region))
            regions += [stream(Purpose.REGION_PREFERENCE, region, m) for m in range(ratios)]
        where = {region: first + i * (ratios + 1) for i, region in enumerate(known)}
        region_row = np.array([where[region] for region in model.first_round.regions], np.int64)
    return (
        np.array(turnout + preference + joint + regions, np.uint64),
        np.array(turnout_factor, np.int64),
        np.array(preference_factor, np.int64),
        len(turnout) + len(preference),
        region_row,
    )


def _unit_scale(model: Model) -> FloatArray:
    """Standard deviations float64[U, 4] of what regions and units have of their own, as far as it does not average."""
    turnout, preference = model.turnout, model.preference
    said = np.array([turnout.region, preference.region, turnout.unit, preference.unit])
    left = model.first_round.averaged
    scale: FloatArray = np.tile(said, (len(model.first_round.units), 1))
    return scale if left is None else scale * np.sqrt(left[:, [1, 1, 0, 0]])


def _turnout_load(model: Model) -> FloatArray:
    """Loads float64[J, L]; their squares add up to the rate's variance less that of its `joint` loads.

    L is 3, and where turnout goes with preference 3 + 2 (K - 1): on the preference's factors, shared and bloc's.
    """
    parts, with_ = np.array(model.turnout.parts), towards(model)
    scales = np.array([apart(pool.turnout)[0, 0] for pool in model.pools])
    roots = np.tile(np.sqrt(parts), (len(scales), 1))
    if with_.any():
        roots[:, 1:] *= np.sqrt(1.0 - (with_**2).sum(axis=1))[:, None]
        common = np.array(model.preference.parts[:2])
        of = np.sqrt((1.0 - parts[0]) * common / common.sum())
        roots = np.concatenate([roots, of[0] * with_, of[1] * with_], axis=1)
    load: FloatArray = scales[:, None] * roots
    return load


def _preference_load(model: Model) -> FloatArray:
    """Loads float64[J, 3, K-1, K-1]; load load' summed over levels is the log-ratios' covariance, `joint` left out.

    The factors are independent; the Cholesky factor of each pool gives the log-ratios their covariance.
    """
    roots = np.sqrt(np.array(model.preference.parts))
    scales = np.array([apart(pool.preference) for pool in model.pools])
    load: FloatArray = scales[:, None] * roots[None, :, None, None]
    return load


def _joint_load(model: Model) -> FloatArray:
    """Loads float64[J, K, M] on what rates of one estimate have in common: of turnout, then of each log-ratio."""
    load = np.zeros((len(model.pools), len(model.finalists), len(model.joint)))
    for j, pool in enumerate(model.pools):
        for rate, rows in ((pool.turnout, slice(0, 1)), (pool.preference, slice(1, None))):
            if rate.joint:
                load[j, rows] = rate.joint
    return load
