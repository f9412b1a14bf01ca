"""A finished race replayed as nights: its units report in biased orders, and each forecast is held against the truth.

A night sees the run file and the votes of the units that have reported, and nothing else of the result.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from runoff.app.given_total import units_given_total
from runoff.app.rehearsal import Heard, Night, Rehearsal, made, unit_row
from runoff.data.counts.runoff_count import COMPLETE, OUT
from runoff.errors import InputError, UsageError
from runoff.estimate.scores import crps_sample, interval
from runoff.estimate.swing import first_lean, first_ratios, swung_lead, swung_margin
from runoff.model.pools import build
from runoff.names import listed
from runoff.phases import pipeline
from runoff.phases.base import Hearing
from runoff.phases.runoff_night.notes import of_night
from runoff.phases.runoff_night.read import inhabited
from runoff.phases.runoff_night.summary import lead_of, margins
from runoff.phases.settings import Options
from runoff.race import FloatArray

if TYPE_CHECKING:
    from runoff.phases.pipeline import Opened
    from runoff.runfile.load import Case
    from runoff.simulate.driver import Progress

ORDERS = ("random", "small", "large", "first", "second", "region")
COUNTED = (0, 10, 30, 60)
TRIALS = 4_096  # a night, where nobody says
_MISSING = 0.01  # share of the first round's votes whose units may lack a result
_FIFTHS = 5
_LEAST = 100  # trials of a night, below which an 80 % range is chance


def rehearse(
    case: Case,
    result: str | Path,
    *,
    orders: Sequence[str] = ORDERS,
    counted: Sequence[float] = COUNTED,
    trials: int | None = None,
    seed: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Rehearsal:
    """Nights of a finished race, scored.

    Parameters
    ----------
    result : table of the runoff's votes by unit, as a night's.
    orders : of ORDERS: in which the units report.  By region needs regions, and is left out without them.
    counted : per cent of the votes that are in; at 0 the race's total is given and its units are forecast.
    progress : is called with (trials done, trials asked for).

    Raises
    ------
    UsageError : an order or a share that there is not.
    InputError : with every problem of the tables; or units without a result.
    MissingFileError : a table is not there.

    """
    orders, counted = tuple(dict.fromkeys(orders)), tuple(dict.fromkeys(counted))
    _refuse(orders, counted, trials, seed)
    options = Options(results=Path(result), trials=TRIALS if trials is None else trials, seed=seed, threads=threads)
    race = _Race(pipeline.opened(case, options))
    plan = [(kind, share) for kind in orders for share in counted if share and (kind != "region" or race.has_regions)]
    if not plan and 0 not in counted:
        raise UsageError("--orders region: the first round has no regions\n  fix:  name another order, or --counted 0")
    each, nights, units = race.run.settings.trials, list[Night](), list[Night]()
    total = each * (len(plan) + (0 in counted))
    for kind, share in plan:
        nights.append(race.night(kind, share))
        if progress is not None:
            progress(each * len(nights), total)
    if 0 in counted:
        units = race.units()
        if progress is not None:
            progress(total, total)
    return made(race.run, nights, units, race.truth, race.heard.told(len(nights)))


def _refuse(orders: Sequence[str], counted: Sequence[float], trials: int | None, seed: int | None) -> None:
    if trials is not None and trials < _LEAST:
        raise UsageError(f"a rehearsal takes at least {_LEAST} trials a night, got {trials:,}")
    if seed is not None and not 0 <= seed < 2**63:
        raise UsageError(f"a seed is a whole number from 0 to 2^63 - 1, got {seed}")
    unknown = [kind for kind in orders if kind not in ORDERS]
    if unknown:
        raise UsageError(f"no order {unknown[0]!r}: orders are {', '.join(ORDERS)}")
    if not all(0 <= share < 100 for share in counted):
        raise UsageError("shares counted are per cent of the votes, from 0 and below 100")
    if not orders or not counted:
        raise UsageError("nothing to rehearse: name an order and a share counted")


def order(kind: str, lean: FloatArray, size: FloatArray, places: Sequence[tuple[str, str]], seed: int) -> np.ndarray:
    """Units in the order in which they report: int64[U].

    lean : float64[U], the first finalist's log-odds in the first round.  size : float64[U], its votes.
    places : region and name of each unit, on which chance hangs together with the seed.
    """

    def chance(text: str) -> bytes:
        return hashlib.sha256(f"{seed}\0{text}".encode()).digest()

    def key(u: int) -> Any:
        region, unit = places[u]
        first = {"small": size[u], "large": -size[u], "first": -lean[u], "second": lean[u]}.get(kind, 0.0)
        return (float(first), chance(region) if kind == "region" else b"", chance(f"{region}\0{unit}"))

    return np.array(sorted(range(len(places)), key=key), np.int64)


class _Race:
    """A finished race: its run with the whole result, and what orders and plain swing know of the first round."""

    def __init__(self, run: Opened) -> None:
        data = run.data
        first, reported = data.case.first_round, data.reported
        if data.classes:
            what, rule = "a rehearsal has no classes of ballots", "a rehearsal replays a result with every ballot in it"
            raise InputError.single(data.case.path, what, rule=rule, fix="take [night.classes] away")
        finalists = [[c.name for c in first.candidates].index(name) for name in data.case.finalists]
        self.before = first.votes.sum(axis=1).astype(np.float64)
        out = (reported.state != COMPLETE).any(axis=1)
        missing = float(self.before[out].sum() / max(self.before.sum(), 1.0))
        if missing > _MISSING:
            raise InputError.single(
                reported.source[0],
                f"no whole result of {listed([first.units[u] for u in np.flatnonzero(out)], 3)}",
                rule="a rehearsal needs the votes of all units",
                got=f"{100 * missing:.1f} % of the first round's votes are theirs",
                fix="give the final result by unit, with the units' names as in the first round",
            )
        self.run = replace(run, data=replace(data, reported=replace(reported, notes=())))
        self.heard = Heard((*data.case.warnings, *reported.notes), (*first.units, *first.regions, *reported.modes))
        self.votes = reported.votes.astype(np.int64)
        self.of_unit = self.votes.sum(axis=1).astype(np.float64)
        before = first.votes[:, finalists].astype(np.float64)
        self.lean, self.ratios = against_others(before, 0), first_ratios(before)
        self.against_second = self.lean if before.shape[1] == 2 else -against_others(before, 1)
        self.places = list(zip(first.regions, first.units, strict=True))
        self.has_regions = len(set(first.regions)) > 1
        total = self.of_unit.sum(axis=0)
        self.truth = float(lead_of(total[None])[0] / total.sum())

    def _drawn(self, known: np.ndarray) -> Any:
        """Trials of the night on which the units bool[U] are in."""
        data, phase, settings = self.run.data, self.run.phase, self.run.settings
        reported = replace(
            data.reported,
            votes=np.where(known[:, None, None], self.votes, 0),
            state=np.where(known[:, None], COMPLETE, OUT) * np.ones_like(data.reported.state),
        )
        data = replace(data, reported=reported)
        fit = phase.fit(data, settings)
        drawn = phase.draw(data, fit, settings, Hearing())
        self.heard.hear(of_night(fit, drawn), night=True)
        return drawn

    def night(self, kind: str, share: float) -> Night:
        """One night's forecast beside the truth; margins are the first finalist's lead over the best other."""
        place = order(
            kind,
            self.against_second if kind == "second" else self.lean,
            self.before,
            self.places,
            self.run.settings.seed,
        )
        upto = np.cumsum(self.of_unit.sum(axis=1)[place])
        known = np.zeros(len(place), bool)
        known[place[: int(np.searchsorted(upto, share / 100.0 * upto[-1])) + 1]] = True
        drawn = self._drawn(known)
        margin = margins(drawn.votes)
        weights = drawn.weights
        mean = float(np.average(margin, weights=weights))
        ends = {
            f"{name}{p}": end
            for p in (50, 80, 90)
            for name, end in zip(("low", "high"), interval(margin, weights, p / 100.0), strict=True)
        }
        tie = float(np.average(margin == 0.0, weights=weights))
        return {
            "order": kind,
            "counted": float(share),
            "units_in": int(known.sum()),
            "counted_share": float(upto[known.sum() - 1] / upto[-1]),
            "truth": self.truth,
            "margin_mean": mean,
            "margin_sd": float(np.sqrt(np.average((margin - mean) ** 2, weights=weights))),
            "margin_median": interval(margin, weights, 0.0)[0],
            **ends,
            "p_first": min(float(np.average(margin > 0.0, weights=weights)) + 0.5 * tie, 1.0),
            "crps": crps_sample(margin, weights, self.truth),
            "swing_margin": self._swing(known),
            "effective_trials": drawn.effective,
        }

    def _swing(self, known: np.ndarray) -> float | None:
        """The margin by plain swing."""
        if len(self.ratios) == 1:
            return swung_margin(self.lean, self.before, self.of_unit, known)
        return swung_lead(self.ratios, self.before, self.of_unit, known)

    def units(self) -> list[Night]:
        """The units' shares, forecast as before the runoff with the race's total given, beside what came."""
        data, settings = inhabited(self.run.data)[0], self.run.settings
        model, at = build(data.case), {unit: u for u, (_, unit) in enumerate(self.places)}
        total = self.of_unit.sum(axis=0).astype(np.int64)
        try:
            found = units_given_total(
                model, total, trials=settings.trials, seed=settings.seed, threads=settings.threads
            )
        except ValueError as problem:
            raise InputError.single(data.case.path, str(problem)) from None
        self.heard.hear(found.notes, night=False)
        fifth, rows = fifths(self.lean, self.before), list[Night]()
        for unit, mean, sd in zip(data.case.first_round.units, found.mean, found.sd, strict=True):
            u = at[unit]
            votes = float(self.of_unit[u].sum())
            if votes:
                share = float(self.of_unit[u, 0]) / votes
                rows.append({"unit": unit, **unit_row(votes, int(fifth[u]), share, float(mean), float(sd))})
        return rows


def against_others(votes: FloatArray, k: int) -> FloatArray:
    """Log-odds float64[U] of a finalist's first-round votes against the other finalists', of votes float64[U, K]."""
    return first_lean(np.column_stack([votes[:, k], np.delete(votes, k, axis=1).sum(axis=1)]))


def fifths(lean: FloatArray, size: FloatArray) -> np.ndarray:
    """Fifths of the first round's votes by lean, 1 the least of the first finalist's: int64[U]."""
    place = np.argsort(lean, kind="stable")
    upto = np.cumsum(size[place]) - 0.5 * size[place]
    result = np.empty(len(lean), np.int64)
    result[place] = np.minimum((_FIFTHS * upto / max(float(size.sum()), 1.0)).astype(np.int64), _FIFTHS - 1) + 1
    return result
