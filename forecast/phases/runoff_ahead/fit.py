"""What a run's trials are drawn from: the kernel's arrays, after the evidence, all units at once where that serves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from runoff.model.evidence import evidence_as_of
from runoff.phases.runoff_ahead.giving_way import given_way
from runoff.phases.runoff_ahead.influence.response import with_response
from runoff.simulate.aggregate import like_pools
from runoff.simulate.conditioning import observed_alone, shortened, updated
from runoff.simulate.inputs import to_inputs
from runoff.simulate.places.arrays import with_places
from runoff.simulate.totals import totals

if TYPE_CHECKING:
    from runoff.kernels.arrays import Inputs
    from runoff.model.evidence import Evidence
    from runoff.model.pools import Model
    from runoff.model.without import LeftOut
    from runoff.phases.settings import Settings
    from runoff.simulate.conditioning import Moved


@dataclass(frozen=True, slots=True)
class Arrays:
    """What is drawn: `detail` trial by trial and pool by pool, then `rest` (or the same) for totals.

    votes_bound : mean votes are within so many of drawing every unit and pool by itself; None where that is done.
    variance_left_out : largest share of a variance or covariance that this leaves out (docs/model.md); None likewise.
    evidence : what polls and crosstabs say, and `moved` what they do; None where the run file names none.
    without : the race without parts of them; None of three finalists and more.
    """

    detail: Inputs
    rest: Inputs | None
    votes_bound: float | None
    variance_left_out: float | None
    evidence: Evidence | None
    moved: Moved | None
    notes: tuple[str, ...]
    without: LeftOut | None = None


def only_totals(model: Model, seed: int) -> Inputs:
    """What a run draws its totals from, without what its detailed trials need: `rest` of `arrays`, or `detail`.

    Raises
    ------
    ValueError : the race is too large for the kernel.
    """
    evidence = evidence_as_of(model, model.race.as_of)
    model, _ = given_way(model, evidence, seed)
    together = totals(model, seed, evidence, like_pools(model, observed_alone(evidence)))
    if together is not None:
        return together.inputs
    by_unit = with_places(to_inputs(model, seed), model)
    return updated(evidence, by_unit).inputs if evidence.observations else by_unit


def arrays(model: Model, settings: Settings) -> Arrays:
    """The kernel's arrays: unit by unit, or, where nobody asked for units, all at once; after the evidence.

    Raises
    ------
    ValueError : the race is too large for the kernel.
    """
    evidence = evidence_as_of(model, model.race.as_of)
    model, gave_way = given_way(model, evidence, settings.seed)
    one_by_one = settings.units and model.people.shape[0] > 1
    together = None if one_by_one else totals(model, settings.seed, evidence)
    rest = None
    if one_by_one or together is not None or model.people.shape[0] == 1:
        rest = totals(model, settings.seed, evidence, like_pools(model, observed_alone(evidence)))
    found = [shortcut for shortcut in (together, rest) if shortcut is not None]
    bound = max((shortcut.votes for shortcut in found), default=None)
    left_out = max((shortcut.left_out for shortcut in found), default=None)
    last = None if rest is None else rest.inputs
    detail = with_places(to_inputs(model, settings.seed), model) if together is None else together.inputs
    if not evidence.observations:
        notes = tuple(shortened(evidence.notes, evidence))
        return Arrays(
            with_response(detail, model), last, bound, left_out, evidence if evidence.rows else None, None, notes
        )
    after = updated(evidence, detail) if together is None or together.after is None else together.after
    notes = after.notes if not gave_way else (*after.notes, gave_way)
    return Arrays(
        with_response(after.inputs, model), last, bound, left_out, after.evidence, after.moved, notes, after.left_out
    )
