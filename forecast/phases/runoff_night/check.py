"""What `runoff check` says of a runoff that is being counted: the race, what is in, what is out, stated sizes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from runoff import names
from runoff.data.counts.runoff_count import COMPLETE, OUT, PARTIAL
from runoff.model.pools import build
from runoff.phases import understood as check
from runoff.phases.runoff_night import notes
from runoff.phases.runoff_night.classes.told import stated_lines
from runoff.report.page import Outline

if TYPE_CHECKING:
    from runoff.phases.runoff_night.read import Data
    from runoff.report.page import Page

_MOST = 40  # lines of regions and modes


def understood(data: Data) -> Page:
    """The race as `check.understood` has it, then the count: votes by finalist, cells by state, and where.

    Notes on the race stand with its last section, those on the count at the end.
    """
    loaded, reported = data.case, data.reported
    states = [int((reported.state == state).sum()) for state in (COMPLETE, PARTIAL, OUT)]
    total = reported.votes.sum(axis=(0, 1))
    counted = ", ".join(f"{name} {int(n):,}" for name, n in zip(loaded.finalists, total, strict=True))
    cells = check.counted_noun(reported.state.size, "cell")
    lines = [
        f"the runoff is being counted: {int(total.sum()):,} votes in {reported.source[0]} ({counted})",
        f"{cells} (a unit's votes of a mode): {states[0]:,} complete, {states[1]:,} in part, {states[2]:,} out",
        *_places(data),
        *_sizes(data),
        *stated_lines(data.classes, loaded.run_file.night.classes, loaded.first_round.units),
    ]
    race = check.understood(build(loaded), places=False)
    count = check.outlined(race.headline, [lines], (*notes.without_part(data), *reported.notes))
    *before, last = race.parts
    assert isinstance(last, Outline)
    return replace(count, parts=(*before, replace(last, notes=race.notes), *count.parts))


def _places(data: Data) -> list[str]:
    """A line a region and mode: units that are complete, in part and out, and the votes."""
    first, reported = data.case.first_round, data.reported
    regions = np.array(first.regions)
    lines = []
    for region in dict.fromkeys(first.regions):
        inside = regions == region
        for m, mode in enumerate(reported.modes):
            state = reported.state[inside, m]
            title = ", ".join(part for part in (region, mode) if part) or "all units"
            votes = int(reported.votes[inside, m].sum())
            said = [
                f"{int((state == s).sum()):,} {word}"
                for s, word in ((COMPLETE, "complete"), (PARTIAL, "in part"), (OUT, "out"))
                if (state == s).any()
            ]
            lines.append(f"  {title}: {', '.join(said)}; {votes:,} votes")
    more = len(lines) - _MOST
    return lines[:_MOST] + ([f"  {more:,} more regions and modes"] if more > 0 else [])


def _sizes(data: Data) -> list[str]:
    """What [night.sizes] says, beside what is counted."""
    reported = data.reported
    lines = []
    for mode, size in data.case.run_file.night.sizes.items():
        at = [m for m, name in enumerate(reported.modes) if names.same(name) == names.same(mode)]
        counted = int(reported.votes[:, at].sum())
        lines.append(f"  {mode} in the whole race: {size.low:,} to {size.high:,} (80 %), {counted:,} of them counted")
    return ["stated sizes", *lines] if lines else []
