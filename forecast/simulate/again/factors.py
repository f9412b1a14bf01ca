"""What a run's factors are of: their names, found by their streams, whichever arrays they stand in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runoff.kernels.streams import Purpose, stream

if TYPE_CHECKING:
    import numpy as np

    from runoff.model.pools import Model

_RATES = {
    Purpose.SHARED_TURNOUT: "turnout",
    Purpose.BLOC_TURNOUT: "turnout",
    Purpose.POOL_TURNOUT: "turnout",
    Purpose.REGION_TURNOUT: "turnout",
    Purpose.SLOPE_TURNOUT: "turnout",
    Purpose.LOCAL_TURNOUT: "turnout",
    Purpose.ESTIMATED: "",
    Purpose.SHARED_PREFERENCE: "preference",
    Purpose.BLOC_PREFERENCE: "preference",
    Purpose.POOL_PREFERENCE: "preference",
    Purpose.REGION_PREFERENCE: "preference",
    Purpose.SLOPE_PREFERENCE: "preference",
    Purpose.LOCAL_PREFERENCE: "preference",
}
_LEVELS = {"ESTIMATED": "estimate", "SHARED": "all pools", "SLOPE": "lean of units", "LOCAL": "units together"}


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor: of which rate, on which level ("all pools", "bloc", "pool", "region" ...), of whom, and against whom.

    rate : '' where it moves both, as what rates of one estimate share does; its level is "estimate".

    candidate : whose log-ratio to the last finalist it moves; '' for a turnout, and where one moves all.
    """

    rate: str
    level: str
    name: str
    candidate: str


def named(model: Model, factor_stream: np.ndarray, local: int = 0) -> list[Factor]:
    """The factors of streams uint64[F], in their order; local : how many directions local effects have at most."""
    names: dict[Purpose, Sequence[str]] = {
        Purpose.BLOC_TURNOUT: [pool.bloc for pool in model.pools],
        Purpose.POOL_TURNOUT: [pool.name for pool in model.pools],
        Purpose.REGION_TURNOUT: model.first_round.regions,
    }
    for turnout, of in list(names.items()):
        names[Purpose[turnout.name.replace("TURNOUT", "PREFERENCE")]] = of
    names[Purpose.ESTIMATED] = model.joint
    found: dict[int, Factor] = {}
    for purpose, rate in _RATES.items():
        level = purpose.name.split("_")[0]
        of_each = rate == "preference" and level not in ("LOCAL", "SLOPE")
        for name in dict.fromkeys(names.get(purpose, [""])):
            directions = {"LOCAL": local, "ESTIMATED": model.joint.count(name)}
            for m in range(directions.get(level, len(model.finalists) - 1 if of_each else 1)):
                told = name if level != "LOCAL" else str(m + 1)
                candidate = model.finalists[m] if of_each else ""
                found[int(stream(purpose, name, m))] = Factor(rate, _LEVELS.get(level, level.lower()), told, candidate)
    return [found.get(int(key), Factor("", "", f"{int(key):016x}", "")) for key in factor_stream]
