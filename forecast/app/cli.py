"""The command `runoff`: stdout is the answer, stderr is for messages and progress.

Nothing heavy is imported until a command needs it: `--help` answers before numba could be loaded, and an interrupt is
heard from the first moment on.
"""

from __future__ import annotations

import os
import sys

from runoff import __version__, interrupts
from runoff.report import terminal

TYPE_CHECKING = False  # typing itself would take longer to load than what is here
if TYPE_CHECKING:
    import argparse
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path
    from typing import NoReturn

EXIT_CODES = """exit codes:
  0 done, 2 usage, 65 bad run file or data, 66 missing file, 70 a bug of ours,
  73 the run exists already, 74 input or output failed, 130 interrupted, 143 terminated"""

_SCARCE = ("EMFILE", "ENFILE", "ENOMEM", "EIO", "ENOSPC", "EDQUOT", "EAGAIN")  # what a machine may run out of


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    import argparse

    def words(prog: str) -> argparse.HelpFormatter:
        return argparse.RawDescriptionHelpFormatter(prog, width=_columns() - 2)

    top = argparse.ArgumentParser(
        prog="runoff",
        description="Forecasts of two-round elections: where do the eliminated field's voters go?",
        epilog=EXIT_CODES,
        formatter_class=words,
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=f"runoff {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def command(name: str, what: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=what, allow_abbrev=False, formatter_class=words)

    run = command("run", "draw forecasts and write their tables")
    run.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="run files (TOML), - for standard input; or a run's folder, to repeat",
    )
    run.add_argument("--trials", type=_trials, metavar="N", help="trials to draw (over the run file)")
    run.add_argument("--seed", type=_seed, metavar="S", help="seed, a whole number from 0 (over the run file)")
    run.add_argument(
        "--target-se",
        type=_target_se,
        metavar="E",
        help="stop once each win probability's standard error is at most E; --trials is then the most drawn",
    )
    run.add_argument("--threads", type=_threads, metavar="T", help="threads (default: every core)")
    run.add_argument("--out", type=_path, metavar="DIR", help="folder for the run's tables (default: runs)")
    run.add_argument("--trials-table", action="store_true", default=None, help="write each trial's votes too")
    run.add_argument(
        "--no-inputs", dest="inputs", action="store_false", default=None, help="do not keep what was read with the run"
    )
    run.add_argument("--as-of", type=_day, metavar="DAY", help="last day whose polls count (over the run file)")
    run.add_argument("--totals-only", action="store_true", help="no units table: many units at the price of one")
    run.add_argument("--results", type=_path, metavar="TABLE", help="the runoff is being counted: its votes so far")
    run.add_argument("--watch", action="store_true", help="with --results: run again whenever the table changes")
    run.add_argument(
        "--history", type=_path, metavar="TABLE", help="with --results: add a row for each run (CSV, Parquet)"
    )
    run.add_argument("--json", action="store_true", help="print one JSON document instead of text")
    run.add_argument("--quiet", action="store_true", help="print nothing but errors")

    check = command("check", "print what was understood of a run file")
    check.add_argument("files", nargs="+", metavar="FILE", help="run files (TOML); - for standard input")
    check.add_argument("--results", type=_path, metavar="TABLE", help="the runoff is being counted: its votes so far")
    check.add_argument("--json", action="store_true", help="print one JSON document instead of text")

    show = command("show", "print a run again from its tables")
    show.add_argument("path", type=_path, metavar="DIR|FILE", help="a run's folder, or one of its tables")
    show.add_argument("--json", action="store_true", help="print one JSON document instead of text")

    from runoff.app import rehearse_words

    whole = {"trials": _trials, "seed": _seed, "threads": _threads}
    said = "replay a finished race as nights in biased orders, and score them"
    rehearse_words.add(command("rehearse", said), _path, whole)

    command("schema", "print the run file's JSON Schema, for editors")

    init = command("init", "write a commented run file that runs")
    init.add_argument("directory", nargs="?", type=_path, default=".", metavar="DIR", help="where (default: .)")
    return top


def _columns() -> int:
    """Columns of the terminal as shutil tells them, which would load every kind of compression for that."""
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else 1).columns or 80
    except (OSError, ValueError):
        return 80


def _path(text: str) -> Path:
    from pathlib import Path

    return Path(text)


def _refused(rule: str, text: str) -> Exception:
    import argparse

    return argparse.ArgumentTypeError(f"{rule}, got {text!r}")


