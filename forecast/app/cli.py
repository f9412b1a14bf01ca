"""The command `runoff`: stdout is the answer, stderr is for messages and progress.

Nothing heavy is imported until a command needs it: `--help` answers before numba could be loaded, and an interrupt is
heard from the first moment on.
"""

from __future__ import annotations

import gc
import os
import sys

from runoff import __version__, interrupts
from runoff.app import commands
from runoff.app.failures import failure
from runoff.report import terminal

TYPE_CHECKING = False  # typing itself would take longer to load than what is here
if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from typing import NoReturn

EXIT_CODES = """exit codes:
  0 done, 2 usage, 65 bad run file or data, 66 missing file, 70 a bug of ours,
  73 the run exists already, 74 input or output failed, 75 not yet (ready),
  130 interrupted, 143 terminated"""


def parser(said: str | None = None) -> argparse.ArgumentParser:
    """The command line's grammar.

    said : the first word, where it is known: the grammar has the words of that command alone (of none, if it is none).
    """
    import argparse

    def words(prog: str) -> argparse.HelpFormatter:
        return argparse.RawDescriptionHelpFormatter(prog, width=terminal.columns(sys.__stdout__) - 2)

    class Parser(argparse.ArgumentParser):
        """One whose mistakes are messages like all others."""

        def error(self, message: str) -> NoReturn:
            self.print_usage(sys.stderr)
            terminal.say(f"{self.prog}: error: {message}")
            self.exit(2)

    top = Parser(
        prog="runoff",
        description="Forecasts of two-round elections: where do the eliminated field's voters go?",
        epilog=EXIT_CODES,
        formatter_class=words,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"runoff {__version__}")
    each = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in (said,) if said in commands.HELP else commands.HELP:
        its = each.add_parser(name, help=commands.HELP[name], allow_abbrev=False, formatter_class=words)
        if said is None or said == name:
            commands.command(name).add(its)
    return top


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and leave with its exit code; every failure is one message, whenever it comes."""
    try:
        code = _guarded(arguments)
        interrupts.deaf()
    except KeyboardInterrupt:
        code = _interrupted()
    gc.freeze()  # nothing is garbage: leaving would search all that was loaded, longer than some answers take
    sys.exit(code)


def _interrupted() -> int:
    interrupts.deaf()
    terminal.say(interrupts.message())
    terminal.mute()
    return interrupts.exit_code()


def _guarded(arguments: Sequence[str] | None) -> int:
    """Carry the command out, and hand on all that it said."""
    try:
        interrupts.heed()
        terminal.open_streams()
        code = carried_out(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of stdout (head, less) has seen enough
        terminal.mute()
        return 0
    except Exception as problem:
        if interrupts.asked():  # a library took the interrupt for a failure of its own
            raise KeyboardInterrupt from None
        if os.environ.get("RUNOFF_DEBUG") and getattr(problem, "exit_code", 70) == 70:
            raise
        code, message = failure(problem)
        terminal.say(message)
        terminal.mute()
    return code


def carried_out(arguments: Sequence[str] | None) -> int:
    """Do what the words say, those of the process where None; returns the exit code, and raises what fails."""
    # matrices here are small: a library that shares them among threads waits more than it works
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # nobody's plugins read a run file: to look for some, pydantic reads about every package that is installed
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.set_threshold(250_000, 20, 20)  # loading makes many objects and no garbage, which searching them would not find
    try:
        said = sys.argv[1:] if arguments is None else arguments
        options = parser(said[0] if said else "").parse_args(said)
    except SystemExit as done:  # --help, --version, words that are no command
        return done.code if isinstance(done.code, int) else 2
    _keep_memory()
    return commands.execute(options)


def _keep_memory() -> None:
    """Let new arrays have the memory that old ones left, up to 256 MB: the system clears each page that it hands out
    anew, a quarter of a night's draws.  Where the C library is not GNU's nothing is changed.
    """
    import ctypes
    from contextlib import suppress

    largest, trimmed = -3, -1  # M_MMAP_THRESHOLD and M_TRIM_THRESHOLD of malloc.h
    with suppress(OSError, AttributeError, TypeError):
        allocator = ctypes.CDLL(None)
        allocator.mallopt(largest, 32 << 20)
        allocator.mallopt(trimmed, 256 << 20)


if __name__ == "__main__":
    main()
