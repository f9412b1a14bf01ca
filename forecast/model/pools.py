"""From a run file and a first round to pools of people with rates: what is believed of the race, in its own words.

`build` makes a `Model`; `runoff.simulate.inputs` says the same in arrays.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from runoff.arithmetic.functions import exp
from runoff.arithmetic.matrices import product
from runoff.model.defaults import default_preference, default_turnout
from runoff.model.places import FLAT, Places, places_of
from runoff.model.prior.blank import Blank, blank_of
from runoff.model.prior.estimated import Estimates
from runoff.model.prior.standing import Whose
from runoff.model.race_turnout import race_turnout
from runoff.model.rates import apart, read_rate
from runoff.race import NEW_VOTERS, FirstRound, FloatArray, Int64Array, Origin, Pool, PoolKind, Race, Rate
from runoff.runfile.checks.prior import archive_speaks

if TYPE_CHECKING:
    from runoff.data.polls.polls import Poll
    from runoff.model.prior.of_case import Prior
    from runoff.model.prior.rates import Known
    from runoff.runfile.load import Case
    from runoff.runfile.sections.observed import EvidenceSection
    from runoff.runfile.sections.rates import FactorSizes, NewVotersSection, RateSpec

Kind = Literal["turnout", "preference"]

_GRID = 2.0**20  # numbers are rounded to it: libraries differ in their last bits


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
    enthusiasm : correlation of turnout with preference (`towards`).
    joint : the estimate of each factor that only rates of one estimate share (`Rate.joint`).
    archive : what past races had to say, in words.  blank : blank and null ballots, where they are told.
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
    enthusiasm: float = 0.0
    archive: tuple[str, ...] = ()
    blank: Blank | None = None
    joint: tuple[str, ...] = ()


def build(loaded: Case, known: Known | None = None) -> Model:
    """The model of a checked run file; known : what past races may say, by default the shipped fit for its day."""
    file, first = loaded.run_file, loaded.first_round
    race = Race(**{name: getattr(file.race, name) for name in Race.__dataclass_fields__})
    new = None if file.new_voters is None else _new_people(loaded, file.new_voters)
    prior = _prior(loaded, 0 if new is None else int(new.sum()), known)
    said = _Said(loaded, prior)
    pools, columns = _candidate_pools(loaded, prior, said)
    if file.new_voters is not None and new is not None:
        pools, columns = [*pools, _new_voters(loaded, file.new_voters, int(new.sum()), prior, said)], [*columns, new]
    turnout = _factors(file.factors.turnout, None if prior is None else prior.turnout_parts)
    notes = loaded.warnings + (() if prior is None else prior.notes) + said.estimates.notes(first)
    if file.turnout is not None:
        together = race_turnout(file.turnout, pools, turnout.parts)
        pools, turnout = list(together.pools), replace(turnout, parts=together.parts)
        notes += tuple(together.note.split("\n")) if together.note else ()
    pools, joint = said.estimates.together(pools)
    eliminated = [pool.bloc for pool in pools if pool.kind == "eliminated"]
    bloc_rows = tuple(bloc for bloc, members in Counter(eliminated).items() if members > 1)
    return Model(
        race=race,
        first_round=first,
        finalists=loaded.finalists,
        pools=tuple(pools),
        people=np.stack(columns, axis=1),
        turnout=turnout,
        preference=_factors(file.factors.preference, None if prior is None else prior.preference_parts),
        bloc_rows=bloc_rows,
        warnings=notes,
        polls=loaded.polls,
        crosstabs=loaded.crosstabs,
        evidence=file.evidence,
        places=places_of(loaded),
        enthusiasm=file.factors.enthusiasm,
        archive=() if prior is None else prior.lines,
        blank=blank_of(loaded),
        joint=joint,
    )


def towards(model: Model) -> FloatArray:
    """Correlation of each pool's turnout with each normal of its preference's factors: float64[J, K - 1].

    A row is as long as the model's enthusiasm times the pool's lean, the distance of its preferences' middle from an
    even split over that of a pool of one mind; it points along the utility that the pool leans to.  Nought where there
    is no enthusiasm, or nothing in preferences that pools share (docs/model.md).
    """
    ratios = len(model.finalists) - 1
    found = np.zeros((len(model.pools), ratios))
    if not model.enthusiasm or model.preference.parts[0] + model.preference.parts[1] <= 0.0:
        return found
    for j, pool in enumerate(model.pools):
        odds = exp(np.array([*pool.preference.location, 0.0]))
        away = odds / odds.sum() - 1.0 / (ratios + 1)
        along = product(apart(pool.preference).T, away[:-1])  # as utilities add up to nought
        length = math.sqrt(float((along * along).sum()))
        if length > 0.0:
            lean = math.sqrt(float((away * away).sum()) / (1.0 - 1.0 / (ratios + 1)))
            found[j] = model.enthusiasm * lean * along / length
    return np.round(found * _GRID) / _GRID


def own_parts(model: Model) -> tuple[FloatArray, FloatArray]:
    """Part of each pool's variance that is its own, estimates left out: of turnout and of preference, float64[J]."""
    left = 1.0 - (towards(model) ** 2).sum(axis=1)
    return model.turnout.parts[2] * left, np.full(len(model.pools), model.preference.parts[2])