def _whole(text: str, low: int, high: int, rule: str, *, power: bool = False) -> int:
    """A whole number in the digits 0 to 9, with underscores between them; with `power` also as in 2.5e6."""
    import re

    value = low - 1
    if re.fullmatch(r"[0-9]{1,40}", text.replace("_", "")) and re.fullmatch(r"[0-9]+(_[0-9]+)*", text):
        value = int(text.replace("_", ""))
    elif power and (found := re.fullmatch(r"([0-9]{1,20})(?:\.([0-9]{1,20}))?[eE]\+?([0-9]{1,2})", text)):
        whole, part, zeros = found.group(1), found.group(2) or "", int(found.group(3))
        value = int(whole + part) * 10**zeros
        value = value // 10 ** len(part) if value % 10 ** len(part) == 0 else low - 1
    if not low <= value <= high:
        raise _refused(rule, text)
    return value


def _trials(text: str) -> int:
    return _whole(text, 1, 10**12, "must be a whole number from 1 to 1e12, as in 200_000 or 2e5", power=True)


def _seed(text: str) -> int:
    return _whole(text, 0, 2**63 - 1, "must be a whole number from 0 to 2^63 - 1, in digits")


def _threads(text: str) -> int:
    return _whole(text, 1, 1024, "must be a whole number from 1 to 1024, in digits")


def _day(text: str) -> dt.date:
    import datetime as dt

    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise _refused("must be a day, as in 2017-06-19", text) from None


def _target_se(text: str) -> float:
    try:
        value = float(text) if text.isascii() else 0.0
    except ValueError:
        value = 0.0
    if not 0.0 < value <= 0.1:
        raise _refused("must be above 0 and at most 0.1, as in 0.0005", text)
    return value


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and leave with its exit code; every failure is one message, whenever it comes."""
    try:
        code = _guarded(arguments)
        interrupts.deaf()
    except KeyboardInterrupt:
        code = _interrupted()
    sys.exit(code)


def _interrupted() -> int:
    interrupts.deaf()
    print(interrupts.message(), file=sys.stderr)
    terminal.mute()
    return interrupts.exit_code()


def _guarded(arguments: Sequence[str] | None) -> int:
    """Carry the command out, and hand on all that it said."""
    try:
        interrupts.heed()
        terminal.open_streams()
        code = _carried_out(arguments)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of stdout (head, less) has seen enough
        terminal.mute()
        return 0
    except Exception as problem:
        if interrupts.asked():  # a library took the interrupt for a failure of its own
            raise KeyboardInterrupt from None
        if os.environ.get("RUNOFF_DEBUG") and getattr(problem, "exit_code", 70) == 70:
            raise
        code, message = _failure(problem)
        print(message, file=sys.stderr)
        terminal.mute()
    return code


def _carried_out(arguments: Sequence[str] | None) -> int:
    # matrices here are small: a library that shares them among threads waits more than it works
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        options = parser().parse_args(arguments)
    except SystemExit as done:  # --help, --version, words that are no command
        return done.code if isinstance(done.code, int) else 2
    from runoff.app import commands

    return commands.execute(options)


def _failure(problem: Exception) -> tuple[int, str]:
    """Exit code and message of what ended the command."""
    code = getattr(problem, "exit_code", None)  # of a RunoffError, which need not be loadable here
    lack = _lack(problem)
    if code is not None:
        return 74 if lack and code != 73 else code, str(problem)
    if isinstance(problem, ImportError):
        name = problem.name or "a library"
        return 74, f"runoff: cannot load {name}: {lack or _line(problem)}\n  fix:  {_WAY_OUT}, or install runoff anew"
    if isinstance(problem, (OSError, MemoryError)) or lack:
        path = str(problem.filename or "") if isinstance(problem, OSError) else ""
        place = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in path) + ": " * bool(path)
        return 74, f"runoff: input or output failed: {place}{lack or _line(problem)}\n  fix:  {_WAY_OUT}"
    from runoff.errors import printable

    return 70, (
        f"runoff: a bug of ours: {type(problem).__name__}: {printable(str(problem))}\n"
        "  please report it with the run file; RUNOFF_DEBUG=1 shows where it happened"
    )


_WAY_OUT = "see that disk, memory and open files (ulimit -n) suffice, and try again"


def _lack(problem: BaseException | None) -> str:
    """What the machine ran out of, if that is behind a failure: the system's words for it; else ''."""
    import errno

    words = [os.strerror(getattr(errno, name)) for name in _SCARCE]
    while problem is not None:
        if isinstance(problem, MemoryError):
            return os.strerror(errno.ENOMEM)
        if isinstance(problem, (OSError, ImportError, RuntimeError)):
            if isinstance(problem, OSError) and errno.errorcode.get(problem.errno or 0) in _SCARCE:
                return os.strerror(problem.errno or 0)
            if "can't start new thread" in str(problem):
                return str(problem)
            found = [word for word in words if word in str(problem)]
            if found:
                return found[0]
        problem = problem.__cause__ or problem.__context__
    return ""


def _line(problem: BaseException) -> str:
    """The first line of what an exception says."""
    text = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
    return text.strip().split("\n", 1)[0]


if __name__ == "__main__":
    main()
