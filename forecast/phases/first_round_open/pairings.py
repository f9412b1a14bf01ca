"""The runoff between any two candidates, with first-round totals that differ from trial to trial.

A run file says rates for the finalists that its author expects.  For a pairing that nobody wrote down they
come from bloc relations:

- a finalist's own voters: [rates.own];
- a rate said `to` some candidate of a bloc goes with whichever candidate of that bloc is in the pairing, if
  the other finalist is of another bloc;
- a candidate's own entry in [rates.candidates] holds only where the candidate that it names is in the
  pairing, against somebody of another bloc;
- everything else is the wide default (`runoff.model.defaults`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from runoff.estimate.logistic import logistic
from runoff.kernels.streams import Purpose, stream
from runoff.model.pools import Factors, Model, build, towards
from runoff.race import FloatArray, Int64Array, Rate
from runoff.runfile.sections.rates import RateSpec

if TYPE_CHECKING:
    from runoff.runfile.load import Case
    from runoff.runfile.sections.rates import PoolRates
    from runoff.runfile.sections.run_file import RunFile

Normals = Callable[[list[np.uint64]], FloatArray]  # streams -> float64[len(streams), n], a column a trial


def pairing_model(loaded: Case, pair: tuple[str, str]) -> Model:
    """The model of one pairing: rates as they hold for it; the pools' people are not those of any trial."""
    first = loaded.first_round
    bloc = {c.name: c.bloc for c in first.candidates}
    ones = replace(
        first,
        units=("",),
        regions=("",),
        votes=np.ones((1, len(first.candidates)), np.int64),
        registered=None,
        ballots=np.full(1, len(first.candidates), np.int64),
    )
    file = _for_pair(loaded.run_file, pair, bloc)
    return build(replace(loaded, run_file=file, first_round=ones, finalists=pair))


def _for_pair(file: RunFile, pair: tuple[str, str], bloc: dict[str, str]) -> RunFile:
    """The run file with preferences said for this pairing, or taken out where nobody said any."""
    rates = file.rates

    def moved(pool: PoolRates) -> PoolRates:
        return pool.model_copy(update={"preference": said_for(pool.preference, pair, bloc, exact=False)})

    def kept(pool: PoolRates) -> PoolRates:
        return pool.model_copy(update={"preference": said_for(pool.preference, pair, bloc, exact=True)})

    def own(pool: PoolRates) -> bool:
        return pool.preference is None or pool.preference.to is None or pool.preference.to in pair

    candidates = {name: pool if name in pair and own(pool) else kept(pool) for name, pool in rates.candidates.items()}
    blocs = {name: moved(pool) for name, pool in rates.blocs.items()}
    new = file.new_voters
    if new is not None:
        preference = said_for(new.preference, pair, bloc, exact=False)
        open_ = RateSpec(low=0.25, high=0.75, to=pair[0], source="wide default, nobody's estimate")
        new = new.model_copy(update={"preference": preference or open_, "people": new.people or 1})
    changed = {"candidates": candidates, "blocs": blocs}
    return file.model_copy(update={"rates": rates.model_copy(update=changed), "new_voters": new})


def said_for(spec: RateSpec | None, pair: tuple[str, str], bloc: dict[str, str], *, exact: bool) -> RateSpec | None:
    """A preference as it holds for a pairing, or None; `exact` ones do not go over to another candidate."""
    if spec is None or spec.to is None:
        return None
    same = [name for name in pair if bloc[name] == bloc[spec.to]]
    if len(same) != 1 or (exact and same[0] != spec.to):
        return None
    return spec.model_copy(update={"to": same[0]})


def runoff_votes(model: Model, people: Int64Array, normals: Normals) -> Int64Array:
    """Runoff votes of the two finalists.

    Parameters
    ----------
    people : int64[n, J], each trial's pools, in the order of `model.pools`.
    normals : gives the normals of streams for these n trials.

    Returns
    -------
    int64[n, 2] : whole votes, together at most all people.
    """
    turnout, first = _rates(model, normals)
    n = people.astype(np.float64)
    to_first, to_second = turnout * first, turnout * (1.0 - first)
    a, b = (n * to_first).sum(axis=1), (n * to_second).sum(axis=1)
    of_a = np.maximum((n * to_first * (1.0 - to_first)).sum(axis=1), 1e-12)
    of_b = (n * to_second * (1.0 - to_second)).sum(axis=1)
    both = -(n * to_first * to_second).sum(axis=1)
    noise = normals([stream(Purpose.COUNTING_RUNOFF, "", k) for k in range(2)])
    root = np.sqrt(of_a)
    rest = np.sqrt(np.maximum(of_b - both**2 / of_a, 0.0))
    everybody = people.sum(axis=1)
    votes_a = np.floor(np.maximum(a + root * noise[0], 0.0) + 0.5).astype(np.int64)
    votes_a = np.minimum(votes_a, everybody)
    votes_b = np.floor(np.maximum(b + both / root * noise[0] + rest * noise[1], 0.0) + 0.5).astype(np.int64)
    return np.stack([votes_a, np.minimum(votes_b, everybody - votes_a)], axis=1)


def _rates(model: Model, normals: Normals) -> tuple[FloatArray, FloatArray]:
    """Turnout and preference for the first finalist, float64[n, J] each, with their factors."""
    pools, blocs = model.pools, list(dict.fromkeys(pool.bloc for pool in model.pools))
    place = [blocs.index(pool.bloc) for pool in pools]

    def drawn(kinds: tuple[Purpose, Purpose, Purpose], factors: Factors) -> tuple[FloatArray, FloatArray, FloatArray]:
        shared = normals([stream(kinds[0])])
        of_bloc = normals([stream(kinds[1], bloc) for bloc in blocs])[place]
        own = normals([stream(kinds[2], pool.name) for pool in pools])
        s, b, p = np.sqrt(factors.parts)
        return s * shared, b * of_bloc, p * own

    def rate(rates: list[Rate], shocks: FloatArray) -> FloatArray:
        location, scale = np.array([(rate.location[0], rate.scale[0][0]) for rate in rates]).T[:, :, None]
        return logistic((location + scale * shocks).T)

    turnout = drawn((Purpose.SHARED_TURNOUT, Purpose.BLOC_TURNOUT, Purpose.POOL_TURNOUT), model.turnout)
    preference = drawn((Purpose.SHARED_PREFERENCE, Purpose.BLOC_PREFERENCE, Purpose.POOL_PREFERENCE), model.preference)
    come = turnout[0] + turnout[1] + turnout[2]
    if (with_ := towards(model)).any():
        part = (1.0 - model.turnout.parts[0]) / (model.preference.parts[0] + model.preference.parts[1])
        apart = np.sqrt(1.0 - with_**2) * (turnout[1] + turnout[2])
        come = turnout[0] + apart + with_ * np.sqrt(part) * (preference[0] + preference[1])
    return (
        rate([pool.turnout for pool in pools], come),
        rate([pool.preference for pool in pools], preference[0] + preference[1] + preference[2]),
    )
