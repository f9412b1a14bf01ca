"""From a run file and what is reported to the arrays of `cells` and of `fit`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from runoff import names
from runoff.data.counts.runoff_count import COMPLETE, PARTIAL, FirstModes, Reported
from runoff.estimate.logistic import TAIL
from runoff.model.electorate import Electorate, electorate
from runoff.model.evidence import Evidence, evidence_as_of
from runoff.phases.runoff_night.model.cells import NightModel, logistic, totals
from runoff.phases.runoff_night.model.seen import Polled, Seen, Size
from runoff.race import FloatArray
from runoff.simulate.inputs import to_inputs

if TYPE_CHECKING:
    from runoff.model.pools import Model
    from runoff.runfile.sections.observed import NightSection

WIDER = 2.0  # times the spread of a mode of which the first round says nothing
_PULL = 20.0  # votes that a region's split of modes is worth in a unit's, and the race's in a region's
_RARE = 0.01  # share of a mode that the first round did not have, where it had others


@dataclass(frozen=True, slots=True)
class Prepared:
    """A night before it is fitted.

    factor_stream : uint64[F], random numbers of the factors, the same as an ordinary forecast's.
    """

    model: NightModel
    seen: Seen
    polled: Polled
    evidence: Evidence
    factor_stream: np.ndarray
    regions: tuple[str, ...]


def prepare(model: Model, first: FirstModes | None, reported: Reported, settings: NightSection, seed: int) -> Prepared:
    """The arrays of a night."""
    inputs = to_inputs(model, seed)
    pools = electorate(inputs)
    names = tuple(dict.fromkeys(model.first_round.regions))
    region = np.array([names.index(name) for name in model.first_round.regions], np.int64)
    base = _Base(model, pools, first, reported.modes, region)
    effects = _Effects(
        model, base, settings, region, reported.modes, inputs.unit_region, len(inputs.factor_stream)
    )  # fmt: skip
    evidence = evidence_as_of(model, model.race.as_of)
    night = NightModel(
        pools=pools,
        people=base.people,
        region=region,
        names=tuple(effects.names),
        turnout_effect=np.column_stack(effects.turnout),
        lean_effect=np.column_stack(effects.lean),
        votes_effect=_stacked(effects.votes),
        preference_effect=_stacked(effects.preference),
        base_votes=base.share,
        base_preference=base.lean_of_mode,
        spread=_spread(model, base, settings, len(reported.modes)),
    )
    polled = Polled(evidence.observations, evidence.covariance, _sizes(reported, settings))
    return Prepared(night, _seen(reported, settings), polled, evidence, inputs.factor_stream, names)


def _stacked(columns: list[FloatArray]) -> FloatArray:
    """Columns float64[M, R] as float64[M, R, C]."""
    result: FloatArray = np.stack(columns, axis=2)
    return result


def _seen(reported: Reported, settings: NightSection) -> Seen:
    votes = reported.votes.sum(axis=2).T.astype(np.float64)
    state = reported.state.T
    complete = state == COMPLETE
    return Seen(
        votes=votes,
        first=reported.votes[:, :, 0].T.astype(np.float64),
        size=complete,
        split=(state >= PARTIAL) & (votes > 0),
        extra=np.where(complete, 0.0, settings.partial_sd**2),
    )


def _sizes(reported: Reported, settings: NightSection) -> tuple[Size, ...]:
    """Stated sizes of modes; of a mode that is complete everywhere there is nothing to state."""
    found, stated = [], names.by_same(settings.sizes)
    for m, mode in enumerate(reported.modes):
        said = stated.get(names.same(mode))
        if said is not None and not (reported.state[:, m] == COMPLETE).all():
            low, high = math.log(said.low), math.log(said.high)
            found.append(Size(m, (low + high) / 2.0, (high - low) / (2.0 * TAIL)))
    return tuple(found)


class _Base:
    """What the first round says of units and modes, by the mean rates.

    votes, lean : float64[U], log votes and log-odds expected.  come, turn : float64[U], how much log votes and
    log-odds move with all log-odds of the unit's pools.  share, lean_of_mode : float64[M, U].  known : bool[M], modes
    in which somebody voted in the first round.
    """

    def __init__(
        self, model: Model, pools: Electorate, first: FirstModes | None, modes: tuple[str, ...], region: np.ndarray
    ) -> None:
        self.people: FloatArray = model.people.astype(np.float64)
        turnout, share = logistic(pools.turnout), logistic(pools.preference[:, 0])
        votes, lean = totals(pools, self.people, np.zeros((1, pools.n_factors)))
        self.votes, self.lean = votes[:, 0], lean[:, 0]
        come = self.people * turnout
        everybody = come.sum(axis=1)
        whole = logistic(self.lean) * logistic(-self.lean)
        self.come = come @ (1.0 - turnout) / everybody
        self.turn = come @ (share * (1.0 - share)) / (everybody * whole)
        self.known = np.zeros(len(modes), bool)
        self.share = np.full((len(modes), len(self.votes)), -np.log(len(modes)))
        self.lean_of_mode = np.zeros_like(self.share)
        if first is not None and len(modes) > 1:
            self._by_mode(model, first, modes, turnout, share, everybody, region)

    def _by_mode(
        self, model: Model, first: FirstModes, modes: tuple[str, ...], turnout: FloatArray, share: FloatArray,
        everybody: FloatArray, region: np.ndarray,
    ) -> None:  # fmt: skip
        """Modes' shares and leans by those who used them in the first round, at the mean rates.

        A unit is drawn towards its region, and a region towards the race.  New voters used no mode: they have
        none of the lean, which they dilute.
        """
        place = {c.name: i for i, c in enumerate(model.first_round.candidates)}
        old = [j for j, pool in enumerate(model.pools) if pool.kind != "new"]
        at = [place[model.pools[j].name] for j in old]
        used = {mode for mode, votes in zip(first.modes, first.votes.sum(axis=(0, 2)), strict=True) if votes}
        present = [m for m, mode in enumerate(modes) if mode in used]
        if not present:
            return
        found = first.votes[:, [first.modes.index(modes[m]) for m in present]][:, :, at]
        rates = np.stack([turnout[old] * share[old], turnout[old] * (1.0 - share[old])], axis=1)
        voters = found @ rates  # [U, present, 2]
        of_race = voters.sum(axis=0)
        of_region = np.stack([voters[region == r].sum(axis=0) for r in range(int(region.max()) + 1)])
        of_region = of_region + _PULL * of_race / of_race.sum()
        part = of_region / of_region.sum(axis=(1, 2), keepdims=True)
        drawn = voters + _PULL * part[region]
        size = np.maximum(drawn.sum(axis=2), 1e-9)
        # a mode's split is drawn by its own votes: twenty of the region's against a handful
        split = voters + _PULL * (of_region / np.maximum(of_region.sum(axis=2, keepdims=True), 1e-9))[region]
        odds = np.log(np.maximum(split[..., 0], 1e-9) / np.maximum(split[..., 1], 1e-9))
        whole = np.log(drawn[..., 0].sum(axis=1) / drawn[..., 1].sum(axis=1))
        dilution = np.minimum(voters.sum(axis=(1, 2)) / everybody, 1.0)
        self.known[present] = True
        self.share[:] = np.log(_RARE)
        self.share[present] = np.log(size / size.sum(axis=1, keepdims=True)).T
        self.lean_of_mode[present] = (dilution[:, None] * (odds - whole[:, None])).T


class _Effects:
    """Loads of x, column by column: the factors first (regions' are the run file's), then the night's own."""

    def __init__(
        self, model: Model, base: _Base, settings: NightSection, region: np.ndarray, modes: tuple[str, ...],
        unit_region: np.ndarray, factors: int,
    ) -> None:  # fmt: skip
        names = list(dict.fromkeys(model.first_round.regions))
        self.units, self.modes, self.regions = len(region), modes, len(names)
        self.names: list[str] = []
        self.turnout: list[FloatArray] = []
        self.lean: list[FloatArray] = []
        self.votes: list[FloatArray] = []
        self.preference: list[FloatArray] = []
        for f in range(factors):  # a region's factors: turnout's, then preference's
            self._add(
                turnout=np.where(unit_region == f, base.come * model.turnout.region, 0.0),
                lean=np.where(unit_region + 1 == f, base.turn * model.preference.region, 0.0)
                if model.preference.region > 0.0 else None,
            )  # fmt: skip
        for r, name in enumerate(names if self.regions > 1 else []):
            mine = (region == r) - float(np.average(region == r, weights=np.exp(base.votes)))  # the race's total stays
            self._add(f"region turnout\0{name}", turnout=settings.region_sd * mine)
            self._add(f"region lean\0{name}", lean=settings.region_sd * mine)
        for name, column in _slopes(base).items():
            self._add(f"slope of turnout\0{name}", turnout=settings.slope_sd * column)
            self._add(f"slope of lean\0{name}", lean=settings.slope_sd * column)
        if len(modes) > 1:
            self._by_mode(base, settings, names)

    def _by_mode(self, base: _Base, settings: NightSection, names: list[str]) -> None:
        for m, mode in enumerate(self.modes):
            wider = 1.0 if base.known[m] else WIDER
            column = np.zeros((len(self.modes), self.regions))
            column[m] = wider
            self._add(f"mode votes\0{mode}", votes=settings.mode_votes_sd * column)
            self._add(f"mode lean\0{mode}", preference=settings.mode_preference_sd * column)
            for r, name in enumerate(names if self.regions > 1 else []):
                cell = np.zeros_like(column)
                cell[m, r] = wider * settings.region_mode_sd
                self._add(f"mode votes\0{mode}\0{name}", votes=cell)
                self._add(f"mode lean\0{mode}\0{name}", preference=cell)

    def _add(
        self, name: str | None = None, *, turnout: FloatArray | None = None, lean: FloatArray | None = None,
        votes: FloatArray | None = None, preference: FloatArray | None = None,
    ) -> None:  # fmt: skip
        if name is not None:
            self.names.append(name)
        unit, mode = np.zeros(self.units), np.zeros((len(self.modes), self.regions))
        self.turnout.append(unit if turnout is None else turnout)
        self.lean.append(unit if lean is None else lean)
        self.votes.append(mode if votes is None else votes)
        self.preference.append(mode if preference is None else preference)


def _slopes(base: _Base) -> dict[str, FloatArray]:
    """What units differ in beforehand, centred by expected votes, so that slopes leave the race's total alone."""
    weight = np.exp(base.votes)
    turnout = base.votes - np.log(base.people.sum(axis=1))
    return {
        "lean": base.lean - float(np.average(base.lean, weights=weight)),
        "turnout": turnout - float(np.average(turnout, weights=weight)),
    }


def _spread(model: Model, base: _Base, settings: NightSection, modes: int) -> FloatArray:
    """Prior standard deviations of units' own effects: float64[E, U]."""
    parts = [
        np.hypot(base.come * model.turnout.unit, settings.unit_sd),
        np.hypot(base.turn * model.preference.unit, settings.unit_sd),
    ]
    if modes > 1:
        parts += 2 * modes * [np.full(len(base.votes), settings.cell_sd)]
    return np.array(parts)