def _prior(loaded: Case, new: int, known: Known | None) -> Prior | None:
    """What past races say; loaded where they are asked, as a run that does not ask need not wait for it."""
    if not archive_speaks(loaded.run_file):
        return None
    from runoff.model.prior.of_case import prior_of

    return prior_of(loaded, new, known)


def _factors(spec: FactorSizes, archive: tuple[float, float, float] | None) -> Factors:
    """Sizes that the run file says, else those of past races, else the defaults."""
    said = {"shared", "bloc", "pool"} & spec.model_fields_set
    parts = (spec.shared, spec.bloc, spec.pool) if said or archive is None else archive
    return Factors(parts, spec.region, spec.unit)


def _candidate_pools(loaded: Case, prior: Prior | None, said: _Said) -> tuple[list[Pool], list[Int64Array]]:
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
        kind: PoolKind = "finalist" if is_finalist else "eliminated"
        whose = Whose(name, blocs[name], kind, tuple(zip(loaded.finalists, finalist_blocs, strict=True)))
        turnout = said.first(layers, "turnout", whose)
        preference = said.first(layers, "preference", whose)
        if prior is not None:
            turnout, preference = turnout or prior.turnout[name], preference or prior.preference[name]
        own = name if is_finalist else None
        pools.append(
            Pool(
                name=name,
                bloc=blocs[name],
                kind=kind,
                people=int(column.sum()),
                turnout=turnout or default_turnout(is_finalist),
                preference=preference or default_preference(blocs[name], own, loaded.finalists, finalist_blocs),
            )
        )
        columns.append(column)
    return pools, columns


class _Said:
    """Rates as the run file says them, or as the estimates do that it names."""

    def __init__(self, loaded: Case, prior: Prior | None) -> None:
        self.finalists = loaded.finalists
        self.estimates = Estimates(loaded.estimates, prior)

    def first(self, layers: Sequence[tuple[Origin, object]], kind: Kind, whose: Whose) -> Rate | None:
        """The rate of the first layer that says one."""
        for origin, layer in layers:
            spec: RateSpec | None = getattr(layer, kind, None)
            if spec is not None:
                return self.rate(spec, kind, whose, origin)
        return None

    def rate(self, spec: RateSpec, kind: Kind, whose: Whose, origin: Origin) -> Rate:
        """The rate that a spec says."""
        if spec.estimate is not None:
            return self.estimates.rate(spec, whose, origin, turnout=kind == "turnout")
        return read_rate(spec, () if kind == "turnout" else self.finalists, whose.name, origin)


def _new_people(loaded: Case, spec: NewVotersSection) -> Int64Array:
    """Those without a valid vote in the first round by unit, spread like registered minus votes."""
    first = loaded.first_round
    registered = first.without_vote
    weights = first.votes.sum(axis=1) if registered is None else registered
    people = int(weights.sum()) if spec.people is None else spec.people
    return _spread(people, weights if weights.any() else first.votes.sum(axis=1))


def _new_voters(loaded: Case, spec: NewVotersSection, people: int, prior: Prior | None, said: _Said) -> Pool:
    """Their pool, with the rates that the run file says or past races do."""
    blocs = {candidate.name: candidate.bloc for candidate in loaded.first_round.candidates}
    whose = Whose("", "", "new", tuple((name, blocs[name]) for name in loaded.finalists))
    turnout = None if spec.turnout is None else said.rate(spec.turnout, "turnout", whose, "pool")
    preference = None if spec.preference is None else said.rate(spec.preference, "preference", whose, "pool")
    if prior is not None:
        turnout, preference = turnout or prior.turnout[NEW_VOTERS], preference or prior.preference[NEW_VOTERS]
    if turnout is None or preference is None:
        raise AssertionError("a checked run file says the rates of new voters, or past races do")
    return Pool(spec.name, spec.name, "new", people, turnout, preference)


def _spread(people: int, weights: Int64Array) -> Int64Array:
    """Whole people in proportion to weights, by largest remainders, equal ones in order; sums to `people`."""
    total = int(weights.sum())
    exact = np.asarray(weights * (people / total), np.float64)
    whole: Int64Array = np.floor(exact).astype(np.int64)
    missing = people - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:missing]] += 1
    return whole
