"""A chamber's districts as the kernels' arrays: each a race of one unit, with streams of its own and shared factors."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from runoff.kernels.arrays import Inputs, Scratch, new_scratch
from runoff.kernels.chamber import BINS
from runoff.kernels.streams import Purpose, stream, within
from runoff.model.chamber.fields import Field
from runoff.model.chamber.rates import NEW, TURNOUT, Rates
from runoff.model.chamber.shared import NAMES, Learned
from runoff.model.pools import Factors, Model
from runoff.race import Candidate, FirstRound, Pool, Race, Rate
from runoff.simulate.inputs import to_inputs

_DAY = dt.date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Drawable:
    """A district that is drawn, with one field of finalists: its place in the chamber, its arrays, its shared factors.

    rows : int64[R], of the factors; weight : float32[R, Q]; own : float32[R]; finalists : int64[K], places
    (`runoff.kernels.chamber.run_district`).
    together, apart : uint64[n], streams of those who may withdraw, what a bloc's share and each one's; limit :
    float32[n], below which they do; gone : bool[n], whether they have in this field.
    """

    place: int
    inputs: Inputs
    rows: np.ndarray
    weight: np.ndarray
    own: np.ndarray
    finalists: np.ndarray
    together: np.ndarray
    apart: np.ndarray
    limit: np.ndarray
    gone: np.ndarray


@dataclass(frozen=True, slots=True)
class Shocks:
    """What all districts share: streams uint64[Q], and what is known of it, mean float32[Q] and root float32[Q, Q]."""

    streams: np.ndarray
    mean: np.ndarray
    root: np.ndarray


def shocks_of(election: str, learned: Learned) -> Shocks:
    """The shocks of an election by its name; turnout is one more, of which results say nothing."""
    many = len(NAMES) + 1
    mean, root = np.zeros(many, np.float32), np.eye(many, dtype=np.float32)
    mean[:-1], root[:-1, :-1] = learned.mean, learned.root
    names = [stream(Purpose.CHAMBER_SHOCK, f"{election}\0{name}") for name in NAMES]
    turnout = stream(Purpose.CHAMBER_TURNOUT, f"{election}\0{TURNOUT}")
    return Shocks(np.array([*names, turnout], np.uint64), mean, root)


def drawable(field: Field, rates: Rates, seed: int, election: str) -> Drawable:
    """The arrays of a district with one field; its streams hang on its id, and on the election's who withdraws."""
    name = field.as_is.id
    inputs = to_inputs(_model(name, rates), seed)
    ratios = rates.finalists - 1
    inputs = inputs._replace(
        factor_stream=within(inputs.factor_stream, name),
        unit_stream=within(inputs.unit_stream, name),
        count_stream=within(inputs.count_stream, name),
        exact_stream=within(inputs.exact_stream, name),
    )
    first = int(inputs.preference_factor[0, 0])
    rows = np.array([inputs.turnout_factor[0, 0], *range(first, first + ratios)], np.int64)
    together = [stream(Purpose.CHAMBER_STANDS, f"{election}\0{one.bloc}") for one in field.open]
    apart = np.array([stream(Purpose.CHAMBER_STANDS, one.candidate, 1) for one in field.open], np.uint64)
    return Drawable(
        field.district,
        inputs,
        rows,
        rates.weights.astype(np.float32),
        rates.own.astype(np.float32),
        np.array(field.places, np.int64),
        np.array(together, np.uint64),
        within(apart, name),
        np.array([one.limit for one in field.open], np.float32),
        np.array(field.gone, np.bool_),
    )


def _model(name: str, rates: Rates) -> Model:
    """The district as a race of one unit."""
    finalists = rates.names[: rates.finalists]
    pools = tuple(
        Pool(
            name=pool,
            bloc=rates.together[j],
            kind="finalist" if j < rates.finalists else "new" if pool == NEW else "eliminated",
            people=int(rates.people[j]),
            turnout=_rate((float(rates.turnout[j]),), ((float(rates.turnout_sd[j]),),)),
            preference=_rate(tuple(rates.location[j].tolist()), tuple(map(tuple, rates.scale[j].tolist()))),
        )
        for j, pool in enumerate(rates.names)
    )
    people = rates.people[None, :]
    candidates = tuple(Candidate(pool.name, pool.bloc, pool.bloc) for pool in pools if pool.kind != "new")
    first = FirstRound(candidates, (name,), ("",), people[:, : len(candidates)], None, people.sum(axis=1), ())
    return Model(
        race=Race(name, name, _DAY, _DAY, _DAY, 0.5, 0.0),
        first_round=first,
        finalists=finalists,
        pools=pools,
        people=people,
        turnout=Factors(rates.turnout_parts, 0.0, 0.0),
        preference=Factors(rates.preference_parts, 0.0, 0.0),
        bloc_rows=(),
        warnings=(),
    )


def _rate(location: tuple[float, ...], scale: tuple[tuple[float, ...], ...]) -> Rate:
    return Rate(location, scale, "", "archive", "")


def rooms_of(districts: Sequence[Drawable]) -> dict[int, Scratch]:
    """Scratch for one thread, by number of finalists, with room for every district."""
    largest: dict[int, Inputs] = {}
    for district in districts:
        inputs = district.inputs
        k = inputs.count_stream.shape[1]
        known = largest.get(k, inputs)
        factors = max(known.factor_stream.size, inputs.factor_stream.size)
        pools = max(known.turnout_location.size, inputs.turnout_location.size)
        largest[k] = known._replace(
            factor_stream=np.zeros(factors, np.uint64), turnout_location=np.zeros(pools, np.float32)
        )
    return {k: new_scratch(inputs)._replace(row_votes=np.empty((0, k, 0))) for k, inputs in largest.items()}


def empty_bins(finalists: int) -> np.ndarray:
    """Bins of shares of one district: int64[K, BINS]."""
    return np.zeros((finalists, BINS), np.int64)
