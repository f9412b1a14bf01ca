"""The commands, a file each: its words, and what it does.  A new one is a file, and a name and a line of help below.

At its top a command's file loads only what `--help` may wait for; the rest is imported when it is carried out.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as in `cli`: typing itself takes long to load
if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from typing import Protocol

    class Command(Protocol):
        """What each file here has."""

        def add(self, words: ArgumentParser) -> None:
            """Add the command's words to its parser."""

        def carry_out(self, options: Namespace) -> int:
            """Do it; returns the exit code."""


HELP = {  # as they are called, in the order of --help; `two-words` is in two_words.py, Python's `import` in import_.py
    "run": "draw forecasts and write their tables",
    "check": "print what was understood of a run file",
    "show": "print a run again from its tables",
    "sweep": "what if: draw a run file under many settings, with the same random numbers",
    "shard": "draw a range of a run's trials, for a job array",
    "merge": "put the shards of a run together",
    "estimate": "estimate where people went between two rounds, from both rounds' votes by unit",
    "report": "write a run as one HTML page with pictures",
    "list": "list the runs under a folder",
    "publish": "put runs on a site of plain files",
    "serve": "serve runs over HTTP: pages, JSON, Parquet; draws nothing",
    "ready": "try everything that can fail on a night: exit 0 ready, 65 wrong, 75 not yet",
    "rehearse": "replay a finished race as nights in biased orders, and score them",
    "backtest": "forecast past races without their own election, and score the forecasts",
    "fit-archive": "learn anew what past races say: a fit for each day and without each election",
    "score": "score a kept run by the runoff's result",
    "ask": "ask a kept run: turnout > 0.55, given another event; margin brackets",
    "trial": "draw one trial of a kept run again: factors, pools, totals",
    "compare": "say why a probability moved between two kept runs of a race",
    "schema": "print the run file's JSON Schema, for editors",
    "demo": "a real race to try: writes its files, draws it, says what to do next",
    "init": "write a commented run file that runs",
    "import": "read a public format of results: our tables and a run file of one race",
    "export": "a kept run as CSV for others: toplines, or the flow of votes",
    "archive": "past two-round races: check a folder of them, list them, add one's own",
    "completion": "print what a shell reads to complete runoff's words",
}


def command(name: str) -> Command:
    """The command of one of HELP's names."""
    import importlib
    import keyword

    file = name.replace("-", "_") + "_" * keyword.iskeyword(name)
    found: Command = importlib.import_module(f"{__name__}.{file}")
    return found


def execute(options: Namespace) -> int:
    """Carry out the command that was said; what warns meanwhile is a note.  Returns the exit code."""
    import warnings
    from contextlib import ExitStack

    from runoff.app.commands._answers import note
    from runoff.app.commands._words import Address

    warnings.showwarning = note
    with ExitStack() as fetched:
        for name, value in [*vars(options).items()]:
            if isinstance(value, Address):
                from runoff.app.stored.mirror import at_hand

                setattr(options, name, fetched.enter_context(at_hand(str(value), many=value.many)))
                options.said = str(value)
        return command(options.command).carry_out(options)
