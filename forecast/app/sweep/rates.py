"""Means of a model's rates, moved: in log-odds, with the spread that was understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from runoff.errors import UsageError
from runoff.model.pools import Model
from runoff.model.rates import moments
from runoff.race import Pool, Rate

if TYPE_CHECKING:
    from runoff.app.sweep.settings import Path
    from runoff.runfile.load import Case

_HALVINGS = 60
_FURTHEST = 40.0  # log-odds


def moved(model: Model, case: Case, means: Mapping[Path, Any]) -> Model:
    """The model with the means that are said of its pools' rates.

    Raises
    ------
    UsageError : a path that reaches no pool, a mean that is none, or a preference among three and more.
    """
    pools = list(model.pools)
    for path, mean in means.items():
        said = ".".join(path)
        if not isinstance(mean, (int, float)) or isinstance(mean, bool) or not 0.0 < mean < 1.0:
            raise UsageError(f"--set {said}: a mean lies between 0 and 1, got {mean!r}")
        reached = [i for i, pool in enumerate(pools) if _reached(pool, path[:-2])]
        if not reached:
            fix = 'rates.own, rates.blocs.X, rates.candidates."Name", or new_voters, with turnout or preference'
            raise UsageError(f"--set {said}: no pool of the race has this rate\n  fix:  {fix}")
        for i in reached:
            pools[i] = _with(pools[i], path[-2], float(mean), case, said)
    return replace(model, pools=tuple(pools))


def _reached(pool: Pool, path: Path) -> bool:
    """Whether a pool's rates are those of a section of the run file."""
    if path == ("rates", "own"):
        return pool.kind == "finalist"
    if path == ("new_voters",):
        return pool.kind == "new"
    if len(path) == 3 and path[:2] == ("rates", "blocs"):
        return pool.kind == "eliminated" and pool.bloc == path[2]
    return len(path) == 3 and path[:2] == ("rates", "candidates") and pool.name == path[2]


def _with(pool: Pool, kind: str, mean: float, case: Case, said: str) -> Pool:
    if kind == "turnout":
        return replace(pool, turnout=_at(pool.turnout, mean, 1.0))
    if len(case.finalists) > 2:
        raise UsageError(f"--set {said}: of a preference among three and more one mean says too little")
    return replace(pool, preference=_at(pool.preference, mean, _side(pool, case)))


def _side(pool: Pool, case: Case) -> float:
    """Whose share a preference's mean is: a finalist's own voters', the one that is said `to`, else the first's."""
    first = case.finalists[0]
    if pool.kind == "finalist":
        return 1.0 if pool.name == first else -1.0
    rates = case.run_file.rates
    layers = [rates.candidates.get(pool.name), rates.blocs.get(pool.bloc)]
    layers = [case.run_file.new_voters] if pool.kind == "new" else layers  # type: ignore[list-item]  # it has one too
    for layer in layers:
        spec = getattr(layer, "preference", None)
        if spec is not None and spec.to is not None:
            return 1.0 if spec.to == first else -1.0
    return 1.0


def _at(rate: Rate, mean: float, side: float) -> Rate:
    """A rate with this mean and its own spread; side : -1 where the mean is that of the other finalist."""
    return replace(rate, location=(side * _location(mean, rate.scale[0][0]),), said=f"mean {mean:g}")


@lru_cache(maxsize=4_096)  # pools of a bloc have the same rates, and a grid comes back to each value
def _location(mean: float, scale: float) -> float:
    """The log-odds around which a rate of this spread has this mean."""
    low, high = -_FURTHEST, _FURTHEST
    for _ in range(_HALVINGS):
        half = (low + high) / 2.0
        low, high = (half, high) if moments(half, scale)[0] < mean else (low, half)
    return (low + high) / 2.0
