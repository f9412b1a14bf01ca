"""What a reader must know of a runoff's night: what cannot be as it is reported, what is far from what was expected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from runoff.data.counts.ways import Way, ways_note, ways_of
from runoff.phases.odd_notes import many_note, odd_notes
from runoff.phases.runoff_night.model.odd_cells import Fitted, odd_cells
from runoff.phases.runoff_night.sizes import OF

if TYPE_CHECKING:
    from runoff.phases.runoff_night.model.design import Prepared
    from runoff.phases.runoff_night.model.draw import Drawn
    from runoff.phases.runoff_night.model.fit import Fit
    from runoff.phases.runoff_night.phase import Fit as PhaseFit
    from runoff.phases.runoff_night.read import Data

FAR = 3.0  # standard deviations of an effect that are worth a warning
MOST_NAMED = 10  # units with more votes than people that are named
FEW = 500  # effective trials below which a note says so


def of_night(fit: PhaseFit, drawn: Drawn) -> tuple[str, ...]:
    """All that a night's model says of it; what its tables said when they were read stands beside it."""
    data, prepared, without = fit.data, fit.prepared, fit.without_odd
    first = data.case.first_round
    ways = ways_of(first.units, first.regions)
    said = (
        *without_part(data),
        *ways_note(ways, first.units),
        *odd(prepared, without, data, ways),
        *notes(prepared, without.fit, drawn),
    )
    return (*fit.notes, *said)


def odd(prepared: Prepared, without: Fitted, data: Data, ways: Sequence[Way] = ()) -> list[str]:
    """What cannot be as it is reported: cells that are set aside, and more votes than there are people.

    ways : units whose voters are on others' rolls.
    """
    case, reported = data.case, data.reported
    units = case.first_round.units
    notes = many_note(without.many)
    notes += odd_notes(odd_cells(without, prepared.seen, units, reported.modes, case.finalists))
    votes, people = reported.votes.sum(axis=(1, 2)), prepared.model.people.sum(axis=1)
    more = np.setdiff1d(np.flatnonzero(votes > people + 0.5), [u for way in ways for u in way.units])
    for u in more[:MOST_NAMED]:
        who = "voters of the first round and new voters"
        notes.append(f"{units[u]}: {int(votes[u]):,} votes, and {people[u]:,.0f} people: {who}")
    return notes


def without_part(data: Data) -> list[str]:
    """What is written in the run file and has no part on this night."""
    said = data.case.run_file.places.model_fields_set
    return ["[places] has no part while the runoff is counted; [night] says how units differ then"] if said else []


_EFFECTS = {  # words for effects of all units by the first part of their names; {0}, {1} are what follows
    "slope of lean": "the slope of units' lean on their first-round lean",
    "slope of turnout": "the slope of turnout on first-round lean",
    "lean by lean": "the lean of units by first-round lean, from one tenth to the next ({0})",
    "lean by size": "the lean of units by size, from one tenth to the next ({0})",
    "turnout by lean": "turnout by first-round lean, from one tenth to the next ({0})",
    "turnout by size": "turnout by size, from one tenth to the next ({0})",
    "part": "the lean of units by their part of {0}",
    "region turnout": "turnout in {0}",
    "region lean": "the lean of {0}",
    "region slope": "the slope of units' lean on their first-round lean in {0}",
    "mode votes": "the number of votes of mode {0}{1}",
    "mode lean": "the lean of mode {0}{1}",
    "way votes": "the number of votes of units that are {0} votes",
    "way lean": "the lean of units that are {0} votes",
    "slope of mode votes": "the slope of mode {0}'s share on first-round lean",
    "slope of mode lean": "the slope of mode {0}'s lean on first-round lean",
}


def effect_said(name: str) -> str:
    """An effect's name in words; its own is a key of random numbers."""
    name, *who = name.split(OF)
    if who:  # three finalists and more
        return f"{effect_said(name)}, {' against '.join(who)}"
    head, *rest = name.split("\0")
    words = _EFFECTS.get(head)
    if words is None:
        return name.replace("\0", " ")
    first, second = (*rest, "", "")[:2]
    return words.format(first, f" in {second}" * bool(second))


def notes(prepared: Prepared, fitted: Fit, drawn: Drawn) -> list[str]:
    """What in this night is far from what was expected."""
    factors = prepared.model.pools.n_factors
    found = []
    for name, value in zip(prepared.model.names, fitted.mode[factors:], strict=True):
        if abs(value) > FAR:
            found.append(
                f"{effect_said(name)} is {abs(value):.1f} standard deviations from what was expected before the count"
            )
    if float(np.abs(fitted.mode[:factors]).max(initial=0.0)) > FAR:
        found.append("a rate is more than 3 standard deviations from what the run file says of it")
    if drawn.effective < FEW:
        found.append(f"trials are worth {drawn.effective:,.0f} equally weighted ones: draw more, or trust digits less")
    return found
