"""The phases of a race, and the only question of which one it is in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from runoff.errors import InputError
from runoff.phases.chamber.phase import CHAMBER
from runoff.phases.first_round_open.phase import FIRST_ROUND_OPEN
from runoff.phases.runoff_ahead.phase import RUNOFF_AHEAD
from runoff.phases.runoff_night.phase import RUNOFF_NIGHT

if TYPE_CHECKING:
    from runoff.phases.base import Phase
    from runoff.phases.settings import Options
    from runoff.runfile.load import AnyCase

PHASES: tuple[Phase[Any, Any, Any], ...] = (
    CHAMBER,
    RUNOFF_NIGHT,
    FIRST_ROUND_OPEN,
    RUNOFF_AHEAD,
)  # the first that holds


def phase_of(case: AnyCase, options: Options) -> Phase[Any, Any, Any]:
    """The phase that a case is in."""
    return next(phase for phase in PHASES if phase.holds(case, options))


_NO_FORECASTS = {
    "sweep": "runoff show and runoff report tell it",
    "rehearsal": "runoff show tells it",
    "estimate": "runoff show tells it",
    "shard": "runoff merge puts all shards together to a forecast",
}


def phase_named(name: str, path: str = "manifest.json") -> Phase[Any, Any, Any]:
    """The phase of a run on disk, by its manifest.

    Raises
    ------
    InputError : no phase has this name: it is no forecast, or of another version; `path` is named.
    """
    for phase in PHASES:
        if phase.name == name:
            return phase
    known = ", ".join(phase.name for phase in PHASES)
    if name in _NO_FORECASTS:
        fix = f"name the folder of a forecast; {_NO_FORECASTS[name]}"
        raise InputError.single(path, f"no forecast, but a {name}", fix=fix)
    fix = "read it with the version of runoff that wrote it"
    raise InputError.single(path, "an unknown phase", rule=f"phases are {known}", got=name, fix=fix)
