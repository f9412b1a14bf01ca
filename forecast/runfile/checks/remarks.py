"""What is odd in a run file and may be meant: remarks that are no problems."""

from __future__ import annotations

import datetime as dt

import numpy as np

from runoff.names import listed
from runoff.race import FirstRound
from runoff.runfile.checks.finalists import finalists_open, settle_finalists
from runoff.runfile.sections.run_file import RunFile

_LONG = dt.timedelta(183)  # between the rounds: longer is no runoff that anybody knows
PLACES_HOLD = {  # largest sizes of [places] at which pools keep their rates within half a point (docs/places.md)
    "slope": 1.0,
    "slope_sd": 1.0,
    "spread": 1.0,
    "turnout_slope_sd": 0.3,
    "turnout_spread": 0.3,
}
_SOME_SIZE = 0.01  # share of the votes from which a candidate without a word said of him is named


def remarks(run_file: RunFile, first: FirstRound) -> list[str]:
    """What a reader should know, though nothing is wrong."""
    found = []
    candidates = [candidate.name for candidate in first.candidates]
    finalists = settle_finalists(run_file, first)
    top = tuple(candidates[: run_file.finalists.advance])
    still_open = finalists_open(run_file)
    if not set(top) <= {*finalists, *run_file.prior.stood_down}:
        found.append(f"the finalists are not those with the most votes ({', '.join(top)})")
    if run_file.new_voters is None:
        found.append("no pool of new voters: nobody enters who did not vote in the first round")
        without = first.without_vote
        if without is not None and not still_open and without.sum() > 0:
            found[-1] += (
                f"; the {int(without.sum()):,} registered voters without a vote stay at home unless [new_voters] says"
                " their turnout and preference"
            )
    found += _days(run_file)
    found += [] if still_open else _unsaid(run_file, first, finalists)
    found += [] if still_open else _against(run_file, finalists)
    folded: dict[str, str] = {}
    for name in candidates:
        other = folded.setdefault(name.casefold(), name)
        if other != name:
            found.append(f"{other} and {name} differ in capitals only: are they two candidates?")
    if run_file.places.model_fields_set and not finalists_open(run_file) and len(first.units) == 1:
        found.append("[places] has no part: the race is drawn as one unit")
    elif not finalists_open(run_file):
        found += _far_places(run_file)
    empty = [first.units[u] for u in np.flatnonzero(first.votes.sum(axis=1) == 0).tolist()]
    if empty and not finalists_open(run_file):
        found.append(f"no votes in {listed(empty, 3, ' units')}")
    return found + _without_effect(run_file, first)


def _far_places(run_file: RunFile) -> list[str]:
    """A note on sizes of places beyond which pools' rates over the race are only nearly what was said."""
    said = run_file.places.model_dump(exclude_none=True)
    far = [f"{name} = {said[name]:g}" for name, most in PLACES_HOLD.items() if abs(said.get(name, 0.0)) > most]
    if not far:
        return []
    moved = "pools' rates over the race, and its total, may be up to a point from what is said of pools"
    return [f"[places] {', '.join(far)}: so wide that {moved}"]


def _without_effect(run_file: RunFile, first: FirstRound) -> list[str]:
    """What is written and has no part while the first round is open."""
    if run_file.counting is None and run_file.first_round_polls is None:
        return []
    found = []
    factors = (run_file.factors.turnout, run_file.factors.preference)
    if any("region" in size.model_fields_set or "unit" in size.model_fields_set for size in factors):
        found.append("region and unit of [factors]")
    if run_file.places.model_fields_set:
        found.append("[places]")
    if run_file.night.model_fields_set:
        found.append("[night]")
    if run_file.first_round_polls is not None:
        found += ["[results] by"] if run_file.results.by != "unit" else []
        found += ["votes of the results table"] if first.totals.any() else []
    return [f"{', '.join(found)}: no part while the first round is open"] if found else []


def _days(run_file: RunFile) -> list[str]:
    """Dates that can be, and that look like a mistake in a year."""
    race, remarks = run_file.race, []
    if race.runoff - race.first_round > _LONG:
        days = (race.runoff - race.first_round).days
        remarks.append(f"the runoff is {days:,} days after the first round: is the year right?")
    if race.first_round - race.as_of > 2 * _LONG:
        days = (race.first_round - race.as_of).days
        remarks.append(f"as_of is {days:,} days before the first round: is the year right?")
    return remarks


def _unsaid(run_file: RunFile, first: FirstRound, finalists: tuple[str, ...]) -> list[str]:
    """Candidates of some size that fall to a default although rates are said for blocs."""
    rates, votes = run_file.rates, first.totals
    if not rates.blocs:
        return []
    bloc = {c.name: c.bloc for c in first.candidates}
    bloc |= {name: key for key, members in run_file.blocs.items() for name in members}
    least, out = _SOME_SIZE * int(votes.sum()), set(finalists)
    missed = [
        f"{c.name} ({bloc[c.name]}, {100 * int(v) / int(votes.sum()):.1f} %)"
        for c, v in zip(first.candidates, votes, strict=True)
        if v > least and c.name not in out and c.name not in rates.candidates and bloc[c.name] not in rates.blocs
    ]
    if not missed:
        return []
    return [f"no rates reach {listed(missed, 5)}: wide defaults stand in, nobody's estimate"]


def _against(run_file: RunFile, finalists: tuple[str, ...]) -> list[str]:
    """Finalists' own voters who are said to go to another finalist, mostly."""
    remarks = []
    for name in finalists:
        pool = run_file.rates.candidates.get(name)
        spec = pool.preference if pool is not None else None
        if spec is None:
            continue
        counts = spec.counts or {}
        shares = spec.means or {candidate: n / sum(counts.values()) for candidate, n in counts.items()}
        middle = spec.mean
        if spec.low is not None and spec.high is not None:
            middle = (spec.low + spec.high) / 2
        if spec.count is not None and spec.of is not None:
            middle = spec.count / spec.of
        own = shares.get(name) if shares else middle
        if not shares and middle is not None and spec.to not in (None, name):
            own = 1 - middle
        if own is not None and own < 0.5:
            remarks.append(f"{name}'s own voters mostly go to another finalist, as the run file says: is that meant?")
    return remarks
