"""The phases of a race, and the only question of which one it is in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runoff.phases.first_round_open.phase import FIRST_ROUND_OPEN
from runoff.phases.runoff_ahead.phase import RUNOFF_AHEAD
from runoff.phases.runoff_night.phase import RUNOFF_NIGHT

if TYPE_CHECKING:
    from runoff.phases.base import Phase, Tables
    from runoff.phases.settings import Options
    from runoff.runfile.load import Case

PHASES: tuple[Phase[Any, Any, Any], ...] = (RUNOFF_NIGHT, FIRST_ROUND_OPEN, RUNOFF_AHEAD)  # the first that holds


def phase_of(case: Case, options: Options) -> Phase[Any, Any, Any]:
    """The phase that a case is in."""
    return next(phase for phase in PHASES if phase.holds(case, options))


def phase_of_tables(tables: Tables) -> Phase[Any, Any, Any]:
    """The phase that a run's tables are of."""
    return next(phase for phase in PHASES if phase.head in tables)
