"""The tables of an estimate of transfers, row by row."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

import numpy as np

from runoff import __version__
from runoff.data.rounds.joined import BothRounds
from runoff.estimate.ecological.regions import of_regions
from runoff.estimate.ecological.transfers import Estimate, Settings
from runoff.model.flows.cells import cells
from runoff.output.columns import SCHEMA_VERSION
from runoff.race import FloatArray, Row, Tables


@dataclass(frozen=True, slots=True)
class Said:
    """What names an estimate: its run, digest, race, and the hashes of both tables."""

    run_id: str
    digest: str
    race: str
    first_sha256: str
    second_sha256: str


def tables(
    said: Said, both: BothRounds, odds: FloatArray, found: Estimate, turned: FloatArray, settings: Settings
) -> Tables:
    """All tables; turned : float64[R, C], the matrix as estimated from the second round back."""
    return {
        "estimate": [_head(said, both, odds, found, turned, settings)],
        "matrix": _matrix(said.run_id, both, odds, found),
        "matrix_draws": _draws(said.run_id, both, found),
        "estimate_units": [
            {
                "run_id": said.run_id,
                "unit": unit.name,
                "region": unit.region,
                "people_first": unit.first,
                "people_second": unit.second,
                "left_out": unit.left_out,
            }
            for unit in both.all_units
        ],
    }


def _head(
    said: Said, both: BothRounds, odds: FloatArray, found: Estimate, turned: FloatArray, settings: Settings
) -> Row:
    people = float(both.first.sum())
    known = [[both.origins[j], both.destinations[k], float(odds[j, k])] for j, k in np.argwhere(odds != 1.0)]
    return {
        "run_id": said.run_id,
        "race_name": said.race,
        "units": len(both.units),
        "units_left_out": sum(bool(unit.left_out) for unit in both.all_units),
        "people": int(people),
        "origins": len(both.origins),
        "destinations": len(both.destinations),
        "draws": len(found.draws),
        "seed": settings.seed,
        "weight": settings.weight,
        "known": json.dumps(known, ensure_ascii=False),
        "dispersion": found.dispersion,
        "mass": found.mass,
        "turned": apart(found.matrix, turned),
        "fits_apart": apart(found.symmetric, found.hierarchical),
        "steps_symmetric": found.steps[0],
        "steps_hierarchical": found.steps[1],
        "first_sha256": said.first_sha256,
        "second_sha256": said.second_sha256,
        "digest": said.digest,
        "version": __version__,
        "schema_version": SCHEMA_VERSION,
        "warnings": "\n".join(both.notes),
    }


def apart(one: FloatArray, other: FloatArray) -> float:
    """People whom two matrices put in other cells, as a share of all."""
    total = math.fsum(one.ravel().tolist())
    return 0.5 * math.fsum(np.abs(one - other).ravel().tolist()) / total


def _matrix(run_id: str, both: BothRounds, odds: FloatArray, found: Estimate) -> list[Row]:
    result = []
    for row in cells(both.origins, both.destinations, found.matrix, found.draws, (found.least, found.most)):
        j, k = both.origins.index(str(row["origin"])), both.destinations.index(str(row["destination"]))
        people = int(both.first[:, j].sum())
        beside: Row = {
            "share_without": float(found.other[0, j, k]) / people,
            "share_twice": float(found.other[1, j, k]) / people,
        }
        beside |= {"people": people, "odds": float(odds[j, k])}
        beside |= {"origin_bloc": both.blocs[0][j], "destination_bloc": both.blocs[1][k]}
        beside |= {"origin_kind": both.kinds[0][j], "destination_kind": both.kinds[1][k]}
        result.append({"run_id": run_id, **row, **beside})
    return result


def _draws(run_id: str, both: BothRounds, found: Estimate) -> list[Row]:
    return [
        {"run_id": run_id, "draw": d, "origin": origin, "destination": destination, "votes": float(draw[j, k])}
        for d, draw in enumerate(found.draws)
        for j, origin in enumerate(both.origins)
        for k, destination in enumerate(both.destinations)
    ]


def regions(run_id: str, both: BothRounds, whole: Estimate, settings: Settings) -> list[Row]:
    """A row a cell of each region's matrix."""
    names = both.units, both.origins, both.destinations
    first, second = both.first.astype(np.float64), both.second.astype(np.float64)
    result: list[Row] = []
    for region, (found, rows, columns) in of_regions(first, second, names, both.regions, whole, settings).items():
        own = [both.origins[j] for j in rows], [both.destinations[k] for k in columns]
        for row in cells(*own, found.matrix, found.draws, (found.least, found.most)):
            result.append({"run_id": run_id, "region": region, **row})
    return result


def unit_flows(run_id: str, both: BothRounds, found: Estimate) -> list[Row]:
    """Each unit's table."""
    return [
        {"run_id": run_id, "unit": unit, "origin": origin, "destination": destination, "votes_mean": float(table[j, k])}
        for unit, table in zip(both.units, found.of_units, strict=True)
        for j, origin in enumerate(both.origins)
        for k, destination in enumerate(both.destinations)
    ]
