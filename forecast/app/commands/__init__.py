"""The commands, a file each: its line of help, its words, and what it does.  A new one is a file and a name below.

At its top a command's file loads only what `--help` may wait for; the rest is imported when it is carried out.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Protocol

    class Command(Protocol):
        """What each file here has."""

        HELP: str

        def add(self, words: ArgumentParser) -> None:
            """Add the command's words to its parser."""

        def carry_out(self, options: Namespace) -> int:
            """Do it; returns the exit code."""


NAMES = (  # as they are called, in the order of --help; `two-words` is in two_words.py, Python's `import` in import_.py
    "run",
    "check",
    "show",
    "sweep",
    "shard",
    "merge",
    "estimate",
    "report",
    "list",
    "publish",
    "serve",
    "ready",
    "rehearse",
    "backtest",
    "fit-archive",
    "score",
    "ask",
    "trial",
    "compare",
    "schema",
    "demo",
    "init",
    "import",
    "export",
    "archive",
    "completion",
)


def command(name: str) -> Command:
    """The command of one of NAMES."""
    import importlib
    import keyword

    file = name.replace("-", "_") + "_" * keyword.iskeyword(name)
    found: Command = importlib.import_module(f"{__name__}.{file}")
    return found


def execute(options: Namespace) -> int:
    """Carry out the command that was said; what warns meanwhile is a note.  Returns the exit code."""
    import warnings

    from runoff.app.commands._answers import note

    warnings.showwarning = note
    return command(options.command).carry_out(options)
