"""Why a probability moved between two kept runs of a race: each part of the inputs exchanged alone.

All forecasts in between have the seed and trials of the first run (common random numbers).  Parts are exchanged in the
order of PARTS and in its reverse, and averaged: an average of two orders of Shapley's value, which adds up to the
whole.  Sources: Shapley (1953), "A value for n-person games"; Castro, Gomez and Tejada (2009),
doi:10.1016/j.cor.2008.04.004 (its estimate from orders).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from runoff.app.after.studio import QUANTITIES, Row, Studio, answer_of, chances_of, head_of
from runoff.app.after.worlds import side
from runoff.errors import InputError
from runoff.output import store
from runoff.phases.registry import PHASES
from runoff.report.page import Page

if TYPE_CHECKING:
    from runoff.output.kept import Kept
    from runoff.simulate.driver import Progress


@dataclass(frozen=True, slots=True, repr=False)
class Comparison:
    """Two runs of a race, and what lies between them; probabilities and shares are the candidate's.

    before, after : run_id, version, seed, trials and QUANTITIES of each run.  rows : a row a part, in order, then
    the whole; each with its part of both quantities, by either order and averaged, and the keys that differ.
    notes : for the reader.
    """

    race_id: str
    phase: str
    candidate: str
    trials: int
    before: Row
    after: Row
    rows: tuple[Row, ...]
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        return f"<{self.before['run_id']} -> {self.after['run_id']}: {self.page().headline}>"

    def page(self) -> Page:
        """What the command prints, as a value."""
        from runoff.app.after.compare_page import page

        return page(self)

    def text(self, width: int = 80) -> str:
        """What the command prints, at most `width` columns wide."""
        return self.page().text(width)

    def document(self) -> Row:
        """What --json prints."""
        return {
            "race_id": self.race_id,
            "phase": self.phase,
            "candidate": self.candidate,
            "trials": self.trials,
            "before": self.before,
            "after": self.after,
            "parts": list(self.rows[:-1]),
            "whole": self.rows[-1],
            "notes": list(self.notes),
        }


def compare(
    before: str | Path,
    after: str | Path,
    *,
    trials: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """Parts of the change between two kept runs of one race and phase.

    trials : of each forecast in between; by default those of the first run.

    Raises
    ------
    InputError : the runs are of two races or phases, or have other candidates; or are damaged.
    MissingFileError : no run there, or one that does not carry its inputs.
    """
    kept = [store.found(Path(path)) for path in (before, after)]
    _of_one_race(*kept)
    sides = [side(one.folder) for one in kept]
    studio = Studio(kept[0], sides[0], sides[1], trials, threads, progress)
    rows, notes = studio.rows(*kept)
    first, second = (_told(one, studio.candidate) for one in kept)
    found = studio.race_id, kept[0].phase, studio.candidate
    return Comparison(*found, studio.common.trials, first, second, rows, notes)


def _told(kept: Kept, candidate: str) -> Row:
    head = head_of(kept)
    own = {name: head[name] for name in ("run_id", "version", "seed", "trials")}
    return own | dict(zip(QUANTITIES, map(float, answer_of(kept.phase, kept.tables, candidate)), strict=True))


def _of_one_race(a: Kept, b: Kept) -> None:
    """Refuse runs between which nothing can be exchanged."""
    names = {phase.name for phase in PHASES}
    for one in (a, b):
        if one.phase not in names:
            rule, fix = "compared are forecasts of one race", "name the folder of a forecast"
            raise InputError.single(str(one.folder), f"no forecast, but a {one.phase}", rule=rule, fix=fix)
    ids = [str(head_of(one)["race_id"]) for one in (a, b)]
    if ids[0] != ids[1]:
        raise InputError.single(
            str(b.folder),
            "a run of another race",
            rule="both runs are of one race, by the id of [race]",
            got=f"{ids[0]} and {ids[1]}",
            fix=f"name two runs of {ids[0]}, or give both run files one id",
        )
    if a.phase != b.phase:
        raise InputError.single(
            str(b.folder),
            "a run of another phase",
            rule="both runs are of one phase of the race",
            got=f"{a.phase} and {b.phase}",
            fix=f"name two runs of {a.phase}; `runoff show` prints both",
        )
    known = [sorted(str(row["candidate"]) for row in chances_of(one.phase, one.tables)) for one in (a, b)]
    if known[0] != known[1]:
        raise InputError.single(
            str(b.folder),
            "a run with other candidates",
            rule="both runs have the same candidates",
            got=f"{', '.join(known[0])}; and {', '.join(known[1])}",
            fix="run the second with the first's [finalists], or spell names as there",
        )
