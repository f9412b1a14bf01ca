"""Forecasts of two-round elections: `load` a run file, `run` it, `read` what was kept.

The folder is forecast/, the package runoff.  Each name is loaded when it is first used, so that `--help` stays light.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing itself would take longer to load than what is here
if TYPE_CHECKING:
    from typing import Any

    from runoff.app.after.compare import compare
    from runoff.app.after.score import score
    from runoff.app.after.trial import trial
    from runoff.app.ask.ask import ask
    from runoff.app.backtest.backtest import backtest
    from runoff.app.python import Result, check, load, load_chamber, loads, read, run
    from runoff.app.rehearse import rehearse
    from runoff.app.sweep.sweep import sweep
    from runoff.data.archive.archive import Archive
    from runoff.errors import InputError, MissingFileError, OutputError, RunExistsError, RunoffError, UsageError
    from runoff.phases.settings import Options
    from runoff.report.page import Page
    from runoff.runfile.load import Case

__version__ = "0.2.0"
__all__ = [
    "Archive",
    "Case",
    "InputError",
    "MissingFileError",
    "Options",
    "OutputError",
    "Page",
    "Result",
    "RunExistsError",
    "RunoffError",
    "UsageError",
    "__version__",
    "ask",
    "backtest",
    "check",
    "compare",
    "load",
    "load_chamber",
    "loads",
    "read",
    "rehearse",
    "run",
    "score",
    "sweep",
    "trial",
]
_PLACES = {
    "runoff.app.after.compare": ("compare",),
    "runoff.app.after.score": ("score",),
    "runoff.app.after.trial": ("trial",),
    "runoff.app.ask.ask": ("ask",),
    "runoff.app.backtest.backtest": ("backtest",),
    "runoff.app.python": ("Result", "check", "compare", "load", "load_chamber", "loads", "read", "run"),
    "runoff.app.rehearse": ("rehearse",),
    "runoff.app.sweep.sweep": ("sweep",),
    "runoff.data.archive.archive": ("Archive",),
    "runoff.errors": ("InputError", "MissingFileError", "OutputError", "RunExistsError", "RunoffError", "UsageError"),
    "runoff.phases.settings": ("Options",),
    "runoff.report.page": ("Page",),
    "runoff.runfile.load": ("Case",),
}


def __getattr__(name: str) -> Any:
    """A public name, from the module that has it."""
    for place, public in _PLACES.items():
        if name in public:
            from importlib import import_module

            found = getattr(import_module(place), name)
            globals()[name] = found
            return found
    raise AttributeError(f"module 'runoff' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
