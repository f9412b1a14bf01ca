"""From a run file and a first round to pools of people with rates: what is believed of the race, in its own words.

`build` makes a `Model`; `runoff.simulate.inputs` says the same in arrays.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from runoff.model.defaults import default_preference, default_turnout
from runoff.model.places import FLAT, Places, places_of
from runoff.model.rates import read_rate
from runoff.race import FirstRound, Int64Array, Origin, Pool, Race, Rate

if TYPE_CHECKING:
    from runoff.data.polls.polls import Poll
    from runoff.runfile.load import Case
    from runoff.runfile.sections.observed import EvidenceSection
    from runoff.runfile.sections.rates import FactorSizes, NewVotersSection, RateSpec


@dataclass(frozen=True, slots=True)
class Factors:
    """Sizes of what rates have in common, for turnout or for preference.

    `parts` are the shares of each rate's variance on the log-odds scale that all pools share, that a
    bloc shares, and that is the pool's own; they add up to 1.  `region` and `unit` are standard
    deviations in log-odds that regions and units have on top.
    """

    parts: tuple[float, float, float]
    region: float
    unit: float


@dataclass(frozen=True, slots=True)
class Model:
    """A race ready to be drawn.

    pools : finalists in their order, then the eliminated by votes, then new voters if there are any.
    people : int64[n_units, n_pools].
    bloc_rows : blocs with at least two eliminated pools; the rate tables have a row for each.
    polls, crosstabs, evidence : what was published of the runoff, whenever, and the sizes of its errors;
        `runoff.model.evidence` says what of it counts.
    """

    race: Race
    first_round: FirstRound
    finalists: tuple[str, ...]
    pools: tuple[Pool, ...]
    people: Int64Array
    turnout: Factors
    preference: Factors
    bloc_rows: tuple[str, ...]
    warnings: tuple[str, ...]
    polls: tuple[Poll, ...] = ()
    crosstabs: tuple[Poll, ...] = ()
    evidence: EvidenceSection | None = None
    places: Places = FLAT


def build(loaded: Case) -> Model:
    """The model of a checked run file."""
    file, first = loaded.run_file, loaded.first_round
    race = Race(**{name: getattr(file.race, name) for name in Race.__dataclass_fields__})
    pools, columns = _candidate_pools(loaded)
    if file.new_voters is not None:
        pool, column = _new_voters(loaded, file.new_voters)
        pools, columns = [*pools, pool], [*columns, column]
    eliminated = [pool.bloc for pool in pools if pool.kind == "eliminated"]
    bloc_rows = tuple(bloc for bloc, members in Counter(eliminated).items() if members > 1)
    return Model(
        race=race,
        first_round=first,
        finalists=loaded.finalists,
        pools=tuple(pools),
        people=np.stack(columns, axis=1),
        turnout=_factors(file.factors.turnout),
        preference=_factors(file.factors.preference),
        bloc_rows=bloc_rows,
        warnings=loaded.warnings,
        polls=loaded.polls,
        crosstabs=loaded.crosstabs,
        evidence=file.evidence,
        places=places_of(loaded),
    )


def _factors(spec: FactorSizes) -> Factors:
    return Factors((spec.shared, spec.bloc, spec.pool), spec.region, spec.unit)


def _candidate_pools(loaded: Case) -> tuple[list[Pool], list[Int64Array]]:
    """A pool for each candidate with votes, finalists first, and its people by unit."""
    first, rates = loaded.first_round, loaded.run_file.rates
    place = {candidate.name: i for i, candidate in enumerate(first.candidates)}
    blocs = {candidate.name: candidate.bloc for candidate in first.candidates}
    finalist_blocs = tuple(blocs[name] for name in loaded.finalists)
    order = [*loaded.finalists, *(c.name for c in first.candidates if c.name not in loaded.finalists)]
    pools, columns = [], []
    for name in order:
        column = first.votes[:, place[name]]
        if not column.any():
            continue
        is_finalist = name in loaded.finalists
        layers: list[tuple[Origin, object]] = [("pool", rates.candidates.get(name))]
        layers += [("own", rates.own)] if is_finalist else [("bloc", rates.blocs.get(blocs[name]))]
        turnout = _first_said(layers, "turnout", (), "")
        preference = _first_said(layers, "preference", loaded.finalists, name)
        own = name if is_finalist else None
        pools.append(
            Pool(
                name=name,
                bloc=blocs[name],
                kind="finalist" if is_finalist else "eliminated",
                people=int(column.sum()),
                turnout=turnout or default_turnout(is_finalist),
                preference=preference or default_preference(blocs[name], own, loaded.finalists, finalist_blocs),
            )
        )
        columns.append(column)
    return pools, columns


def _first_said(
    layers: Sequence[tuple[Origin, object]], kind: str, finalists: tuple[str, ...], own: str
) -> Rate | None:
    """The rate of the first layer that says one."""
    for origin, layer in layers:
        spec: RateSpec | None = getattr(layer, kind, None)
        if spec is not None:
            return read_rate(spec, finalists, own, origin)
    return None


def _new_voters(loaded: Case, spec: NewVotersSection) -> tuple[Pool, Int64Array]:
    """The pool of those without a valid vote in the first round, spread like registered minus votes."""
    first = loaded.first_round
    registered = first.without_vote
    weights = first.votes.sum(axis=1) if registered is None else registered
    people = int(weights.sum()) if spec.people is None else spec.people
    column = _spread(people, weights if weights.any() else first.votes.sum(axis=1))
    turnout = read_rate(spec.turnout, (), "", "pool")
    preference = read_rate(spec.preference, loaded.finalists, "", "pool")
    return Pool(spec.name, spec.name, "new", people, turnout, preference), column


def _spread(people: int, weights: Int64Array) -> Int64Array:
    """Whole people in proportion to weights, by largest remainders, equal ones in order; sums to `people`."""
    total = int(weights.sum())
    exact = np.asarray(weights * (people / total), np.float64)
    whole: Int64Array = np.floor(exact).astype(np.int64)
    missing = people - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:missing]] += 1
    return whole
