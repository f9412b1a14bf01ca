"""One trial of a kept run again, exactly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runoff.app.after.again import drawn_again, found
from runoff.errors import UsageError
from runoff.phases.base import Hearing
from runoff.phases.registry import phase_named
from runoff.report.numbers import shorts
from runoff.report.page import Page

if TYPE_CHECKING:
    from runoff.app.python import Result
    from runoff.simulate.driver import Progress

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, repr=False)
class Trial:
    """One trial of a run.

    run_id, race_id, phase : of the run.  number : the trial's, from 0, of `trials`.  checked : whether the run's
    trials were held against its digest.  facts : what it has one of.  tables : rows by the table's name: `candidates`,
    and of a trial in detail `factors`, `pools`, `out`, `units`.  notes : for the reader.
    """

    run_id: str
    race_id: str
    phase: str
    number: int
    trials: int
    checked: bool
    facts: Mapping[str, Any]
    tables: Mapping[str, list[Row]]
    notes: tuple[str, ...]
    short: Mapping[str, str]

    def __repr__(self) -> str:
        return f"<{self.run_id}: {self.page().headline}>"

    def page(self) -> Page:
        """What the command prints, as a value."""
        from runoff.app.after.trial_page import page

        return page(self)

    def text(self, width: int = 80) -> str:
        """What the command prints, at most `width` columns wide."""
        return self.page().text(width)

    def document(self) -> Row:
        """What --json prints."""
        names = ("run_id", "race_id", "phase", "number", "trials", "checked")
        own = {name: getattr(self, name) for name in names}
        return {**own, **self.facts, **self.tables, "notes": list(self.notes)}


def trial(
    run: str | Path | Result,
    number: int,
    *,
    units: bool = False,
    unchecked: bool = False,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Trial:
    """A trial of a run: totals, and where it was drawn in detail its factors, pools' rates and votes.

    run : a kept run's folder, or a result.  units : each unit's votes too.  unchecked : the other trials are not drawn
    to hold all against the run's digest.

    Raises
    ------
    UsageError : the run has no such trial.
    MissingFileError : no run there, or one that does not carry its inputs.
    InputError : the run is damaged, or the present program draws other trials.
    """
    kept, given = found(run)
    again = drawn_again(kept, given, threads)
    if not 0 <= number < again.trials:
        raise UsageError(
            f"trial {number:,}: this run has {again.trials:,} trials, numbered from 0 to {again.trials - 1:,}"
        )
    phase, opened = again.run.phase, again.run
    drawn = None
    held: tuple[str, ...] = ("not held against the run's digest, as --unchecked asks",)
    if not unchecked:
        drawn = phase.draw(opened.data, again.fit, opened.settings, Hearing(progress))
        held = again.hold(drawn)
    one = phase.single(opened.data, again.fit, opened.settings, drawn, number, units)
    notes = (*one.notes, *held)
    short = shorts(list(kept.tables[phase_named(kept.phase).chances]))
    race_id = str(again.head["race_id"])
    facts, tables = one.facts, one.tables
    return Trial(
        kept.folder.name, race_id, kept.phase, number, again.trials, not unchecked, facts, tables, notes, short
    )
