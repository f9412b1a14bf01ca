"""Rates that an earlier runoff of the place says: draws of its matrix of transfers, and what separates two races.

A pool takes the origin of its own name, else those of its bloc; a finalist's own voters those of the finalist whose
place he has; finalists take destinations by name, else by bloc.  What cannot be told by that is said in the run file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from runoff import names
from runoff.arithmetic.functions import log
from runoff.arithmetic.matrices import cholesky, product
from runoff.data.rounds.kept import KeptEstimate, Option
from runoff.errors import InputError
from runoff.model.rates import as_rate
from runoff.race import Origin, PoolKind, Rate

if TYPE_CHECKING:
    from runoff.runfile.sections.rates import RateSpec

_LEAST = 1e-4  # of a share, so that its log-odds are finite


@dataclass(frozen=True, slots=True)
class Whose:
    """The pool whose rate is asked: its name, bloc and kind, and every finalist's name and bloc in order."""

    name: str
    bloc: str
    kind: PoolKind
    finalists: tuple[tuple[str, str], ...]


def estimated(spec: RateSpec, kept: KeptEstimate, whose: Whose, origin: Origin, *, turnout: bool) -> Rate:
    """A turnout or preference of a pool as an estimate says it.

    Raises
    ------
    InputError : it has no such origin, or no destination for a finalist.
    """
    ends = _destinations(kept, whose, spec)
    rows = _origins(kept, whose, ends, spec)
    people = kept.draws[:, rows].sum(axis=1)
    chosen = people[:, [k for k, option in enumerate(kept.destinations) if option.kind == "candidate"]]
    if turnout:
        share = np.clip(chosen.sum(axis=1) / np.maximum(people.sum(axis=1), 1e-9), _LEAST, 1.0 - _LEAST)
        ratios = log(share / (1.0 - share))[:, None]
    else:
        shares = np.clip(people[:, ends] / np.maximum(people[:, ends].sum(axis=1, keepdims=True), 1e-9), _LEAST, None)
        ratios = log(shares[:, :-1] / shares[:, -1:])
    n, k = ratios.shape
    mean = ratios.sum(axis=0) / n
    centred = ratios - mean
    covariance = product(centred.T, centred) / n + 0.5 * spec.widen * spec.widen * (np.eye(k) + 1.0)
    of = names.listed([kept.origins[j].name for j in rows], 2)
    said = f"as {of} went in {kept.run_id}, sd widened by {spec.widen:g} in log-odds"
    return as_rate(mean, cholesky(covariance), said, origin, spec.source or "")


def _destinations(kept: KeptEstimate, whose: Whose, spec: RateSpec) -> list[int]:
    """The place of each finalist's destination: as said, by name, by bloc, or the one that is left."""
    places = [k for k, option in enumerate(kept.destinations) if option.kind == "candidate"]
    found: dict[str, int] = {}
    for name, bloc in whose.finalists:
        asked = (spec.destinations or {}).get(name)
        key = _one(kept.destinations, places, name, bloc)
        if asked is not None:
            key = next((k for k in places if names.same(kept.destinations[k].name) == names.same(asked)), None)
        if key is not None and key not in found.values():
            found[name] = key
    left = [k for k in places if k not in found.values()]
    missing = [name for name, _ in whose.finalists if name not in found]
    if len(missing) == 1 and len(left) == 1:
        found[missing[0]] = left[0]
        missing = []
    if missing:
        there = ", ".join(kept.destinations[k].name for k in places)
        raise InputError.single(
            spec.estimate or "",
            f"nobody in the estimate stands for {missing[0]}",
            rule="a finalist is found by name or bloc",
            got=there,
            fix=f'say destinations = {{ "{missing[0]}" = "..." }} beside estimate',
        )
    return [found[name] for name, _ in whose.finalists]


def _one(options: Sequence[Option], places: Sequence[int], name: str, bloc: str) -> int | None:
    """The only one of a name, else the only one of a bloc."""
    for alike in (
        [k for k in places if names.near(options[k].name) == names.near(name)],
        [k for k in places if bloc and names.same(options[k].bloc) == names.same(bloc)],
    ):
        if len(alike) == 1:
            return alike[0]
    return None


def _origins(kept: KeptEstimate, whose: Whose, ends: list[int], spec: RateSpec) -> list[int]:
    """The places of a pool's origins: as said, by name, a finalist's own, those who did not vote, or a bloc's."""
    options = kept.origins
    if spec.origin is not None:
        found = [j for j, option in enumerate(options) if names.same(option.name) == names.same(spec.origin)]
    else:
        found = [j for j, option in enumerate(options) if names.near(option.name) == names.near(whose.name)]
        if whose.kind == "new":
            found = [j for j, option in enumerate(options) if option.kind == "absent"]
        elif not found and whose.kind == "finalist":
            own = kept.destinations[ends[[name for name, _ in whose.finalists].index(whose.name)]]
            found = [j for j, option in enumerate(options) if names.near(option.name) == names.near(own.name)]
        elif not found:
            went_on = {names.near(option.name) for option in kept.destinations}
            found = [
                j
                for j, option in enumerate(options)
                if option.kind == "candidate"
                and whose.bloc
                and names.same(option.bloc) == names.same(whose.bloc)
                and names.near(option.name) not in went_on
            ]
    if not found:
        raise InputError.single(
            spec.estimate or "",
            f"nobody in the estimate stands for the voters of {whose.name}",
            rule="a pool is found by its name or its bloc",
            got=", ".join(f"{option.name} ({option.bloc})" if option.bloc else option.name for option in options),
            fix='say origin = "..." beside estimate',
        )
    return found
